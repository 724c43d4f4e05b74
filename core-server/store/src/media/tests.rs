use std::{collections::HashMap, io::Cursor, sync::Mutex};

use image::{DynamicImage, GenericImageView as _, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

use super::*;

fn store() -> (TempDir, MediaStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = MediaStore::open(&MediaConfig::Folder(folder.path().join("media"))).unwrap();
    (folder, store)
}

fn encoded(image: &DynamicImage, format: ImageFormat) -> Bytes {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner().into()
}

/// Every pixel another colour without a pattern: what compresses worst.
fn noise(width: u32, height: u32) -> DynamicImage {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut picture = RgbImage::new(width, height);
    for pixel in picture.pixels_mut() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let [red, green, blue, ..] = state.to_le_bytes();
        *pixel = Rgb([red, green, blue]);
    }
    DynamicImage::ImageRgb8(picture)
}

fn plain(width: u32, height: u32) -> DynamicImage {
    DynamicImage::ImageRgb8(RgbImage::from_pixel(width, height, Rgb([200, 30, 40])))
}

fn files(folder: &std::path::Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

#[tokio::test]
async fn a_picture_of_each_kind_is_described_by_its_content_and_comes_back_as_it_was() {
    let (_folder, store) = store();
    for (format, content_type) in
        [(ImageFormat::Jpeg, "image/jpeg"), (ImageFormat::Png, "image/png"), (ImageFormat::WebP, "image/webp")]
    {
        let content = encoded(&noise(40, 60), format);
        let described = store.put(content.clone()).await.unwrap();
        assert_eq!(described.content_type, content_type);
        assert_eq!((described.width, described.height), (40, 60));
        assert_eq!(described.size_bytes, u64::try_from(content.len()).unwrap());
        assert_eq!(store.original(&described.hash).await.unwrap(), Some(content));
    }
}

#[tokio::test]
async fn the_same_bytes_have_the_same_hash_and_are_kept_once_however_many_bring_them() {
    let (folder, store) = store();
    let content = encoded(&noise(50, 50), ImageFormat::Png);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (store, content) = (store.clone(), content.clone());
        tasks.spawn(async move { store.put(content).await.unwrap() });
    }
    let described = tasks.join_all().await;
    assert!(described.iter().all(|one| *one == described[0]));
    assert_eq!(files(folder.path()).len(), 2, "an original and a thumbnail, and nothing half-written");
}

#[tokio::test]
async fn a_thumbnail_is_a_jpeg_of_at_most_30_kb_and_320_pixels_however_noisy_the_picture() {
    let (_folder, store) = store();
    for picture in [noise(600, 900), noise(320, 480), noise(1, 1), plain(4096, 1), plain(1, 4096), plain(4096, 4096)] {
        let described = store.put(encoded(&picture, ImageFormat::Png)).await.unwrap();
        let thumbnail = store.thumbnail(&described.hash).await.unwrap().unwrap();
        assert!(thumbnail.len() <= 30_000, "{} bytes", thumbnail.len());
        assert_eq!(image::guess_format(&thumbnail).unwrap(), ImageFormat::Jpeg);
        let (width, height) = image::load_from_memory(&thumbnail).unwrap().dimensions();
        assert!(width <= 320 && height <= 640, "{width} x {height}");
    }
}

#[tokio::test]
async fn a_small_picture_is_not_blown_up_and_a_clear_one_stands_on_white() {
    let (_folder, store) = store();
    let clear = DynamicImage::ImageRgba8(RgbaImage::from_pixel(20, 10, Rgba([0, 0, 0, 0])));
    let described = store.put(encoded(&clear, ImageFormat::Png)).await.unwrap();
    let thumbnail = image::load_from_memory(&store.thumbnail(&described.hash).await.unwrap().unwrap()).unwrap();
    assert_eq!(thumbnail.dimensions(), (20, 10));
    assert!(thumbnail.to_rgb8().pixels().all(|pixel| pixel.0.iter().all(|part| *part > 250)));
}

#[tokio::test]
async fn a_picture_that_was_taken_with_the_phone_upright_is_upright() {
    // The block that says: turn me by a quarter.
    let exif: &[u8] = &[
        0xff, 0xe1, 0, 34, b'E', b'x', b'i', b'f', 0, 0, b'M', b'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0,
        1, 0, 6, 0, 0, 0, 0, 0, 0,
    ];
    let lying = encoded(&plain(60, 40), ImageFormat::Jpeg);
    let content = [&lying[..2], exif, &lying[2..]].concat();
    let (_folder, store) = store();
    let described = store.put(content.into()).await.unwrap();
    assert_eq!((described.width, described.height), (40, 60));
}

