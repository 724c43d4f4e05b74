//! The demo of the binary alone, as whoever has the archive of a release starts it.

use std::{fs, path::Path};

use serde_json::Value;

use crate::{
    process::Process,
    time::{DEADLINE, eventually},
};

/// A demo that has started in a folder of its own, where nothing else is.
async fn started(folder: &Path) -> (Process, String) {
    let temporary = folder.join("temporary");
    fs::create_dir(&temporary).unwrap();
    let values = [("TMPDIR".to_owned(), temporary.display().to_string())];
    let mut demo = Process::start("demo", "demo", &values, &folder.join("empty"));
    let output = eventually("the demo's start", DEADLINE, async || {
        assert_eq!(demo.ended(), None, "{}", demo.output());
        Some(demo.output()).filter(|output| output.contains("Ctrl-C ends it."))
    })
    .await;
    (demo, output)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_binary_alone_shows_the_sample_shop_in_any_folder() {
    let folder = tempfile::Builder::new().prefix("warung-alone-").tempdir().unwrap();
    let (mut demo, output) = started(folder.path()).await;
    let app = output.lines().find_map(|line| line.trim().strip_prefix("The Mini App by itself")).unwrap().trim();
    let edge = app.strip_suffix("/app/").unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let get = async |path: &str| {
        let answer = http.get(format!("{edge}{path}")).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer.bytes().await.unwrap()
    };
    let list = async |path: &str, name: &str| {
        let answer: Value = serde_json::from_slice(&get(path).await).unwrap();
        answer[name].as_array().unwrap().clone()
    };
    let titles = list("/api/v1/titles?pageSize=50", "titles").await;
    let mut products = list("/api/v1/products?pageSize=50", "products").await;
    products.extend(list("/api/v1/products?kind=PRODUCT_KIND_MEMBERSHIP", "products").await);
    assert_eq!((titles.len(), products.len()), (24, 13), "as the READMEs say");
    let posters = titles.iter().map(|title| &title["posterMediaId"]);
    for picture in posters.chain(products.iter().map(|product| &product["pictureMediaId"])) {
        let picture = get(&format!("/api/v1/media/{}", picture.as_str().unwrap())).await;
        assert!(picture.starts_with(b"\xff\xd8"), "a JPEG");
    }
    assert!(get("/app/").await.starts_with(b"<!doctype html>"));

    demo.signal("INT");
    let status = eventually("the demo's end", DEADLINE, async || demo.ended()).await;
    assert_eq!(status.code(), Some(0), "{}", demo.output());
    let left: Vec<_> = fs::read_dir(folder.path().join("temporary")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
    let left: Vec<_> =
        fs::read_dir(folder.path().join("empty")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["demo.output"], "the test's own");
}
