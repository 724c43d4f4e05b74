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
    /// A subquery of the ids in `area` that fit all of `words`, which are normalised; without a word there are none. A word
    /// that punctuation divides has spaces between its parts.
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

/// Words in the language of the database's index, the last as the beginning of one. A word that has parts fits those parts
/// and what they are together: "spider man" both "Spider-Man" and "Spiderman".
fn terms(words: &[String], postgres: bool) -> Option<String> {
    // Normalised words have nothing else. What is an operator of that language must never come through.
    let letters = |part: &str| part.chars().filter(|character| character.is_alphanumeric()).collect::<String>();
    let parts = |word: &String| word.split(' ').map(letters).filter(|part| !part.is_empty()).collect::<Vec<_>>();
    let words: Vec<_> = words.iter().map(parts).filter(|parts| !parts.is_empty()).collect();
    let (quote, and, or, prefix) = if postgres { ("'", " & ", " | ", ":*") } else { ("\"", " AND ", " OR ", "*") };
    // A letter alone is the beginning of nearly everything.
    let is_letter = words.len() == 1 && words.concat().concat().chars().count() == 1;
    let term = |place: usize, parts: &Vec<String>| {
        let prefix = if place + 1 == words.len() && !is_letter { prefix } else { "" };
        let all = parts.iter().map(|part| format!("{quote}{part}{quote}")).collect::<Vec<_>>().join(and);
        if parts.len() == 1 {
            return format!("{all}{prefix}");
        }
        format!("({all}{prefix}{or}{quote}{}{quote}{prefix})", parts.concat())
    };
    let terms: Vec<_> = words.iter().enumerate().map(|(place, parts)| term(place, parts)).collect();
    if terms.is_empty() { None } else { Some(terms.join(and)) }
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
