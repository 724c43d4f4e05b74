//! Orders, their lines, and the stock that they take.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DbBackend, EntityTrait, FromQueryResult as _, Iterable as _,
    QueryFilter as _, QueryOrder as _, QueryResult, QuerySelect, QueryTrait as _, Select,
    sea_query::{Condition, Expr, ExprTrait as _, LockType, Order, Query, SelectStatement},
};
use uuid::Uuid;

use crate::{
    delivery::padded,
    entity::{order_line, orders, payment, product, product_stock, users},
    error::{Error, Result},
    row::{ByNames, FromValues as _},
    tx::{Read, Tx},
};

/// A product that somebody wants to order.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The product; it may be archived.
    pub product: product::Model,
    /// How many units can be ordered: of STOCK products alone.
    pub available: i64,
}

/// An order and whose it is, locked.
#[derive(Clone, Debug)]
pub struct LockedOrder {
    /// Who pays.
    pub buyer: users::Model,
    /// Who gets what was bought, when somebody else does.
    pub receiver: Option<users::Model>,
    /// The order.
    pub order: orders::Model,
}

impl LockedOrder {
    /// Of each order with each of its people, in the order of the first of them.
    fn of(rows: Vec<(users::Model, orders::Model)>) -> Result<Vec<Self>> {
        let mut read: Vec<(orders::Model, Option<users::Model>, Option<users::Model>)> = Vec::new();
        for (user, order) in rows {
            let place = read.iter().position(|(found, ..)| found.id == order.id);
            if place.is_none() {
                read.push((order, None, None));
            }
            let last = read.len().saturating_sub(1);
            if let Some((order, buyer, receiver)) = read.get_mut(place.unwrap_or(last)) {
                let place = if user.id == order.buyer_id { buyer } else { receiver };
                *place = Some(user);
            }
        }
        let whole = |(order, buyer, receiver)| {
            let gone = || Error::Inconsistent("the buyer of an order is gone".into());
            Ok(Self { buyer: Option::ok_or_else(buyer, gone)?, receiver, order })
        };
        read.into_iter().map(whole).collect()
    }
}

/// The orders that a user pays for or receives. In the order of the users' ids, as they are locked.
fn orders_and_people(query: &mut Select<users::Entity>, backend: DbBackend) -> &mut SelectStatement {
    let is_theirs = Expr::cust(match backend {
        DbBackend::Postgres => "users.id = any(array[orders.buyer_id, orders.receiver_id])",
        _ => "users.id in (orders.buyer_id, orders.receiver_id)",
    });
    QuerySelect::query(query)
        .inner_join(orders::Entity, is_theirs)
        .order_by((users::Entity, users::Column::Id), Order::Asc)
        .order_by((orders::Entity, orders::Column::Id), Order::Asc)
}

/// Adds the columns of an entity, each with a prefix to its name.
fn with_columns<E: EntityTrait>(mut query: Select<users::Entity>, prefix: &str) -> Select<users::Entity>
where
    E::Column: sea_orm::ColumnTrait,
{
    use sea_orm::{ColumnTrait as _, IdenStatic as _};
    for column in E::Column::iter() {
        query = query.column_as(column.into_expr(), format!("{prefix}{}", column.as_str()));
    }
    query
}

/// A user and what is joined to them. The user is locked first, then `others` in their order.
fn users_and() -> Select<users::Entity> {
    with_columns::<users::Entity>(users::Entity::find().select_only(), "user_")
}

fn orders_of_users(query: &mut Select<users::Entity>) -> &mut SelectStatement {
    let of_user = Expr::col((orders::Entity, orders::Column::BuyerId)).equals((users::Entity, users::Column::Id));
    QuerySelect::query(query).inner_join(orders::Entity, of_user)
}

/// Unpaid orders, which have indexes of their own. The state stands in the statement's text, since SQLite plans before it
/// knows what is bound. And it has to be told that the state leaves most rows in: otherwise it takes the index over the
/// states, and walks through all that are unpaid.
fn is_unpaid(backend: DbBackend) -> Expr {
    Expr::cust(match backend {
        DbBackend::Sqlite => "likelihood(orders.state = 'PENDING', 0.9)",
        _ => "orders.state = 'PENDING'",
    })
}

/// Whose orders to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderOwner {
    /// A buyer's.
    Buyer(Uuid),
    /// Those whose goods somebody gets.
    Receiver(Uuid),
    /// Those that an API key placed.
    ApiKey(Uuid),
}

