//! The Bot API's methods, forms and refusals.

use crate::support::{ALICE, BOT, CHANNEL, OWNER_TOKEN, STRANGER, TOKEN, World, world};
use reqwest::StatusCode;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use warung_emulators::telegram::{FileSpec, MediaKind, Rules, User};

/// The smallest PNG header that says 800 by 1200.
fn png() -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    png.extend(800_u32.to_be_bytes());
    png.extend(1200_u32.to_be_bytes());
    png
}

async fn description(world: &World, method: &str, params: Value) -> String {
    world.refused(method, params).await.1
}

#[tokio::test]
async fn a_method_is_found_in_any_case_and_takes_every_kind_of_body() {
    let world = world().await;
    let json = world.ok("SendMessage", json!({"chat_id": ALICE, "text": "json"})).await;
    assert_eq!(json["text"], "json");
    let query = format!("{}?chat_id={ALICE}&text=a+query", world.method(TOKEN, "sendmessage"));
    let query: Value = world.http.get(query).send().await.unwrap().json().await.unwrap();
    assert_eq!(query["result"]["text"], "a query");
    let form: Value = world
        .http
        .post(world.method(TOKEN, "sendMessage"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("chat_id={ALICE}&text=a%20form&protect_content=true"))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(form["result"]["has_protected_content"], json!(true));
    let parts = Form::new().text("chat_id", ALICE.to_string()).text("text", "parts");
    let parts = world.http.post(world.method(TOKEN, "SendMessage")).multipart(parts).send().await.unwrap();
    assert_eq!(parts.json::<Value>().await.unwrap()["result"]["text"], "parts");
    let texts: Vec<String> =
        world.sim.user(ALICE).messages(BOT).unwrap().into_iter().map(|message| message.content.text).collect();
    assert_eq!(texts, ["/start", "json", "a query", "a form", "parts"]);
}

#[tokio::test]
async fn an_unknown_method_and_a_wrong_token_are_refused_as_telegram_does() {
    let world = world().await;
    let (status, body) = world.call_as(TOKEN, "makeCoffee", json!({})).await;
    assert_eq!(
        (status, body),
        (StatusCode::NOT_FOUND, json!({"ok": false, "error_code": 404, "description": "Not Found"}))
    );
    let (status, body) = world.call_as("42:WRONG", "getMe", json!({})).await;
    assert_eq!(
        (status, body),
        (StatusCode::UNAUTHORIZED, json!({"ok": false, "error_code": 401, "description": "Unauthorized"}))
    );
}

#[tokio::test]
async fn get_me_names_the_bot_of_the_token() {
    let world = world().await;
    let me = world.ok("getMe", json!({})).await;
    assert_eq!((me["id"].as_i64(), me["username"].as_str()), (Some(42), Some("warung_bot")));
    let (_, owner) = world.call_as(OWNER_TOKEN, "GetMe", json!(null)).await;
    assert_eq!(owner["result"]["id"], 43);
}

#[tokio::test]
async fn a_user_is_reachable_only_while_the_bot_may_write() {
    let world = world().await;
    let say = |chat_id: i64| json!({"chat_id": chat_id, "text": "hi"});
    assert_eq!(world.refused("sendMessage", say(999)).await, (400, "Bad Request: chat not found".into()));
    assert_eq!(
        world.refused("sendMessage", say(STRANGER)).await,
        (403, "Forbidden: bot can't initiate conversation with a user".into())
    );
    world.sim.user(STRANGER).allow_write(BOT).unwrap();
    world.ok("sendMessage", say(STRANGER)).await;
    world.sim.user(ALICE).block(BOT).unwrap();
    assert_eq!(world.refused("sendMessage", say(ALICE)).await, (403, "Forbidden: bot was blocked by the user".into()));
    world.sim.user(ALICE).unblock(BOT).unwrap();
    world.ok("sendMessage", say(ALICE)).await;
    world.sim.user(ALICE).deactivate().unwrap();
    assert_eq!(world.refused("sendMessage", say(ALICE)).await, (403, "Forbidden: user is deactivated".into()));
}

#[tokio::test]
async fn a_text_is_counted_in_utf16_units_after_its_tags() {
    let world = world().await;
    let say = |text: String| json!({"chat_id": ALICE, "text": text, "parse_mode": "HTML"});
    // One emoji is two units, so 2,048 of them are just within the limit, tags not counted.
    world.ok("sendMessage", say(format!("<b>{}</b>", "😀".repeat(2048)))).await;
    let too_long = description(&world, "sendMessage", say(format!("{}!", "😀".repeat(2048)))).await;
    assert_eq!(too_long, "Bad Request: message is too long");
    assert_eq!(description(&world, "sendMessage", say(String::new())).await, "Bad Request: message text is empty");
    assert_eq!(description(&world, "sendMessage", say(" \n ".into())).await, "Bad Request: text must be non-empty");
}

#[tokio::test]
async fn a_caption_has_its_own_limit() {
    let world = world().await;
    let photo = |caption: String| json!({"chat_id": ALICE, "photo": "https://example.test/p.jpg", "caption": caption});
    world.ok("sendPhoto", photo("é".repeat(1024))).await;
    assert_eq!(
        description(&world, "sendPhoto", photo("é".repeat(1025))).await,
        "Bad Request: message caption is too long"
    );
}

#[tokio::test]
async fn a_button_must_be_one_that_telegram_takes() {
    let world = world().await;
    let with = |button: Value| json!({"chat_id": ALICE, "text": "x", "reply_markup": {"inline_keyboard": [[button]]}});
    world.ok("sendMessage", with(json!({"text": "a", "callback_data": "x".repeat(64)}))).await;
    for data in ["x".repeat(65), "é".repeat(33), String::new()] {
        let refusal = description(&world, "sendMessage", with(json!({"text": "a", "callback_data": data}))).await;
        assert_eq!(refusal, "Bad Request: BUTTON_DATA_INVALID");
    }
    let refusal = description(&world, "sendMessage", with(json!({"text": "a", "url": "no address"}))).await;
    assert_eq!(refusal, "Bad Request: inline keyboard button URL 'no address' is invalid: Wrong HTTP URL");
    let refusal = description(&world, "sendMessage", with(json!({"text": "a"}))).await;
    assert_eq!(
        refusal,
        "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
    );
}

#[tokio::test]
async fn a_strict_telegram_takes_only_https_mini_apps() {
    let world = crate::support::world_with_rules(Rules { allow_http_web_app: false, ..Rules::default() }).await;
    let with = |url: &str| {
        json!({"chat_id": ALICE, "text": "x",
               "reply_markup": {"inline_keyboard": [[{"text": "a", "web_app": {"url": url}}]]}})
    };
    world.ok("sendMessage", with("https://shop.example/app/")).await;
    assert_eq!(
        description(&world, "sendMessage", with("http://shop.example/app/")).await,
        "Bad Request: inline keyboard button Web App URL 'http://shop.example/app/' is invalid: Only HTTPS links are allowed"
    );
}

#[tokio::test]
async fn html_becomes_entities_in_utf16_offsets() {
    let world = world().await;
    let text = "😀 <b>tebal <i>miring</i></b> &lt;x&gt; <a href=\"https://example.test/?a=1&amp;b=2\">tautan</a> \
                <span class=\"tg-spoiler\">s</span><pre><code class=\"language-rust\">fn</code></pre>";
    let sent = world.ok("sendMessage", json!({"chat_id": ALICE, "parse_mode": "HTML", "text": text})).await;
    assert_eq!(sent["text"], "😀 tebal miring <x> tautan sfn");
    assert_eq!(
        sent["entities"],
        json!([
            {"type": "bold", "offset": 3, "length": 12},
            {"type": "italic", "offset": 9, "length": 6},
            {"type": "text_link", "offset": 20, "length": 6, "url": "https://example.test/?a=1&b=2"},
            {"type": "spoiler", "offset": 27, "length": 1},
            {"type": "pre", "offset": 28, "length": 2, "language": "rust"},
        ])
    );
}

#[tokio::test]
async fn html_that_telegram_cannot_parse_is_refused_with_its_words() {
    let world = world().await;
    for (text, reason) in [
        ("<b>bold", "Can't find end tag corresponding to start tag \"b\""),
        ("<blink>x</blink>", "Unsupported start tag \"blink\" at byte offset 0"),
        ("a <3 b", "Unsupported start tag \"3\" at byte offset 2"),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b><i>x</b></i>", "Unmatched end tag at byte offset 7, expected \"</i>\", found \"</b>\""),
        ("<span>x</span>", "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0"),
        ("a <b", "Unclosed start tag at byte offset 2"),
    ] {
        let params = json!({"chat_id": ALICE, "parse_mode": "HTML", "text": text});
        let refusal = description(&world, "sendMessage", params).await;
        assert_eq!(refusal, format!("Bad Request: can't parse entities: {reason}"), "{text}");
    }
}

