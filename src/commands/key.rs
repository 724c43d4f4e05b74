//! `warung key`.

use std::time::Duration;

use chrono::DateTime;
use chrono_tz::Tz;
use clap::Subcommand;
use tonic::{Code, Request, Status, metadata::AsciiMetadataValue};
use warung_proto::{
    channel::Channel,
    error,
    identity::{
        ApiKey, CreateApiKeyRequest, ListApiKeysRequest, RevokeApiKeyRequest,
        api_key_service_client::ApiKeyServiceClient,
    },
    key::Service,
    metadata,
};

use super::{core::Operated, note, say};
use crate::{
    compose::{self, Failure},
    settings::{Role, Settings},
};

/// How long a call may take.
const TIMEOUT: Duration = Duration::from_secs(30);

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
                client.create_api_key(request(core, message)?).await.map_err(|status| told(&status))?.into_inner();
            note(format_args!("Key {} is made.", made.api_key.unwrap_or_default().api_key_id));
            note("This is its secret. It is shown this once; keep it where your program finds it, and nowhere else:");
            say(made.secret);
        }
        KeyCommand::List => {
            let listed = client.list_api_keys(request(core, ListApiKeysRequest {})?).await;
            let keys = listed.map_err(|status| told(&status))?.into_inner().api_keys;
            // The heading is not among the keys: a program that reads those has no use for it.
            note(if keys.is_empty() { "There are no keys." } else { "id\tname\tscopes\tmade\tused\tstate" });
            for key in keys {
                say(described(&key, time_zone));
            }
        }
        KeyCommand::Revoke { id } => {
            let message = RevokeApiKeyRequest { request_id: compose::new_id().to_string(), api_key_id: id };
            let revoked = client.revoke_api_key(request(core, message)?).await.map_err(|status| told(&status))?;
            note(format_args!("{} is revoked.", revoked.into_inner().api_key.unwrap_or_default().api_key_id));
        }
    }
    Ok(())
}

fn request<T>(core: &Operated, message: T) -> Result<Request<T>, Failure> {
    let mut key: AsciiMetadataValue = core.key.present_as(Service::Operator).parse()?;
    key.set_sensitive(true);
    let mut request = Request::new(message);
    request.metadata_mut().insert(metadata::SERVICE_KEY, key);
    request.set_timeout(TIMEOUT);
    Ok(request)
}

/// What the person at the command line is told of a refusal.
fn told(status: &Status) -> Failure {
    match status.code() {
        Code::Unavailable | Code::Unknown | Code::Cancelled | Code::DeadlineExceeded => {
            format!("the core can't be reached, or can't do it now ({})", status.message())
        }
        Code::Unauthenticated | Code::PermissionDenied => "the core refused this command: its \
            WARUNG_SECRET_KEY (or WARUNG_SERVICE_KEY, where it is set) is not the one that the core has"
            .to_owned(),
        Code::InvalidArgument | Code::NotFound => status.message().to_owned(),
        _ => format!("the core answered {}: {}", error::reason(status).as_reason(), status.message()),
    }
    .into()
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
