//! Making something by its code, or changing it, beside others who do.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use warung_domain::violation::Violations;
use warung_store::{Read, rows};

use crate::{
    context::Context,
    error::{Error, Precondition, Result},
};

/// What its caller saw of the thing that they edit: the time of its last edit, in a form that is nobody's business. Empty: it
/// is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Etag(pub String);

impl Etag {
    /// Whatever is there, it is overwritten.
    const ANY: &str = "*";

    /// Of a thing that was edited then.
    #[must_use]
    pub fn of(update_time: DateTime<Utc>) -> Self {
        Self(format!("{:x}", update_time.timestamp_micros()))
    }

    /// Overwrites whatever is there.
    #[must_use]
    pub fn any() -> Self {
        Self(Self::ANY.to_owned())
    }

    /// Refuses to change what is not there as the caller saw it: somebody else would lose an edit.
    pub(crate) fn check(&self, there: Option<DateTime<Utc>>) -> Result<()> {
        if self.0 == Self::ANY || self.0 == there.map(Self::of).unwrap_or_default().0 {
            return Ok(());
        }
        Err(Precondition::EditedMeanwhile.into())
    }
}

/// The time of an edit: no two edits of a thing have the same, however the clocks of two cores stand.
pub(crate) fn edit_time(ctx: &Context, before: Option<DateTime<Utc>>) -> DateTime<Utc> {
    before.map_or(ctx.now, |before| ctx.now.max(before + TimeDelta::microseconds(1)))
}

/// Two who make the same thing at once: the later one has not seen what the earlier one made.
pub(crate) fn made_at_once(error: warung_store::Error) -> Error {
    match error {
        warung_store::Error::Conflict(_) => Precondition::EditedMeanwhile.into(),
        other => other.into(),
    }
}

/// The fields of an input that its caller means; empty: all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mask(pub Vec<String>);

impl Mask {
    /// Whether a field stays as it is.
    pub(crate) fn keeps(&self, field: &str) -> bool {
        !self.0.is_empty() && !self.0.iter().any(|meant| meant == field)
    }

    /// Refuses names that no field has.
    pub(crate) fn check(&self, fields: &[&str]) -> Result<()> {
        let mut found = Violations::new();
        let known = self.0.iter().all(|meant| fields.contains(&meant.as_str()));
        found.check(known, "update_mask", &format!("must name some of {}", fields.join(", ")));
        Ok(found.finish()?)
    }
}

/// What a Put did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PutResult {
    /// It was not there.
    Created,
    /// It was there, and differs now.
    Updated,
    /// It was there, just so.
    Unchanged,
}

impl PutResult {
    /// Of a row as it was, if it was there, and as it is to be.
    pub(crate) fn of<M: PartialEq>(before: Option<&M>, row: &M) -> Self {
        match before {
            None => Self::Created,
            Some(before) if before == row => Self::Unchanged,
            Some(_) => Self::Updated,
        }
    }
}

/// The hash of the stored picture that `field` names by its `med_` id, if it names one.
pub(crate) async fn stored_picture(
    read: &Read,
    found: &mut Violations,
    field: &str,
    media_id: &str,
) -> Result<Option<String>> {
    let Some(hash) = media_id.strip_prefix("med_") else { return Ok(None) };
    let media: Option<rows::Media> = read.find(hash.to_owned()).await?;
    found.check(media.is_some(), field, "must be a stored picture");
    Ok(media.map(|media| media.hash))
}

/// The id of the picture with this hash; empty when there is none.
pub(crate) fn media_id(hash: Option<&str>) -> String {
    hash.map(|hash| format!("med_{hash}")).unwrap_or_default()
}
