//! What the emulated Pakasir knows of a payment.

use chrono::{DateTime, FixedOffset, SecondsFormat, Utc};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};

/// The smallest amount that can be paid, in rupiah.
pub(crate) const AMOUNT_MIN: i64 = 500;
/// The fewest characters of an `order_id`.
const ORDER_ID_MIN: usize = 5;
/// Amounts up to this pay a QRIS fee of 0.7 % and Rp310; higher ones 1 %.
const QRIS_SMALL_MAX: i64 = 105_000;
/// Western Indonesian Time, in which `completed_at` is written, in seconds east of UTC.
const WIB: i32 = 7 * 3_600;

/// How a payment is made: a name as it stands in the path of `transactioncreate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "they are the gateway's own names")]
pub enum Method {
    Qris,
    CimbNiagaVa,
    BniVa,
    BriVa,
    PermataVa,
    MaybankVa,
    BncVa,
    SampoernaVa,
    AtmBersamaVa,
    ArthaGrahaVa,
}

impl Method {
    /// All methods.
    pub const ALL: [Self; 10] = [
        Self::Qris,
        Self::CimbNiagaVa,
        Self::BniVa,
        Self::BriVa,
        Self::PermataVa,
        Self::MaybankVa,
        Self::BncVa,
        Self::SampoernaVa,
        Self::AtmBersamaVa,
        Self::ArthaGrahaVa,
    ];

    /// The name in paths and answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.parts().0
    }

    /// The name for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.parts().1
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }

    /// The name, the name for people, and the prefix of a virtual account's number (invented).
    fn parts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Qris => ("qris", "QRIS", ""),
            Self::CimbNiagaVa => ("cimb_niaga_va", "CIMB Niaga Virtual Account", "1899"),
            Self::BniVa => ("bni_va", "BNI Virtual Account", "8808"),
            Self::BriVa => ("bri_va", "BRI Virtual Account", "9200"),
            Self::PermataVa => ("permata_va", "Permata Virtual Account", "8528"),
            Self::MaybankVa => ("maybank_va", "Maybank Virtual Account", "7812"),
            Self::BncVa => ("bnc_va", "BNC Virtual Account", "9010"),
            Self::SampoernaVa => ("sampoerna_va", "Sampoerna Virtual Account", "8710"),
            Self::AtmBersamaVa => ("atm_bersama_va", "ATM Bersama", "8770"),
            Self::ArthaGrahaVa => ("artha_graha_va", "Artha Graha Virtual Account", "9860"),
        }
    }

    /// A virtual account's number of 16 digits, another for each serial number.
    pub(crate) fn account(self, serial: u64) -> String {
        format!("{}{:012}", self.parts().2, serial % 1_000_000_000_000)
    }

    /// What the payer pays beside the amount, in rupiah.
    #[must_use]
    pub fn fee(self, amount: i64) -> i64 {
        match self {
            // Rounded half up, in whole rupiah.
            Self::Qris if amount <= QRIS_SMALL_MAX => (amount * 7 + 310_000 + 500) / 1_000,
            Self::Qris => (amount + 50) / 100,
            Self::ArthaGrahaVa | Self::SampoernaVa => 2_000,
            _ => 3_500,
        }
    }
}

/// What became of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It can be paid.
    Pending,
    /// The money arrived.
    Completed,
    /// It was not paid in time.
    Expired,
    /// It was called off.
    Cancelled,
}

impl Status {
    /// The gateway's word; it spells `cancelled` both ways.
    pub(crate) fn name(self, american: bool) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Completed => "completed",
            Self::Expired => "expired",
            Self::Cancelled if american => "canceled",
            Self::Cancelled => "cancelled",
        }
    }
}

