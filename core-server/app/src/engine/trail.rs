//! What those who run the store change: told by their commands, written into the audit trail by the engine.

use std::fmt::Display;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use warung_store::{Tx, rows};

use super::Command;
use crate::{context::Context, error::Result};

/// A use case of those who run the store: sellers, owners, the operator. It is a [`Command`] that can't change anything
/// without telling it: its [`Told`] is made by a [`Change`], or by saying that there was none.
///
/// What the API declares for admins, owners and operators alone is carried out by such a command: the engine runs no other for
/// it.
///
/// ```
/// # use warung_app::{AdminCommand, Change, Context, Result, Told};
/// # struct Tidy;
/// impl AdminCommand for Tidy {
///     type Output = bool;
///     const NAME: &'static str = "operations.tidy";
///
///     async fn change(&self, tx: &mut warung_store::Tx, ctx: &Context) -> Result<Told<bool>> {
///         // ... what is there?
///         Ok(Told::changed(true, Change::of("store", "shelves").from(Some("in disorder".into()))))
///     }
/// }
/// ```
///
/// One that tells nothing does not compile:
///
/// ```compile_fail
/// # use warung_app::{AdminCommand, Change, Context, Result, Told};
/// # struct Tidy;
/// impl AdminCommand for Tidy {
///     type Output = bool;
///     const NAME: &'static str = "operations.tidy";
///
///     async fn change(&self, tx: &mut warung_store::Tx, ctx: &Context) -> Result<bool> {
///         Ok(true)
///     }
/// }
/// ```
pub trait AdminCommand: Send + Sync + 'static {
    /// As of a [`Command`].
    type Output: Serialize + DeserializeOwned + Send + 'static;
    /// As of a [`Command`]; the audit trail calls the change by it.
    const NAME: &'static str;
    /// As of a [`Command`].
    const OUTPUT_VERSION: u16 = 1;

    /// As of a [`Command`].
    #[must_use]
    fn output_of(_version: u16, _kept: Value) -> Option<Self::Output> {
        None
    }

    /// Carries it out, and tells what it changed.
    fn change(&self, tx: &mut Tx, ctx: &Context) -> impl Future<Output = Result<Told<Self::Output>>> + Send;
}

impl<C: AdminCommand> Command for C {
    type Output = C::Output;
    const NAME: &'static str = C::NAME;
    const OUTPUT_VERSION: u16 = C::OUTPUT_VERSION;
    const IS_ADMINS: bool = true;

    fn output_of(version: u16, kept: Value) -> Option<C::Output> {
        C::output_of(version, kept)
    }

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<C::Output> {
        let Told { output, change } = self.change(tx, ctx).await?;
        if let Some(Change { target, before, after }) = change {
            let row = rows::AuditEntry {
                id: ctx.new_id(),
                create_time: ctx.now,
                actor: ctx.principal.to_string(),
                command: C::NAME.to_owned(),
                target,
                before_json: before.map(|value| value.to_string()),
                after_json: after.map(|value| value.to_string()),
            };
            tx.insert(row).await?;
        }
        Ok(output)
    }
}

/// A change of one thing. What it shows is read by owners, and kept for good: no secret, and nothing that buyers pay for. The
/// types of those have no form in JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    target: String,
    before: Option<Value>,
    after: Option<Value>,
}

impl Change {
    /// Of what was changed: its kind and its name, such as `title` and `ttl_…`.
    #[must_use]
    pub fn of(kind: &str, name: impl Display) -> Self {
        Self { target: format!("{kind}:{name}"), before: None, after: None }
    }

    /// How it was; `None` when it was not there.
    #[must_use]
    pub fn from(self, before: Option<Value>) -> Self {
        Self { before, ..self }
    }

    /// How it is; `None` when it is gone.
    #[must_use]
    pub fn to(self, after: impl Into<Option<Value>>) -> Self {
        Self { after: after.into(), ..self }
    }
}

/// What an administrator's command did.
#[derive(Clone, Debug)]
#[must_use]
pub struct Told<T> {
    output: T,
    change: Option<Change>,
}

impl<T> Told<T> {
    /// It changed something.
    pub fn changed(output: T, change: Change) -> Self {
        Self { output, change: Some(change) }
    }

    /// It changed nothing.
    pub fn unchanged(output: T) -> Self {
        Self { output, change: None }
    }
}
