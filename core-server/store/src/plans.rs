//! The queries that run all day go by their indexes, on both databases.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait as _, DbBackend, QueryTrait as _, Statement};
use uuid::Uuid;
use warung_domain::{catalog::ProductKind, category::CategoryArea};

use crate::{
    catalog::{self, ProductFilter},
    category,
    delivery::{self, ClaimFilter},
    error::{Error, Result},
    library::{self, TitleFilter},
    search,
    testing::{Kind, TestDatabase},
    tx::{Read, Tx},
    work::{ReadWork, Work},
};

fn now() -> DateTime<Utc> {
    "2026-11-21T09:00:00Z".parse().unwrap()
}

/// Twenty thousand titles, and as many products, half of them hidden, and deliveries, of which few are open.
struct Fill;

impl Work for Fill {
    type Output = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let sqlite = tx.get_database_backend() == DbBackend::Sqlite;
        let (numbers, id, time, no) = if sqlite {
            (
                "(with recursive c(n) as (select 1 union all select n + 1 from c where n < 20000) select n from c)",
                "unhex(printf('%032x', n))",
                "strftime('%Y-%m-%dT%H:%M:%S.000000+00:00', '2026-11-21 09:00:00', (n - 20000) || ' seconds')",
                "0",
            )
        } else {
            (
                "(select generate_series(1, 20000) as n) as numbers",
                "lpad(to_hex(n), 32, '0')::uuid",
                "timestamptz '2026-11-21 09:00:00Z' + (n - 20000) * interval '1 second'",
                "false",
            )
        };
        let hidden = "n % 2 = 0";
        for statement in [
            format!(
                "insert into title (id, code, name, synopsis, category_id, poster_hash, release_year, hidden, \
                 episode_count, free_episode_count, create_time, update_time) \
                 select {id}, 't' || n, 'Title', '', null, null, 2026, {hidden}, 1, 0, {time}, {time} from {numbers}"
            ),
            format!(
                "insert into search_document (area, ref_id, words) \
                 select 'title', {id}, 'word' || n || ' #title' from {numbers}"
            ),
            format!(
                "insert into product (id, code, name, description, category_id, kind, currency, price_minor, \
                 picture_hash, membership_days, shared_cipher, archived, create_time, update_time) \
                 select {id}, 'p' || n, 'Product', '', null, case when n % 1000 = 1 then 'MEMBERSHIP' else 'STOCK' end, \
                 'IDR', n, null, 0, null, {hidden}, {time}, {time} from {numbers}"
            ),
            format!(
                "insert into product_stock (product_id, available, reserved, sold) select {id}, 1, 0, 0 from {numbers}"
            ),
            format!(
                "insert into search_document (area, ref_id, words) \
                 select 'product', {id}, 'word' || n || ' #product' from {numbers}"
            ),
            "insert into category (id, area, code, name, emoji, create_time, update_time) \
             select id, case when code < 't2' then 'CATALOG' else 'LIBRARY' end, code, name, '', create_time, \
             update_time from title order by id limit 600"
                .to_owned(),
            format!(
                "insert into delivery (id, bot, chat_id, lane, operation, purpose, purpose_id, state, attempts, \
                 due_time, worker, may_be_repeated, message_id, error, create_time, release_time, done_time) \
                 select {id}, 'MAIN', n % 700, n % 3 + 1, '{{}}', 'TITLE_REQUEST', null, 'SENT', 1, {time}, null, {no}, \
                 null, null, {time}, {time}, case when n % 100 = 0 then null else {time} end from {numbers}"
            ),
        ] {
            tx.execute_unprepared(&statement).await?;
        }
        if !sqlite {
            tx.execute_unprepared("analyze").await?;
        }
        Ok(())
    }
}

type Query = fn(&Read) -> Statement;

/// The index of words, on SQLite.
const WORDS: &str = "SCAN search_words VIRTUAL TABLE INDEX";

/// The text of a query, its values written out.
struct Text(Query);

impl ReadWork for Text {
    type Output = String;
    type Error = Error;

    async fn run(&self, read: &Read) -> Result<String> {
        Ok((self.0)(read).to_string())
    }
}

struct Explain(String);

