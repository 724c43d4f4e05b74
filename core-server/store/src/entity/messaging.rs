//! Rows of the messaging tables.

/// Something to do at a messenger.
pub(crate) mod delivery {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "delivery")]
    #[expect(missing_docs, reason = "columns are described by the migration and by the API")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub bot: String,
        pub chat_id: i64,
        pub lane: i64,
        pub operation: String,
        pub purpose: String,
        pub purpose_id: Option<Uuid>,
        pub state: String,
        pub attempts: i64,
        pub due_time: DateTimeUtc,
        pub worker: Option<String>,
        pub may_be_repeated: bool,
        pub message_id: Option<i64>,
        pub error: Option<String>,
        pub create_time: DateTimeUtc,
        pub release_time: DateTimeUtc,
        pub done_time: Option<DateTimeUtc>,
    }

    /// Joins are written where they are needed.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// How fast a bot may go.
pub(crate) mod bot_pace {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "bot_pace")]
    #[expect(missing_docs, reason = "columns are described by the migration and by the API")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub bot: String,
        pub tokens_milli: i64,
        pub refill_time: DateTimeUtc,
        pub blocked_until: DateTimeUtc,
        pub pause_ms: i64,
        pub refused_chat_id: i64,
    }

    /// Joins are written where they are needed.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The messenger's id of a picture, for one bot.
pub(crate) mod media_file {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "media_file")]
    #[expect(missing_docs, reason = "columns are described by the migration and by the API")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub hash: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub bot_id: i64,
        pub file_id: String,
    }

    /// Joins are written where they are needed.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
