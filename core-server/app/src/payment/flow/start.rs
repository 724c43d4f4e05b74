//! Beginning a payment: switching from another, the gateway's invoice, and what to do when its answer is lost.

use tokio::time::Instant;
use uuid::Uuid;
use warung_domain::{
    ids::{OrderId, PaymentId},
    order::OrderState,
    payment::{Closure, PaymentState},
    review::Misfit,
};
use warung_store::{Read, RequestKey, Topic};

use super::{
    super::{PayBy, record::ORDER_LIFE_MAX},
    Checkout,
    ask::Asked,
};
use crate::{
    context::{Context, Request, whole_microseconds},
    engine::{Command as _, Found, Query, wait_until},
    error::{Error, Precondition, Result},
    gateway::{Gateway, GatewayError, Invoice},
    operations::alert::RaiseAlert,
    order::{CancelOrder, GetOrder, OrderVersion, Reach},
    payment::{
        Answer, BeginPayment, ClaimQuestion, FailPayment, GetLookup, Lookup, OpenPayment, QuestionClaim, RecordInvoice,
        TakesOfBalance,
        limits::{BEGIN_WITHIN, CREATING_MAX, WAIT_FOR_ANOTHER},
    },
};

/// How many attempts one request may lead to, its repetitions included.
const ATTEMPTS_MAX: u32 = 10;
/// How many invoices one call asks the gateway for.
const CREATES_MAX: u32 = 2;

impl Checkout {
    /// Begins to pay an order of the caller's. Answers the payment: open, or paid.
    pub async fn start_payment(&self, ctx: &Context, order: &str, pay_by: PayBy) -> Result<PaymentId> {
        self.check_offered(ctx, pay_by, BeginPayment::NAME).await?;
        let PayBy { method, use_balance } = pay_by;
        let command = BeginPayment { order: order.to_owned(), method, use_balance };
        let start = Instant::now();
        if let Some(paid) = Box::pin(self.make_room(ctx, &command)).await? {
            return Ok(paid);
        }
        self.begin(ctx, command, start).await
    }

    /// Begins attempts until one can be paid. An attempt that failed is followed by another under an id that follows
    /// from the request's: so the same request again finds where it was.
    async fn begin(&self, ctx: &Context, command: BeginPayment, start: Instant) -> Result<PaymentId> {
        let request = ctx.request.ok_or_else(|| Error::invalid("request_id", "must be a UUID"))?;
        let (mut creates, mut gateways) = (0, self.gateways.clone());
        for number in 0..ATTEMPTS_MAX {
            if start.elapsed() > BEGIN_WITHIN {
                // There is no time left to find out what becomes of an invoice: the same request again goes on here.
                break;
            }
            let (noting, noted) = ctx.clone().with_request(attempt(request, number)).noting_ids();
            let begun = self.engine.run_by(&gateways, &noting, command.clone()).await?;
            if begun.state != PaymentState::Creating {
                return Ok(begun.payment_id);
            }
            let lookup = self.engine.ask(ctx, GetLookup { id: begun.payment_id, reach: Reach::Own }).await?;
            let usable = match lookup.state {
                PaymentState::Creating if noted.made(lookup.payment_id.0) => {
                    creates += 1;
                    match Box::pin(self.create(ctx, &lookup)).await {
                        made @ (Ok(false) | Err(Error::Precondition(Precondition::GatewayUnavailable))) => {
                            let others = gateways.without(&lookup.gateway);
                            let order = self.own_order(ctx, begun.order_id).await?;
                            let is_last = others.among(&order.paid_through).for_method(command.method).is_none();
                            // Another one may make it: what this one may have made all the same is asked about later. Where
                            // this one is the last and has nothing, it is asked under another number.
                            gateways = if is_last { self.gateways.clone() } else { others };
                            if is_last { made? } else { false }
                        }
                        made => made?,
                    }
                }
                PaymentState::Creating => Box::pin(self.take_over(ctx, lookup)).await?,
                PaymentState::Failed => false,
                PaymentState::Open
                | PaymentState::Awaiting
                | PaymentState::Paid
                | PaymentState::Cancelled
                | PaymentState::Expired
                | PaymentState::Returned
                | PaymentState::Reversed => true,
            };
            if usable {
                return Ok(begun.payment_id);
            }
            if creates >= CREATES_MAX {
                break;
            }
        }
        Err(Precondition::GatewayUnavailable.into())
    }

