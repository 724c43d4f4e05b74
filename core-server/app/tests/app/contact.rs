//! What a tap writes: nothing, unless it tells something new.

use warung_app::{
    Context, Result,
    identity::{Contact, ContactState, Profile, User, record_contact},
    messaging::{ClaimedDelivery, Outcome},
    testing::ADMIN_ID,
};
use warung_domain::{message::Bot, principal::Principal};
use warung_store::{Tx, on_both_databases, rows, testing::TestDatabase};

use crate::{
    goods::to,
    held_goods::goods_on_their_way,
    shop::{Plant, Planting, Shop, arrived},
};

on_both_databases! {
    a_tap_that_tells_nothing_new_writes_nothing;
    news_of_a_user_are_written_once;
    what_waits_goes_out_at_any_start_and_where_there_is_nothing_nobody_is_woken;
}

const BUYER: i64 = 7;

fn profile() -> Profile {
    Profile { first_name: "Budi".into(), client_language: "id".into(), ..Profile::of(BUYER) }
}

fn delivery(ctx: &Context, bot: Bot, state: &str) -> rows::Delivery {
    rows::Delivery {
        id: ctx.new_id(),
        bot: bot.name().to_owned(),
        chat_id: BUYER,
        lane: 2,
        operation: r#"{"Send":{"text_html":"Terima kasih"}}"#.to_owned(),
        purpose: "TROUBLE".to_owned(),
        purpose_id: None,
        state: state.to_owned(),
        attempts: 1,
        due_time: ctx.now,
        worker: None,
        may_be_repeated: false,
        message_id: None,
        error: None,
        create_time: ctx.now,
        release_time: ctx.now,
        done_time: (state == "SENT").then_some(ctx.now),
    }
}

/// Deliveries that arrived in a chat long ago.
struct History(i64);

impl Planting for History {
    async fn plant(&self, tx: &mut Tx, ctx: &Context) -> Result<()> {
        Ok(tx.insert_all((0..self.0).map(|_| delivery(ctx, Bot::Main, "SENT")).collect()).await?)
    }
}

/// A commit that wakes the owner's bot alone.
struct Fence;

impl Planting for Fence {
    async fn plant(&self, tx: &mut Tx, ctx: &Context) -> Result<()> {
        Ok(tx.insert(delivery(ctx, Bot::Owner, "PENDING")).await?)
    }
}

/// How many commits there were, and how many of them woke the main bot. Commits are told of in their order: once the fence
/// is, all before it are.
async fn told_of(shop: &Shop) -> (u64, u64) {
    let engine = &shop.test.engine;
    let mut fence = engine.watch().deliveries(Bot::Owner);
    let before = fence.borrow_and_update().here;
    shop.core(Plant(Fence)).await;
    fence.wait_for(|written| written.here > before).await.unwrap();
    let counted = (engine.watch().commits(), engine.watch().deliveries(Bot::Main).borrow().here);
    (counted.0 - 1, counted.1)
}

/// A contact as the bot tells of it, and how many commits and wakes it made.
async fn told(shop: &Shop, profile: Profile, contact: Contact) -> (User, u64, u64) {
    let before = told_of(shop).await;
    let ctx = shop.call(Principal::CORE);
    let (user, _) = record_contact(&shop.test.engine, &ctx, profile, contact).await.unwrap();
    let after = told_of(shop).await;
    (user, after.0 - before.0 - 1, after.1 - before.1)
}

async fn a_tap_that_tells_nothing_new_writes_nothing(database: TestDatabase) {
    let shop = Shop::new(database).await;
    shop.buyer(BUYER).await;
    shop.core(Plant(History(3_000))).await;
    for _ in 0..3 {
        let (user, commits, woken) = told(&shop, profile(), Contact::Seen).await;
        assert_eq!((commits, woken), (0, 0), "neither a row nor a request id nor a wake");
        assert_eq!((user.telegram_id, user.contact_state), (BUYER, ContactState::Open));
        // What is remembered of them holds no longer.
        shop.test.clock.advance_seconds(2);
    }
    let (_, commits, _) = told(&shop, Profile::of(BUYER), Contact::Seen).await;
    assert_eq!(commits, 0, "of whom the id alone is told, nothing is told");
}

async fn news_of_a_user_are_written_once(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let (user, commits, _) = told(&shop, profile(), Contact::Seen).await;
    assert_eq!((user.contact_state, commits), (ContactState::Open, 1), "who is new is recorded");
    let renamed = Profile { username: "budi".into(), ..profile() };
    let english = Profile { client_language: "en".into(), ..renamed.clone() };
    for (profile, contact) in
        [(renamed, Contact::Seen), (english.clone(), Contact::Seen), (english.clone(), Contact::Blocked)]
    {
        assert_eq!(told(&shop, profile.clone(), contact).await.1, 1);
        assert_eq!(told(&shop, profile, contact).await.1, 0, "told again it is no news");
    }
    let (user, commits, _) = told(&shop, english, Contact::Seen).await;
    assert_eq!((&*user.username, user.contact_state, commits), ("budi", ContactState::Open, 1));
}

async fn what_waits_goes_out_at_any_start_and_where_there_is_nothing_nobody_is_woken(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(BUYER).await;
    let (_, commits, woken) = told(&shop, profile(), Contact::Started).await;
    assert_eq!((commits, woken), (1, 0), "a Start is written down, and nothing waited for it");
    shop.stocked("akun", 20_000, 5).await;
    for contact in [Contact::Started, Contact::Seen] {
        shop.bought(buyer, &[("akun", 1)]).await;
        let refused = goods_on_their_way(&shop).await;
        let blocked = Outcome::Blocked("Forbidden".into());
        let outcome = |sent: &ClaimedDelivery| {
            if sent.chat_id == BUYER { blocked.clone() } else { arrived(sent) }
        };
        shop.report(&refused, outcome).await;
        assert_eq!(to(&shop.sent().await, BUYER), "", "it waits");
        shop.test.clock.advance_seconds(2);
        let (_, commits, woken) = told(&shop, profile(), contact).await;
        assert_eq!((commits, woken), (1, 1), "{contact:?}");
        let sent = shop.sent().await;
        assert!(to(&sent, BUYER).contains("rahasia-akun"), "{contact:?}");
        assert!(!to(&sent, ADMIN_ID).contains("rahasia-akun"));
    }
}
