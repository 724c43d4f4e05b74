//! Sending a library that was looked at, and keeping count.

use std::{
    io::IsTerminal as _,
    path::Path,
    time::{Duration, Instant},
};

use futures_util::{StreamExt as _, stream};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;
use warung_proto::library::PutResult;

use super::{
    core::Core,
    error::ImportError,
    fault::Faults,
    library::{Item, Library, Title},
    posters::{self, Poster},
    summary::{Counts, Summary},
};

/// How many calls are under way at once where their order does not matter.
const IN_FLIGHT: usize = 4;
/// How often somebody who waits is told how far it is.
const PROGRESS_EVERY: Duration = Duration::from_secs(2);

/// Sends all of a library: its pictures and categories first, since the titles name them.
pub(super) async fn send(
    core: &Core,
    file: &Path,
    library: &Library<'_>,
    posters: &[Poster],
) -> Result<Summary, ImportError> {
    let Library { categories, titles, memberships } = library;
    let total = [posters.len(), categories.len(), titles.len(), memberships.len()].iter().sum();
    let mut run = Run { file, refused: Faults::default(), done: Summary::default(), progress: Progress::new(total) };
    run.pictures(core, titles, posters).await?;
    run.unless_refused()?;
    // One after the other: what was made later is listed first, and the file's order says what that is.
    run.put_all(categories, 1, async |category| core.put_category(category).await, |done| &mut done.categories).await?;
    run.unless_refused()?;
    run.put_all(titles, 1, async |title| core.put_title(&title.input).await, |done| &mut done.titles).await?;
    let put = async |member: &_| core.set_membership(member).await;
    run.put_all(memberships, IN_FLIGHT, put, |done| &mut done.memberships).await?;
    run.unless_refused()?;
    Ok(run.done)
}

struct Run<'a> {
    file: &'a Path,
    refused: Faults,
    done: Summary,
    progress: Progress,
}

impl Run<'_> {
    async fn pictures(
        &mut self,
        core: &Core,
        titles: &[Item<'_, Title>],
        posters: &[Poster],
    ) -> Result<(), ImportError> {
        let put = async |poster: &Poster| match posters::read(&poster.path).await {
            Ok(content) => core.put_media(content).await.map(Ok),
            Err(message) => Ok(Err(message)),
        };
        let put = &put;
        let mut answers =
            stream::iter(posters).map(|poster| async move { (poster, put(poster).await) }).buffer_unordered(IN_FLIGHT);
        while let Some((poster, answer)) = answers.next().await {
            self.progress.step();
            let Some(item) = titles.get(poster.title) else { continue };
            match answer {
                Ok(Ok(media_id)) if media_id == item.value.input.poster_media_id => {
                    self.done.pictures = self.done.pictures.saturating_add(1);
                }
                Ok(Ok(_)) => self.refuse(item, "poster_media_id", "has changed during the import; import again"),
                Ok(Err(message)) => self.refuse(item, "poster_media_id", &message),
                Err(status) => self.settle(item, &status)?,
            }
        }
        Ok(())
    }

    async fn put_all<T>(
        &mut self,
        items: &[Item<'_, T>],
        in_flight: usize,
        put: impl AsyncFn(&T) -> Result<PutResult, Status>,
        counts: impl Fn(&mut Summary) -> &mut Counts,
    ) -> Result<(), ImportError> {
        let put = &put;
        let mut answers =
            stream::iter(items).map(|item| async move { (item, put(&item.value).await) }).buffer_unordered(in_flight);
        while let Some((item, answer)) = answers.next().await {
            self.progress.step();
            match answer {
                Ok(result) => counts(&mut self.done).add(result),
                Err(status) => self.settle(item, &status)?,
            }
        }
        Ok(())
    }

    /// Records what the core refuses of an item. Anything else ends the import: the next item would meet it, too.
    fn settle<T>(&mut self, item: &Item<'_, T>, status: &Status) -> Result<(), ImportError> {
        if !matches!(status.code(), Code::InvalidArgument | Code::NotFound | Code::FailedPrecondition) {
            return Err(ImportError::core(status, self.done));
        }
        let violations = status.get_details_bad_request().map(|details| details.field_violations).unwrap_or_default();
        for violation in &violations {
            self.refuse(item, &violation.field, &violation.description);
        }
        if violations.is_empty() {
            self.refuse(item, "", status.message());
        }
        Ok(())
    }

    fn refuse<T>(&mut self, item: &Item<'_, T>, field: &str, message: &str) {
        let (position, path) = item.locate(field);
        self.refused.add(position, path, message);
    }

    fn unless_refused(&mut self) -> Result<(), ImportError> {
        if self.refused.is_empty() {
            return Ok(());
        }
        let faults = std::mem::take(&mut self.refused).into_vec();
        Err(ImportError::Refused { file: self.file.to_owned(), faults, done: Box::new(self.done) })
    }
}

/// Tells a person who waits how far it is.
struct Progress {
    total: usize,
    done: usize,
    /// When it was told last; `None` when nobody looks.
    told: Option<Instant>,
}

impl Progress {
    fn new(total: usize) -> Self {
        Self { total, done: 0, told: std::io::stderr().is_terminal().then(Instant::now) }
    }

    fn step(&mut self) {
        self.done = self.done.saturating_add(1);
        if self.told.is_some_and(|told| told.elapsed() >= PROGRESS_EVERY) {
            self.told = Some(Instant::now());
            eprintln!("{} of {} …", self.done, self.total);
        }
    }
}