#[tokio::test]
async fn an_uploaded_photo_gets_an_id_that_works_for_its_bot_alone() {
    let world = world().await;
    let form = Form::new()
        .text("chat_id", ALICE.to_string())
        .text("caption", "<i>poster</i>")
        .text("parse_mode", "HTML")
        .text("photo", "attach://poster")
        .part("poster", Part::bytes(png()).file_name("p.png").mime_str("image/png").unwrap());
    let sent = world.http.post(world.method(TOKEN, "SendPhoto")).multipart(form).send().await.unwrap();
    let sent: Value = sent.json().await.unwrap();
    let photo = &sent["result"]["photo"][0];
    assert_eq!((photo["width"].as_u64(), photo["height"].as_u64()), (Some(800), Some(1200)));
    let file_id = photo["file_id"].as_str().unwrap();
    world.ok("sendPhoto", json!({"chat_id": ALICE, "photo": file_id})).await;
    assert_eq!(
        description(&world, "sendVideo", json!({"chat_id": ALICE, "video": file_id})).await,
        "Bad Request: can't use file of type Photo as Video"
    );

    world.sim.user(ALICE).press_start(43, None).unwrap();
    let (_, body) = world.call_as(OWNER_TOKEN, "sendPhoto", json!({"chat_id": ALICE, "photo": file_id})).await;
    assert_eq!(body["description"], "Bad Request: wrong file identifier/HTTP URL specified");

    let file = world.ok("getFile", json!({"file_id": file_id})).await;
    let path = format!("{}/file/bot{TOKEN}/{}", world.telegram.url(), file["file_path"].as_str().unwrap());
    assert_eq!(world.http.get(path).send().await.unwrap().bytes().await.unwrap(), png());
}

