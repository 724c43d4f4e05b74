//! Two stores in one process: they share nothing.

use reqwest::StatusCode;
use serde_json::json;
use warung::demo::{FREE, NEWCOMER};

use crate::{operator::request_id, stage::Stage};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_stores_in_one_process_share_nothing() {
    let (one, other) = tokio::join!(Stage::start(&[]), Stage::start(&[("BOT_STORE_NAME", "Warung Lain")]));
    for (stage, name) in [(&one, "Warung Sinema"), (&other, "Warung Lain")] {
        let store = stage.api.get("/api/v1/store", "").await.body;
        assert_eq!(store["name"], name);
        assert_eq!(stage.film(FREE, "peron").await, "STATE_SENT");
        assert_eq!(stage.films(FREE).len(), 1);
    }

    // A session of one is none of the other's.
    let signed_in = one.api.post("/api/v1/sessions", &[], &json!({"initData": one.init_data(FREE)})).await;
    let session =
        format!("Bearer {}", signed_in.body["sessionToken"].as_str().unwrap_or_else(|| panic!("{signed_in:?}")));
    assert_eq!(one.api.get("/api/v1/me", &session).await.status, StatusCode::OK);
    assert_eq!(other.api.get("/api/v1/me", &session).await.outcome(), (401, "SESSION_INVALID"));

    // Nor is a start token, a page token or a service key.
    let body = json!({"requestId": request_id(), "titleId": "peron"});
    let authorization = format!("tma {}", one.init_data(NEWCOMER));
    let asked = one.api.post("/api/v1/title-requests", &[("authorization", &authorization)], &body).await;
    let link = asked.body["titleRequest"]["link"].as_str().unwrap_or_else(|| panic!("{asked:?}"));
    let path = format!("/api/v1/pending/{}", link.split_once("start=").unwrap().1);
    assert_eq!(one.api.get(&path, &one.service_bearer()).await.status, StatusCode::OK);
    assert_eq!(other.api.get(&path, &other.service_bearer()).await.outcome(), (404, "START_TOKEN_UNKNOWN"));
    assert_eq!(other.api.get(&path, &one.service_bearer()).await.outcome(), (401, "UNAUTHENTICATED"));
    let page = one.api.get("/api/v1/titles?page_size=1", "").await.body;
    let next = format!("/api/v1/titles?page_size=1&page_token={}", page["nextPageToken"].as_str().unwrap());
    assert_eq!(one.api.get(&next, "").await.status, StatusCode::OK);
    assert_eq!(other.api.get(&next, "").await.outcome(), (400, "PAGE_TOKEN_INVALID"));

    // The end of one is not the end of the other.
    one.stop().await;
    assert_eq!(other.film(FREE, "layar").await, "STATE_SENT");
    other.stop().await;
}
