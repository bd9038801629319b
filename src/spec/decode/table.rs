//! One form for a YAML mapping and an HCL block: entries under keys. Everything that decodes a kind works on
//! this, so each rule stands once, for both spellings.

use super::Context;
use super::spelling::Spelling;
use crate::diagnostic::nearest;
use crate::diagnostic::{Diagnostic, code};
use crate::source::Span;
use crate::spec::syntax::{Attribute, Block, Body, Expr, ExprKind, Name, ObjectItem, ObjectKey};

/// The entries of a mapping, an object or a block.
pub(super) struct Table {
    pub(super) entries: Vec<Entry>,
    /// The whole of it.
    pub(super) span: Span,
    /// What it is, for messages: ``workload `api` ``.
    pub(super) what: String,
    spelling: Spelling,
    /// The parser has reported attributes that are set twice.
    checked: bool,
}

/// Something under a key.
pub(super) struct Entry {
    /// As the user wrote it.
    pub(super) key: Name,
    /// The labels of a block.
    pub(super) labels: Vec<Name>,
    pub(super) content: Content,
}

/// What is under a key.
pub(super) enum Content {
    Value(Expr),
    /// A block; the place is that of all of it.
    Block(Body, Span),
}

impl Content {
    pub(super) fn span(&self) -> Span {
        match self {
            Content::Value(expr) => expr.span,
            Content::Block(_, span) => *span,
        }
    }

    /// The content as a value: a block is an object.
    pub(super) fn into_expr(self) -> Expr {
        match self {
            Content::Value(expr) => expr,
            Content::Block(body, span) => block_as_object(body, span),
        }
    }
}

/// A block as the object that it means. Blocks of one kind become a list if there are several.
fn block_as_object(body: Body, span: Span) -> Expr {
    let literal = |key: Name, value: Expr| ObjectItem { key: ObjectKey::Literal(key), value };
    let mut items: Vec<ObjectItem> =
        body.attributes.into_iter().map(|a| literal(a.name, a.value)).collect();
    let mut groups: Vec<(Name, Vec<Expr>)> = Vec::new();
    for block in body.blocks {
        let value = block_as_object(block.body, block.span);
        match groups.iter_mut().find(|(kind, _)| kind.text == block.kind.text) {
            Some((_, values)) => values.push(value),
            None => groups.push((block.kind, vec![value])),
        }
    }
    for (kind, mut values) in groups {
        let value = match (values.len(), values.pop()) {
            (1, Some(only)) => only,
            (_, last) => {
                let span = kind.span;
                values.extend(last);
                Expr::new(ExprKind::Tuple(values), span)
            }
        };
        items.push(literal(kind, value));
    }
    Expr::new(ExprKind::Object(items), span)
}

impl Table {
    /// The entries of a block.
    pub(super) fn of_body(body: Body, span: Span, what: impl Into<String>) -> Table {
        let attributes = body.attributes.into_iter().map(|attribute| Entry {
            key: attribute.name,
            labels: Vec::new(),
            content: Content::Value(attribute.value),
        });
        let blocks = body.blocks.into_iter().map(|block| Entry {
            key: block.kind,
            labels: block.labels,
            content: Content::Block(block.body, block.span),
        });
        let entries = attributes.chain(blocks).collect();
        Table { entries, span, what: what.into(), spelling: Spelling::Hcl, checked: true }
    }

    /// The entries of a mapping or an object whose keys are written out, in a document of this spelling.
    pub(super) fn of_object(
        items: Vec<ObjectItem>,
        span: Span,
        what: impl Into<String>,
        context: &mut Context<'_>,
    ) -> Table {
        let mut entries = Vec::with_capacity(items.len());
        for item in items {
            match item.key {
                ObjectKey::Literal(key) => entries.push(Entry {
                    key,
                    labels: Vec::new(),
                    content: Content::Value(item.value),
                }),
                ObjectKey::Expr(key) => context.report(
                    Diagnostic::error(code::WRONG_TYPE, "a key must be written out here")
                        .at(key.span, "this is an expression"),
                ),
            }
        }
        Table { entries, span, what: what.into(), spelling: context.spelling, checked: false }
    }