#[tokio::test]
async fn what_is_no_picture_or_too_big_is_refused_as_a_photo() {
    let world = world().await;
    let send = async |bytes: Vec<u8>| {
        let part = Part::bytes(bytes).file_name("p.jpg");
        let form = Form::new().text("chat_id", ALICE.to_string()).part("photo", part);
        let sent = world.http.post(world.method(TOKEN, "sendPhoto")).multipart(form).send().await.unwrap();
        sent.json::<Value>().await.unwrap()["description"].as_str().unwrap().to_owned()
    };
    assert_eq!(send(b"hello".to_vec()).await, "Bad Request: IMAGE_PROCESS_FAILED");
    let mut big = png();
    big.resize(10 * 1024 * 1024 + 1, 0);
    assert!(send(big).await.starts_with("Bad Request: file of size 10485761 bytes is too big for a photo"));
}

#[tokio::test]
async fn a_video_of_the_storage_channel_can_be_sent_by_id_and_copied_protected() {
    let world = world().await;
    let posted = world.sim.post_video(CHANNEL, "Episode 1", FileSpec::video("e1.mp4", 60)).unwrap();
    let file_id = &posted.file_ids[&BOT];
    let sent = world.ok("sendVideo", json!({"chat_id": ALICE, "video": file_id, "protect_content": true})).await;
    assert_eq!((sent["video"]["duration"].as_u64(), &sent["has_protected_content"]), (Some(60), &json!(true)));
    let copy =
        json!({"chat_id": ALICE, "from_chat_id": CHANNEL, "message_id": posted.message_id, "protect_content": true});
    let copied = world.ok("copyMessage", copy).await;
    let message = world.sim.user(ALICE).messages(BOT).unwrap().pop().unwrap();
    assert_eq!(copied, json!({"message_id": message.message_id}));
    assert!(message.has(MediaKind::Video) && message.protect_content);
    assert_eq!(message.text(), "Episode 1");

    let missing = json!({"chat_id": ALICE, "from_chat_id": CHANNEL, "message_id": 99});
    assert_eq!(description(&world, "copyMessage", missing).await, "Bad Request: message to copy not found");
    let (_, body) = world
        .call_as(OWNER_TOKEN, "copyMessage", json!({"chat_id": ALICE, "from_chat_id": CHANNEL, "message_id": 1}))
        .await;
    assert_eq!(body["description"], "Forbidden: bot is not a member of the channel chat");
}

