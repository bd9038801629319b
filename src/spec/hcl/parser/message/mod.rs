//! The errors of the grammar, each with its place and a way out. Here is what all of them share.

mod expressions;
mod items;
mod templates;

use super::cursor::{Opener, Parser};
use super::{Failed, Kind};
use crate::diagnostic::{Diagnostic, code};

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

/// The user's words within a message: cut where they are long, and what does not print is escaped.
pub(super) fn shown(text: &str) -> String {
    let cut = text.chars().take(LONGEST_QUOTE);
    cut.fold(String::new(), |mut shown, character| {
        match character {
            '\\' | '"' | '\'' => shown.push(character),
            _ => shown.extend(character.escape_debug()),
        }
        shown
    })
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
                format!("`{}`", shown(self.token_text()))
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
            (Kind::Unexpected, Some('$')) => syntax("`${…}` stands within quotes")
                .at(span, "unexpected")
                .hint("outside quotes an expression is written as it is, without `${ }`"),
            (Kind::Unexpected, Some('/')) => syntax("this comment is not closed")
                .at(span, "begins here")
                .hint("close it with `*/`"),
            (Kind::Unexpected, Some(c)) => {
                let c = shown(c.encode_utf8(&mut [0; 4]));
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
}
