//! What an import did.

use std::fmt;

use warung_proto::library::PutResult;

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Of the categories.
    pub categories: Counts,
    /// Of the titles.
    pub titles: Counts,
    /// Of the memberships.
    pub memberships: Counts,
    /// Of the categories of products.
    pub product_categories: Counts,
    /// Of the products.
    pub products: Counts,
    /// Of the stock lines; those that a product has or had are unchanged.
    pub stock: Counts,
    /// How many different pictures the core was given; it keeps each once.
    pub pictures: usize,
    /// How many episodes are given by the address of their video: only a store with a public address can show them.
    pub by_address: usize,
}

/// How many things of one kind were made, changed, and found as the file has them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// They were not there.
    pub created: usize,
    /// They were there, and differ now.
    pub updated: usize,
    /// They were there, just so.
    pub unchanged: usize,
}

impl Counts {
    pub(super) fn add(&mut self, result: PutResult) {
        let count = match result {
            PutResult::Created => &mut self.created,
            PutResult::Updated => &mut self.updated,
            PutResult::Unchanged | PutResult::Unspecified => &mut self.unchanged,
        };
        *count = count.saturating_add(1);
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { created, updated, unchanged } = self;
        write!(formatter, "{created} created, {updated} updated, {unchanged} unchanged")
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { categories, titles, memberships, product_categories, products, stock, pictures, by_address: _ } =
            self;
        writeln!(formatter, "categories:         {categories}")?;
        writeln!(formatter, "titles:             {titles}")?;
        writeln!(formatter, "memberships:        {memberships}")?;
        writeln!(formatter, "product categories: {product_categories}")?;
        writeln!(formatter, "products:           {products}")?;
        writeln!(formatter, "stock lines:        {stock}")?;
        write!(formatter, "pictures:           {pictures}")
    }
}