#[tokio::test]
async fn a_registered_file_id_is_known_to_its_bot() {
    let world = world().await;
    world.sim.register_file(BOT, "demo-episode-1", FileSpec::video("e1.mp4", 90));
    let sent = world.ok("sendVideo", json!({"chat_id": ALICE, "video": "demo-episode-1"})).await;
    assert_eq!(sent["video"]["file_id"], "demo-episode-1");
    assert_eq!(
        description(&world, "sendVideo", json!({"chat_id": ALICE, "video": "demo-episode-2"})).await,
        "Bad Request: wrong file identifier/HTTP URL specified"
    );
}

#[tokio::test]
async fn an_edit_must_change_something_and_hit_a_message_of_the_bot() {
    let world = world().await;
    let sent = world.ok("sendMessage", json!({"chat_id": ALICE, "text": "one"})).await;
    let edit = |id: &Value, text: &str| json!({"chat_id": ALICE, "message_id": id, "text": text});
    let id = &sent["message_id"];
    assert_eq!(
        description(&world, "editMessageText", edit(id, "one")).await,
        "Bad Request: message is not modified: specified new message content and reply markup are exactly the same \
         as a current content and reply markup of the message"
    );
    let edited = world.ok("editMessageText", edit(id, "two")).await;
    assert_eq!(edited["text"], "two");
    assert!(edited["edit_date"].is_i64());
    let of_alice = json!(world.sim.user(ALICE).messages(BOT).unwrap()[0].message_id);
    assert_eq!(
        description(&world, "editMessageText", edit(&of_alice, "x")).await,
        "Bad Request: message can't be edited"
    );
    assert_eq!(
        description(&world, "editMessageText", edit(&json!(9999), "x")).await,
        "Bad Request: message to edit not found"
    );
    assert_eq!(
        description(&world, "editMessageCaption", json!({"chat_id": ALICE, "message_id": id, "caption": "c"})).await,
        "Bad Request: there is no caption in the message to edit"
    );

    let history = world.sim.user(ALICE).messages(BOT).unwrap();
    assert_eq!(history.last().unwrap().earlier[0].text, "one");
    world.ok("deleteMessage", json!({"chat_id": ALICE, "message_id": id})).await;
    assert!(world.sim.user(ALICE).messages(BOT).unwrap().last().unwrap().deleted);
    assert_eq!(
        description(&world, "deleteMessage", json!({"chat_id": ALICE, "message_id": id})).await,
        "Bad Request: message to delete not found"
    );
}

