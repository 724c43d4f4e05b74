//! Rows of the library tables.

/// A shelf.
pub(crate) mod category {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "category")]
    #[expect(missing_docs, reason = "columns are described by the migration and by the API")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub code: String,
        pub name: String,
        pub emoji: String,
        pub create_time: DateTimeUtc,
        pub update_time: DateTimeUtc,
    }

    /// Joins are written where they are needed.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A film or series.
pub(crate) mod title {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "title")]
    #[expect(missing_docs, reason = "columns are described by the migration and by the API")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub code: String,
        pub name: String,
        pub synopsis: String,
        pub category_id: Option<Uuid>,
        pub poster_hash: Option<String>,
        pub release_year: i64,
        pub hidden: bool,
        pub episode_count: i64,
        pub free_episode_count: i64,
        pub create_time: DateTimeUtc,
        pub update_time: DateTimeUtc,
    }

    /// Joins are written where they are needed.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A part of a title.
pub(crate) mod episode {
    use sea_orm::entity::prelude::*;
    use warung_domain::library::EpisodeAccess;

    use crate::by_name::ByName;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "episode")]
    #[expect(missing_docs, reason = "columns are described by the migration and by the API")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub title_id: Uuid,
        pub number: i64,
        pub name: String,
        pub access: ByName<EpisodeAccess>,
        pub duration_seconds: i64,
        pub hidden: bool,
        pub video_kind: Option<String>,
        pub video_file_id: Option<String>,
        pub video_bot_id: Option<i64>,
        pub video_chat_id: Option<i64>,
        pub video_message_id: Option<i64>,
        pub video_url: Option<String>,
        pub create_time: DateTimeUtc,
        pub update_time: DateTimeUtc,
    }

    /// Joins are written where they are needed.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A VIP membership.
pub(crate) mod membership {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "membership")]
    #[expect(missing_docs, reason = "columns are described by the migration and by the API")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub user_id: Uuid,
        pub expire_time: DateTimeUtc,
        pub update_time: DateTimeUtc,
    }

    /// Joins are written where they are needed.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A request for an episode.
pub(crate) mod title_request {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "title_request")]
    #[expect(missing_docs, reason = "columns are described by the migration and by the API")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub user_id: Uuid,
        pub episode_id: Uuid,
        pub state: String,
        pub pending_action_id: Option<Uuid>,
        pub create_time: DateTimeUtc,
        pub update_time: DateTimeUtc,
    }

    /// Joins are written where they are needed.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What waits for a first Start.
pub(crate) mod pending_action {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "pending_action")]
    #[expect(missing_docs, reason = "columns are described by the migration and by the API")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub user_id: Uuid,
        pub title_request_id: Uuid,
        pub token_hash: Vec<u8>,
        pub expire_time: DateTimeUtc,
        pub redeem_time: Option<DateTimeUtc>,
        pub create_time: DateTimeUtc,
    }

    /// Joins are written where they are needed.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The words by which something is found.
pub(crate) mod search_document {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "search_document")]
    pub(crate) struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub area: String,
        pub ref_id: Uuid,
        pub words: String,
    }

    /// Joins are written where they are needed.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
