//! Bodies: attributes and blocks, and going on behind an error to the next of them.

use std::collections::HashMap;
use std::sync::Arc;

use super::cursor::Parser;
use super::{Failed, Kind, Parsed};
use crate::diagnostic::{Diagnostic, code};
use crate::spec::syntax::{Attribute, Block, Body, Expr, ExprKind, Name};

/// Up to so many attributes, comparing each with each is faster than a map.
const COMPARED_PAIRWISE: usize = 12;

/// What ended a body.
#[derive(Clone, Copy, PartialEq, Eq)]
enum BodyEnd {
    /// The end of the text.
    File,
    /// The closing brace of the block that opened here.
    Brace,
}

impl Parser<'_> {
    /// The body of a file: all of the text.
    pub(super) fn file_body(&mut self) -> Body {
        let mut body = self.items(BodyEnd::File);
        body.span = self.places.span(0..self.text.len() as u32);
        body
    }

    /// Attributes and blocks up to the end of the body, which stays the current token.
    fn items(&mut self, end: BodyEnd) -> Body {
        let (first_attribute, first_block) =
            (self.stacks.attributes.len(), self.stacks.blocks.len());
        let start = self.start;
        loop {
            match self.peek() {
                Kind::Newline => self.bump(),
                Kind::End => break,
                Kind::BraceClose if end == BodyEnd::Brace => break,
                _ => {
                    let (item, open) = (self.start, self.open.len());
                    if let Err(Failed) = self.item() {
                        self.stacks.drop_unfinished();
                        self.resync(item, open);
                    }
                }
            }
        }
        let span = self.places.span(start.min(self.start)..self.start);
        let attributes = split(&mut self.stacks.attributes, first_attribute);
        self.check_duplicates(&attributes);
        Body { attributes, blocks: split(&mut self.stacks.blocks, first_block), span }
    }

    fn item(&mut self) -> Parsed<()> {
        let start = self.start;
        if self.kind_is_not_a_name() {
            return Err(self.not_an_item());
        }
        let name = self.take_name();
        match self.peek() {
            Kind::Equal => {
                self.attribute(name)?;
                self.end_of_item("attribute", start)
            }
            Kind::QuoteOpen | Kind::BraceOpen | Kind::Identifier => self.block_item(name, start),
            Kind::Newline if self.brace_follows() => self.block_item(name, start),
            _ => Err(self.neither_attribute_nor_block(&name)),
        }
    }

    fn block_item(&mut self, kind: Name, start: u32) -> Parsed<()> {
        self.deeper(|parser| parser.block(kind, start))?;
        self.end_of_item("block", start)
    }

    /// Whether the next line begins with the `{` that belongs in this one.
    fn brace_follows(&self) -> bool {
        let next = self.text[self.end as usize..].trim_start_matches([' ', '\t']);
        next.starts_with('{')
    }

    fn kind_is_not_a_name(&mut self) -> bool {
        self.peek() != Kind::Identifier
    }

    /// `= value`; an attribute whose value is malformed is kept, so that nobody says it is missing.
    fn attribute(&mut self, name: Name) -> Parsed<()> {
        self.bump();
        let start = self.start;
        match self.expression() {
            Ok(value) => {
                self.stacks.attributes.push(Attribute { name, value });
                Ok(())
            }
            Err(Failed) => {
                let value = Expr::new(ExprKind::Malformed, self.span_from(start));
                self.stacks.attributes.push(Attribute { name, value });
                Err(Failed)
            }
        }
    }

    fn end_of_item(&mut self, what: &str, start: u32) -> Parsed<()> {
        match self.peek() {
            Kind::Newline => {
                self.bump();
                Ok(())
            }
            Kind::End => Ok(()),
            _ => Err(self.missing_newline(what, start)),
        }
    }

    fn block(&mut self, kind: Name, start: u32) -> Parsed<()> {
        let labels = self.labels(&kind)?;
        let (open, opener) = (self.open.len(), (self.start, self.end));
        let outer = self.open_bracket(true);
        let body = match self.peek() {
            Kind::Newline | Kind::End | Kind::BraceClose => Ok(self.items(BodyEnd::Brace)),
            _ => self.one_line_body(),
        };
        let body = match body {
            Ok(body) => body,
            Err(Failed) => {
                // Whatever else stands in the line belongs to the damage.
                let span = self.span_from(opener.1);
                self.keep_block(kind, labels, empty_body(span), start);
                self.set_newlines(outer);
                return Err(Failed);
            }
        };
        if self.peek() == Kind::BraceClose {
            self.close_bracket(outer);
            self.keep_block(kind, labels, body, start);
            return Ok(());
        }
        self.set_newlines(outer);
        self.open.truncate(open);
        let failed = self.unclosed_block(&kind, opener, &body);
        self.keep_block(kind, labels, body, start);
        Err(failed)
    }

    fn keep_block(&mut self, kind: Name, labels: Vec<Name>, body: Body, start: u32) {
        let span = self.span_from(start);
        self.stacks.blocks.push(Block { kind, labels, body, span });
    }

    /// The labels of a block, up to its `{`.
    fn labels(&mut self, kind: &Name) -> Parsed<Vec<Name>> {
        let first = self.stacks.labels.len();
        loop {
            match self.peek() {
                Kind::BraceOpen => return Ok(split(&mut self.stacks.labels, first)),
                Kind::Identifier => {
                    let label = self.take_name();
                    self.stacks.labels.push(label);
                }
                Kind::QuoteOpen => match self.quoted_label(self.stacks.labels.len() == first) {
                    Ok(label) => self.stacks.labels.push(label),
                    Err(Failed) => {
                        self.stacks.labels.truncate(first);
                        return Err(Failed);
                    }
                },
                Kind::Newline if self.brace_follows() => {
                    self.brace_in_next_line(kind);
                    self.bump();
                }
                _ => {
                    let labels = split(&mut self.stacks.labels, first);
                    return Err(self.block_without_body(kind, &labels));
                }
            }
        }
    }

    /// `{ name = value }` on one line holds one attribute and no more.
    fn one_line_body(&mut self) -> Parsed<Body> {
        let first = self.stacks.attributes.len();
        let start = self.start;
        if self.kind_is_not_a_name() {
            return Err(self.not_an_item());
        }
        let name = self.take_name();
        let parsed = match self.peek() {
            Kind::Equal => self.attribute(name),
            Kind::QuoteOpen | Kind::BraceOpen | Kind::Identifier => {
                Err(self.block_in_one_line(start))
            }
            _ => Err(self.neither_attribute_nor_block(&name)),
        };
        let attributes = split(&mut self.stacks.attributes, first);
        parsed?;
        if self.peek() != Kind::BraceClose {
            return Err(self.one_line_block_goes_on());
        }
        Ok(Body { attributes, blocks: Vec::new(), span: self.places.span(start..self.start) })
    }

    fn check_duplicates(&mut self, attributes: &[Attribute]) {
        if attributes.len() <= COMPARED_PAIRWISE {
            for (at, later) in attributes.iter().enumerate() {
                let earlier = attributes[..at].iter().find(|a| a.name.text == later.name.text);
                if let Some(earlier) = earlier {
                    self.duplicate(&earlier.name, &later.name);
                }
            }
            return;
        }
        let mut seen: HashMap<Arc<str>, usize> = HashMap::with_capacity(attributes.len());
        for (at, later) in attributes.iter().enumerate() {
            match seen.get(&later.name.text) {
                Some(earlier) => self.duplicate(&attributes[*earlier].name, &later.name),
                None => {
                    seen.insert(later.name.text.clone(), at);
                }
            }
        }
    }

    fn duplicate(&mut self, earlier: &Name, later: &Name) {
        let summary = format!("`{}` is set twice in one block", later.text);
        let error = Diagnostic::error(code::DUPLICATE_KEY, summary)
            .at(later.span, "set again here")
            .at(earlier.span, "set here first")
            .hint("keep one of them");
        self.report(error);
    }
}

fn empty_body(span: crate::source::Span) -> Body {
    Body { attributes: Vec::new(), blocks: Vec::new(), span }
}

/// The upper end of a stack as a vector of its exact length.
pub(super) fn split<T>(stack: &mut Vec<T>, first: usize) -> Vec<T> {
    match first {
        // The outermost list is the largest: it is handed over, not copied.
        0 if stack.len() > 64 => {
            let mut all = std::mem::take(stack);
            all.shrink_to_fit();
            all
        }
        _ if stack.len() == first => Vec::new(),
        _ => stack.drain(first..).collect(),
    }
}
