//! Reads the documents of a YAML file, one after the other. A malformed one does not hide those that follow:
//! `---` at the start of a line begins a document whatever stands before it.

use std::borrow::Cow;
use std::ops::Range;

use mpctl_provider::Value;
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, StrInput, Tag};

use super::builder::{Abandoned, Builder, text as text_expr};
use super::offsets::Offsets;
use super::places::{Scalar, places};
use super::scalar::{self, Plain};
use super::{YamlDocument, fault};
use crate::diagnostic::{Diagnostic, code};
use crate::source::{FileId, Span};
use crate::spec::hcl::parse_template;
use crate::spec::syntax::{Expr, ExprKind};

/// The documents of a file. The text is at most `u32::MAX` bytes long.
pub fn documents(file: FileId, text: &str) -> DocumentReader<'_> {
    // A mark of the byte order says nothing about UTF-8.
    let base = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    DocumentReader {
        file,
        text,
        parser: Some(Parser::new_from_str(&text[base..])),
        offsets: Offsets::new(text, base),
        builder: Builder::new(text.len()),
        resume_at: None,
        last_end: base,
        refused: control_character(file, text),
    }
}

/// Iterates over the documents of a file.
pub struct DocumentReader<'text> {
    file: FileId,
    text: &'text str,
    /// `None` once the file has been read.
    parser: Option<Parser<'text, StrInput<'text>>>,
    offsets: Offsets<'text>,
    builder: Builder,
    /// Where to go on when the parser has read its text, which is one document alone.
    resume_at: Option<usize>,
    /// Where the last scalar or bracket ended.
    last_end: usize,
    /// Why nothing of the file is read.
    refused: Option<Diagnostic>,
}

/// The first character that YAML does not allow anywhere.
fn control_character(file: FileId, text: &str) -> Option<Diagnostic> {
    let at = text.bytes().position(|b| b < b' ' && !matches!(b, b'\t' | b'\n' | b'\r'))?;
    let summary = format!("the file holds the control character {:#04x}", text.as_bytes()[at]);
    let diagnostic = Diagnostic::error(code::YAML_SYNTAX, summary)
        .at(Span::new(file, at as u32..at as u32 + 1), "it cannot stand here")
        .hint("in a double-quoted string it can be written as an escape, such as `\\x00`");
    Some(diagnostic)
}

impl Iterator for DocumentReader<'_> {
    type Item = YamlDocument;

    fn next(&mut self) -> Option<YamlDocument> {
        if let Some(refused) = self.refused.take() {
            self.parser = None;
            let span = Span::new(self.file, 0..self.text.len() as u32);
            return Some(YamlDocument { root: None, span, diagnostics: refused.into() });
        }
        let mut start = None;
        loop {
            let (event, span) = match self.parser.as_mut()?.next_event()? {
                Ok(event) => event,
                Err(error) => {
                    let at = self.offsets.byte(*error.marker());
                    if let (Some(start), None) = (start, self.resume_at)
                        && let Some(next) = next_document(self.text, start).filter(|n| *n <= at)
                    {
                        // An open bracket has swallowed what follows; alone, the document shows its own error.
                        self.builder.finish();
                        self.go_on(start, Some(next));
                        continue;
                    }
                    let diagnostic = fault::explain(self.file, self.text, at, error.info());
                    self.builder.report_instead(diagnostic);
                    return Some(self.abandon(start.unwrap_or(at).min(at)));
                }
            };
            let range = self.offsets.range(span);
            match event {
                Event::StreamEnd => match self.resume_at.take() {
                    Some(next) => self.go_on(next, None),
                    None => {
                        self.parser = None;
                        return None;
                    }
                },
                Event::DocumentStart(_) => {
                    start = Some(range.start);
                    self.last_end = range.end;
                }
                Event::DocumentEnd => return Some(self.complete(start.unwrap_or(range.start))),
                event => {
                    if self.event(event, range.clone(), span.start).is_err() {
                        return Some(self.abandon(start.unwrap_or(range.start)));
                    }
                }
            }
        }
    }
}

impl<'text> DocumentReader<'text> {
    fn complete(&mut self, start: usize) -> YamlDocument {
        let (root, diagnostics) = self.builder.finish();
        let span = self.span(start..self.last_end.max(start));
        let root = root.unwrap_or_else(|| Expr::new(ExprKind::Literal(Value::NULL), span));
        YamlDocument { root: Some(root), span, diagnostics }
    }

    /// Gives up the document that begins at the byte `start` and goes on with the next one.
    fn abandon(&mut self, start: usize) -> YamlDocument {
        let (_, diagnostics) = self.builder.finish();
        self.resume_at = None;
        let next = next_document(self.text, start);
        match next {
            Some(next) => self.go_on(next, None),
            None => self.parser = None,
        }
        let span = self.span(start..next.unwrap_or(self.text.len()));
        YamlDocument { root: None, span, diagnostics }
    }

