//! Payments as callers see them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use warung_domain::{
    ids::{OrderId, PaymentId},
    money::Money,
    payment::{BALANCE_GATEWAY, Method, PaymentState},
    review::ReviewReason,
};
use warung_store::{Read, rows};

use super::{Refund, review::reasons};
use crate::{
    context::Context,
    engine::Query,
    error::{Error, Result},
    gateway::Charge,
    order::{Reach, reachable},
    page::PageRequest,
};

/// An attempt to pay an order, or a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Its id.
    pub id: PaymentId,
    /// The order that it pays.
    pub order_id: OrderId,
    /// What the gateway knows it by.
    pub reference: String,
    /// Which gateway: `PAKASIR` or `BALANCE`.
    pub gateway: String,
    /// How it is paid.
    pub method: Method,
    /// Where it stands.
    pub state: PaymentState,
    /// How much of the order it pays.
    pub amount: Money,
    /// What the gateway charges the buyer on top.
    pub fee: Money,
    /// What the buyer pays.
    pub total: Money,
    /// While it is open: the text of the QR code, or the number of the virtual account.
    pub payload: Option<String>,
    /// While it is open: the gateway's own page for it.
    pub pay_url: Option<String>,
    /// Until when it can be paid.
    pub expire_time: Option<DateTime<Utc>>,
    /// When the money arrived.
    pub paid_time: Option<DateTime<Utc>>,
    /// When it was begun.
    pub create_time: DateTime<Utc>,
}

impl Payment {
    pub(crate) fn from_row(row: rows::Payment) -> Self {
        let (currency, state) = (row.currency.0, row.state.0);
        let while_open = |value: Option<String>| value.filter(|_| state == PaymentState::Open);
        Self {
            id: PaymentId(row.id),
            order_id: OrderId(row.order_id),
            method: row.method.0,
            state,
            amount: currency.amount(row.amount_minor),
            fee: currency.amount(row.fee_minor),
            total: currency.amount(row.total_minor),
            payload: while_open(row.payload),
            pay_url: while_open(row.pay_url),
            reference: row.reference,
            gateway: row.gateway,
            expire_time: row.expire_time,
            paid_time: row.paid_time,
            create_time: row.create_time,
        }
    }
}

/// A payment as those know it who ask its gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lookup {
    /// Which payment.
    pub payment_id: PaymentId,
    /// Of which order.
    pub order_id: OrderId,
    /// Which gateway.
    pub gateway: String,
    /// What the gateway was asked for.
    pub charge: Charge,
    /// Where it stands.
    pub state: PaymentState,
    /// When it was begun.
    pub create_time: DateTime<Utc>,
}

impl Lookup {
    /// A gateway can be asked about it: it is not the balance's, and nobody's word of it is awaited.
    pub(super) fn is_asked_about(&self) -> bool {
        !self.charge.method.is_balance() && self.state != PaymentState::Awaiting
    }

    pub(crate) fn of(row: &rows::Payment) -> Self {
        Self {
            payment_id: PaymentId(row.id),
            order_id: OrderId(row.order_id),
            gateway: row.gateway.clone(),
            charge: Charge {
                reference: row.reference.clone(),
                method: row.method.0,
                amount: row.currency.0.amount(row.amount_minor),
            },
            state: row.state.0,
            create_time: row.create_time,
        }
    }
}

/// A payment whose gateway is asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct GetLookup {
    /// Its id.
    pub(super) id: PaymentId,
    /// Whose order it may pay.
    pub(super) reach: Reach,
}

impl Query for GetLookup {
    type Output = Lookup;

    async fn fetch(&self, read: &Read, ctx: &Context) -> Result<Lookup> {
        Ok(Lookup::of(&reachable_payment(read, ctx, self.id, self.reach).await?.1))
    }
}

/// The payment of an order that is underway, if there is one.
#[derive(Clone, Debug)]
pub struct OpenPayment {
    /// The order's id or code.
    pub order: String,
    /// Whose order it may be.
    pub reach: Reach,
}

impl Query for OpenPayment {
    type Output = Option<Lookup>;

    async fn fetch(&self, read: &Read, ctx: &Context) -> Result<Option<Lookup>> {
        let order = reachable(read, ctx, &self.order, self.reach).await?;
        let found = read.payment_underway(order.id).await?;
        Ok(found.as_ref().map(Lookup::of))
    }
}

/// A payment.
#[derive(Clone, Copy, Debug)]
pub struct GetPayment {
    /// Its id.
    pub id: PaymentId,
    /// Whose order it may pay.
    pub reach: Reach,
}

impl Query for GetPayment {
    type Output = Payment;

    async fn fetch(&self, read: &Read, ctx: &Context) -> Result<Payment> {
        Ok(Payment::from_row(reachable_payment(read, ctx, self.id, self.reach).await?.1))
    }
}

/// A payment and its order, if the caller may see it.
pub(crate) async fn reachable_payment(
    read: &Read,
    ctx: &Context,
    id: PaymentId,
    reach: Reach,
) -> Result<(rows::Order, rows::Payment)> {
    let not_found = || Error::not_found("payment", &id);
    let payment: Option<rows::Payment> = read.find(id.0).await?;
    let payment = payment.ok_or_else(not_found)?;
    let order: Option<rows::Order> = read.find(payment.order_id).await?;
    let order = order.filter(|order| reach.covers(ctx, order)).ok_or_else(not_found)?;
    Ok((order, payment))
}

/// Gateways that are not configured any more and whose payments are still to be asked about, each with how many those are.
#[derive(Clone, Debug)]
pub struct MissingGateways {
    /// The names of those that are configured.
    pub configured: Vec<String>,
}

impl Query for MissingGateways {
    type Output = Vec<(String, i64)>;

    async fn fetch(&self, read: &Read, _ctx: &Context) -> Result<Self::Output> {
        let known: Vec<_> = self.configured.iter().map(String::as_str).chain([BALANCE_GATEWAY]).collect();
        Ok(read.payments_of_other_gateways(&known).await?)
    }
}

/// A payment that a seller must look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentToReview {
    /// The payment.
    pub payment: Payment,
    /// Why, the newest reason first.
    pub reasons: Vec<ReviewReason>,
    /// Its refunds that are on their way, oldest first.
    pub refunds: Vec<Refund>,
}

/// Payments whose gateway said something that does not fit, newest first, each with what that is.
#[derive(Clone, Debug, Default)]
pub struct PaymentsToReview {
    /// Which page.
    pub page: PageRequest,
}

impl Query for PaymentsToReview {
    type Output = (Vec<PaymentToReview>, String);

    async fn fetch(&self, read: &Read, ctx: &Context) -> Result<Self::Output> {
        let page = self.page.read(ctx, "payments_to_review")?;
        let mut found = read.payments_to_review(page.after, page.limit()).await?;
        let next = page.cut(ctx, &mut found, |row| row.id);
        let mut pending = read.pending_refunds(found.iter().map(|row| row.id).collect()).await?;
        let reviewed = found.into_iter().map(|row| {
            let refunds = pending.extract_if(.., |refund| refund.payment_id == Some(row.id)).map(Refund::from_row);
            let (refunds, reasons) = (refunds.collect(), reasons(&row)?);
            Ok(PaymentToReview { payment: Payment::from_row(row), reasons, refunds })
        });
        Ok((reviewed.collect::<Result<_>>()?, next))
    }
}
