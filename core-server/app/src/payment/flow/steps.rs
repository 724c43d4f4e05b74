//! How a flow reaches the engine: step by step, each at its own time.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use warung_store::Watch;

use crate::{
    context::Context,
    engine::{Command, Engine, Query},
    error::Result,
    gateway::Gateways,
};

/// The engine as flows have it. Between two steps a gateway may take its time: a step that was run with the time of the
/// call's beginning would lease for a time that is over and ask again in the past. There is no other way to run one here.
#[derive(Clone, Debug)]
pub(super) struct Steps {
    engine: Engine,
    gateways: Gateways,
}

impl Steps {
    pub(super) fn new(engine: Engine, gateways: Gateways) -> Self {
        Self { engine, gateways }
    }

    fn ctx(&self, ctx: &Context) -> Context {
        ctx.at(self.now()).with_gateways(self.gateways.clone())
    }

    /// Runs a command of the same call, now.
    pub(super) async fn run<C: Command>(&self, ctx: &Context, command: C) -> Result<C::Output> {
        self.engine.run(&self.ctx(ctx), command).await
    }

    /// Runs a command of the same call, now, where payments go through these gateways alone.
    pub(super) async fn run_by<C: Command>(&self, gateways: &Gateways, ctx: &Context, command: C) -> Result<C::Output> {
        self.engine.run(&ctx.at(self.now()).with_gateways(gateways.clone()), command).await
    }

    /// Asks a query of the same call, now.
    pub(super) async fn ask<Q: Query>(&self, ctx: &Context, query: Q) -> Result<Q::Output> {
        self.engine.ask(&self.ctx(ctx), query).await
    }

    /// Places an order of the same call, now, together with others where that is quicker.
    pub(super) async fn place_order(
        &self,
        ctx: &Context,
        command: crate::order::PlaceOrder,
    ) -> Result<crate::order::PlacedOrder> {
        crate::order::place_order(&self.engine, &self.ctx(ctx), command).await
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.engine.now()
    }

    pub(super) fn store_name(&self) -> Arc<str> {
        Arc::clone(&self.engine.environment().store_name)
    }

    pub(super) fn watch(&self) -> &Watch {
        self.engine.watch()
    }
}