/// Which orders to list.
#[derive(Clone, Copy, Debug, Default)]
pub struct OrderFilter<'a> {
    /// Only theirs.
    pub owner: Option<OrderOwner>,
    /// Only those in this state.
    pub state: Option<&'a str>,
    /// Only those that come after this one, newest first.
    pub after: Option<Uuid>,
    /// At most so many.
    pub limit: u64,
}

impl Read {
    /// The order with this code.
    pub async fn order_by_code(&self, code: &str) -> Result<Option<orders::Model>> {
        self.one(orders::Entity::find().filter(orders::Column::Code.eq(code))).await
    }

    /// Orders, newest first.
    pub async fn orders(&self, filter: &OrderFilter<'_>) -> Result<Vec<orders::Model>> {
        let mut query = orders::Entity::find().order_by_desc(orders::Column::Id).limit(filter.limit);
        query = match filter.owner {
            Some(OrderOwner::Buyer(id)) => query.filter(orders::Column::BuyerId.eq(id)),
            Some(OrderOwner::Receiver(id)) => {
                let own = orders::Column::BuyerId.eq(id).and(orders::Column::ReceiverId.is_null());
                query.filter(orders::Column::ReceiverId.eq(id).or(own))
            }
            Some(OrderOwner::ApiKey(id)) => query.filter(orders::Column::ApiKeyId.eq(id)),
            None => query,
        };
        if let Some(state) = filter.state {
            query = query.filter(orders::Column::State.eq(state));
        }
        if let Some(after) = filter.after {
            query = query.filter(orders::Column::Id.lt(after));
        }
        self.all(query).await
    }

    /// Unpaid orders whose time has passed, the oldest first, from after an order's end and id on. Each with its end.
    pub async fn due_orders(
        &self,
        now: DateTime<Utc>,
        after: Option<(DateTime<Utc>, Uuid)>,
        limit: u64,
    ) -> Result<Vec<(DateTime<Utc>, Uuid)>> {
        Ok(due_orders(self.get_database_backend(), now, after, limit)
            .all(self)
            .await?
            .into_iter()
            .map(|order| (order.expire_time, order.id))
            .collect())
    }

    /// Orders by id, in no order.
    pub async fn orders_by_ids(&self, ids: Vec<Uuid>) -> Result<Vec<orders::Model>> {
        self.all(orders::Entity::find().filter(orders::Column::Id.is_in(padded(ids)))).await
    }

    /// The lines of an order, by number.
    pub async fn lines_of_order(&self, order_id: Uuid) -> Result<Vec<order_line::Model>> {
        let found = order_line::Entity::find()
            .filter(order_line::Column::OrderId.eq(order_id))
            .order_by_asc(order_line::Column::Number);
        self.all(found).await
    }

    /// The lines of orders, in no order.
    pub async fn lines_of_orders(&self, order_ids: Vec<Uuid>) -> Result<Vec<order_line::Model>> {
        self.all(order_line::Entity::find().filter(order_line::Column::OrderId.is_in(padded(order_ids)))).await
    }
}

/// An order, and all that is shown with it.
#[derive(Clone, Debug)]
pub struct WholeOrder {
    /// The order.
    pub order: orders::Model,
    /// Its buyer's Telegram id.
    pub buyer_telegram_id: i64,
    /// Its lines, in no order.
    pub lines: Vec<order_line::Model>,
    /// Its payments, in no order.
    pub payments: Vec<payment::Model>,
}

/// What an order is known by.
#[derive(Clone, Copy, Debug)]
pub enum OrderKey<'a> {
    /// Its id.
    Id(Uuid),
    /// Its code.
    Code(&'a str),
}

impl Read {
    /// An order with its lines and payments, by one statement.
    pub async fn whole_order(&self, key: OrderKey<'_>) -> Result<Option<WholeOrder>> {
        let is_it = match key {
            OrderKey::Id(id) => orders::Column::Id.eq(id),
            OrderKey::Code(code) => orders::Column::Code.eq(code),
        };
        Ok(self.whole(is_it).await?.pop())
    }

    /// Orders with their lines and payments, in no order. By one statement, so that all of an order is of one moment: on
    /// PostgreSQL each statement sees what has been committed by then.
    pub async fn whole_orders(&self, ids: Vec<Uuid>) -> Result<Vec<WholeOrder>> {
        self.whole(orders::Column::Id.is_in(padded(ids))).await
    }

