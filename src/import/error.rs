//! Why an import did not do all of its file.

use std::{fmt, path::PathBuf};

use tonic::{Code, Status};
use warung_core::MediaError;
use warung_proto::error;

use super::{fault::Fault, summary::Summary};

/// Why an import did not do all of its file. Its text is for the person at the command line.
#[derive(Clone, Debug)]
pub enum ImportError {
    /// The file can't be read.
    File {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// The file has faults. Nothing was written.
    Faults {
        /// The file.
        file: PathBuf,
        /// All of them, in the order of the file.
        faults: Vec<Fault>,
    },
    /// Pictures can't be looked at: the folder for temporary files can't be used. Nothing was written.
    Pictures(MediaError),
    /// The core refused a part of the file.
    Refused {
        /// The file.
        file: PathBuf,
        /// What it refused, in the order of the file.
        faults: Vec<Fault>,
        /// What was done.
        done: Box<Summary>,
    },
    /// The core can't be reached, or can't do it now, or takes us for a stranger.
    Core {
        /// Why, and what to do.
        message: String,
        /// What was done before.
        done: Box<Summary>,
    },
}

impl ImportError {
    pub(super) fn core(status: &Status, done: Summary) -> Self {
        let message = match status.code() {
            Code::Unavailable | Code::Unknown | Code::Cancelled | Code::DeadlineExceeded => {
                format!("the core can't be reached, or can't do it now ({})", status.message())
            }
            Code::Unauthenticated | Code::PermissionDenied => "the core refused this command: its \
                WARUNG_SECRET_KEY (or WARUNG_SERVICE_KEY, where it is set) is not the one that the core has"
                .to_owned(),
            _ => format!("the core answered {}: {}", error::reason(status).as_reason(), status.message()),
        };
        Self::Core { message, done: Box::new(done) }
    }
}

impl std::error::Error for ImportError {}

impl fmt::Display for ImportError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { file, message } => write!(formatter, "{}: {message}", file.display()),
            Self::Faults { file, faults } => {
                list(formatter, file, faults)?;
                write!(formatter, "Nothing was imported; faults: {}.", faults.len())
            }
            Self::Pictures(error) => write!(formatter, "pictures can't be looked at: {error}"),
            Self::Refused { file, faults, done } => {
                list(formatter, file, faults)?;
                write!(formatter, "The core refused this much: {}. ", faults.len())?;
                what_was_done(formatter, done)
            }
            Self::Core { message, done } => {
                writeln!(formatter, "{message}.")?;
                what_was_done(formatter, done)
            }
        }
    }
}

fn list(formatter: &mut fmt::Formatter<'_>, file: &std::path::Path, faults: &[Fault]) -> fmt::Result {
    faults.iter().try_for_each(|fault| writeln!(formatter, "{}:{fault}", file.display()))
}

fn what_was_done(formatter: &mut fmt::Formatter<'_>, done: &Summary) -> fmt::Result {
    if *done == Summary::default() {
        return write!(formatter, "Nothing was imported.");
    }
    write!(formatter, "Import the file again to go on: nothing is done twice. So far:\n{done}")
}
