//! Outputs as `output` prints them: values as expressions that could be written in a spec.

use std::sync::Arc;

use mpctl_provider::Value;
use mpctl_provider::value::Entries;

use super::paint::Painter;
use super::text;
use super::value::{SENSITIVE, UNKNOWN, is_multi_line};
use crate::render::Options;

/// One line, or more for a collection, for each output: `url = "http://…"`.
pub fn outputs<'v>(
    outputs: impl IntoIterator<Item = (&'v Arc<str>, &'v Value)>,
    options: &Options,
) -> String {
    let mut out = String::new();
    let mut painter = Painter::new(&mut out, options);
    for (name, value) in outputs {
        painter.foreign(name).put(" = ");
        if value.contains_sensitive() && !options.reveal {
            painter.put("(sensitive value)");
        } else {
            painter.expression(value, 0);
        }
        painter.line();
    }
    out
}

/// The value of one output that was asked for by name, in clear.
pub fn output_value(value: &Value, options: &Options) -> String {
    let mut out = String::new();
    let options = Options { reveal: true, ..*options };
    Painter::new(&mut out, &options).expression(value, 0);
    out.push('\n');
    out
}

impl Painter<'_> {
    /// The value as an expression; further lines are indented by `indent`.
    fn expression(&mut self, value: &Value, indent: usize) {
        match value {
            Value::Null(_) => {
                self.put("null");
            }
            Value::Bool(truth) => {
                self.put(if *truth { "true" } else { "false" });
            }
            Value::Number(number) => {
                self.show(number);
            }
            Value::String(text) if is_multi_line(text) => self.expression_heredoc(text),
            Value::String(text) => text::quoted(self.text(), text),
            Value::List(s) => self.expression_items("tolist(", &s.items, ")", indent),
            Value::Set(s) => self.expression_items("toset(", &s.items, ")", indent),
            Value::Tuple(items) => self.expression_items("", items, "", indent),
            Value::Map(m) => self.expression_entries("tomap(", &m.entries, ")", indent),
            Value::Object(entries) => self.expression_entries("", entries, "", indent),
            Value::Unknown(_) => {
                self.put(UNKNOWN);
            }
            Value::Sensitive(inner) if self.reveal => self.expression(inner, indent),
            Value::Sensitive(_) => {
                self.put(SENSITIVE);
            }
        }
    }

    fn expression_heredoc(&mut self, text: &str) {
        // A heredoc always ends with a line break; text that does not is written with an escape.
        let Some(lines) = text.strip_suffix('\n') else {
            return text::quoted(self.text(), text);
        };
        self.put("<<EOT").line();
        for line in lines.split('\n') {
            text::line_of(self.text(), line);
            self.line();
        }
        self.put("EOT");
    }

    fn expression_items(&mut self, open: &str, items: &[Value], close: &str, indent: usize) {
        self.put(open).put("[");
        if !items.is_empty() {
            self.line();
            for item in items {
                self.pad(indent + 2).expression(item, indent + 2);
                self.put(",").line();
            }
            self.pad(indent);
        }
        self.put("]").put(close);
    }

    fn expression_entries(&mut self, open: &str, entries: &Entries, close: &str, indent: usize) {
        self.put(open).put("{");
        if !entries.is_empty() {
            self.line();
            for (key, value) in entries.iter() {
                text::quoted(self.pad(indent + 2).text(), key);
                self.put(" = ").expression(value, indent + 2);
                self.line();
            }
            self.pad(indent);
        }
        self.put("}").put(close);
    }
}
