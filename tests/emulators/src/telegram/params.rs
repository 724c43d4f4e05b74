//! The parameters of a Bot API call, from the query and from any of the four kinds of body.

use std::collections::HashMap;

use axum::RequestExt as _;
use axum::body::{Body, Bytes};
use axum::extract::{Multipart, Request};
use axum::http::header::CONTENT_TYPE;
use reqwest::Url;
use serde_json::{Map, Value, json};

use super::error::ApiError;

/// The largest request: a 50 MB upload and its form.
pub(crate) const BODY_MAX: usize = 51 * 1024 * 1024;

/// An uploaded file.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    pub file_name: String,
    pub mime_type: String,
    pub bytes: Bytes,
}

/// The parameters by name. Numbers and objects may come as text, as in a form.
#[derive(Clone, Debug, Default)]
pub(crate) struct Params {
    values: Map<String, Value>,
    uploads: HashMap<String, Upload>,
}

impl Params {
    pub(crate) async fn read(request: Request) -> Result<Self, ApiError> {
        let mut params = Self::default();
        params.add_pairs(request.uri().query().unwrap_or_default());
        let kind =
            request.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
        if kind.starts_with("multipart/form-data") {
            params.add_multipart(request).await?;
            return Ok(params);
        }
        let body = read_body(request.into_body()).await?;
        if kind.starts_with("application/json") {
            params.add_json(&body)?;
        } else if kind.starts_with("application/x-www-form-urlencoded") {
            params.add_pairs(&String::from_utf8_lossy(&body));
        }
        Ok(params)
    }

    fn add_pairs(&mut self, encoded: &str) {
        let Ok(url) = Url::parse(&format!("http://form/?{encoded}")) else {
            return;
        };
        for (name, value) in url.query_pairs() {
            self.values.insert(name.into_owned(), Value::String(value.into_owned()));
        }
    }

    fn add_json(&mut self, body: &[u8]) -> Result<(), ApiError> {
        if body.is_empty() {
            return Ok(());
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(values)) => {
                self.values.extend(values);
                Ok(())
            }
            // teloxide sends `null` for a method without parameters.
            Ok(Value::Null) => Ok(()),
            _ => Err(ApiError::bad_request("can't parse JSON object")),
        }
    }

    async fn add_multipart(&mut self, request: Request) -> Result<(), ApiError> {
        let wrong = || ApiError::bad_request("can't parse multipart form data");
        let mut form: Multipart = request.extract().await.map_err(|_| wrong())?;
        while let Some(field) = form.next_field().await.map_err(|_| too_large())? {
            let name = field.name().unwrap_or_default().to_owned();
            let file_name = field.file_name().map(str::to_owned);
            let mime_type = field.content_type().unwrap_or("application/octet-stream").to_owned();
            let bytes = field.bytes().await.map_err(|_| too_large())?;
            if let Some(file_name) = file_name {
                self.uploads.insert(name, Upload { file_name, mime_type, bytes });
            } else {
                let text = String::from_utf8(bytes.to_vec()).map_err(|_| wrong())?;
                self.values.insert(name, Value::String(text));
            }
        }
        Ok(())
    }

    /// The value as text; numbers and truth values are written out.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        match self.values.get(name)? {
            Value::String(text) => Some(text.clone()),
            value @ (Value::Number(_) | Value::Bool(_)) => Some(value.to_string()),
            _ => None,
        }
    }

    pub(crate) fn integer(&self, name: &str) -> Option<i64> {
        self.text(name)?.trim().parse().ok()
    }

    /// Whether the value is one of the forms of yes.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.text(name)
            .is_some_and(|text| matches!(text.to_ascii_lowercase().as_str(), "true" | "1" | "yes" | "t" | "y"))
    }

    /// The value as JSON, which a form carries as text. The error names what could not be read.
    pub(crate) fn json(&self, name: &str, what: &str) -> Result<Option<Value>, ApiError> {
        match self.values.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
            Some(Value::String(text)) => serde_json::from_str(text)
                .map(Some)
                .map_err(|_| ApiError::bad_request(format!("can't parse {what} JSON object"))),
            Some(value) => Ok(Some(value.clone())),
        }
    }

    pub(crate) fn upload(&self, name: &str) -> Option<&Upload> {
        self.uploads.get(name)
    }

    /// A file was sent by an address that was fetched: put it where an upload of that name would stand.
    pub(crate) fn attach(&mut self, name: &str, upload: Upload) {
        self.uploads.insert(name.to_owned(), upload);
    }

    /// All parameters for the log of calls; of uploads only name and size.
    pub(crate) fn to_json(&self) -> Value {
        let mut values = self.values.clone();
        for (name, upload) in &self.uploads {
            values.insert(
                name.clone(),
                json!({"file_name": upload.file_name, "mime_type": upload.mime_type, "size": upload.bytes.len()}),
            );
        }
        Value::Object(values)
    }
}

fn too_large() -> ApiError {
    ApiError::new(413, "Request Entity Too Large")
}

async fn read_body(body: Body) -> Result<Bytes, ApiError> {
    axum::body::to_bytes(body, BODY_MAX).await.map_err(|_| too_large())
}
