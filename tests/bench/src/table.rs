//! Tables of Markdown, and figures in text.

use std::fmt::Write as _;

/// A table.
#[derive(Debug, Default)]
pub(crate) struct Table(String);

impl Table {
    /// A table with these headings; figures stand right.
    pub(crate) fn new(headings: &[&str], words: usize) -> Self {
        let mut table = Self::default();
        table.row(headings.iter().map(|heading| (*heading).to_owned()));
        table.row((0..headings.len()).map(|column| if column < words { "---" } else { "---:" }.to_owned()));
        table
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        for cell in cells {
            let _ = write!(self.0, "| {cell} ");
        }
        self.0.push_str("|\n");
    }

    pub(crate) fn text(self) -> String {
        self.0
    }
}

/// A whole number with commas.
pub(crate) fn whole(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && digits.len().saturating_sub(place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of thousandths, with `places` digits after the point (at most three).
pub(crate) fn thousandths(number: u64, places: u32) -> String {
    let unit = 10_u64.pow(3_u32.saturating_sub(places));
    let rounded = number.saturating_add(unit / 2) / unit;
    let parts = 10_u64.pow(places.min(3));
    let (above, below) = (rounded / parts, rounded % parts);
    let width = usize::try_from(places.min(3)).unwrap_or_default();
    if width == 0 { whole(above) } else { format!("{}.{below:0width$}", whole(above)) }
}

/// How many times `other` goes into `one`, with two digits after the point.
pub(crate) fn ratio(one: u64, other: u64) -> String {
    match one.saturating_mul(1_000).checked_div(other) {
        Some(ratio) => thousandths(ratio, 2),
        None => "–".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(whole(0), "0");
        assert_eq!(whole(999), "999");
        assert_eq!(whole(1_234_567), "1,234,567");
        assert_eq!(thousandths(1_234, 1), "1.2");
        assert_eq!(thousandths(1_250, 1), "1.3");
        assert_eq!(thousandths(7, 3), "0.007");
        assert_eq!(thousandths(1_999, 0), "2");
        assert_eq!(ratio(3, 4), "0.75");
        assert_eq!(ratio(3, 0), "–");
    }

    #[test]
    fn a_table_is_markdown() {
        let mut table = Table::new(&["what", "how many"], 1);
        table.row(["a".to_owned(), "1".to_owned()]);
        assert_eq!(table.text(), "| what | how many |\n| --- | ---: |\n| a | 1 |\n");
    }
}
