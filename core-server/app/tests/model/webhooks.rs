//! What webhooks tell of, and what their gateways answer: whatever is told of a known payment is one row of that payment and
//! amount, and stays due until it is answered; of a reference that nobody knows there is none.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use rand::RngExt as _;
use uuid::Uuid;
use warung_app::{
    Context, Query, Result,
    gateway::WebhookClaim,
    order::Reach,
    payment::{Answer, AnswerQuestion, ClaimQuestions, GetPayment, KeepPosted, Kept, Posted, Question},
};
use warung_domain::{money::Money, payment::QuestionState};
use warung_store::{Read, rows};

use crate::walk::Walk;

/// So many other amounts of a payment are asked about at once.
const AMOUNTS_MAX: usize = 5;
/// What was told and not answered is asked about again at the latest then.
const ASKED_AGAIN: TimeDelta = TimeDelta::minutes(11);
/// So long no question is given up.
const KEPT_FOR: TimeDelta = TimeDelta::hours(24);

/// What was told so far, by payment and amount.
#[derive(Default)]
pub(crate) struct Told {
    /// What was told and has no answer; whether it is that the money went back.
    unanswered: BTreeMap<(usize, i64), bool>,
    others: BTreeMap<(usize, i64), Other>,
    count: u64,
}

/// Another amount than was asked for.
struct Other {
    state: QuestionState,
    place: u64,
    since: DateTime<Utc>,
}

/// What the model says of something that is told.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    Row,
    Known,
    NoRoom,
}

/// The questions about payments.
struct Questions(Vec<Uuid>);

impl Query for Questions {
    type Output = Vec<rows::Question>;

    async fn fetch(&self, read: &Read, _ctx: &Context) -> Result<Vec<rows::Question>> {
        Ok(read.questions_of_payments(self.0.clone()).await?)
    }
}

impl Walk {
    /// A webhook comes, once or twice at once, of a payment or of nobody's.
    pub(crate) async fn tell(&mut self) -> Option<usize> {
        if self.rng.random_bool(0.1) {
            self.tell_of_nobodys().await;
            return None;
        }
        let payment = self.some_payment()?;
        let own = self.model.payments[payment].amount;
        let (amount, is_reversal) = match self.rng.random_range(0..10) {
            0..4 => (own, false),
            4..6 => (own, true),
            _ => (own + self.rng.random_range(1..9), false),
        };
        let places = self.rng.random_range(0..3);
        if let Some(question) = self.told(payment, amount, is_reversal, places).await {
            self.answer(question).await;
        }
        Some(self.model.payments[payment].order)
    }

    async fn tell_of_nobodys(&mut self) {
        self.note("a webhook tells of a reference that nobody knows".to_owned());
        let number = self.rng.random_range(0..1_000_000);
        let claim =
            WebhookClaim { reference: format!("tg1-nobody{number}-1"), amount: Money::idr(10_000), is_reversal: false };
        let posted = vec![Posted { gateway: "PAKASIR".to_owned(), claim }];
        let ctx = self.core();
        let kept = self.store.engine.run(&ctx, KeepPosted { posted, places: 1 }).await.unwrap();
        assert_eq!(kept, [Kept::Unknown], "{}", self.story());
    }

