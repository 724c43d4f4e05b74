//! From a payment's arrival to the goods in the chat.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use serde::Serialize;
use tokio::{task::JoinSet, time::timeout};

use crate::{
    Failure,
    bot_api::BotApi,
    client::settle,
    fixture::Fixture,
    gateway::Gateway,
    http::Connection,
    load::{histogram, record},
    results::Answered,
    server::Server,
    shop::Prepaid,
};

/// How long the gateway takes to answer, in milliseconds.
const GATEWAY_MS: u64 = 200;
/// Goods that have not come by then do not come.
const GOODS_MAX: Duration = Duration::from_secs(20);
/// Words that stand in all goods of this shop, and in nothing else that is sent.
const WORDS: &str = "kata-sandi-";

/// How long goods took.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Goods {
    /// How many payments were followed.
    pub(crate) payments: u64,
    pub(crate) in_flight: usize,
    pub(crate) gateway_ms: u64,
    pub(crate) p50_us: u64,
    pub(crate) p99_us: u64,
    pub(crate) most_us: u64,
    /// How soon the webhooks themselves were answered.
    pub(crate) answered: Answered,
}

/// Lets money arrive, and waits for what it buys: `in_flight` payments at a time.
pub(crate) async fn follow(
    server: &Server,
    fixture: &Arc<Fixture>,
    (gateway, bot_api): (&Gateway, &BotApi),
    in_flight: usize,
) -> Result<Goods, Failure> {
    gateway.answer_in(GATEWAY_MS);
    let (mut times, mut answers) = (Histogram::<u64>::new_with_bounds(1, 60_000_000, 3)?, histogram()?);
    loop {
        let orders: Vec<_> =
            std::iter::from_fn(|| fixture.shop.next_to_follow(&fixture.users)).take(in_flight).collect();
        if orders.is_empty() {
            break;
        }
        let mut followed = JoinSet::new();
        for order in orders {
            let sent = bot_api.await_message(order.user.telegram_id, WORDS);
            let (mut connection, user) = (Connection::new(server.http), order.user.clone());
            let (number, code) = (order.number, order.code);
            followed.spawn(async move {
                let begun = Instant::now();
                settle(&mut connection, &Prepaid { user: &user, number, code }).await?;
                let answered = begun.elapsed();
                let sent = timeout(GOODS_MAX, sent).await??;
                Ok::<_, Failure>((sent.saturating_duration_since(begun), answered))
            });
        }
        while let Some(followed) = followed.join_next().await {
            let (time, answered) = followed??;
            times.saturating_record(u64::try_from(time.as_micros())?.max(1));
            record(&mut answers, answered);
        }
    }
    gateway.answer_in(0);
    Ok(Goods {
        payments: times.len(),
        in_flight,
        gateway_ms: GATEWAY_MS,
        p50_us: times.value_at_quantile(0.5),
        p99_us: times.value_at_quantile(0.99),
        most_us: times.max(),
        answered: Answered::of(&answers),
    })
}