    /// Has the gateway make the invoice of an attempt that this very call began: nobody has asked for it before.
    /// Answers whether it can be paid now; if not, it has failed.
    async fn create(&self, ctx: &Context, lookup: &Lookup) -> Result<bool> {
        let gateway = self.gateway(&lookup.gateway)?;
        let answer = gateway.create(&lookup.charge).await.and_then(|invoice| self.fitting(lookup, invoice));
        self.note_answer(gateway, "create", lookup, answer.as_ref().err());
        match answer {
            Ok(invoice) => {
                let Invoice { fee, total, payload, pay_url, expire_time } = invoice;
                let payload = Some(payload);
                let payment_id = lookup.payment_id;
                self.record(ctx, lookup, RecordInvoice { payment_id, fee, total, payload, pay_url, expire_time })
                    .await?;
                Ok(true)
            }
            Err(GatewayError::Uncertain(_)) => self.find_out(ctx, gateway, lookup).await,
            Err(GatewayError::Mismatch(misfit)) => {
                let text = format!("{} made an invoice that does not fit its payment: {misfit}", gateway.name());
                self.alert(ctx, "gateway.invoice", text).await?;
                self.fail(ctx, lookup, true).await?;
                self.cancel_at_gateway(lookup).await;
                self.free(ctx, lookup).await?;
                Err(Precondition::InvoiceUnusable.into())
            }
            Err(error @ (GatewayError::Refused(_) | GatewayError::Unavailable(_))) => {
                if matches!(error, GatewayError::Refused(_)) {
                    let text = format!("{} would not make an invoice: {error}", gateway.name());
                    self.alert(ctx, "gateway.refused", text).await?;
                }
                self.fail(ctx, lookup, false).await?;
                Err(Precondition::GatewayUnavailable.into())
            }
        }
    }

