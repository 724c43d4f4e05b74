//! The Mini App inside the binary: laid out in the data folder, where the edge serves it from.

use std::{
    fs::Permissions,
    io::{self, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

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
        put(&path, &file.data)?;
    }
    Ok(Some(folder))
}

/// Puts a file there as a whole, and leaves one alone that is there: another edge may be serving it from the same volume,
/// and whoever got half of it would keep that for a year.
pub(crate) fn put(path: &Path, content: &[u8]) -> io::Result<()> {
    if std::fs::read(path).is_ok_and(|there| there == content) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let readable = Permissions::from_mode(0o644);
    let mut file = tempfile::Builder::new().prefix(".laid-out-").permissions(readable).tempfile_in(folder)?;
    file.write_all(content)?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Read as _, os::unix::fs::MetadataExt as _};

    use super::*;

    #[test]
    fn a_file_is_replaced_as_a_whole_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("assets").join("app.js");
        put(&path, b"cut").unwrap();
        let mut reader = fs::File::open(&path).unwrap();
        put(&path, b"cut off no more").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"cut off no more");
        let mut read = String::new();
        reader.read_to_string(&mut read).unwrap();
        assert_eq!(read, "cut", "whoever was reading reads on in the old file");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o444, 0o444, "another user's edge may read it");
    }

    #[test]
    fn a_file_that_is_there_already_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.js");
        let file = || (fs::metadata(&path).unwrap().ino(), fs::metadata(&path).unwrap().modified().unwrap());
        put(&path, b"whole").unwrap();
        let before = file();
        put(&path, b"whole").unwrap();
        assert_eq!(file(), before);
    }
}
