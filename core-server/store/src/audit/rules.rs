//! The rules of the books, and the parts that each is proven of.

use sea_orm::{DbBackend, Statement, Value};
use uuid::Uuid;

use crate::delivery::padded;

/// How many faults of a rule are named.
const NAMED_MAX: usize = 100;
/// The states of an order that is settled.
const SETTLED: &str = "('PAID', 'COMPLETED', 'REFUNDED')";

/// A part of the books.
#[derive(Clone, Debug)]
pub enum Part {
    /// The orders and journals that were written after one id and up to another.
    Written {
        /// After this one.
        after: Uuid,
        /// Up to this one.
        to: Uuid,
    },
    /// These orders, with all that belongs to them.
    Orders(Vec<Uuid>),
    /// These accounts.
    Accounts(Vec<String>),
    /// What is counted of what stands still: stock.
    Counters,
    /// What belongs to no order, whenever it was written: of a full proof alone.
    Loose,
}

/// What a rule is about: how its statement is narrowed down to a part.
#[derive(Clone, Copy, Debug)]
enum About {
    Journals,
    Orders,
    Accounts,
    Counters,
    Loose,
}

/// A rule, and the statement that finds what breaks it.
#[derive(Clone, Copy, Debug)]
pub struct BookRule {
    /// The rule, in English.
    pub text: &'static str,
    /// What is found: `journal`, `order`, `order line`, `payment`, `refund`, `product`, `stock line` or `account`.
    pub subject: &'static str,
    about: About,
    /// `{in COLUMN}`: the column's journal, order or account is of the part. `{SETTLED}`: the states of settled orders.
    sql: &'static str,
}

