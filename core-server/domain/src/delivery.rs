//! The life of a delivery: due, claimed by a worker, and then what became of it.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::named;

#[cfg(test)]
mod tests;

/// The longest wait that a messenger may ask for.
pub const MAX_RETRY_AFTER: TimeDelta = TimeDelta::hours(24);
/// The shortest wait before another attempt.
pub const MIN_BACKOFF: TimeDelta = TimeDelta::seconds(1);
/// The longest wait that we choose before another attempt.
pub const MAX_BACKOFF: TimeDelta = TimeDelta::minutes(5);
/// How long a bot pauses when the messenger refused one of its chats for a time.
pub const FIRST_PAUSE: TimeDelta = TimeDelta::seconds(2);

named! {
    /// Which queue a delivery stands in; the first to be served is declared first.
    #[derive(PartialOrd, Ord, Serialize, Deserialize)]
    pub enum Lane {
        /// The answer to something that a user has just done.
        Reply = "REPLY",
        /// Goods and notices of an order.
        Order = "ORDER",
        /// Messages to many.
        Broadcast = "BROADCAST",
    }
}

impl Lane {
    /// Its place in the order of service, and its number in the database: a lower one goes first.
    #[must_use]
    pub fn priority(self) -> i16 {
        match self {
            Self::Reply => 1,
            Self::Order => 2,
            Self::Broadcast => 3,
        }
    }

    /// The lane of a number in the database.
    #[must_use]
    pub fn from_priority(priority: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|lane| lane.priority() == priority)
    }

    /// How many attempts may fail; `None`: age alone ends it.
    #[must_use]
    pub fn max_attempts(self) -> Option<u32> {
        match self {
            Self::Reply | Self::Broadcast => Some(10),
            Self::Order => None,
        }
    }

    /// After how long trying makes no sense any more. Somebody who waits for a reply has asked again by then; goods that
    /// were paid for are worth three days.
    #[must_use]
    pub fn max_age(self) -> TimeDelta {
        match self {
            Self::Reply => TimeDelta::hours(1),
            Self::Order => TimeDelta::days(3),
            Self::Broadcast => TimeDelta::days(2),
        }
    }

    /// What may have arrived is sent again: the same goods twice harm nobody, their loss does. Advertising is the other
    /// way round.
    #[must_use]
    pub fn repeats_uncertain(self) -> bool {
        self != Self::Broadcast
    }

    /// What a user's refusal holds back is sent once they press Start. A reply is asked for again instead.
    #[must_use]
    pub fn waits_for_start(self) -> bool {
        self == Self::Order
    }
}

/// Where a delivery stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It may be claimed from this time on.
    Pending {
        /// When it is due.
        due_time: DateTime<Utc>,
    },
    /// A worker is at it.
    Claimed {
        /// Which one.
        worker_id: String,
        /// Until when. Afterwards nobody knows whether it arrived.
        lease_expire_time: DateTime<Utc>,
    },
    /// It arrived.
    Sent {
        /// The message in its chat; 0 for a delete.
        message_id: i64,
        /// When we learnt it.
        sent_time: DateTime<Utc>,
    },
    /// The user does not let the bot write.
    Refused(Refusal),
    /// It can't be delivered so, however often it is tried.
    Failed,
    /// It may have arrived, and is not sent again.
    Uncertain,
    /// Given up after too many attempts or too long a time; the owner is alarmed.
    Dead,
}

/// Why a user's chat is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The user blocked the bot, or their account is gone.
    Blocked,
    /// The user has not pressed Start yet.
    NeverStarted,
}

named! {
    /// A state without what it carries, as it stands in the database, in logs and metrics.
    pub enum StateName {
        /// [`State::Pending`].
        Pending = "PENDING",
        /// [`State::Claimed`].
        Claimed = "CLAIMED",
        /// [`State::Sent`].
        Sent = "SENT",
        /// [`Refusal::Blocked`].
        Blocked = "BLOCKED",
        /// [`Refusal::NeverStarted`].
        NeverStarted = "NEVER_STARTED",
        /// [`State::Failed`].
        Failed = "FAILED",
        /// [`State::Uncertain`].
        Uncertain = "UNCERTAIN",
        /// [`State::Dead`].
        Dead = "DEAD",
    }
}

