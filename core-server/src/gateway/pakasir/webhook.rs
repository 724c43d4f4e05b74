//! What Pakasir posts. Nothing in it is believed, so it is read strictly: what can't be read names no payment.

use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use sha2::Sha256;
use warung_app::gateway::{WebhookClaim, WebhookError};
use warung_domain::money::Money;

use super::PakasirConfig;

/// The largest body that is looked at.
const BODY_BYTES_MAX: usize = 64 * 1_024;
const REFERENCE_CHARACTERS_MAX: usize = 64;
const STATUS_CHARACTERS_MAX: usize = 32;

#[derive(Deserialize)]
struct Notice {
    amount: i64,
    order_id: String,
    project: String,
    status: String,
    #[serde(default)]
    is_sandbox: Option<bool>,
}

/// Reads a webhook's body, once its signature is right where one is asked for.
pub(super) fn read(config: &PakasirConfig, body: &[u8], signature: &str) -> Result<WebhookClaim, WebhookError> {
    if body.len() > BODY_BYTES_MAX {
        return Err(WebhookError::Malformed("is larger than 64 KiB"));
    }
    if let Some(secret) = &config.webhook_secret
        && !is_signed(secret.expose_secret(), body, signature)
    {
        return Err(WebhookError::Refused("it is not signed with PAKASIR_WEBHOOK_SECRET"));
    }
    let notice: Notice = serde_json::from_slice(body).map_err(|_| {
        // What stands in it is not told: it is anybody's.
        WebhookError::Malformed("must be a JSON object with amount, order_id, project and status")
    })?;
    let Notice { amount, order_id, project, status, is_sandbox } = notice;
    if amount < 1 {
        return Err(WebhookError::Malformed("must have an amount of at least 1"));
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.~-".contains(&byte);
    if !(1..=REFERENCE_CHARACTERS_MAX).contains(&order_id.len()) || !order_id.bytes().all(is_plain) {
        return Err(WebhookError::Malformed("must have an order_id of 1 to 64 of A-Z a-z 0-9 _ . ~ -"));
    }
    if !(1..=STATUS_CHARACTERS_MAX).contains(&status.len()) {
        return Err(WebhookError::Malformed("must have a status"));
    }
    if project != config.project_slug {
        return Err(WebhookError::Refused("it is for another project"));
    }
    if is_sandbox == Some(true) && !config.sandbox {
        return Err(WebhookError::Refused("it comes from the sandbox, and PAKASIR_SANDBOX is false"));
    }
    // It posts nothing when it takes money back.
    Ok(WebhookClaim { reference: order_id, amount: Money::idr(amount), is_reversal: false })
}

/// Whether `signature` is the HMAC-SHA256 of the body in lower-case hexadecimal. Compared in constant time.
fn is_signed(secret: &str, body: &[u8], signature: &str) -> bool {
    let (Some(signature), Ok(mut mac)) = (unhex(signature), Hmac::<Sha256>::new_from_slice(secret.as_bytes())) else {
        return false;
    };
    mac.update(body);
    mac.verify_slice(&signature).is_ok()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some((digit(*high)? << 4) | digit(*low)?)).collect()
}