#[tokio::test]
async fn a_message_can_be_given_other_media_and_another_keyboard() {
    let world = world().await;
    let photo = json!({"chat_id": ALICE, "photo": "https://example.test/1.jpg", "caption": "one"});
    let sent = world.ok("sendPhoto", photo).await;
    let id = &sent["message_id"];
    let media =
        json!({"type": "photo", "media": "https://example.test/2.jpg", "caption": "<b>two</b>", "parse_mode": "HTML"});
    let edited = world.ok("editMessageMedia", json!({"chat_id": ALICE, "message_id": id, "media": media})).await;
    assert_eq!(edited["caption"], "two");
    assert_ne!(edited["photo"][0]["file_unique_id"], sent["photo"][0]["file_unique_id"]);
    let keyboard = json!({"inline_keyboard": [[{"text": "a", "callback_data": "a"}]]});
    let markup = json!({"chat_id": ALICE, "message_id": id, "reply_markup": keyboard});
    let edited = world.ok("editMessageReplyMarkup", markup).await;
    assert_eq!(edited["reply_markup"], keyboard);
    assert_eq!(edited["caption"], "two");
}

#[tokio::test]
async fn an_uploaded_document_keeps_its_name_and_bytes_and_its_name_says_what_it_is() {
    let world = world().await;
    let lines = "satu\ndua\n";
    let part = Part::bytes(lines.as_bytes().to_vec()).file_name("pesanan.txt");
    let form = Form::new().text("chat_id", ALICE.to_string()).text("caption", "2 baris").part("document", part);
    let sent = world.http.post(world.method(TOKEN, "sendDocument")).multipart(form).send().await.unwrap();
    let sent: Value = sent.json().await.unwrap();
    let document = &sent["result"]["document"];
    assert_eq!(
        (document["file_name"].as_str(), document["mime_type"].as_str(), document["file_size"].as_u64()),
        (Some("pesanan.txt"), Some("text/plain"), Some(9))
    );
    assert_eq!(sent["result"]["caption"], "2 baris");
    let unique = document["file_unique_id"].as_str().unwrap();
    assert_eq!(world.sim.file_bytes(unique).unwrap(), lines);
    // By its id it can be sent again, as what it is.
    let again = json!({"chat_id": ALICE, "document": document["file_id"], "protect_content": true});
    assert_eq!(world.ok("sendDocument", again).await["document"]["file_unique_id"], unique);
    assert_eq!(
        description(&world, "sendPhoto", json!({"chat_id": ALICE, "photo": document["file_id"]})).await,
        "Bad Request: can't use file of type Document as Photo"
    );
    let nothing = json!({"chat_id": ALICE, "document": ""});
    assert_eq!(description(&world, "sendDocument", nothing).await, "Bad Request: there is no document in the request");
    let empty = Form::new()
        .text("chat_id", ALICE.to_string())
        .part("document", Part::bytes(Vec::new()).file_name("kosong.txt"));
    let empty = world.http.post(world.method(TOKEN, "sendDocument")).multipart(empty).send().await.unwrap();
    assert_eq!(empty.json::<Value>().await.unwrap()["description"], "Bad Request: file must be non-empty");
}

