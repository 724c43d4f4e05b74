//! The hosted pay page, and a list of all payments for whoever runs a demo.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Query, State as Shareds};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use chrono::{DateTime, Datelike as _, TimeDelta, Timelike as _, Utc};
use qrcode::{Color, QrCode};
use reqwest::Url;
use serde::Deserialize;
use serde_json::json;

use super::Shared;
use super::model::{AMOUNT_MIN, Method, Status, Transaction, is_order_id};
use super::state::State;
use super::words::{Words, words};

/// The page's own files and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors *";
/// How many payments the list shows.
const LIST_MAX: usize = 100;
/// The light modules round a QR code.
const QUIET: usize = 4;

type Emulator = Shareds<Arc<Shared>>;

pub(crate) fn routes() -> Router<Arc<Shared>> {
    let css = || async { file(include_str!("../../web/pakasir/style.css"), "text/css; charset=utf-8") };
    let js = || async { file(include_str!("../../web/pakasir/pay.js"), "text/javascript; charset=utf-8") };
    let icon = || async { file(include_str!("../../web/pakasir/favicon.svg"), "image/svg+xml") };
    Router::new()
        .route("/", get(list))
        .route("/payments/{number}/expire", post(expire))
        .route("/pay/{slug}/{amount}", get(pay_page).post(pay))
        .route("/pay/{slug}/{amount}/status", get(status))
        .route("/style.css", get(css))
        .route("/pay.js", get(js))
        .route("/favicon.svg", get(icon))
}

fn file(content: &'static str, kind: &'static str) -> Response {
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache")], content).into_response()
}

fn page(words: &Words, status: StatusCode, title: &str, head: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{}</title>\
         <link rel=\"stylesheet\" href=\"/style.css\"><link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">\
         {head}</head><body>{body}<p class=\"foot\">{}</p></body></html>",
        words.code,
        escaped(title),
        words.foot,
    );
    let headers =
        [(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_SECURITY_POLICY, POLICY), (CACHE_CONTROL, "no-store")];
    (status, headers, html).into_response()
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct PayQuery {
    order_id: String,
    /// Where the payer goes back to.
    redirect: Option<String>,
    /// How a payment is made that does not exist yet.
    payment_method: Option<String>,
}

/// The payment that an address names. One that does not exist is made: whoever changes the amount in the address has
/// another payment, which the merchant must not take for its own.
fn named(state: &mut State, slug: &str, amount: &str, query: &PayQuery) -> Option<Transaction> {
    let digits = !amount.is_empty() && amount.bytes().all(|byte| byte.is_ascii_digit());
    let amount: i64 = if digits { amount.parse().ok()? } else { return None };
    if slug != state.project.slug || !is_order_id(&query.order_id) || amount < AMOUNT_MIN {
        return None;
    }
    if let Some(found) = state.find(&query.order_id, Some(amount)) {
        return Some(found.clone());
    }
    let method = match &query.payment_method {
        Some(name) => Method::from_name(name)?,
        None => Method::Qris,
    };
    Some(state.create(&query.order_id, amount, method, true))
}

fn nothing(words: &Words) -> Response {
    let Words { unknown, unknown_hint, .. } = words;
    let body = format!("<main class=\"card\"><h1>{unknown}</h1><p data-testid=\"unknown\">{unknown_hint}</p></main>");
    page(words, StatusCode::NOT_FOUND, unknown, "", &body)
}

async fn pay_page(
    Shareds(shared): Emulator,
    Path((slug, amount)): Path<(String, String)>,
    Query(query): Query<PayQuery>,
    headers: HeaderMap,
) -> Response {
    let words = words(&headers);
    let found = shared.write(|state| {
        let transaction = named(state, &slug, &amount, &query)?;
        let back = query.redirect.as_deref().or(state.project.home_url.as_deref()).and_then(web_address);
        Some((transaction, state.project.merchant.clone(), back, state.now()))
    });
    let Some((transaction, merchant, back, now)) = found else {
        return nothing(words);
    };
    let status = transaction.status(now);
    let body = card(words, &transaction, &merchant, status, back);
    let head = "<script type=\"module\" src=\"/pay.js\"></script>";
    page(words, StatusCode::OK, &format!("{} {merchant}", words.pay), head, &body)
}

