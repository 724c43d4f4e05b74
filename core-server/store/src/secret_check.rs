//! The secret key that a database belongs to: what is sealed in it opens with no other, so a store is not started with one.

use chrono::{DateTime, Utc};
use warung_domain::{seal::SealError, secret::Secret};

use crate::{
    entity::secret_check::Model,
    error::{Error, Result},
    open::OpenError,
    store::Store,
    tx::{Read, Tx},
    work::{ReadWork, Work},
};

/// The key of the one row.
const ROW: i64 = 1;

struct Find;

impl ReadWork for Find {
    type Output = Option<Model>;
    type Error = Error;

    async fn run(&self, read: &Read) -> Result<Option<Model>> {
        read.find(ROW).await
    }
}

/// Writes the check value, unless another process was quicker; answers the one that is there then.
struct Keep(Model);

impl Work for Keep {
    type Output = Model;
    type Error = Error;

    async fn run(&self, tx: &mut Tx) -> Result<Model> {
        tx.insert_new(self.0.clone()).await?;
        tx.find(ROW).await?.ok_or_else(|| Error::Inconsistent("secret_check is not there".into()))
    }

    fn finds_its_trace(&self) -> bool {
        true
    }
}

impl Store {
    /// Whether the database belongs to this secret key; `false` when it belongs to none yet. Nothing is written.
    ///
    /// # Errors
    ///
    /// [`OpenError::OtherSecret`] when it belongs to another; when the database fails.
    pub async fn knows_secret(&self, secret: &Secret) -> Result<bool, OpenError> {
        match self.read(Find).await? {
            Some(check) => opens(secret, &check).map(|()| true),
            None => Ok(false),
        }
    }

    /// Makes sure that the database belongs to this secret key: from now on, when it belonged to none. `random` must never
    /// come twice.
    ///
    /// # Errors
    ///
    /// As of [`Store::knows_secret`].
    pub async fn keep_secret(&self, secret: &Secret, random: [u8; 32], now: DateTime<Utc>) -> Result<(), OpenError> {
        if self.knows_secret(secret).await? {
            return Ok(());
        }
        let sealed = secret.seal_check(random).map_err(|error| Error::Inconsistent(error.to_string()))?;
        let check = self.transact(Keep(Model { id: ROW, sealed, create_time: now })).await?;
        opens(secret, &check)
    }
}

fn opens(secret: &Secret, check: &Model) -> Result<(), OpenError> {
    secret.open_check(&check.sealed).map_err(|error| match error {
        SealError::OtherKey { sealed_with, in_use } => OpenError::OtherSecret { made_with: sealed_with, in_use },
        SealError::Altered => OpenError::SecretCheckAltered,
        SealError::OtherForm => OpenError::Newer,
    })
}
