//! Telegram's HTML, safe by construction: no text of a user's becomes markup.

use std::fmt;

use crate::{
    https_url::HttpsUrl,
    text::{is_right_to_left, one_line, printable},
};

/// How long a message may be, in UTF-16 units after entities.
pub const MAX_MESSAGE_UNITS: usize = 4_096;
/// How long a caption may be, in UTF-16 units after entities.
pub const MAX_CAPTION_UNITS: usize = 1_024;
/// How much of a person's name is shown, in characters.
const MAX_NAME_CHARACTERS: usize = 64;

/// A text with the markup that Telegram knows. Its `Display` is what Telegram is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Html(String);

impl Html {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Any text, shown as it is, without the characters that [`printable`] removes.
    #[must_use]
    pub fn text(untrusted: &str) -> Self {
        Self(escape(&printable(untrusted)))
    }

    /// A name that a person gave to themselves or to something: one line of at most 64 characters; empty when nothing
    /// of it can be seen. One that is written from right to left is isolated, so that numbers beside it stay in place.
    #[must_use]
    pub fn name(untrusted: &str) -> Self {
        let name = escape(&one_line(untrusted, MAX_NAME_CHARACTERS));
        // First strong isolate … pop directional isolate; the name has neither itself, so it can't end it early.
        Self(if is_right_to_left(&name) { format!("\u{2068}{name}\u{2069}") } else { name })
    }

    /// Text in a fixed-width font, which a tap copies.
    #[must_use]
    pub fn code(untrusted: &str) -> Self {
        Self::text(untrusted).wrapped("code")
    }

    /// A block in a fixed-width font.
    #[must_use]
    pub fn pre(untrusted: &str) -> Self {
        Self::text(untrusted).wrapped("pre")
    }

    /// A text that opens an address.
    #[must_use]
    pub fn link(untrusted: &str, url: &HttpsUrl) -> Self {
        Self(format!("<a href=\"{}\">{}</a>", escape(url.as_str()), Self::text(untrusted)))
    }

    /// All of it bold.
    #[must_use]
    pub fn bold(self) -> Self {
        self.wrapped("b")
    }

    /// All of it italic.
    #[must_use]
    pub fn italic(self) -> Self {
        self.wrapped("i")
    }

    /// All of it underlined.
    #[must_use]
    pub fn underlined(self) -> Self {
        self.wrapped("u")
    }

    /// All of it struck through.
    #[must_use]
    pub fn struck(self) -> Self {
        self.wrapped("s")
    }

    /// All of it a quotation.
    #[must_use]
    pub fn quoted(self) -> Self {
        self.wrapped("blockquote")
    }

    fn wrapped(self, tag: &str) -> Self {
        // Telegram refuses nothing here, but an empty pair is noise.
        if self.0.is_empty() { self } else { Self(format!("<{tag}>{self}</{tag}>")) }
    }

    /// Adds markup at the end.
    pub fn push(&mut self, other: &Self) -> &mut Self {
        self.0.push_str(&other.0);
        self
    }

    /// Adds any text at the end, as [`Html::text`].
    pub fn push_text(&mut self, untrusted: &str) -> &mut Self {
        self.push(&Self::text(untrusted))
    }

    /// There is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How long Telegram finds it: UTF-16 units after entities.
    #[must_use]
    pub fn units(&self) -> usize {
        pieces(&self.0).map(Piece::units).sum()
    }

    /// It, if it has at most `max_units`, else its beginning with "…", together at most that many. Tags stay closed,
    /// entities and characters whole.
    #[must_use]
    pub fn cut(self, max_units: usize) -> Self {
        if self.units() <= max_units {
            return self;
        }
        let Some(mut room) = max_units.checked_sub(1) else { return Self::new() };
        let mut kept = String::with_capacity(self.0.len());
        let mut open = Vec::new();
        for piece in pieces(&self.0) {
            let Some(rest) = room.checked_sub(piece.units()) else { break };
            room = rest;
            match piece {
                Piece::Open { name, .. } => open.push(name),
                Piece::Close { .. } => drop(open.pop()),
                Piece::Character { .. } => {}
            }
            kept.push_str(piece.source());
        }
        // A joiner joins with nothing now.
        kept.truncate(kept.trim_end_matches('\u{200d}').len());
        kept.push('…');
        for name in open.into_iter().rev() {
            kept.push_str("</");
            kept.push_str(name);
            kept.push('>');
        }
        Self(kept)
    }
}

