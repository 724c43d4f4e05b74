//! Whether a secret that came with a call is that of a key which holds.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use warung_domain::{api_key::ApiKeyHash, ids::ApiKeyId, principal::Principal};
use warung_store::{Read, Tx, rows};

use super::scopes_of;
use crate::{
    context::Context,
    engine::{Command, Engine, Query},
    error::{Result, Unproven},
    remembered::Remembered,
};

/// How many keys are kept.
const KEYS_MAX: u64 = 1_000;
/// A use is written down when the last one that was is older.
const USE_EVERY: TimeDelta = TimeDelta::seconds(30);

/// What a key may do.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Which key.
    pub id: ApiKeyId,
    scopes: Vec<String>,
}

impl Grant {
    /// Whether the key has one of these scopes. Of none it has none.
    #[must_use]
    pub fn allows(&self, scopes: &[String]) -> bool {
        scopes.iter().any(|scope| self.scopes.contains(scope))
    }
}

/// Keys that were read a moment ago, and the uses of keys that are to be written down.
#[derive(Debug)]
pub(crate) struct ApiKeys {
    known: Remembered<ApiKeyHash, Arc<Grant>>,
    uses: Mutex<HashMap<ApiKeyId, DateTime<Utc>>>,
}

impl Default for ApiKeys {
    fn default() -> Self {
        Self { known: Remembered::of(KEYS_MAX), uses: Mutex::default() }
    }
}

impl ApiKeys {
    /// Forgets all keys: one was revoked.
    pub(super) fn forget(&self) {
        self.known.forget();
    }

    fn uses(&self) -> MutexGuard<'_, HashMap<ApiKeyId, DateTime<Utc>>> {
        self.uses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct ByHash(ApiKeyHash);

impl Query for ByHash {
    type Output = Option<rows::ApiKey>;

    async fn fetch(&self, read: &Read, _ctx: &Context) -> Result<Option<rows::ApiKey>> {
        Ok(read.api_key_by_hash(self.0.as_bytes()).await?)
    }
}

/// Writes down when keys were last used.
#[derive(Clone, Debug)]
struct NoteUses(Vec<(ApiKeyId, DateTime<Utc>)>);

impl Command for NoteUses {
    type Output = ();
    const NAME: &'static str = "identity.note_api_key_uses";
    // The latest time stays.
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, _ctx: &Context) -> Result<()> {
        for (id, time) in &self.0 {
            tx.note_api_key_use(id.0, *time).await?;
        }
        Ok(())
    }
}

impl Engine {
    pub(crate) fn api_keys(&self) -> Arc<ApiKeys> {
        self.part()
    }

    /// What the key with this secret may do; refused when there is none, or it was revoked.
    pub async fn verify_api_key(&self, ctx: &Context, secret: &str) -> Result<Arc<Grant>> {
        let hash = ApiKeyHash::read(secret).ok_or(Unproven::ApiKeyInvalid)?;
        let keys = self.api_keys();
        if let Some(grant) = keys.known.get(&hash, self.now()) {
            return Ok(grant);
        }
        let began = keys.known.begin(self.now());
        let found = self.ask(ctx, ByHash(hash)).await?;
        let row = found
            .filter(|row| hash.matches(&row.secret_hash) && row.revoke_time.is_none())
            .ok_or(Unproven::ApiKeyInvalid)?;
        let grant = Arc::new(Grant { id: ApiKeyId(row.id), scopes: scopes_of(&row.scopes) });
        keys.known.keep(hash, Arc::clone(&grant), began);
        if row.last_use_time.is_none_or(|last| ctx.now.signed_duration_since(last) >= USE_EVERY) {
            keys.uses().insert(grant.id, ctx.now);
        }
        Ok(grant)
    }

    /// Writes down when keys were last used. What can't be written waits on.
    pub async fn flush_api_key_uses(&self) -> Result<()> {
        let keys = self.api_keys();
        let waiting = std::mem::take(&mut *keys.uses());
        if waiting.is_empty() {
            return Ok(());
        }
        // In one order in all processes, so that two never wait for each other.
        let mut uses: Vec<_> = waiting.into_iter().collect();
        uses.sort_unstable();
        let ctx = self.context(Principal::CORE, "api_keys");
        let written = self.run(&ctx, NoteUses(uses.clone())).await;
        if written.is_err() {
            let mut waiting = keys.uses();
            for (id, time) in uses {
                waiting.entry(id).or_insert(time);
            }
        }
        written
    }
}
