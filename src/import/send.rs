//! Sending what was looked at, and keeping count.

use std::{
    io::IsTerminal as _,
    path::Path,
    time::{Duration, Instant},
};

use futures_util::{StreamExt as _, stream};
use tonic::{Code, Status};
use tonic_types::{FieldViolation, StatusExt as _};
use warung_domain::{catalog::MAX_STOCK_LINES, goods::Goods};
use warung_proto::{channel::MESSAGE_BYTES_MAX, library::PutResult};

use super::{
    core::Core,
    error::ImportError,
    fault::Faults,
    library::{Item, Library},
    pictures::{self, Picture},
    shop::Product,
    summary::{Counts, Summary},
};

/// How many calls are under way at once where their order does not matter.
const IN_FLIGHT: usize = 4;
/// How many bytes of stock lines go into one call: far below what a message may have.
const STOCK_BYTES_A_CALL: usize = 1024 * 1024;
/// How often somebody who waits is told how far it is.
const PROGRESS_EVERY: Duration = Duration::from_secs(2);

/// Sends all of it: pictures and categories first, since titles and products name them, and stock last.
pub(super) async fn send(
    core: &Core,
    file: &Path,
    library: &Library<'_>,
    pictures: &[Picture],
) -> Result<Summary, ImportError> {
    let Library { categories, titles, memberships, product_categories, products } = library;
    let counts = [categories.len(), titles.len(), memberships.len(), product_categories.len(), products.len()];
    let total = counts.iter().sum::<usize>().saturating_add(pictures.len());
    let mut run = Run { file, refused: Faults::default(), done: Summary::default(), progress: Progress::new(total) };
    run.pictures(core, pictures).await?;
    run.unless_refused()?;
    // One after the other: what was made later is listed first, and the file's order says what that is.
    run.put_all(categories, 1, async |category| core.put_category(category).await, |done| &mut done.categories).await?;
    let put = async |category: &_| core.put_product_category(category).await;
    run.put_all(product_categories, 1, put, |done| &mut done.product_categories).await?;
    run.unless_refused()?;
    run.put_all(titles, 1, async |title| core.put_title(title).await, |done| &mut done.titles).await?;
    let put = async |member: &Item<'_, _>| core.set_membership(&member.value).await;
    run.put_all(memberships, IN_FLIGHT, put, |done| &mut done.memberships).await?;
    run.put_all(products, 1, async |product| core.put_product(product).await, |done| &mut done.products).await?;
    run.unless_refused()?;
    for product in products {
        run.add_stock(core, product).await?;
    }
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
    async fn pictures(&mut self, core: &Core, pictures: &[Picture]) -> Result<(), ImportError> {
        let put = async |picture: &Picture| match pictures::read(&picture.path, MESSAGE_BYTES_MAX).await {
            Ok(content) => core.put_media(content).await.map(Ok),
            Err(message) => Ok(Err(message)),
        };
        let put = &put;
        let mut answers = stream::iter(pictures)
            .map(|picture| async move { (picture, put(picture).await) })
            .buffer_unordered(IN_FLIGHT);
        while let Some((picture, answer)) = answers.next().await {
            self.progress.step();
            let (position, path) = picture.place.clone();
            match answer {
                Ok(Ok(media_id)) if media_id == picture.media_id => {
                    self.done.pictures = self.done.pictures.saturating_add(1);
                }
                Ok(Ok(_)) => self.refused.add(position, path, "has changed during the import; import again"),
                Ok(Err(message)) => self.refused.add(position, path, message),
                Err(status) => {
                    for violation in self.violations(&status)? {
                        self.refused.add(position, path.clone(), violation.description);
                    }
                }
            }
        }
        Ok(())
    }

    /// Adds what a product has in stock, the oldest lines first.
    async fn add_stock(&mut self, core: &Core, product: &Item<'_, Product>) -> Result<(), ImportError> {
        let mut left = product.value.stock.as_slice();
        while !left.is_empty() {
            let (lines, rest) = left.split_at(one_call(left));
            left = rest;
            match core.add_stock(&product.value.input.code, lines).await {
                Ok((added, duplicates)) => {
                    let stock = &mut self.done.stock;
                    stock.created = stock.created.saturating_add(added);
                    stock.unchanged = stock.unchanged.saturating_add(duplicates);
                }
                Err(status) => return self.settle(product, &status),
            }
        }
        Ok(())
    }

    async fn put_all<'i, T>(
        &mut self,
        items: &[Item<'i, T>],
        in_flight: usize,
        put: impl AsyncFn(&Item<'i, T>) -> Result<PutResult, Status>,
        counts: impl Fn(&mut Summary) -> &mut Counts,
    ) -> Result<(), ImportError> {
        let put = &put;
        let mut answers =
            stream::iter(items).map(|item| async move { (item, put(item).await) }).buffer_unordered(in_flight);
        while let Some((item, answer)) = answers.next().await {
            self.progress.step();
            match answer {
                Ok(result) => counts(&mut self.done).add(result),
                Err(status) => self.settle(item, &status)?,
            }
        }
        Ok(())
    }

    /// Records what the core refuses of an item.
    fn settle<T>(&mut self, item: &Item<'_, T>, status: &Status) -> Result<(), ImportError> {
        for violation in self.violations(status)? {
            self.refuse(item, &violation.field, &violation.description);
        }
        Ok(())
    }

    /// What the core refuses. Anything else ends the import: the next item would meet it, too.
    fn violations(&self, status: &Status) -> Result<Vec<FieldViolation>, ImportError> {
        if !matches!(status.code(), Code::InvalidArgument | Code::NotFound | Code::FailedPrecondition) {
            return Err(ImportError::core(status, self.done));
        }
        let details = status.get_details_bad_request().map(|details| details.field_violations);
        Ok(match details.filter(|violations| !violations.is_empty()) {
            Some(violations) => violations,
            None => vec![FieldViolation::new("", status.message())],
        })
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

/// How many of these lines, which are at least one, go into one call.
fn one_call(lines: &[Goods]) -> usize {
    let mut bytes = 0_usize;
    let fits = |line: &&Goods| {
        bytes = bytes.saturating_add(line.reveal().len());
        bytes <= STOCK_BYTES_A_CALL
    };
    lines.iter().take(MAX_STOCK_LINES).take_while(fits).count().max(1)
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