impl ReadWork for Explain {
    type Output = String;
    type Error = Error;

    async fn run(&self, read: &Read) -> Result<String> {
        let explain = Statement::from_string(read.get_database_backend(), format!("explain {}", self.0));
        let rows = read.query_all_raw(explain).await?;
        let lines = rows.iter().map(|row| row.try_get::<String>("", "QUERY PLAN"));
        Ok(lines.collect::<Result<Vec<_>, _>>()?.join("\n"))
    }
}

fn sqlite_plan(path: &str, sql: &str) -> String {
    let file = rusqlite::Connection::open(path).unwrap();
    let mut statement = file.prepare(&format!("explain query plan {sql}")).unwrap();
    // Whatever the values are.
    let rows = statement.raw_query().mapped(|row| row.get::<_, String>("detail"));
    rows.map(Result::unwrap).collect::<Vec<_>>().join("\n")
}

fn titles(read: &Read, filter: &TitleFilter) -> Statement {
    library::shown(&TitleFilter { limit: 20, ..filter.clone() }).build(read.get_database_backend())
}

fn products(read: &Read, filter: &ProductFilter) -> Statement {
    catalog::products(&ProductFilter { limit: 20, ..filter.clone() }).build(read.get_database_backend())
}

/// The beginning of a word, which all documents have, or what one of them has.
fn wanted(word: &str) -> Vec<Vec<Vec<(String, bool)>>> {
    let mut terms = search::terms(&[word.to_owned()]);
    terms.push(vec![vec![("#title".to_owned(), false)]]);
    terms
}

/// What the first step of a plan reads: where it begins, and everything else follows.
fn first_step(plan: &str) -> &str {
    let step = |line: &&str| line.contains("Scan") || line.contains("SCAN") || line.contains("SEARCH");
    // PostgreSQL writes what comes first furthest inside, and SQLite at the top.
    let is_postgres = plan.contains("cost=");
    let mut steps = plan.lines().filter(step);
    if is_postgres {
        let deepest = steps.max_by_key(|line| line.len() - line.trim_start().len());
        return deepest.unwrap_or_default();
    }
    steps.next().unwrap_or_default()
}

