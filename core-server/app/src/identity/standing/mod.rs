//! What people are to the store: owners, sellers with their rights, and who is blocked.
//!
//! Each is a row. A process keeps all of them in memory and asks for their version once in [`crate::KNOWN_FOR`], so that a
//! call costs no statement, and a change holds everywhere within a second, in this process at once.

mod block;
mod change;
mod role;
mod seed;

use std::{collections::HashMap, sync::Arc};

use tokio::sync::watch;
use warung_domain::{
    principal::Principal,
    standing::{Right, Rights, Standing},
};
use warung_store::{Read, rows};

pub use self::{
    block::{BlockUser, BlockedUser, ListBlockedUsers, UnblockUser, block_user, unblock_user},
    role::{GrantRole, ListStaff, RevokeRole, StaffMember, grant_role, revoke_role},
    seed::SeedStandings,
};
use crate::{
    context::Context,
    engine::{Engine, Query},
    error::{Error, Result},
    remembered::Reading,
};

/// Everybody who is something else than a buyer.
#[derive(Clone, Debug, Default)]
pub struct Standings {
    version: i64,
    by_id: HashMap<i64, Standing>,
    /// The ids of sellers and owners, in order.
    staff: Vec<i64>,
}

impl Standings {
    /// What somebody is, whom Telegram knows by this id.
    #[must_use]
    pub fn of(&self, telegram_id: i64) -> Standing {
        self.by_id.get(&telegram_id).copied().unwrap_or_default()
    }

    /// Those who work with a right, and so are told of what belongs to it. An owner need not be among them.
    pub fn working_with(&self, right: Right) -> impl Iterator<Item = i64> {
        self.staff.iter().copied().filter(move |id| self.of(*id).rights().contains(right))
    }

    /// The owners.
    pub fn owners(&self) -> impl Iterator<Item = i64> {
        self.staff.iter().copied().filter(|id| self.of(*id).is_owner())
    }

    /// Refuses somebody who is blocked.
    pub fn serve(&self, telegram_id: i64) -> Result<()> {
        if self.of(telegram_id) == Standing::Blocked { Err(Error::Blocked) } else { Ok(()) }
    }

    fn new(version: i64, rows: &[rows::Standing]) -> Self {
        let mut by_id = HashMap::with_capacity(rows.len());
        let mut staff = Vec::new();
        for row in rows {
            let standing = standing_of(row);
            if standing.is_admin() {
                staff.push(row.telegram_id);
            }
            by_id.insert(row.telegram_id, standing);
        }
        Self { version, by_id, staff }
    }
}

/// What a row says.
fn standing_of(row: &rows::Standing) -> Standing {
    Standing::of(row.state.0, Rights::from_names(&row.rights))
}

/// The standings as this process knows them.
#[derive(Debug)]
pub(crate) struct KnownStandings {
    known: watch::Sender<Known>,
    /// Held by whoever asks the database: the others wait for what it answers.
    asking: tokio::sync::Mutex<()>,
}

#[derive(Clone, Debug, Default)]
struct Known {
    standings: Arc<Standings>,
    /// When the database was last asked; `None` when it is to be asked.
    reading: Option<Reading>,
}

impl Default for KnownStandings {
    fn default() -> Self {
        Self { known: watch::Sender::new(Known::default()), asking: tokio::sync::Mutex::default() }
    }
}

impl KnownStandings {
    /// As they were known last.
    pub(crate) fn last(&self) -> Arc<Standings> {
        Arc::clone(&self.known.borrow().standings)
    }

    fn holding(&self, engine: &Engine) -> Option<Arc<Standings>> {
        let known = self.known.borrow();
        known.reading.filter(|reading| reading.holds(engine.now())).map(|_| Arc::clone(&known.standings))
    }

    /// Keeps what the database said. Whoever waits for a change is woken by one alone.
    fn keep(&self, newer: Option<Standings>, reading: Reading) {
        self.known.send_if_modified(|known| {
            known.reading = Some(reading);
            let is_change = newer.is_some();
            if let Some(newer) = newer {
                known.standings = Arc::new(newer);
            }
            is_change
        });
    }
}

/// Tells of changes of standings.
#[derive(Debug)]
pub struct StandingChanges(watch::Receiver<Known>);

impl StandingChanges {
    /// The standings as they are known now.
    pub fn now(&mut self) -> Arc<Standings> {
        Arc::clone(&self.0.borrow_and_update().standings)
    }

    /// Ends at the next change.
    pub async fn changed(&mut self) {
        if self.0.changed().await.is_err() {
            // The engine has ended, and no change comes.
            std::future::pending::<()>().await;
        }
    }
}

/// All standings, unless their version is still this one.
struct Newer(Option<i64>);

impl Query for Newer {
    type Output = Option<Standings>;

    async fn fetch(&self, read: &Read, _ctx: &Context) -> Result<Option<Standings>> {
        // The version first: what is changed between the two is read again then.
        let version = read.standing_version().await?;
        if self.0 == Some(version) {
            return Ok(None);
        }
        Ok(Some(Standings::new(version, &read.standings().await?)))
    }
}

impl Engine {
    fn known_standings(&self) -> Arc<KnownStandings> {
        self.part()
    }

    /// All standings, as this process knows them.
    pub(crate) fn people(&self) -> Arc<Standings> {
        self.known_standings().last()
    }

    /// All standings, as they are or were within [`crate::KNOWN_FOR`].
    pub async fn standings(&self) -> Result<Arc<Standings>> {
        let all = self.known_standings();
        if let Some(standings) = all.holding(self) {
            return Ok(standings);
        }
        let _turn = all.asking.lock().await;
        match all.holding(self) {
            // Somebody asked while this call waited for its turn.
            Some(standings) => Ok(standings),
            None => self.ask_for_standings().await,
        }
    }

    /// Reads the standings again, if they have changed.
    pub async fn refresh_standings(&self) -> Result<()> {
        // One after another: what was read first must not count last.
        let all = self.known_standings();
        let _turn = all.asking.lock().await;
        self.ask_for_standings().await.map(|_| ())
    }

    async fn ask_for_standings(&self) -> Result<Arc<Standings>> {
        let all = self.known_standings();
        let reading = Reading::now(self.now());
        let version = {
            let known = all.known.borrow();
            known.reading.map(|_| known.standings.version)
        };
        let ctx = self.context(Principal::CORE, "standings");
        all.keep(self.ask(&ctx, Newer(version)).await?, reading);
        Ok(all.last())
    }

    /// Tells of changes of standings from now on, as this process learns of them.
    #[must_use]
    pub fn standing_changes(&self) -> StandingChanges {
        StandingChanges(self.known_standings().known.subscribe())
    }
}
