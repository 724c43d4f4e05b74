//! Rows of orders and of what pays them.

/// An order.
pub(crate) mod orders {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "orders")]
    #[expect(missing_docs, reason = "columns are described by the migration and by the API")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub code: String,
        pub buyer_id: Uuid,
        pub receiver_id: Option<Uuid>,
        pub api_key_id: Option<Uuid>,
        pub state: String,
        pub currency: String,
        pub subtotal_minor: i64,
        pub discount_minor: i64,
        pub due_minor: i64,
        pub paid_minor: i64,
        pub refunded_minor: i64,
        pub rule_version: String,
        pub expire_time: DateTimeUtc,
        pub hold_reason: Option<String>,
        pub paid_time: Option<DateTimeUtc>,
        pub end_time: Option<DateTimeUtc>,
        pub version: i64,
        pub create_time: DateTimeUtc,
    }

    /// Joins are written where they are needed.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A line of an order.
pub(crate) mod order_line {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "order_line")]
    #[expect(missing_docs, reason = "columns are described by the migration and by the API")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub order_id: Uuid,
        pub number: i64,
        pub product_id: Option<Uuid>,
        pub product_name: String,
        pub kind: String,
        pub quantity: i64,
        pub unit_price_minor: i64,
        pub gross_minor: i64,
        pub discount_minor: i64,
        pub net_minor: i64,
        pub refunded_minor: i64,
        pub membership_days: i64,
        pub goods_cipher: Option<Vec<u8>>,
    }

    /// Joins are written where they are needed.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Who was shown the goods of an order line.
pub(crate) mod reveal {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "reveal")]
    #[expect(missing_docs, reason = "columns are described by the migration and by the API")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub order_line_id: Uuid,
        pub actor: String,
        pub delivery_id: Option<Uuid>,
        pub create_time: DateTimeUtc,
    }

    /// Joins are written where they are needed.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// An attempt to pay an order.
pub(crate) mod payment {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "payment")]
    #[expect(missing_docs, reason = "columns are described by the migration and by the API")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub order_id: Uuid,
        pub number: i64,
        pub reference: String,
        pub gateway: String,
        pub method: String,
        pub state: String,
        pub currency: String,
        pub amount_minor: i64,
        pub fee_minor: i64,
        pub total_minor: i64,
        pub received_minor: Option<i64>,
        pub payload: Option<String>,
        pub pay_url: Option<String>,
        pub expire_time: Option<DateTimeUtc>,
        pub paid_time: Option<DateTimeUtc>,
        pub awaits: Option<String>,
        pub reversed_minor: Option<i64>,
        pub review_reason: Option<String>,
        pub create_time: DateTimeUtc,
    }

    /// Joins are written where they are needed.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a gateway is to be asked about.
pub(crate) mod question {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "question")]
    #[expect(missing_docs, reason = "columns are described by the migration and by the API")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub payment_id: Uuid,
        pub gateway: String,
        pub amount_minor: i64,
        pub is_own: bool,
        pub state: String,
        pub due_time: Option<DateTimeUtc>,
        pub lease_time: Option<DateTimeUtc>,
        pub told_time: Option<DateTimeUtc>,
        pub rest_time: Option<DateTimeUtc>,
        pub create_time: DateTimeUtc,
    }

    /// Joins are written where they are needed.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Money that goes back.
pub(crate) mod refund {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "refund")]
    #[expect(missing_docs, reason = "columns are described by the migration and by the API")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub order_id: Uuid,
        pub payment_id: Option<Uuid>,
        pub destination: String,
        pub currency: String,
        pub amount_minor: i64,
        pub state: String,
        pub reason: String,
        pub actor: String,
        pub create_time: DateTimeUtc,
        pub done_time: Option<DateTimeUtc>,
    }

    /// Joins are written where they are needed.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What of a refund goes back of which line of its order.
pub(crate) mod refund_line {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "refund_line")]
    #[expect(missing_docs, reason = "columns are described by the migration and by the API")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub refund_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub order_line_id: Uuid,
        pub amount_minor: i64,
    }

    /// Joins are written where they are needed.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
