//! Every row comes back as it was written, and one that was corrupted is an error.

use std::{fmt::Debug, marker::PhantomData};

use crate::common::{id, look, run_sql};
use chrono::{DateTime, Utc};
use sea_orm::{EntityTrait, ModelTrait, PrimaryKeyTrait};
use warung_domain::named::Named;
use warung_store::{
    ByName, Error, Read, ReadWork, Result, Row, Store, Tx, Work, on_both_databases, rows, testing::TestDatabase,
};

type Key<M> = <<<M as ModelTrait>::Entity as EntityTrait>::PrimaryKey as PrimaryKeyTrait>::ValueType;

pub(crate) struct Insert<M>(pub(crate) M);

impl<M> Work for Insert<M>
where
    M: Row + Clone + Sync + 'static,
    <M::Entity as EntityTrait>::ActiveModel: Send,
{
    type Output = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        tx.insert(self.0.clone()).await
    }
}

pub(crate) struct Update<M>(pub(crate) M);

impl<M> Work for Update<M>
where
    M: Row + Clone + Sync + sea_orm::FromQueryResult + 'static,
    M::Entity: EntityTrait<Model = M>,
    <M::Entity as EntityTrait>::ActiveModel: sea_orm::ActiveModelTrait<Entity = M::Entity> + Send,
{
    type Output = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        tx.update(self.0.clone()).await
    }
}

pub(crate) struct Find<M: ModelTrait, K>(pub(crate) K, pub(crate) PhantomData<M>);

impl<M, K> ReadWork for Find<M, K>
where
    M: Row + Sync + sea_orm::FromQueryResult + 'static,
    M::Entity: EntityTrait<Model = M>,
    K: Into<Key<M>> + Clone + Send + Sync + 'static,
{
    type Output = Option<M>;
    type Error = Error;

    async fn run(&self, read: &Read) -> Result<Option<M>> {
        read.find(self.0.clone()).await
    }
}

/// Writes a row and reads it back, twice: as inserted and as updated.
pub(crate) async fn comes_back<M, K>(store: &Store, row: M, key: K)
where
    M: Row + Clone + PartialEq + Debug + Sync + sea_orm::FromQueryResult + 'static,
    M::Entity: EntityTrait<Model = M>,
    <M::Entity as EntityTrait>::ActiveModel: sea_orm::ActiveModelTrait<Entity = M::Entity> + Send,
    K: Into<Key<M>> + Clone + Send + Sync + 'static,
{
    store.transact(Insert(row.clone())).await.unwrap();
    assert_eq!(store.read(Find(key.clone(), PhantomData)).await.unwrap().as_ref(), Some(&row));
    // A row of keys alone has nothing to update.
    store.transact(Update(row.clone())).await.unwrap();
    assert_eq!(store.read(Find(key, PhantomData)).await.unwrap(), Some(row));
}

/// What both databases keep to the last bit.
pub(crate) struct Values {
    text: String,
    pub(crate) number: i64,
    pub(crate) time: DateTime<Utc>,
    pub(crate) flag: bool,
    filled: bool,
}

impl Values {
    pub(crate) fn text(&self) -> String {
        self.text.clone()
    }

    /// One of an enum's values, by the name that its column holds.
    pub(crate) fn one<T: Named>(&self) -> ByName<T> {
        let place = usize::from(self.flag) * (T::VALUES.len() - 1);
        ByName(T::VALUES[place])
    }

    pub(crate) fn some<T>(&self, value: T) -> Option<T> {
        self.filled.then_some(value)
    }
}

pub(crate) fn values() -> Vec<Values> {
    let time = |text: &str| text.parse().unwrap();
    vec![
        Values {
            text: "Café 日本語 עברית 🎬 'quoted' \"doubly\" \\ %_ \u{202e}\n\t".into(),
            number: i64::MAX,
            time: time("9999-12-31T23:59:59.999999Z"),
            flag: true,
            filled: true,
        },
        Values {
            text: String::new(),
            number: i64::MIN,
            time: time("1970-01-01T00:00:00.000001Z"),
            flag: false,
            filled: true,
        },
        Values { text: "x".into(), number: 0, time: time("2026-11-21T09:00:00Z"), flag: true, filled: false },
    ]
}

on_both_databases! {
    the_rows_of_the_ground_come_back_as_they_were;
    the_rows_of_the_library_come_back_as_they_were;
    the_rows_of_messaging_come_back_as_they_were;
    a_corrupted_row_is_an_error_and_never_an_absent_value;
    a_name_that_no_value_has_is_an_error;
    updating_a_row_that_is_not_there_is_an_error;
    adding_a_row_that_is_there_already_changes_nothing;
    a_row_that_points_nowhere_is_refused;
}