/// One payment. There may be several with the same `order_id`: that `transactioncreate` can be repeated is nowhere
/// promised, and here it makes another payment, which can be paid beside the first.
#[derive(Clone, Debug, Serialize)]
pub struct Transaction {
    /// Counts up from 1.
    pub number: u64,
    /// The merchant's id of it.
    pub order_id: String,
    /// The amount that the merchant asked for, in rupiah.
    pub amount: i64,
    /// What the payer pays beside it.
    pub fee: i64,
    /// How it is paid.
    pub method: Method,
    /// The QRIS string, or the number of the virtual account.
    pub payment_number: String,
    /// What became of it, but for its expiry: see [`Transaction::status`].
    #[serde(skip)]
    pub(crate) settled: Status,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Until when it can be paid.
    #[serde(serialize_with = "nanoseconds")]
    pub expired_at: DateTime<Utc>,
    /// When the money arrived.
    pub completed_at: Option<DateTime<Utc>>,
    /// Whether the hosted page made it, not `transactioncreate`.
    pub by_page: bool,
}

fn nanoseconds<S: Serializer>(time: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&time.to_rfc3339_opts(SecondsFormat::Nanos, true))
}

impl Transaction {
    /// What the payer pays: amount and fee.
    #[must_use]
    pub fn total_payment(&self) -> i64 {
        self.amount + self.fee
    }

    /// What became of it by this time.
    #[must_use]
    pub fn status(&self, now: DateTime<Utc>) -> Status {
        if self.settled == Status::Pending && now >= self.expired_at { Status::Expired } else { self.settled }
    }

    /// The answer of `transactioncreate`.
    pub(crate) fn created(&self, project: &str) -> Value {
        json!({"payment": {
            "project": project, "order_id": self.order_id, "amount": self.amount, "fee": self.fee,
            "total_payment": self.total_payment(), "payment_method": self.method.name(),
            "payment_number": self.payment_number,
            "expired_at": self.expired_at.to_rfc3339_opts(SecondsFormat::Nanos, true),
        }})
    }

    /// The transaction of `transactiondetail`, which is the webhook's body as well.
    pub(crate) fn details(&self, project: &str, status: &str) -> Value {
        let mut details = json!({
            "amount": self.amount, "order_id": self.order_id, "project": project, "status": status,
            "payment_method": self.method.name(),
        });
        if let (Some(details), Some(at)) = (details.as_object_mut(), self.completed_at) {
            details.insert("completed_at".into(), json!(in_jakarta(at)));
        }
        details
    }
}

/// A time as `completed_at` has it: milliseconds, and Jakarta's offset.
pub(crate) fn in_jakarta(time: DateTime<Utc>) -> String {
    match FixedOffset::east_opt(WIB) {
        Some(offset) => time.with_timezone(&offset).to_rfc3339_opts(SecondsFormat::Millis, false),
        None => time.to_rfc3339(),
    }
}

/// Whether the gateway takes this as an `order_id`: at least 5 of `A-Za-z0-9_.~-`.
pub(crate) fn is_order_id(text: &str) -> bool {
    text.len() >= ORDER_ID_MIN && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.~-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fee_is_that_of_the_published_examples() {
        for (amount, fee) in
            [(99_000, 1_003), (22_000, 464), (105_000, 1_045), (105_001, 1_050), (200_000, 2_000), (500, 314)]
        {
            assert_eq!(Method::Qris.fee(amount), fee, "{amount}");
        }
        assert_eq!((Method::BniVa.fee(10_000), Method::ArthaGrahaVa.fee(10_000)), (3_500, 2_000));
    }

    #[test]
    fn times_are_written_in_the_gateways_two_ways() {
        let time = DateTime::from_timestamp(1_725_930_422, 819_000_000).unwrap();
        assert_eq!(in_jakarta(time), "2024-09-10T08:07:02.819+07:00");
        assert_eq!(time.to_rfc3339_opts(SecondsFormat::Nanos, true), "2024-09-10T01:07:02.819000000Z");
    }

    #[test]
    fn an_order_id_has_an_alphabet_and_a_least_length() {
        assert!(is_order_id("tg12-0abc.~_Z") && is_order_id("abcde"));
        assert!(!is_order_id("abcd") && !is_order_id("abc de") && !is_order_id("abcdé") && !is_order_id("ab/cde"));
    }
}
