//! Values between SeaORM and rusqlite.
//!
//! SQLite has no types for UUIDs, times and JSON. sea-query declares such columns with names of its own
//! (`uuid_text`, `timestamp_with_timezone_text`, `json_text`), and those declarations choose how a column is read.
//! A value that does not fit its declaration is an error: read as NULL it would vanish in an `Option`.

use chrono::{DateTime, SecondsFormat, Utc};
use rusqlite::types::{ToSqlOutput, Value as Stored, ValueRef};
use sea_orm::{DbErr, Value};
use uuid::Uuid;

/// A bound value.
pub(super) struct Bind<'a>(pub(super) &'a Value);

impl rusqlite::ToSql for Bind<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let integer = |value: Option<i64>| match value {
            Some(value) => Stored::Integer(value),
            None => Stored::Null,
        };
        let owned = match self.0 {
            Value::Bool(value) => integer(value.map(i64::from)),
            Value::TinyInt(value) => integer(value.map(i64::from)),
            Value::SmallInt(value) => integer(value.map(i64::from)),
            Value::Int(value) => integer(value.map(i64::from)),
            Value::BigInt(value) => integer(*value),
            Value::Unsigned(value) => integer(value.map(i64::from)),
            Value::BigUnsigned(value) => match value.map(i64::try_from).transpose() {
                Ok(value) => integer(value),
                Err(error) => return Err(rusqlite::Error::ToSqlConversionFailure(Box::new(error))),
            },
            Value::String(Some(text)) => return Ok(ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes()))),
            Value::Bytes(Some(bytes)) => return Ok(ToSqlOutput::Borrowed(ValueRef::Blob(bytes))),
            Value::Uuid(Some(id)) => return Ok(ToSqlOutput::Borrowed(ValueRef::Blob(id.as_bytes()))),
            Value::ChronoDateTimeUtc(Some(time)) => Stored::Text(time_text(time)),
            Value::Json(Some(json)) => Stored::Text(json.to_string()),
            Value::String(None)
            | Value::Bytes(None)
            | Value::Uuid(None)
            | Value::ChronoDateTimeUtc(None)
            | Value::Json(None) => Stored::Null,
            other => {
                return Err(rusqlite::Error::ToSqlConversionFailure(
                    format!("no mapping for a bound value of the kind {other:?}").into(),
                ));
            }
        };
        Ok(ToSqlOutput::Owned(owned))
    }
}

/// Always six digits after the point, so that texts sort as times do.
fn time_text(time: &DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, false)
}

/// How a column is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Integer,
    Bool,
    Text,
    Bytes,
    Uuid,
    Time,
    Json,
    /// An expression: only numbers are taken, since their kind is certain.
    Expression,
}

impl Kind {
    pub(super) fn of(declared: Option<&str>) -> Result<Self, DbErr> {
        let Some(declared) = declared else { return Ok(Self::Expression) };
        let declared = declared.to_ascii_lowercase();
        Ok(match declared.as_str() {
            "integer" | "bigint" => Self::Integer,
            "boolean" => Self::Bool,
            "uuid_text" => Self::Uuid,
            "timestamp_with_timezone_text" => Self::Time,
            "json_text" | "jsonb_text" => Self::Json,
            bytes if bytes.starts_with("blob") => Self::Bytes,
            text if text == "text" || text.starts_with("varchar") => Self::Text,
            _ => return Err(DbErr::Type(format!("no mapping for a column declared {declared}"))),
        })
    }

    pub(super) fn read(self, value: ValueRef<'_>) -> Result<Value, DbErr> {
        let null = matches!(value, ValueRef::Null);
        let bad = |what: &str| DbErr::Type(format!("a column declared {what} holds {}", value.data_type()));
        let text = || value.as_str().map_err(|_| bad("text"));
        Ok(match self {
            Self::Integer if null => Value::BigInt(None),
            Self::Integer => Value::BigInt(Some(value.as_i64().map_err(|_| bad("integer"))?)),
            Self::Bool if null => Value::Bool(None),
            Self::Bool => match value.as_i64() {
                Ok(0) => Value::Bool(Some(false)),
                Ok(1) => Value::Bool(Some(true)),
                _ => return Err(bad("boolean")),
            },
            Self::Text if null => Value::String(None),
            Self::Text => Value::String(Some(text()?.to_owned())),
            Self::Bytes if null => Value::Bytes(None),
            Self::Bytes => Value::Bytes(Some(value.as_blob().map_err(|_| bad("blob"))?.to_vec())),
            Self::Uuid if null => Value::Uuid(None),
            Self::Uuid => {
                let bytes = value.as_blob().map_err(|_| bad("uuid"))?;
                Value::Uuid(Some(Uuid::from_slice(bytes).map_err(|_| bad("uuid"))?))
            }
            Self::Time if null => Value::ChronoDateTimeUtc(None),
            Self::Time => {
                let text = text()?;
                // As we write it; what a statement made of it may look different.
                let time = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc()).or_else(|_| text.parse());
                Value::ChronoDateTimeUtc(Some(time.map_err(|_| bad("time"))?))
            }
            Self::Json if null => Value::Json(None),
            Self::Json => {
                let json = serde_json::from_str(text()?).map_err(|_| bad("json"))?;
                Value::Json(Some(Box::new(json)))
            }
            Self::Expression => match value {
                ValueRef::Null => Value::BigInt(None),
                ValueRef::Integer(number) => Value::BigInt(Some(number)),
                _ => return Err(DbErr::Type("an expression that is no whole number: select the column itself".into())),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_does_not_fit_its_column_is_an_error_and_not_null() {
        for (kind, value) in [
            (Kind::Integer, ValueRef::Text(b"7")),
            (Kind::Bool, ValueRef::Integer(2)),
            (Kind::Text, ValueRef::Integer(7)),
            (Kind::Uuid, ValueRef::Blob(b"short")),
            (Kind::Time, ValueRef::Text(b"yesterday")),
            (Kind::Json, ValueRef::Text(b"{")),
            (Kind::Expression, ValueRef::Text(b"max")),
        ] {
            assert!(matches!(kind.read(value), Err(DbErr::Type(_))), "{kind:?}");
        }
    }

    #[test]
    fn times_sort_as_their_texts_do() {
        let texts: Vec<_> =
            ["2026-01-31T00:00:00Z", "2026-01-31T00:00:00.000001Z", "2026-01-31T00:00:00.5Z", "2026-01-31T00:00:01Z"]
                .iter()
                .map(|text| time_text(&text.parse().unwrap()))
                .collect();
        assert!(texts.is_sorted(), "{texts:?}");
    }
}