    /// Answers what its receiver is to ask.
    async fn told(&mut self, payment: usize, amount: i64, is_reversal: bool, places: usize) -> Option<Question> {
        self.note(format!("a webhook tells of {amount} of payment {payment}, taken back {is_reversal}"));
        let ctx = self.core();
        let seen = GetPayment { id: self.payments[payment], reach: Reach::Store };
        let seen = self.store.engine.ask(&ctx, seen).await.unwrap();
        let money = self.money(self.model.payments[payment].order, amount);
        let claim = WebhookClaim { reference: seen.reference, amount: money, is_reversal };
        let posted = vec![Posted { gateway: seen.gateway, claim }; self.rng.random_range(1..3)];
        let said = self.say(payment, amount, is_reversal);
        let ctx = self.core();
        let kept = self.store.engine.run(&ctx, KeepPosted { posted, places }).await.unwrap();
        let mut claimed = None;
        for kept in kept {
            let was = match kept {
                Kept::Claimed(question) => {
                    assert!(claimed.replace(*question).is_none(), "asked by one; {}", self.story());
                    Said::Row
                }
                Kept::Asking { .. } => Said::Row,
                Kept::Known => Said::Known,
                Kept::NoRoom => Said::NoRoom,
                Kept::Unknown => panic!("payment {payment} is known; {}", self.story()),
            };
            assert_eq!(was, said, "{amount} of payment {payment}; {}", self.story());
        }
        if said == Said::Row {
            let goes_back = self.told.unanswered.entry((payment, amount)).or_default();
            *goes_back |= is_reversal && amount == self.model.payments[payment].amount;
            self.compare_questions(&[payment]).await;
        }
        claimed
    }

    /// What the rules say of it.
    fn say(&mut self, payment: usize, amount: i64, is_reversal: bool) -> Said {
        let of = &self.model.payments[payment];
        if amount == of.amount {
            return if of.state.has_money() && !is_reversal { Said::Known } else { Said::Row };
        }
        let is_booked = |other: &&crate::model::Payment| other.asked_for == Some(payment) && other.amount == amount;
        if self.model.payments.iter().any(|other| is_booked(&other)) {
            return Said::Known;
        }
        let (told, now) = (&mut self.told, self.model.now);
        match told.others.get_mut(&(payment, amount)) {
            Some(Other { state: QuestionState::Received, .. }) => return Said::Known,
            Some(other) => {
                other.state = QuestionState::Asking;
                return Said::Row;
            }
            None => {}
        }
        let of_payment = told.others.range((payment, i64::MIN)..=(payment, i64::MAX));
        let open: Vec<_> = of_payment.filter(|(_, other)| other.state != QuestionState::Received).collect();
        if open.len() >= AMOUNTS_MAX {
            let unknown = open.iter().filter(|(_, other)| other.state == QuestionState::Unknown);
            let Some(oldest) = unknown.min_by_key(|(_, other)| other.place).map(|(key, _)| **key) else {
                return Said::NoRoom;
            };
            told.others.remove(&oldest);
            assert!(!told.unanswered.contains_key(&oldest), "what has no answer gives no room");
        }
        told.count += 1;
        let other = Other { state: QuestionState::Asking, place: told.count, since: now };
        told.others.insert((payment, amount), other);
        Said::Row
    }

    /// Gateways are asked about what is due.
    pub(crate) async fn ask_due(&mut self) -> Option<usize> {
        let claim = ClaimQuestions { limit: 6, gateways: vec!["PAKASIR".to_owned()] };
        let ctx = self.core();
        for question in self.store.engine.run(&ctx, claim).await.unwrap() {
            self.answer(question).await;
        }
        None
    }

    /// A gateway answers something that is no money, unless its asker dies; a webhook may come meanwhile.
    async fn answer(&mut self, question: Question) {
        let id = question.lookup.payment_id;
        let payment = self.payments.iter().rposition(|known| *known == id).unwrap();
        let key = (payment, question.lookup.charge.amount.minor_units);
        if self.rng.random_bool(0.2) {
            self.note(format!("who asks about {key:?} dies"));
            return;
        }
        let is_told = self.rng.random_bool(0.2) && {
            let more = Box::pin(self.told(key.0, key.1, question.is_reversal, 0)).await;
            assert_eq!(more, None, "somebody asks; {}", self.story());
            self.told.unanswered.contains_key(&key)
        };
        let answer = match self.rng.random_range(0..10) {
            0..4 => Answer::NotPaid,
            4..6 => Answer::Unknown,
            6..8 if !question.is_own => Answer::OtherReceived,
            _ => Answer::Missing,
        };
        self.note(format!("the gateway's answer about {key:?}: {answer:?}"));
        let ctx = self.core();
        let command = AnswerQuestion { id: question.id, payment_id: id, answer };
        self.store.engine.run(&ctx, command).await.unwrap();
        let is_over = match answer {
            Answer::OtherReceived => true,
            Answer::NotPaid | Answer::Unknown => !is_told,
            Answer::Missing => false,
        };
        if is_over {
            self.told.unanswered.remove(&key);
        }
        if let Some(other) = self.told.others.get_mut(&key) {
            other.state = match answer {
                Answer::OtherReceived => QuestionState::Received,
                Answer::Unknown => QuestionState::Unknown,
                Answer::NotPaid | Answer::Missing => QuestionState::Asking,
            };
        }
        self.forget_what_is_over(payment).await;
        self.compare_questions(&[payment]).await;
    }

