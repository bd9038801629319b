//! The shapes of a workload's attributes: in which positions the keys are ours, and therefore mapped between
//! the spellings and checked, and in which they are the user's own.

use super::Context;
use super::table::{Entry, Table};
use crate::spec::syntax::{Attribute, Expr, ExprKind, Name, ObjectItem, ObjectKey};

/// What may stand under a key.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// Any value; keys within it are the user's own.
    Free,
    /// These keys, in snake_case.
    Keys(&'static [(&'static str, Shape)]),
}

/// The attributes of a workload that differ between environments.
pub(super) const WORKLOAD: &[(&str, Shape)] = &[
    ("image", Shape::Free),
    ("command", Shape::Free),
    ("replicas", Shape::Free),
    ("ports", Shape::Free),
    ("env", Shape::Free),
    ("secrets", Shape::Free),
    ("files", Shape::Free),
    ("health", Shape::Keys(HEALTH)),
    ("resources", Shape::Keys(&[("cpu", Shape::Free), ("memory", Shape::Free)])),
    ("strategy", Shape::Keys(&[("type", Shape::Free), ("max_unavailable", Shape::Free)])),
    ("working_directory", Shape::Free),
    ("restart", Shape::Free),
    ("stop_signal", Shape::Free),
    ("stop_grace", Shape::Free),
    ("log_file", Shape::Free),
];

const HEALTH: &[(&str, Shape)] = &[
    ("http", Shape::Keys(HTTP)),
    ("tcp", Shape::Keys(&[("port", Shape::Free), ("host", Shape::Free)])),
    ("command", Shape::Free),
    ("interval", Shape::Free),
    ("timeout", Shape::Free),
    ("start_period", Shape::Free),
    ("retries", Shape::Free),
];

const HTTP: &[(&str, Shape)] = &[
    ("path", Shape::Free),
    ("port", Shape::Free),
    ("host", Shape::Free),
    ("scheme", Shape::Free),
    ("status", Shape::Free),
];

impl Context<'_> {
    /// Takes what `shapes` know out of a table, under the model's names, in the order of the text.
    pub(super) fn shaped(
        &mut self,
        table: &mut Table,
        shapes: &'static [(&'static str, Shape)],
    ) -> Vec<Attribute> {
        let mut found: Vec<Attribute> = Vec::new();
        for (key, shape) in shapes {
            let Some(Entry { key: written, content, .. }) = table.take(self, key) else { continue };
            let what = format!("`{}` of {}", written.text, table.what);
            let value = self.shape(content.into_expr(), *shape, what);
            found.push(Attribute { name: Name { text: (*key).into(), span: written.span }, value });
        }
        found.sort_by_key(|attribute| attribute.name.span.start);
        found
    }

    fn shape(&mut self, expr: Expr, shape: Shape, what: String) -> Expr {
        let Shape::Keys(shapes) = shape else { return expr };
        let span = expr.span;
        let items = match expr.kind {
            ExprKind::Object(items) => items,
            // Whatever it evaluates to has the model's names already.
            kind => return Expr::new(kind, span),
        };
        let mut table = Table::of_object(items, span, what, self);
        let attributes = self.shaped(&mut table, shapes);
        let known: Vec<&str> = shapes.iter().map(|(key, _)| *key).collect();
        table.finish(self, &known);
        let item = |attribute: Attribute| ObjectItem {
            key: ObjectKey::Literal(attribute.name),
            value: attribute.value,
        };
        Expr::new(ExprKind::Object(attributes.into_iter().map(item).collect()), span)
    }
}
