//! Deliveries of what the adapter makes itself: QR codes, pictures of how a payment ended, text files.

use image::GenericImageView as _;
use warung_emulators::telegram::{Fault, FaultKind, MediaKind, Message};
use warung_proto::messaging::{
    Content, EditMessage, QrCode, StatusPicture, TextFile, content::Media, delivery::Operation,
    delivery_report::Outcome, refused, status_picture::Status,
};

use crate::{
    deliveries::{send, text},
    world::{BUDI, SITI, World, texts},
};

const PAYLOAD: &str = "00020101021226CONTOH5204000053033605405500005802ID6304ABCD";

fn code(words: &str) -> Content {
    Content { media: Some(Media::QrCode(QrCode { payload: PAYLOAD.to_owned() })), ..text(words) }
}

fn ended(words: &str, status: Status) -> Content {
    Content { media: Some(Media::StatusPicture(StatusPicture { status: status.into() })), ..text(words) }
}

fn file(words: &str, name: &str) -> Content {
    Content { media: Some(Media::TextFile(TextFile { name: name.to_owned() })), ..text(words) }
}

fn bytes(world: &World, message: &Message) -> Vec<u8> {
    let media = message.content.media.as_ref().expect("a file");
    world.sim.file_bytes(&media.file_unique_id).expect("bytes that were uploaded").to_vec()
}

fn refused(description: &str) -> Fault {
    let description = Some(description.to_owned());
    Fault::next("editMessageMedia", FaultKind::Status { code: 400, description, retry_after: None })
}

/// Whatever a reader finds in a picture.
fn read(picture: &[u8]) -> Option<String> {
    let picture = image::load_from_memory(picture).unwrap().to_luma8();
    let (width, height) = (picture.width().try_into().unwrap(), picture.height().try_into().unwrap());
    let at = |x: usize, y: usize| picture.get_pixel(x.try_into().unwrap(), y.try_into().unwrap()).0[0];
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, at);
    prepared.detect_grids().first().map(|grid| grid.decode().unwrap().1)
}

#[tokio::test]
async fn a_code_arrives_as_a_picture_that_is_read_back_and_its_id_is_not_kept() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    for words in ["Tagihan 1", "Tagihan 2"] {
        let outcome = world.core.outcome(&world.core.deliver(BUDI, send(code(words)))).await;
        let Outcome::Sent(sent) = outcome else { panic!("{outcome:?}") };
        assert_eq!(sent.uploaded_file_id, "", "a code is of no use to any other message");
        let message = world.message(&budi, words).await;
        assert!(message.has(MediaKind::Photo) && message.message_id == sent.message_id);
        assert_eq!(read(&bytes(&world, &message)).as_deref(), Some(PAYLOAD));
    }
    let calls = world.calls("sendphoto", BUDI);
    assert_eq!(calls.len(), 2, "each code is uploaded for itself");
}

#[tokio::test]
async fn once_it_has_ended_no_code_stays_in_the_message() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    let outcome = world.core.outcome(&world.core.deliver(BUDI, send(code("Tagihan")))).await;
    let Outcome::Sent(sent) = outcome else { panic!("{outcome:?}") };
    let ends = [(Status::Paid, "Lunas"), (Status::Expired, "Kedaluwarsa"), (Status::Cancelled, "Batal")];
    for (status, words) in ends {
        let edit = EditMessage { message_id: sent.message_id, content: Some(ended(words, status)) };
        let outcome = world.core.outcome(&world.core.deliver(BUDI, Operation::Edit(edit))).await;
        assert!(matches!(&outcome, Outcome::Sent(again) if again.message_id == sent.message_id), "{outcome:?}");
        let message = world.message(&budi, words).await;
        assert_eq!(message.message_id, sent.message_id);
        let picture = bytes(&world, &message);
        assert_eq!(read(&picture), None, "nothing is left to be paid");
        assert_eq!(image::load_from_memory(&picture).unwrap().dimensions(), (640, 640));
        assert!(message.content.keyboard.is_empty());
    }
}

