//! The webhook: Telegram calls, and its call is answered when the update is dealt with.

use std::{sync::Arc, time::Duration};

use axum::{
    Router, body,
    extract::{Request, State},
    http::{StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
    routing::post,
};
use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use subtle::ConstantTimeEq as _;
use teloxide::types::True;
use tokio::{sync::Semaphore, time::sleep};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use warung_proto::messaging::Bot;

use super::{Inbox, allowed_updates};
use crate::{
    alarm::{Alarm, Alert},
    backoff::Backoff,
    config::Limits,
    telegram::Telegram,
};

/// The header that carries the secret.
const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";
/// The largest update; Telegram's own are below 100 kB.
const BODY_BYTES_MAX: usize = 512 * 1024;
/// Calls that are held open at once; Telegram makes at most `CONNECTIONS_MAX`, of each process that it was told of.
const CALLS_MAX: usize = 256;
/// Calls that Telegram shall make at once.
const CONNECTIONS_MAX: u8 = 40;
/// How long Telegram waits before it calls again when there are too many calls.
const BUSY_RETRY: Duration = Duration::from_secs(1);

struct Gate {
    inbox: Arc<Inbox>,
    secret: SecretString,
    calls: Semaphore,
}

/// The route `/telegram/webhook`.
pub(crate) fn router(inbox: Arc<Inbox>, secret: SecretString) -> Router {
    let gate = Arc::new(Gate { inbox, secret, calls: Semaphore::new(CALLS_MAX) });
    Router::new().route("/telegram/webhook", post(receive)).with_state(gate)
}

/// The secret comes first: of a call without it nothing else is read.
async fn receive(State(gate): State<Arc<Gate>>, request: Request) -> Response {
    let presented = request.headers().get(SECRET_HEADER).map_or(&[][..], |value| value.as_bytes());
    if !bool::from(gate.secret.expose_secret().as_bytes().ct_eq(presented)) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let Ok(body) = body::to_bytes(request.into_body(), BODY_BYTES_MAX).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let Some((_, update)) = serde_json::from_slice(&body).ok().and_then(|update| gate.inbox.read(update)) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    // What is left out must not come again.
    let Some(update) = update else {
        return StatusCode::OK.into_response();
    };
    let Ok(_permit) = gate.calls.try_acquire() else {
        return (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, BUSY_RETRY.as_secs().to_string())]).into_response();
    };
    // Telegram may hang up while the update is dealt with. It is dealt with to its end all the same; a task that broke
    // down is answered so that the update comes again. One that Telegram brings again meanwhile waits for its chat.
    let inbox = Arc::clone(&gate.inbox);
    match tokio::spawn(async move { inbox.deal_with(vec![update]).await }).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Tells Telegram where to call.
pub(crate) struct Webhook {
    pub telegram: Telegram,
    pub alarm: Alarm,
    pub secret: SecretString,
    pub url: Url,
    pub worker_id: String,
    pub limits: Limits,
}

impl Webhook {
    /// Sets the webhook, trying again until Telegram takes it. The secret can't be read back, so it is set at every start.
    pub(crate) async fn run(self, shutdown: CancellationToken) {
        shutdown.run_until_cancelled(self.set()).await;
    }

    async fn set(&self) {
        let mut backoff = Backoff::new(&self.worker_id, self.limits.pause_min, self.limits.pause_max);
        // teloxide's form has room for a certificate and is sent as a form for that.
        let parameters = json!({
            "url": self.url,
            "secret_token": self.secret.expose_secret(),
            "max_connections": CONNECTIONS_MAX,
            "allowed_updates": allowed_updates(),
        });
        loop {
            match self.telegram.call_method("SetWebhook", &parameters, self.limits.send_timeout).await {
                Ok(True) => {
                    info!("Telegram calls the webhook");
                    return;
                }
                Err(error) => {
                    warn!(%error, "Telegram did not take the webhook");
                    let pause = if error.is_token_refused() {
                        self.alarm.raise(Alert::TokenRefused(Bot::Main)).await;
                        self.limits.token_pause
                    } else if error.code() == 400 {
                        self.alarm.raise(Alert::WebhookRefused(Bot::Main)).await;
                        self.limits.token_pause
                    } else {
                        backoff.next()
                    };
                    sleep(pause).await;
                }
            }
        }
    }
}
