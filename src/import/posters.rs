//! The pictures that a file names. They are looked at with the core's own eyes before anything is sent: in a media store
//! of a folder that is gone at once.

use std::{
    collections::{BTreeSet, HashMap},
    io::ErrorKind,
    path::{Path, PathBuf},
};

use tokio::{fs::File, io::AsyncReadExt as _};
use warung_core::{MediaConfig, MediaError, MediaStore};
use warung_proto::channel::MESSAGE_BYTES_MAX;

use super::{fault::Faults, library::Library};

/// A picture to be sent.
pub(super) struct Poster {
    pub(super) path: PathBuf,
    /// The place in the library of the first title that has it.
    pub(super) title: usize,
}

/// Looks at every poster, relative to `folder`, and gives the titles the ids that they will have. Answers the different
/// ones.
pub(super) async fn check(
    library: &mut Library<'_>,
    folder: &Path,
    faults: &mut Faults,
) -> Result<Vec<Poster>, MediaError> {
    let mut posters = Vec::new();
    let mut media_ids = BTreeSet::new();
    let mut known: HashMap<String, Result<String, String>> = HashMap::new();
    let titles = library.titles.iter_mut().enumerate();
    for (title, item) in titles.filter(|(_, item)| !item.value.poster.is_empty()) {
        let name = item.value.poster.clone();
        let path = folder.join(&name);
        if !known.contains_key(&name) {
            known.insert(name.clone(), media_id(&path, &name).await?);
        }
        match known.get(&name) {
            Some(Ok(media_id)) => {
                if media_ids.insert(media_id.clone()) {
                    posters.push(Poster { path, title });
                }
                item.value.input.poster_media_id.clone_from(media_id);
            }
            Some(Err(message)) => {
                let (position, path) = item.locate("poster_media_id");
                faults.add(position, path, message.as_str());
            }
            None => {}
        }
    }
    Ok(posters)
}

/// The id of a picture, or what is wrong with it.
async fn media_id(path: &Path, name: &str) -> Result<Result<String, String>, MediaError> {
    if Path::new(name).is_absolute() {
        return Ok(Err("must be a path relative to this file".to_owned()));
    }
    let content = match read(path).await {
        Ok(content) => content,
        Err(message) => return Ok(Err(message)),
    };
    let storage = |error: std::io::Error| MediaError::Storage(error.to_string());
    let folder = tempfile::Builder::new().prefix("warung-import-").tempdir().map_err(storage)?;
    let store = MediaStore::open(&MediaConfig::Folder(folder.path().to_owned()))?;
    match store.put(content.into()).await {
        Ok(description) => Ok(Ok(format!("med_{}", description.hash))),
        Err(error @ (MediaError::Storage(_) | MediaError::Address(_))) => Err(error),
        Err(refused) => Ok(Err(format!("{name} {refused}"))),
    }
}

/// The bytes of a picture, or what is wrong with the file. Of one that is too large so much that it shows.
pub(super) async fn read(path: &Path) -> Result<Vec<u8>, String> {
    let refused = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => format!("there is no file {}", path.display()),
        _ => format!("{} can't be read: {error}", path.display()),
    };
    // A pipe would be waited for without end.
    if !tokio::fs::metadata(path).await.map_err(refused)?.is_file() {
        return Err(format!("{} is no file", path.display()));
    }
    let file = File::open(path).await.map_err(refused)?;
    let mut content = Vec::new();
    let limit = u64::try_from(MESSAGE_BYTES_MAX).unwrap_or(u64::MAX);
    file.take(limit).read_to_end(&mut content).await.map_err(refused)?;
    Ok(content)
}
