//! The watch beside other processes: commits are told by NOTIFY, heard by LISTEN, and a slow poll is the truth.
//!
//! A notification goes out after the commit, by a statement of its own: inside the transaction it made all commits wait
//! for one another. What is committed while one is under way goes out together with the next. Whatever is lost (the
//! process dies between commit and notification, the listening connection breaks) the poll finds: one statement for all
//! who wait, however many they are, and none while nobody does.

use std::{
    collections::{HashMap, HashSet},
    str::FromStr,
    sync::{
        Arc, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::future::join3;
use sea_orm::{
    ConnectionTrait as _, DatabaseConnection, DbBackend, DbErr, QueryResult, Statement, Value,
    sqlx::{
        self,
        postgres::{PgListener, PgPoolOptions},
    },
};
use tokio::{
    sync::Notify,
    time::{Instant, sleep, timeout},
};
use uuid::Uuid;
use warung_domain::message::Bot;

use super::{Topic, Untold, Watch};

/// The channel that all processes of a store listen to.
const CHANNEL: &str = "warung_changed";
/// A notification has fewer than 8,000 bytes.
const PAYLOAD_BYTES_MAX: usize = 7_900;
/// How long notifications gather after one went out.
const GATHER: Duration = Duration::from_millis(20);
/// How often it is asked what changed while notifications arrive.
const POLL: Duration = Duration::from_secs(2);
/// And while they don't.
const POLL_DEAF: Duration = Duration::from_millis(400);
/// So many polls without a notification, each of which sends one: the connection is dead.
const SILENT_MAX: u32 = 3;
/// How long a listening connection may take to open.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long it is waited before the next try to listen, at first and at most.
const LISTEN_AGAIN: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(10));

/// For each row that is waited for, whether it has moved on; and when the next delivery of a bot is due, in microseconds.
const MARKS: &str = "\
    select 'R' as kind, id, null as bot, case state when 'QUEUED' then 0 else 1 end::bigint as mark \
    from title_request where id = any($1) \
    union all select 'O', id, null, version from orders where id = any($2) \
    union all select 'D', null, bot, (select (extract(epoch from min(due_time)) * 1000000)::bigint from (\
        select (select due_time from delivery d where d.bot = bots.bot and d.lane = lanes.lane \
        and d.done_time is null order by due_time limit 1) as due_time from generate_series(1, 3) as lanes(lane)\
    ) as next) from unnest($3) as bots(bot)";

/// Tells the other processes and hears from them, until it is dropped.
pub(crate) async fn run(watch: Watch, pool: DatabaseConnection, store: Arc<str>) {
    let Some(untold) = &watch.0.untold else { return };
    #[expect(clippy::disallowed_methods, reason = "it tells this process from others, and nothing else")]
    let sender = Uuid::now_v7();
    let beside = Beside {
        watch: &watch,
        untold,
        pool,
        store,
        sender,
        listens: AtomicBool::new(false),
        heard: AtomicBool::new(false),
        poll: Notify::new(),
        is_deaf: Notify::new(),
    };
    join3(beside.tell(), beside.listen(), beside.poll()).await;
}

/// A process beside others.
struct Beside<'w> {
    watch: &'w Watch,
    untold: &'w Untold,
    pool: DatabaseConnection,
    /// The store's name.
    store: Arc<str>,
    /// Whose notifications these are: a process passes over its own.
    sender: Uuid,
    /// There is a connection that listens.
    listens: AtomicBool,
    /// It brought something since the last poll; each poll sends something to hear.
    heard: AtomicBool,
    /// Asks for a poll now.
    poll: Notify,
    /// The connection brings nothing, though it seems to be there.
    is_deaf: Notify,
}

