//! Every entity has the columns of its table, and every table has its entity.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{
    ColumnTrait as _, ColumnType, ConnectionTrait as _, EntityTrait, IdenStatic as _, Iterable as _,
    PrimaryKeyToColumn as _, Statement,
};

use super::*;
use crate::{
    error::{Error, Result},
    testing::{Kind, TestDatabase},
    tx::Read,
    work::ReadWork,
};

/// A column: its type in words of ours, whether it may be NULL, and whether it is part of the key.
type Columns = BTreeMap<String, (String, bool, bool)>;

fn columns<E: EntityTrait>() -> (String, Columns) {
    let keys: BTreeSet<_> = E::PrimaryKey::iter().map(|key| key.into_column().as_str().to_owned()).collect();
    let columns = E::Column::iter().map(|column| {
        let name = column.as_str().to_owned();
        let definition = column.def();
        let kind = match definition.get_column_type() {
            ColumnType::BigInteger => "integer",
            ColumnType::Boolean => "boolean",
            ColumnType::String(_) | ColumnType::Text => "text",
            ColumnType::TimestampWithTimeZone => "time",
            ColumnType::Uuid => "uuid",
            ColumnType::VarBinary(_) | ColumnType::Binary(_) | ColumnType::Blob => "bytes",
            other => panic!("{name}: {other:?}"),
        };
        let key = keys.contains(&name);
        (name, (kind.to_owned(), definition.is_null(), key))
    });
    (E::default().table_name().to_owned(), columns.collect())
}

fn entities() -> BTreeMap<String, Columns> {
    BTreeMap::from([
        columns::<activity::Entity>(),
        columns::<alert::Entity>(),
        columns::<api_key::Entity>(),
        columns::<audit_entry::Entity>(),
        columns::<book_checkpoint::Entity>(),
        columns::<bot_pace::Entity>(),
        columns::<call_budget::Entity>(),
        columns::<category::Entity>(),
        columns::<question::Entity>(),
        columns::<delivery::Entity>(),
        columns::<episode::Entity>(),
        columns::<idempotency::Entity>(),
        columns::<job_run::Entity>(),
        columns::<journal::Entity>(),
        columns::<lease::Entity>(),
        columns::<ledger_entry::Entity>(),
        columns::<media::Entity>(),
        columns::<media_file::Entity>(),
        columns::<membership::Entity>(),
        columns::<order_line::Entity>(),
        columns::<orders::Entity>(),
        columns::<payment::Entity>(),
        columns::<pending_action::Entity>(),
        columns::<product::Entity>(),
        columns::<product_stock::Entity>(),
        columns::<refund::Entity>(),
        columns::<refund_line::Entity>(),
        columns::<reveal::Entity>(),
        columns::<search_document::Entity>(),
        columns::<secret_check::Entity>(),
        columns::<setting::Entity>(),
        columns::<standing::Entity>(),
        columns::<standing_version::Entity>(),
        columns::<stock_line::Entity>(),
        columns::<title::Entity>(),
        columns::<title_request::Entity>(),
        columns::<users::Entity>(),
        columns::<wallet::Entity>(),
    ])
}

fn kind_of(declared: &str) -> String {
    match declared.to_lowercase().as_str() {
        "bigint" => "integer",
        "timestamp with time zone" | "timestamp_with_timezone_text" => "time",
        "uuid_text" => "uuid",
        "bytea" | "blob" => "bytes",
        other => return other.to_owned(),
    }
    .to_owned()
}

/// What PostgreSQL itself says of its tables.
struct Tables;

impl ReadWork for Tables {
    type Output = BTreeMap<String, Columns>;
    type Error = Error;

    async fn run(&self, read: &Read) -> Result<Self::Output> {
        let sql = "select c.relname::text as relation, a.attname::text as name, format_type(a.atttypid, null) as type, \
                   not a.attnotnull as nullable, coalesce((select a.attnum = any(i.indkey) from pg_index i \
                   where i.indrelid = c.oid and i.indisprimary), false) as key \
                   from pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public' \
                   join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and a.attgenerated = '' where c.relkind = 'r'";
        let mut tables = Self::Output::new();
        for row in read.query_all_raw(Statement::from_string(read.get_database_backend(), sql)).await? {
            let (relation, name): (String, String) = (row.try_get("", "relation")?, row.try_get("", "name")?);
            let kind = kind_of(&row.try_get::<String>("", "type")?);
            let column = (kind, row.try_get("", "nullable")?, row.try_get("", "key")?);
            tables.entry(relation).or_default().insert(name, column);
        }
        Ok(tables)
    }
}

/// What SQLite itself says of its tables, but for those of the full-text index.
fn sqlite_tables(path: &str) -> BTreeMap<String, Columns> {
    let file = rusqlite::Connection::open(path).unwrap();
    let sql = "select m.name, c.name, c.type, c.\"notnull\" = 0, c.pk > 0 from sqlite_master m \
               join pragma_table_info(m.name) c where m.type = 'table' and m.name not glob 'search_words*' \
               and m.name not glob 'sqlite_*'";
    let mut statement = file.prepare(sql).unwrap();
    let mut rows = statement.query([]).unwrap();
    let mut tables = BTreeMap::<String, Columns>::new();
    while let Some(row) = rows.next().unwrap() {
        let (relation, name): (String, String) = (row.get(0).unwrap(), row.get(1).unwrap());
        let kind = kind_of(&row.get::<_, String>(2).unwrap());
        tables.entry(relation).or_default().insert(name, (kind, row.get(3).unwrap(), row.get(4).unwrap()));
    }
    tables
}

#[tokio::test]
async fn every_entity_is_as_its_table_and_every_table_has_one() {
    for kind in Kind::ALL {
        let database = TestDatabase::new(kind).await;
        let store = database.open().await;
        let mut tables = match database.config.url.strip_prefix("sqlite://") {
            Some(path) => sqlite_tables(path),
            None => store.read(Tables).await.unwrap(),
        };
        // The migrator's own.
        tables.remove("seaql_migrations").unwrap();
        let entities = entities();
        assert_eq!(entities.keys().collect::<Vec<_>>(), tables.keys().collect::<Vec<_>>(), "{kind:?}");
        for (name, columns) in entities {
            assert_eq!(columns, tables[&name], "{kind:?}: {name}");
        }
    }
}
