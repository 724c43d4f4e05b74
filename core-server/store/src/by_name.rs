//! Columns that hold a value of an enum by its name.

use sea_orm::{
    ColIdx, QueryResult, TryGetError, TryGetable, Value,
    sea_query::{ArrayType, ColumnType, Nullable, ValueType, ValueTypeErr},
};
use warung_domain::named::{Named, find};

/// A value that a column holds by its name. A row whose column holds no name of it is inconsistent, and can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ByName<T>(pub T);

impl<T: Named> ByName<T> {
    /// All that this version of Warung can read.
    pub(crate) fn known() -> impl Iterator<Item = Self> {
        T::VALUES.iter().copied().map(Self)
    }
}

impl<T> From<T> for ByName<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: PartialEq> PartialEq<T> for ByName<T> {
    fn eq(&self, other: &T) -> bool {
        self.0 == *other
    }
}

impl<T: Named> From<ByName<T>> for Value {
    fn from(ByName(value): ByName<T>) -> Self {
        value.named().into()
    }
}

impl<T: Named> TryGetable for ByName<T> {
    fn try_get_by<I: ColIdx>(row: &QueryResult, column: I) -> Result<Self, TryGetError> {
        let name = String::try_get_by(row, column)?;
        let unknown = || sea_orm::DbErr::Type(format!("{column:?} is {name:?}, which is no {}", Self::type_name()));
        find(&name).map(Self).ok_or_else(|| unknown().into())
    }
}

impl<T: Named> ValueType for ByName<T> {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        match value {
            Value::String(Some(name)) => find(&name).map(Self).ok_or(ValueTypeErr),
            _ => Err(ValueTypeErr),
        }
    }

    fn type_name() -> String {
        let path = std::any::type_name::<T>();
        path.rsplit("::").next().unwrap_or(path).to_owned()
    }

    fn array_type() -> ArrayType {
        ArrayType::String
    }

    fn column_type() -> ColumnType {
        ColumnType::Text
    }
}

impl<T: Named> Nullable for ByName<T> {
    fn null() -> Value {
        Value::String(None)
    }
}