/// Every rule that one statement proves.
pub const BOOK_RULES: &[BookRule] = &[
    BookRule {
        // In each currency.
        text: "every journal sums to zero",
        subject: "journal",
        about: About::Journals,
        // In each of its currencies, of which nearly all have one: entries come in the order of their journals.
        sql: "select e.journal_id as subject from ledger_entry e where {in e.journal_id} group by e.journal_id \
              having sum(e.amount_minor) <> 0 or (min(e.currency) <> max(e.currency) and exists (\
                select 1 from ledger_entry s where s.journal_id = e.journal_id group by s.currency \
                having sum(s.amount_minor) <> 0\
              ))",
    },
    BookRule {
        text: "every journal has entries",
        subject: "journal",
        about: About::Journals,
        sql: "select j.id as subject from journal j where {in j.id} \
              and not exists (select 1 from ledger_entry e where e.journal_id = j.id)",
    },
    BookRule {
        text: "every journal is of something that happened",
        subject: "journal",
        about: About::Orders,
        sql: "select j.id as subject from journal j where {in j.order_id} and not case j.kind \
              when 'PAYMENT' then exists (select 1 from payment p where p.id = j.ref_id and p.order_id = j.order_id \
                and p.state in ('PAID', 'RETURNED', 'REVERSED')) \
              when 'CREDIT' then exists (select 1 from payment p where p.id = j.ref_id and p.order_id = j.order_id \
                and p.state in ('PAID', 'REVERSED')) \
              when 'REVERSAL' then exists (select 1 from payment p where p.order_id = j.order_id \
                and p.state = 'REVERSED') \
              when 'RETURN' then exists (select 1 from payment p where p.id = j.ref_id and p.order_id = j.order_id \
                and p.state = 'RETURNED') \
              when 'SETTLEMENT' then exists (select 1 from orders o where o.id = j.ref_id and o.id = j.order_id \
                and o.state in {SETTLED}) \
              when 'REFUND' then exists (select 1 from refund r where r.id = j.ref_id and r.order_id = j.order_id \
                and r.state = 'DONE') \
              else false end",
    },
    BookRule {
        // Each kind that there is belongs to an order.
        text: "every journal is of something that happened",
        subject: "journal",
        about: About::Journals,
        sql: "select j.id as subject from journal j where {in j.id} and j.order_id is null",
    },
    BookRule {
        // Each change leads from one balance to another, from 0 to the sum of all: every balance is reached as often as
        // it is left. That holds in whatever order the entries of several processes are numbered.
        text: "every wallet entry's balance follows from the one before",
        subject: "account",
        about: About::Accounts,
        sql: "select account as subject from (\
                select account, balance_after_minor as balance, 1 as times from ledger_entry where {in account} \
                union all \
                select account, balance_after_minor + amount_minor, -1 from ledger_entry where {in account} \
                union all \
                select distinct account, 0, 1 from ledger_entry where {in account} \
                union all \
                select account, -cast(sum(amount_minor) as bigint), -1 from ledger_entry where {in account} \
                group by account\
              ) steps where account like 'wallet:%' group by account, balance \
              having balance is null or sum(times) <> 0",
    },
    BookRule {
        text: "every settled order has its settlement booked",
        subject: "order",
        about: About::Orders,
        sql: "select o.id as subject from orders o where {in o.id} and o.state in {SETTLED} and o.due_minor > 0 \
              and not exists (select 1 from journal j where j.kind = 'SETTLEMENT' and j.ref_id = o.id)",
    },
    BookRule {
        text: "every settled order is paid exactly",
        subject: "order",
        about: About::Orders,
        sql: "select o.id as subject from orders o where {in o.id} and o.state in {SETTLED} \
              and o.paid_minor <> o.due_minor",
    },
    BookRule {
        text: "an order holds what was paid of it until it is settled, and nothing afterwards",
        subject: "order",
        about: About::Orders,
        // Of its own currency, and nothing of another. Its entries are read once.
        sql: "select o.id as subject from orders o where {in o.id} and (\
                select coalesce(sum(case when e.currency = o.currency then e.amount_minor else 0 end), 0) \
                    <> case when o.state = 'PENDING' then -o.paid_minor else 0 end \
                  or count(*) <> coalesce(sum(case when e.currency = o.currency then 1 else 0 end), 0) \
                from journal j join ledger_entry e on e.journal_id = j.id \
                where j.order_id = o.id and e.account like 'order:%'\
              )",
    },
    BookRule {
        text: "every payment that has its money is booked",
        subject: "payment",
        about: About::Orders,
        sql: "select p.id as subject from payment p where {in p.order_id} and p.state in ('PAID', 'RETURNED', 'REVERSED') \
              and (not exists (select 1 from journal j where j.kind = 'PAYMENT' and j.ref_id = p.id) \
              or (p.state = 'RETURNED' \
                  and not exists (select 1 from journal j where j.kind = 'RETURN' and j.ref_id = p.id)))",
    },
    BookRule {
        // What was debited: the gateway's account, or the wallet's.
        text: "every payment is booked as what it received",
        subject: "payment",
        about: About::Orders,
        sql: "select p.id as subject from payment p where {in p.order_id} and coalesce((\
                select sum(e.amount_minor) from journal j join ledger_entry e on e.journal_id = j.id \
                where j.kind = 'PAYMENT' and j.ref_id = p.id and e.currency = p.currency and e.amount_minor > 0\
              ), p.received_minor, 0) <> coalesce(p.received_minor, 0)",
    },
    BookRule {
        // The rest of it was kept by the order, and is a refund. A payment may be taken back part by part. The index by
        // kinds would lead through all that was ever taken back.
        text: "no more is booked as taken back than a gateway took",
        subject: "order",
        about: About::Orders,
        sql: "select o.id as subject from orders o where {in o.id} and coalesce((\
                select -sum(e.amount_minor) from journal j join ledger_entry e on e.journal_id = j.id \
                where j.order_id = o.id and j.kind || '' = 'REVERSAL' and e.amount_minor < 0\
              ), 0) > coalesce((select sum(p.reversed_minor) from payment p where p.order_id = o.id), 0)",
    },
    BookRule {
        text: "every refund that was made is booked",
        subject: "refund",
        about: About::Orders,
        sql: "select r.id as subject from refund r where {in r.order_id} and r.state = 'DONE' \
              and not exists (select 1 from journal j where j.kind = 'REFUND' and j.ref_id = r.id)",
    },
    BookRule {
        // What was credited: the gateway's account, or the wallet's and what its user owed.
        text: "every refund is booked as what went back",
        subject: "refund",
        about: About::Orders,
        sql: "select r.id as subject from refund r where {in r.order_id} and coalesce((\
                select sum(e.amount_minor) from journal j join ledger_entry e on e.journal_id = j.id \
                where j.kind = 'REFUND' and j.ref_id = r.id and e.amount_minor < 0\
              ), -r.amount_minor) <> -r.amount_minor",
    },
    BookRule {
        text: "an order's refunds come to what it says",
        subject: "order",
        about: About::Orders,
        sql: "select o.id as subject from orders o where {in o.id} and (coalesce((\
                select sum(amount_minor) from refund where order_id = o.id and state = 'DONE'\
              ), 0) <> o.refunded_minor or o.refunded_minor > o.paid_minor)",
    },
    BookRule {
        text: "every line is paid its price less what comes off it",
        subject: "order line",
        about: About::Orders,
        sql: "select l.id as subject from order_line l where {in l.order_id} \
              and (l.gross_minor <> l.unit_price_minor * l.quantity or l.discount_minor < 0 \
                or l.net_minor < 0 or l.net_minor <> l.gross_minor - l.discount_minor)",
    },
    BookRule {
        text: "an order comes to the sum of its lines",
        subject: "order",
        about: About::Orders,
        sql: "select o.id as subject from orders o \
              left join order_line l on l.order_id = o.id where {in o.id} \
              group by o.id, o.subtotal_minor, o.discount_minor, o.due_minor \
              having coalesce(sum(l.gross_minor), 0) <> o.subtotal_minor \
                or coalesce(sum(l.discount_minor), 0) <> o.discount_minor \
                or coalesce(sum(l.net_minor), 0) <> o.due_minor",
    },
    BookRule {
        text: "every refund is of lines of its order, which come to it",
        subject: "refund",
        about: About::Orders,
        sql: "select r.id as subject from refund r where {in r.order_id} and coalesce((\
                select sum(p.amount_minor) from refund_line p join order_line l on l.id = p.order_line_id \
                where p.refund_id = r.id and l.order_id = r.order_id and p.amount_minor > 0\
              ), 0) <> r.amount_minor",
    },
    BookRule {
        text: "a line's refunds come to what it says",
        subject: "order line",
        about: About::Orders,
        sql: "select l.id as subject from order_line l where {in l.order_id} and coalesce((\
                select sum(p.amount_minor) from refund r join refund_line p on p.refund_id = r.id \
                where r.order_id = l.order_id and p.order_line_id = l.id and r.state = 'DONE'\
              ), 0) <> l.refunded_minor",
    },
    BookRule {
        // What is on its way counts, too.
        text: "of a line no more goes back than was paid for it",
        subject: "order line",
        about: About::Orders,
        sql: "select l.id as subject from order_line l where {in l.order_id} and coalesce((\
                select sum(p.amount_minor) from refund r join refund_line p on p.refund_id = r.id \
                where r.order_id = l.order_id and p.order_line_id = l.id and r.state in ('PENDING', 'DONE')\
              ), 0) > l.net_minor",
    },
    BookRule {
        text: "every sold stock line belongs to a settled order of its product",
        subject: "stock line",
        about: About::Orders,
        sql: "select s.id as subject from order_line l join orders o on o.id = l.order_id \
              join stock_line s on s.order_line_id = l.id where {in l.order_id} \
              and (s.state <> 'SOLD' or o.state not in {SETTLED} or l.product_id is null or l.product_id <> s.product_id)",
    },
    BookRule {
        text: "every sold stock line belongs to a settled order of its product",
        subject: "stock line",
        about: About::Loose,
        sql: "select s.id as subject from stock_line s left join order_line l on l.id = s.order_line_id \
              where l.id is null and (s.state = 'SOLD' or s.order_line_id is not null)",
    },
    BookRule {
        text: "every settled line has as many stock lines as units",
        subject: "order line",
        about: About::Orders,
        sql: "select l.id as subject from order_line l join orders o on o.id = l.order_id \
              where {in l.order_id} and l.kind = 'STOCK' and o.state in {SETTLED} \
              and (select count(*) from stock_line s where s.order_line_id = l.id) <> l.quantity",
    },
    BookRule {
        text: "a product has as many free stock lines as units that can be ordered or are kept",
        subject: "product",
        about: About::Counters,
        sql: "select p.id as subject from product p join product_stock c on c.product_id = p.id \
              left join (select product_id, count(*) as units from stock_line where state = 'AVAILABLE' \
              group by product_id) free on free.product_id = p.id \
              where p.kind = 'STOCK' and coalesce(free.units, 0) <> c.available + c.reserved",
    },
    BookRule {
        text: "a product's kept units are those of its unpaid orders",
        subject: "product",
        about: About::Counters,
        sql: "select c.product_id as subject from product_stock c left join (\
                select l.product_id, sum(l.quantity) as units from orders o join order_line l on l.order_id = o.id \
                where l.kind = 'STOCK' and o.state = 'PENDING' group by l.product_id\
              ) kept on kept.product_id = c.product_id where coalesce(kept.units, 0) <> c.reserved",
    },
];

