//! All that the emulated Pakasir remembers, behind one lock.

use std::collections::VecDeque;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use serde_json::Value;

use super::config::{PakasirConfig, Project, Rules};
use super::fault::{ApiFault, Endpoint, Fault, HookFault, WebhookFault};
use super::model::{Method, Status, Transaction};
use super::qris;
use super::sim::PakasirError;
use crate::Clock;
use crate::shared::Revised;

/// How many payments are kept; the oldest go first.
const TRANSACTIONS_MAX: usize = 50_000;
/// How many requests and how many webhooks are kept in the logs; the oldest go first.
pub(crate) const LOG_MAX: usize = 20_000;

/// A request to the API, as it stands in the log.
#[derive(Clone, Debug, Serialize)]
pub struct ApiCall {
    /// Counts up from 1.
    pub number: u64,
    /// The endpoint.
    pub endpoint: Endpoint,
    /// The order that it names.
    pub order_id: Option<String>,
    /// Its parameters, without the key.
    pub params: Value,
    /// When it arrived, by the emulator's clock.
    pub at: DateTime<Utc>,
    /// When it arrived, in milliseconds since the emulator started, by a clock that only goes forward.
    pub elapsed_ms: u64,
    /// The status of the answer; 0 where none was sent.
    pub status: u16,
    /// The fault that met it.
    pub fault: Option<Fault>,
}

/// A webhook that was posted, and what came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Posted {
    /// Counts up from 1, in the order of posting.
    pub number: u64,
    /// The order of the payment, none for a body of the caller's own.
    pub order_id: Option<String>,
    /// The body.
    pub body: String,
    /// When it was posted, by the emulator's clock.
    pub at: DateTime<Utc>,
    /// When it was posted, in milliseconds since the emulator started.
    pub elapsed_ms: u64,
    /// How long the answer took, in milliseconds.
    pub took_ms: u64,
    /// The status of the answer; 0 where there was none.
    pub status: u16,
    /// The answer's body, or why there was none; its first 2,000 characters.
    pub answer: String,
}

/// Everything.
#[derive(Debug)]
pub(crate) struct State {
    pub project: Project,
    pub rules: Rules,
    clock: Clock,
    /// How far the clock was put forward.
    ahead: TimeDelta,
    revision: u64,
    serial: u64,
    pub transactions: VecDeque<Transaction>,
    pub calls: VecDeque<ApiCall>,
    pub posted: VecDeque<Posted>,
    pub faults: Vec<Fault>,
    pub webhook_faults: Vec<WebhookFault>,
    /// Webhooks that are kept until another was posted.
    pub kept_webhooks: Vec<u64>,
    /// How many webhooks are on their way.
    pub posting: usize,
}

impl Revised for State {
    fn revision(&mut self) -> &mut u64 {
        &mut self.revision
    }
}

impl State {
    pub(crate) fn new(config: PakasirConfig) -> Self {
        Self {
            project: config.project,
            rules: config.rules,
            clock: config.clock,
            ahead: TimeDelta::zero(),
            revision: 0,
            serial: 0,
            transactions: VecDeque::new(),
            calls: VecDeque::new(),
            posted: VecDeque::new(),
            faults: Vec::new(),
            webhook_faults: Vec::new(),
            kept_webhooks: Vec::new(),
            posting: 0,
        }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now() + self.ahead
    }

    pub(crate) fn advance(&mut self, by: Duration) {
        self.ahead += TimeDelta::from_std(by).unwrap_or(TimeDelta::zero());
    }

    /// A number that nothing else has.
    pub(crate) fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// Makes a payment.
    pub(crate) fn create(&mut self, order_id: &str, amount: i64, method: Method, by_page: bool) -> Transaction {
        let number = self.next_serial();
        let fee = method.fee(amount);
        let payment_number = match method {
            Method::Qris => self.qris(amount + fee, number),
            account => account.account(number),
        };
        let created_at = self.now();
        let expiry = TimeDelta::from_std(self.rules.expiry).unwrap_or(TimeDelta::MAX);
        let transaction = Transaction {
            number,
            order_id: order_id.to_owned(),
            amount,
            fee,
            method,
            payment_number,
            settled: Status::Pending,
            created_at,
            expired_at: created_at.checked_add_signed(expiry).unwrap_or(DateTime::<Utc>::MAX_UTC),
            completed_at: None,
            by_page,
        };
        self.transactions.push_back(transaction.clone());
        while self.transactions.len() > TRANSACTIONS_MAX {
            self.transactions.pop_front();
        }
        transaction
    }