    async fn whole(&self, which: Expr) -> Result<Vec<WholeOrder>> {
        let mut query = users::Entity::find().select_only().column_as(users::Column::TelegramId, "user_telegram_id");
        query = with_columns::<orders::Entity>(query, "order_");
        query = with_columns::<order_line::Entity>(query, "line_");
        query = with_columns::<payment::Entity>(query, "payment_").filter(which);
        let order_id = || Expr::col((orders::Entity, orders::Column::Id));
        orders_of_users(&mut query)
            .left_join(order_line::Entity, order_id().equals((order_line::Entity, order_line::Column::OrderId)))
            .left_join(payment::Entity, order_id().equals((payment::Entity, payment::Column::OrderId)));
        let mut found: Vec<WholeOrder> = Vec::new();
        let mut places = HashMap::new();
        // Each line comes with each payment: there are few of both.
        for row in self.query_all_raw(query.build(self.get_database_backend())).await? {
            let id: Uuid = row.try_get("order_", "id")?;
            let place = *places.entry(id).or_insert(found.len());
            if place == found.len() {
                let buyer_telegram_id = row.try_get("user_", "telegram_id")?;
                let (lines, payments) = (Vec::new(), Vec::new());
                found.push(WholeOrder { order: order(&row)?, buyer_telegram_id, lines, payments });
            }
            let Some(WholeOrder { lines, payments, .. }) = found.get_mut(place) else { continue };
            if let Some(id) = row.try_get::<Option<Uuid>>("line_", "id")?
                && lines.iter().all(|line| line.id != id)
            {
                lines.push(order_line::Model::from_query_result(&row, "line_")?);
            }
            if let Some(id) = row.try_get::<Option<Uuid>>("payment_", "id")?
                && payments.iter().all(|payment| payment.id != id)
            {
                payments.push(payment::Model::from_query_result(&row, "payment_")?);
            }
        }
        Ok(found)
    }

    /// Products by id and by code, and how many units of each can be ordered.
    pub async fn wanted_products(&self, ids: Vec<Uuid>, codes: Vec<String>) -> Result<Vec<Wanted>> {
        if ids.is_empty() && codes.is_empty() {
            return Ok(Vec::new());
        }
        let mut query = product::Entity::find()
            .column_as(product_stock::Column::Available.into_expr(), "stock_available")
            .filter(named(ids, codes));
        QuerySelect::query(&mut query).left_join(product_stock::Entity, counted());
        let rows = self.query_all_raw(query.build(self.get_database_backend())).await?;
        rows.iter()
            .map(|row| {
                let available = row.try_get::<Option<i64>>("stock_", "available")?.unwrap_or_default();
                Ok(Wanted { product: product::Model::from_query_result(row, "")?, available })
            })
            .collect()
    }

    /// How many unpaid orders buyers have, by buyer and by the API key that placed them, if one did; where there are none,
    /// they are not counted.
    pub async fn unpaid_orders(&self, buyer_ids: Vec<Uuid>) -> Result<HashMap<(Uuid, Option<Uuid>), i64>> {
        if buyer_ids.is_empty() {
            return Ok(HashMap::new());
        }
        let backend = self.get_database_backend();
        let rows = self.query_all_raw(unpaid_orders(backend, buyer_ids).build(backend)).await?;
        let count = |row: &QueryResult| {
            let placed_by = (row.try_get("", "buyer_id")?, row.try_get("", "api_key_id")?);
            Ok((placed_by, row.try_get("", "unpaid")?))
        };
        rows.iter().map(count).collect()
    }
}

/// Nobody's word of a payment of the order is awaited.
fn awaits_no_word(now: DateTime<Utc>) -> Expr {
    let awaiting = payment::Entity::find()
        .select_only()
        .column(payment::Column::Id)
        .filter(Expr::col((payment::Entity, payment::Column::OrderId)).equals((orders::Entity, orders::Column::Id)))
        .filter(payment::Column::State.eq("AWAITING"))
        .filter(payment::Column::ExpireTime.gt(now));
    Expr::not_exists(awaiting.into_query())
}

pub(crate) fn due_orders(
    backend: DbBackend,
    now: DateTime<Utc>,
    after: Option<(DateTime<Utc>, Uuid)>,
    limit: u64,
) -> Select<orders::Entity> {
    let query = orders::Entity::find()
        .filter(is_unpaid(backend))
        .filter(orders::Column::ExpireTime.lte(now))
        .filter(awaits_no_word(now))
        .order_by_asc(orders::Column::ExpireTime)
        .order_by_asc(orders::Column::Id)
        .limit(limit);
    let Some((time, id)) = after else { return query };
    let same_time = orders::Column::ExpireTime.eq(time).and(orders::Column::Id.gt(id));
    query.filter(orders::Column::ExpireTime.gt(time).or(same_time))
}

