//! The books and the wallets.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait as _, JoinType};
use sea_orm::{ColumnTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _, QueryOrder as _, QuerySelect};
use uuid::Uuid;
use warung_domain::ledger::JournalKind;

use crate::{
    by_name::ByName,
    delivery::padded,
    entity::{journal, ledger_entry, orders, wallet},
    error::Result,
    tx::{Read, Tx},
};

/// A change of a wallet's balance.
#[derive(Clone, Debug, FromQueryResult)]
pub struct WalletEntry {
    /// The entry.
    pub id: Uuid,
    /// Positive: taken. Negative: added.
    pub amount_minor: i64,
    /// The balance after it.
    pub balance_after_minor: i64,
    /// The kind of its journal.
    pub kind: ByName<JournalKind>,
    /// When it was booked.
    pub create_time: DateTime<Utc>,
    /// The code of the order that it belongs to.
    pub order_code: Option<String>,
}

impl Read {
    /// The entries of a wallet's account, newest first.
    pub async fn wallet_entries(&self, account: &str, after: Option<Uuid>, limit: u64) -> Result<Vec<WalletEntry>> {
        let mut query = ledger_entry::Entity::find()
            .select_only()
            .columns([
                ledger_entry::Column::Id,
                ledger_entry::Column::AmountMinor,
                ledger_entry::Column::BalanceAfterMinor,
            ])
            .column(journal::Column::Kind)
            .column(journal::Column::CreateTime)
            .column_as(orders::Column::Code, "order_code")
            .filter(ledger_entry::Column::Account.eq(account))
            .order_by_desc(ledger_entry::Column::Id)
            .limit(limit);
        if let Some(after) = after {
            query = query.filter(ledger_entry::Column::Id.lt(after));
        }
        QuerySelect::query(&mut query)
            .join(
                JoinType::InnerJoin,
                journal::Entity,
                Expr::col((journal::Entity, journal::Column::Id))
                    .equals((ledger_entry::Entity, ledger_entry::Column::JournalId)),
            )
            .join(
                JoinType::LeftJoin,
                orders::Entity,
                Expr::col((orders::Entity, orders::Column::Id)).equals((journal::Entity, journal::Column::OrderId)),
            );
        Ok(query.into_model().all(self).await?)
    }

    /// What wallets hold; those of users who have none are left out.
    pub async fn balances(&self, user_ids: Vec<Uuid>) -> Result<HashMap<Uuid, i64>> {
        if user_ids.is_empty() {
            return Ok(HashMap::new());
        }
        let found = self.all(wallet::Entity::find().filter(wallet::Column::UserId.is_in(padded(user_ids)))).await?;
        Ok(found.into_iter().map(|wallet| (wallet.user_id, wallet.balance_minor)).collect())
    }
}

impl Tx {
    /// The wallet of a user, locked until the end of the transaction.
    pub async fn lock_wallet(&mut self, user_id: Uuid) -> Result<Option<wallet::Model>> {
        let find = wallet::Entity::find_by_id(user_id);
        self.one(self.locked(find)).await
    }
}
