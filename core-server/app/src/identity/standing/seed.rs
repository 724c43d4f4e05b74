//! The first owners and sellers: those whom the environment names.

use warung_domain::{
    principal::Principal,
    standing::{Rights, Standing},
};
use warung_store::{Read, Tx, rows};

use crate::{
    context::{Context, Environment},
    engine::{Command, Engine, Query},
    error::Result,
};

/// Who made somebody what the environment says.
const BY_ENVIRONMENT: &str = "environment";

/// What the environment makes of those whom it names, by their Telegram ids.
fn named(environment: &Environment) -> Vec<(i64, Standing)> {
    let Environment { admin_ids, owner_ids, .. } = environment;
    let standing = |id: i64| {
        let rights = if admin_ids.contains(&id) { Rights::all() } else { Rights::NONE };
        if owner_ids.contains(&id) { Standing::Owner(rights) } else { Standing::Admin(rights) }
    };
    let mut ids: Vec<_> = owner_ids.iter().chain(admin_ids).copied().collect();
    ids.sort_unstable();
    ids.dedup();
    ids.into_iter().map(|id| (id, standing(id))).collect()
}

/// Those whom the environment names, and of whom no row says what they are.
struct Unseeded;

impl Query for Unseeded {
    type Output = Vec<(i64, Standing)>;

    async fn fetch(&self, read: &Read, ctx: &Context) -> Result<Self::Output> {
        unseeded(read, ctx).await
    }
}

async fn unseeded(read: &Read, ctx: &Context) -> Result<Vec<(i64, Standing)>> {
    let mut named = named(&ctx.environment);
    let known = read.standings_of(named.iter().map(|(id, _)| *id).collect()).await?;
    named.retain(|(id, _)| known.iter().all(|row| row.telegram_id != *id));
    Ok(named)
}

/// Gives those whom the environment names, and who have no row, one. From then on the row counts: it may make them something
/// else, and no start makes them what they were.
#[derive(Clone, Copy, Debug)]
pub struct SeedStandings;

impl Command for SeedStandings {
    type Output = ();
    const NAME: &'static str = "identity.seed_standings";
    // Who has a row keeps it.
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<()> {
        tx.lock_standings().await?;
        let row = |(telegram_id, standing): (i64, Standing)| rows::Standing {
            telegram_id,
            state: standing.name().into(),
            rights: standing.rights().to_string(),
            reason: String::new(),
            changed_by: BY_ENVIRONMENT.to_owned(),
            change_time: ctx.now,
        };
        let rows = unseeded(tx, ctx).await?.into_iter().map(row).collect();
        Ok(tx.put_standings(rows).await?)
    }
}

impl Engine {
    /// Makes those whom the environment names, and of whom nothing was ever said, owners and sellers.
    pub async fn seed_standings(&self) -> Result<()> {
        let ctx = self.context(Principal::CORE, "start");
        let unseeded = self.ask(&ctx, Unseeded).await?;
        if !unseeded.is_empty() {
            self.run(&ctx, SeedStandings).await?;
        }
        for (telegram_id, standing) in unseeded {
            tracing::info!(
                user.telegram_id = telegram_id,
                standing = standing.name().name(),
                "named by the environment"
            );
        }
        self.refresh_standings().await
    }
}
