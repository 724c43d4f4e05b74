//! Who is told what: those who work with it, as the store's rows say.

use warung_app::{
    identity::{GrantRole, RevokeRole, grant_role, revoke_role},
    operations::alert::RaiseAlert,
    testing::{ADMIN_ID, OWNER_ID},
};
use warung_domain::{
    message::Bot,
    principal::Principal,
    standing::{Right, Rights},
};
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::{
    goods::to,
    shop::{Shop, arrived},
};

on_both_databases! {
    sales_are_told_to_those_who_work_with_orders;
    alerts_go_to_the_owners_that_there_are;
}

async fn grant(shop: &Shop, telegram_id: i64, is_owner: bool, rights: &[Right]) {
    let rights: Rights = rights.iter().copied().collect();
    let ctx = shop.call(Principal::CORE);
    grant_role(&shop.test.engine, &ctx, GrantRole { telegram_id, is_owner, rights }).await.unwrap();
}

async fn revoke(shop: &Shop, telegram_id: i64) {
    let ctx = shop.call(Principal::CORE);
    revoke_role(&shop.test.engine, &ctx, RevokeRole { telegram_id }).await.unwrap();
}

async fn sales_are_told_to_those_who_work_with_orders(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.stocked("akun", 20_000, 5).await;
    grant(&shop, 21, false, &[Right::Orders, Right::Settings]).await;
    grant(&shop, 22, false, &[Right::Catalog, Right::Payments]).await;
    grant(&shop, 23, true, &[Right::Orders]).await;
    revoke(&shop, ADMIN_ID).await;
    let order = shop.bought(buyer, &[("akun", 1)]).await;
    let code = shop.order(order).await.code;
    let sent = shop.sent().await;
    let told: Vec<i64> =
        [21, 22, 23, ADMIN_ID, OWNER_ID].into_iter().filter(|id| to(&sent, *id).contains(&code)).collect();
    assert_eq!(told, [21, 23], "an owner who works with orders is told, too");
}

async fn alerts_go_to_the_owners_that_there_are(database: TestDatabase) {
    let shop = Shop::new(database).await;
    grant(&shop, 31, true, &[]).await;
    revoke(&shop, OWNER_ID).await;
    let alert = RaiseAlert { key: "disk.full".to_owned(), text: "Make room.".to_owned() };
    assert!(shop.core(alert).await);
    let claimed = shop.claim(Bot::Owner).await;
    assert_eq!(claimed.iter().map(|delivery| delivery.chat_id).collect::<Vec<_>>(), [31]);
    shop.report(&claimed, arrived).await;
}