    /// Takes the content under a key of ours, given in snake_case. Reports if it stands twice.
    pub(super) fn take(&mut self, context: &mut Context<'_>, key: &'static str) -> Option<Entry> {
        let spelling = self.spelling;
        let at = self.entries.iter().position(|entry| spelling.is(&entry.key.text, key))?;
        let first = self.entries.remove(at);
        while let Some(again) =
            self.entries[at..].iter().position(|entry| spelling.is(&entry.key.text, key))
        {
            let again = self.entries.remove(at + again);
            let values = [&first, &again].map(|entry| matches!(entry.content, Content::Value(_)));
            if self.checked && values == [true, true] {
                continue;
            }
            context.report(
                Diagnostic::error(
                    code::DUPLICATE_KEY,
                    format!("`{}` stands twice in {}", again.key.text, self.what),
                )
                .at(again.key.span, "again here")
                .at(first.key.span, "first here")
                .hint("remove one of them"),
            );
        }
        Some(first)
    }

    /// Takes everything under a key of ours: repeated blocks, or one value that may be a list.
    pub(super) fn take_all(&mut self, key: &'static str) -> Vec<Entry> {
        let spelling = self.spelling;
        self.entries.extract_if(.., |entry| spelling.is(&entry.key.text, key)).collect()
    }

    /// Takes the content as a value, whatever it is.
    pub(super) fn take_expr(
        &mut self,
        context: &mut Context<'_>,
        key: &'static str,
    ) -> Option<Expr> {
        self.take(context, key).map(|entry| entry.content.into_expr())
    }

    /// Reports that a required key is missing.
    pub(super) fn missing(&self, context: &mut Context<'_>, key: &str) {
        let written = self.spelling.write(key);
        let start = context.first_word(self.span);
        context.report(
            Diagnostic::error(code::MISSING_KEY, format!("{} has no `{written}`", self.what))
                .at(start, format!("`{written}` is missing here")),
        );
    }

    /// Reports every entry that is left as unknown; `known` are the keys of ours in snake_case.
    pub(super) fn finish(self, context: &mut Context<'_>, known: &[&str]) {
        for entry in &self.entries {
            report_unknown(context, entry, &self.what, known);
        }
    }

    /// What is left, as attributes under the user's own names; reports blocks, which cannot stand here.
    pub(super) fn into_attributes(self) -> Vec<Attribute> {
        let attribute =
            |entry: Entry| Attribute { name: entry.key, value: entry.content.into_expr() };
        self.entries.into_iter().map(attribute).collect()
    }

    /// What is left, as the body of a block.
    pub(super) fn into_body(self, span: Span) -> Body {
        // Exactly as many as there are: a project has a body for each resource, all in memory at once.
        let values = self.entries.iter().filter(|e| matches!(e.content, Content::Value(_))).count();
        let mut body = Body {
            attributes: Vec::with_capacity(values),
            blocks: Vec::with_capacity(self.entries.len() - values),
            span,
        };
        for Entry { key, labels, content } in self.entries {
            match content {
                Content::Value(value) => body.attributes.push(Attribute { name: key, value }),
                Content::Block(inner, span) => {
                    body.blocks.push(Block { kind: key, labels, body: inner, span });
                }
            }
        }
        body
    }
}

fn report_unknown(context: &mut Context<'_>, entry: &Entry, what: &str, known: &[&str]) {
    let spelling = context.spelling;
    let written: Vec<String> = known.iter().map(|key| spelling.write(key).into_owned()).collect();
    let word = match (spelling, &entry.content) {
        (Spelling::Yaml, _) => "key",
        (Spelling::Hcl, Content::Value(_)) => "attribute",
        (Spelling::Hcl, Content::Block(..)) => "block",
    };
    let text = &entry.key.text;
    let diagnostic =
        Diagnostic::error(code::UNKNOWN_KEY, format!("unknown {word} `{text}` in {what}"))
            .at(entry.key.span, "not known here");
    context.report(match nearest(text, written.iter().map(String::as_str)) {
        Some(near) => diagnostic.hint(format!("did you mean `{near}`?")),
        None => diagnostic.hint(format!("known here: {}", list(&written))),
    });
}

/// `a`, `b`, `c`
pub(super) fn list(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
