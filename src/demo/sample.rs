//! The sample library and shop inside the binary, so that a demo needs nothing beside it.

use std::{
    io,
    path::{Path, PathBuf},
};

use rust_embed::RustEmbed;
use tempfile::TempDir;

use crate::mini_app;

/// The file that names all the others, relative to it.
const LIBRARY: (&str, &[u8]) = ("library.yaml", include_bytes!("../../samples/library.yaml"));

#[derive(RustEmbed)]
#[folder = "samples/posters"]
#[prefix = "posters/"]
struct Posters;

#[derive(RustEmbed)]
#[folder = "samples/products"]
#[prefix = "products/"]
struct Products;

#[derive(RustEmbed)]
#[folder = "samples/stock"]
#[prefix = "stock/"]
struct Stock;

/// The sample as files, for as long as this lives: an import reads files.
pub(super) struct Sample(TempDir);

impl Sample {
    pub(super) fn lay_out() -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("warung-sample-").tempdir()?;
        let (name, content) = LIBRARY;
        mini_app::put(&folder.path().join(name), content)?;
        put_all::<Posters>(folder.path())?;
        put_all::<Products>(folder.path())?;
        put_all::<Stock>(folder.path())?;
        Ok(Self(folder))
    }

    /// The file to import.
    pub(super) fn library(&self) -> PathBuf {
        self.0.path().join(LIBRARY.0)
    }
}

fn put_all<Files: RustEmbed>(folder: &Path) -> io::Result<()> {
    Files::iter().try_for_each(|name| {
        let content = Files::get(&name).map(|file| file.data).unwrap_or_default();
        mini_app::put(&folder.join(name.as_ref()), &content)
    })
}
