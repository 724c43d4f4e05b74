//! Deliveries that arrive.

use warung_emulators::telegram::{ButtonAction, Channel, FileSpec, MediaKind, User};
use warung_proto::messaging::{
    Action, ActionRow, Bot, Content, CopyMessage, DeleteMessage, EditMessage, Photo, SendMessage, Sent, Video,
    action::Kind, content::Media, delivery::Operation, delivery_report::Outcome,
};

use crate::world::{BUDI, MAIN, MINI_APP, OWNER, SITI, World, picture, texts};

pub(crate) fn text(words: &str) -> Content {
    Content { text_html: words.to_owned(), ..Content::default() }
}

pub(crate) fn send(content: Content) -> Operation {
    Operation::Send(SendMessage { content: Some(content) })
}

fn with_photo(words: &str, media_id: &str, file_id: &str) -> Content {
    let photo = Photo { media_id: media_id.to_owned(), file_id: file_id.to_owned() };
    Content { media: Some(Media::Photo(photo)), ..text(words) }
}

fn row(kinds: Vec<(&str, Kind)>) -> ActionRow {
    let action = |(label, kind): (&str, Kind)| Action { label: label.to_owned(), kind: Some(kind) };
    ActionRow { actions: kinds.into_iter().map(action).collect() }
}

fn sent(outcome: Outcome) -> Sent {
    match outcome {
        Outcome::Sent(sent) => sent,
        other => panic!("not sent: {other:?}"),
    }
}

fn failed(outcome: Outcome) -> String {
    match outcome {
        Outcome::Failed(refused) => refused.description,
        other => panic!("not failed: {other:?}"),
    }
}

#[tokio::test]
async fn a_message_arrives_with_its_form_and_is_reported_with_its_id() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    let content = Content {
        rows: vec![
            row(vec![("Tonton Sekarang", Kind::CallbackData("v1:h".to_owned()))]),
            row(vec![
                ("Situs", Kind::Url("https://example.org/x".to_owned())),
                ("Film", Kind::MiniAppPath("#/titles/ttl_1".to_owned())),
            ]),
        ],
        protect_content: true,
        silent: true,
        without_preview: true,
        ..text("<b>Halo</b> &lt;Budi&gt; &amp; 🎬 سلام")
    };
    let delivery = world.core.deliver(BUDI, send(content));
    let sent = sent(world.core.outcome(&delivery).await);
    let message = world.message(&budi, "Halo").await;
    assert_eq!(message.message_id, sent.message_id);
    assert_eq!(message.text(), "Halo <Budi> & 🎬 سلام");
    assert!(message.protect_content);
    let action = |label| message.button(label).map(|button| button.action.clone());
    assert_eq!(action("Tonton Sekarang"), Some(ButtonAction::Callback("v1:h".to_owned())));
    assert_eq!(action("Situs"), Some(ButtonAction::Url("https://example.org/x".to_owned())));
    assert_eq!(action("Film"), Some(ButtonAction::WebApp(format!("{MINI_APP}#/titles/ttl_1"))));
    let call = &world.calls("sendmessage", BUDI)[0];
    assert_eq!(call.params["disable_notification"], true);
    assert_eq!(call.params["link_preview_options"]["is_disabled"], true);
}

#[tokio::test]
async fn a_picture_is_uploaded_and_its_id_serves_the_next() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    world.core.change(|state| state.media.insert("med_1".to_owned(), (picture(), "image/png".to_owned())));
    let content = Content {
        protect_content: true,
        rows: vec![row(vec![("Tonton", Kind::CallbackData("v1:h".to_owned()))])],
        ..with_photo("<i>Satu</i> & 🎬", "med_1", "")
    };
    let first = sent(world.core.outcome(&world.core.deliver(BUDI, send(content))).await);
    assert!(!first.uploaded_file_id.is_empty());
    let message = world.message(&budi, "Satu").await;
    assert_eq!(message.content.media.as_ref().map(|media| media.kind), Some(MediaKind::Photo));
    assert!(message.protect_content && message.button("Tonton").is_some());
    assert_eq!(message.text(), "Satu & 🎬");

    let content = with_photo("Dua", "med_1", &first.uploaded_file_id);
    let second = sent(world.core.outcome(&world.core.deliver(BUDI, send(content))).await);
    assert_eq!(second.uploaded_file_id, "", "nothing was uploaded");
    assert_eq!(world.core.state().media_asked, 1);
    assert!(world.message(&budi, "Dua").await.content.media.is_some());
}

