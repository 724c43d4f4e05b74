//! What the owner has to be told.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::{sync::Mutex, time::Instant};
use tracing::{error, warn};
use uuid::Uuid;
use warung_proto::messaging::Bot;

use crate::{core::Core, deliver::bot_name};

/// The same alert is not raised again before this time is over. The core holds it back for an hour anyway.
const PERIOD: Duration = Duration::from_mins(10);

/// A fault that only the owner can mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alert {
    /// Telegram does not know the token of this bot.
    TokenRefused(Bot),
    /// Another program polls for the updates of this bot.
    PolledElsewhere(Bot),
    /// Telegram does not take the webhook of this bot.
    WebhookRefused(Bot),
    /// Telegram gives this bot no updates for so long.
    ToldToWait(Bot, Duration),
}

impl Alert {
    fn key(self) -> String {
        match self {
            Self::TokenRefused(bot) => format!("telegram.token_refused:{}", bot_name(bot)),
            Self::PolledElsewhere(bot) => format!("telegram.polled_elsewhere:{}", bot_name(bot)),
            Self::WebhookRefused(bot) => format!("telegram.webhook_refused:{}", bot_name(bot)),
            Self::ToldToWait(bot, _) => format!("telegram.told_to_wait:{}", bot_name(bot)),
        }
    }

    fn text(self) -> String {
        match self {
            Self::TokenRefused(bot) => format!(
                "Telegram refuses the token of the {} bot. Nothing is sent until a token that BotFather gives is set and \
                 the bot role is started again.",
                bot_name(bot)
            ),
            Self::PolledElsewhere(bot) => format!(
                "Another program polls Telegram for the updates of the {} bot, so this one misses them. Stop it, or \
                 revoke the token at BotFather and set the new one.",
                bot_name(bot)
            ),
            Self::WebhookRefused(bot) => format!(
                "Telegram does not take the webhook of the {} bot. Check that WARUNG_PUBLIC_URL is an https address that \
                 the world can reach on port 443, 80, 88 or 8443.",
                bot_name(bot)
            ),
            Self::ToldToWait(bot, pause) => format!(
                "Telegram gives the {} bot no updates for {} s: until then nobody who writes to it is answered. It goes on \
                 by itself.",
                bot_name(bot),
                pause.as_secs()
            ),
        }
    }
}

/// Tells the owner, by way of the core, and each thing not too often.
#[derive(Clone)]
pub(crate) struct Alarm {
    core: Core,
    worker_id: String,
    raised: Arc<Mutex<Raised>>,
}

#[derive(Default)]
struct Raised {
    at: HashMap<String, Instant>,
    count: u64,
}

impl Alarm {
    pub(crate) fn new(core: Core, worker_id: &str) -> Self {
        Self { core, worker_id: worker_id.to_owned(), raised: Arc::default() }
    }

    /// Raises it unless it was a moment ago. An alert that the core does not take is in the log at least.
    pub(crate) async fn raise(&self, alert: Alert) {
        let key = alert.key();
        let mut raised = self.raised.lock().await;
        if raised.at.get(&key).is_some_and(|at| at.elapsed() < PERIOD) {
            return;
        }
        error!(alert = key, "{}", alert.text());
        raised.count += 1;
        let name = format!("alert:{}:{}", self.worker_id, raised.count);
        match self.core.raise_alert(Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()), &key, &alert.text()).await {
            Ok(()) => {
                raised.at.insert(key, Instant::now());
            }
            Err(status) => warn!(alert = key, code = ?status.code(), "the core took no alert"),
        }
    }
}
