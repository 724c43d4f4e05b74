//! One search for all areas: whole words, the last of which may be the beginning of one, newest documents first.
//!
//! Words are normalised by `warung_domain::text` on both sides, so that both databases match alike: lower case,
//! without marks, letters and digits only. What else a list is narrowed down by (its area, a category) are *facets*: tokens
//! of the document like its words, that no word can be, as they begin with `#`. So the index alone finds a page, and what is
//! not shown has no facet. A word that nothing is found by is taken to be mistyped by a letter.

use std::collections::BTreeSet;

use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DbBackend, EntityTrait as _, QueryFilter as _, Set, Statement,
    sea_query::OnConflict,
};
use uuid::Uuid;

use crate::{
    entity::search_document::{ActiveModel, Column, Entity},
    error::Result,
    tx::{Read, Tx},
};

/// How many of the newest documents of an area PostgreSQL looks through before it asks the index for all: that has no order,
/// and of a word that is in half the documents it would read each of them.
const NEWEST: u64 = 1_000;
/// How long a word is that may be mistyped.
const MISTYPED: std::ops::RangeInclusive<usize> = 4..=16;
/// What a letter may have been instead, besides the letters of the word itself.
const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz0123456789";

/// What is searched for.
pub(crate) struct Search<'a> {
    /// In which area.
    pub(crate) area: &'a str,
    /// Normalised words; all of them fit. A word that punctuation divides has spaces between its parts.
    pub(crate) words: &'a [String],
    /// All of these fit, too.
    pub(crate) facets: Vec<String>,
    /// Only what is older than this.
    pub(crate) after: Option<Uuid>,
    /// At most so many.
    pub(crate) limit: u64,
}

/// A token that is no word.
pub(crate) fn facet(name: &str, value: impl std::fmt::Display) -> String {
    format!("#{name}{value}").to_lowercase()
}

/// One of several ways in which a document fits, each of them all of some tokens.
type Term = Vec<Vec<Token>>;

/// A word of a document; or, `true`, the beginning of one.
type Token = (String, bool);

impl Read {
    /// The ids of what fits, newest first.
    pub(crate) async fn search(&self, search: &Search<'_>) -> Result<Vec<Uuid>> {
        let before = match search.after {
            Some(ref_id) => match self.document(search.area, ref_id).await? {
                Some(id) => id,
                None => return Ok(Vec::new()),
            },
            None => i64::MAX,
        };
        let mut terms = terms(search.words);
        if terms.is_empty() {
            return Ok(Vec::new());
        }
        let facets = search.facets.iter().map(|facet| vec![vec![(facet.clone(), false)]]).collect::<Vec<_>>();
        let found = self.fitting(search.area, &[terms.clone(), facets.clone()].concat(), before, search.limit).await?;
        if !found.is_empty() || !self.correct(search.area, &mut terms, &facets).await? {
            return Ok(found);
        }
        self.fitting(search.area, &[terms, facets].concat(), before, search.limit).await
    }

    /// Replaces words that nothing is found by with those that differ in a letter. `false`: there are none, or one can't be
    /// mistyped.
    async fn correct(&self, area: &str, terms: &mut [Term], facets: &[Term]) -> Result<bool> {
        let mut has_mistyped = false;
        for term in terms {
            let alone = [std::slice::from_ref(term), facets].concat();
            if !self.fitting(area, &alone, i64::MAX, 1).await?.is_empty() {
                continue;
            }
            let [word] = term.as_slice() else { return Ok(false) };
            let [(word, _)] = word.as_slice() else { return Ok(false) };
            if !MISTYPED.contains(&word.chars().count()) {
                return Ok(false);
            }
            let meant = self.known(mistyped(word)).await?;
            if meant.is_empty() {
                return Ok(false);
            }
            *term = meant.into_iter().map(|word| vec![(word, false)]).collect();
            has_mistyped = true;
        }
        Ok(has_mistyped)
    }

