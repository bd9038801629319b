//! YAML that is data: one document, to a value. There are no templates in it and no places are kept.
//!
//! It keeps true: what aliases expand to is counted before it is made, and nothing nests more deeply than
//! [`MAX_DEPTH`], through aliases neither; so a short text cannot become a huge value.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use mpctl_provider::value::Entries;
use mpctl_provider::{Type, Value};
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Tag};
use thiserror::Error;

use super::scalar::{self, Plain};
use super::{BYTES_FOR_AN_ALIASED_NODE, MAX_DEPTH, MIN_ALIAS_BUDGET, words};

/// So many bytes of text count as one more node.
const BYTES_FOR_A_NODE: usize = 64;

/// Which words mean something else than themselves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Words {
    /// Those of the core schema of YAML 1.2. Keys are text as written, `<<` is one of them.
    Core,
    /// Those that Terraform's `yamldecode` knows: also `yes` and `no` and dates, and in keys too; `<<` merges.
    Terraform,
}

/// Why a text is not one YAML document.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("line {line}, column {column}: {fault}")]
pub struct DataError {
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
    /// What is wrong there.
    pub fault: DataFault,
}

/// What is wrong with a YAML document.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum DataFault {
    #[error("{0}")]
    Syntax(String),
    #[error("a control character cannot stand in YAML")]
    ControlCharacter,
    #[error("there is no document")]
    Empty,
    #[error("a second document begins; only one is allowed")]
    SecondDocument,
    #[error("the key {key:?} stands twice in the same mapping")]
    DuplicateKey { key: String },
    #[error("a key has to be a string, number or truth value")]
    Key,
    #[error("`{text}` is no number that can be used: {why}")]
    Number { text: String, why: &'static str },
    #[error("the tag {tag} does not fit here")]
    Tag { tag: String },
    #[error("the alias stands for nothing: its anchor comes later, lies around it or is on a key")]
    Alias,
    #[error("`<<` takes a mapping")]
    Merge,
    #[error("it nests more than {MAX_DEPTH} levels deep")]
    TooDeep,
    #[error("its aliases stand for too much")]
    TooLarge,
}

/// The value of the one document in a text.
pub fn decode_data(text: &str, words: Words) -> Result<Value, DataError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    refuse_control_characters(text)?;
    let mut decoder = Decoder::new(text.len(), words);
    let mut documents = 0;
    let mut last = (1, 1);
    let unended = if text.ends_with('\n') { usize::MAX } else { text.chars().count() };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            at(place(error.marker()), DataFault::Syntax(error.info().to_owned()))
        })?;
        last = place(&span.start);
        if matches!(event, Event::DocumentStart(_)) {
            documents += 1;
            if documents > 1 {
                return Err(at(last, DataFault::SecondDocument));
            }
        }
        let event = if span.end.index() >= unended { without_line_end(event) } else { event };
        decoder.event(event).map_err(|fault| at(last, fault))?;
    }
    match decoder.root {
        Some(value) => Ok(value),
        None if documents > 0 => Ok(Value::NULL),
        None => Err(at(last, DataFault::Empty)),
    }
}

/// A block that ends with the text and not with its line: the parser ends the line for it.
fn without_line_end(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Scalar(text, style @ (ScalarStyle::Literal | ScalarStyle::Folded), anchor, tag) => {
            let text = text.strip_suffix('\n').map(|text| text.to_owned().into()).unwrap_or(text);
            Event::Scalar(text, style, anchor, tag)
        }
        other => other,
    }
}

fn at((line, column): (usize, usize), fault: DataFault) -> DataError {
    DataError { line, column, fault }
}

/// The parser counts columns from 0.
fn place(marker: &Marker) -> (usize, usize) {
    (marker.line(), marker.col() + 1)
}

fn refuse_control_characters(text: &str) -> Result<(), DataError> {
    let control = |b: u8| (b < b' ' && !matches!(b, b'\t' | b'\n' | b'\r')) || b == 0x7f;
    let Some(offset) = text.bytes().position(control) else { return Ok(()) };
    let before = &text[..offset];
    let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    Err(at((line, column), DataFault::ControlCharacter))
}

/// A value with its measures.
#[derive(Clone)]
struct Node {
    value: Value,
    /// How many values it has, itself and those that aliases repeat.
    size: usize,
    /// How many mappings and sequences lie in each other.
    height: usize,
}

/// What the next node of a mapping is.
enum Key {
    /// It is the key.
    Awaited,
    /// Its value is that of this key.
    Is(Arc<str>),
    /// It is merged.
    Merge,
}

enum Content {
    Sequence(Vec<Value>),
    /// The entries, and whether each is written here and not merged.
    Mapping(BTreeMap<Arc<str>, (Value, bool)>, Key),
}

/// A collection that is still open.
struct Open {
    content: Content,
    anchor: usize,
    size: usize,
    height: usize,
}

