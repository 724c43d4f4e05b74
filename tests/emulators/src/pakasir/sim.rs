//! The payers' side of the emulated Pakasir, for tests in the same process.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::Shared;
use super::config::{Project, Rules};
use super::fault::{Endpoint, Fault, WebhookFault};
use super::model::{Status, Transaction};
use super::state::{ApiCall, Posted, State};
use super::webhook::{self, Hook};

/// Why something could not be done with a payment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PakasirError {
    /// There is no such payment.
    #[error("transaction not found")]
    Unknown,
    /// It was paid already.
    #[error("transaction is already completed")]
    AlreadyPaid,
    /// It is expired or cancelled.
    #[error("transaction is no longer pending")]
    NotPayable,
    /// No address for webhooks is set.
    #[error("the project has no webhook_url: set it first")]
    NoWebhook,
    /// What was waited for did not happen in time.
    #[error("{what} did not happen within {deadline_ms} ms")]
    Timeout {
        /// What was waited for.
        what: String,
        /// How long, in milliseconds.
        deadline_ms: u128,
    },
}

/// The payers' side: pays, lets invoices expire, looks at what was asked and posted, and schedules faults.
///
/// Where there are several payments of one order, the newest is meant.
#[derive(Clone, Debug)]
pub struct PakasirSim {
    shared: Arc<Shared>,
}

impl PakasirSim {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// All payments, oldest first.
    #[must_use]
    pub fn transactions(&self) -> Vec<Transaction> {
        self.shared.read(|state| state.transactions.iter().cloned().collect())
    }

    /// The newest payment of an order.
    #[must_use]
    pub fn transaction(&self, order_id: &str) -> Option<Transaction> {
        self.shared.read(|state| state.find(order_id, None).cloned())
    }

    /// What became of the newest payment of an order by now.
    #[must_use]
    pub fn status(&self, order_id: &str) -> Option<Status> {
        self.shared.read(|state| Some(state.find(order_id, None)?.status(state.now())))
    }

    /// How often `transactioncreate` made a payment for an order: never more than once for a careful merchant.
    #[must_use]
    pub fn creates(&self, order_id: &str) -> usize {
        let made = |transaction: &&Transaction| transaction.order_id == order_id && !transaction.by_page;
        self.shared.read(|state| state.transactions.iter().filter(made).count())
    }

    /// Orders for which `transactioncreate` made more than one payment. There should be none.
    #[must_use]
    pub fn created_twice(&self) -> Vec<String> {
        let mut ids: Vec<String> = self.shared.read(|state| {
            state.transactions.iter().filter(|made| !made.by_page).map(|made| made.order_id.clone()).collect()
        });
        ids.sort_unstable();
        let mut twice: Vec<String> = ids
            .windows(2)
            .filter_map(|pair| pair.first().filter(|first| pair.last() == Some(first)).cloned())
            .collect();
        twice.dedup();
        twice
    }

    /// Pays an order; the webhook follows in the background.
    pub fn pay(&self, order_id: &str) -> Result<Transaction, PakasirError> {
        self.settle(order_id, false)
    }

    /// The money of an order arrives although the payment is expired or cancelled, as it may when a bank is slow.
    pub fn pay_late(&self, order_id: &str) -> Result<Transaction, PakasirError> {
        self.settle(order_id, true)
    }

    fn settle(&self, order_id: &str, late: bool) -> Result<Transaction, PakasirError> {
        let paid = self.shared.write(|state| state.pay(number(state, order_id)?, late))?;
        webhook::announce(&self.shared, paid.number);
        Ok(paid)
    }

    /// Ends the time in which an order can be paid.
    pub fn expire(&self, order_id: &str) -> Result<(), PakasirError> {
        self.shared.write(|state| state.expire(number(state, order_id)?))
    }

    /// Calls a payment off, as the merchant may in the dashboard.
    pub fn cancel(&self, order_id: &str) -> Result<(), PakasirError> {
        self.shared.write(|state| state.cancel(number(state, order_id)?))
    }

