//! Migrations of Warung's database, for PostgreSQL and SQLite alike.
//!
//! A migration runs while the release before it may still be serving (several replicas): it either adds or takes away,
//! never both, and takes away only what that release no longer uses. Whole numbers are `bigint`, times are
//! `timestamp with time zone` and lists of states have no CHECK, as SQLite can't change one later.

mod m0001_ground;
mod m0002_library;
mod m0003_messaging;
mod m0004_catalog;
mod m0005_order;
mod m0006_ledger;
mod m0007_contact;

use sea_orm_migration::{IntoSchemaManagerConnection, MigrationTrait, MigratorTrait, prelude::*};

/// All migrations, in order.
#[derive(Debug)]
struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_ground::Migration),
            Box::new(m0002_library::Migration),
            Box::new(m0003_messaging::Migration),
            Box::new(m0004_catalog::Migration),
            Box::new(m0005_order::Migration),
            Box::new(m0006_ledger::Migration),
            Box::new(m0007_contact::Migration),
        ]
    }
}

/// Brings the schema up to date. The caller holds a transaction and keeps other processes out.
///
/// # Errors
///
/// When a statement fails; the caller rolls back.
pub async fn up<'c, C>(connection: C) -> Result<(), DbErr>
where
    C: IntoSchemaManagerConnection<'c>,
{
    Migrator::up(connection, None).await
}

/// Whether [`up`] failed as the database has migrations that this release does not know.
#[must_use]
pub fn is_ahead(error: &DbErr) -> bool {
    // The migrator has no kind of its own for it.
    matches!(error, DbErr::Custom(text) if text.contains("this migration has been applied but its file is missing"))
}

/// How many migrations there are: what an up-to-date database has applied.
#[must_use]
pub fn count() -> usize {
    Migrator::migrations().len()
}

async fn create(manager: &SchemaManager<'_>, table: &mut TableCreateStatement) -> Result<(), DbErr> {
    manager.create_table(table.take()).await
}
