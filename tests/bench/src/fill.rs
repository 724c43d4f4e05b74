//! A library of any size, a membership for everybody, open payments and a history of orders, written straight into the
//! database.
//!
//! One statement a table, in which the database itself counts to the number of titles: a million titles through the API
//! would take longer than all the rest. The rows are those that the API would write: ids that grow with time, an episode
//! a title, and the words that it is found by.

use crate::{
    server::BOT_ID,
    shop::{HOT, PRICE, PRODUCTS, Prepared},
};

/// The number that stands in the ids of orders.
const ORDERS: u8 = 4;
/// When the rows of number 0 were made, in milliseconds since 1970.
const FIRST_MS: u64 = 1_700_000_000_000;

/// The id of an order that was made here, in 32 hexadecimal digits, as [`Dialect::row_id`] has it.
pub(crate) fn order_id(number: u64) -> String {
    format!("{:012x}700{ORDERS:x}8000{number:012x}", FIRST_MS.saturating_add(number))
}

/// The number of the order of an id.
pub(crate) fn order_number(id: &str) -> Option<u64> {
    u64::from_str_radix(id.get(20..)?, 16).ok().filter(|number| order_id(*number) == id)
}

/// What the two databases say differently.
struct Dialect {
    /// A number in twelve hexadecimal digits.
    hex: fn(&str) -> String,
    /// The same in eight digits.
    short_hex: fn(&str) -> String,
    /// An id of 32 hexadecimal digits.
    id: fn(&str) -> String,
    /// Bytes of so many hexadecimal digits.
    bytes: fn(&str) -> String,
    /// The time that is so many seconds after 1970.
    time_of: fn(&str) -> String,
    /// The whole numbers from 1 to a count, as a table with the column `i`.
    numbers: fn(u64) -> String,
    time: &'static str,
    never: &'static str,
    no: &'static str,
}

const SQLITE: Dialect = Dialect {
    hex: |number| format!("printf('%012x', {number})"),
    short_hex: |number| format!("printf('%08x', {number})"),
    id: |digits| format!("unhex({digits})"),
    bytes: |digits| format!("unhex({digits})"),
    time_of: |seconds| format!("strftime('%Y-%m-%dT%H:%M:%S.000000+00:00', {seconds}, 'unixepoch')"),
    numbers: |count| {
        format!("(with recursive n(i) as (select 1 union all select i + 1 from n where i < {count}) select i from n)")
    },
    time: "'2026-01-01T00:00:00.000000+00:00'",
    never: "'2100-01-01T00:00:00.000000+00:00'",
    no: "0",
};

const POSTGRES: Dialect = Dialect {
    hex: |number| format!("lpad(to_hex({number}), 12, '0')"),
    short_hex: |number| format!("lpad(to_hex({number}), 8, '0')"),
    id: |digits| format!("({digits})::uuid"),
    bytes: |digits| format!("decode({digits}, 'hex')"),
    time_of: |seconds| format!("to_timestamp({seconds})"),
    numbers: |count| format!("generate_series(1::bigint, {count}::bigint) as n(i)"),
    time: "timestamptz '2026-01-01T00:00:00Z'",
    never: "timestamptz '2100-01-01T00:00:00Z'",
    no: "false",
};

impl Dialect {
    /// The id of the row of a table's number and of `i`: a version 7 UUID, whose time grows with `i`.
    fn row_id(&self, table: u8, i: &str) -> String {
        (self.id)(&self.row_digits(table, i))
    }

    /// Its digits.
    fn row_digits(&self, table: u8, i: &str) -> String {
        let (time, number) = ((self.hex)(&format!("{FIRST_MS} + {i}")), (self.hex)(i));
        format!("{time} || '700{table:x}8000' || {number}")
    }

