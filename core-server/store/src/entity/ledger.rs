//! Rows of the books.

/// Something that was booked.
pub(crate) mod journal {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "journal")]
    #[expect(missing_docs, reason = "columns are described by the migration and by the API")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub kind: String,
        pub ref_id: Uuid,
        pub order_id: Option<Uuid>,
        pub create_time: DateTimeUtc,
    }

    /// Joins are written where they are needed.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A line of a journal.
pub(crate) mod ledger_entry {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "ledger_entry")]
    #[expect(missing_docs, reason = "columns are described by the migration and by the API")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub journal_id: Uuid,
        pub account: String,
        pub currency: String,
        pub amount_minor: i64,
        pub balance_after_minor: Option<i64>,
    }

    /// Joins are written where they are needed.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A user's balance.
pub(crate) mod wallet {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "wallet")]
    #[expect(missing_docs, reason = "columns are described by the migration and by the API")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub user_id: Uuid,
        pub balance_minor: i64,
        pub receivable_minor: i64,
        pub update_time: DateTimeUtc,
    }

    /// Joins are written where they are needed.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// How far the books have been proven.
pub(crate) mod book_checkpoint {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "book_checkpoint")]
    #[expect(missing_docs, reason = "columns are described by the migration and by the API")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub until: Uuid,
        pub sealed: String,
        pub create_time: DateTimeUtc,
    }

    /// Joins are written where they are needed.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
