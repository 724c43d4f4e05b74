//! Asking a gateway about a payment, and applying what has arrived.

use warung_domain::{
    ids::PaymentId,
    money::Money,
    payment::{Closure, PaymentState},
    principal::Principal,
    review::ReviewReason,
};

use super::{Checkout, worker::Places};
use crate::{
    context::Context,
    error::{Precondition, Result},
    gateway::{Gateway, GatewayError, GatewayStatus, UnknownMeans},
    order::Reach,
    payment::{
        Answer, AnswerQuestion, Applied, ApplyPayment, ApplyPayments, ClaimQuestion, ClosePayment, GetPayment, Lookup,
        Payment, Question, QuestionClaim, ReversePayment, ReviewPayment, Source,
    },
};

/// What a gateway said of a payment, and what was done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// The money is there and was applied.
    Applied(Applied),
    /// The money was there, and the gateway took of it back.
    Reversed,
    /// It is not paid yet.
    Pending,
    /// It can't be paid any more.
    Ended(Closure),
    /// The gateway knows nothing of it: it never made it.
    Unknown,
    /// The gateway knows nothing of it yet: the buyer has not chosen how to pay, and still may.
    NotYetChosen,
    /// What it said does not fit, or the money could not be booked; a seller looks at it.
    ToReview,
    /// It did not answer.
    Unanswered,
}

impl Asked {
    /// It is not over at the gateway, as far as anybody knows.
    pub(super) fn may_be_paid(self) -> bool {
        match self {
            Self::Pending | Self::NotYetChosen | Self::ToReview | Self::Unanswered => true,
            Self::Applied(_) | Self::Reversed | Self::Ended(_) | Self::Unknown => false,
        }
    }
}

impl Checkout {
    /// Asks the gateway now whether a payment of the caller's has arrived, and settles it if so.
    pub async fn check_payment(&self, ctx: &Context, id: PaymentId) -> Result<Payment> {
        let payment = GetPayment { id, reach: Reach::Own };
        let found = self.engine.ask(ctx, payment).await?;
        if found.method.is_balance() || found.state.has_money() || found.state == PaymentState::Awaiting {
            return Ok(found);
        }
        if let QuestionClaim::Claimed(question) = self.engine.run(ctx, ClaimQuestion { payment_id: id }).await?
            && Box::pin(self.ask_claimed(ctx, &question)).await? == Asked::Unanswered
        {
            return Err(Precondition::GatewayUnavailable.into());
        }
        self.engine.ask(ctx, payment).await
    }

    /// Asks what is ours to ask about a payment's own amount, and keeps the answer. When a webhook came meanwhile it is asked
    /// once more: the money may have arrived after the answer.
    pub(super) async fn ask_claimed(&self, ctx: &Context, question: &Question) -> Result<Asked> {
        let (asked, was_told) = self.ask_once(ctx, question, Places::default()).await?;
        if !was_told {
            return Ok(asked);
        }
        let again = ClaimQuestion { payment_id: question.lookup.payment_id };
        match self.engine.run(ctx, again).await? {
            QuestionClaim::Claimed(question) => Ok(self.ask_once(ctx, &question, Places::default()).await?.0),
            _ => Ok(asked),
        }
    }

    /// Asks what is ours to ask about a payment's own amount, and keeps the answer. Answers as well whether a webhook came
    /// meanwhile, so that the gateway is to be asked again. It needs its place until the gateway has answered.
    pub(super) async fn ask_once(&self, ctx: &Context, question: &Question, place: Places) -> Result<(Asked, bool)> {
        let lookup = &question.lookup;
        let said = self.status(lookup).await;
        drop(place);
        let asked = self.hear(ctx, lookup, said).await?;
        let answer = match asked {
            // Its status may be older than the webhook that says that the money went back.
            Asked::Applied(_) if question.is_reversal => Answer::NotPaid,
            Asked::Applied(_) | Asked::Reversed => return Ok((asked, false)),
            Asked::Unanswered => Answer::Missing,
            Asked::Unknown => Answer::Unknown,
            Asked::Pending | Asked::NotYetChosen | Asked::Ended(_) | Asked::ToReview => Answer::NotPaid,
        };
        let was_told = self.answer(ctx, question, answer).await?;
        if let Asked::Ended(how) = asked
            && lookup.state == PaymentState::Open
        {
            self.close(ctx, lookup, how).await?;
        }
        Ok((asked, was_told))
    }

