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

use super::{
    fault::{Faults, Position},
    library::{Item, Library},
};

/// A picture to be sent.
pub(super) struct Picture {
    pub(super) path: PathBuf,
    /// Its id, as the core will answer it.
    pub(super) media_id: String,
    /// Where the file names it first.
    pub(super) place: (Position, String),
}

/// Looks at every picture, relative to `folder`, and gives the titles and products the ids that theirs will have. Answers
/// the different ones.
pub(super) async fn check(
    library: &mut Library<'_>,
    folder: &Path,
    faults: &mut Faults,
) -> Result<Vec<Picture>, MediaError> {
    let mut pictures = Pictures { folder, known: HashMap::new(), media_ids: BTreeSet::new(), found: Vec::new() };
    for item in &mut library.titles {
        let media_id = pictures.look(item, &item.value.poster, "poster_media_id", faults).await?;
        item.value.input.poster_media_id = media_id;
    }
    for item in &mut library.products {
        let media_id = pictures.look(item, &item.value.picture, "picture_media_id", faults).await?;
        item.value.input.picture_media_id = media_id;
    }
    Ok(pictures.found)
}

struct Pictures<'a> {
    folder: &'a Path,
    /// What each name in the file turned out to be.
    known: HashMap<String, Result<String, String>>,
    media_ids: BTreeSet<String>,
    found: Vec<Picture>,
}

impl Pictures<'_> {
    /// The id of the picture that an item names in a field; empty for none, or one with a fault.
    async fn look<T>(
        &mut self,
        item: &Item<'_, T>,
        name: &str,
        field: &str,
        faults: &mut Faults,
    ) -> Result<String, MediaError> {
        if name.is_empty() {
            return Ok(String::new());
        }
        let path = self.folder.join(name);
        if !self.known.contains_key(name) {
            self.known.insert(name.to_owned(), media_id(&path, name).await?);
        }
        let place = item.locate(field);
        Ok(match self.known.get(name) {
            Some(Ok(media_id)) => {
                if self.media_ids.insert(media_id.clone()) {
                    self.found.push(Picture { path, media_id: media_id.clone(), place });
                }
                media_id.clone()
            }
            Some(Err(message)) => {
                faults.add(place.0, place.1, message.as_str());
                String::new()
            }
            None => String::new(),
        })
    }
}

/// The id of a picture, or what is wrong with it.
async fn media_id(path: &Path, name: &str) -> Result<Result<String, String>, MediaError> {
    if Path::new(name).is_absolute() {
        return Ok(Err("must be a path relative to this file".to_owned()));
    }
    let content = match read(path, MESSAGE_BYTES_MAX).await {
        Ok(content) => content,
        Err(message) => return Ok(Err(message)),
    };
    let storage = |error: std::io::Error| MediaError::Storage(error.to_string());
    let folder = tempfile::Builder::new().prefix("warung-import-").tempdir().map_err(storage)?;
    let store = MediaStore::open(&MediaConfig::Folder(folder.path().to_owned()))?;
    match store.put(content.into()).await {
        Ok(description) => Ok(Ok(format!("med_{}", description.hash))),
        Err(error @ (MediaError::Storage(_) | MediaError::Address(_) | MediaError::Full)) => Err(error),
        Err(refused) => Ok(Err(format!("{name} {refused}"))),
    }
}

/// The first bytes of a file, or what is wrong with it.
pub(super) async fn read(path: &Path, bytes_max: usize) -> Result<Vec<u8>, String> {
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
    let limit = u64::try_from(bytes_max).unwrap_or(u64::MAX);
    file.take(limit).read_to_end(&mut content).await.map_err(refused)?;
    Ok(content)
}
