//! A gateway at whose calls the process dies.

use std::{
    fmt::Debug,
    future::Future,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use prost::{Message, Name};
use tokio::sync::Notify;
use uuid::Uuid;
use warung_app::{
    Context,
    context::Request,
    gateway::{Charge, Gateway, GatewayError, GatewayStatus, Invoice, UnknownMeans, WebhookClaim, WebhookError},
    ledger::Audit,
    payment::Checkout,
};
use warung_domain::{
    ids::UserId,
    money::Money,
    payment::Method,
    principal::{Person, Principal},
    standing::Standing,
};
use warung_proto::{
    descriptor,
    request::{self, Asked},
};
use warung_store::testing::TestDatabase;

use super::{BUYER, Till, soon};

/// Where a process dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Death {
    BeforeCreate,
    AfterCreate,
    BeforeStatus,
    AfterStatus,
    BeforeCancel,
    AfterCancel,
    BeforeRefund,
    AfterRefund,
}

/// A gateway at one of whose calls the process dies: once, as the next process lives.
pub(crate) struct Deadly {
    inner: Arc<dyn Gateway>,
    /// Where it dies, and after how many such calls.
    death: Mutex<Option<(Death, usize)>>,
    died: Notify,
    loses_answers: AtomicBool,
    refunded: Mutex<Vec<i64>>,
}

impl Deadly {
    /// The gateway, at whose next such call the process dies.
    pub(crate) fn at(inner: Arc<dyn Gateway>, death: Death) -> Arc<Self> {
        Self::after(inner, death, 0)
    }

    /// The gateway, at which the process outlives so many such calls.
    pub(crate) fn after(inner: Arc<dyn Gateway>, death: Death, outlived: usize) -> Arc<Self> {
        let deadly = Self::harmless(inner);
        deadly.dies_next(death, outlived);
        Arc::new(deadly)
    }

    fn harmless(inner: Arc<dyn Gateway>) -> Self {
        Self {
            inner,
            death: Mutex::default(),
            died: Notify::new(),
            loses_answers: AtomicBool::new(false),
            refunded: Mutex::default(),
        }
    }

    /// From now on the process dies there, after so many such calls.
    pub(crate) fn dies_next(&self, death: Death, outlived: usize) {
        *self.death.lock().unwrap() = Some((death, outlived));
    }

    /// Nobody gets its answers to creates.
    pub(crate) fn lose_answers(&self) {
        self.loses_answers.store(true, Ordering::Relaxed);
    }

    /// What it has given back.
    pub(crate) fn refunded(&self) -> Vec<i64> {
        self.refunded.lock().unwrap().clone()
    }

    /// The checkout of a process that has it.
    pub(crate) fn checkout(self: &Arc<Self>, till: &Till) -> Checkout {
        let gateway: Arc<dyn Gateway> = Arc::<Self>::clone(self);
        Checkout::new(till.core.engine().clone(), std::iter::once(gateway).collect())
    }

    /// Waits until the process is dead.
    pub(crate) async fn died(&self) {
        soon(self.died.notified()).await;
    }

    /// Does something until the process dies of it.
    pub(crate) async fn kills<T: Debug>(&self, doing: impl Future<Output = T>) {
        let death = *self.death.lock().unwrap();
        soon(async {
            tokio::select! {
                outcome = Box::pin(doing) => panic!("{death:?}: it lived: {outcome:?}"),
                () = self.died.notified() => {}
            }
        })
        .await;
    }

    async fn dies_at(&self, here: Death) {
        let dies = {
            let mut death = self.death.lock().unwrap();
            match &mut *death {
                Some((place, outlived)) if *place == here && *outlived > 0 => {
                    *outlived -= 1;
                    false
                }
                Some((place, _)) if *place == here => death.take().is_some(),
                _ => false,
            }
        };
        if dies {
            self.died.notify_one();
            std::future::pending::<()>().await;
        }
    }
}

