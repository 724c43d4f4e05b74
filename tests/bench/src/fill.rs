//! A library of any size, and a membership for everybody, written straight into the database.
//!
//! One statement a table, in which the database itself counts to the number of titles: a million titles through the API
//! would take longer than all the rest. The rows are those that the API would write: ids that grow with time, an episode
//! a title, and the words that it is found by.

use crate::{
    server::BOT_ID,
    shop::{HOT, PRICE, PRODUCTS, Prepared},
};

/// What the two databases say differently.
struct Dialect {
    /// A number in twelve hexadecimal digits.
    hex: fn(&str) -> String,
    /// The same in eight digits.
    short_hex: fn(&str) -> String,
    /// An id of 32 hexadecimal digits.
    id: fn(&str) -> String,
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
    numbers: |count| format!("generate_series(1::bigint, {count}::bigint) as n(i)"),
    time: "timestamptz '2026-01-01T00:00:00Z'",
    never: "timestamptz '2100-01-01T00:00:00Z'",
    no: "false",
};

impl Dialect {
    /// The id of the row of a table's number and of `i`: a version 7 UUID, whose time grows with `i`.
    fn row_id(&self, table: u8, i: &str) -> String {
        let (time, number) = ((self.hex)(&format!("1700000000000 + {i}")), (self.hex)(i));
        (self.id)(&format!("{time} || '700{table}8000' || {number}"))
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
            "insert into category (id, code, name, emoji, create_time, update_time) \
             select {category}, 'rak-' || i, 'Rak ' || i, '', {time}, {time} from {categories};\n\
             insert into title (id, code, name, synopsis, category_id, poster_hash, release_year, hidden, episode_count, \
             free_episode_count, create_time, update_time) \
             select {title}, 'film-' || i, 'Kisah ' || {word} || ' ' || i, '{synopsis}', {its_category}, '{poster_hash}', \
             1990 + i % 36, {no}, 1, 0, {time}, {time} from {numbers};\n\
             insert into episode (id, title_id, number, name, access, duration_seconds, hidden, video_kind, video_file_id, \
             video_bot_id, create_time, update_time) \
             select {episode}, {title}, 1, '', 'VIP', 5400, {no}, 'FILE', 'BAACAgUAAxkDAAI' || i, {BOT_ID}, {time}, {time} \
             from {numbers};\n\
             insert into search_document (area, ref_id, words) \
             select 'title', {title}, lower('Kisah ' || {word} || ' ' || i) from {numbers};\n"
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
        let (product, order, line, payment) = (row(3), row(4), row(5), row(6));
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
             amount_minor, membership_days) select {line}, {order}, 1, {its_product}, 'Akun', 'STOCK', 1, {PRICE}, {PRICE}, 0 \
             from {orders};\n\
             insert into payment (id, order_id, number, reference, gateway, method, state, currency, amount_minor, fee_minor, \
             total_minor, payload, expire_time, checks, create_time) select {payment}, {order}, 1, {code} || '-1', 'PAKASIR', \
             'QRIS', 'OPEN', 'IDR', {PRICE}, 415, {total}, 'QR', {never}, 0, {time} from {orders} {buyers};\n"
        )
    }
}

/// All of it for SQLite.
pub(crate) fn sqlite(titles: u64, poster_hash: &str, prepared: Option<Prepared>) -> String {
    let shop = prepared.map(|prepared| SQLITE.shop(prepared)).unwrap_or_default();
    let rows = SQLITE.library(titles, poster_hash) + &SQLITE.memberships() + &shop;
    // The file is ours alone now. The server that opens it next syncs every commit again.
    format!("pragma synchronous = off;\nbegin;\n{rows}commit;\npragma wal_checkpoint(truncate);\n")
}

/// All of it for PostgreSQL.
pub(crate) fn postgres(titles: u64, poster_hash: &str, prepared: Option<Prepared>) -> String {
    let shop = prepared.map(|prepared| POSTGRES.shop(prepared)).unwrap_or_default();
    POSTGRES.library(titles, poster_hash) + &POSTGRES.memberships() + &shop + "vacuum (analyze);\ncheckpoint;\n"
}
