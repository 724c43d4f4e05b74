//! A library of any size, and a membership for everybody, written straight into the database.
//!
//! One statement a table, in which the database itself counts to the number of titles: a million titles through the API
//! would take longer than all the rest. The rows are those that the API would write: ids that grow with time, an episode
//! a title, and the words that it is found by.

use crate::server::BOT_ID;

/// What the two databases say differently.
struct Dialect {
    /// A number in twelve hexadecimal digits.
    hex: fn(&str) -> String,
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
}

/// All of it for SQLite.
pub(crate) fn sqlite(titles: u64, poster_hash: &str) -> String {
    let rows = SQLITE.library(titles, poster_hash) + &SQLITE.memberships();
    // The file is ours alone now. The server that opens it next syncs every commit again.
    format!("pragma synchronous = off;\nbegin;\n{rows}commit;\npragma wal_checkpoint(truncate);\n")
}

/// All of it for PostgreSQL.
pub(crate) fn postgres(titles: u64, poster_hash: &str) -> String {
    POSTGRES.library(titles, poster_hash) + &POSTGRES.memberships() + "vacuum (analyze);\ncheckpoint;\n"
}
