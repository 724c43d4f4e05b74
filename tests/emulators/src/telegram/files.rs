//! Files that Telegram keeps, and the ids by which each bot knows them.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use serde_json::{Value, json};

use super::error::ApiError;
use super::launch::digest_token;
use super::model::{FileSpec, Media, MediaKind};

/// How many files are kept; the oldest go first.
const FILES_MAX: usize = 20_000;
/// How many bytes of contents are kept; the oldest contents go first.
const CONTENTS_MAX: usize = 256 * 1024 * 1024;
/// The largest file that `getFile` offers.
const DOWNLOAD_MAX: u64 = 20 * 1024 * 1024;
/// The largest photo that may be uploaded.
pub(crate) const PHOTO_MAX: usize = 10 * 1024 * 1024;

/// All files by their unique id.
#[derive(Debug, Default)]
pub(crate) struct Files {
    specs: HashMap<String, FileSpec>,
    /// The ids that a bot knows: `file_id`s are per bot.
    ids: HashMap<(i64, String), String>,
    /// The id to tell a bot, where it is not the derived one.
    given: HashMap<(i64, String), String>,
    by_url: HashMap<(MediaKind, String), String>,
    order: VecDeque<String>,
    contents: usize,
    next: u64,
}

impl Files {
    /// Keeps a file and returns its unique id. The same address gives the same file.
    pub(crate) fn add(&mut self, spec: FileSpec) -> String {
        let address = spec.url.clone().map(|url| (spec.kind, url));
        if let Some(unique) = address.as_ref().and_then(|address| self.by_url.get(address)) {
            return unique.clone();
        }
        self.next += 1;
        let unique = format!("AQAD{}", digest_token(&["file", &self.next.to_string()], 12));
        self.contents += spec.bytes.as_ref().map_or(0, Bytes::len);
        self.specs.insert(unique.clone(), spec);
        if let Some(address) = address {
            self.by_url.insert(address, unique.clone());
        }
        self.order.push_back(unique.clone());
        self.evict();
        unique
    }

    /// Makes a file known to a bot by an id that the caller chose.
    pub(crate) fn register(&mut self, bot: i64, file_id: &str, spec: FileSpec) -> String {
        if let Some(unique) = self.ids.get(&(bot, file_id.to_owned())).filter(|u| self.specs.contains_key(*u)) {
            return unique.clone();
        }
        let unique = self.add(spec);
        self.ids.insert((bot, file_id.to_owned()), unique.clone());
        self.given.insert((bot, unique.clone()), file_id.to_owned());
        unique
    }

    /// The id by which a bot knows a file; from now on it does.
    pub(crate) fn id_for(&mut self, bot: i64, unique: &str) -> String {
        if let Some(given) = self.given.get(&(bot, unique.to_owned())) {
            return given.clone();
        }
        let prefix = match self.specs.get(unique).map(|spec| spec.kind) {
            Some(MediaKind::Photo) => "AgACAgUA",
            Some(MediaKind::Video) => "BAACAgUA",
            _ => "BQACAgUA",
        };
        let file_id = format!("{prefix}{}", digest_token(&["file_id", &bot.to_string(), unique], 43));
        self.ids.insert((bot, file_id.clone()), unique.to_owned());
        file_id
    }

    pub(crate) fn spec(&self, unique: &str) -> Option<&FileSpec> {
        self.specs.get(unique)
    }

    /// Finds the file that a bot names by its id, for sending it as this kind.
    pub(crate) fn by_id(&self, bot: i64, file_id: &str, kind: MediaKind) -> Result<String, ApiError> {
        let unique = self.ids.get(&(bot, file_id.to_owned()));
        let found = unique.and_then(|unique| self.specs.get(unique).map(|spec| (unique, spec)));
        let Some((unique, spec)) = found else {
            return Err(ApiError::bad_request("wrong file identifier/HTTP URL specified"));
        };
        if spec.kind != kind {
            return Err(ApiError::bad_request(format!(
                "can't use file of type {} as {}",
                spec.kind.title(),
                kind.title()
            )));
        }
        Ok(unique.clone())
    }

    /// The answer of `getFile`.
    pub(crate) fn get_file(&self, bot: i64, file_id: &str) -> Result<Value, ApiError> {
        let unique = self.ids.get(&(bot, file_id.to_owned()));
        let found = unique.and_then(|unique| self.specs.get(unique).map(|spec| (unique, spec)));
        let Some((unique, spec)) = found else {
            return Err(ApiError::bad_request("invalid file_id"));
        };
        if spec.size > DOWNLOAD_MAX {
            return Err(ApiError::bad_request("file is too big"));
        }
        let path = format!("{}s/{unique}", spec.kind.field());
        Ok(json!({"file_id": file_id, "file_unique_id": unique, "file_size": spec.size, "file_path": path}))
    }

    /// The contents of a file and their media type.
    pub(crate) fn contents(&self, unique: &str) -> Option<(Bytes, String)> {
        let spec = self.specs.get(unique)?;
        Some((spec.bytes.clone()?, spec.mime_type.clone().unwrap_or_default()))
    }

    /// The file as a field of a message for this bot.
    pub(crate) fn describe(&mut self, bot: i64, media: &Media) -> Value {
        let unique = &media.file_unique_id;
        let file_id = self.id_for(bot, unique);
        let Some(spec) = self.specs.get(unique) else {
            return Value::Null;
        };
        let mut file = json!({"file_id": file_id, "file_unique_id": unique, "file_size": spec.size});
        let Some(fields) = file.as_object_mut() else {
            return Value::Null;
        };
        if spec.kind != MediaKind::Document {
            fields.insert("width".into(), json!(spec.width));
            fields.insert("height".into(), json!(spec.height));
        }
        if spec.kind == MediaKind::Video {
            fields.insert("duration".into(), json!(spec.duration));
        }
        if spec.kind == MediaKind::Photo {
            return json!([file]);
        }
        for (name, value) in [("file_name", &spec.file_name), ("mime_type", &spec.mime_type)] {
            if let Some(value) = value {
                fields.insert(name.into(), json!(value));
            }
        }
        file
    }

    fn evict(&mut self) {
        while self.order.len() > FILES_MAX || self.contents > CONTENTS_MAX {
            let Some(oldest) = self.order.pop_front() else {
                return;
            };
            if let Some(spec) = self.specs.remove(&oldest) {
                self.contents = self.contents.saturating_sub(spec.bytes.map_or(0, |bytes| bytes.len()));
                self.ids.retain(|_, unique| *unique != oldest);
                self.by_url.retain(|_, unique| *unique != oldest);
                self.given.retain(|(_, unique), _| *unique != oldest);
            }
        }
    }
}

/// What a picture's first bytes say of it: media type, width, height. None where it is no picture that Telegram takes.
pub(crate) fn picture(bytes: &[u8]) -> Option<(&'static str, u32, u32)> {
    let number = |range: std::ops::Range<usize>| {
        bytes.get(range).map(|part| part.iter().fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte)))
    };
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some(("image/png", number(16..20)?, number(20..24)?));
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Some(("image/webp", 800, 1200));
    }
    if !bytes.starts_with(b"\xff\xd8\xff") {
        return None;
    }
    // JPEG: walk the segments to the frame header, which holds height and width.
    let mut at = 2;
    loop {
        let marker = *bytes.get(at + 1)?;
        let is_frame = matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc);
        if is_frame {
            return Some(("image/jpeg", number(at + 7..at + 9)?, number(at + 5..at + 7)?));
        }
        at += 2 + usize::try_from(number(at + 2..at + 4)?).ok()?;
    }
}