struct Decoder {
    words: Words,
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    /// How much more may be repeated by aliases.
    budget: usize,
    root: Option<Value>,
}

type Outcome = Result<(), DataFault>;

impl Decoder {
    fn new(bytes: usize, words: Words) -> Decoder {
        let budget = MIN_ALIAS_BUDGET.max(bytes / BYTES_FOR_AN_ALIASED_NODE);
        Decoder { words, open: Vec::new(), anchors: HashMap::new(), budget, root: None }
    }

    fn event(&mut self, event: Event<'_>) -> Outcome {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let value = self.scalar(&text, style, tag.as_deref())?;
                let size = 1 + text.len() / BYTES_FOR_A_NODE;
                self.node(Node { value, size, height: 0 }, anchor)
            }
            Event::Alias(anchor) => {
                let node = self.anchors.get(&anchor).cloned().ok_or(DataFault::Alias)?;
                self.budget = self.budget.checked_sub(node.size).ok_or(DataFault::TooLarge)?;
                if self.awaits_key() {
                    return Err(DataFault::Key);
                }
                self.node(node, 0)
            }
            Event::SequenceStart(anchor, tag) => {
                self.open(Content::Sequence(Vec::new()), anchor, tag.as_deref(), "seq")
            }
            Event::MappingStart(anchor, tag) => {
                let content = Content::Mapping(BTreeMap::new(), Key::Awaited);
                self.open(content, anchor, tag.as_deref(), "map")
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn awaits_key(&self) -> bool {
        let innermost = self.open.last().map(|open| &open.content);
        matches!(innermost, Some(Content::Mapping(_, Key::Awaited)))
    }

    fn open(&mut self, content: Content, anchor: usize, tag: Option<&Tag>, own: &str) -> Outcome {
        if self.awaits_key() {
            return Err(DataFault::Key);
        }
        if let Some(tag) = tag.filter(|tag| core_name(tag) != Some(own)) {
            return Err(wrong(tag));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(DataFault::TooDeep);
        }
        self.open.push(Open { content, anchor, size: 1, height: 1 });
        Ok(())
    }

    fn close(&mut self) -> Outcome {
        let Some(Open { content, anchor, size, height }) = self.open.pop() else { return Ok(()) };
        let value = match content {
            Content::Sequence(items) => Value::tuple(items),
            Content::Mapping(entries, _) => {
                Value::object(entries.into_iter().map(|(key, (value, _))| (key, value)))
            }
        };
        self.node(Node { value, size, height }, anchor)
    }

    /// Puts a complete node where it belongs.
    fn node(&mut self, node: Node, anchor: usize) -> Outcome {
        let is_key = self.awaits_key();
        if anchor != 0 && !is_key {
            self.anchors.insert(anchor, node.clone());
        }
        let depth = self.open.len();
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node.value);
            return Ok(());
        };
        if depth + node.height > MAX_DEPTH {
            return Err(DataFault::TooDeep);
        }
        open.size += node.size;
        open.height = open.height.max(node.height + 1);
        match &mut open.content {
            Content::Sequence(items) => items.push(node.value),
            Content::Mapping(entries, key) => match std::mem::replace(key, Key::Awaited) {
                Key::Awaited => *key = self.words.key(&node.value, entries)?,
                Key::Is(name) => {
                    entries.insert(name, (node.value, true));
                }
                Key::Merge => merge(entries, node.value.as_entries().ok_or(DataFault::Merge)?),
            },
        }
        Ok(())
    }

    fn scalar(
        &self,
        text: &str,
        style: ScalarStyle,
        tag: Option<&Tag>,
    ) -> Result<Value, DataFault> {
        let is_core_key = self.words == Words::Core && self.awaits_key();
        let Some(tag) = tag else {
            if style != ScalarStyle::Plain || is_core_key {
                return Ok(Value::string(text));
            }
            return self.words.plain(text);
        };
        let name = core_name(tag).ok_or_else(|| wrong(tag))?;
        let value = match name {
            "str" => return Ok(Value::string(text)),
            "binary" if is_base64(text) => return Ok(Value::string(text)),
            "int" | "float" | "bool" | "null" => self.words.plain(text)?,
            "timestamp" => {
                words::point_in_time(text).map(Value::string).ok_or_else(|| wrong(tag))?
            }
            _ => return Err(wrong(tag)),
        };
        match (&value, name) {
            (Value::Number(_), "int" | "float")
            | (Value::Bool(_), "bool")
            | (Value::Null(_), "null")
            | (Value::String(_), "timestamp") => Ok(value),
            _ => Err(wrong(tag)),
        }
    }
}

/// The name of a tag of YAML itself, in short or written out.
fn core_name(tag: &Tag) -> Option<&str> {
    if tag.is_yaml_core_schema() {
        return Some(&tag.suffix);
    }
    tag.suffix.strip_prefix("tag:yaml.org,2002:").filter(|_| tag.handle.is_empty())
}