    /// Those of these words that there are. SQLite's index passes over the others by itself; PostgreSQL's compares each
    /// document that it finds with all of them.
    async fn known(&self, words: BTreeSet<String>) -> Result<Vec<String>> {
        if self.get_database_backend() != DbBackend::Postgres {
            return Ok(words.into_iter().collect());
        }
        let sql = "select word from unnest($1) as word where exists \
                   (select 1 from search_document where tokens @@ ('''' || word || '''')::tsquery limit 1)";
        let values = [words.into_iter().collect::<Vec<_>>().into()];
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
        self.query_all_raw(statement).await?.iter().map(|row| Ok(row.try_get("", "word")?)).collect()
    }

    async fn document(&self, area: &str, ref_id: Uuid) -> Result<Option<i64>> {
        let found = Entity::find().filter(Column::Area.eq(area)).filter(Column::RefId.eq(ref_id));
        Ok(found.one(self).await?.map(|document| document.id))
    }

    async fn fitting(&self, area: &str, terms: &[Term], before: i64, limit: u64) -> Result<Vec<Uuid>> {
        if self.get_database_backend() == DbBackend::Postgres {
            let found = self.ids(newest(area, terms, before, limit)).await?;
            if u64::try_from(found.len()).is_ok_and(|count| count >= limit) {
                return Ok(found);
            }
        }
        self.indexed(terms, before, limit).await
    }

    async fn indexed(&self, terms: &[Term], before: i64, limit: u64) -> Result<Vec<Uuid>> {
        self.ids(indexed(self.get_database_backend(), terms, before, limit)).await
    }

    async fn ids(&self, statement: Statement) -> Result<Vec<Uuid>> {
        self.query_all_raw(statement).await?.iter().map(|row| Ok(row.try_get("", "ref_id")?)).collect()
    }
}

/// By the index of all documents. SQLite's is in the order of the documents, so that it ends with the last that is wanted;
/// PostgreSQL shall not walk the documents in their order instead.
pub(crate) fn indexed(backend: DbBackend, terms: &[Term], before: i64, limit: u64) -> Statement {
    let sql = match backend {
        DbBackend::Postgres => {
            "select ref_id from search_document where tokens @@ cast($1 as text)::tsquery and id + 0 < $2 \
             order by id + 0 desc limit $3"
        }
        _ => {
            "select d.ref_id as ref_id from search_words cross join search_document d on d.id = search_words.rowid \
             where search_words match $1 and search_words.rowid < $2 order by search_words.rowid desc limit $3"
        }
    };
    let values = [written(backend, terms).into(), before.into(), limit.cast_signed().into()];
    Statement::from_sql_and_values(backend, sql, values)
}

/// Among the newest documents of an area, on PostgreSQL.
pub(crate) fn newest(area: &str, terms: &[Term], before: i64, limit: u64) -> Statement {
    let sql = format!(
        "select ref_id from (select id, ref_id, tokens from search_document where area = $1 and id + 0 < $2 \
         order by id + 0 desc limit {NEWEST}) newest where tokens @@ cast($3 as text)::tsquery order by id desc limit $4"
    );
    let backend = DbBackend::Postgres;
    let values = [area.into(), before.into(), written(backend, terms).into(), limit.cast_signed().into()];
    Statement::from_sql_and_values(backend, sql, values)
}

/// Terms in the language of the database's index. What is an operator of that language never comes through: tokens are
/// letters and digits, and the sign of a facet.
fn written(backend: DbBackend, terms: &[Term]) -> String {
    let (quote, and, or, beginning) =
        if backend == DbBackend::Postgres { ('\'', " & ", " | ", ":*") } else { ('"', " AND ", " OR ", "*") };
    let token = |(word, is_beginning): &Token| {
        let beginning = if *is_beginning { beginning } else { "" };
        format!("{quote}{word}{quote}{beginning}")
    };
    let all = |tokens: &Vec<Token>| tokens.iter().map(token).collect::<Vec<_>>().join(and);
    let any = |term: &Term| match term.as_slice() {
        [one] => all(one),
        ways => format!("({})", ways.iter().map(all).collect::<Vec<_>>().join(or)),
    };
    // In parentheses: of those AND binds more tightly than OR in both.
    terms.iter().map(any).collect::<Vec<_>>().join(and)
}

