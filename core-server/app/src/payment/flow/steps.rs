//! How a flow reaches the engine: step by step, each at its own time.

use chrono::{DateTime, Utc};

use crate::{
    context::Context,
    engine::{Command, Engine, Query, Waiters},
    error::Result,
};

/// The engine as flows have it. Between two steps a gateway may take its time: a step that was run with the time of the
/// call's beginning would lease for a time that is over and ask again in the past. There is no other way to run one here.
#[derive(Clone, Debug)]
pub(super) struct Steps(Engine);

impl Steps {
    pub(super) fn new(engine: Engine) -> Self {
        Self(engine)
    }

    /// Runs a command of the same call, now.
    pub(super) async fn run<C: Command>(&self, ctx: &Context, command: C) -> Result<C::Output> {
        self.0.run(&ctx.at(self.0.now()), command).await
    }

    /// Asks a query of the same call, now.
    pub(super) async fn ask<Q: Query>(&self, ctx: &Context, query: Q) -> Result<Q::Output> {
        self.0.ask(&ctx.at(self.0.now()), query).await
    }

    /// Places an order of the same call, now, together with others where that is quicker.
    pub(super) async fn place_order(
        &self,
        ctx: &Context,
        command: crate::order::PlaceOrder,
    ) -> Result<crate::order::PlacedOrder> {
        crate::order::place_order(&self.0, &ctx.at(self.0.now()), command).await
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.0.now()
    }

    pub(super) fn waiters(&self) -> &Waiters {
        self.0.waiters()
    }

    pub(super) fn is_shared(&self) -> bool {
        self.0.is_shared()
    }
}
