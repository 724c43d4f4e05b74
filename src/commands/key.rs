//! `warung key`.

use chrono::DateTime;
use chrono_tz::Tz;
use clap::Subcommand;
use warung_proto::{
    channel::Channel,
    identity::{
        ApiKey, CreateApiKeyRequest, ListApiKeysRequest, RevokeApiKeyRequest,
        api_key_service_client::ApiKeyServiceClient,
    },
};

use super::{
    core::{Operated, told},
    note, say,
};
use crate::{
    compose::{self, Failure},
    settings::{Role, Settings},
};

/// What to do with API keys.
#[derive(Debug, Subcommand)]
pub(super) enum KeyCommand {
    /// Make a key. Its secret is the only thing on standard output, this once.
    Create {
        /// What you call it: 1 to 64 characters.
        name: String,
        /// What it may do, once for each: `catalog.read`, `library.read`, `order.write`, `order.read` or `membership.read`.
        #[arg(long = "scope", required = true)]
        scopes: Vec<String>,
    },
    /// List the keys, without their secrets.
    List,
    /// End a key, for good: within a second nobody accepts it.
    Revoke {
        /// Its id, as the list has it.
        id: String,
    },
}

/// Makes, lists or revokes API keys: through the core that is running, or through one of its own when none is.
pub(super) async fn key(command: KeyCommand) -> Result<(), Failure> {
    let settings = Settings::load(Role::Operate)?;
    let core = Operated::reach(&settings).await?;
    let outcome = run(&core, command, settings.time_zone).await;
    core.end().await;
    outcome
}

async fn run(core: &Operated, command: KeyCommand, time_zone: Tz) -> Result<(), Failure> {
    let mut client: ApiKeyServiceClient<Channel> = ApiKeyServiceClient::new(core.channel.clone());
    match command {
        KeyCommand::Create { name, scopes } => {
            let message = CreateApiKeyRequest { request_id: compose::new_id().to_string(), name, scopes };
            let made =
                client.create_api_key(core.request(message)?).await.map_err(|status| told(&status))?.into_inner();
            note(format_args!("Key {} is made.", made.api_key.unwrap_or_default().api_key_id));
            note("This is its secret. It is shown this once; keep it where your program finds it, and nowhere else:");
            say(made.secret);
        }
        KeyCommand::List => {
            let listed = client.list_api_keys(core.request(ListApiKeysRequest {})?).await;
            let keys = listed.map_err(|status| told(&status))?.into_inner().api_keys;
            // The heading is not among the keys: a program that reads those has no use for it.
            note(if keys.is_empty() { "There are no keys." } else { "id\tname\tscopes\tmade\tused\tstate" });
            for key in keys {
                say(described(&key, time_zone));
            }
        }
        KeyCommand::Revoke { id } => {
            let message = RevokeApiKeyRequest { request_id: compose::new_id().to_string(), api_key_id: id };
            let revoked = client.revoke_api_key(core.request(message)?).await.map_err(|status| told(&status))?;
            note(format_args!("{} is revoked.", revoked.into_inner().api_key.unwrap_or_default().api_key_id));
        }
    }
    Ok(())
}

/// A key on one line, with tabs between its parts.
fn described(key: &ApiKey, time_zone: Tz) -> String {
    let ApiKey { api_key_id, name, scopes, create_time, last_use_time, revoke_time } = key;
    let at = |seconds: Option<i64>| {
        let time = DateTime::from_timestamp(seconds?, 0)?.with_timezone(&time_zone);
        Some(time.format("%Y-%m-%d %H:%M %Z").to_string())
    };
    let used = at(last_use_time.map(|time| time.seconds)).unwrap_or_else(|| "never".to_owned());
    let made = at(create_time.map(|time| time.seconds)).unwrap_or_default();
    let state =
        at(revoke_time.map(|time| time.seconds)).map_or_else(|| "valid".to_owned(), |time| format!("revoked {time}"));
    format!("{api_key_id}\t{name}\t{}\tmade {made}\tused {used}\t{state}", scopes.join(" "))
}