#[tokio::test]
async fn a_poster_that_many_wait_for_is_uploaded_by_the_first_few_alone() {
    let (world, _adapter) = World::with_adapter().await;
    world.core.change(|state| state.media.insert("med_1".to_owned(), (picture(), "image/png".to_owned())));
    let started = |id| {
        world.sim.add_user(User::new(id, "Pembeli"));
        world.started(id)
    };
    let users: Vec<_> = (5_001..=5_030).map(started).collect();
    let deliver = |id| world.core.deliver(id, send(with_photo("Film", "med_1", "")));
    let deliveries: Vec<_> = (5_001..=5_030).map(deliver).collect();
    let mut uploads = 0;
    for delivery in &deliveries {
        uploads += u32::from(!sent(world.core.outcome(delivery).await).uploaded_file_id.is_empty());
    }
    for user in &users {
        let message = world.message(user, "Film").await;
        assert_eq!(message.content.media.as_ref().map(|media| media.kind), Some(MediaKind::Photo));
    }
    assert!((1..=4).contains(&uploads), "{uploads} uploads");
    assert_eq!(world.core.state().media_asked, uploads);
}

#[tokio::test]
async fn a_stored_picture_id_that_is_refused_is_replaced_by_an_upload() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    world.core.change(|state| state.media.insert("med_1".to_owned(), (picture(), "image/png".to_owned())));
    let delivery = world.core.deliver(BUDI, send(with_photo("Film", "med_1", "AgAD-of-another-bot")));
    let sent = sent(world.core.outcome(&delivery).await);
    assert!(!sent.uploaded_file_id.is_empty());
    assert!(world.message(&budi, "Film").await.content.media.is_some());
    assert_eq!(texts(&budi).len(), 1);
}

#[tokio::test]
async fn a_poster_that_can_t_be_had_or_shown_does_not_lose_the_film() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    world
        .core
        .change(|state| state.media.insert("med_broken".to_owned(), (b"no picture".to_vec(), "image/png".to_owned())));
    for media in ["med_absent", "med_broken"] {
        let delivery = world.core.deliver(BUDI, send(with_photo(media, media, "")));
        let sent = sent(world.core.outcome(&delivery).await);
        let message = world.message(&budi, media).await;
        assert_eq!((message.message_id, sent.uploaded_file_id.as_str()), (sent.message_id, ""));
        assert!(message.content.media.is_none());
    }
}

#[tokio::test]
async fn a_caption_that_is_too_long_for_a_picture_goes_as_text() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    world.core.change(|state| state.media.insert("med_1".to_owned(), (picture(), "image/png".to_owned())));
    let words = format!("Panjang {}", "🎬".repeat(600));
    let delivery = world.core.deliver(BUDI, send(with_photo(&words, "med_1", "")));
    sent(world.core.outcome(&delivery).await);
    assert_eq!(world.message(&budi, "Panjang").await.text(), words);
}

#[tokio::test]
async fn a_video_goes_by_its_id_protected_and_one_of_another_bot_fails() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    world.sim.register_file(MAIN, "BAAC-ours", FileSpec::video("film.mp4", 5_400));
    world.sim.register_file(OWNER, "BAAC-theirs", FileSpec::video("film.mp4", 5_400));
    let video = |file_id: &str| {
        let video = Video { file_id: file_id.to_owned(), duration_seconds: 5_400 };
        send(Content { media: Some(Media::Video(video)), protect_content: true, ..text("Episode 1") })
    };
    sent(world.core.outcome(&world.core.deliver(BUDI, video("BAAC-ours"))).await);
    let message = world.message(&budi, "Episode 1").await;
    assert!(message.protect_content && message.content.media.is_some());
    let words = failed(world.core.outcome(&world.core.deliver(BUDI, video("BAAC-theirs"))).await);
    assert!(words.contains("wrong file identifier"), "{words}");
}

#[tokio::test]
async fn a_message_is_copied_and_a_lost_source_is_not_taken_for_a_lost_user() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    world.sim.add_channel(Channel { id: -1_001, title: "Gudang".to_owned(), bots: Vec::new() });
    let video = world.sim.post_video(-1_001, "asli", FileSpec::video("film.mp4", 60)).unwrap();
    let copy = |from_chat_id, message_id| {
        Operation::Copy(CopyMessage {
            from_chat_id,
            message_id,
            caption_html: "<b>Salinan</b>".to_owned(),
            protect_content: true,
            ..CopyMessage::default()
        })
    };
    let delivery = world.core.deliver(BUDI, copy(video.chat_id, video.message_id));
    let copied = sent(world.core.outcome(&delivery).await);
    let message = world.message(&budi, "Salinan").await;
    assert_eq!(message.message_id, copied.message_id);
    assert!(message.protect_content && message.content.media.is_some());

    let words = failed(world.core.outcome(&world.core.deliver(BUDI, copy(-1_002, 1))).await);
    assert!(words.contains("chat to copy from"), "{words}");
    let words = failed(world.core.outcome(&world.core.deliver(BUDI, copy(video.chat_id, 999))).await);
    assert!(words.contains("message to copy not found"), "{words}");
    // Siti has never started the bot: here it is the user who is lost.
    let outcome = world.core.outcome(&world.core.deliver(SITI, copy(video.chat_id, video.message_id))).await;
    assert!(matches!(outcome, Outcome::NeverStarted(_)), "{outcome:?}");
}