    /// Ends an order whose invoice can't be paid: nobody else shall find its goods kept for it.
    async fn free(&self, ctx: &Context, lookup: &Lookup) -> Result<()> {
        let command = CancelOrder { name: lookup.order_id.to_string() };
        match self.engine.run(&ctx.clone().with_request_id(ctx.new_id()), command).await {
            // It came to its end meanwhile.
            Ok(_) | Err(Error::Precondition(Precondition::OrderNotCancellable)) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// What became of an invoice that was asked for and whose answer nobody has. It is never asked for again under the
    /// same reference.
    async fn find_out(&self, ctx: &Context, gateway: &dyn Gateway, lookup: &Lookup) -> Result<bool> {
        match self.ask(ctx, lookup).await? {
            Asked::Applied(_) | Asked::Reversed => Ok(true),
            Asked::Pending => {
                self.record_lost(ctx, gateway, lookup).await?;
                Ok(true)
            }
            Asked::Unknown | Asked::Ended(_) => {
                self.fail(ctx, lookup, true).await?;
                Ok(false)
            }
            Asked::NotYetChosen => {
                // There may be a page that can be paid at, and nobody has its address.
                self.fail(ctx, lookup, true).await?;
                self.cancel_at_gateway(lookup).await;
                Ok(false)
            }
            Asked::Unanswered | Asked::ToReview => {
                self.fail(ctx, lookup, true).await?;
                Err(Precondition::GatewayUnavailable.into())
            }
        }
    }

    /// An attempt that another call began: it is waited for, and looked after when its call is dead.
    async fn take_over(&self, ctx: &Context, payment: Lookup) -> Result<bool> {
        let (id, order_id) = (payment.payment_id, payment.order_id);
        let counts_as_dead = |payment: &Lookup| self.engine.now() - payment.create_time >= CREATING_MAX;
        let dead_in = (payment.create_time + CREATING_MAX - self.engine.now()).to_std().unwrap_or_default();
        let waiter = self.engine.watch().wait_for(Topic::Order(order_id.0));
        let look = |_| async move {
            let order = OrderVersion { name: order_id.to_string(), reach: Reach::Own };
            let (_, version) = self.engine.ask(ctx, order).await?;
            let payment = self.engine.ask(ctx, GetLookup { id, reach: Reach::Own }).await?;
            let is_creating = payment.state == PaymentState::Creating;
            Ok(if is_creating { Found::NotYet(payment, version) } else { Found::This(payment) })
        };
        let payment = wait_until(ctx, waiter, WAIT_FOR_ANOTHER.min(dead_in), None, look).await?;
        if payment.state != PaymentState::Creating {
            return Ok(payment.state != PaymentState::Failed);
        }
        if !counts_as_dead(&payment) {
            return Err(Precondition::GatewayUnavailable.into());
        }
        match self.engine.run(ctx, ClaimQuestion { payment_id: id }).await? {
            QuestionClaim::Claimed(question) => {
                let gateway = self.gateway(&question.lookup.gateway)?;
                let found = self.find_out(ctx, gateway, &question.lookup).await;
                let answer = if found.is_ok() { Answer::NotPaid } else { Answer::Missing };
                self.answer(ctx, &question, answer).await?;
                found
            }
            QuestionClaim::Paid => Ok(true),
            QuestionClaim::BeingAsked | QuestionClaim::Unknown => Err(Precondition::GatewayUnavailable.into()),
        }
    }

    /// Keeps an invoice. One whose order came to its end meanwhile is cancelled.
    async fn record(&self, ctx: &Context, lookup: &Lookup, command: RecordInvoice) -> Result<()> {
        let state = self.engine.run(ctx, command).await?;
        if !matches!(state, PaymentState::Open | PaymentState::Paid) {
            self.cancel_at_gateway(lookup).await;
        }
        Ok(())
    }

    /// Keeps an invoice that the gateway has and whose answer was lost: its own page can be paid at.
    async fn record_lost(&self, ctx: &Context, gateway: &dyn Gateway, lookup: &Lookup) -> Result<()> {
        let name = lookup.order_id.to_string();
        let order = self.engine.ask(ctx, GetOrder { name, reach: Reach::Store }).await?;
        let fee = gateway.estimated_fee(lookup.charge.method, lookup.charge.amount);
        let total = lookup.charge.amount.plus(fee).map_err(|error| Error::Internal(error.to_string()))?;
        let command = RecordInvoice {
            payment_id: lookup.payment_id,
            fee,
            total,
            payload: None,
            pay_url: gateway.pay_url(&lookup.charge),
            expire_time: order.expire_time,
        };
        self.record(ctx, lookup, command).await
    }

    pub(super) async fn fail(&self, ctx: &Context, lookup: &Lookup, check_again: bool) -> Result<()> {
        self.engine.run(ctx, FailPayment { payment_id: lookup.payment_id, check_again }).await.map(drop)
    }

    pub(super) async fn alert(&self, ctx: &Context, key: &str, text: String) -> Result<()> {
        let command = RaiseAlert { key: key.to_owned(), text };
        self.engine.run(&ctx.clone().with_request_id(ctx.new_id()), command).await?;
        Ok(())
    }

    /// An invoice that can be paid: its sum is right and its end lies ahead, though not too far.
    fn fitting(&self, lookup: &Lookup, invoice: Invoice) -> Result<Invoice, GatewayError> {
        let unusable = |what: &str| Err(GatewayError::Mismatch(Misfit::Invoice(what.to_owned())));
        let now = self.engine.now();
        if invoice.fee.minor_units < 0 || lookup.charge.amount.plus(invoice.fee) != Ok(invoice.total) {
            return unusable("total is not amount and fee");
        }
        if invoice.expire_time <= now {
            return unusable("the invoice has expired already");
        }
        Ok(Invoice { expire_time: whole_microseconds(invoice.expire_time.min(now + ORDER_LIFE_MAX)), ..invoice })
    }

    /// Ends a payment that is begun in another way, so that of an order one can be paid at a time. Answers a payment that
    /// turned out to have settled the order.
    async fn make_room(&self, ctx: &Context, command: &BeginPayment) -> Result<Option<PaymentId>> {
        let order = &command.order;
        let open = self.engine.ask(ctx, OpenPayment { order: order.clone(), reach: Reach::Own }).await?;
        let Some(open) = open else { return Ok(None) };
        // A request that comes again late must not end what was begun after it.
        if self.engine.ask(ctx, WasCarriedOut(BeginPayment::NAME)).await? {
            return Ok(None);
        }
        // What can't be paid is refused before anything is cancelled for it.
        let taken = self.engine.ask(ctx, TakesOfBalance { command: command.clone() }).await?;
        if open.charge.method == command.method && taken == 0 {
            return Ok(None);
        }
        match Box::pin(self.give_up(ctx, &open, false)).await? {
            GivenUp::Closed => Ok(None),
            GivenUp::Paid(order_id) => {
                let settled = self.own_order(ctx, order_id).await?.state != OrderState::Pending;
                Ok(settled.then_some(open.payment_id))
            }
            GivenUp::Unsure => Err(Precondition::GatewayUnavailable.into()),
        }
    }

    /// Ends a payment at its gateway and in the books: asked first, since it may be paid; cancelled; and asked again,
    /// since it may have been paid in between.
    /// One whose order ends is cancelled in any case.
    pub(super) async fn give_up(&self, ctx: &Context, lookup: &Lookup, is_ending: bool) -> Result<GivenUp> {
        let mut asked = self.ask(ctx, lookup).await?;
        // Of an order that goes on, a gateway that says nothing is not told to cancel: its invoice would be gone, and nobody
        // would know.
        if asked.may_be_paid() && (is_ending || asked != Asked::Unanswered) {
            self.cancel_at_gateway(lookup).await;
            asked = self.ask(ctx, lookup).await?;
        }
        match asked {
            Asked::Applied(applied) => Ok(GivenUp::Paid(applied.order_id)),
            // What nobody has chosen yet can't be cancelled everywhere; it is asked about as long as it is good there.
            Asked::Ended(_) | Asked::Unknown | Asked::NotYetChosen | Asked::Reversed => {
                self.close(ctx, lookup, Closure::Cancelled).await?;
                Ok(GivenUp::Closed)
            }
            Asked::Pending | Asked::ToReview | Asked::Unanswered => Ok(GivenUp::Unsure),
        }
    }
}

/// What became of a payment that was to be ended.
pub(super) enum GivenUp {
    /// It can't be paid any more.
    Closed,
    /// It was paid.
    Paid(OrderId),
    /// It may still be paid.
    Unsure,
}

/// Whether this command of the caller's request was carried out before.
pub(super) struct WasCarriedOut(pub &'static str);

impl Query for WasCarriedOut {
    type Output = bool;

    async fn fetch(&self, read: &Read, ctx: &Context) -> Result<bool> {
        let Some(request) = ctx.request else { return Ok(false) };
        let principal = ctx.principal.to_string();
        let key = RequestKey { principal: &principal, command: self.0, request_id: request.id };
        Ok(read.has_request(key).await?)
    }
}

/// The request of an attempt: the first has the id of the whole.
fn attempt(request: Request, number: u32) -> Request {
    match number {
        0 => request,
        number => Request { id: Uuid::new_v5(&request.id, &number.to_be_bytes()), ..request },
    }
}
