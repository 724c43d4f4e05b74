//! The file of a message: uploaded, named by its `file_id`, or by an address.

use super::super::error::ApiError;
use super::super::files::{PHOTO_MAX, picture};
use super::super::links;
use super::super::model::{FileSpec, MediaKind};
use super::super::params::Upload;
use super::Cx;

impl Cx<'_> {
    /// Finds or keeps the file that `source` means, and returns its unique id.
    ///
    /// `source` is a `file_id`, an address, or `attach://` and the name of an upload; none means the upload of the kind's own name.
    pub(crate) fn resolve_media(&mut self, kind: MediaKind, source: Option<&str>) -> Result<String, ApiError> {
        let upload = match source.and_then(|source| source.strip_prefix("attach://")) {
            Some(name) => self.params.upload(name),
            None => self.params.upload(kind.field()),
        };
        if let Some(upload) = upload {
            let spec = uploaded(kind, upload)?;
            return Ok(self.state.files.add(spec));
        }
        let source = source.unwrap_or_default().trim();
        if source.is_empty() {
            return Err(ApiError::bad_request(format!("there is no {} in the request", kind.field())));
        }
        if source.starts_with("http://") || source.starts_with("https://") {
            let url = links::normalised(source)
                .ok_or_else(|| ApiError::bad_request("wrong file identifier/HTTP URL specified"))?;
            let spec = FileSpec { url: Some(url), size: 100_000, ..FileSpec::of_kind(kind) };
            return Ok(self.state.files.add(spec));
        }
        self.state.files.by_id(self.bot, source, kind)
    }
}

fn uploaded(kind: MediaKind, upload: &Upload) -> Result<FileSpec, ApiError> {
    let mut spec = FileSpec {
        size: u64::try_from(upload.bytes.len()).unwrap_or(u64::MAX),
        bytes: Some(upload.bytes.clone()),
        mime_type: Some(upload.mime_type.clone()),
        file_name: Some(upload.file_name.clone()),
        ..FileSpec::of_kind(kind)
    };
    if upload.bytes.is_empty() {
        return Err(ApiError::bad_request("file must be non-empty"));
    }
    if kind == MediaKind::Document {
        // As Telegram does: what a file is, its name says, not the sender.
        spec.mime_type = Some(mime_type_of(&upload.file_name).to_owned());
    }
    if kind == MediaKind::Photo {
        if upload.bytes.len() > PHOTO_MAX {
            return Err(ApiError::bad_request(format!(
                "file of size {} bytes is too big for a photo; the maximum size is {PHOTO_MAX} bytes",
                upload.bytes.len()
            )));
        }
        let (mime_type, width, height) =
            picture(&upload.bytes).ok_or_else(|| ApiError::bad_request("IMAGE_PROCESS_FAILED"))?;
        if width == 0 || height == 0 || width + height > 10_000 || width.max(height) / width.min(height) > 20 {
            return Err(ApiError::bad_request("PHOTO_INVALID_DIMENSIONS"));
        }
        spec = FileSpec { mime_type: Some(mime_type.into()), width, height, ..spec };
    }
    Ok(spec)
}

/// The media type that a file's name stands for.
fn mime_type_of(file_name: &str) -> &'static str {
    let extension = file_name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    match extension.as_deref() {
        Some("txt" | "log") => "text/plain",
        Some("csv") => "text/csv",
        Some("json") => "application/json",
        Some("pdf") => "application/pdf",
        Some("zip") => "application/zip",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        _ => "application/octet-stream",
    }
}
