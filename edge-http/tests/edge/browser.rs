//! What browsers need: the Mini App's files, origins, compression.

use std::{fs, path::Path};

use http::Method;
use warung_proto::library::{ListTitlesRequest, ListTitlesResponse, Title};

use crate::support::{World, request};

const NETLIFY: &str = "https://shop.netlify.app";

fn mini_app(folder: &Path) -> World {
    fs::create_dir(folder.join("assets")).unwrap();
    fs::write(folder.join("index.html"), "<!doctype html>").unwrap();
    fs::write(folder.join("assets/app-1f2e3d.js"), "plain").unwrap();
    fs::write(folder.join("assets/app-1f2e3d.js.br"), "brotli").unwrap();
    fs::write(folder.join("assets/app-1f2e3d.js.gz"), "gzip").unwrap();
    let folder = folder.to_owned();
    World::with(move |config| {
        config.mini_app = Some(folder);
        config.frame_ancestors = vec!["http://127.0.0.1:4000".to_owned(), "x; script-src *".to_owned()];
    })
}

#[tokio::test]
async fn the_mini_app_is_at_app() {
    let folder = tempfile::tempdir().unwrap();
    let world = mini_app(folder.path());
    for path in ["/", "/app"] {
        let reply = world.get(path).await;
        assert_eq!((reply.status.as_u16(), reply.header("location")), (307, Some("/app/")));
    }
    let reply = world.get("/app/").await;
    assert_eq!((reply.status.as_u16(), reply.text()), (200, "<!doctype html>"));
    assert_eq!(reply.header("cache-control"), Some("no-cache"));
    let policy = reply.header("content-security-policy").unwrap();
    assert!(policy.contains(
        "frame-ancestors 'self' https://web.telegram.org https://*.telegram.org https://t.me http://127.0.0.1:4000"
    ));
    assert!(policy.contains("default-src 'none'") && !policy.contains("script-src *"), "{policy}");
    assert_eq!(reply.header("x-frame-options"), None);
}

#[tokio::test]
async fn hashed_files_are_kept_and_sent_compressed() {
    let folder = tempfile::tempdir().unwrap();
    let world = mini_app(folder.path());
    let path = "/app/assets/app-1f2e3d.js";
    let reply = world.get(path).await;
    assert_eq!(reply.text(), "plain");
    assert_eq!(reply.header("cache-control"), Some("public, max-age=31536000, immutable"));
    for (accepted, body, encoding) in
        [("br, gzip", "brotli", Some("br")), ("gzip, deflate", "gzip", Some("gzip")), ("identity", "plain", None)]
    {
        let reply = world.send(request(Method::GET, path, &[("accept-encoding", accepted)], "")).await;
        assert_eq!((reply.text(), reply.header("content-encoding")), (body, encoding), "{accepted}");
        let vary = encoding.map(|_| "accept-encoding");
        assert_eq!(reply.header("vary").filter(|vary| vary.contains("encoding")), vary, "{accepted}");
        assert_eq!(reply.header("content-type"), Some("text/javascript"), "{accepted}");
    }
}

/// After the return to an older version, whose files are older too.
#[tokio::test]
async fn the_page_is_sent_again_whenever_its_content_is_another() {
    let folder = tempfile::tempdir().unwrap();
    let world = mini_app(folder.path());
    let first = world.get("/app/").await;
    let tag = first.header("etag").expect("it is tagged").to_owned();
    assert_eq!(first.header("last-modified"), None, "its time says nothing");
    let later = [("if-none-match", tag.as_str()), ("if-modified-since", "Sun, 06 Nov 2044 08:49:37 GMT")];
    let known = world.send(request(Method::GET, "/app/", &later, "")).await;
    assert_eq!((known.status.as_u16(), known.text(), known.header("etag")), (304, "", Some(tag.as_str())));
    assert_eq!(known.header("cache-control"), Some("no-cache"));
    let head = world.send(request(Method::HEAD, "/app/index.html", &[], "")).await;
    assert_eq!((head.status.as_u16(), head.text(), head.header("etag")), (200, "", Some(tag.as_str())));

    fs::write(folder.path().join("index.html"), "<!doctype html><p>older").unwrap();
    for headers in [&later[..], &later[1..]] {
        let other = world.send(request(Method::GET, "/app/", headers, "")).await;
        assert_eq!((other.status.as_u16(), other.text()), (200, "<!doctype html><p>older"));
        assert_ne!(other.header("etag"), Some(tag.as_str()));
    }
}

