//! Outputs as `output` prints them.

use std::sync::Arc;

use mpctl_provider::Value;

use super::paint::{Painter, Symbol};
use crate::render::Options;

/// One line, or more for a collection, for each output: `url = "http://…"`.
pub fn outputs<'v>(
    outputs: impl IntoIterator<Item = (&'v Arc<str>, &'v Value)>,
    options: &Options,
) -> String {
    let outputs: Vec<_> = outputs.into_iter().collect();
    let width = outputs.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut out = String::new();
    let mut painter = Painter::new(&mut out, options);
    for (name, value) in outputs {
        painter.foreign(name).pad(width - name.len()).put(" = ");
        let marked = value.contains_sensitive() && !options.reveal;
        painter.output(value, marked);
        painter.line();
    }
    out
}

/// The value of one output that was asked for by name, in clear: text as it is where the value is text.
pub fn output_value(value: &Value, options: &Options) -> String {
    let mut out = String::new();
    let options = Options { reveal: true, ..*options };
    Painter::new(&mut out, &options).output(value, false);
    out.push('\n');
    out
}

impl Painter<'_> {
    fn output(&mut self, value: &Value, marked: bool) {
        if marked {
            self.put("<sensitive>");
        } else {
            // Two columns less than in a plan: there is no sign in the margin.
            self.whole(value, Symbol::Keep, 0);
        }
    }
}