/// A query's name, the query, and what its plan on either database names.
type Case = (&'static str, Query, &'static [&'static str], &'static [&'static str]);

fn of_deliveries() -> [Case; 4] {
    let claim: Query = |read| {
        let quiet_since = now() - TimeDelta::seconds(1);
        let filter = ClaimFilter { bot: "MAIN", now: now(), chat_quiet_since: quiet_since, limit: 10 };
        delivery::due(&filter).build(read.get_database_backend())
    };
    let next_due: Query = |read| delivery::next_due("MAIN", 1).build(read.get_database_backend());
    let busy: Query =
        |read| read.get_database_backend().build(&delivery::busy("MAIN", vec![1, 2], now() - TimeDelta::seconds(1)));
    let release: Query = |read| delivery::release("MAIN", 1, vec![1, 2], now()).build(read.get_database_backend());
    [
        ("release", release, &["ix_delivery_held"], &["ix_delivery_held"]),
        ("claim", claim, &["ix_delivery_due", "ix_delivery_chat", "ix_delivery_done"], &["ix_delivery_"]),
        ("busy", busy, &["ix_delivery_chat", "ix_delivery_done"], &["ix_delivery_chat", "ix_delivery_done"]),
        ("next due", next_due, &["ix_delivery_due"], &["ix_delivery_due"]),
    ]
}

fn of_words() -> [Case; 5] {
    // On PostgreSQL the newest documents have it.
    let search: Query = |read| {
        let word = if read.get_database_backend() == DbBackend::Postgres { "word7" } else { "wo" };
        search::indexed(read.get_database_backend(), &wanted(word), 9_000, 20)
    };
    let rare: Query = |read| search::indexed(read.get_database_backend(), &wanted("word77"), i64::MAX, 20);
    let newest: Query = |read| match read.get_database_backend() {
        DbBackend::Postgres => search::newest("title", &wanted("wo"), 9_000, 20),
        other => search::indexed(other, &wanted("wo"), 9_000, 20),
    };
    let categories: Query = |read| category::shown(CategoryArea::Library).build(read.get_database_backend());
    let product_categories: Query = |read| category::shown(CategoryArea::Catalog).build(read.get_database_backend());
    [
        ("search", search, &[WORDS], &["ix_search_document_tokens"]),
        ("search for a rare word", rare, &[WORDS], &["ix_search_document_tokens"]),
        ("search among the newest", newest, &[WORDS], &["ix_search_document_newest"]),
        ("categories", categories, &["ix_title_shown_category"], &["ix_title_shown_category"]),
        ("product categories", product_categories, &["ix_product_shown_category"], &["ix_product_shown_category"]),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn claims_lists_and_searches_go_by_their_indexes() {
    let first_page: Query = |read| titles(read, &TitleFilter::default());
    let next_page: Query =
        |read| titles(read, &TitleFilter { after: Some(Uuid::from_u128(9_000)), ..TitleFilter::default() });
    let of_category: Query =
        |read| titles(read, &TitleFilter { category_id: Some(Uuid::from_u128(7)), ..TitleFilter::default() });
    let first_products: Query = |read| products(read, &ProductFilter::default());
    let next_products: Query =
        |read| products(read, &ProductFilter { after: Some(Uuid::from_u128(9_000)), ..ProductFilter::default() });
    let products_of_category: Query =
        |read| products(read, &ProductFilter { category_id: Some(Uuid::from_u128(7)), ..ProductFilter::default() });
    let products_of_kind: Query =
        |read| products(read, &ProductFilter { kind: Some(ProductKind::Membership), ..ProductFilter::default() });
    let plans: Query = |read| catalog::plans(10).build(read.get_database_backend());
    let lists: [Case; 8] = [
        ("first page", first_page, &["ix_title_shown"], &["ix_title_shown"]),
        ("next page", next_page, &["ix_title_shown"], &["ix_title_shown"]),
        ("of a category", of_category, &["ix_title_shown_category"], &["ix_title_shown_category"]),
        ("first products", first_products, &["ix_product_shown"], &["ix_product_shown"]),
        ("next products", next_products, &["ix_product_shown"], &["ix_product_shown"]),
        (
            "products of a category",
            products_of_category,
            &["ix_product_shown_category"],
            &["ix_product_shown_category"],
        ),
        ("products of a kind", products_of_kind, &["ix_product_shown_kind"], &["ix_product_shown_kind"]),
        ("plans", plans, &["ix_product_shown_kind"], &["ix_product_shown_kind"]),
    ];
    for kind in Kind::ALL {
        let database = TestDatabase::new(kind).await;
        let store = database.open().await;
        store.transact(Fill).await.unwrap();
        for (name, query, on_sqlite, on_postgres) in of_deliveries().into_iter().chain(of_words()).chain(lists) {
            let sql = store.read(Text(query)).await.unwrap();
            let (plan, indexes) = match database.config.url.strip_prefix("sqlite://") {
                Some(path) => (sqlite_plan(path, &sql), on_sqlite),
                None => (store.read(Explain(sql.clone())).await.unwrap(), on_postgres),
            };
            for index in indexes {
                assert!(plan.contains(index), "{kind:?}, {name}: not by {index}\n{sql}\n{plan}");
            }
            // What is let go at a Start is found at once, however much the chat has seen.
            let first = plan.lines().find(|line| line.contains("SEARCH") || line.contains("Scan")).unwrap_or_default();
            assert!(name != "release" || first.contains("ix_delivery_held"), "{kind:?}, {name}: {first}\n{plan}");
            if name.starts_with("search") {
                let first = first_step(&plan);
                assert!(first.contains(indexes[0]), "{kind:?}, {name}: begins with {first}\n{sql}\n{plan}");
            }
            for walk in [
                "SCAN title",
                "SCAN product",
                "SCAN delivery",
                "SCAN other",
                "Seq Scan on delivery",
                "Seq Scan on title",
                "Seq Scan on product",
            ] {
                let is_walk = |line: &str| format!("{line} ").contains(&format!("{walk} ")) && !line.contains("USING");
                let walked = plan.lines().any(is_walk);
                assert!(!walked, "{kind:?}, {name}: {walk}\n{sql}\n{plan}");
            }
        }
    }
}
