//! How long paying waits for what, in one place: whatever waits outlives what it waits for.
//!
//! | who waits | for what | at most |
//! | --- | --- | --- |
//! | the Mini App | an answer of the API | 45 s |
//! | the core | a call of the API, whoever makes it | 30 s |
//! | the bot | an answer of the core | 25 s |
//! | a flow of payments | a question and a cancelling and a question, before it begins an invoice | 24 s |
//! | a flow of payments | an invoice, and what became of it when its answer is lost | 18 s |
//! | a call that found another at work | the other's invoice | 12 s |
//! | the core | an invoice or a refund, all tries and waits of the gateway's client inside | 10 s |
//! | the core | a status or a cancelling, all tries and waits inside | 8 s |
//!
//! The bot gives up before the core so that a person is answered while the core still knows what it did; the same request again
//! goes on where the first one was.

use std::time::Duration;

use chrono::TimeDelta;

use crate::gateway::{INVOICE_MAX, QUESTION_MAX};

/// A call of the bot's waits for its answer so long; the longest that a flow may take.
pub const FLOW_MAX: Duration = Duration::from_secs(25);
/// After so much of a flow no invoice is asked for any more: it could not be found out what became of it.
pub(super) const BEGIN_WITHIN: Duration = Duration::from_secs(6);
/// Nobody else asks about a payment for so long: its question, and the step in the database after it.
pub(super) const LEASE: TimeDelta = TimeDelta::seconds(30);
/// So long a call may take to make an invoice before it counts as dead.
pub(super) const CREATING_MAX: TimeDelta = TimeDelta::seconds(30);
/// How long a call waits for another one that is making the invoice.
pub(super) const WAIT_FOR_ANOTHER: Duration = Duration::from_secs(12);
/// So old an attempt without an invoice is given up by the core itself.
pub(super) const ABANDONED_AFTER: TimeDelta = TimeDelta::seconds(60);
/// A refund whose outcome nobody wrote down for so long: nobody is asking its gateway any more.
pub(super) const REFUNDING_MAX: TimeDelta = TimeDelta::minutes(5);

// That they nest.
const _: () = {
    let (invoice, question, flow) = (INVOICE_MAX.as_secs(), QUESTION_MAX.as_secs(), FLOW_MAX.as_secs());
    assert!(3 * question < flow, "a flow that makes room");
    assert!(BEGIN_WITHIN.as_secs() + invoice + question < flow, "a flow that makes an invoice, and finds out about it");
    assert!(WAIT_FOR_ANOTHER.as_secs() > invoice && WAIT_FOR_ANOTHER.as_secs() + question < flow, "a call that waits");
    assert!(LEASE.num_seconds().cast_unsigned() > 2 * question, "a lease outlives its question");
    assert!(CREATING_MAX.num_seconds().cast_unsigned() > flow, "what counts as dead is dead");
    assert!(ABANDONED_AFTER.num_seconds() > CREATING_MAX.num_seconds(), "who asks again comes first");
    assert!(REFUNDING_MAX.num_seconds().cast_unsigned() > flow, "a refund that counts as lost is lost");
};
