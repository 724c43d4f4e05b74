//! Stock: the counters of products, and the lines that are sold.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DbBackend, EntityTrait as _, FromQueryResult, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, Statement, Value,
};
use uuid::Uuid;
use warung_domain::catalog::StockState;

use crate::{
    by_name::ByName,
    delivery::padded,
    entity::{product_stock, reveal, stock_line},
    error::{Error, Result},
    tx::{Read, Tx},
};

/// How the counters of a product change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StockChange {
    /// An order keeps units.
    Reserve,
    /// An order that is given up frees what it kept.
    Release,
    /// What an order kept is sold.
    SellReserved,
    /// Units that no order keeps are sold.
    SellAvailable,
    /// Units are sold that nobody counts: of all kinds but STOCK.
    SellUncounted,
}

/// What is added to the counters of a product.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Added {
    available: i64,
    reserved: i64,
    sold: i64,
}

/// All changes of counters that a transaction makes, each product once, in the order of their ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StockChanges {
    added: BTreeMap<Uuid, Added>,
    takes_available: bool,
}

impl StockChanges {
    /// Adds a change of so many units.
    pub fn add(&mut self, product_id: Uuid, change: StockChange, quantity: i64) {
        let (available, reserved, sold) = match change {
            StockChange::Reserve => (-1, 1, 0),
            StockChange::Release => (1, -1, 0),
            StockChange::SellReserved => (0, -1, 1),
            StockChange::SellAvailable => (-1, 0, 1),
            StockChange::SellUncounted => (0, 0, 1),
        };
        let added = self.added.entry(product_id).or_default();
        for (counter, units) in
            [(&mut added.available, available), (&mut added.reserved, reserved), (&mut added.sold, sold)]
        {
            *counter = counter.saturating_add(quantity.saturating_mul(units));
        }
        self.takes_available |= available < 0;
    }

    /// Adds all changes of another.
    pub fn extend(&mut self, other: Self) {
        for (product_id, Added { available, reserved, sold }) in other.added {
            let added = self.added.entry(product_id).or_default();
            added.available = added.available.saturating_add(available);
            added.reserved = added.reserved.saturating_add(reserved);
            added.sold = added.sold.saturating_add(sold);
        }
        self.takes_available |= other.takes_available;
    }
}

#[derive(FromQueryResult)]
struct Available {
    product_id: Uuid,
    available: i64,
}

/// Stock lines to sell with a line of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StockSale {
    /// Of which product.
    pub product_id: Uuid,
    /// With which line.
    pub order_line_id: Uuid,
    /// How many; at least 1.
    pub quantity: i64,
    /// They were kept for the order.
    pub were_kept: bool,
}

/// So many lines are sold by one statement at most; more go line by line.
const SOLD_AT_ONCE_MAX: i64 = 1_024;

impl Read {
    /// How many units of products can be ordered.
    pub async fn available(&self, product_ids: Vec<Uuid>) -> Result<Vec<(Uuid, i64)>> {
        let found = product_stock::Entity::find()
            .select_only()
            .columns([product_stock::Column::ProductId, product_stock::Column::Available])
            .filter(product_stock::Column::ProductId.is_in(padded(product_ids)));
        // Never a tuple: its columns come by their names' order.
        let found: Vec<Available> = found.into_model().all(self).await?;
        Ok(found.into_iter().map(|row| (row.product_id, row.available)).collect())
    }

    /// The stock lines that were sold with an order's lines, by id.
    pub async fn sold_stock_lines(&self, order_line_ids: Vec<Uuid>) -> Result<Vec<stock_line::Model>> {
        let found = stock_line::Entity::find()
            .filter(stock_line::Column::OrderLineId.is_in(padded(order_line_ids)))
            .order_by_asc(stock_line::Column::Id);
        self.all(found).await
    }

