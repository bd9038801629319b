//! What must be written out: names, words from a fixed set, truth values. These decide what there is before
//! anything is evaluated, so an expression cannot stand for them; the messages say so.

use mpctl_provider::Value;

use super::Context;
use super::spelling::Spelling;
use super::table::{Content, Entry, Table, list};
use crate::diagnostic::nearest;
use crate::diagnostic::{Diagnostic, code};
use crate::source::Span;
use crate::spec::syntax::{Accessor, Expr, ExprKind, Name};

/// The longest name.
const LONGEST_NAME: usize = 63;

/// Whether a text is a name: `[A-Za-z_][A-Za-z0-9_-]{0,62}`.
pub(super) fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    text.len() <= LONGEST_NAME
        && bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

impl Context<'_> {
    /// Reports a name that is none; the name is used all the same, so that references to it are found.
    pub(super) fn check_name(&mut self, what: &str, name: &Name) {
        if is_name(&name.text) {
            return;
        }
        self.report(
            Diagnostic::error(
                code::BAD_NAME,
                format!("`{}` cannot be the name of {what}", name.text),
            )
            .at(name.span, "this name")
            .hint(
                "a name begins with a letter or `_`, goes on with letters, digits, `_` and `-`, \
                     and has at most 63 characters",
            ),
        );
    }

    /// A text that is written out.
    pub(super) fn fixed_text(&mut self, key: &str, expr: Expr) -> Option<Name> {
        let span = expr.span;
        match expr.kind {
            ExprKind::Literal(Value::String(text)) => return Some(Name { text, span }),
            ExprKind::Malformed => {}
            ExprKind::Literal(other) => self.wrong_type(key, "a string", &describe(&other), span),
            ExprKind::Variable(word) if self.spelling == Spelling::Hcl => {
                self.not_fixed(
                    key,
                    span,
                    format!("write `\"{word}\"` if the word itself is meant"),
                );
            }
            ExprKind::Tuple(_) => self.wrong_type(key, "a string", "a list", span),
            ExprKind::Object(_) => self.wrong_type(key, "a string", self.spelling.table(), span),
            _ => self.not_fixed(key, span, "write the value itself here".into()),
        }
        None
    }

    /// A truth value that is written out.
    pub(super) fn fixed_bool(&mut self, key: &str, expr: &Expr) -> Option<bool> {
        match &expr.kind {
            ExprKind::Literal(Value::Bool(value)) => return Some(*value),
            ExprKind::Malformed => {}
            ExprKind::Literal(Value::String(text)) => {
                let hint = match text.to_ascii_lowercase().as_str() {
                    "yes" | "on" | "y" | "true" => "write `true`",
                    "no" | "off" | "n" | "false" => "write `false`",
                    _ => "write `true` or `false`",
                };
                let written = self.spelling.write(key);
                let summary =
                    format!("`{written}` must be true or false, and is the string \"{text}\"");
                self.report(
                    Diagnostic::error(code::WRONG_TYPE, summary)
                        .at(expr.span, "a string")
                        .hint(hint),
                );
            }
            ExprKind::Literal(other) => {
                self.wrong_type(key, "true or false", &describe(other), expr.span);
            }
            ExprKind::Tuple(_) => self.wrong_type(key, "true or false", "a list", expr.span),
            ExprKind::Object(_) => {
                self.wrong_type(key, "true or false", self.spelling.table(), expr.span);
            }
            _ => self.not_fixed(key, expr.span, "write `true` or `false` here".into()),
        }
        None
    }

    /// A list of texts that are written out.
    pub(super) fn fixed_list(&mut self, key: &str, expr: Expr) -> Option<Vec<Name>> {
        match expr.kind {
            ExprKind::Tuple(elements) => {
                Some(elements.into_iter().filter_map(|e| self.fixed_text(key, e)).collect())
            }
            ExprKind::Malformed => None,
            ExprKind::Literal(other) => {
                self.wrong_type(key, "a list of strings", &describe(&other), expr.span);
                None
            }
            ExprKind::Object(_) => {
                self.wrong_type(key, "a list of strings", self.spelling.table(), expr.span);
                None
            }
            _ => {
                self.not_fixed(key, expr.span, "write the list itself here".into());
                None
            }
        }
    }

    /// A provider instance: `"cloud.eu"`, or `cloud.eu` without quotes.
    pub(super) fn provider_name(&mut self, key: &str, expr: Expr) -> Option<Name> {
        let span = expr.span;
        if self.spelling == Spelling::Hcl {
            match &expr.kind {
                ExprKind::Variable(text) => return Some(Name { text: text.clone(), span }),
                ExprKind::Access { of, steps } => {
                    if let (ExprKind::Variable(root), [Accessor::Attribute(instance)]) =
                        (&of.kind, &steps[..])
                    {
                        return Some(Name {
                            text: format!("{root}.{}", instance.text).into(),
                            span,
                        });
                    }
                }
                _ => {}
            }
        }
        self.fixed_text(key, expr)
    }

    /// The entries of a mapping, an object or a block. `what` names it in messages.
    pub(super) fn table(&mut self, content: Content, what: String) -> Option<Table> {
        let expr = match content {
            Content::Block(body, span) => return Some(Table::of_body(body, span, what)),
            Content::Value(expr) => expr,
        };
        let wanted = self.spelling.table();
        let found = match expr.kind {
            ExprKind::Object(items) => {
                return Some(Table::of_object(items, expr.span, what, self));
            }
            // An empty `spec:` has no keys.
            ExprKind::Literal(Value::Null(_)) if self.spelling == Spelling::Yaml => {
                return Some(Table::of_object(Vec::new(), expr.span, what, self));
            }
            ExprKind::Malformed => return None,
            ExprKind::Literal(other) => describe(&other),
            ExprKind::Tuple(_) => "a list".into(),
            _ => "an expression".into(),
        };
        self.report(
            Diagnostic::error(code::WRONG_TYPE, format!("{what} must be {wanted}, and is {found}"))
                .at(expr.span, found),
        );
        None
    }

    /// Tables by name: `override "prod" { … }` again and again, or one `overrides` with the names as its keys.
    pub(super) fn named_tables(
        &mut self,
        table: &mut Table,
        (one, all): (&'static str, &'static str),
        what: impl Fn(&str) -> String,
    ) -> Vec<(Name, Table)> {
        let mut found = Vec::new();
        for entry in table.take_all(all) {
            let plural = format!("`{}` of {}", entry.key.text, table.what);
            let Some(inner) = self.table(entry.content, plural) else { continue };
            for Entry { key, content, .. } in inner.entries {
                if let Some(inner) = self.table(content, what(&key.text)) {
                    found.push((key, inner));
                }
            }
        }
        if self.spelling == Spelling::Hcl {
            for Entry { key, labels, content } in table.take_all(one) {
                match (<[Name; 1]>::try_from(labels), content) {
                    (Ok([name]), Content::Block(body, span)) => {
                        let inner = Table::of_body(body, span, what(&name.text));
                        found.push((name, inner));
                    }
                    _ => self.report(
                        Diagnostic::error(code::WRONG_TYPE, format!("`{one}` needs one name"))
                            .at(key.span, "this block")
                            .hint(format!("write `{one} \"NAME\" {{ … }}`")),
                    ),
                }
            }
        }
        self.refuse_repeated_names(one, &found);
        found
    }

    fn refuse_repeated_names(&mut self, one: &str, found: &[(Name, Table)]) {
        let mut seen = std::collections::HashMap::with_capacity(found.len());
        for (name, _) in found {
            if let Some(first) = seen.insert(&*name.text, name.span) {
                self.report(
                    Diagnostic::error(
                        code::DUPLICATE_KEY,
                        format!("{one} `{}` stands twice", name.text),
                    )
                    .at(name.span, "again here")
                    .at(first, "first here")
                    .hint("join them"),
                );
            }
        }
    }

    /// Reports a word that is none of those that may stand here.
    pub(super) fn bad_word(&mut self, key: &str, word: &Name, allowed: &[&str]) {
        let written = self.spelling.write(key).into_owned();
        let names: Vec<String> = allowed.iter().map(|name| (*name).to_owned()).collect();
        let hint = match nearest(&word.text, allowed.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write one of {}", list(&names)),
        };
        self.report(
            Diagnostic::error(code::BAD_VALUE, format!("`{written}` cannot be `{}`", word.text))
                .at(word.span, "not known here")
                .hint(hint),
        );
    }

    pub(super) fn wrong_type(&mut self, key: &str, wanted: &str, found: &str, span: Span) {
        let written = self.spelling.write(key).into_owned();
        let summary = format!("`{written}` must be {wanted}, and is {found}");
        let diagnostic = Diagnostic::error(code::WRONG_TYPE, summary).at(span, found.to_owned());
        self.report(match (wanted, found) {
            ("a string", "a number" | "true" | "false") => diagnostic.hint("quote it"),
            ("a list" | "a list of strings", "a string" | "an expression") => {
                diagnostic.hint("write `[` and `]` around it")
            }
            _ => diagnostic,
        });
    }

    fn not_fixed(&mut self, key: &str, span: Span, hint: String) {
        let written = self.spelling.write(key).into_owned();
        self.report(
            Diagnostic::error(code::BAD_VALUE, format!("`{written}` cannot be an expression"))
                .at(span, "this is an expression")
                .detail(format!("`{written}` has to be known before anything is evaluated."))
                .hint(hint),
        );
    }
}

/// What a literal is, in words.
pub(super) fn describe(value: &Value) -> String {
    match value {
        Value::Null(_) => "null",
        Value::Bool(true) => "true",
        Value::Bool(false) => "false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::List(_) | Value::Set(_) | Value::Tuple(_) => "a list",
        Value::Map(_) | Value::Object(_) => "a mapping",
        Value::Unknown(_) | Value::Sensitive(_) => "not known",
    }
    .to_owned()
}
