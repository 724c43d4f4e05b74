//! Between the API's types and ours.

use std::time::Duration;

use chrono::{DateTime, Utc};
use warung_app::{Error, Result};
use warung_domain::{
    message::Bot,
    money::{Currency, Money},
    standing::{Right, Rights},
};
use warung_proto::{access, messaging, types};

use super::same_values::same_values;

/// A time as the API has it.
pub(crate) fn timestamp(time: DateTime<Utc>) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: time.timestamp(),
        nanos: i32::try_from(time.timestamp_subsec_nanos()).unwrap_or_default(),
    }
}

/// A time from the API, which must be there.
pub(super) fn time(field: &str, timestamp: Option<prost_types::Timestamp>) -> Result<DateTime<Utc>> {
    let timestamp = timestamp.ok_or_else(|| Error::invalid(field, "is required"))?;
    u32::try_from(timestamp.nanos)
        .ok()
        .and_then(|nanos| DateTime::from_timestamp(timestamp.seconds, nanos))
        .ok_or_else(|| Error::invalid(field, "must be a time"))
}

/// A right of the API; `None` of one that there is not.
pub(super) fn right(right: access::Right) -> Option<Right> {
    match right {
        access::Right::Unspecified => None,
        access::Right::Catalog => Some(Right::Catalog),
        access::Right::Library => Some(Right::Library),
        access::Right::Orders => Some(Right::Orders),
        access::Right::Payments => Some(Right::Payments),
        access::Right::Users => Some(Right::Users),
        access::Right::Settings => Some(Right::Settings),
    }
}

/// Rights from the API, each of them one that there is.
pub(super) fn rights(field: &str, named: impl Iterator<Item = access::Right>) -> Result<Rights> {
    let known: Option<Rights> = named.map(right).collect();
    known.ok_or_else(|| Error::invalid(field, "must be rights that there are"))
}

/// Rights as the API has them.
pub(super) fn rights_of(rights: Rights) -> Vec<i32> {
    let named = rights.iter().map(|right| match right {
        Right::Catalog => access::Right::Catalog,
        Right::Library => access::Right::Library,
        Right::Orders => access::Right::Orders,
        Right::Payments => access::Right::Payments,
        Right::Users => access::Right::Users,
        Right::Settings => access::Right::Settings,
    });
    named.map(i32::from).collect()
}

/// A wait from the API, cut to `max`; absent: none.
pub(super) fn wait(field: &str, duration: Option<prost_types::Duration>, max: Duration) -> Result<Duration> {
    let Some(duration) = duration else { return Ok(Duration::ZERO) };
    let duration = Duration::try_from(duration).map_err(|_| Error::invalid(field, "must not be negative"))?;
    Ok(duration.min(max))
}

/// A duration as the API has it.
pub(super) fn duration(duration: Duration) -> prost_types::Duration {
    prost_types::Duration {
        seconds: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
        nanos: i32::try_from(duration.subsec_nanos()).unwrap_or_default(),
    }
}

/// A count as the API has it: what can't be told in 32 bits is told as the most that can.
pub(super) fn int32(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

same_values!(Bot => messaging::Bot { Main, Owner }, to: bot_to_api, from: bot_of_api);

/// A bot from the API, which must be there.
pub(super) fn bot(bot: messaging::Bot) -> Result<Bot> {
    bot_of_api(bot).ok_or_else(|| Error::invalid("bot", "is required"))
}

/// An amount as the API has it.
pub(super) fn money(money: Money) -> types::Money {
    types::Money { currency_code: money.currency.name().to_owned(), minor_units: money.minor_units }
}

/// An amount from the API. What it may be is for the use case to say.
pub(super) fn amount(field: &str, money: types::Money) -> Result<Money> {
    let types::Money { currency_code, minor_units } = money;
    let unknown = || Error::invalid(&format!("{field}.currency_code"), "must be one of: IDR, XTR");
    Ok(Currency::from_name(&currency_code).ok_or_else(unknown)?.amount(minor_units))
}
