//! Calling Pakasir. The project's key goes in bodies and in the query of detail, so no address and no error of the HTTP
//! client is ever told.

use std::time::Duration;

use reqwest::{Method as Verb, RequestBuilder, Response, StatusCode, header::RETRY_AFTER, redirect};
use secrecy::ExposeSecret as _;
use serde::de::DeserializeOwned;
use url::Url;
use warung_app::gateway::{Charge, GatewayError, GatewayStatus, Invoice};
use warung_domain::{money::Money, payment::Method, text::one_line};

use super::{
    MINIMUM, PakasirConfig,
    wire::{Created, Detail, Done, Failure, Request, method_name},
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The largest answer that is read.
const ANSWER_BYTES_MAX: usize = 64 * 1_024;
/// How often the status is asked for when Pakasir says that it has too much to do.
const STATUS_TRIES: u32 = 3;
/// How long to wait between, when it does not say, and at most when it does.
const STATUS_WAIT: Duration = Duration::from_millis(300);
const STATUS_WAIT_MAX: Duration = Duration::from_secs(2);
/// An order that there is not.
const PROBE: &str = "warung-doctor";
/// How much of its words goes into the log.
const WORDS_CHARACTERS_MAX: usize = 200;

/// The client of a project.
#[derive(Debug)]
pub(super) struct Client {
    config: PakasirConfig,
    http: reqwest::Client,
}

/// An answer, read whole.
struct Answer {
    status: StatusCode,
    retry_after: Option<Duration>,
    body: Vec<u8>,
}

impl Client {
    pub(super) fn new(config: &PakasirConfig) -> Result<Self, String> {
        let http = reqwest::Client::builder()
            .timeout(config.timeout)
            .connect_timeout(CONNECT_TIMEOUT)
            // A redirect would carry the key elsewhere.
            .redirect(redirect::Policy::none())
            .no_gzip()
            .tcp_nodelay(true)
            .build()
            .map_err(|error| error.without_url().to_string())?;
        Ok(Self { config: config.clone(), http })
    }

    /// The page of Pakasir's own where a payment can be made.
    pub(super) fn page(&self, reference: &str, method: Method, amount: Money) -> Option<String> {
        let amount = amount.minor_units.to_string();
        let mut url = self.address(&["pay", &self.config.project_slug, &amount])?;
        url.query_pairs_mut().append_pair("order_id", reference);
        if method == Method::Qris {
            url.query_pairs_mut().append_pair("qris_only", "1");
        }
        Some(url.into())
    }

    pub(super) async fn create(&self, asked: &Charge) -> Result<Invoice, GatewayError> {
        let method = method_name(asked.method).ok_or_else(|| GatewayError::Refused("no such method".to_owned()))?;
        let body = Request::new(&self.config, &asked.reference, asked.amount);
        let request = self.request(Verb::POST, &["api", "transactioncreate", method])?.json(&body);
        let answer = self.send(request).await?;
        // Once it has been asked, only a clear no means that there is no invoice.
        if matches!(answer.status.as_u16(), 400 | 401 | 403 | 404 | 405 | 409 | 422) {
            return Err(GatewayError::Refused(self.words(&answer)));
        }
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            return Err(GatewayError::Unavailable(self.words(&answer)));
        }
        let created: Created = self.read(&answer)?;
        created.invoice(&self.config, asked, self.page(&asked.reference, asked.method, asked.amount))
    }

    /// The status of a payment. All tries and the waits between them have the time of one call.
    pub(super) async fn detail(&self, reference: &str, amount: Money) -> Result<GatewayStatus, GatewayError> {
        let late = |_| Err(GatewayError::Uncertain("no answer in time".to_owned()));
        let asking = self.ask_for_detail(reference, amount);
        tokio::time::timeout(self.config.timeout, asking).await.unwrap_or_else(late)
    }

    async fn ask_for_detail(&self, reference: &str, amount: Money) -> Result<GatewayStatus, GatewayError> {
        let mut tries = 1;
        let answer = loop {
            let answer = self.send(self.detail_request(reference, amount)?).await?;
            if tries >= STATUS_TRIES || !matches!(answer.status.as_u16(), 429 | 502 | 503 | 504) {
                break answer;
            }
            tokio::time::sleep(answer.retry_after.unwrap_or(STATUS_WAIT.saturating_mul(tries)).min(STATUS_WAIT_MAX))
                .await;
            tries += 1;
        };
        // Its own word that there is no such payment, not a proxy's page.
        let is_its_own = serde_json::from_slice::<Failure>(&answer.body).is_ok();
        if answer.status == StatusCode::NOT_FOUND && is_its_own {
            return Ok(GatewayStatus::Unknown);
        }
        let detail: Detail = self.read(&answer)?;
        detail.status(&self.config, reference, amount)
    }

    /// Of a project that is let in, it says that there is no such payment; what else it may say is not documented.
    pub(super) async fn probe(&self) -> Result<(), GatewayError> {
        let answer = self.send(self.detail_request(PROBE, Money::idr(MINIMUM))?).await?;
        let is_its_own = serde_json::from_slice::<Failure>(&answer.body).is_ok();
        let words = self.words(&answer);
        let is_about_project =
            ["project", "proyek", "api_key", "api key"].iter().any(|word| words.to_lowercase().contains(word));
        match answer.status.as_u16() {
            401 | 403 => Err(GatewayError::Refused(words)),
            200..=299 | 400..=499 if is_its_own && is_about_project => Err(GatewayError::Refused(words)),
            200..=299 | 400 | 404 | 422 if is_its_own => Ok(()),
            _ => Err(GatewayError::Uncertain(words)),
        }
    }

    pub(super) async fn cancel(&self, reference: &str, amount: Money) -> Result<(), GatewayError> {
        self.do_to("transactioncancel", reference, amount).await
    }

    pub(super) async fn simulate(&self, reference: &str, amount: Money) -> Result<(), GatewayError> {
        if !self.config.sandbox {
            return Err(GatewayError::Refused("it is no project for trying: PAKASIR_SANDBOX is false".to_owned()));
        }
        self.do_to("paymentsimulation", reference, amount).await
    }

    /// Has something done to a payment.
    async fn do_to(&self, endpoint: &str, reference: &str, amount: Money) -> Result<(), GatewayError> {
        let body = Request::new(&self.config, reference, amount);
        let request = self.request(Verb::POST, &["api", endpoint])?.json(&body);
        let answer = self.send(request).await?;
        let done: Done = self.read(&answer)?;
        if done.success == Some(false) {
            return Err(GatewayError::Refused(self.words(&answer)));
        }
        Ok(())
    }

    fn detail_request(&self, reference: &str, amount: Money) -> Result<RequestBuilder, GatewayError> {
        let amount = amount.minor_units.to_string();
        let key = self.config.api_key.expose_secret();
        let query = [
            ("project", self.config.project_slug.as_str()),
            ("amount", &amount),
            ("order_id", reference),
            ("api_key", key),
        ];
        Ok(self.request(Verb::GET, &["api", "transactiondetail"])?.query(&query))
    }

    fn address(&self, segments: &[&str]) -> Option<Url> {
        let mut url = self.config.base_url.clone();
        url.set_query(None);
        url.path_segments_mut().ok()?.pop_if_empty().extend(segments);
        Some(url)
    }

    fn request(&self, verb: Verb, segments: &[&str]) -> Result<RequestBuilder, GatewayError> {
        let url =
            self.address(segments).ok_or_else(|| GatewayError::Refused("PAKASIR_BASE_URL has no path".to_owned()))?;
        Ok(self.http.request(verb, url))
    }

    async fn send(&self, request: RequestBuilder) -> Result<Answer, GatewayError> {
        let response = request.send().await.map_err(lost)?;
        let status = response.status();
        let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let body = read_within(response, ANSWER_BYTES_MAX).await?;
        Ok(Answer { status, retry_after: retry_after.map(Duration::from_secs), body })
    }

    /// The message of an answer that went well. Of any other nobody knows what was done.
    fn read<T: DeserializeOwned>(&self, answer: &Answer) -> Result<T, GatewayError> {
        if !answer.status.is_success() {
            return Err(GatewayError::Uncertain(self.words(answer)));
        }
        serde_json::from_slice(&answer.body).map_err(|_| GatewayError::Uncertain(self.words(answer)))
    }

    /// What an answer says, for the log.
    fn words(&self, answer: &Answer) -> String {
        let said = serde_json::from_slice::<Failure>(&answer.body).ok();
        let said = said.and_then(|failure| failure.message.or(failure.error)).unwrap_or_default();
        // An answer that repeats the request must not bring the key into the log.
        let said = if said.contains(self.config.api_key.expose_secret()) { String::new() } else { said };
        let said = one_line(&said, WORDS_CHARACTERS_MAX);
        format!("HTTP {}, {} bytes {said}", answer.status.as_u16(), answer.body.len()).trim_end().to_owned()
    }
}

/// Why there is no answer. The HTTP client's own words name the address, and are not told.
fn lost(error: reqwest::Error) -> GatewayError {
    if error.is_connect() {
        return GatewayError::Unavailable("no connection".to_owned());
    }
    let what = if error.is_timeout() { "no answer in time" } else { "the connection broke" };
    drop(error);
    GatewayError::Uncertain(what.to_owned())
}

async fn read_within(mut response: Response, limit: usize) -> Result<Vec<u8>, GatewayError> {
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await.map_err(lost)? {
        body.extend_from_slice(&part);
        if body.len() > limit {
            return Err(GatewayError::Uncertain("the answer is too large".to_owned()));
        }
    }
    Ok(body)
}
