//! Who calls, and for what.

use std::sync::atomic::{AtomicU64, Ordering};

use chrono::Utc;
use tonic::metadata::AsciiMetadataValue;

use crate::{
    init_data::Signer,
    shop::{Prepared, Shop},
};

/// A user with a session.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) telegram_id: i64,
    /// `Bearer {token}`; empty before the user has one.
    pub(crate) authorization: AsciiMetadataValue,
    /// The address that the user comes from.
    pub(crate) address: String,
}

impl User {
    pub(crate) fn new(number: usize) -> Self {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        let [_, high, middle, low] = number.to_be_bytes();
        Self {
            telegram_id: i64::from(number).saturating_add(1_000_001),
            authorization: AsciiMetadataValue::from_static(""),
            address: format!("10.{high}.{middle}.{low}"),
        }
    }
}

/// What calls are made of. Each takes the next number, so that no two are alike.
#[derive(Debug)]
pub(crate) struct Fixture {
    pub(crate) signer: Signer,
    pub(crate) users: Vec<User>,
    pub(crate) active_users: usize,
    /// Ids of titles.
    pub(crate) titles: Vec<String>,
    pub(crate) shop: Shop,
    next: AtomicU64,
}

/// What one call asks for.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    /// A user who looks around: one of a few.
    pub(crate) looking: &'a User,
    /// Any user.
    pub(crate) user: &'a User,
    /// A title that this user did not request lately.
    pub(crate) title: &'a str,
    /// A UUID in text, not used before.
    pub(crate) request_id: String,
    /// How many calls there were before it.
    pub(crate) number: u64,
}

impl Fixture {
    pub(crate) fn new(signer: Signer, users: Vec<User>, active_users: usize, prepared: Prepared) -> Self {
        let shop = Shop::new(prepared);
        Self { signer, users, active_users: active_users.max(1), titles: Vec::new(), shop, next: AtomicU64::new(0) }
    }

    /// The next call.
    pub(crate) fn call(&self) -> Option<Call<'_>> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let place = usize::try_from(number).ok()?;
        let round = place.checked_div(self.users.len())?;
        // When all users have had a turn, each asks for the next title.
        let title = round.checked_rem(self.titles.len()).and_then(|place| self.titles.get(place));
        Some(Call {
            looking: self.users.get(place.checked_rem(self.active_users.min(self.users.len()))?)?,
            user: self.users.get(place.checked_rem(self.users.len())?)?,
            title: title.map_or("", String::as_str),
            request_id: format!("00000000-0000-4000-8000-{number:012x}"),
            number,
        })
    }

    /// A launch of a user that Telegram signs now.
    pub(crate) fn launch(&self, user: &User) -> String {
        self.signer.launch(user.telegram_id, unix_time())
    }
}

#[expect(clippy::disallowed_methods, reason = "Telegram signs launches with the real time")]
pub(crate) fn now() -> chrono::DateTime<Utc> {
    Utc::now()
}

fn unix_time() -> i64 {
    now().timestamp()
}
