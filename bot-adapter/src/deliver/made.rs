//! Pictures that the adapter makes itself: QR codes, and how a payment ended.
//!
//! What a QR code holds is worth money: it is neither logged nor kept.

use std::io::Cursor;

use bytes::Bytes;
use image::{DynamicImage, GrayImage, ImageFormat, Luma};
use qrcode::{Color, QrCode};
use warung_proto::messaging::{content::Media, status_picture::Status};

use crate::telegram::{CallError, Upload};

/// The least width of a QR code's picture, in pixels.
const QR_WIDTH_MIN: u32 = 512;
/// The light border that readers need, in modules.
const QUIET_ZONE: u32 = 4;

/// A picture that was made for one message.
pub(super) struct Made(Bytes);

impl Made {
    /// The picture as the parameter `name` of a call.
    pub(super) fn upload(&self, name: &'static str) -> Upload {
        let (file_name, content_type) = ("picture.png".to_owned(), "image/png".to_owned());
        Upload { name, file_name, content: self.0.clone(), content_type }
    }
}

/// Makes the picture of a medium. What can't be made is refused as Telegram would refuse it: trying again would not help.
pub(super) fn make(media: &Media) -> Result<Made, CallError> {
    let made = match media {
        Media::QrCode(code) => draw(&code.payload).map(Made),
        Media::StatusPicture(picture) => status(picture.status()).map(Bytes::from_static).map(Made),
        Media::Photo(_) | Media::Video(_) | Media::TextFile(_) => None,
    };
    made.ok_or_else(|| CallError::Refused {
        code: 0,
        description: "the delivery is malformed: a picture that can't be made".to_owned(),
        retry_after: None,
    })
}

fn status(status: Status) -> Option<&'static [u8]> {
    match status {
        Status::Paid => Some(include_bytes!("../../assets/paid.png")),
        Status::Expired => Some(include_bytes!("../../assets/expired.png")),
        Status::Cancelled => Some(include_bytes!("../../assets/cancelled.png")),
        Status::Credited => Some(include_bytes!("../../assets/credited.png")),
        Status::Unspecified => None,
    }
}

/// The code as a PNG, dark on white; `None` when no code holds so much.
fn draw(payload: &str) -> Option<Bytes> {
    let code = QrCode::new(payload).ok()?;
    let modules = u32::try_from(code.width()).ok()?;
    let scale = QR_WIDTH_MIN.div_ceil(modules + 2 * QUIET_ZONE);
    let width = (modules + 2 * QUIET_ZONE) * scale;
    let module = |pixel: u32| (pixel / scale).checked_sub(QUIET_ZONE).filter(|module| *module < modules);
    let colors = code.to_colors();
    let is_dark = |x: u32, y: u32| {
        let place = module(y)?.checked_mul(modules)?.checked_add(module(x)?)?;
        Some(*colors.get(usize::try_from(place).ok()?)? == Color::Dark)
    };
    let picture = GrayImage::from_fn(width, width, |x, y| Luma([if is_dark(x, y) == Some(true) { 0 } else { 255 }]));
    let mut png = Cursor::new(Vec::new());
    DynamicImage::ImageLuma8(picture).write_to(&mut png, ImageFormat::Png).ok()?;
    Some(png.into_inner().into())
}

#[cfg(test)]
mod tests {
    use image::GenericImageView as _;
    use proptest::prelude::*;
    use warung_proto::messaging::{QrCode as Code, StatusPicture};

    use super::*;

    /// What a reader finds in a picture.
    fn read(png: &[u8]) -> String {
        let picture = image::load_from_memory(png).unwrap().to_luma8();
        let (width, height) = picture.dimensions();
        let at = |x: usize, y: usize| picture.get_pixel(u32::try_from(x).unwrap(), u32::try_from(y).unwrap()).0[0];
        let (width, height) = (usize::try_from(width).unwrap(), usize::try_from(height).unwrap());
        let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, at);
        prepared.detect_grids()[0].decode().unwrap().1
    }

    const QRIS: &str = "00020101021226670016COM.CONTOH.WWW01189360050300000879140214107456374359710303UMI5204511153033605405500005802ID5907CONTOH.6005TEGAL61055211162070703A0163041D16";

    #[test]
    fn a_code_is_read_back_and_has_room_around_it() {
        let png = draw(QRIS).unwrap();
        assert_eq!(read(&png), QRIS);
        let picture = image::load_from_memory(&png).unwrap();
        let (width, height) = picture.dimensions();
        assert!(width == height && width >= QR_WIDTH_MIN, "{width} by {height}");
        let picture = picture.to_luma8();
        let first_dark = (0..width).find(|x| picture.get_pixel(*x, *x).0[0] == 0).unwrap();
        let scale = first_dark / QUIET_ZONE;
        assert!(first_dark % QUIET_ZONE == 0 && scale >= 4, "the border is {first_dark} pixels wide");
        let border = (0..width).flat_map(|along| (0..first_dark).map(move |across| (along, across)));
        assert!(border.into_iter().all(|(x, y)| picture.get_pixel(x, y).0[0] == 255));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn every_code_of_an_invoice_is_read_back(payload in "[ -~]{1,300}") {
            prop_assert_eq!(read(&draw(&payload).unwrap()), payload);
        }
    }

    #[test]
    fn the_longest_code_that_the_core_sends_is_drawn_and_what_no_code_holds_is_refused() {
        assert_eq!(read(&draw(&"a".repeat(1_000)).unwrap()).len(), 1_000);
        assert!(draw(&"a".repeat(5_000)).is_none());
        let refused = make(&Media::QrCode(Code { payload: "a".repeat(5_000) })).err().unwrap();
        assert!(!refused.to_string().contains("aaa"), "no code is told");
    }

    #[test]
    fn each_end_of_a_payment_has_a_picture_of_its_own() {
        let picture = |status: Status| make(&Media::StatusPicture(StatusPicture { status: status.into() }));
        let ends = [Status::Paid, Status::Expired, Status::Cancelled, Status::Credited];
        let pictures: std::collections::HashSet<_> = ends.map(|status| picture(status).unwrap().0).into();
        assert_eq!(pictures.len(), ends.len());
        for content in pictures {
            assert_eq!(image::load_from_memory(&content).unwrap().dimensions(), (640, 640));
        }
        assert!(picture(Status::Unspecified).is_err());
    }
}