    /// Keeps what a gateway answered. Answers whether a webhook came meanwhile.
    pub(super) async fn answer(&self, ctx: &Context, question: &Question, answer: Answer) -> Result<bool> {
        let command = AnswerQuestion { id: question.id, payment_id: question.lookup.payment_id, answer };
        let told = self.engine.run(ctx, command).await?;
        if let Some(due) = told {
            self.wake.at(due);
        }
        Ok(told.is_some())
    }

    /// Asks the gateway about a payment, and applies what has arrived. Whatever is not clearly paid is not.
    pub(super) async fn ask(&self, ctx: &Context, lookup: &Lookup) -> Result<Asked> {
        let said = self.status(lookup).await;
        self.hear(ctx, lookup, said).await
    }

    /// What the gateway says of a payment; `None`: it is not configured any more.
    async fn status(&self, lookup: &Lookup) -> Option<Result<GatewayStatus, GatewayError>> {
        let gateway = self.gateway(&lookup.gateway).ok()?;
        let status = gateway.status(&lookup.charge.reference, lookup.charge.amount).await;
        self.note_answer(gateway, "status", lookup, status.as_ref().err());
        Some(status)
    }

    /// Does what a gateway's word of a payment asks for.
    async fn hear(
        &self,
        ctx: &Context,
        lookup: &Lookup,
        said: Option<Result<GatewayStatus, GatewayError>>,
    ) -> Result<Asked> {
        let (Some(status), Ok(gateway)) = (said, self.gateway(&lookup.gateway)) else { return Ok(Asked::Unanswered) };
        let now = self.engine.now();
        Ok(match status {
            Ok(GatewayStatus::Paid { received, withheld, paid_time }) => {
                let paid_time = paid_time.filter(|time| *time <= now).unwrap_or(now);
                let (payment_id, source) = (lookup.payment_id, Source::Gateway);
                let command = ApplyPayment { payment_id, received, withheld, paid_time, source };
                self.book(ctx, lookup, received, self.apply(ctx, command))
                    .await?
                    .map_or(Asked::ToReview, Asked::Applied)
            }
            Ok(GatewayStatus::Reversed { received, reversed }) => {
                let (payment_id, source) = (lookup.payment_id, Source::Gateway);
                let command = ApplyPayment { payment_id, received, withheld: 0, paid_time: now, source };
                // What was taken back had come before, whether we saw it or not.
                let booked = async {
                    self.apply(ctx, command).await?;
                    let command = ReversePayment { payment_id: lookup.payment_id, reversed };
                    self.engine.run(&core(ctx), command).await
                };
                let booked = self.book(ctx, lookup, received, booked).await?;
                booked.map_or(Asked::ToReview, |_| Asked::Reversed)
            }
            Ok(GatewayStatus::Pending) => Asked::Pending,
            Ok(GatewayStatus::Expired) => Asked::Ended(Closure::Expired),
            Ok(GatewayStatus::Cancelled) => Asked::Ended(Closure::Cancelled),
            Ok(GatewayStatus::Unknown) => match gateway.unknown_means() {
                UnknownMeans::NeverExisted => Asked::Unknown,
                UnknownMeans::NotYetChosen => Asked::NotYetChosen,
            },
            Err(GatewayError::Mismatch(misfit)) => {
                self.review(ctx, lookup, ReviewReason::of(&misfit)).await?;
                Asked::ToReview
            }
            Err(GatewayError::Refused(_) | GatewayError::Unavailable(_) | GatewayError::Uncertain(_)) => {
                Asked::Unanswered
            }
        })
    }

