//! Making something by its code, or changing it.

use serde::{Deserialize, Serialize};
use warung_domain::violation::Violations;
use warung_store::{Read, rows};

use crate::error::Result;

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
