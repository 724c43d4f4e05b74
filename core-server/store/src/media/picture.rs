//! Reading a picture that a stranger made, and drawing its thumbnail.

use std::io::Cursor;

use bytes::Bytes;
use image::{
    DynamicImage, ImageDecoder as _, ImageError, ImageFormat, ImageReader, Limits, Rgba, RgbaImage,
    codecs::jpeg::JpegEncoder, imageops, metadata::Orientation,
};

use super::MediaError;

/// The largest picture, in bytes.
pub(super) const SIZE_MAX_BYTES: usize = 2 * 1024 * 1024;
/// The widest and highest picture, in pixels.
const SIDE_MAX: u32 = 4_096;
/// What decoding may take: the pixels of the largest picture at eight bytes each, and some for the decoder.
const DECODED_MAX_BYTES: u64 = 160 * 1024 * 1024;
/// The largest thumbnail, in bytes.
const THUMBNAIL_MAX_BYTES: usize = 30_000;
/// The widest thumbnail, in pixels.
const THUMBNAIL_WIDTH_MAX: u32 = 320;
/// The highest thumbnail, in pixels.
const THUMBNAIL_HEIGHT_MAX: u32 = 640;
/// The qualities that are tried before a thumbnail is made smaller.
const QUALITIES: [u8; 5] = [82, 72, 60, 45, 30];

/// A picture that was read.
pub(super) struct Picture {
    pub(super) content_type: &'static str,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) thumbnail: Bytes,
}

/// Decodes a picture and draws its thumbnail. Takes up to a second: not for a thread that serves.
pub(super) fn read(content: &[u8]) -> Result<Picture, MediaError> {
    let (image, format) = decode(content)?;
    let content_type = match format {
        ImageFormat::Jpeg => "image/jpeg",
        ImageFormat::Png => "image/png",
        ImageFormat::WebP => "image/webp",
        _ => return Err(MediaError::NotAPicture),
    };
    Ok(Picture { content_type, width: image.width(), height: image.height(), thumbnail: thumbnail(image)? })
}

fn decode(content: &[u8]) -> Result<(DynamicImage, ImageFormat), MediaError> {
    let format = image::guess_format(content).map_err(|_| MediaError::NotAPicture)?;
    let known = matches!(format, ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP);
    if !known {
        return Err(MediaError::NotAPicture);
    }
    if format == ImageFormat::Jpeg && !is_whole_jpeg(content) {
        return Err(MediaError::Damaged);
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(DECODED_MAX_BYTES);
    let mut reader = ImageReader::with_format(Cursor::new(content), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| refusal(&error))?;
    // Before a byte of it is unpacked: a bomb says how large it will be, or its decoder stops at the limit.
    let (width, height) = decoder.dimensions();
    if width > SIDE_MAX || height > SIDE_MAX || decoder.total_bytes() > DECODED_MAX_BYTES {
        return Err(MediaError::TooManyPixels);
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(|error| refusal(&error))?;
    // A phone writes its pictures as its sensor lies, and how it was held beside them.
    image.apply_orientation(orientation);
    Ok((image, format))
}

fn refusal(error: &ImageError) -> MediaError {
    match error {
        ImageError::Limits(_) => MediaError::TooManyPixels,
        _ => MediaError::Damaged,
    }
}

/// Whether the end of a JPEG is there: its decoder draws one that was cut off without a word. The mark of the end can't
/// occur in the data behind the last start of a scan.
fn is_whole_jpeg(content: &[u8]) -> bool {
    let pairs = || content.windows(2);
    let scan = pairs().rposition(|pair| pair == [0xff, 0xda]);
    scan.is_some_and(|scan| pairs().skip(scan).any(|pair| pair == [0xff, 0xd9]))
}

fn thumbnail(image: DynamicImage) -> Result<Bytes, MediaError> {
    let fits = image.width() <= THUMBNAIL_WIDTH_MAX && image.height() <= THUMBNAIL_HEIGHT_MAX;
    let mut small = if fits { image } else { image.thumbnail(THUMBNAIL_WIDTH_MAX, THUMBNAIL_HEIGHT_MAX) };
    loop {
        let opaque = on_white(&small);
        for quality in QUALITIES {
            let mut encoded = Vec::new();
            opaque
                .write_with_encoder(JpegEncoder::new_with_quality(&mut encoded, quality))
                .map_err(|error| refusal(&error))?;
            if encoded.len() <= THUMBNAIL_MAX_BYTES {
                return Ok(encoded.into());
            }
        }
        small = small.thumbnail(three_quarters(small.width()), three_quarters(small.height()));
    }
}

fn three_quarters(pixels: u32) -> u32 {
    (pixels - pixels / 4).max(1)
}

/// The picture without its transparency, which a JPEG can't hold.
fn on_white(image: &DynamicImage) -> DynamicImage {
    if !image.color().has_alpha() {
        return DynamicImage::ImageRgb8(image.to_rgb8());
    }
    let mut canvas = RgbaImage::from_pixel(image.width(), image.height(), Rgba([255; 4]));
    imageops::overlay(&mut canvas, &image.to_rgba8(), 0, 0);
    DynamicImage::ImageRgb8(DynamicImage::ImageRgba8(canvas).to_rgb8())
}
