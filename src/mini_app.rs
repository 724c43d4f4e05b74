//! The Mini App inside the binary: laid out in the data folder, where the edge serves it from.

use std::{io, path::Path, path::PathBuf};

use rust_embed::RustEmbed;
use sha2::{Digest as _, Sha256};

use crate::compose;

#[derive(RustEmbed)]
#[folder = "clients/mini-app/dist"]
#[allow_missing = true]
struct Files;

/// Lays the files out below `data_dir`, in a folder named after their content, and answers the folder; `None` when the
/// binary was built without a Mini App.
pub(crate) fn lay_out(data_dir: &Path) -> io::Result<Option<PathBuf>> {
    let mut hasher = Sha256::new();
    let mut names: Vec<_> = Files::iter().collect();
    names.sort_unstable();
    for name in &names {
        hasher.update(name.as_bytes());
        hasher.update(Files::get(name).map(|file| file.metadata.sha256_hash()).unwrap_or_default());
    }
    if names.is_empty() {
        return Ok(None);
    }
    let version = compose::hex(&hasher.finalize());
    let folder = data_dir.join("mini-app").join(version.get(..16).unwrap_or_default());
    for name in names {
        let (path, Some(file)) = (folder.join(name.as_ref()), Files::get(&name)) else { continue };
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, file.data)?;
    }
    Ok(Some(folder))
}