fn is_base64(text: &str) -> bool {
    let digits: String = text.split_ascii_whitespace().collect();
    BASE64.decode(digits).is_ok()
}

fn wrong(tag: &Tag) -> DataFault {
    let handle = if tag.is_yaml_core_schema() { "!!" } else { tag.handle.as_str() };
    DataFault::Tag { tag: format!("{handle}{}", tag.suffix) }
}

/// What is merged later wins, over what is written before it as well: so Terraform does it.
fn merge(entries: &mut BTreeMap<Arc<str>, (Value, bool)>, merged: &Entries) {
    for (key, value) in merged.iter() {
        entries
            .entry(key.clone())
            .and_modify(|entry| entry.0 = value.clone())
            .or_insert_with(|| (value.clone(), false));
    }
}

impl Words {
    fn plain(self, text: &str) -> Result<Value, DataFault> {
        let plain = match self {
            Words::Core => scalar::resolve(text),
            Words::Terraform => words::resolve(text),
        };
        match plain {
            Plain::Value(value) => Ok(value),
            Plain::Text => Ok(Value::string(text)),
            Plain::NoNumber(why) => Err(DataFault::Number { text: text.to_owned(), why }),
        }
    }

    /// A key, which may not stand there already.
    fn key(
        self,
        key: &Value,
        entries: &BTreeMap<Arc<str>, (Value, bool)>,
    ) -> Result<Key, DataFault> {
        let text = match key.convert(&Type::String) {
            Ok(Value::String(text)) => text,
            _ => return Err(DataFault::Key),
        };
        // Quoted, it merges too.
        if self == Words::Terraform && text.as_ref() == "<<" {
            return Ok(Key::Merge);
        }
        match entries.get(&text) {
            Some((_, true)) => Err(DataFault::DuplicateKey { key: text.to_string() }),
            _ => Ok(Key::Is(text)),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn fault(text: &str) -> String {
        decode_data(text, Words::Terraform).unwrap_err().to_string()
    }

    #[test]
    fn mistakes_have_a_place_and_a_reason() {
        assert_eq!(fault(""), "line 1, column 1: there is no document");
        assert_eq!(
            fault("a: 1\nb: 2\na: 3"),
            "line 3, column 1: the key \"a\" stands twice in the same mapping"
        );
        assert_eq!(
            fault("a: 1\n---\nb: 2"),
            "line 2, column 1: a second document begins; only one is allowed"
        );
        assert_eq!(
            fault("a: .inf"),
            "line 1, column 4: `.inf` is no number that can be used: there is no infinite number"
        );
        assert_eq!(fault("é: !mine x"), "line 1, column 4: the tag !mine does not fit here");
        assert_eq!(
            fault("a: x\nb: \u{7}"),
            "line 2, column 4: a control character cannot stand in YAML"
        );
        assert!(fault("a: [*a]").starts_with("line 1, column 5: "));
    }

    #[test]
    fn the_core_schema_leaves_words_and_keys_as_they_are() {
        let value =
            decode_data("on: [yes, 2001-12-14, true, 0o17]\n1.50: ~\n<<: x", Words::Core).unwrap();
        let expected = Value::object([
            ("1.50", Value::NULL),
            ("<<", Value::string("x")),
            (
                "on",
                Value::tuple([
                    Value::string("yes"),
                    Value::string("2001-12-14"),
                    Value::Bool(true),
                    Value::int(15),
                ]),
            ),
        ]);
        assert_eq!(value, expected);
    }

    #[test]
    fn a_block_ends_its_last_line_only_where_the_text_does() {
        let value = |text| decode_data(text, Words::Core).unwrap();
        assert_eq!(value("|\n  a\n  é"), Value::string("a\né"));
        assert_eq!(value("|\n  a\n  é\n"), Value::string("a\né\n"));
        assert_eq!(value("- |\n  a\n- b"), Value::tuple(["a\n", "b"].map(Value::string)));
    }

    #[test]
    fn what_aliases_stand_for_is_counted_before_it_is_made() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for n in 1..9 {
            let aliases = vec![format!("*a{}", n - 1); 10].join(", ");
            text.push_str(&format!("a{n}: &a{n} [{aliases}]\n"));
        }
        assert!(fault(&text).ends_with("its aliases stand for too much"), "{}", fault(&text));
        let long =
            format!("a: &a \"{}\"\nb: [{}]", "x".repeat(1 << 20), vec!["*a"; 1000].join(", "));
        assert!(fault(&long).ends_with("its aliases stand for too much"));
    }

    #[test]
    fn depth_is_limited_through_aliases_too() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(decode_data(&nested(MAX_DEPTH), Words::Core).is_ok());
        assert!(fault(&nested(MAX_DEPTH + 1)).contains("levels deep"));
        let mut text = String::from("- &a0 []\n");
        for n in 1..200 {
            text.push_str(&format!("- &a{n} [*a{}]\n", n - 1));
        }
        assert!(fault(&text).contains("levels deep"), "{}", fault(&text));
    }
}
