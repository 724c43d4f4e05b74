//! Logs: to standard error, and to `logs/{service}/{date}.log` below the data folder.

mod bounded;
mod sampled;

use std::{fmt, io, path::Path};

use tracing::{Event, Subscriber, level_filters::LevelFilter};
use tracing_appender::{
    non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard},
    rolling::{RollingFileAppender, Rotation},
};
use tracing_subscriber::{
    Layer as _,
    filter::Targets,
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::Writer,
        time::{FormatTime as _, SystemTime},
    },
    layer::SubscriberExt as _,
    registry::LookupSpan,
    util::SubscriberInitExt as _,
};

use self::{bounded::Bounded, sampled::Sampled};
use crate::settings::LogFormat;

/// How many files of days are kept.
const FILES_MAX: usize = 30;
/// How many lines may wait for the file; more are lost there, not at the console. Room for all of them is kept.
const LINES_MAX: usize = 8_192;

/// Keeps what was logged going to its file; to be held until the process ends.
#[derive(Debug)]
pub struct Logging {
    _file: Option<WorkerGuard>,
}

/// Starts logging for a process. `folder`: the data folder, or none for standard error alone.
///
/// # Errors
///
/// When the folder can't be written.
pub fn start(service: &str, level: tracing::Level, format: LogFormat, folder: Option<&Path>) -> io::Result<Logging> {
    let (file, guard) = match folder {
        None => (None, None),
        Some(folder) => {
            let folder = folder.join("logs").join(service);
            // The appender counts the old files before it makes their folder, and complains of its absence.
            std::fs::create_dir_all(&folder)?;
            let appender = RollingFileAppender::builder()
                .rotation(Rotation::DAILY)
                .filename_suffix("log")
                .max_log_files(FILES_MAX)
                .build(&folder)
                .map_err(io::Error::other)?;
            let appender = Bounded::new(appender, folder, bounded::BYTES_MAX);
            let (writer, guard) = NonBlockingBuilder::default().buffered_lines_limit(LINES_MAX).finish(appender);
            (Some(writer), Some(guard))
        }
    };
    let sampled = Sampled::default();
    let outcome = subscriber(level, format, file, &sampled).try_init();
    if outcome.is_ok()
        && let Ok(runtime) = tokio::runtime::Handle::try_current()
    {
        runtime.spawn(sampled.tell());
    }
    // A second store in the same process logs where the first does.
    if outcome.is_err() {
        tracing::debug!("logging had been started");
    }
    Ok(Logging { _file: guard })
}

/// What writes the lines of a level to standard error and to a file.
///
/// Each layer has the filter: one without would have whatever libraries tell of each call made for it.
fn subscriber(
    level: tracing::Level,
    format: LogFormat,
    file: Option<NonBlocking>,
    sampled: &Sampled,
) -> Box<dyn Subscriber + Send + Sync> {
    let level = LevelFilter::from_level(level);
    // Libraries tell of their own doings at these levels; what they fail at, they say as warnings.
    let filter = Targets::new().with_default(level.min(LevelFilter::WARN)).with_targets(
        ["warung", "warung_app", "warung_bot", "warung_core", "warung_edge", "warung_store"].map(|name| (name, level)),
    );
    let registry = tracing_subscriber::registry();
    match format {
        LogFormat::Text => {
            let lines = tracing_subscriber::fmt::layer().with_ansi(false).event_format(Lines).with_writer(io::stderr);
            let file = file.map(|writer| {
                tracing_subscriber::fmt::layer().with_ansi(false).event_format(Lines).with_writer(writer)
            });
            Box::new(
                registry
                    .with(lines.with_filter(filter.clone()))
                    .with(file.with_filter(filter.clone()))
                    .with(sampled.clone().with_filter(filter)),
            )
        }
        LogFormat::Json => {
            let lines = tracing_subscriber::fmt::layer().json().with_writer(io::stderr);
            let file = file.map(|writer| tracing_subscriber::fmt::layer().json().with_writer(writer));
            Box::new(
                registry
                    .with(lines.with_filter(filter.clone()))
                    .with(file.with_filter(filter.clone()))
                    .with(sampled.clone().with_filter(filter)),
            )
        }
    }
}

/// `[timestamp] [level] message fields`, one line an event whatever its texts contain.
struct Lines;

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        writer.write_char('[')?;
        SystemTime.format_time(&mut writer)?;
        write!(writer, "] [{}] ", event.metadata().level())?;
        let mut text = String::new();
        context.field_format().format_fields(Writer::new(&mut text), event)?;
        writeln!(writer, "{}", one_line(&text))
    }
}

/// A text in which nobody can begin a line of their own.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            line.extend(character.escape_default());
        } else {
            line.push(character);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_made_for_the_log_that_its_level_leaves_out() {
        for format in [LogFormat::Text, LogFormat::Json] {
            for file in [None, Some(tracing_appender::non_blocking(io::sink()).0)] {
                let subscriber = subscriber(tracing::Level::INFO, format, file, &Sampled::default());
                assert_eq!(subscriber.max_level_hint(), Some(LevelFilter::INFO));
            }
        }
    }

    #[test]
    fn a_text_can_not_forge_a_line_of_the_log() {
        assert_eq!(one_line("a\n[now] [ERROR] forged\u{1b}[31m"), "a\\n[now] [ERROR] forged\\u{1b}[31m");
    }
}
