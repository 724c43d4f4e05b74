//! What must hold between the rows of orders, payments, stock and the books, each rule as a statement that finds what
//! breaks it. The database sums: nothing of the size of a table is read.
//!
//! A rule is proven of a part of the books: ids are by time, so what was written since an earlier proof is a range of
//! them, and takes as long whatever was written before.

mod rules;

use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DbBackend, EntityTrait as _, FromQueryResult, QueryFilter as _,
    QueryOrder as _, QueryResult, QuerySelect as _, Statement,
};
use uuid::Uuid;

use self::rules::SOLD;
pub use self::rules::{BOOK_RULES, BookRule, Part};
use crate::{
    delivery::padded,
    entity::{book_checkpoint, orders, wallet},
    error::{Error, Result},
    tx::{Read, Tx},
};

/// How many checkpoints are kept.
const CHECKPOINTS_KEPT: u64 = 10;

/// What the entries of a kind of account sum to.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Booked {
    /// Such as `wallet` or `gateway`: what stands before the colon of an account's name.
    pub kind: String,
    /// In which currency.
    pub currency: String,
    /// How much.
    pub amount: i64,
}

/// How many units of a product were sold.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub struct Sold {
    /// Which product.
    pub product_id: Uuid,
    /// How many.
    pub units: i64,
}

/// What stood in all wallets before something was booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Holdings {
    /// The balances.
    pub balance: i64,
    /// What is owed.
    pub receivable: i64,
}

/// A wallet and what its entries sum to, as one statement saw them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct WalletSums {
    /// What the wallet says that it holds.
    pub balance: i64,
    /// What its entries say.
    pub booked_balance: i64,
    /// What the wallet says that its user owes.
    pub receivable: i64,
    /// What the entries say.
    pub booked_receivable: i64,
}

#[derive(FromQueryResult)]
struct AccountSum {
    account: String,
    total: i64,
}

#[derive(FromQueryResult)]
struct Id {
    id: Uuid,
}

#[derive(FromQueryResult)]
struct Name {
    name: String,
}

impl Read {
    /// What breaks a rule in a part of the books: ids, or the names of accounts; at most 100.
    pub async fn broken(&self, rule: &BookRule, part: &Part) -> Result<Vec<String>> {
        let Some(statement) = rule.of(part, self.get_database_backend()) else { return Ok(Vec::new()) };
        let rows = self.query_all_raw(statement).await?;
        let subject = |row: &QueryResult| match rule.subject {
            "account" => row.try_get::<String>("", "subject"),
            _ => row.try_get::<Uuid>("", "subject").map(|id| id.to_string()),
        };
        rows.iter().map(|row| subject(row).map_err(Error::from)).collect()
    }

    async fn found<T: FromQueryResult>(&self, part: &Part, sql: &str) -> Result<Vec<T>> {
        let rows = self.query_all_raw(part.narrow(sql, self.get_database_backend())).await?;
        rows.iter().map(|row| T::from_query_result(row, "").map_err(Error::from)).collect()
    }

    /// The order that was written as number `count` after `after`; `None`: there are fewer.
    pub async fn order_after(&self, after: Uuid, count: u64) -> Result<Option<Uuid>> {
        let query = orders::Entity::find().filter(orders::Column::Id.gt(after)).order_by_asc(orders::Column::Id);
        let query = query.select_only().column_as(orders::Column::Id, "id").offset(count.saturating_sub(1)).limit(1);
        Ok(query.into_model::<Id>().one(self).await?.map(|found| found.id))
    }

    /// The orders that journals were written for later than the orders' own part: those up to `after`.
    pub async fn older_orders(&self, after: Uuid, to: Uuid) -> Result<Vec<Uuid>> {
        // The index by orders would lead through all of them.
        let sql = "select distinct j.order_id as id from journal j where {in j.id} and (j.order_id <= $1) is true";
        let found: Vec<Id> = self.found(&Part::Written { after, to }, sql).await?;
        Ok(found.into_iter().map(|found| found.id).collect())
    }

    /// The accounts of users that were booked on within a part.
    pub async fn users_accounts(&self, after: Uuid, to: Uuid) -> Result<Vec<String>> {
        let sql = "select distinct e.account as name from ledger_entry e where {in e.journal_id} \
                   and (e.account like 'wallet:%' or e.account like 'receivable:%')";
        let found: Vec<Name> = self.found(&Part::Written { after, to }, sql).await?;
        Ok(found.into_iter().map(|found| found.name).collect())
    }

    /// What was booked within a part, by kinds of accounts.
    pub async fn booked(&self, after: Uuid, to: Uuid) -> Result<Vec<Booked>> {
        // Of SQLite any account of the kind, as it gives an expression no type.
        let (any, kind) = match self.get_database_backend() {
            DbBackend::Postgres => ("min(e.account)", "split_part(e.account, ':', 1)"),
            _ => ("e.account", "substr(e.account, 1, instr(e.account || ':', ':'))"),
        };
        let sql = format!(
            "select {any} as kind, e.currency as currency, cast(sum(e.amount_minor) as bigint) as amount \
             from ledger_entry e where {{in e.journal_id}} group by {kind}, e.currency"
        );
        let mut found: Vec<Booked> = self.found(&Part::Written { after, to }, &sql).await?;
        for booked in &mut found {
            booked.kind.truncate(booked.kind.find(':').unwrap_or(booked.kind.len()));
        }
        Ok(found)
    }

