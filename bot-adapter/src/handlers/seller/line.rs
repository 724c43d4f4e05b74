//! A line of an order, as sellers name it: `KODE#2` is the second.

use tonic::Status;
use warung_proto::order::{Order, OrderLine};

use super::{App, Person, orders, screen::Screen};
use crate::{
    format,
    words::{Key, isolate},
};

/// An order's code, and which of its lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Named<'a> {
    pub(super) code: &'a str,
    /// From 1; `None`: none was named. 0 is what is no number, and no line.
    number: Option<usize>,
}

impl<'a> Named<'a> {
    pub(super) fn parse(text: &'a str) -> Self {
        match text.split_once('#') {
            None => Self { code: text, number: None },
            Some((code, number)) => Self { code, number: Some(number.parse().unwrap_or_default()) },
        }
    }

    pub(super) fn names_a_line(self) -> bool {
        self.number.is_some()
    }

    /// The order, and the line that is named.
    pub(super) async fn look_up(self, app: &App, person: &Person) -> Result<(Order, Option<OrderLine>), Status> {
        let order = app.core.get_store_order(person.id, self.code).await?;
        let place = self.number.and_then(|number| number.checked_sub(1));
        let line = place.and_then(|place| order.lines.get(place).cloned());
        Ok((order, line))
    }
}

/// What may still go back of a line, in its smallest unit.
pub(super) fn left(line: &OrderLine) -> i64 {
    format::units(line.net.as_ref()).saturating_sub(format::units(line.refunded.as_ref()))
}

/// The lines that may be meant, each with the command that names it.
pub(super) fn choice(
    app: &App,
    person: &Person,
    order: &Order,
    (question, line_key): (Key, Key),
    may_be_meant: impl Fn(&OrderLine) -> bool,
) -> Screen {
    let mut text = app.words.html(person.language, question, &[("code", order.code.as_str())]);
    for (number, line) in order.lines.iter().enumerate().filter(|(_, line)| may_be_meant(line)) {
        let number = number.saturating_add(1).to_string();
        let name = isolate(&orders::order::line_name(app, person.language, line));
        let left = format::money(Some(&format::idr(left(line))));
        let values = [("code", order.code.as_str()), ("number", &number), ("name", &name), ("left", &left)];
        text.push('\n');
        text.push_str(&app.words.html(person.language, line_key, &values));
    }
    Screen::new(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_named_behind_the_code() {
        assert_eq!(Named::parse("tg7-abc"), Named { code: "tg7-abc", number: None });
        assert_eq!(Named::parse("tg7-abc#2"), Named { code: "tg7-abc", number: Some(2) });
        for wrong in ["tg7-abc#", "tg7-abc#x", "tg7-abc#-1", "tg7-abc#0"] {
            assert_eq!(Named::parse(wrong), Named { code: "tg7-abc", number: Some(0) }, "{wrong}");
        }
    }
}
