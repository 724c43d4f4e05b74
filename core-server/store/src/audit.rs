//! What must hold between the rows of orders, payments, stock and the books, each rule as a statement that finds what
//! breaks it. The database sums: nothing of the size of a table is read.

use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Statement,
};
use uuid::Uuid;

use crate::{
    entity::wallet,
    error::{Error, Result},
    tx::Read,
};

/// How many faults of a rule are named.
const NAMED_MAX: usize = 100;

/// A rule, and the statement that finds what breaks it.
#[derive(Clone, Copy, Debug)]
pub struct BookRule {
    /// The rule, in English.
    pub text: &'static str,
    /// What is found: `journal`, `order`, `order line`, `payment`, `refund`, `product`, `stock line` or `account`.
    pub subject: &'static str,
    sql: &'static str,
}

/// Every rule that one statement proves.
pub const BOOK_RULES: &[BookRule] = &[
    BookRule {
        // In each currency.
        text: "every journal sums to zero",
        subject: "journal",
        sql: "select e.journal_id as subject from ledger_entry e group by e.journal_id, e.currency \
              having sum(e.amount_minor) <> 0",
    },
    BookRule {
        text: "every journal has entries",
        subject: "journal",
        sql: "select j.id as subject from journal j \
              where not exists (select 1 from ledger_entry e where e.journal_id = j.id)",
    },
    BookRule {
        text: "every journal is of something that happened",
        subject: "journal",
        sql: "select j.id as subject from journal j \
              left join payment p on p.id = j.ref_id and p.order_id = j.order_id \
              left join orders o on o.id = j.ref_id and o.id = j.order_id \
              left join refund r on r.id = j.ref_id and r.order_id = j.order_id \
              where case j.kind \
              when 'PAYMENT' then coalesce(p.state, '') in ('PAID', 'RETURNED', 'REVERSED') \
              when 'CREDIT' then coalesce(p.state, '') in ('PAID', 'REVERSED') \
              when 'REVERSAL' then coalesce(p.state, '') = 'REVERSED' \
              when 'RETURN' then coalesce(p.state, '') = 'RETURNED' \
              when 'SETTLEMENT' then coalesce(o.state, '') in ('PAID', 'COMPLETED', 'REFUNDED') \
              when 'REFUND' then coalesce(r.state, '') = 'DONE' \
              else false end = false",
    },
    BookRule {
        // Each change leads from one balance to another, from 0 to the sum of all: every balance is reached as often as
        // it is left. That holds in whatever order the entries of several processes are numbered.
        text: "every wallet entry's balance follows from the one before",
        subject: "account",
        sql: "select account as subject from (\
                select account, balance_after_minor as balance, 1 as times from ledger_entry where account like 'wallet:%' \
                union all \
                select account, balance_after_minor + amount_minor, -1 from ledger_entry where account like 'wallet:%' \
                union all \
                select distinct account, 0, 1 from ledger_entry where account like 'wallet:%' \
                union all \
                select account, -cast(sum(amount_minor) as bigint), -1 from ledger_entry \
                where account like 'wallet:%' group by account\
              ) steps group by account, balance having balance is null or sum(times) <> 0",
    },
    BookRule {
        text: "every settled order has its settlement booked",
        subject: "order",
        sql: "select o.id as subject from orders o where o.state in ('PAID', 'COMPLETED', 'REFUNDED') \
              and o.due_minor > 0 \
              and not exists (select 1 from journal j where j.kind = 'SETTLEMENT' and j.ref_id = o.id)",
    },
    BookRule {
        text: "every settled order is paid exactly",
        subject: "order",
        sql: "select o.id as subject from orders o where o.state in ('PAID', 'COMPLETED', 'REFUNDED') \
              and o.paid_minor <> o.due_minor",
    },
    BookRule {
        text: "an order holds what was paid of it until it is settled, and nothing afterwards",
        subject: "order",
        sql: "select o.id as subject from orders o left join (\
                select j.order_id, e.currency, sum(e.amount_minor) as held from ledger_entry e \
                join journal j on j.id = e.journal_id where e.account like 'order:%' group by j.order_id, e.currency\
              ) books on books.order_id = o.id \
              where coalesce(books.held, 0) <> case \
              when o.state = 'PENDING' and coalesce(books.currency, o.currency) = o.currency \
              then -o.paid_minor else 0 end",
    },
    BookRule {
        text: "every payment that has its money is booked",
        subject: "payment",
        sql: "select p.id as subject from payment p where p.state in ('PAID', 'RETURNED', 'REVERSED') \
              and (not exists (select 1 from journal j where j.kind = 'PAYMENT' and j.ref_id = p.id) \
              or (p.state = 'RETURNED' \
                  and not exists (select 1 from journal j where j.kind = 'RETURN' and j.ref_id = p.id)))",
    },
    BookRule {
        // What was debited: the gateway's account, or the wallet's.
        text: "every payment is booked as what it received",
        subject: "payment",
        sql: "select p.id as subject from payment p join journal j on j.kind = 'PAYMENT' and j.ref_id = p.id \
              join ledger_entry e on e.journal_id = j.id and e.currency = p.currency where e.amount_minor > 0 \
              group by p.id, p.received_minor having sum(e.amount_minor) <> coalesce(p.received_minor, 0)",
    },
    BookRule {
        // The rest of it was kept by the order, and is a refund.
        text: "no more is booked as taken back than a gateway took",
        subject: "payment",
        sql: "select p.id as subject from payment p join journal j on j.kind = 'REVERSAL' and j.ref_id = p.id \
              join ledger_entry e on e.journal_id = j.id where e.amount_minor < 0 \
              group by p.id, p.reversed_minor having -sum(e.amount_minor) > coalesce(p.reversed_minor, 0)",
    },
    BookRule {
        text: "every refund that was made is booked",
        subject: "refund",
        sql: "select r.id as subject from refund r where r.state = 'DONE' \
              and not exists (select 1 from journal j where j.kind = 'REFUND' and j.ref_id = r.id)",
    },
    BookRule {
        // What was credited: the gateway's account, or the wallet's and what its user owed.
        text: "every refund is booked as what went back",
        subject: "refund",
        sql: "select r.id as subject from refund r join journal j on j.kind = 'REFUND' and j.ref_id = r.id \
              join ledger_entry e on e.journal_id = j.id where e.amount_minor < 0 \
              group by r.id, r.amount_minor having sum(e.amount_minor) <> -r.amount_minor",
    },
    BookRule {
        text: "an order's refunds come to what it says",
        subject: "order",
        sql: "select o.id as subject from orders o left join (\
                select order_id, sum(amount_minor) as back from refund where state = 'DONE' group by order_id\
              ) refunds on refunds.order_id = o.id \
              where coalesce(refunds.back, 0) <> o.refunded_minor or o.refunded_minor > o.paid_minor",
    },
    BookRule {
        text: "every sold stock line belongs to a settled order of its product",
        subject: "stock line",
        sql: "select s.id as subject from stock_line s \
              left join order_line l on l.id = s.order_line_id left join orders o on o.id = l.order_id \
              where (s.state = 'SOLD' and (o.id is null or o.state not in ('PAID', 'COMPLETED', 'REFUNDED') \
              or l.product_id <> s.product_id)) or (s.state <> 'SOLD' and s.order_line_id is not null)",
    },
    BookRule {
        text: "every settled line has as many stock lines as units",
        subject: "order line",
        sql: "select l.id as subject from order_line l join orders o on o.id = l.order_id \
              left join (select order_line_id, count(*) as units from stock_line where order_line_id is not null \
              group by order_line_id) sold on sold.order_line_id = l.id \
              where l.kind = 'STOCK' and o.state in ('PAID', 'COMPLETED', 'REFUNDED') \
              and coalesce(sold.units, 0) <> l.quantity",
    },
    BookRule {
        text: "a product has as many free stock lines as units that can be ordered or are kept",
        subject: "product",
        sql: "select p.id as subject from product p join product_stock c on c.product_id = p.id \
              left join (select product_id, count(*) as units from stock_line where state = 'AVAILABLE' \
              group by product_id) free on free.product_id = p.id \
              where p.kind = 'STOCK' and coalesce(free.units, 0) <> c.available + c.reserved",
    },
    BookRule {
        text: "a product's kept units are those of its unpaid orders",
        subject: "product",
        sql: "select c.product_id as subject from product_stock c left join (\
                select l.product_id, sum(l.quantity) as units from order_line l join orders o on o.id = l.order_id \
                where l.kind = 'STOCK' and o.state = 'PENDING' group by l.product_id\
              ) kept on kept.product_id = c.product_id where coalesce(kept.units, 0) <> c.reserved",
    },
    BookRule {
        text: "a product's sold units are those of its settled orders",
        subject: "product",
        sql: "select c.product_id as subject from product_stock c left join (\
                select l.product_id, sum(l.quantity) as units from order_line l join orders o on o.id = l.order_id \
                where o.state in ('PAID', 'COMPLETED', 'REFUNDED') group by l.product_id\
              ) sold on sold.product_id = c.product_id where coalesce(sold.units, 0) <> c.sold",
    },
];

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