impl StateName {
    /// The user does not let the bot write: it waits for them to press Start.
    pub const REFUSED: [Self; 2] = [Self::Blocked, Self::NeverStarted];
}

impl State {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        let name = match self {
            Self::Pending { .. } => StateName::Pending,
            Self::Claimed { .. } => StateName::Claimed,
            Self::Sent { .. } => StateName::Sent,
            Self::Refused(Refusal::Blocked) => StateName::Blocked,
            Self::Refused(Refusal::NeverStarted) => StateName::NeverStarted,
            Self::Failed => StateName::Failed,
            Self::Uncertain => StateName::Uncertain,
            Self::Dead => StateName::Dead,
        };
        name.name()
    }

    /// Nothing more will be done, unless the user presses Start.
    #[must_use]
    pub fn is_final(&self) -> bool {
        !matches!(self, Self::Pending { .. } | Self::Claimed { .. })
    }

    /// Somebody has to be told: what was to arrive did not, or may not have, and nothing will change that by itself. Of
    /// what is sent to many a lost answer is expected, and is counted.
    #[must_use]
    pub fn is_alarming(&self, lane: Lane) -> bool {
        matches!(self, Self::Failed | Self::Dead) || (*self == Self::Uncertain && lane != Lane::Broadcast)
    }

    /// What becomes of a refused delivery when its user presses Start at `now`; `None` when it stays as it is.
    #[must_use]
    pub fn released(&self, lane: Lane, now: DateTime<Utc>) -> Option<Self> {
        (matches!(self, Self::Refused(_)) && lane.waits_for_start()).then_some(Self::Pending { due_time: now })
    }
}

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It arrived.
    Sent {
        /// The message in its chat; 0 for a delete.
        message_id: i64,
    },
    /// The messenger asks to wait.
    RetryAfter {
        /// How long; `None`: it named no time.
        delay: Option<TimeDelta>,
    },
    /// The user refuses.
    Refused(Refusal),
    /// A request that is refused however often it is made.
    Failed,
    /// It certainly did not arrive, and another attempt may.
    Unavailable,
    /// The answer was lost, or the lease ran out: it may have arrived.
    Uncertain,
}

/// The attempt that an outcome is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Which lane the delivery stands in.
    pub lane: Lane,
    /// Which attempt it was, from 1.
    pub number: u32,
    /// Since when it is tried: when it was written, or last released by the user's Start.
    pub since: DateTime<Utc>,
    /// An earlier attempt may have arrived.
    pub may_be_repeated: bool,
}

/// What follows from an outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// Where the delivery stands now.
    pub state: State,
    /// The next attempt may be a repetition.
    pub may_be_repeated: bool,
    /// How long the messenger wants to hear nothing for the delivery's chat.
    pub chat_wait: Option<TimeDelta>,
}

/// A pause of a whole bot, or its last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BotPause {
    /// Whose refusal began it.
    pub chat_id: i64,
    /// How long it is in all.
    pub length: TimeDelta,
    /// When it ends.
    pub until: DateTime<Utc>,
}

impl BotPause {
    /// The pause of a bot that is told at `now` to wait so long with a chat.
    ///
    /// The messenger does not say whether it is the chat that had too much or the bot. Were it the bot, the first chat
    /// that is tried after the pause is refused as well: then the pause doubles, up to what the messenger asks for. One
    /// busy chat, however long it has to wait, holds up the others for [`FIRST_PAUSE`].
    #[must_use]
    pub fn after_refusal(self, chat_id: i64, wait: TimeDelta, now: DateTime<Utc>) -> Self {
        if self.until > now {
            // What was under way when it began tells nothing new.
            return self;
        }
        let is_next = now - self.until <= self.length.max(FIRST_PAUSE);
        let length = if is_next && self.chat_id != chat_id && !self.length.is_zero() {
            self.length.checked_mul(2).unwrap_or(MAX_RETRY_AFTER)
        } else {
            FIRST_PAUSE
        };
        let length = length.min(wait);
        Self { chat_id, length, until: now + length }
    }
}