/// Words to search for, the last as the beginning of one. A word that has parts fits those parts and what they are together:
/// "spider man" both "Spider-Man" and "Spiderman".
pub(crate) fn terms(words: &[String]) -> Vec<Term> {
    let letters = |part: &str| part.chars().filter(|character| character.is_alphanumeric()).collect::<String>();
    let parts = |word: &String| word.split(' ').map(letters).filter(|part| !part.is_empty()).collect::<Vec<_>>();
    let words: Vec<_> = words.iter().map(parts).filter(|parts| !parts.is_empty()).collect();
    // A letter alone is the beginning of nearly everything.
    let is_letter = words.len() == 1 && words.concat().concat().chars().count() == 1;
    let count = words.len();
    let term = |(place, parts): (usize, Vec<String>)| {
        let is_beginning = place + 1 == count && !is_letter;
        let together = parts.concat();
        let last = parts.len().saturating_sub(1);
        let each = parts.into_iter().enumerate().map(|(place, part)| (part, place == last && is_beginning)).collect();
        if last == 0 { vec![each] } else { vec![each, vec![(together, is_beginning)]] }
    };
    words.into_iter().enumerate().map(term).collect()
}

/// What somebody may have meant who typed a letter too many, too few, another one, or two in the wrong order.
fn mistyped(word: &str) -> BTreeSet<String> {
    let typed: Vec<char> = word.chars().collect();
    let letters: BTreeSet<char> = LETTERS.chars().chain(typed.iter().copied()).collect();
    let mut meant = BTreeSet::new();
    for place in 0..=typed.len() {
        let (before, after) = typed.split_at(place);
        let mut put = |middle: &[char], after: &[char]| meant.insert([before, middle, after].concat().iter().collect());
        for letter in &letters {
            put(&[*letter], after);
            if let [_, rest @ ..] = after {
                put(&[*letter], rest);
            }
        }
        if let [_, rest @ ..] = after {
            put(&[], rest);
        }
        if let [first, second, rest @ ..] = after {
            put(&[*second, *first], rest);
        }
    }
    meant.remove(word);
    meant
}

impl Tx {
    /// Makes something findable by these normalised words and these facets, instead of those it had.
    pub async fn index_words(&mut self, area: &str, ref_id: Uuid, words: &str, facets: &[String]) -> Result<()> {
        let words = words.split(' ').chain(facets.iter().map(String::as_str)).filter(|word| !word.is_empty());
        let row = ActiveModel {
            area: Set(area.to_owned()),
            ref_id: Set(ref_id),
            words: Set(words.collect::<Vec<_>>().join(" ")),
            ..Default::default()
        };
        Entity::insert(row)
            .on_conflict(OnConflict::columns([Column::Area, Column::RefId]).update_column(Column::Words).to_owned())
            .exec_without_returning(&**self)
            .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_in_a_letter_is_meant_and_nothing_else() {
        let meant = mistyped("laskr");
        for word in ["laskar", "laskra", "lakr", "lsakr", "laskt", "alaskr", "las9r"] {
            assert!(meant.contains(word), "{word}");
        }
        for word in ["laskr", "laska", "lasarr", ""] {
            assert_eq!(meant.contains(word), word == "laska", "{word}");
        }
        assert!(meant.len() < 500, "{}", meant.len());
        assert!(
            mistyped("кио").contains("ки") && mistyped("кио").contains("коо"),
            "of other scripts, their own letters"
        );
    }

    #[test]
    fn terms_are_written_in_the_language_of_either_index() {
        let words = ["spider man".to_owned(), "no".to_owned()];
        let mut terms = terms(&words);
        terms.push(vec![vec![(facet("title", ""), false)]]);
        assert_eq!(written(DbBackend::Postgres, &terms), "('spider' & 'man' | 'spiderman') & 'no':* & '#title'");
        assert_eq!(
            written(DbBackend::Sqlite, &terms),
            "(\"spider\" AND \"man\" OR \"spiderman\") AND \"no\"* AND \"#title\""
        );
    }
}
