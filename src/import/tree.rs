//! The file as a tree whose every value knows its place.
//!
//! Anchors and aliases are refused rather than followed: a few lines of them can stand for more than fits into memory.

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span};

use super::{
    doubt::{Doubt, Source},
    fault::{Faults, Position},
};

/// How many lists and mappings may lie within each other. A library needs seven.
const DEPTH_MAX: usize = 16;

/// A value of the file.
#[derive(Debug)]
pub(super) struct Node {
    /// Where it is told of: at its key, or where it begins when it has none.
    pub(super) position: Position,
    pub(super) value: Value,
}

/// What a value is.
#[derive(Debug)]
pub(super) enum Value {
    /// Text, a number, a date, or nothing: whoever reads it knows what it has to be.
    Scalar {
        text: String,
        /// It has no quotes, so that it may be a number or nothing.
        plain: bool,
        /// What YAML made of it without a word.
        doubt: Option<Doubt>,
    },
    List(Vec<Node>),
    /// In the order of the file. A key that comes again stays behind the first.
    Map(Vec<(String, Node)>),
}

impl Node {
    /// It says nothing: `key:`, `~` or `null`.
    pub(super) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, plain: true, .. } if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// The value of a key, also when it says nothing.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match &self.value {
            Value::Map(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, node)| node),
            _ => None,
        }
    }

    /// An item of a list.
    pub(super) fn item(&self, index: usize) -> Option<&Self> {
        match &self.value {
            Value::List(items) => items.get(index),
            _ => None,
        }
    }
}

/// Reads a file's text. `None` when its syntax is wrong, or there is nothing in it; a fault says so.
pub(super) fn read(text: &str, faults: &mut Faults) -> Option<Node> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // The parser would take a NUL for the end of the file, and leave out the rest without a word.
    let is_unwanted = |character: char| character.is_control() && !matches!(character, '\n' | '\r' | '\t' | '\u{85}');
    for (number, line) in (1..).zip(text.lines()) {
        if let Some(column) = line.chars().position(is_unwanted) {
            let position = Position { line: number, column: column.saturating_add(1) };
            faults.add(position, "", "has a control character, which YAML does not allow");
            return None;
        }
    }
    let mut builder = Builder { frames: Vec::new(), root: None, source: Source::new(text), faults };
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let going = match event {
            Ok((event, span)) => builder.take(event, span),
            Err(error) => {
                builder.faults.add(position(*error.marker()), "", format!("is no valid YAML: {}", error.info()));
                false
            }
        };
        if !going {
            return None;
        }
    }
    let root = builder.root.filter(|root| !root.is_null());
    if root.is_none() && faults.is_empty() {
        faults.add(
            Position::START,
            "",
            "is empty: categories, titles, memberships, product_categories or products are expected",
        );
    }
    root
}

/// A list or mapping whose end has not come yet.
struct Frame {
    node: Node,
    /// Lines of the keys that came so far.
    keys: HashMap<String, usize>,
    /// A mapping's key whose value comes next, and where it is.
    key: Option<(String, Position)>,
}

struct Builder<'a> {
    frames: Vec<Frame>,
    root: Option<Node>,
    source: Source<'a>,
    faults: &'a mut Faults,
}

impl Builder<'_> {
    /// Takes an event; answers whether the tree still makes sense.
    fn take(&mut self, event: Event<'_>, span: Span) -> bool {
        let start = position(span.start);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_extras(start, anchor, tag.is_some());
                let text = text.into_owned();
                if self.expects_key() {
                    self.key(text, start);
                } else {
                    let doubt = self.source.doubt(style, span);
                    self.finish(Value::Scalar { text, plain: style == ScalarStyle::Plain, doubt }, start);
                }
            }
            Event::Alias(_) => {
                let path = self.path();
                self.faults.add_unread(
                    self.place(start),
                    &path,
                    "is an alias (*), which is not accepted: write it out",
                );
                if self.expects_key() {
                    return false;
                }
                self.finish(Value::Scalar { text: String::new(), plain: true, doubt: None }, start);
            }
            Event::SequenceStart(anchor, tag) => {
                self.refuse_extras(start, anchor, tag.is_some());
                return self.open(Value::List(Vec::new()), start);
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse_extras(start, anchor, tag.is_some());
                return self.open(Value::Map(Vec::new()), start);
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(Frame { node, .. }) = self.frames.pop() {
                    self.finish(node.value, node.position);
                }
            }
            Event::DocumentStart(_) if self.root.is_some() => {
                self.faults.add(start, "", "begins a second document (---): a file has one");
                return false;
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {}
        }
        true
    }

    fn open(&mut self, value: Value, start: Position) -> bool {
        if self.expects_key() {
            self.faults.add(start, self.path(), "has a list or mapping as a key: keys are text");
            return false;
        }
        if self.frames.len() >= DEPTH_MAX {
            self.faults.add(start, self.path(), format!("lies deeper than {DEPTH_MAX} levels"));
            return false;
        }
        let node = Node { position: self.place(start), value };
        self.frames.push(Frame { node, keys: HashMap::new(), key: None });
        true
    }

    fn key(&mut self, text: String, start: Position) {
        let parent = self.path();
        let Some(frame) = self.frames.last_mut() else { return };
        if let Some(first) = frame.keys.get(&text) {
            self.faults.add(start, join(&parent, &text), format!("is here twice; it is in line {first}, too"));
        } else {
            frame.keys.insert(text.clone(), start.line);
        }
        frame.key = Some((text, start));
    }

    /// Puts a whole value where it belongs.
    fn finish(&mut self, value: Value, start: Position) {
        let node = Node { position: self.place(start), value };
        match self.frames.last_mut() {
            None => self.root = Some(node),
            Some(Frame { node: parent, key, .. }) => match (&mut parent.value, key.take()) {
                (Value::List(items), _) => items.push(node),
                (Value::Map(entries), Some((key, _))) => entries.push((key, node)),
                (Value::Map(_), None) | (Value::Scalar { .. }, _) => {}
            },
        }
    }

    fn expects_key(&self) -> bool {
        self.frames.last().is_some_and(|frame| frame.key.is_none() && matches!(frame.node.value, Value::Map(_)))
    }

    /// Where the value that comes next is told of.
    fn place(&self, start: Position) -> Position {
        self.frames.last().and_then(|frame| frame.key.as_ref()).map_or(start, |(_, position)| *position)
    }

    /// The path of the value that comes next.
    fn path(&self) -> String {
        self.frames.iter().fold(String::new(), |path, frame| match (&frame.node.value, &frame.key) {
            (Value::List(items), _) => format!("{path}[{}]", items.len()),
            (_, Some((key, _))) => join(&path, key),
            _ => path,
        })
    }

    fn refuse_extras(&mut self, start: Position, anchor: usize, has_tag: bool) {
        if anchor > 0 {
            let path = self.path();
            self.faults.add(start, path, "has an anchor (&), which is not accepted: write out what it stands for");
        }
        if has_tag {
            let path = self.path();
            self.faults.add(start, path, "has a tag (!), which is not accepted: leave it out");
        }
    }
}

/// The path of a key below a path.
pub(super) fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn position(marker: Marker) -> Position {
    Position { line: marker.line(), column: marker.col().saturating_add(1) }
}