    /// Applies money that a gateway says it has, together with what others say at this moment.
    async fn apply(&self, ctx: &Context, command: ApplyPayment) -> Result<Applied> {
        // It is the gateway's word, whoever asked for it.
        let ctx = core(ctx);
        let engine = self.engine.clone();
        let together = |all: Vec<ApplyPayment>| {
            let (engine, ctx, count) = (engine.clone(), ctx.clone(), all.len());
            async move {
                // When it fails for all, each learns by itself why.
                let done = engine.run(&ctx, ApplyPayments(all)).await;
                done.unwrap_or_else(|_| std::iter::repeat_n(None, count).collect())
            }
        };
        let applied = match self.applying.take(command.clone(), together).await.flatten() {
            Some(applied) => applied,
            None => self.engine.run(&ctx, command).await?,
        };
        Ok(applied)
    }

    /// What came of booking money, unless the store's own rows do not fit: then a seller looks at it.
    async fn book<T>(
        &self,
        ctx: &Context,
        lookup: &Lookup,
        received: Money,
        booking: impl Future<Output = Result<T>>,
    ) -> Result<Option<T>> {
        match booking.await {
            Ok(booked) => Ok(Some(booked)),
            Err(error) if error.is_passing() => Err(error),
            Err(error) => {
                tracing::error!(payment.id = %lookup.payment_id, %error, "money could not be booked");
                self.review(&core(ctx), lookup, ReviewReason::NotBooked { received }).await?;
                Ok(None)
            }
        }
    }

    /// Shows a payment to a seller.
    pub(super) async fn review(&self, ctx: &Context, lookup: &Lookup, reason: ReviewReason) -> Result<()> {
        self.engine.run(ctx, ReviewPayment { payment_id: lookup.payment_id, reason }).await?;
        Ok(())
    }

    /// Ends a payment in the books.
    pub(super) async fn close(&self, ctx: &Context, lookup: &Lookup, how: Closure) -> Result<()> {
        self.engine.run(ctx, ClosePayment { payment_id: lookup.payment_id, how }).await?;
        Ok(())
    }

    /// Cancels a payment at its gateway, as far as that goes: what is paid all the same is found later. Answers whether the
    /// gateway said that it did.
    pub(super) async fn cancel_at_gateway(&self, lookup: &Lookup) -> bool {
        let Ok(gateway) = self.gateway(&lookup.gateway) else { return false };
        let cancelled = gateway.cancel(&lookup.charge).await;
        self.note_answer(gateway, "cancel", lookup, cancelled.as_ref().err());
        cancelled.is_ok()
    }

    /// Asks about another amount than was asked for. Somebody may have paid it under our reference, at the gateway's own page,
    /// before or after what was asked for. That settles nothing by itself, and when the gateway confirms it, a seller decides.
    pub(super) async fn ask_other(&self, ctx: &Context, question: &Question, place: Places) -> Result<()> {
        let gone = || Precondition::GatewayUnavailable;
        let status = self.status(&question.lookup).await.ok_or_else(gone)?;
        drop(place);
        let answer = match status {
            Ok(GatewayStatus::Paid { .. }) => Answer::OtherReceived,
            Ok(
                GatewayStatus::Pending
                | GatewayStatus::Expired
                | GatewayStatus::Cancelled
                | GatewayStatus::Reversed { .. },
            ) => Answer::NotPaid,
            Ok(GatewayStatus::Unknown) => Answer::Unknown,
            Err(_) => Answer::Missing,
        };
        self.answer(ctx, question, answer).await?;
        Ok(())
    }

    /// Counts a gateway's answer, and logs one that is of no use.
    pub(super) fn note_answer(
        &self,
        gateway: &dyn Gateway,
        call: &'static str,
        lookup: &Lookup,
        error: Option<&GatewayError>,
    ) {
        let outcome = match error {
            None => "ok",
            Some(GatewayError::Refused(_)) => "refused",
            Some(GatewayError::Unavailable(_)) => "unavailable",
            Some(GatewayError::Uncertain(_)) => "uncertain",
            Some(GatewayError::Mismatch(_)) => "mismatch",
        };
        let (store, gateway) = (self.engine.store_name(), gateway.name());
        metrics::counter!("gateway.calls", "store" => store, "gateway" => gateway, "call" => call, "outcome" => outcome)
            .increment(1);
        if let Some(error) = error {
            tracing::warn!(payment.id = %lookup.payment_id, gateway.call = call, "{error}");
        }
    }
}

/// The same call, by the core itself.
fn core(ctx: &Context) -> Context {
    ctx.clone().with_principal(Principal::CORE)
}
