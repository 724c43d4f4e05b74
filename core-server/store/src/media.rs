//! The media store: pictures by the SHA-256 of their bytes, each with a thumbnail, in a folder or in an S3 bucket.

mod picture;

use std::{error::Error as _, fmt, io, iter, path::PathBuf, sync::Arc, time::Duration};

use bytes::Bytes;
use object_store::{
    ClientOptions, ObjectStore, ObjectStoreExt as _, RetryConfig, aws::AmazonS3Builder, local::LocalFileSystem,
    path::Path, prefix::PrefixStore,
};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;

/// How long one request to an S3 server may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// How often a request to an S3 server is sent again.
const RETRIES_MAX: usize = 3;
/// How long a request to an S3 server may take with all its retries.
const RETRIES_TIMEOUT: Duration = Duration::from_secs(20);

/// Where pictures are kept.
#[derive(Clone, Debug)]
pub enum MediaConfig {
    /// In a folder, which is made.
    Folder(PathBuf),
    /// In a bucket of Amazon S3 or of a server that speaks its protocol.
    S3(S3Config),
}

/// A bucket, and who may use it.
#[derive(Clone, Debug)]
pub struct S3Config {
    /// `s3://bucket` or `s3://bucket/prefix`.
    pub url: String,
    /// `AWS_ACCESS_KEY_ID`.
    pub access_key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: SecretString,
    /// `AWS_SESSION_TOKEN`, of temporary credentials.
    pub session_token: Option<SecretString>,
    /// `AWS_REGION`.
    pub region: String,
    /// `AWS_ENDPOINT_URL`, of a server other than Amazon's; `http://` is allowed.
    pub endpoint: Option<String>,
}

/// What a stored picture is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaDescription {
    /// SHA-256 of its bytes, in lower-case hexadecimal.
    pub hash: String,
    /// `image/jpeg`, `image/png` or `image/webp`.
    pub content_type: &'static str,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// Its width in pixels, as it is shown.
    pub width: u32,
    /// Its height in pixels, as it is shown.
    pub height: u32,
}

/// Why a picture is refused, or can't be kept or found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MediaError {
    /// Its content is of no kind that is known, whatever its name says.
    #[error("is not a JPEG, PNG or WebP picture")]
    NotAPicture,
    /// It begins like a picture, but can't be shown.
    #[error("is a damaged picture")]
    Damaged,
    /// It has too many bytes.
    #[error("is larger than 2 MiB")]
    TooLarge,
    /// It has too many pixels.
    #[error("is more than 4096 pixels wide or high")]
    TooManyPixels,
    /// The address of the store is wrong.
    #[error("the address of the media store is wrong: {0}")]
    Address(String),
    /// The folder or the bucket can't be used.
    #[error("the media store is not available ({0})")]
    Storage(String),
    /// The disk is full. Nothing was kept.
    #[error("the disk is full")]
    Full,
}

impl From<object_store::Error> for MediaError {
    fn from(error: object_store::Error) -> Self {
        // What the system said stands at the end of the causes.
        let mut causes = iter::successors(error.source(), |cause| (*cause).source());
        let is_full =
            |cause: &io::Error| matches!(cause.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
        if causes.any(|cause| cause.downcast_ref().is_some_and(is_full)) {
            return Self::Full;
        }
        Self::Storage(error.to_string())
    }
}

/// A store of pictures. Cheap to clone.
#[derive(Clone)]
pub struct MediaStore {
    objects: Arc<dyn ObjectStore>,
    /// Pictures are decoded one at a time: a large one takes 160 MiB for a moment.
    decoding: Arc<Semaphore>,
}

impl fmt::Debug for MediaStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "MediaStore({})", self.objects)
    }
}

impl MediaStore {
    /// Opens a store. A bucket is not asked whether it is there.
    ///
    /// # Errors
    ///
    /// When the folder can't be made, or the bucket's address or settings are wrong.
    pub fn open(config: &MediaConfig) -> Result<Self, MediaError> {
        let objects: Arc<dyn ObjectStore> = match config {
            MediaConfig::Folder(folder) => {
                std::fs::create_dir_all(folder)
                    .map_err(|cause| MediaError::Storage(format!("{}: {cause}", folder.display())))?;
                Arc::new(LocalFileSystem::new_with_prefix(folder)?.with_fsync(true))
            }
            MediaConfig::S3(config) => open_s3(config)?,
        };
        Ok(Self { objects, decoding: Arc::new(Semaphore::new(1)) })
    }