#[tokio::test]
async fn an_end_that_is_told_twice_or_of_a_message_that_is_gone_is_done() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    let outcome = world.core.outcome(&world.core.deliver(BUDI, send(code("Tagihan")))).await;
    let Outcome::Sent(sent) = outcome else { panic!("{outcome:?}") };
    let edit = |message_id| Operation::Edit(EditMessage { message_id, content: Some(ended("Lunas", Status::Paid)) });
    let not_modified = "Bad Request: message is not modified: specified new message content and reply markup are exactly \
                        the same as a current content and reply markup of the message";
    world.fault(refused(not_modified));
    let outcome = world.core.outcome(&world.core.deliver(BUDI, edit(sent.message_id))).await;
    assert!(matches!(&outcome, Outcome::Sent(again) if again.message_id == sent.message_id), "{outcome:?}");
    for words in ["message to edit not found", "MESSAGE_ID_INVALID"] {
        world.fault(refused(&format!("Bad Request: {words}")));
        let outcome = world.core.outcome(&world.core.deliver(BUDI, edit(sent.message_id))).await;
        assert!(matches!(&outcome, Outcome::Sent(gone) if gone.message_id == sent.message_id), "{words}: {outcome:?}");
    }
    let words = "message can't be edited";
    world.fault(refused(&format!("Bad Request: {words}")));
    let outcome = world.core.outcome(&world.core.deliver(BUDI, edit(sent.message_id))).await;
    assert!(matches!(&outcome, Outcome::Failed(refused) if refused.description.contains(words)), "{outcome:?}");
    assert_eq!(texts(&budi), ["Tagihan"], "what could not be changed stays as it is");
}

#[tokio::test]
async fn long_goods_arrive_as_a_file_with_its_name_and_whole() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    // Larger than any message of the API, in pages that break within a letter.
    let goods = "akun@contoh.id:rahasia <&> 🎬 عمر\n".repeat(150_000);
    assert!(goods.len() > 4 * 1024 * 1024);
    world.core.change(|state| state.file_pages = goods.as_bytes().chunks(1_000_001).map(<[u8]>::to_vec).collect());
    let outcome = world.core.outcome(&world.core.deliver(BUDI, send(file("Isi", "tg7-abc.txt")))).await;
    let Outcome::Sent(sent) = outcome else { panic!("{outcome:?}") };
    assert_eq!(sent.uploaded_file_id, "");
    let message = world.message(&budi, "Isi").await;
    assert!(message.has(MediaKind::Document) && message.message_id == sent.message_id);
    assert_eq!(String::from_utf8(bytes(&world, &message)).unwrap(), goods);
    let chat = serde_json::to_string(&budi.chat(crate::world::MAIN).unwrap().files).unwrap();
    assert!(chat.contains("tg7-abc.txt"), "{chat}");
}

#[tokio::test]
async fn a_file_that_is_too_large_or_not_to_be_had_holds_up_nobody() {
    let (world, _adapter) = World::with_adapter().await;
    let siti = world.started(SITI);
    world.started(BUDI);
    world.core.change(|state| state.file_pages = vec![vec![b'x'; 1_000_000]; 53]);
    let outcome = world.core.outcome(&world.core.deliver(BUDI, send(file("Isi", "besar.txt")))).await;
    let Outcome::Failed(refused) = outcome else { panic!("{outcome:?}") };
    assert_eq!(refused.fault(), refused::Fault::FileTooLarge);
    world.core.change(|state| state.file_pages.clear());
    let outcome = world.core.outcome(&world.core.deliver(BUDI, send(file("Isi", "hilang.txt")))).await;
    assert!(matches!(outcome, Outcome::Unavailable(_)), "{outcome:?}");
    world.core.outcome(&world.core.deliver(SITI, send(text("Halo")))).await;
    assert_eq!(texts(&siti), ["Halo"]);
}

#[tokio::test]
async fn what_can_t_be_made_fails_and_tells_nothing_of_it() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    let too_long = QrCode { payload: "rahasia".repeat(1_000) };
    let impossible = [Content { media: Some(Media::QrCode(too_long)), ..text("x") }, ended("x", Status::Unspecified)];
    for content in impossible {
        let outcome = world.core.outcome(&world.core.deliver(BUDI, send(content))).await;
        let Outcome::Failed(refused) = outcome else { panic!("{outcome:?}") };
        assert!(!refused.description.contains("rahasia"), "{}", refused.description);
    }
    assert_eq!(texts(&budi), Vec::<String>::new());
}