    /// Statements that make a library of `titles`, each with the poster of this hash, in ten categories.
    fn library(&self, titles: u64, poster_hash: &str) -> String {
        let Self { time, no, .. } = self;
        let (numbers, categories) = ((self.numbers)(titles), (self.numbers)(10));
        let (category, title, episode) = (self.row_id(0, "i"), self.row_id(1, "i"), self.row_id(2, "i"));
        let its_category = self.row_id(0, "(i % 10 + 1)");
        let word =
            "case i % 5 when 0 then 'Senja' when 1 then 'Hujan' when 2 then 'Bulan' when 3 then 'Laut' else 'Kota' end";
        let synopsis = "Seorang penjual kopi menemukan surat lama di laci warungnya, dan sejak hari itu setiap pembeli \
                        datang dengan sepotong cerita. Perlahan ia mengerti siapa yang menulisnya, mengapa surat itu tidak \
                        pernah dikirim, dan apa yang masih dapat diperbaiki sebelum hujan pertama turun.";
        format!(
            "insert into category (id, area, code, name, emoji, create_time, update_time) \
             select {category}, 'LIBRARY', 'rak-' || i, 'Rak ' || i, '', {time}, {time} from {categories};\n\
             insert into title (id, code, name, synopsis, category_id, poster_hash, release_year, hidden, episode_count, \
             free_episode_count, create_time, update_time) \
             select {title}, 'film-' || i, 'Kisah ' || {word} || ' ' || i, '{synopsis}', {its_category}, '{poster_hash}', \
             1990 + i % 36, {no}, 1, 0, {time}, {time} from {numbers};\n\
             insert into episode (id, title_id, number, name, access, duration_seconds, hidden, video_kind, video_file_id, \
             video_bot_id, create_time, update_time) \
             select {episode}, {title}, 1, '', 'VIP', 5400, {no}, 'FILE', 'BAACAgUAAxkDAAI' || i, {BOT_ID}, {time}, {time} \
             from {numbers};\n\
             insert into search_document (area, ref_id, words) \
             select 'title', {title}, lower('Kisah ' || {word} || ' ' || i) || ' #title' from {numbers};\n"
        )
    }

    /// A statement that makes members of all users.
    fn memberships(&self) -> String {
        let Self { time, never, .. } = self;
        format!(
            "insert into membership (user_id, expire_time, update_time) select id, {never}, {time} from users where true \
             on conflict (user_id) do nothing;\n"
        )
    }

    /// Statements that make products, and unpaid orders of them, each with an open payment. Their stock is counted here,
    /// more than enough; the lines themselves are encrypted, and come through the API.
    fn shop(&self, prepared: Prepared) -> String {
        let Self { time, never, no, .. } = self;
        let (products, orders) = ((self.numbers)(HOT), (self.numbers)(prepared.count()));
        let row = |table| self.row_id(table, "i");
        let (product, order, line, payment) = (row(3), row(ORDERS), row(5), row(6));
        let (spread, hot) = (prepared.spread, prepared.spread.saturating_add(prepared.hot));
        let number = format!("(case when i > {spread} and i <= {hot} then {HOT} else i % {PRODUCTS} + 1 end)");
        let its_product = self.row_id(3, &number);
        let code = format!("'tg' || u.telegram_id || '-' || {}", (self.short_hex)("i"));
        let buyers = format!("join users u on u.telegram_id = 1000001 + i % {}", prepared.users);
        let total = PRICE + 415;
        format!(
            "insert into product (id, code, name, description, kind, currency, price_minor, membership_days, archived, \
             create_time, update_time) select {product}, 'produk-' || i, 'Akun ' || i, '', 'STOCK', 'IDR', {PRICE}, 0, {no}, \
             {time}, {time} from {products};\n\
             insert into product_stock (product_id, available, reserved, sold) \
             select {product}, 100000000, 100000000, 0 from {products};\n\
             insert into orders (id, code, buyer_id, state, currency, subtotal_minor, discount_minor, due_minor, paid_minor, \
             refunded_minor, rule_version, expire_time, version, create_time) select {order}, {code}, u.id, 'PENDING', 'IDR', \
             {PRICE}, 0, {PRICE}, 0, 0, 'price-1', {never}, 1, {time} from {orders} {buyers};\n\
             insert into order_line (id, order_id, number, product_id, product_name, kind, quantity, unit_price_minor, \
             gross_minor, discount_minor, net_minor, refunded_minor, membership_days) select {line}, {order}, 1, {its_product}, 'Akun', \
             'STOCK', 1, {PRICE}, {PRICE}, 0, {PRICE}, 0, 0 from {orders};\n\
             insert into payment (id, order_id, number, reference, gateway, method, state, currency, amount_minor, fee_minor, \
             total_minor, payload, expire_time, create_time) select {payment}, {order}, 1, {code} || '-1', 'PAKASIR', \
             'QRIS', 'OPEN', 'IDR', {PRICE}, 415, {total}, 'QR', {never}, {time} from {orders} {buyers};\n"
        )
    }