#[tokio::test]
async fn a_picture_can_be_replaced_by_an_uploaded_one_and_what_it_was_stays_known() {
    let world = world().await;
    let keyboard = json!({"inline_keyboard": [[{"text": "Bayar", "url": "http://127.0.0.1:8090/pay"}]]});
    let form = Form::new()
        .text("chat_id", ALICE.to_string())
        .text("caption", "bayar")
        .text("reply_markup", keyboard.to_string())
        .part("photo", Part::bytes(png()).file_name("qr.png"));
    let sent = world.http.post(world.method(TOKEN, "sendPhoto")).multipart(form).send().await.unwrap();
    let sent = sent.json::<Value>().await.unwrap()["result"].clone();
    let edit = async |media: Value, name: &'static str| {
        let form = Form::new()
            .text("chat_id", ALICE.to_string())
            .text("message_id", sent["message_id"].to_string())
            .text("media", media.to_string())
            .part(name, Part::bytes(png()).file_name("lunas.png"));
        let answer = world.http.post(world.method(TOKEN, "editMessageMedia")).multipart(form).send().await.unwrap();
        answer.json::<Value>().await.unwrap()
    };
    let media = json!({"type": "photo", "media": "attach://new", "caption": "<b>Lunas</b>", "parse_mode": "HTML"});
    let lost = edit(media.clone(), "other").await;
    assert_eq!(lost["description"], "Bad Request: wrong file identifier/HTTP URL specified");
    let edited = edit(media, "new").await["result"].clone();
    assert_eq!((&edited["message_id"], &edited["caption"]), (&sent["message_id"], &json!("Lunas")));
    assert!(edited.get("reply_markup").is_none(), "an edit without a keyboard takes it away");
    let unique = |message: &Value| message["photo"][0]["file_unique_id"].clone();
    assert_ne!(unique(&edited), unique(&sent));
    let message = world.sim.user(ALICE).messages(BOT).unwrap().pop().unwrap();
    assert_eq!(message.earlier.last().unwrap().text, "bayar");
    assert_eq!(json!(message.earlier.last().unwrap().media.as_ref().unwrap().file_unique_id), unique(&sent));
    let caption = json!({"chat_id": ALICE, "message_id": sent["message_id"], "caption": "Selesai"});
    assert_eq!(world.ok("editMessageCaption", caption).await["caption"], "Selesai");
}

#[tokio::test]
async fn commands_and_menu_buttons_are_kept_by_scope_and_user() {
    let world = world().await;
    let commands = json!([{"command": "start", "description": "Mulai"}]);
    world.ok("setMyCommands", json!({"commands": commands, "language_code": "id"})).await;
    assert_eq!(world.ok("getMyCommands", json!({"language_code": "id"})).await, commands);
    assert_eq!(world.ok("getMyCommands", json!({})).await, json!([]));
    assert_eq!(world.sim.user(ALICE).chat(BOT).unwrap().commands, commands);
    let wrong = json!({"commands": [{"command": "Start!", "description": "x"}]});
    assert_eq!(description(&world, "setMyCommands", wrong).await, "Bad Request: BOT_COMMAND_INVALID");

    let button = json!({"type": "web_app", "text": "Buka", "web_app": {"url": "https://shop.example/app/"}});
    world.ok("setChatMenuButton", json!({"chat_id": ALICE, "menu_button": button})).await;
    assert_eq!(world.ok("getChatMenuButton", json!({"chat_id": ALICE})).await, button);
    assert_eq!(world.ok("getChatMenuButton", json!({})).await["type"], "commands");
}

#[tokio::test]
async fn a_chat_is_known_once_the_user_came() {
    let world = world().await;
    world.sim.add_user(User { username: Some("alice".into()), ..User::new(ALICE, "Alice") });
    let chat = world.ok("getChat", json!({"chat_id": ALICE})).await;
    assert_eq!((chat["type"].as_str(), chat["username"].as_str()), (Some("private"), Some("alice")));
    assert_eq!(description(&world, "getChat", json!({"chat_id": STRANGER})).await, "Bad Request: chat not found");
}

#[tokio::test]
async fn a_photo_by_address_is_fetched_where_the_rules_ask_for_it() {
    let pictures = axum::Router::new()
        .route("/p.png", axum::routing::get(|| async { png() }))
        .route("/page", axum::routing::get(|| async { "<html>" }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move { axum::serve(listener, pictures).await });
    let world = crate::support::world_with_rules(Rules { fetch_urls: true, ..Rules::default() }).await;
    let photo = |path: &str| json!({"chat_id": ALICE, "photo": format!("{base}{path}")});
    let sent = world.ok("sendPhoto", photo("/p.png")).await;
    assert_eq!(sent["photo"][0]["height"], 1200);
    let refusal = description(&world, "sendPhoto", photo("/none")).await;
    assert_eq!(refusal, "Bad Request: failed to get HTTP URL content");
    let refusal = description(&world, "sendPhoto", photo("/page")).await;
    assert_eq!(refusal, "Bad Request: wrong type of the web page content");
    server.abort();
}