    /// Reads on from the byte `start`: up to `end`, where another document begins, or all that is left.
    fn go_on(&mut self, start: usize, end: Option<usize>) {
        self.parser = Some(Parser::new_from_str(&self.text[start..end.unwrap_or(self.text.len())]));
        self.offsets.restart(start);
        self.resume_at = end;
    }

    fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.file, range.start as u32..range.end as u32)
    }

    fn event(
        &mut self,
        event: Event<'text>,
        range: Range<usize>,
        mark: Marker,
    ) -> Result<(), Abandoned> {
        match event {
            Event::Alias(anchor) => {
                self.last_end = range.end;
                let span = self.span(range);
                self.builder.alias(anchor, span)
            }
            Event::Scalar(text, style, anchor, tag) => {
                let bare = anchor == 0 && tag.is_none();
                let written = if bare {
                    Written { style, range: self.trimmed(range, style), indent: mark.col() }
                } else {
                    self.without_properties(range, style)
                };
                self.last_end = written.range.end.max(self.last_end);
                self.scalar(&text, written, anchor, tag)
            }
            Event::SequenceStart(anchor, tag) => {
                self.check_tag(tag.as_deref(), "seq", &range);
                self.last_end = range.end;
                let span = self.span(range);
                self.builder.open_sequence(span, anchor)
            }
            Event::MappingStart(anchor, tag) => {
                self.check_tag(tag.as_deref(), "map", &range);
                self.last_end = range.end;
                let span = self.span(range);
                self.builder.open_mapping(span, anchor)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                // A bracket that closes has a width; what indentation closes ends with its last scalar.
                if !range.is_empty() {
                    self.last_end = range.end;
                }
                self.builder.close(self.last_end as u32)
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn check_tag(&mut self, tag: Option<&Tag>, allowed: &str, range: &Range<usize>) {
        let Some(tag) = tag else { return };
        if tag.is_yaml_core_schema() && tag.suffix == allowed {
            return;
        }
        let span = self.span(range.clone());
        self.builder.report(unknown_tag(tag, span));
    }

    fn scalar(
        &mut self,
        text: &str,
        written: Written,
        anchor: usize,
        tag: Option<Cow<'text, Tag>>,
    ) -> Result<(), Abandoned> {
        let span = self.span(written.range.clone());
        if self.builder.awaits_key() {
            if written.style == ScalarStyle::Plain && text == "<<" {
                self.builder.merge_key();
            } else {
                self.builder.key(text, span);
                if anchor != 0 {
                    // An anchor on a key names a string.
                    return self.define(anchor, text_expr(text, span));
                }
            }
            return Ok(());
        }
        let expr = match tag.as_deref() {
            None if written.style == ScalarStyle::Plain => self.plain(text, &written, span),
            None => self.template(text, &written, span),
            Some(tag) => self.tagged(tag, text, &written, span),
        };
        self.builder.scalar(expr, anchor)
    }

    fn define(&mut self, anchor: usize, expr: Expr) -> Result<(), Abandoned> {
        let node = super::anchors::Node { expr, nodes: 1, height: 0 };
        self.builder.anchors.define(anchor, &node).map_err(|_| Abandoned)
    }

    fn plain(&mut self, text: &str, written: &Written, span: Span) -> Expr {
        match scalar::resolve(text) {
            Plain::Text => self.template(text, written, span),
            Plain::NoNumber(why) => {
                let summary = format!("`{text}` is no number that can be used");
                let hint = "quote it if it is meant as text";
                self.builder
                    .report(Diagnostic::error(code::YAML_SYNTAX, summary).at(span, why).hint(hint));
                Expr::new(ExprKind::Malformed, span)
            }
            Plain::Value(value) => {
                if scalar::looks_octal(text) {
                    self.warn_of_octal(text, span);
                }
                Expr::new(ExprKind::Literal(value), span)
            }
        }
    }

    fn warn_of_octal(&mut self, text: &str, span: Span) {
        let meant = text.trim_start_matches('0');
        let summary = format!("`{text}` is the decimal number {meant}");
        let hint = format!("write `\"{text}\"` for the text, or `0o{meant}` for the octal number");
        self.builder.report(
            Diagnostic::warning(code::YAML_SYNTAX, summary)
                .at(span, "YAML 1.2 reads no octal numbers written like this")
                .hint(hint),
        );
    }

    /// A string: a literal, or a template where it holds `${` or `%{`.
    fn template(&mut self, text: &str, written: &Written, span: Span) -> Expr {
        if !has_marker(text) {
            return text_expr(text, span);
        }
        let scalar = Scalar {
            file: self.file,
            source: self.text,
            range: written.range.clone(),
            style: written.style,
            indent: written.indent,
        };
        let (expr, mut diagnostics) = parse_template(text, &places(&scalar, text));
        if written.style == ScalarStyle::Plain
            && diagnostics.has_errors()
            && let Some(cut) = fault::cut_by_comment(self.file, self.text, &written.range)
        {
            diagnostics = cut.into();
        }
        for diagnostic in diagnostics {
            self.builder.report(diagnostic);
        }
        Expr { span, ..expr }
    }

    fn tagged(&mut self, tag: &Tag, text: &str, written: &Written, span: Span) -> Expr {
        let resolved = match (tag.is_yaml_core_schema(), tag.suffix.as_str()) {
            (true, "str") => return self.template(text, written, span),
            (true, "int" | "float" | "bool" | "null") => scalar::resolve(text),
            // `!` alone means: not by its looks.
            (false, "") if tag.handle == "!" => return self.template(text, written, span),
            _ => {
                self.builder.report(unknown_tag(tag, span));
                return Expr::new(ExprKind::Malformed, span);
            }
        };
        match (resolved, tag.suffix.as_str()) {
            (Plain::Value(value @ Value::Number(_)), "int" | "float")
            | (Plain::Value(value @ Value::Bool(_)), "bool")
            | (Plain::Value(value @ Value::Null(_)), "null") => {
                Expr::new(ExprKind::Literal(value), span)
            }
            _ => {
                let summary = format!("`{text}` is no `!!{}`", tag.suffix);
                self.builder.report(
                    Diagnostic::error(code::YAML_SYNTAX, summary).at(span, "as its tag says it is"),
                );
                Expr::new(ExprKind::Malformed, span)
            }
        }
    }

    /// Where a scalar really ends: the parser counts what follows a quoted or block scalar to it.
    fn trimmed(&self, range: Range<usize>, style: ScalarStyle) -> Range<usize> {
        let text = &self.text[range.clone()];
        let length = match style {
            ScalarStyle::Plain => return range,
            ScalarStyle::SingleQuoted => closing_quote(text, b'\''),
            ScalarStyle::DoubleQuoted => closing_quote(text, b'"'),
            ScalarStyle::Literal | ScalarStyle::Folded => text.trim_end_matches(BLANKS).len(),
        };
        range.start..range.start + length
    }

    /// Where a scalar is that has an anchor or a tag: the parser counts those to it.
    fn without_properties(&self, range: Range<usize>, style: ScalarStyle) -> Written {
        let mut rest = &self.text[range.clone()];
        loop {
            // Blanks as YAML knows them: other white space is text.
            rest = rest.trim_start_matches(BLANKS);
            let length = match rest.as_bytes().first() {
                Some(b'#') => rest.find('\n'),
                Some(b'!' | b'&') => rest.find(|c: char| c.is_ascii_whitespace()),
                _ => break,
            };
            rest = &rest[length.unwrap_or(rest.len())..];
        }
        let mut indent = 0;
        if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            // Behind the header, the first line that is not blank shows the indentation.
            rest = &rest[rest.find('\n').map_or(rest.len(), |at| at + 1)..];
            while let Some(at) = rest.find('\n').filter(|at| rest[..*at].trim().is_empty()) {
                rest = &rest[at + 1..];
            }
            indent = rest.len() - rest.trim_start_matches(' ').len();
            rest = &rest[indent..];
        }
        let range = range.end - rest.len()..range.end;
        Written { style, range: self.trimmed(range, style), indent }
    }
}

/// What separates tokens.
const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

/// How a scalar stands in the file.
struct Written {
    style: ScalarStyle,
    range: Range<usize>,
    /// The column of its first character.
    indent: usize,
}

fn unknown_tag(tag: &Tag, span: Span) -> Diagnostic {
    let written =
        if tag.is_yaml_core_schema() { format!("!!{}", tag.suffix) } else { tag.to_string() };
    Diagnostic::error(code::YAML_SYNTAX, format!("the tag `{written}` means nothing here"))
        .at(span, "this has the tag")
        .hint("remove it; `!!str`, `!!int`, `!!float`, `!!bool` and `!!null` are known")
}

fn has_marker(text: &str) -> bool {
    // Interpolations are rare, dollar and per cent signs too.
    text.as_bytes().windows(2).any(|pair| matches!(pair, b"${" | b"%{"))
}

/// The length of the quoted scalar at the start of `text`.
fn closing_quote(text: &str, quote: u8) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quote == b'"' => at += 2,
            b'\'' if quote == b'\'' && bytes.get(at + 1) == Some(&b'\'') => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

/// The first `---` at the start of a line after the byte `at`.
fn next_document(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut from = at.min(bytes.len());
    loop {
        let line = from + bytes[from..].iter().position(|b| *b == b'\n')? + 1;
        let rest = &bytes[line..];
        if rest.starts_with(b"---") && rest.get(3).is_none_or(u8::is_ascii_whitespace) {
            return Some(line);
        }
        from = line;
    }
}
