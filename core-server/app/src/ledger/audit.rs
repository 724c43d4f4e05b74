//! Proves the books.
//!
//! What was written once is not written again, so a proof goes on from a checkpoint: it proves what was written since, and
//! whatever else belongs to the orders and users that this concerns. A full proof begins at nothing. Both take steps that
//! end, and each step answers the checkpoint from which the next one goes on.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;
use warung_domain::{
    ids::{OrderId, OrderLineId, PaymentId, ProductId, RefundId, UserId},
    ledger::Account,
    principal::Principal,
};
use warung_store::{BOOK_RULES, Holdings, Part, Read, Tx, WalletSums};

use super::checkpoint::{Checkpoint, KeepCheckpoint, Kept};
use crate::{
    context::Context,
    engine::{Command, Engine, Query},
    error::{Error, Result},
    operations::alert::RaiseAlert,
};

/// How many orders a step proves, and so a second of work at most.
const ORDERS_A_STEP: u64 = 20_000;
/// How many orders, accounts or wallets one statement names.
const NAMED: usize = 256;
/// What is younger is proven, but no checkpoint covers it: a transaction that gave out ids may still be under way.
const YOUNG: TimeDelta = TimeDelta::minutes(10);

const WALLET_RULE: &str = "every wallet equals its entries";
const SOLD_RULE: &str = "a product's sold units are those of its settled orders";
const HISTORY_RULE: &str = "what a checkpoint covers is as it was";

/// Something in the books that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The rule that is broken, in English.
    pub rule: &'static str,
    /// What breaks it, such as `order ord_…`.
    pub subject: String,
}

/// Where a proof begins.
#[derive(Clone, Debug)]
pub enum ProveFrom {
    /// At nothing: it proves everything, the checkpoint that is kept included.
    Nothing,
    /// At the newest checkpoint that is kept.
    Kept,
    /// Where a step of a proof ended; `true`: of one that began at nothing.
    Step(Checkpoint, bool),
}

/// A step of a proof.
#[derive(Clone, Debug)]
pub struct Prove(pub ProveFrom);

/// What a step proved.
#[derive(Clone, Debug)]
pub struct Proven {
    /// What does not hold, at most 100 of each rule.
    pub faults: Vec<Fault>,
    /// From where the next step goes on.
    pub checkpoint: Checkpoint,
    /// There is no next step: all is proven.
    pub is_all: bool,
}

impl Query for Prove {
    type Output = Proven;

    async fn fetch(&self, read: &Read, ctx: &Context) -> Result<Proven> {
        let kept = Checkpoint::newest(read, ctx).await?;
        let mut faults = Vec::new();
        if matches!((&self.0, &kept), (ProveFrom::Nothing | ProveFrom::Kept, Kept::Altered)) {
            faults.push(history("the newest checkpoint was altered, or is of another key"));
        }
        let (begin, is_full) = match (&self.0, &kept) {
            (ProveFrom::Step(checkpoint, is_full), _) => (checkpoint.clone(), *is_full),
            (ProveFrom::Kept, Kept::Checkpoint(checkpoint)) => (checkpoint.clone(), false),
            (ProveFrom::Kept | ProveFrom::Nothing, _) => (Checkpoint::start(), true),
        };
        let kept = match kept {
            Kept::Checkpoint(kept) if is_full => Some(kept),
            _ => None,
        };
        let old = Uuid::from_u128(millis_bits(ctx.now - YOUNG));
        let mut to = read.order_after(begin.until, ORDERS_A_STEP).await?.map_or(old, |end| end.min(old));
        // At the checkpoint that is kept it is compared.
        if let Some(kept) = kept.as_ref().filter(|kept| kept.until > begin.until) {
            to = to.min(kept.until);
        }
        let is_all = to <= begin.until;
        let step = Step { read, after: begin.until, to: if is_all { Uuid::max() } else { to } };
        faults.extend(step.prove().await?);
        if is_all {
            faults.extend(step.prove_all(&begin, is_full).await?);
            return Ok(Proven { faults, checkpoint: begin, is_all });
        }
        let checkpoint = step.seal(begin).await?;
        if kept.is_some_and(|kept| kept.until == checkpoint.until && kept != checkpoint) {
            faults.push(history("the sums up to it are others now"));
        }
        Ok(Proven { faults, checkpoint, is_all })
    }
}

