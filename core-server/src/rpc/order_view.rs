//! Orders, payments and money, between the API's types and ours.

use warung_app::{
    Error, Result,
    order::{Item, Order, OrderLine},
    payment::{LineRefund, PayBy, Payment, Refund, WebhookResult},
    wallet::{EntryKind, Wallet, WalletEntry},
};
use warung_domain::{
    catalog::ProductKind,
    ids::OrderLineId,
    money::Money,
    order::{HoldReason, OrderState},
    payment::{Destination, Method, PaymentState, RefundState},
};
use warung_proto::{catalog as catalog_pb, order as order_pb, payment as pb, types, wallet as wallet_pb};

use super::{
    convert::{amount, int32, money, timestamp},
    same_values::same_values,
};

same_values!(
    ProductKind => catalog_pb::ProductKind { Stock, Shared, Manual, Membership, TopUp },
    to: kind, from: kind_of_api
);
same_values!(
    Method => pb::PaymentMethod {
        Balance, Qris, CimbNiagaVa, BniVa, BriVa, PermataVa, MaybankVa, BncVa, SampoernaVa, AtmBersamaVa, ArthaGrahaVa,
    },
    to: method_to_api, from: method_of_api
);
same_values!(
    PaymentState => pb::PaymentState {
        Creating, Open, Awaiting, Paid, Cancelled, Expired, Failed, Returned, Reversed,
    },
    to: payment_state
);
same_values!(RefundState => pb::RefundState { Pending, Done, Failed }, to: refund_state);
same_values!(
    OrderState => order_pb::OrderState { Pending, Paid, Completed, Cancelled, Expired, Refunded },
    to: order_state, from: state_of_api
);
same_values!(HoldReason => order_pb::HoldReason { Manual, BuyerUnreachable, Undeliverable }, to: hold_reason);
same_values!(Destination => order_pb::RefundDestination { Balance, Gateway }, from: destination_of_api);
same_values!(
    WebhookResult => pb::receive_webhook_response::Result { Kept, Repeated, Unknown },
    to: webhook_result
);
same_values!(
    EntryKind => wallet_pb::wallet_entry::Kind { TopUp, Purchase, Return, Refund, Credit, Reversal },
    to: entry_kind
);

/// An amount from the API, if there is one.
pub(super) fn some_amount(field: &str, money: Option<types::Money>) -> Result<Option<Money>> {
    money.map(|money| amount(field, money)).transpose()
}

/// An amount from the API, which must be there.
pub(super) fn required_amount(field: &str, money: Option<types::Money>) -> Result<Money> {
    some_amount(field, money)?.ok_or_else(|| Error::invalid(field, "is required"))
}

pub(super) fn item(item: order_pb::OrderItem) -> Item {
    Item { product: item.product_id, quantity: i64::from(item.quantity) }
}

/// A way to pay from the API; `None`: none was chosen.
pub(super) fn method(field: &str, number: i32) -> Result<Option<Method>> {
    if number == 0 {
        return Ok(None);
    }
    let found = pb::PaymentMethod::try_from(number).ok().and_then(method_of_api);
    found.map(Some).ok_or_else(|| Error::invalid(field, "must be a way to pay"))
}

/// A way to pay from the API, which must be there.
pub(super) fn some_method(field: &str, number: i32) -> Result<Method> {
    method(field, number)?.ok_or_else(|| Error::invalid(field, "is required"))
}

/// How an order is to be paid, if that was said.
pub(super) fn pay_by(field: &str, number: i32, use_balance: bool) -> Result<Option<PayBy>> {
    Ok(method(field, number)?.map(|method| PayBy { method, use_balance }))
}

pub(super) fn payment(payment: Payment) -> pb::Payment {
    let is_qris = payment.method == Method::Qris;
    let (qr, account): (Option<String>, _) = if is_qris { (payment.payload, None) } else { (None, payment.payload) };
    pb::Payment {
        payment_id: payment.id.to_string(),
        order_id: payment.order_id.to_string(),
        reference: payment.reference,
        method: method_to_api(payment.method).into(),
        state: payment_state(payment.state).into(),
        amount: Some(money(payment.amount)),
        fee: Some(money(payment.fee)),
        total: Some(money(payment.total)),
        qr_payload: qr.unwrap_or_default(),
        account_number: account.unwrap_or_default(),
        pay_url: payment.pay_url.unwrap_or_default(),
        expire_time: payment.expire_time.filter(|_| !payment.method.is_balance()).map(timestamp),
        paid_time: payment.paid_time.map(timestamp),
        create_time: Some(timestamp(payment.create_time)),
    }
}