    /// Statements that make orders that were paid and completed, one after another, with all that is left of one: its line
    /// and goods, its payment, its journals, and what was sent of it.
    fn history(&self, history: u64, prepared: Prepared) -> String {
        let Self { no, .. } = self;
        let before = prepared.count();
        let numbers = format!("(select i + {before} as i from {}) as past", (self.numbers)(history));
        let row = |table| self.row_id(table, "i");
        let (order, line, payment, stock) = (row(ORDERS), row(5), row(6), row(7));
        let (paid, settled, goods, notice) = (row(8), row(9), row(14), row(15));
        let product = self.row_id(3, &format!("(i % {PRODUCTS} + 1)"));
        let code = format!("'tg' || u.telegram_id || '-' || {}", (self.short_hex)("i"));
        let buyers = format!("join users u on u.telegram_id = 1000001 + i % {}", prepared.users);
        // The last one half a minute before the year begins, the others as far apart.
        let last = before.saturating_add(history);
        let time = (self.time_of)(&format!("(1767225600 - 30 * ({last} - i + 1))"));
        let total = PRICE + 415;
        let bytes = (self.bytes)(&self.row_digits(7, "i"));
        let order_account = format!("'order:' || {}", self.row_digits(ORDERS, "i"));
        let sql = [format!(
            "insert into orders (id, code, buyer_id, state, currency, subtotal_minor, discount_minor, due_minor, paid_minor, \
             refunded_minor, rule_version, expire_time, paid_time, end_time, version, create_time) select {order}, {code}, \
             u.id, 'COMPLETED', 'IDR', {PRICE}, 0, {PRICE}, {PRICE}, 0, 'price-1', {time}, {time}, {time}, 3, {time} \
             from {numbers} {buyers};\n\
             insert into order_line (id, order_id, number, product_id, product_name, kind, quantity, unit_price_minor, \
             gross_minor, discount_minor, net_minor, refunded_minor, membership_days) select {line}, {order}, 1, {product}, \
             'Akun', 'STOCK', 1, {PRICE}, {PRICE}, 0, {PRICE}, 0, 0 \
             from {numbers};\n\
             insert into stock_line (id, product_id, cipher, fingerprint, state, order_line_id, create_time, sold_time) \
             select {stock}, {product}, {bytes}, {bytes}, 'SOLD', {line}, {time}, {time} from {numbers};\n\
             insert into payment (id, order_id, number, reference, gateway, method, state, currency, amount_minor, fee_minor, \
             total_minor, received_minor, payload, expire_time, paid_time, create_time) select {payment}, {order}, 1, \
             {code} || '-1', 'PAKASIR', 'QRIS', 'PAID', 'IDR', {PRICE}, 415, {total}, {PRICE}, 'QR', {time}, {time}, \
             {time} from {numbers} {buyers};\n\
             insert into journal (id, kind, ref_id, order_id, create_time) \
             select {paid}, 'PAYMENT', {payment}, {order}, {time} from {numbers};\n\
             insert into journal (id, kind, ref_id, order_id, create_time) \
             select {settled}, 'SETTLEMENT', {order}, {order}, {time} from {numbers};\n"
        )];
        let entries = [
            (10, &paid, "'gateway:PAKASIR'", PRICE),
            (11, &paid, order_account.as_str(), -PRICE),
            (12, &settled, order_account.as_str(), PRICE),
            (13, &settled, "'revenue'", -PRICE),
        ];
        let entries = entries.into_iter().map(|(table, journal, account, amount)| {
            let entry = row(table);
            format!(
                "insert into ledger_entry (id, journal_id, account, currency, amount_minor) \
                 select {entry}, {journal}, {account}, 'IDR', {amount} from {numbers};\n"
            )
        });
        let deliveries = [(goods, "GOODS"), (notice, "NOTICE")].map(|(delivery, purpose)| {
            format!(
                "insert into delivery (id, bot, chat_id, lane, operation, purpose, purpose_id, state, attempts, due_time, \
                 may_be_repeated, message_id, create_time, release_time, done_time) select {delivery}, 'MAIN', \
                 u.telegram_id, 2, '{{\"order\":' || i || '}}', '{purpose}', {order}, 'SENT', 1, {time}, {no}, i, {time}, \
                 {time}, {time} from {numbers} {buyers};\n"
            )
        });
        sql.into_iter().chain(entries).chain(deliveries).collect()
    }
}

/// What a database is filled with, besides a membership for each of its users.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Content<'a> {
    pub(crate) titles: u64,
    /// The hash of the poster that they all have.
    pub(crate) poster_hash: &'a str,
    pub(crate) prepared: Option<Prepared>,
    /// How many orders were completed before; it needs `prepared`.
    pub(crate) history: u64,
}

impl Dialect {
    fn rows(&self, content: Content<'_>) -> String {
        let mut rows = self.library(content.titles, content.poster_hash) + &self.memberships();
        if let Some(prepared) = content.prepared {
            rows += &self.shop(prepared);
            if content.history > 0 {
                rows += &self.history(content.history, prepared);
            }
        }
        rows
    }
}

/// All of it for SQLite.
pub(crate) fn sqlite(content: Content<'_>) -> String {
    let rows = SQLITE.rows(content);
    // The file is ours alone now. The server that opens it next syncs every commit again.
    format!(
        "pragma synchronous = off;\npragma cache_size = -200000;\nbegin;\n{rows}commit;\n\
         pragma wal_checkpoint(truncate);\n"
    )
}