/// Proves everything at once: for tests, whose stores are small.
#[derive(Clone, Copy, Debug)]
pub struct Audit;

impl Query for Audit {
    type Output = Vec<Fault>;

    async fn fetch(&self, read: &Read, ctx: &Context) -> Result<Vec<Fault>> {
        let mut faults = Vec::new();
        let mut from = ProveFrom::Nothing;
        loop {
            let step = Prove(from).fetch(read, ctx).await?;
            faults.extend(step.faults);
            if step.is_all {
                return Ok(faults);
            }
            from = ProveFrom::Step(step.checkpoint, true);
        }
    }
}

/// Goes on from the newest checkpoint that is kept, and keeps one for each step that finds no fault. A fault is told to the
/// owner, and nothing after it is covered by a checkpoint: each later proof finds it again. One replica does it, once for
/// each time it is scheduled. Answers the faults.
pub async fn prove_since_checkpoint(engine: &Engine, scheduled_time: DateTime<Utc>) -> Result<Vec<Fault>> {
    // One time for all steps: what is old must not grow while they are taken, or there would always be one more.
    let ctx = engine.context(Principal::CORE, "proof");
    if !engine.run(&ctx, BeginProof { scheduled_time }).await? {
        return Ok(Vec::new());
    }
    let mut from = ProveFrom::Kept;
    loop {
        let Proven { faults, checkpoint, is_all } = engine.ask(&ctx, Prove(from)).await?;
        if let Some(first) = faults.first() {
            let text = format!(
                "The books do not hold: {} faults, the first of them: {}: not so with {}. Run `warung doctor`.",
                faults.len(),
                first.rule,
                first.subject
            );
            let alert = RaiseAlert { key: "ledger.fault".to_owned(), text };
            engine.run(&ctx.clone().with_request_id(ctx.new_id()), alert).await?;
        }
        if is_all || !faults.is_empty() {
            return Ok(faults);
        }
        engine.run(&ctx, KeepCheckpoint(checkpoint.clone())).await?;
        from = ProveFrom::Step(checkpoint, false);
    }
}

/// Begins a proof, unless another replica has.
struct BeginProof {
    scheduled_time: DateTime<Utc>,
}

impl Command for BeginProof {
    type Output = bool;
    const NAME: &'static str = "ledger.prove";
    // Of a scheduled time there is one row.
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<bool> {
        Ok(tx.begin_job(Self::NAME, self.scheduled_time, ctx.now).await?)
    }
}

fn history(subject: &str) -> Fault {
    Fault { rule: HISTORY_RULE, subject: subject.to_owned() }
}

/// The first id of a moment.
fn millis_bits(time: DateTime<Utc>) -> u128 {
    u128::try_from(time.timestamp_millis()).unwrap_or_default() << 80
}

/// A range of ids, as it is proven.
struct Step<'r> {
    read: &'r Read,
    after: Uuid,
    to: Uuid,
}