impl Beside<'_> {
    async fn tell(&self) {
        loop {
            self.untold.more.notified().await;
            let topics = std::mem::take(&mut *self.untold.topics.lock().unwrap_or_else(PoisonError::into_inner));
            let payloads = payloads(self.sender, &topics);
            let statement = Statement::from_sql_and_values(
                DbBackend::Postgres,
                "select pg_notify($1, payload) from unnest($2) as payload",
                [CHANNEL.into(), payloads.into()],
            );
            // What is not told is found by the others' polls.
            if let Err(error) = self.pool.execute_raw(statement).await {
                tracing::debug!(%error, "other processes could not be told of a change");
            }
            sleep(GATHER).await;
        }
    }

    async fn listen(&self) {
        let (first, most) = LISTEN_AGAIN;
        let mut pause = first;
        loop {
            let Err(error) = self.hear().await;
            if self.listens.swap(false, Ordering::Relaxed) {
                tracing::warn!(%error, "the connection that listens for other processes is lost; it is opened again");
                metrics::counter!("watch.listeners_lost", "store" => self.store.clone()).increment(1);
                pause = first;
            }
            // From now on it is polled more often.
            self.poll.notify_one();
            sleep(pause).await;
            pause = (pause * 2).min(most);
        }
    }

    /// Listens until the connection is lost.
    async fn hear(&self) -> Result<std::convert::Infallible, sqlx::Error> {
        let options = self.pool.get_postgres_connection_pool().connect_options();
        // A pool of its own: the listener of one whose server is gone would hold its only place.
        let own = PgPoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
        let own = own.acquire_timeout(CONNECT_TIMEOUT).connect_lazy_with(options.as_ref().clone());
        let mut listener = PgListener::connect_with(&own).await?;
        listener.eager_reconnect(false);
        let listening = timeout(CONNECT_TIMEOUT, listener.listen(CHANNEL)).await;
        listening.map_err(|_| sqlx::Error::PoolTimedOut)??;
        self.listens.store(true, Ordering::Relaxed);
        self.heard.store(true, Ordering::Relaxed);
        // For what was told before.
        self.poll.notify_one();
        loop {
            let lost = || sqlx::Error::Io(std::io::ErrorKind::ConnectionAborted.into());
            let notification = tokio::select! {
                notification = listener.try_recv() => notification?.ok_or_else(lost)?,
                () = self.is_deaf.notified() => return Err(lost()),
            };
            self.heard.store(true, Ordering::Relaxed);
            for topic in topics(self.sender, notification.payload()) {
                self.watch.changed_elsewhere(topic);
            }
        }
    }

    async fn poll(&self) {
        let mut last = LastPoll::default();
        loop {
            let every = if self.listens.load(Ordering::Relaxed) { POLL } else { POLL_DEAF };
            let started = Instant::now();
            // Whoever asks for one does so when a connection comes or goes, which is seldom.
            let _ = timeout(every, self.poll.notified()).await;
            if let Err(error) = self.look(&mut last).await {
                tracing::debug!(%error, "it could not be asked what has changed");
                sleep(every.saturating_sub(started.elapsed())).await;
            }
        }
    }

    /// Asks for all who wait.
    async fn look(&self, last: &mut LastPoll) -> Result<(), DbErr> {
        let waiting = self.watch.waiting();
        last.due.retain(|bot, _| waiting.bots.contains(bot));
        if waiting.is_empty() {
            return Ok(());
        }
        let is_silent = self.listens.load(Ordering::Relaxed) && !self.heard.swap(false, Ordering::Relaxed);
        last.silent = if is_silent { last.silent.saturating_add(1) } else { 0 };
        if last.silent == SILENT_MAX {
            last.silent = 0;
            self.is_deaf.notify_one();
        }
        // Something to hear, if nothing else is told.
        self.untold.more.notify_one();
        let bots: Vec<_> = waiting.bots.iter().map(|bot| bot.name().to_owned()).collect();
        let values: [Value; 3] = [waiting.title_requests.into(), waiting.orders.into(), bots.into()];
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, MARKS, values);
        for row in self.pool.query_all_raw(statement).await? {
            self.found(&row, &mut last.due)?;
        }
        Ok(())
    }

    fn found(&self, row: &QueryResult, due: &mut HashMap<Bot, Option<i64>>) -> Result<(), DbErr> {
        let mark: Option<i64> = row.try_get("", "mark")?;
        let topic = match row.try_get::<String>("", "kind")?.as_str() {
            "R" => Topic::TitleRequest(row.try_get("", "id")?),
            "O" => Topic::Order(row.try_get("", "id")?),
            _ => {
                if let Some(bot) = Bot::from_name(&row.try_get::<String>("", "bot")?)
                    && due.insert(bot, mark) != Some(mark)
                {
                    self.watch.changed_elsewhere(Topic::Deliveries(bot));
                }
                return Ok(());
            }
        };
        if self.watch.seen(topic) != mark {
            self.watch.changed_elsewhere(topic);
        }
        Ok(())
    }
}