/// All of it for PostgreSQL.
pub(crate) fn postgres(content: Content<'_>) -> String {
    POSTGRES.rows(content) + "vacuum (analyze);\ncheckpoint;\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::goods_rows::GoodsRows;
    use std::path::Path;

    const CONTENT: Content<'_> = Content {
        titles: 20,
        poster_hash: "00",
        prepared: Some(Prepared { spread: 30, hot: 10, users: 3 }),
        history: 50,
    };
    /// What there must be afterwards.
    const COUNTS: &str = "select (select count(*) from title), (select count(*) from membership), \
         (select count(*) from orders where state = 'PENDING'), (select count(*) from orders where state = 'COMPLETED'), \
         (select count(*) from order_line), (select count(*) from payment), (select count(*) from delivery), \
         (select sum(amount_minor) from ledger_entry), (select count(*) from stock_line)";

    fn schema(name: &str) -> String {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/schema");
        std::fs::read_to_string(folder.join(name)).unwrap()
    }

    /// The poster, and users as many as the orders are of.
    fn users(dialect: &Dialect) -> String {
        let (id, numbers, time, no) = (dialect.row_id(15, "i"), (dialect.numbers)(3), dialect.time, dialect.no);
        format!(
            "insert into media (hash, content_type, size_bytes, width, height, create_time) \
             select '00', 'image/png', 1, 1, 1, {time};\n\
             insert into users (id, telegram_id, first_name, last_name, username, language_code, language_chosen, \
             contact_state, create_time, update_time) select {id}, 1000000 + i, 'Tamu', '', '', 'id', {no}, 'OPEN', {time}, \
             {time} from {numbers};\n"
        )
    }

    /// The counts as they must be.
    fn expected() -> Vec<i64> {
        let open = i64::try_from(CONTENT.prepared.unwrap().count()).unwrap();
        vec![20, 3, open, 50, open + 50, open + 50, 100, 0, 50]
    }

    /// Of the orders whose goods are looked for, those of the history have theirs.
    async fn sees_goods(mut rows: GoodsRows) {
        let open = CONTENT.prepared.unwrap().count();
        let mut found = rows.among(&[1, open, open + 1, open + 50]).await.unwrap();
        found.sort_unstable();
        assert_eq!(found, [open + 1, open + 50]);
        assert!(rows.among(&[2]).await.unwrap().is_empty(), "the same session answers again");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_rows_fit_the_schema_of_sqlite_and_goods_are_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.db");
        let connection = rusqlite::Connection::open(&path).unwrap();
        // SQLite makes tables of its own.
        let schema = schema("sqlite.sql");
        let ours = schema.split("\n\n").filter(|statement| !statement.starts_with("CREATE TABLE sqlite_"));
        connection.execute_batch(&ours.collect::<Vec<_>>().join("\n")).unwrap();
        connection.execute_batch("pragma foreign_keys = on").unwrap();
        connection.execute_batch(&users(&SQLITE)).unwrap();
        connection.execute_batch(&sqlite(CONTENT)).unwrap();
        let counts = connection.query_row(COUNTS, [], |row| (0..9).map(|place| row.get(place)).collect());
        assert_eq!(counts, Ok(expected()));
        let id = "select lower(hex(id)) from orders where code = 'tg1000002-00000001'";
        let id: String = connection.query_row(id, [], |row| row.get(0)).unwrap();
        assert_eq!((id.as_str(), order_number(&id)), (order_id(1).as_str(), Some(1)));
        sees_goods(GoodsRows::sqlite(&path).unwrap()).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_rows_fit_the_schema_of_postgres_and_goods_are_seen() {
        let folder = tempfile::Builder::new().prefix("warung-bench-").tempdir_in("/var/tmp").unwrap();
        std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let cluster = folder.path().join("cluster");
        std::fs::create_dir(&cluster).unwrap();
        let cluster = crate::postgres::Cluster::start(&cluster, false).await.unwrap();
        cluster.psql("postgres", "create database shop").await.unwrap();
        // Its tables stand in the order of their names: those that a foreign key points at may come later.
        let schema = schema("postgres.sql");
        let lines: Vec<_> = schema.lines().filter(|line| !line.contains("FOREIGN KEY")).collect();
        let schema = lines.join("\n").replace(",\n)", "\n)");
        let rows = schema + "\n" + &users(&POSTGRES) + &postgres(CONTENT);
        cluster.psql("shop", &rows).await.unwrap();
        let counts = cluster.psql("shop", COUNTS).await.unwrap();
        let counts: Vec<i64> = counts.trim().split('|').map(|count| count.parse().unwrap()).collect();
        assert_eq!(counts, expected());
        sees_goods(GoodsRows::Postgres(Box::new(cluster.session("shop").await.unwrap()))).await;
    }
}
