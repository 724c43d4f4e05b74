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

    /// The time of an edit of a thing that was edited `before`, if it is there; no two edits of it have the same, however
    /// the clocks of two cores stand. Refused when it is not there as the caller saw it: somebody else would lose an edit.
    pub(crate) fn edit(&self, ctx: &Context, before: Option<DateTime<Utc>>) -> Result<DateTime<Utc>> {
        if self.0 != Self::ANY && self.0 != before.map(Self::of).unwrap_or_default().0 {
            return Err(Precondition::EditedMeanwhile.into());
        }
        Ok(before.map_or(ctx.now, |before| ctx.now.max(before + TimeDelta::microseconds(1))))
    }
}

/// Two who make the same thing at once: the later one has not seen what the earlier one made.
pub(crate) fn made_at_once(error: warung_store::Error) -> Error {
    match error {
        warung_store::Error::Conflict(_) => Precondition::EditedMeanwhile.into(),
        other => other.into(),
    }
}

/// A field of an input that may be meant: its name, and how another input's is put in its place.
pub(crate) type Field<T> = (&'static str, fn(&mut T, &mut T));

/// The fields of an input that may be meant.
macro_rules! fields {
    ($Input:ty: $($field:ident),+ $(,)?) => {
        &[$((stringify!($field), |input: &mut $Input, there: &mut $Input| {
            std::mem::swap(&mut input.$field, &mut there.$field);
        })),+]
    };
}

pub(crate) use fields;

/// The fields of an input that its caller means; empty: all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mask(pub Vec<String>);

impl Mask {
    /// Something stays as it is there, whatever the input says.
    pub(crate) fn is_partial(&self) -> bool {
        !self.0.is_empty()
    }

    /// What the caller means of an input, and of all else what is `there`. Names that no field has are refused.
    pub(crate) fn beside<T>(&self, fields: &[Field<T>], mut input: T, there: Option<T>) -> Result<T> {
        let is_meant = |name: &str| self.0.iter().any(|meant| meant == name);
        let mut found = Violations::new();
        let names: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
        let known = self.0.iter().all(|meant| names.contains(&meant.as_str()));
        found.check(known, "update_mask", &format!("must name some of {}", names.join(", ")));
        found.finish()?;
        if let (true, Some(mut there)) = (self.is_partial(), there) {
            for (_, keep) in fields.iter().filter(|(name, _)| !is_meant(name)) {
                keep(&mut input, &mut there);
            }
        }
        Ok(input)
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