#[async_trait]
impl Gateway for Deadly {
    fn name(&self) -> &'static str {
        self.inner.name()
    }
    fn methods(&self) -> &[Method] {
        self.inner.methods()
    }
    fn minimum(&self, method: Method) -> Money {
        self.inner.minimum(method)
    }
    fn estimated_fee(&self, method: Method, amount: Money) -> Money {
        self.inner.estimated_fee(method, amount)
    }
    fn pay_url(&self, charge: &Charge) -> Option<String> {
        self.inner.pay_url(charge)
    }
    async fn create(&self, charge: &Charge) -> Result<Invoice, GatewayError> {
        self.dies_at(Death::BeforeCreate).await;
        let made = self.inner.create(charge).await;
        self.dies_at(Death::AfterCreate).await;
        if self.loses_answers.load(Ordering::Relaxed) { Err(GatewayError::Uncertain("lost".into())) } else { made }
    }
    async fn status(&self, reference: &str, amount: Money) -> Result<GatewayStatus, GatewayError> {
        self.dies_at(Death::BeforeStatus).await;
        let status = self.inner.status(reference, amount).await;
        self.dies_at(Death::AfterStatus).await;
        status
    }
    fn unknown_means(&self) -> UnknownMeans {
        self.inner.unknown_means()
    }
    async fn cancel(&self, charge: &Charge) -> Result<(), GatewayError> {
        self.dies_at(Death::BeforeCancel).await;
        let cancelled = self.inner.cancel(charge).await;
        self.dies_at(Death::AfterCancel).await;
        cancelled
    }
    /// Pakasir can't: this one can.
    fn can_refund(&self) -> bool {
        true
    }
    async fn refund(&self, _charge: &Charge, amount: Money) -> Result<(), GatewayError> {
        self.dies_at(Death::BeforeRefund).await;
        self.refunded.lock().unwrap().push(amount.minor_units);
        self.dies_at(Death::AfterRefund).await;
        Ok(())
    }
    fn read_webhook(&self, body: &[u8], signature: &str) -> Result<WebhookClaim, WebhookError> {
        self.inner.read_webhook(body, signature)
    }
}

impl Till {
    /// Opens a shop whose own core calls its gateway through one that may be told to let it die.
    pub(crate) async fn mortal(database: TestDatabase) -> (Self, Arc<Deadly>) {
        let mut made = None;
        let wrap = |inner| -> Arc<dyn Gateway> {
            let deadly = Arc::new(Deadly::harmless(inner));
            made = Some(Arc::clone(&deadly));
            deadly
        };
        let till = Self::behind(database, 10, |_| {}, wrap).await;
        (till, made.unwrap())
    }

    /// A call of the buyer's by which this was asked for, as the core has it of its guard.
    pub(crate) async fn as_buyer<M: Message + Name>(&self, method: &str, message: &M) -> Context {
        let user = self.user_rows().await.into_iter().find(|user| user.telegram_id == BUYER).unwrap();
        let person = Person { user_id: UserId(user.id), telegram_id: BUYER, standing: Standing::Buyer };
        let principal = Principal { person: Some(person), ..Principal::default() };
        let message = (descriptor::pool().get_message_by_name(&M::full_name()).unwrap(), message.encode_to_vec());
        let length = u32::try_from(message.1.len()).unwrap().to_be_bytes();
        let Asked { request_id, content } =
            request::read(message.0, &[&[0][..], &length, &message.1].concat().into()).unwrap();
        let secret = warung_app::testing::environment().secret;
        let request = Request::asked(&secret, Uuid::parse_str(&request_id).unwrap(), method, &content);
        self.core.engine().context(principal, "test").with_request(request)
    }

    /// The books hold. A call of these tests may be older than a clock that was put forward since, as none is that the
    /// guard lets in: what it writes may come after a checkpoint that covers its time.
    pub(crate) async fn proven(&self) {
        let mut faults = self.core.engine().ask(&self.context(), Audit).await.unwrap();
        faults.retain(|fault| fault.rule != "what a checkpoint covers is as it was");
        assert_eq!(faults, []);
    }
}
