//! Every row of the shop, its orders and its books comes back as it was written, and the books can't be changed.

use std::{fmt::Debug, marker::PhantomData};

use sea_orm::{EntityTrait, ModelTrait, PrimaryKeyTrait};
use warung_domain::payment::PaymentState;
use warung_store::{Error, Row, Store, on_both_databases, rows, testing::TestDatabase};

use crate::{
    common::{id, run_sql},
    round_trip::{Find, Insert, Values, comes_back, kind_of, media, user, values},
};

on_both_databases! {
    the_rows_of_the_shop_come_back_as_they_were;
    the_rows_of_orders_come_back_as_they_were;
    the_rows_of_the_books_come_back_as_they_were;
    the_database_refuses_to_change_or_remove_what_was_booked;
    the_database_refuses_less_than_nothing;
    the_database_refuses_a_second_open_payment_of_an_order;
}

/// What stands in a column that may not be negative.
fn amount(v: &Values) -> i64 {
    v.number.max(0)
}

fn product(v: &Values) -> rows::Product {
    rows::Product {
        id: id(11),
        code: v.text(),
        name: v.text(),
        description: v.text(),
        category_id: v.some(id(10)),
        kind: v.one(),
        currency: v.one(),
        price_minor: v.number,
        picture_hash: v.some(v.text()),
        membership_days: v.number,
        shared_cipher: v.some(vec![0, 255, 0]),
        gateways: v.some(v.text()),
        archived: v.flag,
        create_time: v.time,
        update_time: v.time,
    }
}

fn category(v: &Values) -> rows::Category {
    rows::Category {
        id: id(10),
        area: v.one(),
        code: v.text(),
        name: v.text(),
        emoji: v.text(),
        create_time: v.time,
        update_time: v.time,
    }
}

fn api_key(v: &Values) -> rows::ApiKey {
    rows::ApiKey {
        id: id(13),
        name: v.text(),
        secret_hash: (0..=255).collect(),
        scopes: v.text(),
        create_time: v.time,
        last_use_time: v.some(v.time),
        revoke_time: v.some(v.time),
    }
}

fn order(v: &Values) -> rows::Order {
    rows::Order {
        id: id(14),
        code: v.text(),
        buyer_id: id(1),
        receiver_id: v.some(id(1)),
        api_key_id: v.some(id(13)),
        state: v.one(),
        currency: v.one(),
        subtotal_minor: v.number,
        discount_minor: v.number,
        due_minor: v.number,
        paid_minor: v.number,
        refunded_minor: v.number,
        rule_version: v.text(),
        gateways: v.some(v.text()),
        expire_time: v.time,
        hold_reason: v.some(v.one()),
        paid_time: v.some(v.time),
        end_time: v.some(v.time),
        version: v.number,
        create_time: v.time,
    }
}

fn payment(v: &Values, key: u128) -> rows::Payment {
    rows::Payment {
        id: id(key),
        order_id: id(14),
        number: i64::try_from(key).unwrap(),
        reference: format!("{}-{key}", v.text()),
        gateway: v.text(),
        method: v.one(),
        state: PaymentState::Open.into(),
        currency: v.one(),
        amount_minor: v.number,
        fee_minor: v.number,
        total_minor: v.number,
        received_minor: v.some(v.number),
        payload: v.some(v.text()),
        pay_url: v.some(v.text()),
        expire_time: v.some(v.time),
        paid_time: v.some(v.time),
        awaits: v.some(v.one()),
        reversed_minor: v.some(v.number),
        review_reason: v.some(v.text()),
        create_time: v.time,
    }
}

async fn write<M>(store: &Store, row: M)
where
    M: Row + Clone + Sync + 'static,
    <M::Entity as EntityTrait>::ActiveModel: Send,
{
    store.transact(Insert(row)).await.unwrap();
}

/// What a product, an order and its payments point at.
async fn ground(store: &Store, v: &Values) {
    write(store, user(v)).await;
    write(store, media(v)).await;
    write(store, category(v)).await;
    write(store, api_key(v)).await;
}

async fn the_rows_of_the_shop_come_back_as_they_were(database: TestDatabase) {
    for v in values() {
        let database = TestDatabase::new(kind_of(&database)).await;
        let store = &database.open().await;
        write(store, media(&v)).await;
        comes_back(store, category(&v), id(10)).await;
        comes_back(store, product(&v), id(11)).await;
        let stock =
            rows::ProductStock { product_id: id(11), available: amount(&v), reserved: amount(&v), sold: amount(&v) };
        comes_back(store, stock, id(11)).await;
        let line = rows::StockLine {
            id: id(12),
            product_id: id(11),
            cipher: (0..=255).collect(),
            fingerprint: vec![0],
            state: v.one(),
            order_line_id: v.some(id(15)),
            create_time: v.time,
            sold_time: v.some(v.time),
        };
        comes_back(store, line, id(12)).await;
        comes_back(store, api_key(&v), id(13)).await;
    }
}

