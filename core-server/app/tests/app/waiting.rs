//! Those who wait, beside other processes: they cost the database nothing, and each hears of what they wait for.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::task::JoinSet;
use uuid::Uuid;
use warung_app::{
    Context, Result,
    library::{Etag, Mask, PutTitle, RequestState, RequestTitle, follow_title_request},
    testing::Replica,
};
use warung_domain::{
    catalog::ProductKind,
    ids::{OrderId, TitleRequestId},
    library::{EpisodeAccess, EpisodeInput, TitleInput, VideoSource},
};
use warung_store::{
    Tx, rows,
    testing::{Kind, TestDatabase, transactions},
};

use crate::{
    gateway::checkout,
    shop::{Plant, Planting, Shop},
};

/// How many wait for films, and as many for orders.
const WAITING: u128 = 500;
/// How long they would wait.
const WAIT: Duration = Duration::from_mins(2);
/// How many transactions a second are few, those of the test included.
const FEW: i64 = 12;

fn number(number: u128) -> Uuid {
    Uuid::from_u128(0xaaaa << 112 | number)
}

/// Many requests and orders like these.
struct Copies(TitleRequestId, OrderId);

impl Planting for Copies {
    async fn plant(&self, tx: &mut Tx, _ctx: &Context) -> Result<()> {
        let request: rows::TitleRequest = tx.find(self.0.0).await?.unwrap();
        let order: rows::Order = tx.find(self.1.0).await?.unwrap();
        let copies = 0..WAITING;
        tx.insert_all(copies.clone().map(|n| rows::TitleRequest { id: number(n), ..request.clone() }).collect())
            .await?;
        let code = |n| format!("{}{n}", order.code);
        Ok(tx
            .insert_all(copies.map(|n| rows::Order { id: number(n), code: code(n), ..order.clone() }).collect())
            .await?)
    }
}

/// All of them move on at once.
struct MoveOn;

impl Planting for MoveOn {
    async fn plant(&self, tx: &mut Tx, ctx: &Context) -> Result<()> {
        tx.set_title_requests_arrived((0..WAITING).map(number).collect(), RequestState::Sent, ctx.now).await?;
        for n in 0..WAITING {
            let order: rows::Order = tx.find(number(n)).await?.unwrap();
            tx.update(rows::Order { version: 2, ..order }).await?;
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_who_wait_cost_the_database_a_few_statements_a_second_and_hear_of_another_process() {
    let database = TestDatabase::new(Kind::Postgres).await;
    let url = database.config.url.clone();
    let other = Replica::new(&database, warung_app::testing::TestClock::default()).await;
    let shop = Arc::new(Shop::new(database).await);
    let buyer = shop.buyer(1).await;
    let episode = EpisodeInput {
        number: 1,
        name: String::new(),
        access: Some(EpisodeAccess::Free),
        duration_seconds: 1,
        video: Some(VideoSource::File { file_id: "BAACAgUAAx0".into(), bot_id: 0 }),
    };
    let title =
        TitleInput { code: "filem".into(), name: "Filem".into(), episodes: vec![episode], ..TitleInput::default() };
    shop.core(PutTitle { input: title, etag: Etag::any(), mask: Mask::default() }).await;
    let new_id = number(WAITING);
    let film = RequestTitle { title: "filem".into(), episode_number: None, write_access_granted: false, new_id };
    let film = shop.run(buyer, film).await.unwrap();
    shop.product("akun", ProductKind::Manual, 20_000).await;
    let order = shop.place(buyer, &[("akun", 1)]).await;
    shop.core(Plant(Copies(film, order))).await;

    let mut waiting = JoinSet::new();
    for n in 0..WAITING {
        let (film, order) = (Arc::clone(&shop), Arc::clone(&shop));
        waiting.spawn(async move {
            let id = TitleRequestId(number(n));
            let found = follow_title_request(&film.test.engine, &film.call(buyer), id, WAIT).await.unwrap();
            assert_eq!(found.state, RequestState::Sent);
        });
        waiting.spawn(async move {
            let (checkout, _) = checkout(&order);
            let name = OrderId(number(n)).to_string();
            let found = checkout.follow_order(&order.call(buyer), &name, 1, WAIT).await.unwrap();
            assert_eq!(found.version, 2);
        });
    }
    // Once all have looked, and what they looked at has been counted.
    let started = Instant::now();
    let mut each_second = Vec::new();
    while each_second.last().is_none_or(|count| *count > FEW) {
        assert!(started.elapsed() < Duration::from_mins(1), "transactions each second: {each_second:?}");
        let before = transactions(&url).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        each_second.push(transactions(&url).await - before);
    }
    assert!(waiting.try_join_next().is_none(), "they still wait");
    // Nor do they keep anybody out.
    assert_eq!(shop.order(order).await.version, 1);
    other.engine.run(&shop.test.context(0), Plant(MoveOn)).await.unwrap();
    tokio::time::timeout(Duration::from_secs(30), waiting.join_all()).await.expect("each of them hears");
}
