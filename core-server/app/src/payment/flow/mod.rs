//! From an order to its money: steps in the database with calls of a gateway between them.
//!
//! No call is made inside of a transaction. Each step is a command, and a flow that ends between any two of them is
//! completed by the same request again, by a webhook, or by the core's own round of looking.

mod ask;
mod cancel;
mod follow;
mod refund;
mod round;
mod start;
mod steps;
mod strangers;
mod webhook;
mod worker;

use std::sync::Arc;

use warung_domain::{
    ids::{OrderId, PaymentId},
    money::Money,
    order::OrderState,
    payment::Method,
};

pub use self::webhook::WebhookResult;
use self::{start::WasCarriedOut, steps::Steps, worker::Wake};
use super::{Applied, AppliedOutcome, ApplyPayment, GetLookup, OpenPayment, PayBy, Posted, SettlePayment};
use crate::{
    context::Context,
    engine::{Command as _, Engine, Turns},
    error::{Error, Precondition, Result},
    gateway::{Gateway, Gateways},
    order::{Basket, FulfilOrder, GetOrder, Item, Order, PlaceOrder, Reach},
};

/// What is ordered.
#[derive(Clone, Debug)]
pub struct NewOrder {
    /// Which products, and how many of each.
    pub items: Vec<Item>,
    /// The subtotal that the buyer was shown.
    pub expected_subtotal: Option<Money>,
    /// Whom the order is for: API keys alone name somebody.
    pub buyer_telegram_id: Option<i64>,
}

/// A store's checkout: its engine, and the gateways that its orders are paid through. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Checkout {
    engine: Steps,
    gateways: Gateways,
    wake: Wake,
    /// What webhooks tell of at the same moment is kept together.
    keeping: Arc<Turns<Posted, Result<WebhookResult, Precondition>, 1>>,
    /// Money that arrives at the same moment is applied together.
    applying: Arc<Turns<ApplyPayment, Option<Applied>, 1>>,
}

impl Checkout {
    /// The checkout of a store.
    #[must_use]
    pub fn new(engine: Engine, gateways: Gateways) -> Self {
        Self {
            engine: Steps::new(engine, gateways.clone()),
            gateways,
            wake: Wake::default(),
            keeping: Arc::default(),
            applying: Arc::default(),
        }
    }

    /// The gateways.
    #[must_use]
    pub fn gateways(&self) -> &Gateways {
        &self.gateways
    }

    /// Places an order and, unless it costs nothing, begins its payment.
    pub async fn place_order(&self, ctx: &Context, order: NewOrder, pay_by: Option<PayBy>) -> Result<Order> {
        if let Some(pay_by) = pay_by {
            self.check_offered(ctx, pay_by, PlaceOrder::NAME).await?;
        }
        let NewOrder { items, expected_subtotal, buyer_telegram_id } = order;
        let command = PlaceOrder { basket: Basket::Products(items), expected_subtotal, buyer_telegram_id, pay_by };
        let placed = self.engine.place_order(ctx, command).await?;
        match (placed.order, pay_by) {
            (Some(order), None) => Ok(*order),
            (_, pay_by) => {
                self.pay_placed(ctx, placed.id, pay_by).await?;
                self.own_order(ctx, placed.id).await
            }
        }
    }

    /// Places an order of wallet balance and, where it was said how, begins its payment.
    pub async fn top_up(&self, ctx: &Context, amount: Money, method: Option<Method>) -> Result<OrderId> {
        if method.is_some_and(Method::is_balance) {
            return Err(Error::invalid("payment_method", "must not be BALANCE"));
        }
        let pay_by = method.map(|method| PayBy { method, use_balance: false });
        if let Some(pay_by) = pay_by {
            self.check_offered(ctx, pay_by, PlaceOrder::NAME).await?;
        }
        let basket = Basket::Balance(amount);
        let command = PlaceOrder { basket, expected_subtotal: None, buyer_telegram_id: None, pay_by };
        let placed = self.engine.place_order(ctx, command).await?;
        self.pay_placed(ctx, placed.id, pay_by).await
    }

    async fn pay_placed(&self, ctx: &Context, order_id: OrderId, pay_by: Option<PayBy>) -> Result<OrderId> {
        if let Some(pay_by) = pay_by
            && self.own_order(ctx, order_id).await?.state == OrderState::Pending
        {
            Box::pin(self.start_payment(ctx, &order_id.to_string(), pay_by)).await?;
        }
        Ok(order_id)
    }

    /// Hands over what a seller made by hand.
    pub async fn fulfil_order(&self, ctx: &Context, command: FulfilOrder) -> Result<OrderId> {
        self.engine.run(ctx, command).await
    }

    /// Applies money that a seller saw at the gateway. Answers the payment that holds it.
    pub async fn settle_payment(
        &self,
        ctx: &Context,
        id: PaymentId,
        received: Money,
        note: String,
    ) -> Result<PaymentId> {
        let order = self.engine.ask(ctx, GetLookup { id, reach: Reach::Store }).await?.order_id.to_string();
        let open = self.engine.ask(ctx, OpenPayment { order, reach: Reach::Store }).await?;
        let applied = self.engine.run(ctx, SettlePayment { payment_id: id, received, note }).await?;
        if let Some(open) = open.filter(|open| open.payment_id != applied.payment_id && open.is_asked_about())
            && applied.outcome == AppliedOutcome::Settled
        {
            // Nobody needs to pay it any more.
            self.cancel_at_gateway(&open).await;
        }
        Ok(applied.payment_id)
    }

    async fn own_order(&self, ctx: &Context, order_id: OrderId) -> Result<Order> {
        self.engine.ask(ctx, GetOrder { name: order_id.to_string(), reach: Reach::Own }).await
    }

    /// Refuses a way to pay that nobody offers, and to an API key its buyer's balance.
    async fn check_offered(&self, ctx: &Context, pay_by: PayBy, command: &'static str) -> Result<()> {
        let PayBy { method, use_balance } = pay_by;
        let is_offered = method.is_balance() || self.gateways.for_method(method).is_some();
        let spends_balance = method.is_balance() || use_balance;
        let may_spend = !spends_balance || ctx.principal.api_key.is_none();
        // A request that was carried out while it was offered is answered.
        if (is_offered && may_spend) || self.engine.ask(ctx, WasCarriedOut(command)).await? {
            return Ok(());
        }
        Err(Precondition::PaymentMethodUnavailable.into())
    }

    /// The gateway of a payment; it may have been taken out of the settings since.
    fn gateway(&self, name: &str) -> Result<&dyn Gateway> {
        self.gateways.by_name(name).ok_or_else(|| {
            tracing::warn!(payment.gateway = name, "the gateway of a payment is not configured any more");
            Precondition::GatewayUnavailable.into()
        })
    }
}