/// The units of each product that were sold by orders that were settled within `{written}`. One that costs nothing is
/// settled as it is placed, and nothing is booked. The index by kinds would lead through all that was ever settled.
pub(super) const SOLD: &str = "\
    select product_id, cast(sum(quantity) as bigint) as units from (\
        select l.product_id, l.quantity from journal j join order_line l on l.order_id = j.ref_id \
        where j.kind || '' = 'SETTLEMENT' and {in j.id} \
        union all \
        select l.product_id, l.quantity from orders o join order_line l on l.order_id = o.id \
        where {in o.id} and o.due_minor = 0 and o.state in {SETTLED}\
    ) lines where product_id is not null group by product_id";

impl BookRule {
    /// The statement that finds what breaks the rule in a part; `None`: the rule is not about such a part.
    pub(super) fn of(&self, part: &Part, backend: DbBackend) -> Option<Statement> {
        let is_about = matches!(
            (self.about, part),
            (About::Journals, Part::Written { .. })
                | (About::Orders, Part::Written { .. } | Part::Orders(_))
                | (About::Accounts, Part::Accounts(_))
                | (About::Counters, Part::Counters)
                | (About::Loose, Part::Loose)
        );
        is_about.then(|| part.narrow(&format!("{} limit {NAMED_MAX}", self.sql), backend))
    }
}

impl Part {
    /// A statement about what belongs to this part.
    pub(super) fn narrow(&self, sql: &str, backend: DbBackend) -> Statement {
        let values: Vec<Value> = match self {
            Self::Written { after, to } => vec![(*after).into(), (*to).into()],
            Self::Orders(ids) => padded(ids.clone()).into_iter().map(Value::from).collect(),
            Self::Accounts(names) => padded(names.clone()).into_iter().map(Value::from).collect(),
            Self::Counters | Self::Loose => Vec::new(),
        };
        let places: Vec<_> = (1..=values.len()).map(|place| format!("${place}")).collect();
        let sql = sql.replace("{SETTLED}", SETTLED);
        let mut pieces = sql.split("{in ");
        let mut narrowed = pieces.next().unwrap_or_default().to_owned();
        for (column, rest) in pieces.map(|piece| piece.split_once('}').unwrap_or((piece, ""))) {
            let condition = match self {
                Self::Written { .. } => format!("{column} > $1 and {column} <= $2"),
                _ => format!("{column} in ({})", places.join(", ")),
            };
            narrowed.push_str(&condition);
            narrowed.push_str(rest);
        }
        Statement::from_sql_and_values(backend, narrowed, values)
    }
}
