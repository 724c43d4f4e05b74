//! The JSON API as a Mini App uses it: it asks again with the same id when nobody answers, and follows what is queued.

use std::time::{Duration, Instant};

use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::operator::request_id;

/// Edges of one store.
#[derive(Clone)]
pub(crate) struct Api {
    http: reqwest::Client,
    edges: Vec<String>,
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) retry_after: Option<u64>,
    pub(crate) body: Value,
}

impl Answer {
    /// Its status, and why where it is a refusal.
    pub(crate) fn outcome(&self) -> (u16, &str) {
        (self.status.as_u16(), self.body["reason"].as_str().unwrap_or_default())
    }
}

impl Api {
    /// `edges` are addresses without a slash at the end.
    pub(crate) fn new(edges: &[String]) -> Self {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(35)).no_proxy().build().unwrap();
        Self { http, edges: edges.to_vec() }
    }

    /// The same with one of its edges alone.
    pub(crate) fn only(&self, edge: usize) -> Self {
        Self { http: self.http.clone(), edges: vec![self.edges[edge].clone()] }
    }

    /// The same, asking this one first.
    pub(crate) fn beginning_at(&self, edge: usize) -> Self {
        let mut edges = self.edges.clone();
        edges.rotate_left(edge);
        Self { http: self.http.clone(), edges }
    }

    async fn send(&self, request: RequestBuilder) -> Result<Answer, reqwest::Error> {
        let response = request.send().await?;
        let status = response.status();
        let retry_after = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
        let body = response.bytes().await?;
        Ok(Answer { status, retry_after, body: serde_json::from_slice(&body).unwrap_or_default() })
    }

    /// `GET` of the first edge, with an `Authorization` or none.
    pub(crate) async fn get(&self, path: &str, authorization: &str) -> Answer {
        let mut request = self.http.get(format!("{}{path}", self.edges[0]));
        if !authorization.is_empty() {
            request = request.header("authorization", authorization);
        }
        self.send(request).await.unwrap()
    }

    /// The same without an `Authorization`; `None` when nobody is there.
    pub(crate) async fn try_get(&self, path: &str) -> Option<Answer> {
        self.send(self.http.get(format!("{}{path}", self.edges[0]))).await.ok()
    }

    /// The bytes at an address that the API gave.
    pub(crate) async fn fetch(&self, url: &str) -> (StatusCode, String, Vec<u8>) {
        let response = self.http.get(url).send().await.unwrap();
        let kind = response.headers().get("content-type").map(|value| value.to_str().unwrap().to_owned());
        (response.status(), kind.unwrap_or_default(), response.bytes().await.unwrap().to_vec())
    }

    /// `POST` of JSON to the first edge.
    pub(crate) async fn post(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let mut request = self.http.post(format!("{}{path}", self.edges[0])).json(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request).await.unwrap()
    }

    /// Whether all edges reach their core.
    pub(crate) async fn is_ready(&self) -> bool {
        for edge in &self.edges {
            let answer = self.send(self.http.get(format!("{edge}/readyz"))).await;
            if !answer.is_ok_and(|answer| answer.status.is_success()) {
                return false;
            }
        }
        true
    }

    /// Asks for a film until somebody answers, and follows the request through its id until it is decided.
    pub(crate) async fn film(&self, init_data: &str, title: &str, deadline: Duration) -> String {
        self.film_under(&request_id(), init_data, title, deadline).await
    }

    /// The same under an id of the caller's.
    pub(crate) async fn film_under(&self, id: &str, init_data: &str, title: &str, deadline: Duration) -> String {
        let started = Instant::now();
        let mut turn = 0;
        let mut asked = None;
        let mut last = String::from("no answer at all");
        while started.elapsed() < deadline {
            let edge = &self.edges[turn % self.edges.len()];
            turn += 1;
            let request = match &asked {
                None => self
                    .http
                    .post(format!("{edge}/api/v1/title-requests"))
                    .json(&json!({"requestId": id, "titleId": title})),
                Some(id) => self.http.get(format!("{edge}/api/v1/title-requests/{id}?wait=5s")),
            };
            match self.send(request.header("authorization", format!("tma {init_data}"))).await {
                Ok(Answer { status: StatusCode::OK, body, .. }) => {
                    let request = &body["titleRequest"];
                    let state = request["state"].as_str().unwrap_or_default();
                    if state != "STATE_QUEUED" {
                        return state.to_owned();
                    }
                    asked = Some(request["titleRequestId"].as_str().unwrap().to_owned());
                    last = body.to_string();
                }
                Ok(answer) => {
                    let again = answer.status.is_server_error() || answer.status == StatusCode::TOO_MANY_REQUESTS;
                    assert!(again, "{answer:?}");
                    last = format!("{answer:?}");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
                Err(error) => {
                    last = error.to_string();
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            }
        }
        panic!("the request was not decided within {deadline:?}; the last answer: {last}");
    }
}