#[tokio::test]
async fn an_edit_changes_words_or_caption_and_no_change_counts_as_done() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    for media in ["med_1", "med_2"] {
        world.core.change(|state| state.media.insert(media.to_owned(), (picture(), "image/png".to_owned())));
    }
    let plain = sent(world.core.outcome(&world.core.deliver(BUDI, send(text("Lama")))).await);
    let photo = sent(world.core.outcome(&world.core.deliver(BUDI, send(with_photo("Poster", "med_1", "")))).await);
    let edit = |message_id, content| Operation::Edit(EditMessage { message_id, content: Some(content) });

    for _ in 0..2 {
        let outcome = world.core.outcome(&world.core.deliver(BUDI, edit(plain.message_id, text("Baru")))).await;
        assert_eq!(sent(outcome).message_id, plain.message_id);
    }
    assert_eq!(world.message(&budi, "Baru").await.message_id, plain.message_id);
    sent(world.core.outcome(&world.core.deliver(BUDI, edit(photo.message_id, text("Keterangan")))).await);
    let message = world.message(&budi, "Keterangan").await;
    assert!(message.message_id == photo.message_id && message.content.media.is_some());
    let other = with_photo("Poster lain", "med_2", "");
    let uploaded = sent(world.core.outcome(&world.core.deliver(BUDI, edit(photo.message_id, other))).await);
    assert!(!uploaded.uploaded_file_id.is_empty());
    let again = with_photo("Poster ketiga", "med_2", &uploaded.uploaded_file_id);
    sent(world.core.outcome(&world.core.deliver(BUDI, edit(photo.message_id, again))).await);
    world.message(&budi, "Poster ketiga").await;
}

#[tokio::test]
async fn a_delete_is_done_also_when_the_message_is_gone() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    let message = sent(world.core.outcome(&world.core.deliver(BUDI, send(text("Hapus")))).await);
    let delete = Operation::Delete(DeleteMessage { message_id: message.message_id });
    for _ in 0..2 {
        let outcome = world.core.outcome(&world.core.deliver(BUDI, delete.clone())).await;
        assert_eq!(sent(outcome).message_id, 0);
    }
    assert!(budi.messages(MAIN).unwrap().iter().all(|message| message.deleted || !message.from_bot));
}

#[tokio::test]
async fn the_owner_s_bot_carries_its_own_deliveries() {
    let (world, _adapter) = World::with_adapter().await;
    world.budi().allow_write(OWNER).unwrap();
    let delivery = world.core.deliver_by(Bot::Owner, BUDI, send(text("Peringatan")));
    sent(world.core.outcome(&delivery).await);
    let messages = world.budi().messages(OWNER).unwrap();
    assert!(messages.iter().any(|message| message.text() == "Peringatan"));
}

#[tokio::test]
async fn deliveries_of_a_chat_arrive_in_order() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    world.started(SITI);
    let mut last = String::new();
    for number in 0..20 {
        last = world.core.deliver(BUDI, send(text(&number.to_string())));
        world.core.deliver(SITI, send(text(&number.to_string())));
    }
    sent(world.core.outcome(&last).await);
    let expected: Vec<_> = (0..20).map(|number: i32| number.to_string()).collect();
    assert_eq!(texts(&budi), expected);
}

#[tokio::test]
async fn malformed_deliveries_fail_and_disturb_nothing() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    let malformed = [
        Operation::Send(SendMessage { content: None }),
        Operation::Delete(DeleteMessage { message_id: i64::MAX }),
        Operation::Edit(EditMessage { message_id: 0, content: Some(text("x")) }),
        send(text("<b>unclosed")),
        send(text(&"🎬".repeat(2_049))),
    ];
    for operation in malformed {
        failed(world.core.outcome(&world.core.deliver(BUDI, operation)).await);
    }
    sent(world.core.outcome(&world.core.deliver(BUDI, send(text("Masih jalan")))).await);
    assert_eq!(texts(&budi), ["Masih jalan"]);
}
