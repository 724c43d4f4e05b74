//! What every table's rows have in common.

/// `name(key columns) { other columns }` defines the module `name` with the rows of the table `name`, as SeaORM maps them.
/// The values of the key are ours: no database makes them.
macro_rules! table {
    (
        $(#[$about:meta])*
        $table:ident($($key:ident: $Key:ty),+) {
            $($column:ident: $Type:ty,)*
        }
    ) => {
        $(#[$about])*
        pub(crate) mod $table {
            use super::*;

            #[derive(Copy, Clone, Default, Debug, DeriveEntity)]
            pub struct Entity;

            impl EntityName for Entity {
                fn table_name(&self) -> &'static str {
                    stringify!($table)
                }
            }

            #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
            #[expect(missing_docs, reason = "columns are described by the migration and by the API")]
            pub struct Model {
                $(#[sea_orm(primary_key, auto_increment = false)] pub $key: $Key,)+
                $(pub $column: $Type,)*
            }

            /// Joins are written where they are needed.
            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}

            impl crate::row::FromValues for Model {
                fn from_values(values: &mut crate::row::Values<'_>) -> Result<Self, DbErr> {
                    Ok(Self {
                        $($key: values.next(stringify!($key))?,)+
                        $($column: values.next(stringify!($column))?,)*
                    })
                }
            }
        }
    };
}

pub(super) use table;