    /// After a day another amount is asked about no more.
    async fn forget_what_is_over(&mut self, payment: usize) {
        let rows = self.questions(&[payment]).await;
        let now = self.model.now;
        let is_kept = |amount: i64| rows.iter().any(|row| row.amount_minor == amount);
        let gone: Vec<_> = self.told.others.range((payment, i64::MIN)..=(payment, i64::MAX)).collect();
        let gone: Vec<_> = gone.into_iter().filter(|((_, amount), _)| !is_kept(*amount)).collect();
        let gone: Vec<_> = gone.into_iter().map(|(key, other)| (*key, other.since)).collect();
        for (key, since) in gone {
            assert!(now - since >= KEPT_FOR, "{key:?} is lost; {}", self.story());
            self.told.others.remove(&key);
            self.told.unanswered.remove(&key);
        }
    }

    async fn questions(&mut self, payments: &[usize]) -> Vec<rows::Question> {
        let ids = payments.iter().map(|payment| self.payments[*payment].0).collect();
        let ctx = self.core();
        self.store.engine.ask(&ctx, Questions(ids)).await.unwrap()
    }

    /// Of a payment and an amount there is one row, and what has no answer is asked about soon.
    async fn compare_questions(&mut self, payments: &[usize]) {
        let found = self.questions(payments).await;
        for payment in payments {
            let id = self.payments[*payment].0;
            let mut amounts: Vec<_> =
                found.iter().filter(|row| row.payment_id == id).map(|row| row.amount_minor).collect();
            let count = amounts.len();
            amounts.sort_unstable();
            amounts.dedup();
            assert_eq!(amounts.len(), count, "each is there once; {}", self.story());
            let own = self.model.payments[*payment].amount;
            let others: Vec<_> = amounts.into_iter().filter(|amount| *amount != own).collect();
            let said = self.told.others.range((*payment, i64::MIN)..=(*payment, i64::MAX));
            let said: Vec<_> = said.map(|((_, amount), _)| *amount).collect();
            assert_eq!(others, said, "other amounts of payment {payment}; {}", self.story());
            for ((_, amount), _) in self.told.unanswered.range((*payment, i64::MIN)..=(*payment, i64::MAX)) {
                let row = found.iter().find(|row| row.payment_id == id && row.amount_minor == *amount);
                let due = row.and_then(|row| row.due_time);
                let is_soon = due.is_some_and(|due| due <= self.model.now + ASKED_AGAIN);
                assert!(is_soon, "{amount} of payment {payment} is asked about: {row:?}; {}", self.story());
            }
        }
    }

    /// What has no answer yet, and is lost in no history.
    pub(crate) async fn compare_unanswered(&mut self) {
        let mut payments: Vec<_> = self.told.unanswered.keys().map(|(payment, _)| *payment).collect();
        payments.dedup();
        for some in payments.chunks(50) {
            self.compare_questions(some).await;
        }
    }

    /// Money of a payment's own amount is there: nobody asks about it any more, but whether it went back.
    pub(crate) fn is_paid(&mut self, payment: usize) {
        let own = (payment, self.model.payments[payment].amount);
        if self.told.unanswered.get(&own) == Some(&false) {
            self.told.unanswered.remove(&own);
        }
    }

    /// It went back.
    pub(crate) fn has_gone_back(&mut self, payment: usize) {
        self.told.unanswered.remove(&(payment, self.model.payments[payment].amount));
    }
}
