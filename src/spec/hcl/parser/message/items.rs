//! Errors in attributes and blocks.

use super::super::cursor::Parser;
use super::super::{Failed, Kind};
use super::syntax;
use crate::spec::syntax::{Block, Body, Name};

impl Parser<'_> {
    pub(in crate::spec::hcl::parser) fn not_an_item(&mut self) -> Failed {
        if let Some(failed) = self.special("an attribute or a block") {
            return failed;
        }
        let span = self.token_span();
        let error = match self.peek() {
            Kind::BraceClose => syntax("this `}` closes nothing")
                .at(span, "no block is open here")
                .hint("take it away, or look for a block before it that was closed too early"),
            Kind::QuoteOpen => syntax("names of attributes and blocks are written without quotes")
                .at(span, "quoted name")
                .hint("take the quotes away"),
            _ => {
                let found = self.found();
                syntax(format!("expected an attribute or a block, found {found}"))
                    .at(span, "expected `name = value` or `name { … }`")
            }
        };
        self.report(error)
    }

    pub(in crate::spec::hcl::parser) fn neither_attribute_nor_block(
        &mut self,
        name: &Name,
    ) -> Failed {
        let text = name.text.clone();
        let found = self.found();
        let hint = match self.peek() {
            Kind::Colon => format!("an attribute is set with `=`: {text} = …"),
            Kind::Dot | Kind::BracketOpen => {
                "a name stands alone here; write nested values as a block or an object".into()
            }
            _ => format!("write `{text} = …` for an attribute, `{text} {{ … }}` for a block"),
        };
        let error = syntax(format!("expected `=` or `{{` after `{text}`, found {found}"))
            .at(self.token_span(), "expected `=` or `{`")
            .at(name.span, "after this name")
            .hint(hint);
        self.report(error)
    }

    pub(in crate::spec::hcl::parser) fn missing_newline(
        &mut self,
        what: &str,
        start: u32,
    ) -> Failed {
        let expected = format!("a line break after the {what}");
        if let Some(failed) = self.special(&expected) {
            return failed;
        }
        let found = self.found();
        let hint = match self.peek() {
            Kind::Comma => {
                "attributes and blocks are separated by line breaks, not by commas".into()
            }
            Kind::BraceClose => "put the `}` on a line of its own".into(),
            _ => format!("begin a new line after the {what}"),
        };
        let error = syntax(format!("expected {expected}, found {found}"))
            .at(self.token_span(), "expected a line break before this")
            .at(self.span_from(start), format!("the {what}"))
            .hint(hint);
        self.report(error)
    }

    pub(in crate::spec::hcl::parser) fn unclosed_block(
        &mut self,
        kind: &Name,
        opener: (u32, u32),
        body: &Body,
    ) -> Failed {
        let mut error = syntax(format!("the block `{}` is never closed", kind.text))
            .at(self.places.span(opener.0..opener.1), "opened here")
            .at(self.token_span(), "the text ends here")
            .hint("add the missing `}`");
        if let Some(suspect) = self.misindented(body) {
            let brace = self.places.span(suspect.span.end - 1..suspect.span.end);
            let closes = format!("this closes `{}`, though it is indented less", suspect.kind.text);
            error = error.at(suspect.kind.span, "perhaps this is what is not closed");
            error = error.at(brace, closes);
        }
        let failed = self.report(error);
        // The blocks around it are not closed either, which is the same mistake.
        self.silent = true;
        failed
    }

    /// The first block whose closing brace is indented less than its beginning: where a brace is missing, the
    /// next one has taken its place.
    fn misindented<'b>(&self, body: &'b Body) -> Option<&'b Block> {
        body.blocks.iter().find_map(|block| {
            let brace = (block.span.end as usize).saturating_sub(1);
            let suspect = self.text.as_bytes().get(brace) == Some(&b'}')
                && self.indentation(brace) < self.indentation(block.span.start as usize);
            self.misindented(&block.body).or(suspect.then_some(block))
        })
    }

    /// The `{` of a block stands in the next line; it can be read from there all the same.
    pub(in crate::spec::hcl::parser) fn brace_in_next_line(&mut self, kind: &Name) {
        let error = syntax(format!("the `{{` of the block `{}` must stand in its line", kind.text))
            .at(self.token_span(), "expected `{` here")
            .at(kind.span, "the block begins here")
            .hint("move the `{` up to the end of this line");
        self.report(error);
    }

    pub(in crate::spec::hcl::parser) fn block_without_body(
        &mut self,
        kind: &Name,
        labels: &[Name],
    ) -> Failed {
        if let Some(failed) = self.special("a label or `{`") {
            return failed;
        }
        let found = self.found();
        let name = &kind.text;
        let hint = match (self.peek(), labels) {
            (Kind::Newline | Kind::End, [_]) => {
                format!("write `{name} = …` to set an attribute; a block's `{{` stands in its line")
            }
            (Kind::Equal, _) => "a block has no `=`; an attribute's name is one word".into(),
            _ => format!("a block is written `{name} \"label\" {{ … }}`"),
        };
        let error =
            syntax(format!("expected a label or `{{` of the block `{name}`, found {found}"))
                .at(self.token_span(), "expected `{`")
                .at(kind.span, "the block begins here")
                .hint(hint);
        self.report(error)
    }

    pub(in crate::spec::hcl::parser) fn block_in_one_line(&mut self, start: u32) -> Failed {
        let error = syntax("a block in one line can hold one attribute, no block")
            .at(self.places.span(start..self.end), "this is a block")
            .hint("write it over several lines");
        self.report(error)
    }

    pub(in crate::spec::hcl::parser) fn one_line_block_goes_on(&mut self) -> Failed {
        let hint = "a block in one line holds one attribute; write several on lines of their own";
        self.expected("`}` in the same line", Some(hint))
    }

    pub(in crate::spec::hcl::parser) fn template_in_label(&mut self) -> Failed {
        let error = syntax("a label is fixed text")
            .at(self.token_span(), "no template can stand here")
            .hint("double the sign for a literal `${` or `%{`: `$${`, `%%{`");
        self.report(error)
    }
}
