//! The file `.env`: a setting on each line.

use super::{
    names::NAMES,
    read::{Fault, Faults},
};

/// What it is called.
pub(super) const NAME: &str = ".env";

/// How to write what the reader would else take for something else.
const REMEDY: &str = "write NAME='value', with the value in single quotes";

/// What a file holds: the values of the lines that can be read, and what is wrong with the others.
#[derive(Debug, Default)]
pub(super) struct Content {
    /// Names and values, in order.
    pub(super) values: Vec<(String, String)>,
    /// Lines that can't be read as they are meant, by number.
    pub(super) faults: Vec<Fault>,
    /// The settings that stand on such lines.
    pub(super) unread: Vec<&'static str>,
}

/// Reads the file of this folder; `None`: there is none.
pub(super) fn of_folder() -> Result<Option<Content>, Faults> {
    match std::fs::read_to_string(NAME) {
        Ok(text) => Ok(Some(read(&text))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Faults(vec![Fault { name: NAME.into(), message: format!("can't be read: {error}") }])),
    }
}

/// Reads each line by itself: one that is broken takes no other along, and has a number.
fn read(text: &str) -> Content {
    let mut content = Content::default();
    for (line, number) in text.trim_start_matches('\u{feff}').lines().zip(1_u32..) {
        let why = match value(line) {
            Ok(pair) => {
                content.values.extend(pair);
                continue;
            }
            Err(why) => why,
        };
        let known = known_name(line);
        let subject = known.map(|name| format!("{name} ")).unwrap_or_default();
        content.unread.extend(known);
        content.faults.push(Fault { name: format!("{NAME}:{number}"), message: format!("{subject}{why}: {REMEDY}") });
    }
    content
}

/// The name and the value on a line, if it has any; or why it can't be taken as it is meant. Of the value nothing is told.
fn value(line: &str) -> Result<Option<(String, String)>, &'static str> {
    if is_filled_in(line) {
        return Err("has a $ that would be filled in from elsewhere");
    }
    // The reader wants to see the line's end.
    dotenvy::from_read_iter(format!("{line}\n").as_bytes()).next().transpose().map_err(|_| "can't be read")
}

/// Whether a `$` stands where the reader puts another variable in its place, or nothing: outside of single quotes and of
/// comments, and without a backslash before.
fn is_filled_in(line: &str) -> bool {
    let Some((_, value)) = line.split_once('=').filter(|(name, _)| !name.trim_start().starts_with('#')) else {
        return false;
    };
    let (mut quote, mut escaped, mut last) = (None, false, ' ');
    for letter in value.trim_start().chars() {
        match (quote, letter) {
            _ if escaped => escaped = false,
            (Some('\''), '\'') | (Some('"'), '"') => quote = None,
            (Some('\''), _) => {}
            (_, '\\') => escaped = true,
            (_, '$') => return true,
            (None, '\'' | '"') => quote = Some(letter),
            (None, '#') if last.is_whitespace() => return false,
            _ => {}
        }
        last = letter;
    }
    false
}

/// The setting that a line gives, if it is one of ours.
fn known_name(line: &str) -> Option<&'static str> {
    let (name, _) = line.split_once('=')?;
    let name = name.trim_start().trim_start_matches("export ").trim();
    NAMES.iter().find(|known| known.name == name).map(|known| known.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<(String, String)> {
        let Content { values, faults, .. } = read(text);
        assert_eq!(faults, []);
        values
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn a_value_in_single_quotes_arrives_as_it_is() {
        for value in ["p$SS", "$HOME", "${PATH}x", "two words", "a#b # c", "say \"hi\"", "back\\slash", " padded "] {
            assert_eq!(values(&format!("DB_PASS='{value}'\n")), [pair("DB_PASS", value)]);
            assert_eq!(values(&format!("export DB_PASS='{value}' # kept $safe")), [pair("DB_PASS", value)]);
        }
    }

    #[test]
    fn a_dollar_that_would_be_filled_in_is_a_fault() {
        for value in ["p$SS", "\"p$SS\"", "${PATH}", "a$", "'a'$b", "\"it's $b\"", "a#$b", "a=#$b", "\\\\$a"] {
            let Content { values, faults, unread } = read(&format!("DB_PASS={value}"));
            assert_eq!((values, unread), (vec![], vec!["DB_PASS"]), "{value}");
            let [Fault { name, message }] = &faults[..] else { panic!("{value}: {faults:?}") };
            let told = "DB_PASS has a $ that would be filled in from elsewhere: write NAME='value', with the value in single quotes";
            assert_eq!((&**name, &**message), (".env:1", told), "{value}");
        }
        let harmless = "# a=$5\nDB_USER= # $none\nDB_PASS=a\\$b\nDB_NAME=\"a\\$b\"\nDB_HOST=#$x\nDB_PORT=1 #$\n";
        let read = [("DB_USER", ""), ("DB_PASS", "a$b"), ("DB_NAME", "a$b"), ("DB_HOST", ""), ("DB_PORT", "1")];
        assert_eq!(values(harmless), read.map(|(name, value)| pair(name, value)));
    }

    #[test]
    fn a_broken_line_takes_no_other_along_and_is_named_by_its_number() {
        let text = "\u{feff}# head\r\nBOT_TOKEN='1:open\r\n\r\nexport LOG_LEVEL = info\nBOT_STORE_NAME=Warung Saya\nhush hush\nTYPO=a b\nDB_NAME=warung";
        let Content { values, faults, unread } = read(text);
        assert_eq!(values, [pair("LOG_LEVEL", "info"), pair("DB_NAME", "warung")]);
        assert_eq!(unread, ["BOT_TOKEN", "BOT_STORE_NAME"]);
        let told = faults.iter().map(|fault| (&*fault.name, fault.message.split(':').next().unwrap()));
        let expected = [
            (".env:2", "BOT_TOKEN can't be read"),
            (".env:5", "BOT_STORE_NAME can't be read"),
            (".env:6", "can't be read"),
            (".env:7", "can't be read"),
        ];
        assert_eq!(told.collect::<Vec<_>>(), expected);
    }
}