impl Step<'_> {
    /// What does not hold of what was written within the range, and of the orders and users that this concerns.
    async fn prove(&self) -> Result<Vec<Fault>> {
        let Self { read, after, to } = *self;
        let mut faults = self.broken(&Part::Written { after, to }).await?;
        for orders in read.older_orders(after, to).await?.chunks(NAMED) {
            faults.extend(self.broken(&Part::Orders(orders.to_vec())).await?);
        }
        for accounts in read.users_accounts(after, to).await?.chunks(NAMED) {
            faults.extend(self.broken(&Part::Accounts(accounts.to_vec())).await?);
            faults.extend(self.wallets(accounts).await?);
        }
        Ok(faults)
    }

    /// What does not hold of all sums, those up to the range being `before`.
    async fn prove_all(&self, before: &Checkpoint, is_full: bool) -> Result<Vec<Fault>> {
        let mut faults = self.broken(&Part::Counters).await?;
        if is_full {
            faults.extend(self.broken(&Part::Loose).await?);
        }
        let totals = &before.totals;
        for sold in self.read.sold_before(self.after).await? {
            if sold.units != totals.sold.get(&sold.product_id).copied().unwrap_or_default() {
                faults.push(Fault { rule: SOLD_RULE, subject: named("product", sold.product_id.to_string()) });
            }
        }
        let booked =
            Holdings { balance: totals.of_kind("wallet").saturating_neg(), receivable: totals.of_kind("receivable") };
        if self.read.held_before(self.after).await? != booked {
            faults.push(Fault { rule: WALLET_RULE, subject: "the sum of all wallets".to_owned() });
        }
        Ok(faults)
    }

    /// The checkpoint at the end of the range, `before` being the one at its beginning.
    async fn seal(&self, mut before: Checkpoint) -> Result<Checkpoint> {
        let too_much = || Error::Internal("the sum of the books is too large".into());
        for booked in self.read.booked(self.after, self.to).await? {
            let total = before.totals.booked.entry(format!("{} {}", booked.kind, booked.currency)).or_default();
            *total = total.checked_add(booked.amount).ok_or_else(too_much)?;
        }
        for sold in self.read.sold(self.after, self.to).await? {
            let total = before.totals.sold.entry(sold.product_id).or_default();
            *total = total.checked_add(sold.units).ok_or_else(too_much)?;
        }
        before.until = self.to;
        Ok(before)
    }

    async fn broken(&self, part: &Part) -> Result<Vec<Fault>> {
        let mut faults = Vec::new();
        for rule in BOOK_RULES {
            for subject in self.read.broken(rule, part).await? {
                faults.push(Fault { rule: rule.text, subject: named(rule.subject, subject) });
            }
        }
        Ok(faults)
    }

    /// The wallets of accounts against their entries. What differs at first may have changed between two looks: one
    /// statement decides.
    async fn wallets(&self, accounts: &[String]) -> Result<Vec<Fault>> {
        let mut users: Vec<UserId> =
            accounts.iter().filter_map(|account| account.split_once(':')?.1.parse().ok()).collect();
        users.sort_unstable_by_key(|user| user.0);
        users.dedup();
        let names = |id| (Account::Wallet(id).to_string(), Account::Receivable(id).to_string());
        let rows = self.read.wallets(users.iter().map(|user| user.0).collect()).await?;
        let sums =
            self.read.account_sums(users.iter().flat_map(|id| <[String; 2]>::from(names(*id))).collect()).await?;
        let sum = |name: &str| sums.iter().find(|(account, _)| account == name).map_or(0, |(_, total)| *total);
        let mut faults = Vec::new();
        for id in users {
            let (wallet, receivable) = names(id);
            let row = rows.iter().find(|row| row.user_id == id.0);
            let seen = WalletSums {
                balance: row.map_or(0, |row| row.balance_minor),
                booked_balance: sum(&wallet).saturating_neg(),
                receivable: row.map_or(0, |row| row.receivable_minor),
                booked_receivable: sum(&receivable),
            };
            if !holds(seen) && !holds(self.read.wallet_sums(id.0, &wallet, &receivable).await?) {
                faults.push(Fault { rule: WALLET_RULE, subject: wallet });
            }
        }
        Ok(faults)
    }
}

fn named(kind: &str, id: String) -> String {
    let Ok(uuid) = id.parse::<Uuid>() else { return id };
    let id = match kind {
        "order" => OrderId(uuid).to_string(),
        "order line" => OrderLineId(uuid).to_string(),
        "payment" => PaymentId(uuid).to_string(),
        "refund" => RefundId(uuid).to_string(),
        "product" => ProductId(uuid).to_string(),
        _ => id,
    };
    format!("{kind} {id}")
}

fn holds(sums: WalletSums) -> bool {
    sums.balance == sums.booked_balance && sums.receivable == sums.booked_receivable
}
