//! What goes over the wire. Unknown fields are ignored, and what is known must have its type: an amount is a whole
//! number, never a text.

use chrono::{DateTime, FixedOffset, Utc};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use warung_app::gateway::{Charge, GatewayError, GatewayStatus, Invoice};
use warung_domain::{money::Money, payment::Method, qris::Qris, review::Misfit};

use super::PakasirConfig;

/// A virtual account's number, in characters.
const ACCOUNT_CHARACTERS: std::ops::RangeInclusive<usize> = 6..=32;

/// The body of create, cancel and simulation.
#[derive(Serialize)]
pub(super) struct Request<'r> {
    project: &'r str,
    order_id: &'r str,
    amount: i64,
    api_key: &'r str,
}

impl<'r> Request<'r> {
    pub(super) fn new(config: &'r PakasirConfig, reference: &'r str, amount: Money) -> Self {
        Self {
            project: &config.project_slug,
            order_id: reference,
            amount: amount.minor_units,
            api_key: config.api_key.expose_secret(),
        }
    }
}

/// The answer of create.
#[derive(Deserialize)]
pub(super) struct Created {
    payment: CreatedPayment,
}

#[derive(Deserialize)]
struct CreatedPayment {
    project: String,
    order_id: String,
    amount: i64,
    fee: i64,
    total_payment: i64,
    payment_method: String,
    payment_number: String,
    expired_at: DateTime<FixedOffset>,
}

/// The answer of detail.
#[derive(Deserialize)]
pub(super) struct Detail {
    transaction: Transaction,
}

#[derive(Deserialize)]
struct Transaction {
    project: String,
    order_id: String,
    amount: i64,
    status: String,
    #[serde(default)]
    completed_at: Option<String>,
    #[serde(default)]
    is_sandbox: Option<bool>,
}

/// The answer of cancel and simulation, of which nothing is documented.
#[derive(Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    pub(super) success: Option<bool>,
}

/// Its words for a failure, wherever it puts them.
#[derive(Deserialize)]
pub(super) struct Failure {
    #[serde(default)]
    pub(super) message: Option<String>,
    #[serde(default)]
    pub(super) error: Option<String>,
}

/// The name of a method in its addresses.
pub(super) fn method_name(method: Method) -> Option<&'static str> {
    Some(match method {
        Method::Balance => return None,
        Method::Qris => "qris",
        Method::CimbNiagaVa => "cimb_niaga_va",
        Method::BniVa => "bni_va",
        Method::BriVa => "bri_va",
        Method::PermataVa => "permata_va",
        Method::MaybankVa => "maybank_va",
        Method::BncVa => "bnc_va",
        Method::SampoernaVa => "sampoerna_va",
        Method::AtmBersamaVa => "atm_bersama_va",
        Method::ArthaGrahaVa => "artha_graha_va",
    })
}

fn mismatch<T>(misfit: Misfit) -> Result<T, GatewayError> {
    Err(GatewayError::Mismatch(misfit))
}

/// An invoice that can't be paid, or not as it was asked for.
fn unusable<T>(what: impl Into<String>) -> Result<T, GatewayError> {
    mismatch(Misfit::Invoice(what.into()))
}

/// Whether an answer is about what was asked for.
fn check_subject(
    config: &PakasirConfig,
    (reference, amount): (&str, Money),
    (project, order_id, answered): (&str, &str, i64),
) -> Result<(), GatewayError> {
    if project != config.project_slug {
        return mismatch(Misfit::Project);
    }
    if order_id != reference {
        return mismatch(Misfit::Order);
    }
    if Money::idr(answered) != amount {
        return mismatch(Misfit::Amount { told: Money::idr(answered) });
    }
    Ok(())
}

impl Created {
    /// The invoice, if it is the one that was asked for and can be paid.
    pub(super) fn invoice(
        self,
        config: &PakasirConfig,
        asked: &Charge,
        pay_url: Option<String>,
    ) -> Result<Invoice, GatewayError> {
        let CreatedPayment {
            project,
            order_id,
            amount,
            fee,
            total_payment,
            payment_method,
            payment_number: payload,
            expired_at,
        } = self.payment;
        check_subject(config, (&asked.reference, asked.amount), (&project, &order_id, amount))?;
        if Some(payment_method.to_ascii_lowercase().as_str()) != method_name(asked.method) {
            return unusable("it is paid by another method");
        }
        if fee < 0 || amount.checked_add(fee) != Some(total_payment) {
            return unusable("its total is not amount and fee");
        }
        let total = Money::idr(total_payment);
        if asked.method == Method::Qris {
            match Qris::read(&payload) {
                Ok(Qris { amount: Some(shown) }) if shown == total => {}
                Ok(Qris { amount: Some(shown) }) => return unusable(format!("its code asks for {shown}, not {total}")),
                Ok(Qris { amount: None }) => return unusable("its code asks for no amount"),
                Err(error) => return unusable(format!("its code can't be paid: {error}")),
            }
        } else if !ACCOUNT_CHARACTERS.contains(&payload.len()) || !payload.bytes().all(|b| b.is_ascii_digit()) {
            return unusable("its account number is none");
        }
        let expire_time = expired_at.with_timezone(&Utc);
        Ok(Invoice { fee: Money::idr(fee), total, payload, pay_url, expire_time })
    }
}

impl Detail {
    /// What it says of the payment that was asked about. A word that is not known is no money.
    pub(super) fn status(
        self,
        config: &PakasirConfig,
        reference: &str,
        amount: Money,
    ) -> Result<GatewayStatus, GatewayError> {
        let Transaction { project, order_id, amount: answered, status, completed_at, is_sandbox } = self.transaction;
        check_subject(config, (reference, amount), (&project, &order_id, answered))?;
        if is_sandbox == Some(true) && !config.sandbox {
            return mismatch(Misfit::Sandbox);
        }
        Ok(match status.as_str() {
            "pending" => GatewayStatus::Pending,
            "completed" => {
                let paid_time = completed_at.and_then(|text| DateTime::parse_from_rfc3339(&text).ok());
                // Its fee comes on top.
                GatewayStatus::Paid {
                    received: amount,
                    withheld: 0,
                    paid_time: paid_time.map(|time| time.with_timezone(&Utc)),
                }
            }
            "expired" => GatewayStatus::Expired,
            "cancelled" | "canceled" => GatewayStatus::Cancelled,
            _ => return Err(GatewayError::Unavailable("its status is a word that is not known".to_owned())),
        })
    }
}
