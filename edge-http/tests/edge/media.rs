//! Pictures and watch links.

use http::Method;
use tonic::Code;
use tonic_types::ErrorDetails;
use warung_proto::{
    ErrorReason,
    library::{ResolveWatchLinkRequest, ResolveWatchLinkResponse},
    operations::{GetMediaRequest, GetMediaResponse, get_media_request::Variant},
};

use crate::support::{World, request, status};

fn media_id() -> String {
    format!("med_{}", "0a".repeat(32))
}

fn world() -> World {
    let world = World::new();
    world.peer.on("GetMedia", |request: GetMediaRequest| {
        let content = if request.variant() == Variant::Thumbnail { "small" } else { "large" };
        Ok(GetMediaResponse { content: content.into(), content_type: "image/png".into() })
    });
    world
}

#[tokio::test]
async fn a_picture_is_asked_once_and_may_be_kept_for_ever() {
    let world = world();
    for _ in 0..3 {
        let reply = world.get(&format!("/api/v1/media/{}", media_id())).await;
        assert_eq!((reply.status.as_u16(), reply.text()), (200, "large"));
        assert_eq!(reply.header("content-type"), Some("image/png"));
        assert_eq!(reply.header("cache-control"), Some("public, max-age=31536000, immutable"));
        assert_eq!(reply.header("etag"), Some(&*format!("\"{}\"", media_id())));
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(reply.header("cross-origin-resource-policy"), Some("cross-origin"));
    }
    let reply = world.get(&format!("/api/v1/media/{}/thumbnail", media_id())).await;
    assert_eq!(reply.text(), "small");
    assert_eq!(world.peer.calls().len(), 2);
}

#[tokio::test]
async fn who_has_a_picture_is_not_sent_it_again() {
    let world = world();
    let path = format!("/api/v1/media/{}", media_id());
    for tag in [format!("\"{}\"", media_id()), format!("\"x\", W/\"{}\"", media_id()), "*".to_owned()] {
        let reply = world.send(request(Method::GET, &path, &[("if-none-match", &tag)], "")).await;
        assert_eq!((reply.status.as_u16(), reply.body.len()), (304, 0));
    }
    assert!(world.peer.calls().is_empty());
    let other = format!("\"{}-thumbnail\"", media_id());
    let reply = world.send(request(Method::GET, &path, &[("if-none-match", &other)], "")).await;
    assert_eq!(reply.status, 200);
}

#[tokio::test]
async fn what_is_no_picture_is_not_asked_for_and_a_failure_is_not_kept() {
    let world = World::new();
    let upper = media_id().to_uppercase();
    for id in ["med_1", "x", &upper, "med_..%2f..%2fetc", "%ff"] {
        world.get(&format!("/api/v1/media/{id}")).await.expect_error(404, "NOT_FOUND");
    }
    assert!(world.peer.calls().is_empty());
    let path = format!("/api/v1/media/{}", media_id());
    world.peer.fail("GetMedia", status(Code::Unavailable, ErrorReason::Unavailable, ErrorDetails::new()));
    world.get(&path).await.expect_error(503, "UNAVAILABLE");
    world.peer.on("GetMedia", |_: GetMediaRequest| {
        Ok(GetMediaResponse { content: "<script>".into(), content_type: "text/html".into() })
    });
    let reply = world.get(&path).await;
    assert_eq!(reply.header("content-type"), Some("application/octet-stream"), "nothing that a browser runs");
}

#[tokio::test]
async fn a_watch_link_leads_to_the_video_and_leaves_no_trace() {
    let world = World::new();
    world.peer.on("ResolveWatchLink", |request: ResolveWatchLinkRequest| {
        assert_eq!(request.token, "tok.en-1");
        Ok(ResolveWatchLinkResponse { url: "https://v.example/1.mp4?a=b".into() })
    });
    let reply = world.get("/api/v1/watch/tok.en-1").await;
    assert_eq!((reply.status.as_u16(), reply.header("location")), (302, Some("https://v.example/1.mp4?a=b")));
    assert_eq!(reply.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn a_watch_link_that_fails_says_what_to_do() {
    let world = World::new();
    for (code, reason, http, indonesian, english) in [
        (Code::FailedPrecondition, ErrorReason::WatchLinkExpired, 410, "tidak berlaku", "no longer good"),
        (Code::FailedPrecondition, ErrorReason::VipRequired, 403, "anggota VIP", "VIP members"),
        (Code::Unavailable, ErrorReason::Unavailable, 503, "sedang sibuk", "is busy"),
    ] {
        world.peer.fail("ResolveWatchLink", status(code, reason, ErrorDetails::new()));
        let reply = world.get("/api/v1/watch/t").await;
        assert_eq!(reply.status.as_u16(), http);
        assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"));
        assert!(reply.text().contains("<html lang=\"id\">") && reply.text().contains(indonesian), "{}", reply.text());
        let reply = world.send(request(Method::GET, "/api/v1/watch/t", &[("accept-language", "en-GB")], "")).await;
        assert!(reply.text().contains("<html lang=\"en\">") && reply.text().contains(english), "{}", reply.text());
        assert_eq!(reply.header("referrer-policy"), Some("no-referrer"));
    }
}

#[tokio::test]
async fn a_watch_link_leads_to_no_other_kind_of_address() {
    let world = World::new();
    for url in ["http://v.example/", "javascript:alert(1)", "", "https://v.example/\r\nset-cookie: a=b"] {
        world
            .peer
            .on("ResolveWatchLink", move |_: ResolveWatchLinkRequest| Ok(ResolveWatchLinkResponse { url: url.into() }));
        let reply = world.get("/api/v1/watch/t").await;
        assert_eq!(reply.status, 500);
        assert_eq!(reply.header("location"), None);
    }
}
