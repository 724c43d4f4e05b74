//! A gateway whose every answer a test gives.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use tokio::sync::Semaphore;
use warung_app::{
    gateway::{Charge, Gateway, GatewayError, GatewayStatus, Invoice, UnknownMeans, WebhookClaim, WebhookError},
    payment::Checkout,
};
use warung_domain::{money::Money, payment::Method};

use crate::shop::{LEAST, Shop};

/// What a gateway says of a payment.
pub(crate) type Said = Result<GatewayStatus, GatewayError>;

#[derive(Default)]
struct Script {
    statuses: VecDeque<Said>,
    invoices: VecDeque<Result<Invoice, GatewayError>>,
    refunds: VecDeque<Result<(), GatewayError>>,
    asked: usize,
    refunded: Vec<i64>,
    unknown_means: Option<UnknownMeans>,
    cancelled: usize,
}

/// The gateway of a test. It makes the invoices that it was given, says what it was told to, then that nothing is paid,
/// and gives money back.
pub(crate) struct TestGateway {
    name: &'static str,
    script: Mutex<Script>,
    /// A question is answered when there is a permit.
    answers: Semaphore,
    /// A permit for each question.
    questions: Semaphore,
}

impl Default for TestGateway {
    fn default() -> Self {
        Self { name: "PAKASIR", script: Mutex::default(), answers: Semaphore::new(1_000), questions: Semaphore::new(0) }
    }
}

impl TestGateway {
    /// Another one.
    pub(crate) fn named(name: &'static str) -> Self {
        Self { name, ..Self::default() }
    }

    /// It does not make what it is asked for next.
    pub(crate) fn fails(&self, error: GatewayError) {
        self.script.lock().unwrap().invoices.push_back(Err(error));
    }

    /// What it says next.
    pub(crate) fn says(&self, said: impl IntoIterator<Item = Said>) {
        self.script.lock().unwrap().statuses.extend(said);
    }

    /// What it makes next.
    pub(crate) fn makes(&self, invoice: Invoice) {
        self.script.lock().unwrap().invoices.push_back(Ok(invoice));
    }

    /// It answers nothing until [`Self::answer`].
    pub(crate) fn hold(&self) {
        self.answers.forget_permits(1_000);
    }

    /// It answers one question.
    pub(crate) fn answer(&self) {
        self.answers.add_permits(1);
    }

    /// Waits until it is asked once more.
    pub(crate) async fn is_asked(&self) {
        self.questions.acquire().await.unwrap().forget();
    }

    /// How often it was asked.
    pub(crate) fn asked(&self) -> usize {
        self.script.lock().unwrap().asked
    }

    /// What it means that it knows nothing of a payment.
    pub(crate) fn unknown_means(&self, means: UnknownMeans) {
        self.script.lock().unwrap().unknown_means = Some(means);
    }

    /// How often it was told to cancel something.
    pub(crate) fn cancelled(&self) -> usize {
        self.script.lock().unwrap().cancelled
    }

    /// What becomes of the next refund.
    pub(crate) fn refunds(&self, outcome: Result<(), GatewayError>) {
        self.script.lock().unwrap().refunds.push_back(outcome);
    }

    /// What it was asked to give back.
    pub(crate) fn refunded(&self) -> Vec<i64> {
        self.script.lock().unwrap().refunded.clone()
    }
}

#[async_trait]
impl Gateway for TestGateway {
    fn name(&self) -> &'static str {
        self.name
    }
    fn methods(&self) -> &[Method] {
        &[Method::Qris]
    }
    fn minimum(&self, _method: Method) -> Money {
        Money::idr(LEAST)
    }
    fn estimated_fee(&self, _method: Method, _amount: Money) -> Money {
        Money::idr(0)
    }
    fn pay_url(&self, _charge: &Charge) -> Option<String> {
        None
    }
    async fn create(&self, _charge: &Charge) -> Result<Invoice, GatewayError> {
        let made = self.script.lock().unwrap().invoices.pop_front();
        made.unwrap_or_else(|| Err(GatewayError::Unavailable("most tests record their invoices themselves".into())))
    }
    async fn status(&self, _reference: &str, _amount: Money) -> Said {
        let said = {
            let mut script = self.script.lock().unwrap();
            script.asked += 1;
            script.statuses.pop_front()
        };
        self.questions.add_permits(1);
        self.answers.acquire().await.unwrap().forget();
        said.unwrap_or(Ok(GatewayStatus::Pending))
    }
    fn unknown_means(&self) -> UnknownMeans {
        self.script.lock().unwrap().unknown_means.unwrap_or(UnknownMeans::NeverExisted)
    }
    async fn cancel(&self, _charge: &Charge) -> Result<(), GatewayError> {
        self.script.lock().unwrap().cancelled += 1;
        Ok(())
    }
    fn can_refund(&self) -> bool {
        true
    }
    async fn refund(&self, _charge: &Charge, amount: Money) -> Result<(), GatewayError> {
        let mut script = self.script.lock().unwrap();
        script.refunded.push(amount.minor_units);
        script.refunds.pop_front().unwrap_or(Ok(()))
    }
    /// The body is a reference and an amount, and `-` where money was taken back.
    fn read_webhook(&self, body: &[u8], _signature: &str) -> Result<WebhookClaim, WebhookError> {
        let words: Vec<_> = std::str::from_utf8(body).unwrap().split(' ').collect();
        let amount = Money::idr(words[1].parse().unwrap());
        Ok(WebhookClaim { reference: words[0].into(), amount, is_reversal: words.get(2) == Some(&"-") })
    }
}

/// The checkout of a shop, and its gateway.
pub(crate) fn checkout(shop: &Shop) -> (Checkout, Arc<TestGateway>) {
    let gateway = Arc::new(TestGateway::default());
    let shared: Arc<dyn Gateway> = Arc::<TestGateway>::clone(&gateway);
    (Checkout::new(shop.test.engine.clone(), std::iter::once(shared).collect()), gateway)
}

/// The whole amount has arrived.
pub(crate) fn paid(amount: i64) -> GatewayStatus {
    GatewayStatus::Paid { received: Money::idr(amount), withheld: 0, paid_time: None }
}

/// Nobody knows.
pub(crate) fn lost() -> GatewayError {
    GatewayError::Uncertain("lost".into())
}
