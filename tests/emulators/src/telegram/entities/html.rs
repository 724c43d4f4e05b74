//! The HTML parse mode, with the rules and the words of Telegram's own parser.

use super::Entity;

/// An open tag: its name, its argument, and where its text begins, in UTF-16 units and in bytes.
struct Open {
    tag: String,
    argument: String,
    start: usize,
    start_byte: usize,
}

struct Parser<'a> {
    input: &'a str,
    /// The byte offset of what is read next.
    at: usize,
    output: String,
    /// The length of the output in UTF-16 units.
    length: usize,
    open: Vec<Open>,
    entities: Vec<Entity>,
}

/// Turns HTML into a text and its entities. The error is what follows "can't parse entities: ".
pub(crate) fn parse(input: &str) -> Result<(String, Vec<Entity>), String> {
    let mut parser = Parser { input, at: 0, output: String::new(), length: 0, open: Vec::new(), entities: Vec::new() };
    while let Some(c) = parser.peek() {
        match c {
            '<' => parser.tag()?,
            '&' => {
                if let Some(decoded) = parser.character_reference() {
                    parser.emit(decoded);
                } else {
                    parser.bump();
                    parser.emit('&');
                }
            }
            _ => {
                parser.bump();
                parser.emit(c);
            }
        }
    }
    if let Some(open) = parser.open.last() {
        return Err(format!("Can't find end tag corresponding to start tag \"{}\"", open.tag));
    }
    parser.entities.sort_by_key(|e| (e.offset, usize::MAX - e.length));
    Ok((parser.output, parser.entities))
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        self.input.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) {
        self.at += self.peek().map_or(0, char::len_utf8);
    }

    fn emit(&mut self, c: char) {
        self.output.push(c);
        self.length += c.len_utf16();
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.bump();
        }
    }

    fn take_while(&mut self, accept: impl Fn(char) -> bool) -> String {
        let start = self.at;
        while self.peek().is_some_and(&accept) {
            self.bump();
        }
        self.input.get(start..self.at).unwrap_or_default().to_owned()
    }

    /// Reads `&lt;` and its like, moving past it; leaves everything in place where it is none.
    fn character_reference(&mut self) -> Option<char> {
        let rest = self.rest();
        let end = rest.find(';').filter(|&end| end <= 10)?;
        let name = rest.get(1..end)?;
        let decoded = match name {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            _ => {
                let digits = name.strip_prefix('#')?;
                let code = match digits.strip_prefix(['x', 'X']) {
                    Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                    None => digits.parse().ok()?,
                };
                char::from_u32(code).filter(|&c| c != '\0')?
            }
        };
        self.at += end + 1;
        Some(decoded)
    }

    fn tag(&mut self) -> Result<(), String> {
        let begin = self.at;
        self.bump();
        if self.peek() == Some('/') {
            self.bump();
            self.end_tag(begin)
        } else {
            self.start_tag(begin)
        }
    }

    fn start_tag(&mut self, begin: usize) -> Result<(), String> {
        let tag = self.take_while(|c| !c.is_whitespace() && c != '>').to_lowercase();
        if self.peek().is_none() {
            return Err(format!("Unclosed start tag at byte offset {begin}"));
        }
        if entity_of(&tag, "").is_none() {
            return Err(format!("Unsupported start tag \"{tag}\" at byte offset {begin}"));
        }
        let mut argument = String::new();
        loop {
            self.skip_space();
            match self.peek() {
                None => return Err(format!("Unclosed start tag at byte offset {begin}")),
                Some('>') => break,
                Some(_) => self.attribute(&tag, begin, &mut argument)?,
            }
        }
        self.bump();
        if tag == "span" && argument != "spoiler" {
            return Err(format!("Tag \"span\" must have class \"tg-spoiler\" at byte offset {begin}"));
        }
        self.open.push(Open { tag, argument, start: self.length, start_byte: self.output.len() });
        Ok(())
    }

    fn attribute(&mut self, tag: &str, begin: usize, argument: &mut String) -> Result<(), String> {
        let name = self.take_while(|c| !c.is_whitespace() && c != '=' && c != '>' && c != '/' && c != '"' && c != '\'');
        if name.is_empty() {
            return Err(format!("Empty attribute name in the tag \"{tag}\" at byte offset {begin}"));
        }
        self.skip_space();
        if self.peek() != Some('=') {
            if tag == "blockquote" && name == "expandable" {
                "1".clone_into(argument);
                return Ok(());
            }
            return Err(format!(
                "Expected equal sign in declaration of an attribute of the tag \"{tag}\" at byte offset {begin}"
            ));
        }
        self.bump();
        self.skip_space();
        let value = self.attribute_value(begin)?;
        match (tag, name.as_str()) {
            ("a", "href") | ("tg-emoji", "emoji-id") => *argument = value,
            ("span", "class") => value.strip_prefix("tg-").unwrap_or_default().clone_into(argument),
            ("code", "class") => value.strip_prefix("language-").unwrap_or_default().clone_into(argument),
            _ => {}
        }
        Ok(())
    }

    fn attribute_value(&mut self, begin: usize) -> Result<String, String> {
        let unclosed = || format!("Unclosed start tag at byte offset {begin}");
        let Some(quote) = self.peek().filter(|c| matches!(c, '"' | '\'')) else {
            let start = self.at;
            let token = self.take_while(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-').to_lowercase();
            return match self.peek() {
                None => Err(unclosed()),
                Some(c) if c == '>' || c.is_whitespace() => Ok(token),
                Some(_) => Err(format!("Unexpected end of name token at byte offset {start}")),
            };
        };
        self.bump();
        let mut value = String::new();
        while let Some(c) = self.peek().filter(|&c| c != quote) {
            let decoded = if c == '&' { self.character_reference() } else { None };
            if let Some(decoded) = decoded {
                value.push(decoded);
            } else {
                self.bump();
                value.push(c);
            }
        }
        self.bump();
        if self.peek().is_none() { Err(unclosed()) } else { Ok(value) }
    }

    fn end_tag(&mut self, begin: usize) -> Result<(), String> {
        let Some(open) = self.open.pop() else {
            return Err(format!("Unexpected end tag at byte offset {begin}"));
        };
        let name = self.take_while(|c| !c.is_whitespace() && c != '>').to_lowercase();
        self.skip_space();
        if self.peek() != Some('>') {
            return Err(format!("Unclosed end tag at byte offset {begin}"));
        }
        self.bump();
        if !name.is_empty() && name != open.tag {
            return Err(format!(
                "Unmatched end tag at byte offset {begin}, expected \"</{}>\", found \"</{name}>\"",
                open.tag
            ));
        }
        self.close(&open);
        Ok(())
    }

    /// Adds the entity of a closed tag; an empty one leaves none.
    fn close(&mut self, open: &Open) {
        let length = self.length - open.start;
        let Some(kind) = entity_of(&open.tag, &open.argument).filter(|_| length > 0) else {
            return;
        };
        let mut entity = Entity::plain(kind, open.start, length);
        match open.tag.as_str() {
            "a" => {
                let text = self.output.get(open.start_byte..).unwrap_or_default();
                let address = if open.argument.is_empty() { text } else { &open.argument };
                // A link that is no address is text to Telegram, and no error.
                let Some(url) = super::super::links::normalised(address) else {
                    return;
                };
                entity.url = Some(url);
            }
            "code" if !open.argument.is_empty() => entity.language = Some(open.argument.clone()),
            // `<pre><code class="language-x">` is one block with a language.
            "pre" => {
                let inner =
                    self.entities.iter().position(|e| e.kind == "code" && (e.offset, e.length) == (open.start, length));
                if let Some(inner) = inner {
                    entity.language = self.entities.remove(inner).language;
                }
            }
            _ => {}
        }
        self.entities.push(entity);
    }
}

/// The entity of a tag, none for a tag that Telegram does not know.
fn entity_of(tag: &str, argument: &str) -> Option<&'static str> {
    Some(match tag {
        "b" | "strong" => "bold",
        "i" | "em" => "italic",
        "u" | "ins" => "underline",
        "s" | "strike" | "del" => "strikethrough",
        "span" | "tg-spoiler" => "spoiler",
        "a" => "text_link",
        "code" => "code",
        "pre" => "pre",
        "blockquote" if !argument.is_empty() => "expandable_blockquote",
        "blockquote" => "blockquote",
        "tg-emoji" => "custom_emoji",
        _ => return None,
    })
}
