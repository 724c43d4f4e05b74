//! How fast a bot sends.

use chrono::{DateTime, TimeDelta, Utc};
use warung_domain::{delivery::BotPause, message::Bot};
use warung_store::{Tx, rows};

use crate::{context::Context, error::Result, operations::alert::alert};

/// How far the clocks of replicas differ at most.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::seconds(2);
/// The bot's pace is kept in thousandths of a message.
const MILLI: i64 = 1_000;
/// The owner is told of a longer wait.
const LONG_WAIT: TimeDelta = TimeDelta::minutes(1);

/// How many may go out at one moment, a tenth of a second's worth: a window of one second never sees more than the
/// setting says, as the refill makes up the rest alone.
fn burst(ctx: &Context) -> i64 {
    (ctx.settings.bot_per_second / 10).max(1)
}

/// How many thousandths a second the bot's tokens grow by.
fn refill_per_second(ctx: &Context) -> i64 {
    ctx.settings.bot_per_second.saturating_sub(burst(ctx)).max(1).saturating_mul(MILLI)
}

/// How much a bot may send.
pub(super) struct Pace(rows::BotPace);

impl Pace {
    /// Locks it until the end of the transaction: deliveries of one bot are leased by one after another.
    pub(super) async fn lock(tx: &mut Tx, ctx: &Context, bot: &str) -> Result<Self> {
        let full = rows::BotPace {
            bot: bot.to_owned(),
            tokens_milli: burst(ctx).saturating_mul(MILLI),
            refill_time: ctx.now,
            blocked_until: DateTime::UNIX_EPOCH,
            pause_ms: 0,
            refused_chat_id: 0,
        };
        Ok(Self(tx.lock_bot_pace(bot, full).await?))
    }

    /// As it was last written.
    pub(super) fn of(row: rows::BotPace) -> Self {
        Self(row)
    }

    /// How many thousandths of a message may go out now.
    fn tokens(&self, ctx: &Context) -> i64 {
        let elapsed = ctx.now - self.0.refill_time;
        if elapsed < -CLOCKS_DIFFER {
            // The clock was set back: waiting for it to come to where it was would silence the bot.
            return burst(ctx).saturating_mul(MILLI);
        }
        let elapsed_ms = elapsed.num_milliseconds().clamp(0, 60_000);
        let grown = refill_per_second(ctx).saturating_mul(elapsed_ms) / MILLI;
        self.0.tokens_milli.saturating_add(grown).min(burst(ctx).saturating_mul(MILLI))
    }

    /// How many messages may go out now.
    pub(super) fn allowed(&self, ctx: &Context) -> u64 {
        if self.0.blocked_until > ctx.now {
            return 0;
        }
        u64::try_from(self.tokens(ctx) / MILLI).unwrap_or_default()
    }

    /// When a message may go out that is due at `due_time`.
    pub(super) fn next_time(&self, ctx: &Context, due_time: DateTime<Utc>) -> DateTime<Utc> {
        let next = due_time.max(self.0.blocked_until);
        let missing = MILLI.saturating_sub(self.tokens(ctx));
        if missing <= 0 {
            return next;
        }
        let wait_ms = missing.saturating_mul(MILLI) / refill_per_second(ctx);
        let refilled =
            TimeDelta::try_milliseconds(wait_ms.saturating_add(1)).and_then(|wait| ctx.now.checked_add_signed(wait));
        next.max(refilled.unwrap_or(next))
    }

    /// The messenger wants to hear nothing for a chat so long: the bot pauses for a moment, and for longer when it is not
    /// that chat alone.
    pub(super) async fn refuse(self, tx: &mut Tx, ctx: &Context, chat_id: i64, wait: TimeDelta) -> Result<()> {
        let rows::BotPace { bot, blocked_until, pause_ms, refused_chat_id, .. } = self.0;
        let length = TimeDelta::try_milliseconds(pause_ms).unwrap_or_default();
        let before = BotPause { chat_id: refused_chat_id, length, until: blocked_until };
        let pause = before.after_refusal(chat_id, wait, ctx.now);
        let (seconds, pause_seconds) = (wait.num_seconds(), pause.length.num_seconds());
        tracing::warn!(bot, chat_id, wait_seconds = seconds, pause_seconds, "the messenger asks to wait");
        if pause != before {
            tx.pause_bot(&bot, pause.until, pause.length.num_milliseconds(), chat_id).await?;
        }
        // The owner's own bot can't tell of its own silence.
        if bot == Bot::Owner.name() {
            return Ok(());
        }
        if wait > LONG_WAIT {
            let text = format!(
                "Telegram takes no messages for the chat {chat_id} for {seconds} s: it got too many at once. What is for \
                 this chat waits, everybody else is served."
            );
            alert(tx, ctx, "telegram.chat_has_to_wait", &text).await?;
        }
        if pause.length > LONG_WAIT {
            let text = format!(
                "Telegram refuses the bot's messages to one chat after another, so the bot sends nothing for \
                 {pause_seconds} s, and then tries again. Lower the setting messaging.bot_per_second if this comes again."
            );
            alert(tx, ctx, "telegram.bot_has_to_wait", &text).await?;
        }
        Ok(())
    }

    /// Takes so many messages off it.
    pub(super) async fn spend(mut self, tx: &mut Tx, ctx: &Context, messages: usize) -> Result<()> {
        if messages == 0 {
            return Ok(());
        }
        let spent = i64::try_from(messages).unwrap_or(i64::MAX).saturating_mul(MILLI);
        self.0.tokens_milli = self.tokens(ctx).saturating_sub(spent);
        self.0.refill_time = ctx.now;
        Ok(tx.set_bot_pace(self.0).await?)
    }
}