async fn the_rows_of_orders_come_back_as_they_were(database: TestDatabase) {
    for v in values() {
        let database = TestDatabase::new(kind_of(&database)).await;
        let store = &database.open().await;
        ground(store, &v).await;
        write(store, product(&v)).await;
        comes_back(store, order(&v), id(14)).await;
        let line = rows::OrderLine {
            id: id(15),
            order_id: id(14),
            number: v.number,
            product_id: v.some(id(11)),
            product_name: v.text(),
            kind: v.one(),
            quantity: v.number,
            unit_price_minor: v.number,
            gross_minor: v.number,
            discount_minor: v.number,
            net_minor: v.number,
            refunded_minor: v.number,
            membership_days: v.number,
            goods_cipher: v.some(vec![1, 0, 255]),
        };
        comes_back(store, line, id(15)).await;
        let reveal = rows::Reveal {
            id: id(16),
            order_line_id: id(15),
            actor: v.text(),
            delivery_id: v.some(id(9)),
            create_time: v.time,
        };
        comes_back(store, reveal, id(16)).await;
        comes_back(store, payment(&v, 17), id(17)).await;
        let question = rows::Question {
            id: id(21),
            payment_id: id(17),
            gateway: v.text(),
            amount_minor: v.number,
            is_reversal: v.flag,
            is_own: true,
            state: v.one(),
            due_time: v.some(v.time),
            lease_time: v.some(v.time),
            told_time: v.some(v.time),
            rest_time: v.some(v.time),
            create_time: v.time,
        };
        comes_back(store, question, id(21)).await;
        let refund = rows::Refund {
            id: id(18),
            order_id: id(14),
            payment_id: v.some(id(17)),
            destination: v.one(),
            currency: v.one(),
            amount_minor: v.number,
            state: v.one(),
            reason: v.text(),
            actor: v.text(),
            create_time: v.time,
            done_time: v.some(v.time),
        };
        comes_back(store, refund, id(18)).await;
        let part = rows::RefundLine { refund_id: id(18), order_line_id: id(15), amount_minor: v.number };
        comes_back(store, part, (id(18), id(15))).await;
    }
}

/// Writes a row that can't be changed, and reads it back.
async fn stays<M>(store: &Store, row: M, key: uuid::Uuid)
where
    M: Row + Clone + PartialEq + Debug + Sync + sea_orm::FromQueryResult + 'static,
    M::Entity: EntityTrait<Model = M>,
    <M::Entity as EntityTrait>::ActiveModel: Send,
    <<M as ModelTrait>::Entity as EntityTrait>::PrimaryKey: PrimaryKeyTrait<ValueType = uuid::Uuid>,
{
    write(store, row.clone()).await;
    assert_eq!(store.read(Find(key, PhantomData)).await.unwrap(), Some(row));
}

fn journal(v: &Values) -> rows::Journal {
    rows::Journal { id: id(19), kind: v.text(), ref_id: id(17), order_id: v.some(id(14)), create_time: v.time }
}

fn entry(v: &Values) -> rows::LedgerEntry {
    rows::LedgerEntry {
        id: id(20),
        journal_id: id(19),
        account: v.text(),
        currency: v.one(),
        amount_minor: if v.number == 0 { 1 } else { v.number },
        balance_after_minor: v.some(v.number),
    }
}

async fn the_rows_of_the_books_come_back_as_they_were(database: TestDatabase) {
    for v in values() {
        let database = TestDatabase::new(kind_of(&database)).await;
        let store = &database.open().await;
        ground(store, &v).await;
        write(store, order(&v)).await;
        stays(store, journal(&v), id(19)).await;
        stays(store, entry(&v), id(20)).await;
        let wallet = rows::Wallet {
            user_id: id(1),
            balance_minor: amount(&v),
            receivable_minor: amount(&v),
            update_time: v.time,
        };
        comes_back(store, wallet, id(1)).await;
        let checkpoint = rows::BookCheckpoint { until: id(21), sealed: v.text(), create_time: v.time };
        comes_back(store, checkpoint, id(21)).await;
    }
}

async fn the_database_refuses_to_change_or_remove_what_was_booked(database: TestDatabase) {
    let store = &database.open().await;
    let v = &values()[0];
    ground(store, v).await;
    write(store, order(v)).await;
    write(store, journal(v)).await;
    write(store, entry(v)).await;
    for statement in [
        "update ledger_entry set amount_minor = 1",
        "delete from ledger_entry",
        "update journal set kind = 'OTHER'",
        "delete from journal",
    ] {
        let refused = run_sql(store, statement).await.unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{statement}: {refused}");
    }
    let found = store.read(Find::<rows::LedgerEntry, _>(id(20), PhantomData)).await.unwrap();
    assert_eq!(found, Some(entry(v)));
}

async fn the_database_refuses_less_than_nothing(database: TestDatabase) {
    let store = &database.open().await;
    let v = &values()[0];
    ground(store, v).await;
    write(store, product(v)).await;
    write(store, rows::ProductStock { product_id: id(11), available: 1, reserved: 1, sold: 1 }).await;
    write(store, rows::Wallet { user_id: id(1), balance_minor: 1, receivable_minor: 1, update_time: v.time }).await;
    for statement in [
        "update product_stock set available = available - 2",
        "update product_stock set reserved = reserved - 2",
        "update product_stock set sold = sold - 2",
        "update wallet set balance_minor = balance_minor - 2",
        "update wallet set receivable_minor = receivable_minor - 2",
    ] {
        let refused = run_sql(store, statement).await;
        let refused = refused.unwrap_err().to_string().to_lowercase();
        assert!(refused.contains("check"), "{statement}: {refused}");
    }
}

async fn the_database_refuses_a_second_open_payment_of_an_order(database: TestDatabase) {
    let store = &database.open().await;
    let v = &values()[0];
    ground(store, v).await;
    write(store, order(v)).await;
    write(store, payment(v, 17)).await;
    let refused = store.transact(Insert(payment(v, 18))).await;
    assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    write(store, rows::Payment { state: PaymentState::Expired.into(), ..payment(v, 18) }).await;
}
