//! One value, whole: as it is created, destroyed, or simply is.

use mpctl_provider::Value;
use mpctl_provider::value::{Entries, Unknown};

use super::paint::{Painter, Style, Symbol};
use super::text;

pub(super) const SENSITIVE: &str = "(sensitive value)";
pub(super) const UNKNOWN: &str = "(known after apply)";

/// Nothing is nested deeper than this in print; values come from parsers with lower limits.
const DEEPEST: usize = 512;

impl Painter<'_> {
    /// The value, from where the line stands; further lines have `symbol` in the margin. `indent` is the
    /// margin of the line that it starts on.
    pub(super) fn whole(&mut self, value: &Value, symbol: Symbol, indent: usize) {
        match value {
            Value::Null(_) => {
                self.dim("null");
            }
            Value::Bool(truth) => {
                self.put(if *truth { "true" } else { "false" });
            }
            Value::Number(number) => {
                self.show(number);
            }
            Value::String(text) => self.whole_string(text, symbol, indent),
            Value::List(s) | Value::Set(s) => self.whole_items(&s.items, symbol, indent),
            Value::Tuple(items) => self.whole_items(items, symbol, indent),
            Value::Map(m) => self.whole_entries(&m.entries, true, symbol, indent),
            Value::Object(entries) => self.whole_entries(entries, false, symbol, indent),
            Value::Unknown(unknown) => self.unknown(unknown),
            Value::Sensitive(inner) if self.reveal => self.whole(inner, symbol, indent),
            Value::Sensitive(_) => {
                self.put(SENSITIVE);
            }
        }
    }

    /// As much as is known of what is not known yet.
    pub(super) fn unknown(&mut self, unknown: &Unknown) {
        if let Some(prefix) = unknown.refinement.prefix.as_deref().filter(|p| !p.is_empty()) {
            text::quoted(self.text(), prefix);
            self.put("… ");
        }
        self.put(UNKNOWN);
    }

    fn whole_string(&mut self, text: &str, symbol: Symbol, indent: usize) {
        if let Some(json) = json_collection(text) {
            self.put("jsonencode(").line().pad(indent + 6);
            self.whole(&json, symbol, indent + 4);
            self.line().pad(indent + 2).put(")");
        } else if is_multi_line(text) {
            self.put("<<-EOT");
            if !text.ends_with('\n') {
                self.dim(" # without a newline at the end");
            }
            self.line();
            for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
                self.heredoc_line(line, Symbol::Keep, indent);
            }
            self.heredoc_close(indent);
        } else {
            text::quoted(self.text(), text);
        }
    }

    pub(super) fn heredoc_line(&mut self, line: &str, symbol: Symbol, indent: usize) {
        if line.is_empty() && symbol == Symbol::Keep {
            self.line();
            return;
        }
        self.margin(indent + 4, symbol);
        text::line_of(self.text(), line);
        self.line();
    }

    pub(super) fn heredoc_close(&mut self, indent: usize) {
        self.pad(indent + 2).put("EOT");
    }

    fn whole_items(&mut self, items: &[Value], symbol: Symbol, indent: usize) {
        if items.is_empty() || indent > DEEPEST * 4 {
            self.put(if items.is_empty() { "[]" } else { "[…]" });
            return;
        }
        self.put("[").line();
        for item in items {
            self.item(item, symbol, indent + 4);
        }
        self.pad(indent + 2).put("]");
    }

    /// One element on a line of its own.
    pub(super) fn item(&mut self, item: &Value, symbol: Symbol, indent: usize) {
        self.margin(indent, symbol);
        self.whole(item, symbol, indent);
        self.put(",").line();
    }

    fn whole_entries(&mut self, entries: &Entries, map: bool, symbol: Symbol, indent: usize) {
        if entries.is_empty() || indent > DEEPEST * 4 {
            self.put(if entries.is_empty() { "{}" } else { "{…}" });
            return;
        }
        self.put("{").line();
        let width = entries.iter().map(|(key, _)| key_width(key, map)).max().unwrap_or(0);
        for (key, value) in entries.iter() {
            self.margin(indent + 4, symbol);
            self.key(key, map, width);
            self.whole(value, symbol, indent + 4);
            self.line();
        }
        self.pad(indent + 2).put("}");
    }

    /// `name   = `
    pub(super) fn key(&mut self, key: &str, map: bool, width: usize) {
        self.styled(Style::Plain, |p| {
            if map || !text::is_identifier(key) {
                text::quoted(p.text(), key);
            } else {
                p.put(key);
            }
        });
        let missing = width.saturating_sub(key_width(key, map));
        self.pad(missing).put(" = ");
    }
}

/// How many columns a key takes. Escapes are rare in keys; they only cost the alignment.
pub(super) fn key_width(key: &str, map: bool) -> usize {
    let characters = if key.is_ascii() { key.len() } else { key.chars().count() };
    if map || !text::is_identifier(key) { characters + 2 } else { characters }
}

/// Whether the text is shown line by line.
pub(super) fn is_multi_line(text: &str) -> bool {
    text.contains('\n')
}

/// The lines, without the line break at the end of the last one. Carriage returns stay: they are to be seen.
pub(super) fn lines_of(text: &str) -> Vec<&str> {
    text.strip_suffix('\n').unwrap_or(text).split('\n').collect()
}

/// The list or object in a string that is JSON and nothing else; scalars are strings like any other.
pub(super) fn json_collection(text: &str) -> Option<Value> {
    let trimmed = text.trim();
    let looks = (trimmed.starts_with('{') && trimmed.ends_with('}'))
        || (trimmed.starts_with('[') && trimmed.ends_with(']'));
    if !looks || trimmed.len() <= 2 {
        return None;
    }
    Value::parse_json(trimmed).ok()
}