    /// The units that were sold within a part, by product.
    pub async fn sold(&self, after: Uuid, to: Uuid) -> Result<Vec<Sold>> {
        self.found(&Part::Written { after, to }, SOLD).await
    }

    /// How many units of each product had been sold before, by its counter and what was sold since: as one statement saw
    /// it.
    pub async fn sold_before(&self, after: Uuid) -> Result<Vec<Sold>> {
        let sql = format!(
            "select c.product_id as product_id, cast(c.sold - coalesce(since.units, 0) as bigint) as units \
             from product_stock c left join ({SOLD}) since on since.product_id = c.product_id"
        );
        self.found(&Part::Written { after, to: Uuid::max() }, &sql).await
    }

    /// What all wallets held before, by what they hold and what was booked since: as one statement saw it.
    pub async fn held_before(&self, after: Uuid) -> Result<Holdings> {
        let since = |kind| {
            format!(
                "coalesce((select cast(sum(e.amount_minor) as bigint) from ledger_entry e \
                 where {{in e.journal_id}} and e.account like '{kind}:%'), 0)"
            )
        };
        let sql = format!(
            "select coalesce((select cast(sum(balance_minor) as bigint) from wallet), 0) + {} as balance, \
             coalesce((select cast(sum(receivable_minor) as bigint) from wallet), 0) - {} as receivable",
            since("wallet"),
            since("receivable")
        );
        let found: Vec<Holdings> = self.found(&Part::Written { after, to: Uuid::max() }, &sql).await?;
        found.into_iter().next().ok_or_else(|| Error::Inconsistent("a statement without an answer".into()))
    }

    /// The wallets of these users.
    pub async fn wallets(&self, user_ids: Vec<Uuid>) -> Result<Vec<wallet::Model>> {
        self.all(wallet::Entity::find().filter(wallet::Column::UserId.is_in(user_ids))).await
    }

    /// The newest checkpoint of the books.
    pub async fn book_checkpoint(&self) -> Result<Option<book_checkpoint::Model>> {
        self.one(book_checkpoint::Entity::find().order_by_desc(book_checkpoint::Column::Until)).await
    }

    /// What the entries of accounts sum to; an account without entries is left out.
    pub async fn account_sums(&self, accounts: Vec<String>) -> Result<Vec<(String, i64)>> {
        use crate::entity::ledger_entry::{Column, Entity};
        use sea_orm::sea_query::{Expr, ExprTrait as _};
        let found = Entity::find()
            .select_only()
            .column(Column::Account)
            .column_as(Expr::col(Column::AmountMinor).sum().cast_as("bigint"), "total")
            .filter(Column::Account.is_in(padded(accounts)))
            .group_by(Column::Account);
        let found: Vec<AccountSum> = found.into_model().all(self).await?;
        Ok(found.into_iter().map(|row| (row.account, row.total)).collect())
    }

    /// A wallet and what the entries of its two accounts sum to.
    pub async fn wallet_sums(&self, user_id: Uuid, wallet: &str, receivable: &str) -> Result<WalletSums> {
        let sql = "select \
             coalesce((select balance_minor from wallet where user_id = $1), 0) as balance, \
             -coalesce((select cast(sum(amount_minor) as bigint) from ledger_entry where account = $2), 0) \
             as booked_balance, \
             coalesce((select receivable_minor from wallet where user_id = $3), 0) as receivable, \
             coalesce((select cast(sum(amount_minor) as bigint) from ledger_entry where account = $4), 0) \
             as booked_receivable";
        let values: [sea_orm::Value; 4] = [user_id.into(), wallet.into(), user_id.into(), receivable.into()];
        let statement = Statement::from_sql_and_values(self.get_database_backend(), sql, values);
        let row = self.query_one_raw(statement).await?;
        let row = row.ok_or_else(|| Error::Inconsistent("a statement without an answer".into()))?;
        Ok(WalletSums::from_query_result(&row, "")?)
    }
}

impl Tx {
    /// Keeps a checkpoint, and of older ones the newest few. Another process may have kept the same.
    pub async fn keep_book_checkpoint(&mut self, row: book_checkpoint::Model) -> Result<()> {
        use book_checkpoint::{Column, Entity};
        self.insert_new(row).await?;
        let oldest = self.one(Entity::find().order_by_desc(Column::Until).offset(CHECKPOINTS_KEPT).limit(1)).await?;
        if let Some(oldest) = oldest {
            Entity::delete_many().filter(Column::Until.lte(oldest.until)).exec(&**self).await?;
        }
        Ok(())
    }
}
