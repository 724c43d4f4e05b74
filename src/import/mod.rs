//! `warung import`: fills the library and the shop from a YAML file, which `docs/import.md` describes.
//!
//! The whole file is looked at before anything is sent, so that a file with a fault changes nothing and every fault of it
//! is told at once. What is sent goes through the core's own API, which decides what is new, changed and the same.

mod core;
mod doubt;
mod error;
mod fault;
mod fields;
mod library;
mod pictures;
mod send;
mod shop;
mod summary;
mod tree;

use std::{collections::BTreeSet, path::Path};

use chrono_tz::Tz;
use tokio::{fs::File, io::AsyncReadExt as _};
use tonic::Status;
use warung_proto::{channel::Channel, key::ServiceKey};

use self::{
    core::Core,
    fault::{Faults, Position},
    library::{Library, Setting},
};
pub use self::{
    error::ImportError,
    fault::Fault,
    summary::{Counts, Summary},
};

/// The largest file, in bytes.
const FILE_MAX_BYTES: u64 = 16 * 1024 * 1024;

/// Imports a file through a core, as an operator who proves themselves with `service_key`. A day of the file ends in
/// `time_zone`. Importing the same file again changes nothing.
///
/// # Errors
///
/// When the file can't be read or has faults, before anything is written; or when the core refuses a part of it or can't
/// be reached, which the error tells with what was done before.
pub async fn import(
    file: &Path,
    core: Channel,
    service_key: &ServiceKey,
    time_zone: Tz,
) -> Result<Summary, ImportError> {
    let core = Core::new(core, service_key);
    let refused = |message: String| ImportError::File { file: file.to_owned(), message };
    let bytes = read(file).await.map_err(|error| refused(format!("can't be read: {error}")))?;
    if u64::try_from(bytes.len()).is_ok_and(|size| size > FILE_MAX_BYTES) {
        return Err(refused(format!("is larger than {} MiB: split it", FILE_MAX_BYTES >> 20)));
    }
    let mut faults = Faults::default();
    let tree = text(&bytes, &mut faults).and_then(|text| tree::read(text, &mut faults));
    #[expect(clippy::disallowed_methods, reason = "a command line takes the time here")]
    let setting = Setting { time_zone, now: chrono::Utc::now() };
    let mut library = tree.as_ref().map_or_else(Library::default, |tree| Library::read(tree, setting, &mut faults));
    let folder = file.parent().unwrap_or(Path::new(""));
    let pictures = pictures::check(&mut library, folder, &mut faults).await.map_err(ImportError::Pictures)?;
    for product in &mut library.products {
        product.read_stock(folder, &mut faults).await;
    }
    check_categories(&core, &library, &mut faults).await?;
    if !faults.is_empty() {
        return Err(ImportError::Faults { file: file.to_owned(), faults: faults.into_vec() });
    }
    let done = send::send(&core, file, &library, &pictures).await?;
    Ok(Summary { by_address: library.episodes_by_address(), ..done })
}

/// Looks for the categories that the file names and does not have.
async fn check_categories(core: &Core, library: &Library<'_>, faults: &mut Faults) -> Result<(), ImportError> {
    if library.has_titles_of_other_categories()
        && let Some(codes) = unless_away(core.category_codes().await, faults)?
    {
        library.check_categories(&codes, faults);
    }
    if library.has_products_of_other_categories()
        && let Some(codes) = unless_away(core.product_category_codes().await, faults)?
    {
        library.check_product_categories(&codes, faults);
    }
    Ok(())
}

/// What the store has. When it does not say, what is known of the file by now helps more than that the core is away.
fn unless_away(
    codes: Result<BTreeSet<String>, Status>,
    faults: &Faults,
) -> Result<Option<BTreeSet<String>>, ImportError> {
    match codes {
        Ok(codes) => Ok(Some(codes)),
        Err(_) if !faults.is_empty() => Ok(None),
        Err(status) => Err(ImportError::core(&status, Summary::default())),
    }
}

/// The bytes of a file; of one that is too large so many that it shows.
async fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(file).await?.take(FILE_MAX_BYTES.saturating_add(1)).read_to_end(&mut bytes).await?;
    Ok(bytes)
}

fn text<'a>(bytes: &'a [u8], faults: &mut Faults) -> Option<&'a str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) => {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = before.split(|byte| *byte == b'\n').count();
            faults.add(Position { line, ..Position::START }, "", "is not UTF-8: save the file in UTF-8");
            None
        }
    }
}