async fn the_rows_of_the_ground_come_back_as_they_were(database: TestDatabase) {
    for v in values() {
        let database = TestDatabase::new(kind_of(&database)).await;
        let store = &database.open().await;
        comes_back(store, user(&v), id(1)).await;
        let idempotency = rows::Idempotency {
            principal: v.text(),
            command: "c".into(),
            request_id: id(u128::MAX),
            request_hash: vec![0, 255, 0],
            output: v.text(),
            create_time: v.time,
        };
        comes_back(store, idempotency, (v.text(), "c".to_owned(), id(u128::MAX))).await;
        let entry = rows::AuditEntry {
            id: id(2),
            create_time: v.time,
            actor: v.text(),
            command: v.text(),
            target: v.text(),
            before_json: v.some(v.text()),
            after_json: v.some("{}".into()),
        };
        comes_back(store, entry, id(2)).await;
        let activity = rows::Activity {
            id: id(3),
            create_time: v.time,
            principal: v.text(),
            method: v.text(),
            outcome: v.text(),
            duration_us: v.number,
            call_id: v.text(),
        };
        comes_back(store, activity, id(3)).await;
        let setting = rows::Setting { key: v.text(), value: v.text(), updated_by: v.text(), update_time: v.time };
        comes_back(store, setting, v.text()).await;
        comes_back(store, standing(&v), v.number).await;
        comes_back(store, rows::StandingVersion { id: v.number, version: v.number }, v.number).await;
        let run = rows::JobRun { job: v.text(), scheduled_time: v.time, start_time: v.time, done_time: v.some(v.time) };
        comes_back(store, run, (v.text(), v.time)).await;
        let lease = rows::Lease { name: v.text(), holder: v.text(), expire_time: v.time };
        comes_back(store, lease, v.text()).await;
        let budget = rows::CallBudget { principal: v.text(), kind: v.text(), window_time: v.time, used: v.number };
        comes_back(store, budget, (v.text(), v.text(), v.time)).await;
        let check = rows::SecretCheck { id: v.number, sealed: vec![0, 255, 0], create_time: v.time };
        comes_back(store, check, v.number).await;
        comes_back(store, rows::Alert { key: v.text(), told_time: v.time, suppressed: v.number }, v.text()).await;
        comes_back(store, media(&v), v.text()).await;
    }
}

async fn the_rows_of_the_library_come_back_as_they_were(database: TestDatabase) {
    for v in values() {
        let database = TestDatabase::new(kind_of(&database)).await;
        let store = &database.open().await;
        store.transact(Insert(user(&v))).await.unwrap();
        store.transact(Insert(media(&v))).await.unwrap();
        let category = rows::Category {
            id: id(4),
            area: v.one(),
            code: v.text(),
            name: v.text(),
            emoji: v.text(),
            create_time: v.time,
            update_time: v.time,
        };
        comes_back(store, category, id(4)).await;
        comes_back(store, title(&v), id(5)).await;
        comes_back(store, episode(&v), id(6)).await;
        comes_back(store, rows::Membership { user_id: id(1), expire_time: v.time, update_time: v.time }, id(1)).await;
        let request = rows::TitleRequest {
            id: id(7),
            user_id: id(1),
            episode_id: id(6),
            state: v.one(),
            pending_action_id: v.some(id(8)),
            create_time: v.time,
            update_time: v.time,
        };
        comes_back(store, request, id(7)).await;
        let action = rows::PendingAction {
            id: id(8),
            user_id: id(1),
            title_request_id: id(7),
            token_hash: (0..=255).collect(),
            expire_time: v.time,
            redeem_time: v.some(v.time),
            create_time: v.time,
        };
        comes_back(store, action, id(8)).await;
    }
}

async fn the_rows_of_messaging_come_back_as_they_were(database: TestDatabase) {
    for v in values() {
        let database = TestDatabase::new(kind_of(&database)).await;
        let store = &database.open().await;
        store.transact(Insert(media(&v))).await.unwrap();
        let delivery = rows::Delivery {
            id: id(9),
            bot: v.text(),
            chat_id: v.number,
            lane: v.number,
            operation: v.text(),
            purpose: v.text(),
            purpose_id: v.some(id(7)),
            state: v.text(),
            attempts: v.number,
            due_time: v.time,
            worker: v.some(v.text()),
            may_be_repeated: v.flag,
            message_id: v.some(v.number),
            error: v.some(v.text()),
            create_time: v.time,
            done_time: v.some(v.time),
            release_time: v.time,
        };
        comes_back(store, delivery, id(9)).await;
        let pace = rows::BotPace {
            bot: v.text(),
            tokens_milli: v.number,
            refill_time: v.time,
            blocked_until: v.time,
            pause_ms: v.number,
            refused_chat_id: v.number,
        };
        comes_back(store, pace, v.text()).await;
        let file = rows::MediaFile { hash: v.text(), bot_id: v.number, file_id: v.text() };
        comes_back(store, file, (v.text(), v.number)).await;
    }
}

pub(crate) fn kind_of(database: &TestDatabase) -> warung_store::testing::Kind {
    use warung_store::testing::Kind;
    if database.config.url.starts_with("sqlite:") { Kind::Sqlite } else { Kind::Postgres }
}

