//! The user pressed Start, with whatever payload: what waited for it is delivered.

use warung_domain::library::RequestState;
use warung_store::Tx;

use super::redeem_start_token::{deliver, request_of};
use crate::{
    context::Context,
    engine::Command,
    error::{Error, Precondition, Result},
};

/// How many films one Start delivers at most, the last that were asked for.
const FILMS_MAX: u64 = 10;

/// Delivers all that still waits for a Start of the calling user, each film once. Answers how many.
#[derive(Clone, Debug)]
pub struct RedeemPendingActions;

impl Command for RedeemPendingActions {
    type Output = i32;
    const NAME: &'static str = "library.redeem_pending_actions";

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<i32> {
        let user_id = ctx.person()?.user_id.0;
        // Whoever redeems a token at the same time goes before or after.
        let user = tx.lock_user(user_id).await?;
        let mut delivered = 0;
        for action in tx.open_pending_actions(user_id, ctx.now, FILMS_MAX).await? {
            let request = request_of(tx, &action).await?;
            let last = tx.last_title_request(user_id, request.episode_id).await?.filter(|last| last.id != request.id);
            let last = last.map(|last| last.state.0);
            // They asked once more, and it came or is on its way: by that request, or by what this Start has just released.
            if matches!(last, Some(RequestState::Queued | RequestState::Sent)) {
                tx.redeem_pending_action(action.id, ctx.now).await?;
                continue;
            }
            match deliver(tx, ctx, &user, &action, &request).await {
                Ok(()) => delivered += 1,
                // It stays until its time: it may be shown again, or they may become a member.
                Err(Error::NotFound { .. } | Error::Blocked | Error::Precondition(Precondition::VipRequired)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(delivered)
    }
}