    /// Keeps a picture and its thumbnail. The same bytes have the same hash and are kept once.
    ///
    /// # Errors
    ///
    /// When it is no picture that can be shown, or is too large, or the store is full or not available.
    pub async fn put(&self, content: Bytes) -> Result<MediaDescription, MediaError> {
        if content.len() > picture::SIZE_MAX_BYTES {
            return Err(MediaError::TooLarge);
        }
        // A store that is closed never is: the permit only counts.
        let permit = Arc::clone(&self.decoding).acquire_owned().await.ok();
        let decoded = {
            let content = content.clone();
            tokio::task::spawn_blocking(move || {
                let _permit = permit;
                let picture = picture::read(&content)?;
                Ok((hash_of(&content), picture))
            })
            .await
            .unwrap_or(Err(MediaError::Damaged))
        };
        let (hash, picture) = decoded?;
        let (original, thumbnail) = (original_path(&hash), thumbnail_path(&hash));
        // The thumbnail comes last, so where it is, all is.
        if !(self.has(&thumbnail).await? && self.has(&original).await?) {
            self.objects.put(&original, content.clone().into()).await?;
            self.objects.put(&thumbnail, picture.thumbnail.into()).await?;
        }
        Ok(MediaDescription {
            hash,
            content_type: picture.content_type,
            size_bytes: u64::try_from(content.len()).unwrap_or(u64::MAX),
            width: picture.width,
            height: picture.height,
        })
    }

    /// The bytes of a picture; none if it is not kept, or if `hash` is no hash.
    ///
    /// # Errors
    ///
    /// When the store is not available, or holds other bytes than it was given.
    pub async fn original(&self, hash: &str) -> Result<Option<Bytes>, MediaError> {
        if !is_hash(hash) {
            return Ok(None);
        }
        let found = self.get(&original_path(hash)).await?;
        match found {
            Some(content) if hash_of(&content) != hash => {
                Err(MediaError::Storage(format!("the bytes of {hash} have changed")))
            }
            found => Ok(found),
        }
    }

    /// A picture's thumbnail: a JPEG of at most 30 kB and 320 pixels wide; none if the picture is not kept.
    ///
    /// # Errors
    ///
    /// When the store is not available.
    pub async fn thumbnail(&self, hash: &str) -> Result<Option<Bytes>, MediaError> {
        if is_hash(hash) { self.get(&thumbnail_path(hash)).await } else { Ok(None) }
    }

    async fn has(&self, path: &Path) -> Result<bool, MediaError> {
        match self.objects.head(path).await {
            Ok(found) => Ok(found.size > 0),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    async fn get(&self, path: &Path) -> Result<Option<Bytes>, MediaError> {
        match self.objects.get(path).await {
            Ok(found) => Ok(Some(found.bytes().await?)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

fn open_s3(config: &S3Config) -> Result<Arc<dyn ObjectStore>, MediaError> {
    let place = config.url.strip_prefix("s3://").unwrap_or_default();
    let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
    if bucket.is_empty() {
        return Err(MediaError::Address("it is s3://bucket or s3://bucket/prefix".into()));
    }
    let prefix = Path::parse(prefix.trim_matches('/')).map_err(|error| MediaError::Address(error.to_string()))?;
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(bucket)
        .with_access_key_id(&config.access_key_id)
        .with_secret_access_key(config.secret_access_key.expose_secret())
        .with_region(&config.region)
        .with_client_options(ClientOptions::new().with_timeout(REQUEST_TIMEOUT).with_allow_http(true))
        .with_retry(RetryConfig { max_retries: RETRIES_MAX, retry_timeout: RETRIES_TIMEOUT, ..RetryConfig::default() });
    if let Some(token) = &config.session_token {
        builder = builder.with_token(token.expose_secret());
    }
    if let Some(endpoint) = &config.endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    let bucket = builder.build().map_err(|error| MediaError::Address(error.to_string()))?;
    Ok(Arc::new(PrefixStore::new(bucket, prefix)))
}

fn hash_of(content: &[u8]) -> String {
    use fmt::Write as _;
    Sha256::digest(content).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Whether a text that came from outside may become part of a path.
fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn original_path(hash: &str) -> Path {
    Path::from(format!("original/{}/{hash}", hash.get(..2).unwrap_or_default()))
}

fn thumbnail_path(hash: &str) -> Path {
    Path::from(format!("thumbnail/{}/{hash}.jpg", hash.get(..2).unwrap_or_default()))
}

#[cfg(test)]
mod tests;