    /// Up to `limit` stock lines that were sold with an order's line, by id, from the one after `after` on.
    pub async fn sold_stock_lines_after(
        &self,
        order_line_id: Uuid,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<stock_line::Model>> {
        let mut found = stock_line::Entity::find().filter(stock_line::Column::OrderLineId.eq(order_line_id));
        if let Some(after) = after {
            found = found.filter(stock_line::Column::Id.gt(after));
        }
        self.all(found.order_by_asc(stock_line::Column::Id).limit(limit)).await
    }

    /// Who was shown the goods of order lines, the first look first.
    pub async fn reveals(&self, order_line_ids: Vec<Uuid>) -> Result<Vec<reveal::Model>> {
        let found = reveal::Entity::find()
            .filter(reveal::Column::OrderLineId.is_in(padded(order_line_ids)))
            .order_by_asc(reveal::Column::Id);
        self.all(found).await
    }
}

impl Tx {
    /// Removes what was noted of a delivery that showed nothing of these order lines.
    pub async fn remove_reveals(&mut self, order_line_ids: Vec<Uuid>, delivery_id: Uuid) -> Result<()> {
        reveal::Entity::delete_many()
            .filter(reveal::Column::OrderLineId.is_in(padded(order_line_ids)))
            .filter(reveal::Column::DeliveryId.eq(delivery_id))
            .exec(&**self)
            .await?;
        Ok(())
    }

    /// Changes the counters of products. Their rows are the hottest of all: this comes last in a transaction, and locks them
    /// in the order of their ids. When there is too little of one, everything is to be looked at again
    /// ([`Error::Serialization`]), unless nothing is taken but what was kept: then it was not kept ([`Error::Inconsistent`]).
    pub async fn change_stock(&mut self, changes: StockChanges) -> Result<()> {
        let StockChanges { added, takes_available } = changes;
        if added.is_empty() {
            return Ok(());
        }
        if self.locks_rows() && added.len() > 1 {
            let ids = product_stock::Column::ProductId.is_in(padded(added.keys().copied().collect()));
            let rows = product_stock::Entity::find().filter(ids).order_by_asc(product_stock::Column::ProductId);
            self.locked(rows).all(&**self).await?;
        }
        let mut values: Vec<Value> = Vec::new();
        let mut rows = Vec::new();
        // No product has the id that fills the list up.
        let none = std::iter::repeat((Uuid::nil(), Added::default()));
        let all = added.iter().map(|(id, added)| (*id, *added)).chain(none);
        for (product_id, Added { available, reserved, sold }) in all.take(added.len().next_power_of_two()) {
            let first = values.len();
            values.extend([product_id.into(), available.into(), reserved.into(), sold.into()]);
            let types = match self.get_database_backend() {
                DbBackend::Postgres => ["::uuid", "::bigint", "::bigint", "::bigint"],
                _ => [""; 4],
            };
            let places = types.iter().zip(first.saturating_add(1)..).map(|(cast, place)| format!("${place}{cast}"));
            rows.push(format!("({})", places.collect::<Vec<_>>().join(", ")));
        }
        let sql = format!(
            "with added (id, available, reserved, sold) as (values {}) update product_stock \
             set available = product_stock.available + added.available, \
             reserved = product_stock.reserved + added.reserved, sold = product_stock.sold + added.sold from added \
             where product_id = added.id and product_stock.available + added.available >= 0 \
             and product_stock.reserved + added.reserved >= 0",
            rows.join(", ")
        );
        let statement = Statement::from_sql_and_values(self.get_database_backend(), sql, values);
        let rows_affected = self.execute_raw(statement).await?.rows_affected();
        if usize::try_from(rows_affected) == Ok(added.len()) {
            return Ok(());
        }
        let text = format!("product_stock: {rows_affected} of {added:?}");
        Err(if takes_available { Error::Serialization(text) } else { Error::Inconsistent(text) })
    }

