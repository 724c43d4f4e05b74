#!/usr/bin/env bash
# teloxide-core 0.13.0, and messages with one part that is newer than it, or that may be absent.
#
# Guess: a part of a message that the library does not know (an entity `date_time`, which the Bot API has since 9.5) is
# left out, and a field that the Bot API calls optional (`mime_type` of a video) may be absent; or else reading fails.
# So it is: reading succeeds, and the whole message is empty. Neither the text, not even that of a command, nor the video
# is there, and nothing tells of it. And an update that is read from a `serde_json::Value`, which a bot does that wants to
# mend it before, is no message at all, whatever it holds: it has to go through text.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cargo init --quiet --vcs none --name look
cat >>Cargo.toml <<'TOML'
teloxide-core = { version = "=0.13.0", default-features = false, features = ["rustls"] }
serde_json = "1"
TOML
cat >src/main.rs <<'RUST'
use serde_json::{Value, json};
use teloxide_core::types::{MessageKind, Update, UpdateKind};

/// What a message of these parts is read as.
fn read(name: &str, parts: Value) -> &'static str {
    let mut message = json!({
        "message_id": 5, "date": 1796000000, "chat": {"id": 7, "type": "private", "first_name": "Budi"},
        "from": {"id": 7, "is_bot": false, "first_name": "Budi"},
    });
    message.as_object_mut().unwrap().extend(parts.as_object().unwrap().clone());
    let update = json!({"update_id": 1, "message": message});
    let by_value: Update = serde_json::from_value(update.clone()).unwrap();
    assert!(matches!(by_value.kind, UpdateKind::Error(_)), "another version, or another behaviour");
    let by_text: Update = serde_json::from_str(&update.to_string()).unwrap();
    let UpdateKind::Message(message) = by_text.kind else { panic!("{name}: {:?}", by_text.kind) };
    let kind = if matches!(message.kind, MessageKind::Empty {}) { "empty" } else { "read" };
    println!("{name}: {kind}, text {:?}, video {}", message.text(), message.video().is_some());
    kind
}

fn main() {
    let entity = |kind| json!([{"type": kind, "offset": 0, "length": 6, "unix_time": 1796000000}]);
    let video = json!({"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1, "duration": 1, "file_size": 9});
    let mut typed = video.clone();
    typed["mime_type"] = json!("video/mp4");
    let seen = [
        read("a text with a known entity", json!({"text": "/start", "entities": entity("bot_command")})),
        read("a text with a date_time", json!({"text": "/start", "entities": entity("date_time")})),
        read("a video with a mime_type", json!({"video": typed})),
        read("a video without one", json!({"video": video})),
    ];
    assert_eq!(seen, ["read", "empty", "read", "empty"], "another version, or another behaviour");
}
RUST
cargo run --quiet
