//! Topics of a private chat, which the owner of a bot may switch on.

use serde_json::json;

use crate::{
    core::PATIENCE,
    deliveries::{send, text},
    world::{BUDI, MAIN, World, current},
};

const TOPIC: i64 = 77;

#[tokio::test]
async fn a_direct_answer_goes_to_the_topic_that_asked_and_a_delivery_to_the_chat() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    budi.send_message(MAIN, &json!({"text": "/help", "message_thread_id": TOPIC, "is_topic_message": true})).unwrap();
    world.idle().await;
    let help = current(&budi);
    assert_eq!(help.topic, Some(TOPIC));
    // A thread of replies is no topic.
    budi.send_message(MAIN, &json!({"text": "/vip", "message_thread_id": TOPIC, "is_topic_message": null})).unwrap();
    world.idle().await;
    assert_eq!(current(&budi).topic, None);
    let delivery = world.core.deliver(BUDI, send(text("Halo")));
    world.core.outcome(&delivery).await;
    assert_eq!(world.message(&budi, "Halo").await.topic, None);
    // A screen that can't take the place of the one that was pressed comes beside it.
    budi.press_button(MAIN, help.message_id, "🌐 Bahasa").unwrap();
    world.idle().await;
    world.tap_on(&budi, help.message_id, "🏠 Menu").await;
    assert_eq!(current(&budi).topic, None, "the answer to the other message is still the last");
    assert_eq!(world.message(&budi, "Selamat datang").await.topic, Some(TOPIC));
}

#[tokio::test]
async fn an_answer_to_a_topic_that_is_gone_goes_to_the_chat() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    let fields = json!({"text": "/help", "message_thread_id": TOPIC, "is_topic_message": true});
    world.core.change(|state| state.frozen = true);
    budi.send_message(MAIN, &fields).unwrap();
    budi.delete_topic(MAIN, TOPIC).unwrap();
    world.core.change(|state| state.frozen = false);
    let help = budi.wait_for_message(MAIN, |message| message.text().contains("Cara memakai"), PATIENCE).await.unwrap();
    assert_eq!(help.topic, None);
    world.idle().await;
    let sends = world.calls("sendmessage", BUDI);
    assert_eq!(sends.iter().map(|call| call.status).collect::<Vec<_>>(), [400, 200]);
}
