//! How fast a bot sends.

use chrono::{DateTime, TimeDelta};
use warung_store::rows;

use crate::context::Context;

/// How far the clocks of replicas differ at most.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::seconds(2);
/// The bot's pace is kept in thousandths of a message.
pub(super) const MILLI: i64 = 1_000;

/// How many may go out at one moment, a tenth of a second's worth: a window of one second never sees more than the
/// setting says, as the refill makes up the rest alone.
fn burst(ctx: &Context) -> i64 {
    (ctx.settings.bot_per_second / 10).max(1)
}

/// The pace of a bot that has sent nothing yet.
pub(super) fn full_pace(bot: &str, ctx: &Context) -> rows::BotPace {
    rows::BotPace {
        bot: bot.to_owned(),
        tokens_milli: burst(ctx).saturating_mul(MILLI),
        refill_time: ctx.now,
        blocked_until: DateTime::UNIX_EPOCH,
    }
}

/// How many thousandths a second the bot's tokens grow by.
pub(super) fn refill_per_second(ctx: &Context) -> i64 {
    ctx.settings.bot_per_second.saturating_sub(burst(ctx)).max(1).saturating_mul(MILLI)
}

/// How many thousandths of a message may go out now.
pub(super) fn tokens(pace: &rows::BotPace, ctx: &Context) -> i64 {
    let elapsed = ctx.now - pace.refill_time;
    if elapsed < -CLOCKS_DIFFER {
        // The clock was set back: waiting for it to come to where it was would silence the bot.
        return burst(ctx).saturating_mul(MILLI);
    }
    let elapsed_ms = elapsed.num_milliseconds().clamp(0, 60_000);
    let grown = refill_per_second(ctx).saturating_mul(elapsed_ms) / MILLI;
    pace.tokens_milli.saturating_add(grown).min(burst(ctx).saturating_mul(MILLI))
}