impl Read {
    /// What breaks a rule: ids, or the names of accounts; at most 100.
    pub async fn broken(&self, rule: &BookRule) -> Result<Vec<String>> {
        let sql = format!("{} limit {NAMED_MAX}", rule.sql);
        let rows = self.query_all_raw(Statement::from_string(self.get_database_backend(), sql)).await?;
        let subject = |row: &sea_orm::QueryResult| match rule.subject {
            "account" => row.try_get::<String>("", "subject"),
            _ => row.try_get::<Uuid>("", "subject").map(|id| id.to_string()),
        };
        rows.iter().map(|row| subject(row).map_err(Error::from)).collect()
    }

    /// Wallets in the order of their users' ids.
    pub async fn wallets_after(&self, after: Option<Uuid>, limit: u64) -> Result<Vec<wallet::Model>> {
        let mut query = wallet::Entity::find().order_by_asc(wallet::Column::UserId).limit(limit);
        if let Some(after) = after {
            query = query.filter(wallet::Column::UserId.gt(after));
        }
        Ok(query.all(self).await?)
    }

    /// What the entries of accounts sum to; an account without entries is left out.
    pub async fn account_sums(&self, accounts: Vec<String>) -> Result<Vec<(String, i64)>> {
        use crate::entity::ledger_entry::{Column, Entity};
        use sea_orm::sea_query::{Expr, ExprTrait as _};
        let found = Entity::find()
            .select_only()
            .column(Column::Account)
            .column_as(Expr::col(Column::AmountMinor).sum().cast_as("bigint"), "total")
            .filter(Column::Account.is_in(crate::delivery::padded(accounts)))
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

    /// What all wallets say, and what all entries of wallets say.
    pub async fn all_wallet_sums(&self) -> Result<WalletSums> {
        let sql = "select \
             coalesce((select cast(sum(balance_minor) as bigint) from wallet), 0) as balance, \
             -coalesce((select cast(sum(amount_minor) as bigint) from ledger_entry where account like 'wallet:%'), 0) \
             as booked_balance, \
             coalesce((select cast(sum(receivable_minor) as bigint) from wallet), 0) as receivable, \
             coalesce((select cast(sum(amount_minor) as bigint) from ledger_entry \
             where account like 'receivable:%'), 0) as booked_receivable";
        let row = self.query_one_raw(Statement::from_string(self.get_database_backend(), sql)).await?;
        let row = row.ok_or_else(|| Error::Inconsistent("a statement without an answer".into()))?;
        Ok(WalletSums::from_query_result(&row, "")?)
    }
}