impl fmt::Display for Html {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromIterator<Html> for Html {
    fn from_iter<T: IntoIterator<Item = Html>>(parts: T) -> Self {
        Self(parts.into_iter().map(|part| part.0).collect())
    }
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A part of HTML that can't be divided.
#[derive(Clone, Copy)]
enum Piece<'a> {
    Open { source: &'a str, name: &'a str },
    Close { source: &'a str },
    Character { source: &'a str, units: usize },
}

impl<'a> Piece<'a> {
    fn source(self) -> &'a str {
        match self {
            Self::Open { source, .. } | Self::Close { source } | Self::Character { source, .. } => source,
        }
    }

    fn units(self) -> usize {
        match self {
            Self::Open { .. } | Self::Close { .. } => 0,
            Self::Character { units, .. } => units,
        }
    }
}

/// Divides what [`Html`] makes: every `<` begins a tag and every `&` one of the four entities of [`escape`].
fn pieces(html: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = html;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = match first {
            '<' => rest.find('>').map(|place| place + 1),
            '&' => rest.find(';').map(|place| place + 1),
            _ => None,
        };
        let (source, after) = rest.split_at_checked(end.unwrap_or(first.len_utf8()))?;
        rest = after;
        Some(match source.strip_prefix('<') {
            Some(tag) if tag.starts_with('/') => Piece::Close { source },
            Some(tag) => Piece::Open { source, name: tag.split([' ', '>']).next().unwrap_or(tag) },
            None => Piece::Character { source, units: first.len_utf16() },
        })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a reader sees.
    fn shown(html: &Html) -> String {
        let mut text = String::new();
        let mut inside_tag = false;
        for character in html.to_string().chars() {
            match character {
                '<' => inside_tag = true,
                '>' => inside_tag = false,
                other if !inside_tag => text.push(other),
                _ => {}
            }
        }
        text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
    }

    /// Every tag is closed, in order, and every `&` begins an entity.
    fn is_well_formed(html: &str) -> bool {
        let mut open: Vec<&str> = Vec::new();
        for part in html.split('<').skip(1) {
            let Some((tag, _)) = part.split_once('>') else { return false };
            match tag.strip_prefix('/') {
                Some(name) if open.pop() != Some(name) => return false,
                Some(_) => {}
                None => open.push(tag.split(' ').next().unwrap_or(tag)),
            }
        }
        let entities = html.split('&').skip(1);
        let known = |part: &str| ["lt;", "gt;", "amp;", "quot;"].iter().any(|entity| part.starts_with(entity));
        open.is_empty() && entities.into_iter().all(known)
    }

    #[test]
    fn a_text_never_becomes_markup() {
        assert_eq!(Html::text("<b>\"A\" & B</b>").to_string(), "&lt;b&gt;&quot;A&quot; &amp; B&lt;/b&gt;");
        assert_eq!(Html::code("</code><a href='x'>").to_string(), "<code>&lt;/code&gt;&lt;a href='x'&gt;</code>");
        let url = HttpsUrl::parse("https://a.example/?a=1&b=\"><script>").unwrap();
        let link = Html::link("<here>", &url).to_string();
        assert_eq!(link, "<a href=\"https://a.example/?a=1&amp;b=&quot;&gt;&lt;script&gt;\">&lt;here&gt;</a>");
    }

    #[test]
    fn parts_are_put_together() {
        let mut html = Html::text("Cinta").bold();
        html.push_text(" & ").push(&Html::text("Hujan").italic().underlined());
        assert_eq!(html.to_string(), "<b>Cinta</b> &amp; <u><i>Hujan</i></u>");
        assert_eq!(html.units(), "Cinta & Hujan".len());
        let all: Html = [Html::text("a").struck(), Html::pre("b"), Html::text("c").quoted()].into_iter().collect();
        assert_eq!(all.to_string(), "<s>a</s><pre>b</pre><blockquote>c</blockquote>");
        assert!(Html::text("").bold().is_empty());
    }

    #[test]
    fn a_name_can_not_turn_what_stands_beside_it() {
        assert_eq!(Html::name("Budi\u{202e}\n<admin>").to_string(), "Budi &lt;admin&gt;");
        assert_eq!(Html::name("\u{2069}שלום\u{2069}").to_string(), "\u{2068}שלום\u{2069}");
        assert!(Html::name("\u{3164}").is_empty());
    }

    #[test]
    fn cutting_counts_units_after_entities() {
        let html = Html::text("a&b<c").bold();
        assert_eq!(html.units(), 5);
        assert_eq!(html.clone().cut(5), html);
        assert_eq!(html.clone().cut(4).to_string(), "<b>a&amp;b…</b>");
        assert_eq!(html.clone().cut(3).to_string(), "<b>a&amp;…</b>");
        assert_eq!(html.clone().cut(1).to_string(), "<b>…</b>");
        assert_eq!(html.cut(0).to_string(), "");
    }

    #[test]
    fn cutting_keeps_characters_of_two_units_whole() {
        let html = Html::text("🎬🎬🎬");
        assert_eq!(html.units(), 6);
        assert_eq!(html.clone().cut(5).to_string(), "🎬🎬…");
        assert_eq!(html.cut(4).to_string(), "🎬…");
        assert_eq!(Html::text("👨\u{200d}👩 ab").cut(4).to_string(), "👨…", "no joiner without a second");
    }

    #[test]
    fn cutting_closes_tags_in_order() {
        let mut html = Html::text("x");
        html.push(&Html::link("long label", &HttpsUrl::parse("https://a.example/").unwrap()).italic().bold());
        assert_eq!(html.cut(6).to_string(), "x<b><i><a href=\"https://a.example/\">long…</a></i></b>");
    }

    fn any_html() -> impl Strategy<Value = Html> {
        let text = prop_oneof!["\\PC{0,20}", "[<>&\";a🎬\u{200d}]{0,20}", any::<String>()];
        let leaf = (text, 0..5).prop_map(|(text, kind)| match kind {
            0 => Html::code(&text),
            1 => Html::name(&text),
            2 => Html::link(&text, &HttpsUrl::parse("https://a.example/?a=<&>\"").unwrap()),
            _ => Html::text(&text),
        });
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                inner.clone().prop_map(Html::bold),
                inner.clone().prop_map(Html::quoted),
                prop::collection::vec(inner, 0..4).prop_map(|parts| parts.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_text_is_shown_as_it_is(text: String) {
            let html = Html::text(&text);
            prop_assert_eq!(shown(&html), printable(&text));
            prop_assert!(is_well_formed(&html.to_string()));
            prop_assert_eq!(html.units(), printable(&text).encode_utf16().count());
        }

        #[test]
        fn any_cut_html_fits_is_well_formed_and_begins_alike(html in any_html(), max in 0_usize..60) {
            prop_assert!(is_well_formed(&html.to_string()));
            let cut = html.clone().cut(max);
            prop_assert!(cut.units() <= max);
            prop_assert!(is_well_formed(&cut.to_string()));
            prop_assert_eq!(shown(&cut).encode_utf16().count(), cut.units());
            if html.units() <= max {
                prop_assert_eq!(&cut, &html);
            } else if max > 0 {
                let text = shown(&cut);
                let kept = text.strip_suffix('…').unwrap();
                prop_assert!(shown(&html).starts_with(kept));
            }
        }
    }
}