#[tokio::test]
async fn what_is_no_picture_of_a_known_kind_is_refused() {
    let (folder, store) = store();
    for content in [
        &b""[..],
        b"\xff\xd8",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a\x01\0\x01\0\0\0\0;",
        b"BM",
    ] {
        let refused = store.put(Bytes::copy_from_slice(content)).await.unwrap_err();
        assert!(matches!(refused, MediaError::NotAPicture | MediaError::Damaged), "{content:?}: {refused}");
    }
    assert_eq!(store.put(Bytes::from_static(b"GIF89a\x01\0\x01\0\0\0\0;")).await, Err(MediaError::NotAPicture));
    assert_eq!(files(folder.path()), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn a_picture_that_was_cut_off_is_refused() {
    let (_folder, store) = store();
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let whole = encoded(&noise(64, 64), format);
        for part in [whole.len() / 4, whole.len() / 2, whole.len() * 9 / 10] {
            assert_eq!(store.put(whole.slice(..part)).await, Err(MediaError::Damaged), "{format:?} {part}");
        }
    }
}

#[tokio::test]
async fn a_picture_with_too_many_bytes_or_pixels_is_refused() {
    let (_folder, store) = store();
    assert_eq!(store.put(vec![0; 2 * 1024 * 1024 + 1].into()).await, Err(MediaError::TooLarge));
    for picture in [plain(4097, 1), plain(1, 4097)] {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
            assert_eq!(store.put(encoded(&picture, format)).await, Err(MediaError::TooManyPixels), "{format:?}");
        }
    }
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

#[tokio::test]
async fn a_decompression_bomb_is_refused_before_it_is_unpacked() {
    let (_folder, store) = store();
    // A PNG and a JPEG of a few bytes that say they are 60,000 pixels wide and high.
    let mut png = encoded(&plain(1, 1), ImageFormat::Png).to_vec();
    png[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
    png[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
    let checksum = crc32(&png[12..29]).to_be_bytes();
    png[29..33].copy_from_slice(&checksum);
    assert_eq!(store.put(png.into()).await, Err(MediaError::TooManyPixels));

    let mut jpeg = encoded(&plain(1, 1), ImageFormat::Jpeg).to_vec();
    let frame = jpeg.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xea, 0x60, 0xea, 0x60]);
    assert_eq!(store.put(jpeg.into()).await, Err(MediaError::TooManyPixels));
}

#[tokio::test]
async fn only_a_hash_finds_anything() {
    let (folder, store) = store();
    std::fs::write(folder.path().join("secret"), "s").unwrap();
    let unknown = "0".repeat(64);
    let upper = "A".repeat(64);
    for hash in ["", "../secret", "../../secret", unknown.as_str(), upper.as_str(), "original/../../secret"] {
        assert_eq!(store.original(hash).await.unwrap(), None);
        assert_eq!(store.thumbnail(hash).await.unwrap(), None);
    }
}

#[tokio::test]
async fn bytes_that_changed_on_the_disk_are_not_served_and_a_second_upload_mends_an_empty_file() {
    let (folder, store) = store();
    let content = encoded(&noise(30, 30), ImageFormat::Png);
    let hash = store.put(content.clone()).await.unwrap().hash;
    let path = folder.path().join(format!("media/original/{}/{hash}", &hash[..2]));
    std::fs::write(&path, &content[..content.len() / 2]).unwrap();
    assert!(matches!(store.original(&hash).await, Err(MediaError::Storage(_))));
    std::fs::write(&path, "").unwrap();
    store.put(content.clone()).await.unwrap();
    assert_eq!(store.original(&hash).await.unwrap(), Some(content));
}

#[test]
fn a_full_disk_is_told_as_such_however_deep_it_stands_in_the_causes() {
    use std::io::Write as _;
    // As the folder's store has it: its own error around the system's, and one for all stores around that.
    #[derive(Debug, thiserror::Error)]
    #[error("unable to copy data to file")]
    struct Copying {
        source: io::Error,
    }
    let generic = |source| object_store::Error::Generic { store: "folder", source: Box::new(Copying { source }) };
    let mut full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let of_the_system = full.write_all(b"picture").unwrap_err();
    for source in [of_the_system, io::ErrorKind::QuotaExceeded.into()] {
        assert_eq!(MediaError::from(generic(source)), MediaError::Full);
    }
    for kind in [io::ErrorKind::PermissionDenied, io::ErrorKind::NotFound] {
        assert!(matches!(MediaError::from(generic(kind.into())), MediaError::Storage(_)));
    }
}

#[test]
fn an_address_without_a_bucket_is_refused() {
    for url in ["", "s3://", "s3:///prefix", "https://bucket"] {
        let config = S3Config { url: url.into(), ..s3("http://127.0.0.1:1") };
        assert!(matches!(MediaStore::open(&MediaConfig::S3(config)), Err(MediaError::Address(_))), "{url}");
    }
}

fn s3(endpoint: &str) -> S3Config {
    S3Config {
        url: "s3://shop/pictures".into(),
        access_key_id: "key".into(),
        secret_access_key: "very-secret".into(),
        session_token: None,
        region: "us-east-1".into(),
        endpoint: Some(endpoint.into()),
    }
}

type Objects = Arc<Mutex<HashMap<String, Vec<u8>>>>;

/// As much of S3's protocol as the store speaks: PUT, GET and HEAD of an object, signed.
async fn answer_s3(stream: TcpStream, objects: Objects) {
    let mut stream = BufReader::new(stream);
    loop {
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return;
            }
            if line == "\r\n" {
                break;
            }
            head.push(line.trim().to_owned());
        }
        let mut request = head[0].split(' ').map(str::to_owned);
        let (method, path) = (request.next().unwrap(), request.next().unwrap());
        let header = |name: &str| {
            let fields = head.iter().filter_map(|line| line.split_once(": "));
            fields.filter(|field| field.0.eq_ignore_ascii_case(name)).map(|field| field.1.to_owned()).next()
        };
        assert!(header("authorization").unwrap().contains("Credential=key/"));
        let mut body = vec![0; header("content-length").map_or(0, |length| length.parse().unwrap())];
        stream.read_exact(&mut body).await.unwrap();
        let found = {
            let mut objects = objects.lock().unwrap();
            if method == "PUT" {
                objects.insert(path.clone(), body);
                Some(Vec::new())
            } else {
                objects.get(&path).cloned()
            }
        };
        let status = if found.is_some() { "200 OK" } else { "404 Not Found" };
        let content = found.unwrap_or_default();
        let answer = format!(
            "HTTP/1.1 {status}\r\nETag: \"1\"\r\nLast-Modified: Sat, 21 Nov 2026 09:00:00 GMT\r\nContent-Length: {}\r\n\r\n",
            content.len()
        );
        stream.write_all(answer.as_bytes()).await.unwrap();
        if method != "HEAD" {
            stream.write_all(&content).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_bucket_keeps_pictures_under_its_prefix() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let objects = Objects::default();
    let served = Arc::clone(&objects);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer_s3(stream, Arc::clone(&served)));
        }
    });
    let store = MediaStore::open(&MediaConfig::S3(s3(&endpoint))).unwrap();
    let content = encoded(&noise(30, 30), ImageFormat::Png);
    let hash = store.put(content.clone()).await.unwrap().hash;
    assert_eq!(store.original(&hash).await.unwrap(), Some(content));
    assert!(store.thumbnail(&hash).await.unwrap().is_some());
    assert_eq!(store.original(&"0".repeat(64)).await.unwrap(), None);
    let mut paths: Vec<_> = objects.lock().unwrap().keys().cloned().collect();
    paths.sort();
    let prefix = &hash[..2];
    let expected =
        [format!("/shop/pictures/original/{prefix}/{hash}"), format!("/shop/pictures/thumbnail/{prefix}/{hash}.jpg")];
    assert_eq!(paths, expected);
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_an_error_without_the_secret() {
    // Bound and let go: nobody answers there.
    let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let config = s3(&format!("http://{address}"));
    let store = MediaStore::open(&MediaConfig::S3(config.clone())).unwrap();
    let error = store.thumbnail(&"0".repeat(64)).await.unwrap_err();
    assert!(matches!(error, MediaError::Storage(_)));
    for text in [format!("{error}"), format!("{config:?}"), format!("{store:?}")] {
        assert!(!text.contains("very-secret"), "{text}");
    }
}
