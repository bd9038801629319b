//! The errors of the grammar, each with its place and a way out.

use std::ops::Range;

use super::cursor::{Opener, Parser};
use super::{Failed, Kind};
use crate::diagnostic::{Diagnostic, code};
use crate::source::Span;
use crate::spec::syntax::Name;

/// Longer words of the user are cut in messages.
const LONGEST_QUOTE: usize = 40;

/// What a user would call it.
fn bracket_name(kind: Kind) -> &'static str {
    match kind {
        Kind::ParenOpen => "`(`",
        Kind::BracketOpen => "`[`",
        Kind::BraceOpen => "`{`",
        Kind::InterpolationOpen => "`${`",
        Kind::DirectiveOpen => "`%{`",
        Kind::HeredocOpen => "heredoc",
        _ => "`\"`",
    }
}

fn closing(kind: Kind) -> &'static str {
    match kind {
        Kind::ParenClose => "`)`",
        Kind::BracketClose => "`]`",
        _ => "`}`",
    }
}

fn syntax(summary: impl Into<String>) -> Diagnostic {
    Diagnostic::error(code::HCL_SYNTAX, summary)
}

impl Parser<'_> {
    /// The current token as a user would name it.
    pub(super) fn found(&mut self) -> String {
        match self.peek() {
            Kind::End => "the end of the text".into(),
            Kind::Newline => "the end of the line".into(),
            Kind::HeredocOpen => "a heredoc".into(),
            Kind::QuoteOpen | Kind::QuoteClose => "a quote".into(),
            Kind::Unclosed => "a quote that is not closed".into(),
            _ => {
                let text: String = self.token_text().chars().take(LONGEST_QUOTE).collect();
                format!("`{}`", text.escape_debug())
            }
        }
    }

    /// A character that is never right, or a bracket that is open, explains more than what was expected.
    fn special(&mut self, expected: &str) -> Option<Failed> {
        let span = self.token_span();
        let error = match (self.peek(), self.token_text().chars().next()) {
            (Kind::Unexpected, Some('\'')) => syntax("text is written in double quotes")
                .at(span, "single quote")
                .hint("write \"…\" in place of '…'"),
            (Kind::Unexpected, Some('\u{2018}'..='\u{201f}')) => {
                syntax("this is a typographic quote")
                    .at(span, "not a quote that programs know")
                    .hint("write a plain \" in its place")
            }
            (Kind::Unexpected, Some('`')) => syntax("backticks have no meaning here")
                .at(span, "backtick")
                .hint("write text in double quotes, text of several lines as a heredoc: <<EOT"),
            (Kind::Unexpected, Some(';')) => syntax("`;` has no meaning here")
                .at(span, "unexpected")
                .hint("end attributes with a line break, elements of a list with a comma"),
            (Kind::Unexpected, Some('&')) => syntax("`&` is not an operator")
                .at(span, "unexpected")
                .hint("the logical operator is `&&`"),
            (Kind::Unexpected, Some('|')) => syntax("`|` is not an operator")
                .at(span, "unexpected")
                .hint("the logical operator is `||`"),
            (Kind::Unexpected, Some('/')) => syntax("this comment is not closed")
                .at(span, "begins here")
                .hint("close it with `*/`"),
            (Kind::Unexpected, Some(c)) => {
                let c = c.escape_debug();
                syntax(format!("expected {expected}, found the character `{c}`"))
                    .at(span, "has no meaning here")
            }
            (Kind::End | Kind::Unclosed, _) => return self.unclosed_bracket(),
            _ => return None,
        };
        // Behind a comment without end nothing can be told apart any more.
        let comment = self.token_text().starts_with("/*");
        let failed = self.report(error);
        self.silent |= comment;
        Some(failed)
    }

    /// At the end of the text: the innermost bracket that is still open.
    fn unclosed_bracket(&mut self) -> Option<Failed> {
        let Opener { kind, start, end } = *self.open.last()?;
        let found = self.found();
        let error = syntax(format!("this {} is never closed", bracket_name(kind)))
            .at(self.places.span(start..end), "opened here")
            .at(self.token_span(), format!("{found} comes first"));
        Some(self.report(error))
    }

    /// `expected` is missing at the current token.
    fn expected(&mut self, expected: &str, hint: Option<&str>) -> Failed {
        if let Some(failed) = self.special(expected) {
            return failed;
        }
        let found = self.found();
        let mut error = syntax(format!("expected {expected}, found {found}"))
            .at(self.token_span(), format!("expected {expected}"));
        error.hint = hint.map(str::to_owned);
        self.report(error)
    }

    pub(super) fn unexpected_after(&mut self, what: &str) -> Failed {
        self.expected(&format!("nothing more after {what}"), None)
    }

    pub(super) fn not_an_item(&mut self) -> Failed {
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

    pub(super) fn neither_attribute_nor_block(&mut self, name: &Name) -> Failed {
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

    pub(super) fn missing_newline(&mut self, what: &str, start: u32) -> Failed {
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

    pub(super) fn unclosed_block(&mut self, kind: &Name, opener: (u32, u32)) -> Failed {
        let error = syntax(format!("the block `{}` is never closed", kind.text))
            .at(self.places.span(opener.0..opener.1), "opened here")
            .at(self.token_span(), "the text ends here")
            .hint("add the missing `}`");
        let failed = self.report(error);
        // The blocks around it are not closed either, which is the same mistake.
        self.silent = true;
        failed
    }

    pub(super) fn block_without_body(&mut self, kind: &Name, labels: &[Name]) -> Failed {
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

    pub(super) fn block_in_one_line(&mut self, start: u32) -> Failed {
        let error = syntax("a block in one line can hold one attribute, no block")
            .at(self.places.span(start..self.end), "this is a block")
            .hint("write it over several lines");
        self.report(error)
    }

    pub(super) fn one_line_block_goes_on(&mut self) -> Failed {
        let hint = "a block in one line holds one attribute; write several on lines of their own";
        self.expected("`}` in the same line", Some(hint))
    }

    pub(super) fn conditional_without_colon(&mut self, condition: Span) -> Failed {
        if let Some(failed) = self.special("`:`") {
            return failed;
        }
        let found = self.found();
        let error = syntax(format!("expected `:` of the conditional, found {found}"))
            .at(self.token_span(), "expected `:`")
            .at(condition, "the condition")
            .hint("a conditional has both sides: condition ? yes : no");
        self.report(error)
    }

    pub(super) fn no_expression(&mut self) -> Failed {
        let hint = match (self.peek(), self.token_text()) {
            (Kind::Equal, _) => Some("`==` compares; a single `=` only sets attributes"),
            (Kind::Star, _) => Some("there is no operator `**`; use pow(base, exponent)"),
            (Kind::Newline, _) => {
                Some("a value begins in the line of its `=`; within ( ) it may span lines")
            }
            _ => None,
        };
        self.expected("a value", hint)
    }

    pub(super) fn not_closed(&mut self, close: Kind, after: &str) -> Failed {
        let bracket = closing(close);
        let expected = match close {
            Kind::ParenClose | Kind::BracketClose if after.starts_with("the ") => {
                format!("`,` or {bracket} after {after}")
            }
            Kind::BraceClose if after == "the value" => {
                format!("a comma, a line break or {bracket} after {after}")
            }
            _ => format!("{bracket} after {after}"),
        };
        if let Some(failed) = self.special(&expected) {
            return failed;
        }
        let found = self.found();
        let mut error = syntax(format!("expected {expected}, found {found}"))
            .at(self.token_span(), format!("expected {expected}"));
        if let Some(Opener { start, end, .. }) = self.open.last() {
            error = error.at(self.places.span(*start..*end), "opened here");
        }
        self.report(error)
    }

    pub(super) fn no_attribute_name(&mut self) -> Failed {
        self.expected("a name after `.`", Some("use [\"…\"] for a key that is no plain word"))
    }

    pub(super) fn splat_in_splat(&mut self) -> Failed {
        let error = syntax("`.*` cannot stand within another `.*`")
            .at(self.token_span(), "second splat")
            .hint("write `[*]` in place of `.*`");
        self.report(error)
    }

    pub(super) fn two_legacy_indexes(&mut self) -> Failed {
        let text = self.token_text();
        let indexes = text.replace('.', "][");
        let error = syntax(format!("`.{text}` is read as one number"))
            .at(self.token_span(), "two indexes in a row")
            .hint(format!("write [{indexes}]"));
        self.report(error)
    }

    pub(super) fn call_without_arguments(&mut self, function: &Name) -> Failed {
        let hint = format!("a function is called as {}(…)", function.text);
        self.expected("`(` after the function's name", Some(&hint))
    }

    pub(super) fn namespace_without_name(&mut self, namespace: &str) -> Failed {
        self.expected(&format!("a function's name after `{namespace}::`"), None)
    }

    pub(super) fn key_without_value(&mut self, key: Span) -> Failed {
        if let Some(failed) = self.special("`=` and a value") {
            return failed;
        }
        let found = self.found();
        let error = syntax(format!("expected `=` and a value after the key, found {found}"))
            .at(self.token_span(), "expected `=`")
            .at(key, "the key")
            .hint("a key with dots or spaces is written in quotes");
        self.report(error)
    }

    pub(super) fn for_without_colon(&mut self) -> Failed {
        self.expected("`:` and the value of the `for`", Some("as in [for x in xs : x.name]"))
    }

    pub(super) fn for_without_name(&mut self) -> Failed {
        self.expected("a name after `for`", Some("as in `for x in xs` or `for key, x in xs`"))
    }

    pub(super) fn for_without_in(&mut self) -> Failed {
        self.expected("`in` after the names of the `for`", Some("as in `for key, x in xs`"))
    }

    pub(super) fn tuple_for_with_key(&mut self, key: Span) -> Failed {
        let error = syntax("a `for` in brackets makes a list, which has no keys")
            .at(key, "this is a key")
            .hint("write { for … : key => value } to make an object");
        self.report(error)
    }

    pub(super) fn object_for_without_key(&mut self, value: Span) -> Failed {
        let error = syntax("a `for` in braces makes an object, which needs keys")
            .at(value, "expected key => value")
            .hint("write [for … : value] to make a list");
        self.report(error)
    }

    pub(super) fn tuple_for_with_group(&mut self) -> Failed {
        let error = syntax("`...` groups values by key, and a list has no keys")
            .at(self.token_span(), "only in { for … : key => value... }");
        self.report(error)
    }

    pub(super) fn unclosed_quote(&mut self) -> Failed {
        let Some(Opener { start, end, .. }) = self.open.last().copied() else {
            return self.expected("the end of the template", None);
        };
        let error = syntax("this text is not closed in its line")
            .at(self.places.span(start..end), "opened here")
            .at(self.token_span(), "the line ends here")
            .hint("close it with \", write \\n for a line break, or use a heredoc: <<EOT");
        self.report(error)
    }

    pub(super) fn unclosed_heredoc(&mut self) -> Failed {
        let Some(Opener { start, end, .. }) = self.open.last().copied() else {
            return self.expected("the end of the heredoc", None);
        };
        let opening = self.text[start as usize..end as usize].trim_end();
        let name = opening.trim_start_matches(['<', '-']);
        let error = syntax(format!("the heredoc `{opening}` is never closed"))
            .at(self.places.span(start..start + opening.len() as u32), "opened here")
            .hint(format!("end it with a line that holds only {name}, and a line break after it"));
        let failed = self.report(error);
        self.silent = true;
        failed
    }

    pub(super) fn template_in_label(&mut self) -> Failed {
        let error = syntax("a label is fixed text")
            .at(self.token_span(), "no template can stand here")
            .hint("double the sign for a literal `${` or `%{`: `$${`, `%%{`");
        self.report(error)
    }

    pub(super) fn sequence_goes_on(&mut self, directive: bool) -> Failed {
        let hint = match directive {
            true => "a directive ends with `}`",
            false => "for a literal `${`, as in a shell script, write `$${`",
        };
        self.expected("`}` after the expression", Some(hint))
    }

    pub(super) fn not_a_directive(&mut self) -> Failed {
        let names = ["if", "else", "endif", "for", "endfor"];
        let word = self.token_text();
        let close = names.iter().find(|name| strsim::osa_distance(name, word) <= 2);
        let hint = match close {
            Some(name) => format!("did you mean `{name}`? For a literal `%{{` write `%%{{`"),
            None => "for a literal `%{` write `%%{`".into(),
        };
        self.expected("`if`, `else`, `endif`, `for` or `endfor`", Some(&hint))
    }

    pub(super) fn stray_directive(&mut self, directive: &str, place: Range<u32>) -> Failed {
        let error = syntax(format!("this `{directive}` belongs to nothing"))
            .at(self.places.span(place), "nothing to end here");
        self.report(error)
    }

    pub(super) fn unbalanced_directive(
        &mut self,
        found: &str,
        place: Range<u32>,
        wanted: &str,
        opening: Range<u32>,
    ) -> Failed {
        let error = syntax(format!("expected `{wanted}`, found {found}"))
            .at(self.places.span(place), format!("expected `{wanted}` before this"))
            .at(self.places.span(opening), "for this directive");
        self.report(error)
    }
}
