//! The store as those see it who come from outside: by its public address, through names, certificates and proxies.

use std::time::Duration;

use reqwest::{Client, StatusCode, header::LOCATION, redirect};
use url::Url;

use super::Finding;
use crate::settings::{BotMode, Settings};

/// How long an answer may take.
const WITHIN: Duration = Duration::from_secs(10);

/// Why an address did not answer as it should.
enum Trouble {
    /// The name leads nowhere.
    Name(String),
    /// The certificate is not accepted.
    Certificate(String),
    /// Nothing listens, or nothing answers in time.
    Silence(String),
    /// It sends elsewhere.
    Redirect(String),
    /// It answers something else.
    Answer(StatusCode),
}

/// Asks the store's public address, if it has one.
pub(super) async fn examine(settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Some(public_url) = &settings.public_url else { return findings };
    let client = match Client::builder().timeout(WITHIN).redirect(redirect::Policy::none()).build() {
        Ok(client) => client,
        Err(error) => {
            let text = format!("was not asked: {}", cause(error));
            return vec![Finding::notice("WARUNG_PUBLIC_URL", text, "look at the machine's certificates")];
        }
    };
    let world = World { runs_here: runs_here(settings).await, client };
    if public_url.scheme() == "https" && settings.trusted_proxies == 0 {
        findings.push(Finding::notice(
            "WARUNG_TRUSTED_PROXIES",
            "is 0, while something before Warung speaks https: all people look like that one, and share one rate",
            "set it to how many proxies stand before WARUNG_HTTP_ADDR: 1 with Caddy or nginx alone",
        ));
    }
    let health = at(public_url, "/healthz");
    findings.push(world.ask("WARUNG_PUBLIC_URL", &health, StatusCode::OK).await);
    // What keeps one address from being reached keeps the others.
    if findings.last().is_some_and(|finding| !finding.is_fine()) {
        return findings;
    }
    if let Some(webapp_url) = &settings.webapp_url {
        findings.push(world.ask("Mini App", webapp_url, StatusCode::OK).await);
    }
    if settings.bot_mode == BotMode::Webhook {
        let webhook = at(public_url, "/telegram/webhook");
        findings.push(world.ask("Telegram webhook", &webhook, StatusCode::METHOD_NOT_ALLOWED).await);
    }
    if let Some(webhook) = settings.pakasir_webhook_url().filter(|_| settings.pakasir.is_some()) {
        findings.push(world.ask("Pakasir webhook", &webhook, StatusCode::METHOD_NOT_ALLOWED).await);
    }
    findings
}

struct World {
    client: Client,
    /// Something answers at `WARUNG_HTTP_ADDR`.
    runs_here: bool,
}

impl World {
    /// Asks an address by GET, which changes nothing. A webhook takes no GET, and says so: `expected`.
    async fn ask(&self, subject: &str, url: &Url, expected: StatusCode) -> Finding {
        match self.try_ask(url, expected).await {
            Ok(()) => Finding::fine(subject, format!("{url} answers")),
            Err(trouble) => self.told(subject, url, trouble),
        }
    }

    async fn try_ask(&self, url: &Url, expected: StatusCode) -> Result<(), Trouble> {
        let answer = self.client.get(url.clone()).send().await.map_err(trouble)?;
        match answer.status() {
            status if status == expected => Ok(()),
            status if status.is_redirection() => {
                let location = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
                Err(Trouble::Redirect(location.to_owned()))
            }
            status => Err(Trouble::Answer(status)),
        }
    }

    fn told(&self, subject: &str, url: &Url, trouble: Trouble) -> Finding {
        let host = url.host_str().unwrap_or_default();
        // A proxy whose store stands still says so in these ways.
        let stands_still = match &trouble {
            Trouble::Silence(_) => !self.runs_here,
            Trouble::Answer(status) => !self.runs_here && status.is_server_error(),
            _ => false,
        };
        if stands_still {
            let text = format!("not asked: nothing answers at {url}, and the store does not run here now");
            return Finding::notice(subject, text, "run `warung doctor` once more while the store runs");
        }
        let (text, remedy) = match trouble {
            Trouble::Name(cause) => (
                format!("the name {host} leads nowhere: {cause}"),
                "make a DNS record (A or AAAA) for it that points to this machine, and wait until it is known".to_owned(),
            ),
            Trouble::Certificate(cause) => (
                format!("the certificate of {host} is not accepted, and Telegram accepts it no more than this: {cause}"),
                "let the proxy get one for this name (Caddy does by itself when ports 80 and 443 are open to the world)"
                    .to_owned(),
            ),
            Trouble::Silence(cause) => (
                format!("nothing answers at {url}: {cause}"),
                "start the proxy, open port 443 in the firewall, and pass everything on to WARUNG_HTTP_ADDR".to_owned(),
            ),
            Trouble::Redirect(to) => (
                format!("{url} sends elsewhere: {to}"),
                "give the address that answers by itself: Telegram ties a Mini App to the address that it was opened at, \
                 and a webhook that is sent elsewhere is lost"
                    .to_owned(),
            ),
            Trouble::Answer(status) => (
                format!("{url} answers {status}: that is not Warung"),
                "let the proxy pass every path on to WARUNG_HTTP_ADDR (deploy/caddy)".to_owned(),
            ),
        };
        Finding::fault(subject, text, remedy)
    }
}

/// A path of the store at an address.
fn at(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(path);
    url
}

async fn runs_here(settings: &Settings) -> bool {
    // The way to the network may lead through a proxy; the way to this machine does not.
    let Ok(client) = Client::builder().timeout(WITHIN).no_proxy().build() else { return false };
    let mut address = settings.http_addr;
    if address.ip().is_unspecified() {
        address.set_ip([127, 0, 0, 1].into());
    }
    let answer = client.get(format!("http://{address}/healthz")).send().await;
    answer.is_ok_and(|answer| answer.status() == StatusCode::OK)
}

fn trouble(error: reqwest::Error) -> Trouble {
    if error.is_timeout() {
        return Trouble::Silence(format!("no answer within {} seconds", WITHIN.as_secs()));
    }
    let chain = {
        let mut words = Vec::new();
        let mut cause = std::error::Error::source(&error);
        while let Some(error) = cause {
            words.push(error.to_string());
            cause = error.source();
        }
        words.join(": ")
    };
    let cause = cause(error);
    // Neither has a kind of its own by the time that it comes here.
    if chain.contains("dns error") || chain.contains("invalid dns name") {
        Trouble::Name(cause)
    } else if chain.contains("certificate") {
        Trouble::Certificate(cause)
    } else {
        Trouble::Silence(cause)
    }
}

/// Why a call did not come through, down to its cause, and without the address.
pub(super) fn cause(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        words = error.to_string();
        cause = error.source();
    }
    words
}