pub(crate) fn user(v: &Values) -> rows::User {
    rows::User {
        id: id(1),
        telegram_id: v.number,
        first_name: v.text(),
        last_name: v.text(),
        username: v.text(),
        language_code: v.text(),
        language_chosen: v.flag,
        contact_state: v.one(),
        create_time: v.time,
        update_time: v.time,
        opened_time: v.some(v.time),
    }
}

fn standing(v: &Values) -> rows::Standing {
    rows::Standing {
        telegram_id: v.number,
        state: v.one(),
        rights: v.text(),
        reason: v.text(),
        changed_by: v.text(),
        change_time: v.time,
    }
}

pub(crate) fn media(v: &Values) -> rows::Media {
    rows::Media {
        hash: v.text(),
        content_type: v.text(),
        size_bytes: v.number,
        width: v.number,
        height: v.number,
        create_time: v.time,
    }
}

fn title(v: &Values) -> rows::Title {
    rows::Title {
        id: id(5),
        code: v.text(),
        name: v.text(),
        synopsis: v.text(),
        category_id: v.some(id(4)),
        poster_hash: v.some(v.text()),
        release_year: v.number,
        hidden: v.flag,
        episode_count: v.number,
        free_episode_count: v.number,
        create_time: v.time,
        update_time: v.time,
    }
}

fn episode(v: &Values) -> rows::Episode {
    rows::Episode {
        id: id(6),
        title_id: id(5),
        number: v.number,
        name: v.text(),
        access: v.one(),
        duration_seconds: v.number,
        hidden: v.flag,
        video_kind: v.some(v.one()),
        video_file_id: v.some(v.text()),
        video_bot_id: v.some(v.number),
        video_chat_id: v.some(v.number),
        video_message_id: v.some(v.number),
        video_url: v.some(v.text()),
        create_time: v.time,
        update_time: v.time,
    }
}

async fn a_corrupted_row_is_an_error_and_never_an_absent_value(database: TestDatabase) {
    let store = database.open().await;
    let values = &values()[0];
    let run = rows::JobRun { job: "j".into(), scheduled_time: values.time, start_time: values.time, done_time: None };
    store.transact(Insert(run)).await.unwrap();
    let corruption = if store.is_sqlite() {
        "update job_run set done_time = 'yesterday'"
    } else {
        // PostgreSQL's columns keep their kind: a stranger has to change the column itself.
        "alter table job_run alter column done_time type text using 'yesterday'"
    };
    run_sql(&store, corruption).await.unwrap();
    let found = store.read(Find::<rows::JobRun, _>(("j".to_owned(), values.time), PhantomData)).await;
    assert!(matches!(found, Err(Error::Inconsistent(_))), "{found:?}");
}

async fn a_name_that_no_value_has_is_an_error(database: TestDatabase) {
    let store = database.open().await;
    let values = &values()[2];
    let title = rows::Title { category_id: None, poster_hash: None, ..title(values) };
    let key = episode(values).id;
    store.transact(Insert(title)).await.unwrap();
    store.transact(Insert(episode(values))).await.unwrap();
    run_sql(&store, "update episode set access = 'NOBODY'").await.unwrap();
    let found = store.read(Find::<rows::Episode, _>(key, PhantomData)).await;
    assert!(matches!(&found, Err(Error::Inconsistent(text)) if text.contains("NOBODY")), "{found:?}");
}

async fn updating_a_row_that_is_not_there_is_an_error(database: TestDatabase) {
    let store = database.open().await;
    let outcome = store.transact(Update(user(&values()[0]))).await;
    assert!(matches!(outcome, Err(Error::Inconsistent(_))), "{outcome:?}");
}

async fn adding_a_row_that_is_there_already_changes_nothing(database: TestDatabase) {
    struct InsertNew(rows::User);
    impl Work for InsertNew {
        type Output = bool;
        type Error = Error;

        async fn run(&self, tx: &mut Tx) -> Result<bool> {
            tx.insert_new(self.0.clone()).await
        }
    }
    let store = database.open().await;
    let first = user(&values()[0]);
    assert!(store.transact(InsertNew(first.clone())).await.unwrap());
    // By its key, and by another unique value.
    let same_key = rows::User { telegram_id: 7, first_name: "other".into(), ..first.clone() };
    assert!(!store.transact(InsertNew(same_key)).await.unwrap());
    let same_telegram_id = rows::User { id: id(99), ..first.clone() };
    assert!(!store.transact(InsertNew(same_telegram_id)).await.unwrap());
    let found = look(&store, |read| Box::pin(async move { read.find::<rows::User>(id(1)).await }));
    assert_eq!(found.await.unwrap(), Some(first));
}

async fn a_row_that_points_nowhere_is_refused(database: TestDatabase) {
    let store = database.open().await;
    let outcome = store.transact(Insert(episode(&values()[0]))).await;
    assert!(matches!(outcome, Err(Error::Reference(_))), "{outcome:?}");
}