pub(crate) fn unpaid_orders(backend: DbBackend, buyer_ids: Vec<Uuid>) -> Select<orders::Entity> {
    orders::Entity::find()
        .select_only()
        .column_as(orders::Column::BuyerId, "buyer_id")
        .column_as(orders::Column::ApiKeyId, "api_key_id")
        .column_as(orders::Column::Id.count(), "unpaid")
        .filter(orders::Column::BuyerId.is_in(padded(buyer_ids)))
        .filter(is_unpaid(backend))
        .group_by(orders::Column::BuyerId)
        .group_by(orders::Column::ApiKeyId)
}

/// Products by id and by code.
fn named(ids: Vec<Uuid>, codes: Vec<String>) -> Condition {
    let mut named = Condition::any();
    if !ids.is_empty() {
        named = named.add(Expr::col((product::Entity, product::Column::Id)).is_in(padded(ids)));
    }
    if !codes.is_empty() {
        named = named.add(Expr::col((product::Entity, product::Column::Code)).is_in(padded(codes)));
    }
    named
}

/// The counters of a product.
fn counted() -> Expr {
    Expr::col((product_stock::Entity, product_stock::Column::ProductId)).equals((product::Entity, product::Column::Id))
}

impl Tx {
    /// An order and its people, who are locked before it, in the order of their ids.
    pub async fn lock_order(&mut self, order_id: Uuid) -> Result<Option<LockedOrder>> {
        Ok(self.lock_orders_where(orders::Column::Id.eq(order_id)).await?.pop())
    }

    /// Orders and their people, who are locked before them, in the order of their ids.
    pub async fn lock_orders(&mut self, ids: Vec<Uuid>) -> Result<Vec<LockedOrder>> {
        self.lock_orders_where(orders::Column::Id.is_in(padded(ids))).await
    }

    /// The orders of payments and their people, who are locked before them, in the order of their ids.
    pub async fn lock_orders_of_payments(&mut self, payment_ids: Vec<Uuid>) -> Result<Vec<LockedOrder>> {
        let of_payments = Query::select()
            .column(payment::Column::OrderId)
            .from(payment::Entity)
            .and_where(payment::Column::Id.is_in(padded(payment_ids)))
            .to_owned();
        self.lock_orders_where(orders::Column::Id.in_subquery(of_payments)).await
    }

    async fn lock_orders_where(&mut self, are_they: Expr) -> Result<Vec<LockedOrder>> {
        let backend = self.get_database_backend();
        let mut query = with_columns::<orders::Entity>(users_and(), "order_").filter(are_they);
        let statement = orders_and_people(&mut query, backend);
        if self.locks_rows() {
            statement.lock_with_tables(LockType::Update, ["users", "orders"]);
        }
        let by_names: ByNames<_> = |row| {
            Ok((users::Model::from_query_result(row, "user_")?, orders::Model::from_query_result(row, "order_")?))
        };
        let rows = self.rows(query.build(backend), by_names, |row| {
            Ok((users::Model::from_values(row)?, orders::Model::from_values(row)?))
        });
        LockedOrder::of(rows.await?)
    }
}

fn order(row: &QueryResult) -> Result<orders::Model> {
    Ok(orders::Model::from_query_result(row, "order_")?)
}

#[cfg(test)]
mod tests {
    use sea_orm::Statement;

    use super::*;
    use crate::testing::{Kind, TestDatabase};

    #[tokio::test]
    async fn unpaid_orders_are_found_by_their_own_indexes_whatever_is_bound() {
        let database = TestDatabase::new(Kind::Sqlite).await;
        let _store = database.open().await;
        let file = rusqlite::Connection::open(database.config.url.strip_prefix("sqlite://").unwrap()).unwrap();
        let plan = |statement: Statement| {
            let mut prepared = file.prepare(&format!("explain query plan {}", statement.sql)).unwrap();
            let mut rows = prepared.raw_query();
            let mut plan = String::new();
            while let Some(row) = rows.next().unwrap() {
                plan += &row.get::<_, String>("detail").unwrap();
            }
            plan
        };
        let backend = DbBackend::Sqlite;
        for count in [1, 4, 64] {
            let plan = plan(unpaid_orders(backend, (0..count).map(Uuid::from_u128).collect()).build(backend));
            assert!(plan.contains("ix_orders_unpaid"), "of {count}: {plan}");
        }
        for after in [None, Some((DateTime::UNIX_EPOCH, Uuid::nil()))] {
            let plan = plan(due_orders(backend, DateTime::UNIX_EPOCH, after, 10).build(backend));
            assert!(plan.contains("ix_orders_due"), "after {after:?}: {plan}");
        }
    }
}