async fn pay(
    Shareds(shared): Emulator,
    Path((slug, amount)): Path<(String, String)>,
    Query(query): Query<PayQuery>,
    uri: axum::http::Uri,
    headers: HeaderMap,
) -> Response {
    let words = words(&headers);
    let paid = shared.write(|state| {
        let transaction = named(state, &slug, &amount, &query)?;
        // What can't be paid any more is shown as what it is.
        Some(state.pay(transaction.number, false).ok().map(|paid| paid.number))
    });
    let Some(paid) = paid else {
        return nothing(words);
    };
    if let Some(number) = paid {
        super::webhook::announce(&shared, number);
    }
    Redirect::to(uri.path_and_query().map_or("/", |address| address.as_str())).into_response()
}

async fn status(
    Shareds(shared): Emulator,
    Path((slug, amount)): Path<(String, String)>,
    Query(query): Query<PayQuery>,
) -> Response {
    let found = shared.read(|state| {
        let transaction = state.find(&query.order_id, amount.parse().ok())?;
        (slug == state.project.slug).then(|| transaction.status(state.now()))
    });
    match found {
        Some(status) => axum::Json(json!({"status": status})).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn card(words: &Words, transaction: &Transaction, merchant: &str, status: Status, back: Option<Url>) -> String {
    let mut card = format!(
        "<main class=\"card\" data-testid=\"payment\" data-status=\"{name}\"><p class=\"label\">{pay_to}</p>\
         <h1 data-testid=\"merchant\">{merchant}</h1><p class=\"total\" data-testid=\"total\">{total}</p>\
         <dl><div><dt>{amount_is}</dt><dd data-testid=\"amount\">{amount}</dd></div><div><dt>{fee_is}</dt>\
         <dd data-testid=\"fee\">{fee}</dd></div><div><dt>{method_is}</dt><dd>{method}</dd></div>\
         <div><dt>{order_is}</dt><dd data-testid=\"order-id\">{order}</dd></div></dl>",
        name = status.name(false),
        merchant = escaped(merchant),
        total = rupiah(transaction.total_payment()),
        amount = rupiah(transaction.amount),
        fee = rupiah(transaction.fee),
        method = transaction.method.title(),
        order = escaped(&transaction.order_id),
        pay_to = words.pay_to,
        amount_is = words.amount,
        fee_is = words.fee,
        method_is = words.method,
        order_is = words.order,
    );
    match status {
        Status::Pending => card.push_str(&how_to_pay(words, transaction)),
        Status::Completed => card.push_str(&outcome("good", "paid", "✓", words.paid)),
        Status::Expired => card.push_str(&outcome("bad", "expired", "⌛", words.expired)),
        Status::Cancelled => card.push_str(&outcome("bad", "cancelled", "✕", words.cancelled)),
    }
    match back {
        Some(address) if status != Status::Pending => {
            let address = escaped(address.as_str());
            let _ = write!(card, "<a class=\"back\" data-testid=\"back\" href=\"{address}\">{}</a>", words.back);
        }
        None if status != Status::Pending => {
            let _ = write!(card, "<p class=\"hint\">{}</p>", words.no_way_back);
        }
        _ => {}
    }
    card.push_str("</main>");
    card
}

/// What became of a payment: its name for styles and for tests, its sign, its title and what it means.
fn outcome(style: &str, name: &str, sign: &str, [title, meaning]: [&str; 2]) -> String {
    format!(
        "<div class=\"outcome {style}\" role=\"status\" data-testid=\"{name}\"><span aria-hidden=\"true\">{sign}</span>\
         <strong>{title}</strong><p>{meaning}</p></div>"
    )
}

fn how_to_pay(words: &Words, transaction: &Transaction) -> String {
    let what = match transaction.method {
        Method::Qris => {
            let code = svg(&transaction.payment_number, words.qr).unwrap_or_default();
            format!("<div class=\"qr\" data-testid=\"qr\">{code}</div><p class=\"hint\">{}</p>", words.scan)
        }
        _ => format!(
            "<p class=\"label\">{}</p><p class=\"account\" data-testid=\"account\">{}</p>",
            words.account, transaction.payment_number
        ),
    };
    format!(
        "{what}<p class=\"deadline\">{pay_before} <time datetime=\"{iso}\" data-testid=\"expires\">{until}</time> \
         <span data-testid=\"countdown\" id=\"countdown\"></span></p>\
         <form method=\"post\"><button class=\"pay\" data-testid=\"pay-button\">{pay_now}</button></form>",
        iso = transaction.expired_at.to_rfc3339(),
        until = local_time(words, transaction.expired_at),
        pay_before = words.pay_before,
        pay_now = words.pay_now,
    )
}

/// A QR code as a picture.
fn svg(text: &str, label: &str) -> Option<String> {
    let code = QrCode::new(text).ok()?;
    let (width, colors) = (code.width(), code.to_colors());
    let mut path = String::new();
    for (row, line) in colors.chunks(width).enumerate() {
        for (column, color) in line.iter().enumerate() {
            if *color == Color::Dark {
                let _ = write!(path, "M{} {}h1v1h-1z", column + QUIET, row + QUIET);
            }
        }
    }
    let size = width + 2 * QUIET;
    Some(format!(
        "<svg viewBox=\"0 0 {size} {size}\" role=\"img\" aria-label=\"{label}\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0 0h{size}v{size}H0z\"/><path fill=\"#000\" d=\"{path}\"/></svg>"
    ))
}

/// The address as a link, if it is one of the web.
fn web_address(address: &str) -> Option<Url> {
    Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// An amount for people: `Rp100.003`.
fn rupiah(amount: i64) -> String {
    let digits = amount.to_string();
    let mut text = String::from("Rp");
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    text
}

/// A time for people in Jakarta: `21 Nov 2026 16.05 WIB`.
fn local_time(words: &Words, time: DateTime<Utc>) -> String {
    let local = time.checked_add_signed(TimeDelta::hours(7)).unwrap_or(time);
    let month = usize::try_from(local.month0()).ok().and_then(|month| words.months.get(month)).unwrap_or(&"");
    format!("{} {month} {} {:02}.{:02} WIB", local.day(), local.year(), local.hour(), local.minute())
}

async fn list(Shareds(shared): Emulator, headers: HeaderMap) -> Response {
    let words = words(&headers);
    let rows = shared.read(|state| {
        let mut rows = String::new();
        for transaction in state.transactions.iter().rev().take(LIST_MAX) {
            let status = transaction.status(state.now());
            let _ = write!(
                rows,
                "<tr data-testid=\"row\"><td><a href=\"/pay/{}/{}?order_id={order}\">{order}</a></td><td>{}</td>\
                 <td>{}</td><td data-status=\"{name}\">{name}</td><td>",
                state.project.slug,
                transaction.amount,
                rupiah(transaction.total_payment()),
                transaction.method.title(),
                order = transaction.order_id,
                name = status.name(false),
            );
            if status == Status::Pending {
                let _ = write!(
                    rows,
                    "<form method=\"post\" action=\"/payments/{}/expire\"><button data-testid=\"expire\">{}</button></form>",
                    transaction.number, words.make_expire
                );
            }
            rows.push_str("</td></tr>");
        }
        rows
    });
    let table = if rows.is_empty() {
        format!("<p>{}</p>", words.empty_list)
    } else {
        format!(
            "<div class=\"scroll\"><table><thead><tr><th>{}</th><th>Total</th><th>{}</th><th>Status</th>\
             <th></th></tr></thead><tbody>{rows}</tbody></table></div>",
            words.order, words.method
        )
    };
    let body = format!("<main class=\"card wide\"><h1>{}</h1>{table}</main>", words.list);
    page(words, StatusCode::OK, words.name, "<meta http-equiv=\"refresh\" content=\"5\">", &body)
}

async fn expire(Shareds(shared): Emulator, Path(number): Path<u64>, headers: HeaderMap) -> Response {
    // One that was paid meanwhile stays paid; the list shows it.
    match shared.write(|state| state.expire(number)) {
        Err(super::PakasirError::Unknown) => nothing(words(&headers)),
        _ => Redirect::to("/").into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_and_times_are_written_for_people() {
        assert_eq!([rupiah(500), rupiah(100_003), rupiah(1_000_000)], ["Rp500", "Rp100.003", "Rp1.000.000"]);
        let time = DateTime::from_timestamp(1_795_251_900, 0).unwrap();
        assert_eq!(local_time(words(&HeaderMap::new()), time), "21 Nov 2026 16.05 WIB");
    }

    #[test]
    fn only_addresses_of_the_web_are_linked() {
        assert!(web_address("https://t.me/warung_bot").is_some());
        assert!(web_address("javascript:alert(1)").is_none() && web_address("//example.test").is_none());
    }
}