    /// The QRIS string for a total, under a reference that belongs to this number.
    pub(crate) fn qris(&self, total: i64, number: u64) -> String {
        qris::dynamic(&self.project.merchant, total, &format!("SP{number:017}"))
    }

    /// The newest payment of an order with this amount, or with any.
    pub(crate) fn find(&self, order_id: &str, amount: Option<i64>) -> Option<&Transaction> {
        let fits = |transaction: &&Transaction| {
            transaction.order_id == order_id && amount.is_none_or(|amount| amount == transaction.amount)
        };
        self.transactions.iter().rev().find(fits)
    }

    pub(crate) fn by_number(&self, number: u64) -> Option<&Transaction> {
        self.transactions.iter().find(|transaction| transaction.number == number)
    }

    fn by_number_mut(&mut self, number: u64) -> Option<&mut Transaction> {
        self.transactions.iter_mut().find(|transaction| transaction.number == number)
    }

    /// The money arrives: for a payment that can be paid, or `late` for one that no longer can. Whoever calls this
    /// posts the webhook.
    pub(crate) fn pay(&mut self, number: u64, late: bool) -> Result<Transaction, PakasirError> {
        let now = self.now();
        let transaction = self.by_number_mut(number).ok_or(PakasirError::Unknown)?;
        match transaction.status(now) {
            Status::Completed => return Err(PakasirError::AlreadyPaid),
            Status::Expired | Status::Cancelled if !late => return Err(PakasirError::NotPayable),
            _ => {}
        }
        transaction.settled = Status::Completed;
        transaction.completed_at = Some(now);
        Ok(transaction.clone())
    }

    /// Calls a payment off. One that was paid or is over stays what it is.
    pub(crate) fn cancel(&mut self, number: u64) -> Result<(), PakasirError> {
        let now = self.now();
        let transaction = self.by_number_mut(number).ok_or(PakasirError::Unknown)?;
        match transaction.status(now) {
            Status::Completed => Err(PakasirError::AlreadyPaid),
            Status::Expired => Err(PakasirError::NotPayable),
            Status::Cancelled => Ok(()),
            Status::Pending => {
                transaction.settled = Status::Cancelled;
                Ok(())
            }
        }
    }

    /// Ends the time in which a payment can be paid.
    pub(crate) fn expire(&mut self, number: u64) -> Result<(), PakasirError> {
        let now = self.now();
        let transaction = self.by_number_mut(number).ok_or(PakasirError::Unknown)?;
        match transaction.status(now) {
            Status::Pending => {
                transaction.expired_at = now;
                Ok(())
            }
            Status::Expired => Ok(()),
            Status::Completed => Err(PakasirError::AlreadyPaid),
            Status::Cancelled => Err(PakasirError::NotPayable),
        }
    }

    /// Takes the first fault that meets a request, and counts it down. `StillPending` waits for a payment that is
    /// completed.
    pub(crate) fn take_fault(&mut self, endpoint: Endpoint, order_id: Option<&str>) -> Option<Fault> {
        let paid = order_id.and_then(|id| self.find(id, None)).is_some_and(|found| found.completed_at.is_some());
        let meets = |fault: &&mut Fault| {
            fault.meets(endpoint, order_id) && (paid || !matches!(fault.kind, ApiFault::StillPending))
        };
        let fault = self.faults.iter_mut().find(meets)?;
        fault.times = fault.times.saturating_sub(1);
        let taken = fault.clone();
        self.faults.retain(|fault| fault.times > 0);
        Some(taken)
    }

    /// Takes the faults that meet the webhook of a payment, and counts them down.
    pub(crate) fn take_webhook_faults(&mut self, order_id: &str) -> Vec<HookFault> {
        let mut taken = Vec::new();
        for fault in self.webhook_faults.iter_mut().filter(|fault| fault.meets(order_id)) {
            fault.times = fault.times.saturating_sub(1);
            taken.push(fault.kind.clone());
        }
        self.webhook_faults.retain(|fault| fault.times > 0);
        taken
    }

    pub(crate) fn log(&mut self, call: ApiCall) {
        self.calls.push_back(call);
        while self.calls.len() > LOG_MAX {
            self.calls.pop_front();
        }
    }

    pub(crate) fn log_posted(&mut self, posted: Posted) {
        self.posted.push_back(posted);
        while self.posted.len() > LOG_MAX {
            self.posted.pop_front();
        }
    }
}