named! {
    /// What is wrong with a delivery that ended without arriving, for whoever can mend it. Words and alerts are found by the
    /// name.
    #[derive(Default, Serialize, Deserialize)]
    pub enum Fault {
        /// None of these.
        #[default]
        Unknown = "unknown",
        /// The message to copy is not in its chat.
        SourceNotFound = "source-not-found",
        /// The bot does not see the chat to copy from.
        SourceChatNotFound = "source-chat-not-found",
        /// The bot lacks a right in the chat to copy from, or what stands there is protected.
        NoRights = "no-rights",
        /// The messenger does not know the file by its id.
        FileUnknown = "file-unknown",
        /// The file is larger than the messenger takes.
        FileTooLarge = "file-too-large",
        /// The message itself is refused.
        MessageRefused = "message-refused",
        /// The messenger gave no answer for too long.
        Unanswered = "unanswered",
        /// Goods do not open: another key, or a damaged row.
        GoodsUnreadable = "goods-unreadable",
    }
}

/// What an outcome that is learnt at `now` makes of a claimed delivery. `jitter`, any number, spreads the attempts of
/// many deliveries that failed together.
#[must_use]
pub fn after(outcome: Outcome, attempt: Attempt, now: DateTime<Utc>, jitter: u16) -> Transition {
    let again = |delay| retry(attempt, now, delay);
    let backed_off = backoff(attempt.number, jitter);
    let mut chat_wait = None;
    let state = match outcome {
        Outcome::Sent { message_id } => State::Sent { message_id, sent_time: now },
        Outcome::RetryAfter { delay } => {
            let delay = delay.unwrap_or(backed_off).clamp(MIN_BACKOFF, MAX_RETRY_AFTER);
            chat_wait = Some(delay);
            // The messenger's limits are no fault of the delivery's: age alone ends it.
            again(delay)
        }
        Outcome::Refused(refusal) => State::Refused(refusal),
        Outcome::Failed => State::Failed,
        Outcome::Uncertain if !attempt.lane.repeats_uncertain() => State::Uncertain,
        Outcome::Unavailable | Outcome::Uncertain => {
            let exhausted = attempt.lane.max_attempts().is_some_and(|max| attempt.number >= max);
            if exhausted { State::Dead } else { again(backed_off) }
        }
    };
    let may_be_repeated = attempt.may_be_repeated || outcome == Outcome::Uncertain;
    Transition { state, may_be_repeated, chat_wait }
}

/// Due again after a delay, or dead when that would be too late.
fn retry(attempt: Attempt, now: DateTime<Utc>, delay: TimeDelta) -> State {
    let due_time = now + delay;
    let too_late = due_time.signed_duration_since(attempt.since) > attempt.lane.max_age();
    if too_late { State::Dead } else { State::Pending { due_time } }
}

/// How long to wait after so many attempts: twice as long each time, up to [`MAX_BACKOFF`], of which the jitter leaves
/// half to all.
#[must_use]
pub fn backoff(attempt: u32, jitter: u16) -> TimeDelta {
    let full = 2_i64.checked_pow(attempt.max(1)).map_or(MAX_BACKOFF, |seconds| {
        TimeDelta::try_seconds(seconds).map_or(MAX_BACKOFF, |delay| delay.min(MAX_BACKOFF))
    });
    let half = full / 2;
    let spread = half.num_milliseconds() * i64::from(jitter) / i64::from(u16::MAX);
    half + TimeDelta::milliseconds(spread)
}
