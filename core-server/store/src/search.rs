//! One search for all areas: whole words, the last of which may be the beginning of one.
//!
//! Words are normalised by `warung_domain::text` on both sides, so that both databases match alike: lower case,
//! without marks, letters and digits only.

use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DbBackend, EntityTrait as _, QueryFilter as _, QuerySelect as _,
    QueryTrait as _, Set,
    sea_query::{Expr, OnConflict, SelectStatement},
};
use uuid::Uuid;

use crate::{
    entity::search_document::{ActiveModel, Column, Entity},
    error::Result,
    tx::{Read, Tx},
};

impl Read {
    /// A subquery of the ids in `area` that fit all of `words`, which are normalised; without a word there are none.
    pub(crate) fn found_in(&self, area: &str, words: &[String]) -> SelectStatement {
        let postgres = self.get_database_backend() == DbBackend::Postgres;
        let condition = match terms(words, postgres) {
            None => Expr::cust("1 = 0"),
            Some(terms) if postgres => {
                Expr::cust_with_values("to_tsvector('simple', words) @@ to_tsquery('simple', $1)", [terms])
            }
            Some(terms) => Expr::cust_with_values(
                "\"search_document\".\"id\" in (select rowid from search_words where search_words match ?)",
                [terms],
            ),
        };
        Entity::find().select_only().column(Column::RefId).filter(Column::Area.eq(area)).filter(condition).into_query()
    }
}

/// Words in the language of the database's index, the last as the beginning of one.
fn terms(words: &[String], postgres: bool) -> Option<String> {
    // Normalised words have nothing else. What is an operator of that language must never come through.
    let letters = words.iter().map(|word| word.chars().filter(|character| character.is_alphanumeric()).collect());
    let words: Vec<String> = letters.filter(|word: &String| !word.is_empty()).collect();
    let (quote, joint, prefix) = if postgres { ("'", " & ", ":*") } else { ("\"", " ", "*") };
    let quoted: Vec<_> = words.iter().map(|word| format!("{quote}{word}{quote}")).collect();
    if quoted.is_empty() { None } else { Some(format!("{}{prefix}", quoted.join(joint))) }
}

impl Tx {
    /// Makes something findable by these normalised words, instead of those it had.
    pub async fn index_words(&mut self, area: &str, ref_id: Uuid, words: &str) -> Result<()> {
        let row = ActiveModel {
            area: Set(area.to_owned()),
            ref_id: Set(ref_id),
            words: Set(words.to_owned()),
            ..Default::default()
        };
        Entity::insert(row)
            .on_conflict(OnConflict::columns([Column::Area, Column::RefId]).update_column(Column::Words).to_owned())
            .exec_without_returning(&**self)
            .await?;
        Ok(())
    }
}