#[tokio::test]
async fn nothing_outside_of_the_folder_is_served() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("secret"), "secret").unwrap();
    fs::create_dir(folder.path().join("dist")).unwrap();
    let world = mini_app(&folder.path().join("dist"));
    for path in [
        "/app/../secret",
        "/app/%2e%2e/secret",
        "/app/..%2fsecret",
        "/app//etc/passwd",
        "/app/nothing.js",
        "/app/assets%00",
    ] {
        world.get(path).await.expect_error(404, "NOT_FOUND");
    }
    world.json(Method::POST, "/app/index.html", "{}").await.expect_error(405, "UNIMPLEMENTED");
    World::new().get("/app/").await.expect_error(404, "NOT_FOUND");
}

fn netlify() -> World {
    let world = World::with(|config| config.allowed_origins = vec![NETLIFY.to_owned()]);
    world.peer.on("ListTitles", |_: ListTitlesRequest| Ok(ListTitlesResponse::default()));
    world
}

#[tokio::test]
async fn a_named_origin_may_call_and_read_what_clients_need() {
    let world = netlify();
    let headers = [
        ("origin", NETLIFY),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "authorization,content-type,grpc-timeout,x-grpc-web,x-user-agent"),
    ];
    let preflight =
        world.send(request(Method::OPTIONS, "/warung.library.v1.LibraryService/ListTitles", &headers, "")).await;
    assert_eq!(preflight.status, 200);
    assert_eq!(preflight.header("access-control-allow-origin"), Some(NETLIFY));
    assert_eq!(preflight.header("access-control-max-age"), Some("7200"));
    let allowed = preflight.header("access-control-allow-headers").unwrap();
    for header in ["authorization", "content-type", "grpc-timeout", "x-grpc-web", "x-user-agent"] {
        assert!(allowed.split(',').any(|allowed| allowed.trim() == header), "{header}: {allowed}");
    }
    for path in ["/api/v1/titles", "/api/v1/nothing"] {
        let reply = world.send(request(Method::GET, path, &[("origin", NETLIFY)], "")).await;
        assert_eq!(reply.header("access-control-allow-origin"), Some(NETLIFY), "errors can be read too");
        assert_eq!(reply.header("access-control-allow-credentials"), None);
        let exposed = reply.header("access-control-expose-headers").unwrap();
        for header in ["grpc-status", "grpc-message", "grpc-status-details-bin", "retry-after", "x-request-id", "date"]
        {
            assert!(exposed.split(',').any(|exposed| exposed.trim() == header), "{header}: {exposed}");
        }
    }
}

#[tokio::test]
async fn a_foreign_origin_is_allowed_nothing() {
    let world = netlify();
    for origin in ["https://evil.example", "https://shop.netlify.app.evil.example", "http://shop.netlify.app", "null"] {
        for method in [Method::OPTIONS, Method::GET] {
            let headers = [("origin", origin), ("access-control-request-method", "POST")];
            let reply = world.send(request(method, "/api/v1/titles", &headers, "")).await;
            assert_eq!(reply.header("access-control-allow-origin"), None, "{origin}");
            assert!(reply.header("vary").unwrap().contains("origin"), "caches keep them apart");
        }
    }
}

#[tokio::test]
async fn large_json_is_compressed_and_small_is_not() {
    let world = World::new();
    world.peer.on("ListTitles", |request: ListTitlesRequest| {
        let titles =
            vec![Title { name: "Senja".into(), ..Title::default() }; usize::try_from(request.page_size).unwrap()];
        Ok(ListTitlesResponse { titles, ..ListTitlesResponse::default() })
    });
    let gzip = [("accept-encoding", "gzip")];
    let reply = world.send(request(Method::GET, "/api/v1/titles?page_size=100", &gzip, "")).await;
    assert_eq!(reply.header("content-encoding"), Some("gzip"));
    assert!(reply.body.starts_with(&[0x1f, 0x8b]));
    let reply = world.send(request(Method::GET, "/api/v1/titles?page_size=2", &gzip, "")).await;
    assert_eq!(reply.header("content-encoding"), None);
}

#[tokio::test]
async fn no_path_of_the_mini_app_leads_to_another_host_or_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("assets")).unwrap();
    fs::create_dir(folder.path().join("evil.example")).unwrap();
    fs::write(folder.path().join("index.html"), "<title>Warung</title>").unwrap();
    let world = World::with(|config| config.mini_app = Some(folder.path().to_owned()));
    for path in [
        "/app/assets",
        "/app//assets",
        "/app///assets",
        "/app//evil.example",
        "/app/%2fassets",
        "/app/assets/",
        "//assets",
    ] {
        let reply = world.get(path).await;
        assert_eq!((reply.status.as_u16(), reply.header("location")), (404, None), "{path}");
    }
    assert_eq!(world.get("/app/").await.status, 200);
}
