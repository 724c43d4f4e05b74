//! Rows of the library tables.

use sea_orm::entity::prelude::*;
use warung_domain::library::{EpisodeAccess, RequestState, VideoKind};

use super::table;
use crate::by_name::ByName;

table! {
    /// A film or series.
    title(id: Uuid) {
        code: String,
        name: String,
        synopsis: String,
        category_id: Option<Uuid>,
        poster_hash: Option<String>,
        release_year: i64,
        hidden: bool,
        episode_count: i64,
        free_episode_count: i64,
        create_time: DateTimeUtc,
        update_time: DateTimeUtc,
    }
}

table! {
    /// A part of a title.
    episode(id: Uuid) {
        title_id: Uuid,
        number: i64,
        name: String,
        access: ByName<EpisodeAccess>,
        duration_seconds: i64,
        hidden: bool,
        video_kind: Option<ByName<VideoKind>>,
        video_file_id: Option<String>,
        video_bot_id: Option<i64>,
        video_chat_id: Option<i64>,
        video_message_id: Option<i64>,
        video_url: Option<String>,
        create_time: DateTimeUtc,
        update_time: DateTimeUtc,
    }
}

table! {
    /// A VIP membership.
    membership(user_id: Uuid) {
        expire_time: DateTimeUtc,
        update_time: DateTimeUtc,
    }
}

table! {
    /// A request for an episode.
    title_request(id: Uuid) {
        user_id: Uuid,
        episode_id: Uuid,
        state: ByName<RequestState>,
        pending_action_id: Option<Uuid>,
        create_time: DateTimeUtc,
        update_time: DateTimeUtc,
    }
}

table! {
    /// What waits for a first Start.
    pending_action(id: Uuid) {
        user_id: Uuid,
        title_request_id: Uuid,
        token_hash: Vec<u8>,
        expire_time: DateTimeUtc,
        redeem_time: Option<DateTimeUtc>,
        create_time: DateTimeUtc,
    }
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