    /// Sells stock lines of many orders, the oldest free ones of each product. Fewer than were asked for are an error: of
    /// lines that were kept for the order, one that another try does not mend unless others hold some of them.
    pub async fn sell_stock(&mut self, sales: &[StockSale], now: DateTime<Utc>) -> Result<()> {
        let units = sales.iter().map(|sale| sale.quantity).fold(0, i64::saturating_add);
        if !self.locks_rows() || sales.len() < 2 || units > SOLD_AT_ONCE_MAX {
            for sale in sales {
                self.sell_stock_lines(*sale, now).await?;
            }
            return Ok(());
        }
        let mut wanted: BTreeMap<Uuid, i64> = BTreeMap::new();
        for sale in sales {
            let sum = wanted.entry(sale.product_id).or_default();
            *sum = sum.saturating_add(sale.quantity);
        }
        let mut free = self.lock_free_stock(&wanted).await?;
        let mut pairs = Vec::new();
        for sale in sales {
            let quantity = usize::try_from(sale.quantity).unwrap_or(usize::MAX);
            let of_product = free.get_mut(&sale.product_id).filter(|lines| lines.len() >= quantity);
            let Some(of_product) = of_product else {
                // Alone it learns what is missing.
                return Err(Error::Serialization(format!("too few stock lines of {} are free", sale.product_id)));
            };
            pairs.extend(of_product.drain(..quantity).map(|id| (id, sale.order_line_id)));
        }
        let mut values: Vec<Value> = vec![now.into()];
        let count = pairs.len().next_power_of_two();
        // No line has the id that fills the list up.
        let all = pairs.into_iter().chain(std::iter::repeat((Uuid::nil(), Uuid::nil()))).take(count);
        let rows: Vec<_> = all
            .map(|(id, order_line_id)| {
                values.extend([id.into(), order_line_id.into()]);
                format!("(${}::uuid, ${}::uuid)", values.len().saturating_sub(1), values.len())
            })
            .collect();
        let sql = format!(
            "update stock_line set state = 'SOLD', order_line_id = sold.order_line_id, sold_time = $1 \
             from (values {}) as sold (id, order_line_id) where stock_line.id = sold.id",
            rows.join(", ")
        );
        self.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).await?;
        Ok(())
    }

    /// The oldest free lines of products, at most so many of each, locked. Lines that others hold are passed over.
    async fn lock_free_stock(&mut self, wanted: &BTreeMap<Uuid, i64>) -> Result<BTreeMap<Uuid, Vec<Uuid>>> {
        let mut values: Vec<Value> = Vec::new();
        let none = std::iter::repeat((Uuid::nil(), 0));
        let all = wanted.iter().map(|(id, quantity)| (*id, *quantity)).chain(none);
        let rows: Vec<_> = all
            .take(wanted.len().next_power_of_two())
            .map(|(product_id, quantity)| {
                values.extend([product_id.into(), quantity.into()]);
                format!("(${}::uuid, ${}::bigint)", values.len().saturating_sub(1), values.len())
            })
            .collect();
        let sql = format!(
            "select wanted.product_id, free.id from (values {}) as wanted (product_id, quantity) cross join lateral (\
               select id from stock_line where product_id = wanted.product_id and state = 'AVAILABLE' \
               order by id limit wanted.quantity for update skip locked\
             ) free",
            rows.join(", ")
        );
        let found = self.query_all_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).await?;
        let mut free: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
        for row in found {
            free.entry(row.try_get("", "product_id")?).or_default().push(row.try_get("", "id")?);
        }
        Ok(free)
    }

    /// Sells the oldest free lines of a product.
    async fn sell_stock_lines(&mut self, sale: StockSale, now: DateTime<Utc>) -> Result<()> {
        let StockSale { product_id, order_line_id, quantity, were_kept } = sale;
        let (is_in, lock) = if self.locks_rows() {
            // As an array the rows are chosen once, whatever plan the update has.
            ("= any(array(", " for update skip locked))")
        } else {
            ("in (", ")")
        };
        let [available, sold] = [StockState::Available, StockState::Sold].map(StockState::name);
        let sql = format!(
            "update stock_line set state = '{sold}', order_line_id = $1, sold_time = $2 where id {is_in}\
             select id from stock_line where product_id = $3 and state = '{available}' order by id limit $4{lock}"
        );
        let values: [Value; 4] = [order_line_id.into(), now.into(), product_id.into(), quantity.into()];
        let statement = Statement::from_sql_and_values(self.get_database_backend(), sql, values);
        let sold = self.execute_raw(statement).await?.rows_affected();
        if i64::try_from(sold) == Ok(quantity) {
            return Ok(());
        }
        let free = stock_line::Entity::find()
            .filter(stock_line::Column::ProductId.eq(product_id))
            .filter(stock_line::Column::State.eq(ByName(StockState::Available)));
        let there = free.count(&**self).await?.saturating_add(sold);
        if were_kept && u64::try_from(quantity).is_ok_and(|quantity| there < quantity) {
            return Err(Error::Inconsistent(format!(
                "{there} of {quantity} kept stock lines of {product_id} are there"
            )));
        }
        // Lines that another transaction holds were passed over: those it does not take are free when it has ended.
        Err(Error::Serialization(format!("{sold} of {quantity} stock lines were free")))
    }
}
