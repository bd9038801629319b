//! Errors in expressions.

use super::super::cursor::Parser;
use super::super::{Failed, Kind};
use super::syntax;
use crate::source::Span;
use crate::spec::syntax::Name;

impl Parser<'_> {
    pub(in crate::spec::hcl::parser) fn conditional_without_colon(
        &mut self,
        condition: Span,
    ) -> Failed {
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

    pub(in crate::spec::hcl::parser) fn no_expression(&mut self) -> Failed {
        let hint = match (self.peek(), self.token_text()) {
            (Kind::Equal, _) => Some("`==` compares; a single `=` only sets attributes"),
            (Kind::Star, _) => Some("there is no operator `**`; use pow(base, exponent)"),
            (Kind::Less, _) => {
                Some("a heredoc begins with <<NAME and a line break right behind it")
            }
            (Kind::Percent, _) => Some("`%{…}` stands within quotes"),
            (Kind::Newline, _) => {
                Some("a value begins in the line of its `=`; within ( ) it may span lines")
            }
            _ => None,
        };
        self.expected("a value", hint)
    }

    pub(in crate::spec::hcl::parser) fn no_attribute_name(&mut self) -> Failed {
        self.expected("a name after `.`", Some("use [\"…\"] for a key that is no plain word"))
    }

    pub(in crate::spec::hcl::parser) fn splat_in_splat(&mut self) -> Failed {
        let error = syntax("`.*` cannot stand within another `.*`")
            .at(self.token_span(), "second splat")
            .hint("write `[*]` in place of `.*`");
        self.report(error)
    }

    pub(in crate::spec::hcl::parser) fn two_legacy_indexes(&mut self) -> Failed {
        let text = self.token_text();
        let indexes = text.replace('.', "][");
        let error = syntax(format!("`.{text}` is read as one number"))
            .at(self.token_span(), "two indexes in a row")
            .hint(format!("write [{indexes}]"));
        self.report(error)
    }

    pub(in crate::spec::hcl::parser) fn call_without_arguments(
        &mut self,
        function: &Name,
    ) -> Failed {
        let hint = format!("a function is called as {}(…)", function.text);
        self.expected("`(` after the function's name", Some(&hint))
    }

    pub(in crate::spec::hcl::parser) fn namespace_without_name(
        &mut self,
        namespace: &str,
    ) -> Failed {
        self.expected(&format!("a function's name after `{namespace}::`"), None)
    }

    pub(in crate::spec::hcl::parser) fn key_without_value(&mut self, key: Span) -> Failed {
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

    pub(in crate::spec::hcl::parser) fn for_without_colon(&mut self) -> Failed {
        self.expected("`:` and the value of the `for`", Some("as in [for x in xs : x.name]"))
    }

    pub(in crate::spec::hcl::parser) fn for_without_name(&mut self) -> Failed {
        self.expected("a name after `for`", Some("as in `for x in xs` or `for key, x in xs`"))
    }

    pub(in crate::spec::hcl::parser) fn for_without_in(&mut self) -> Failed {
        self.expected("`in` after the names of the `for`", Some("as in `for key, x in xs`"))
    }

    pub(in crate::spec::hcl::parser) fn tuple_for_with_key(&mut self, key: Span) -> Failed {
        let error = syntax("a `for` in brackets makes a list, which has no keys")
            .at(key, "this is a key")
            .hint("write { for … : key => value } to make an object");
        self.report(error)
    }

    pub(in crate::spec::hcl::parser) fn object_for_without_key(&mut self, value: Span) -> Failed {
        let error = syntax("a `for` in braces makes an object, which needs keys")
            .at(value, "expected key => value")
            .hint("write [for … : value] to make a list");
        self.report(error)
    }

    pub(in crate::spec::hcl::parser) fn tuple_for_with_group(&mut self) -> Failed {
        let error = syntax("`...` groups values by key, and a list has no keys")
            .at(self.token_span(), "only in { for … : key => value... }");
        self.report(error)
    }
}
