//! When a user last opened their chat with the main bot.

use sea_orm_migration::{prelude::*, schema::timestamp_with_time_zone_null};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0007_contact"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // When they last pressed Start: a refusal of what left before says nothing any more.
        let column = timestamp_with_time_zone_null("opened_time");
        manager.alter_table(Table::alter().table("users").add_column(column).take()).await
    }
}