/// What a poll keeps for the next.
#[derive(Debug, Default)]
struct LastPoll {
    /// When the next delivery of each bot was due, in microseconds.
    due: HashMap<Bot, Option<i64>>,
    /// How many polls there were since the listening connection brought anything.
    silent: u32,
}

/// All that is waited for.
#[derive(Debug, Default)]
struct Waiting {
    bots: HashSet<Bot>,
    orders: Vec<Uuid>,
    title_requests: Vec<Uuid>,
}

impl Waiting {
    fn is_empty(&self) -> bool {
        self.bots.is_empty() && self.orders.is_empty() && self.title_requests.is_empty()
    }
}

impl Watch {
    fn waiting(&self) -> Waiting {
        let mut waiting = Waiting::default();
        for topic in self.rows().keys() {
            match topic {
                Topic::Order(id) => waiting.orders.push(*id),
                Topic::TitleRequest(id) => waiting.title_requests.push(*id),
                Topic::Deliveries(_) => {}
            }
        }
        let bots = self.0.deliveries.iter().filter(|(_, written)| written.receiver_count() > 0);
        waiting.bots = bots.map(|(bot, _)| *bot).collect();
        waiting
    }

    fn seen(&self, row: Topic) -> Option<i64> {
        self.rows().get(&row).and_then(|waited| waited.seen)
    }
}

/// Notifications of these topics; one that tells nothing when there are none.
fn payloads(sender: Uuid, topics: &HashSet<Topic>) -> Vec<String> {
    let sender = sender.simple().to_string();
    let mut payloads = vec![sender.clone()];
    for topic in topics {
        let word = topic.to_string();
        match payloads.last_mut() {
            Some(last) if last.len() + 1 + word.len() <= PAYLOAD_BYTES_MAX => {
                last.push(' ');
                last.push_str(&word);
            }
            _ => payloads.push(format!("{sender} {word}")),
        }
    }
    payloads
}

/// What a notification of another process tells. Words of a newer version are passed over.
fn topics(own: Uuid, payload: &str) -> Vec<Topic> {
    let mut words = payload.split(' ');
    if words.next() == Some(&own.simple().to_string()) {
        return Vec::new();
    }
    words.filter_map(|word| word.parse().ok()).collect()
}

impl std::fmt::Display for Topic {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Deliveries(bot) => write!(formatter, "D{}", bot.name()),
            Self::Order(id) => write!(formatter, "O{}", id.simple()),
            Self::TitleRequest(id) => write!(formatter, "R{}", id.simple()),
        }
    }
}

impl FromStr for Topic {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        let (kind, name) = word.split_at_checked(1).ok_or(())?;
        match kind {
            "D" => Bot::from_name(name).map(Self::Deliveries).ok_or(()),
            "O" => name.parse().map(Self::Order).map_err(drop),
            "R" => name.parse().map(Self::TitleRequest).map_err(drop),
            _ => Err(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notifications_say_all_and_are_not_too_long() {
        let (own, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let mut all: HashSet<_> = (0..600).map(Uuid::from_u128).map(Topic::Order).collect();
        all.extend([Topic::Deliveries(Bot::Owner), Topic::TitleRequest(Uuid::max())]);
        let payloads = payloads(own, &all);
        assert!(payloads.len() == 3 && payloads.iter().all(|payload| payload.len() < 8_000));
        assert_eq!(payloads.iter().flat_map(|payload| topics(other, payload)).collect::<HashSet<_>>(), all);
        assert!(payloads.iter().all(|payload| topics(own, payload).is_empty()), "what one said oneself is no news");
        assert!(topics(other, &super::payloads(own, &HashSet::new())[0]).is_empty());
        assert!(topics(other, "x Xnew O DNOBODY é").is_empty(), "another version speaks so");
    }
}