pub(super) fn refund(refund: Refund) -> pb::Refund {
    pb::Refund {
        refund_id: refund.id.to_string(),
        state: refund_state(refund.state).into(),
        amount: Some(money(refund.amount)),
        reason: refund.reason,
        create_time: Some(timestamp(refund.create_time)),
    }
}

/// Whether a refund that a seller closes was made.
pub(super) fn was_refunded(outcome: pb::RefundState) -> Result<bool> {
    match outcome {
        pb::RefundState::Done => Ok(true),
        pb::RefundState::Failed => Ok(false),
        pb::RefundState::Unspecified | pb::RefundState::Pending => {
            Err(Error::invalid("outcome", "must be DONE or FAILED"))
        }
    }
}

pub(super) fn order(order: Order) -> order_pb::Order {
    let may_be_paid = matches!(order.state, OrderState::Pending | OrderState::Expired);
    let hold_reason = order.hold_reason.map_or(order_pb::HoldReason::Unspecified, hold_reason);
    order_pb::Order {
        order_id: order.id.to_string(),
        code: order.code,
        state: order_state(order.state).into(),
        lines: order.lines.into_iter().map(line).collect(),
        price: Some(order_pb::PriceBreakdown {
            subtotal: Some(money(order.subtotal)),
            discount: Some(money(order.discount)),
            fee: Some(money(order.fee)),
            total: Some(money(order.total)),
            rule_version: order.rule_version,
        }),
        paid: Some(money(order.paid)),
        payments: order.payments.into_iter().map(payment).collect(),
        buyer_telegram_id: order.buyer_telegram_id,
        hold_reason: hold_reason.into(),
        create_time: Some(timestamp(order.create_time)),
        expire_time: may_be_paid.then(|| timestamp(order.expire_time)),
        paid_time: order.paid_time.map(timestamp),
        end_time: order.end_time.map(timestamp),
        version: order.version,
        refunded: Some(money(order.refunded)),
    }
}

fn line(line: OrderLine) -> order_pb::OrderLine {
    order_pb::OrderLine {
        order_line_id: line.id.to_string(),
        product_id: line.product_id.map(|id| id.to_string()).unwrap_or_default(),
        product_name: line.product_name,
        kind: kind(line.kind).into(),
        quantity: int32(line.quantity),
        unit_price: Some(money(line.unit_price)),
        gross: Some(money(line.gross)),
        discount: Some(money(line.discount)),
        net: Some(money(line.net)),
        refunded: Some(money(line.refunded)),
        awaits_goods: line.awaits_goods,
        membership_days: int32(line.membership_days),
    }
}

/// A state to list by; `None`: all.
pub(super) fn state_to_list(number: i32) -> Result<Option<OrderState>> {
    if number == 0 {
        return Ok(None);
    }
    let found = order_pb::OrderState::try_from(number).ok().and_then(state_of_api);
    found.map(Some).ok_or_else(|| Error::invalid("state", "must be a state of an order"))
}

/// A line of an order that somebody names.
pub(super) fn line_id(field: &str, id: &str) -> Result<OrderLineId> {
    id.parse().map_err(|_| Error::invalid(field, "must be the id of a line of the order"))
}

/// What goes back of lines.
pub(super) fn refund_lines(lines: Vec<order_pb::RefundLine>) -> Result<Vec<LineRefund>> {
    let read = |(place, line): (usize, order_pb::RefundLine)| {
        let line_id = line_id(&format!("lines[{place}].order_line_id"), &line.order_line_id)?;
        Ok(LineRefund { line: line_id, amount: some_amount(&format!("lines[{place}].amount"), line.amount)? })
    };
    lines.into_iter().enumerate().map(read).collect()
}

pub(super) fn destination(destination: order_pb::RefundDestination) -> Result<Destination> {
    destination_of_api(destination).ok_or_else(|| Error::invalid("destination", "is required"))
}

pub(super) fn wallet(wallet: Wallet) -> wallet_pb::Wallet {
    wallet_pb::Wallet {
        balance: Some(money(wallet.balance)),
        receivable: Some(money(wallet.receivable)),
        top_up_minimum: Some(money(wallet.top_up_minimum)),
        top_up_maximum: Some(money(wallet.top_up_maximum)),
    }
}

pub(super) fn wallet_entry(entry: WalletEntry) -> wallet_pb::WalletEntry {
    wallet_pb::WalletEntry {
        wallet_entry_id: entry.id.to_string(),
        create_time: Some(timestamp(entry.create_time)),
        kind: entry_kind(entry.kind).into(),
        amount: Some(money(entry.amount)),
        balance_after: Some(money(entry.balance_after)),
        order_code: entry.order_code,
    }
}