    /// The emulator's time.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.shared.read(State::now)
    }

    /// Puts the emulator's clock forward.
    pub fn advance(&self, by: Duration) {
        self.shared.write(|state| state.advance(by));
    }

    /// Changes how it behaves from now on, such as how long new invoices can be paid.
    pub fn set_rules(&self, change: impl FnOnce(&mut Rules)) {
        self.shared.write(|state| change(&mut state.rules));
    }

    /// Changes the project, such as where webhooks are posted.
    pub fn set_project(&self, change: impl FnOnce(&mut Project)) {
        self.shared.write(|state| change(&mut state.project));
    }

    /// The project and the rules as they are now.
    #[must_use]
    pub fn settings(&self) -> (Project, Rules) {
        self.shared.read(|state| (state.project.clone(), state.rules.clone()))
    }

    /// Schedules a fault. Faults are met in the order in which they were scheduled.
    pub fn fault(&self, fault: Fault) {
        self.shared.write(|state| state.faults.push(fault));
    }

    /// Schedules a fault of webhooks. All that fit one webhook meet it together.
    pub fn webhook_fault(&self, fault: WebhookFault) {
        self.shared.write(|state| state.webhook_faults.push(fault));
    }

    /// The faults still to be met.
    #[must_use]
    pub fn faults(&self) -> (Vec<Fault>, Vec<WebhookFault>) {
        self.shared.read(|state| (state.faults.clone(), state.webhook_faults.clone()))
    }

    /// Calls off all faults.
    pub fn clear_faults(&self) {
        self.shared.write(|state| {
            state.faults.clear();
            state.webhook_faults.clear();
        });
    }

    /// The requests so far, in the order in which they were answered.
    #[must_use]
    pub fn calls(&self) -> Vec<ApiCall> {
        self.shared.read(|state| state.calls.iter().cloned().collect())
    }

    /// How many requests an endpoint has had for an order.
    #[must_use]
    pub fn count(&self, endpoint: Endpoint, order_id: &str) -> usize {
        let fits = |call: &&ApiCall| call.endpoint == endpoint && call.order_id.as_deref() == Some(order_id);
        self.shared.read(|state| state.calls.iter().filter(fits).count())
    }

    /// Forgets the requests so far.
    pub fn clear_calls(&self) {
        self.shared.write(|state| state.calls.clear());
    }

    /// The webhooks posted so far, in the order in which they were posted.
    #[must_use]
    pub fn webhooks(&self) -> Vec<Posted> {
        let mut posted: Vec<Posted> = self.shared.read(|state| state.posted.iter().cloned().collect());
        posted.sort_unstable_by_key(|posted| posted.number);
        posted
    }

    /// Posts a webhook that says `completed` of a payment that was never paid, signed where webhooks are signed.
    pub async fn forge(&self, order_id: &str) -> Result<Posted, PakasirError> {
        let hook = self.shared.read(|state| {
            let transaction = state.find(order_id, None).ok_or(PakasirError::Unknown)?;
            let body = webhook::body(state, transaction, "completed").to_string();
            let signature = webhook::signature(state.project.webhook_secret.as_deref(), &body);
            Ok(Hook { order_id: Some(order_id.to_owned()), body, signature })
        })?;
        self.post(hook).await
    }

    /// Posts this body as a webhook, without a signature.
    pub async fn post_body(&self, body: &str) -> Result<Posted, PakasirError> {
        self.post(Hook { order_id: None, body: body.to_owned(), signature: None }).await
    }

    async fn post(&self, hook: Hook) -> Result<Posted, PakasirError> {
        webhook::post(&self.shared, hook).await.ok_or(PakasirError::NoWebhook)
    }

    /// The webhook's body for a payment with this status, for a caller who changes and posts it.
    #[must_use]
    pub fn webhook_body(&self, order_id: &str, status: &str) -> Option<Value> {
        self.shared.read(|state| Some(webhook::body(state, state.find(order_id, None)?, status)))
    }

    /// Waits for a payment, looking at those made before as well, the newest first.
    pub async fn wait_for_transaction(
        &self,
        predicate: impl Fn(&Transaction) -> bool,
        deadline: Duration,
    ) -> Result<Transaction, PakasirError> {
        let look = |state: &State| state.transactions.iter().rev().find(|made| predicate(made)).cloned();
        self.wait("the payment", deadline, look).await
    }

    /// Waits for a request that was answered, looking at those made before as well.
    pub async fn wait_for_call(
        &self,
        predicate: impl Fn(&ApiCall) -> bool,
        deadline: Duration,
    ) -> Result<ApiCall, PakasirError> {
        let look = |state: &State| state.calls.iter().find(|call| predicate(call)).cloned();
        self.wait("the request", deadline, look).await
    }

    /// Waits for a webhook that was posted and answered, looking at those posted before as well.
    pub async fn wait_for_webhook(
        &self,
        predicate: impl Fn(&Posted) -> bool,
        deadline: Duration,
    ) -> Result<Posted, PakasirError> {
        let look = |state: &State| state.posted.iter().find(|posted| predicate(posted)).cloned();
        self.wait("the webhook", deadline, look).await
    }

    /// Waits until no webhook is on its way. Those kept back by a fault are not.
    pub async fn wait_until_idle(&self, deadline: Duration) -> Result<(), PakasirError> {
        self.wait("the end of all webhooks", deadline, |state| (state.posting == 0).then_some(())).await
    }

    async fn wait<T>(
        &self,
        what: &str,
        deadline: Duration,
        look: impl FnMut(&State) -> Option<T>,
    ) -> Result<T, PakasirError> {
        let found = self.shared.wait(deadline, look).await;
        found.ok_or_else(|| PakasirError::Timeout { what: what.to_owned(), deadline_ms: deadline.as_millis() })
    }
}

fn number(state: &State, order_id: &str) -> Result<u64, PakasirError> {
    state.find(order_id, None).map(|found| found.number).ok_or(PakasirError::Unknown)
}
