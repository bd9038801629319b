//! The shapes of a workload's attributes: in which positions the keys are ours, and therefore mapped between
//! the spellings and checked, and in which they are the user's own.

use super::Context;
use super::fixed::describe;
use super::table::{Entry, Table};
use crate::spec::syntax::{Attribute, Expr, ExprKind, Name, ObjectItem, ObjectKey};

/// What may stand under a key.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// Any value; keys within it are the user's own.
    Free,
    /// A mapping whose keys are the user's own.
    Map,
    /// A list of any values.
    List,
    /// These keys, in snake_case.
    Keys(&'static [Row]),
}

/// A key in snake_case and what may stand under it.
pub(super) type Row = (&'static str, Shape);

/// The attributes of a workload that differ between environments.
pub(super) const WORKLOAD: &[Row] = &[
    ("image", Shape::Free),
    ("command", Shape::List),
    ("replicas", Shape::Free),
    ("ports", Shape::Map),
    ("env", Shape::Map),
    ("secrets", Shape::Map),
    ("files", Shape::Map),
    ("health", Shape::Keys(HEALTH)),
    ("resources", Shape::Keys(&[("cpu", Shape::Free), ("memory", Shape::Free)])),
    ("strategy", Shape::Keys(&[("type", Shape::Free), ("max_unavailable", Shape::Free)])),
    ("working_directory", Shape::Free),
    ("restart", Shape::Free),
    ("stop_signal", Shape::Free),
    ("stop_grace", Shape::Free),
    ("log_file", Shape::Free),
];

const HEALTH: &[Row] = &[
    ("http", Shape::Keys(HTTP)),
    ("tcp", Shape::Keys(&[("port", Shape::Free), ("host", Shape::Free)])),
    ("command", Shape::List),
    ("interval", Shape::Free),
    ("timeout", Shape::Free),
    ("attempt_timeout", Shape::Free),
    ("start_period", Shape::Free),
    ("retries", Shape::Free),
    ("failures", Shape::Free),
];

const HTTP: &[Row] = &[
    ("path", Shape::Free),
    ("port", Shape::Free),
    ("host", Shape::Free),
    ("scheme", Shape::Free),
    ("status", Shape::Free),
];

impl Context<'_> {
    /// Takes what `shapes` know out of a table, under the model's names, in the order of the text.
    pub(super) fn shaped(&mut self, table: &mut Table, shapes: &'static [Row]) -> Vec<Attribute> {
        let mut found: Vec<Attribute> = Vec::with_capacity(table.entries.len().min(shapes.len()));
        for (key, shape) in shapes {
            let Some(Entry { key: written, content, .. }) = table.take(self, key) else { continue };
            let what = format!("`{}` of {}", written.text, table.what);
            let value = self.shape(content.into_expr(), *shape, key, what);
            found.push(Attribute { name: Name { text: (*key).into(), span: written.span }, value });
        }
        found.sort_by_key(|attribute| attribute.name.span.start);
        found
    }

    fn shape(&mut self, expr: Expr, shape: Shape, key: &str, what: String) -> Expr {
        let span = expr.span;
        let wanted = match shape {
            Shape::Free => return expr,
            Shape::List => "a list",
            Shape::Map | Shape::Keys(_) => self.spelling.table(),
        };
        let found = match (&expr.kind, shape) {
            (ExprKind::Object(_), Shape::List) => self.spelling.table().to_owned(),
            (ExprKind::Tuple(_), Shape::Map | Shape::Keys(_)) => "a list".to_owned(),
            (ExprKind::Literal(value), _) if !value.is_null() => describe(value),
            (ExprKind::Object(_), Shape::Keys(shapes)) => {
                return self.shape_keys(expr, shapes, what);
            }
            // Whatever it evaluates to has the model's names already.
            _ => return expr,
        };
        self.wrong_type(key, wanted, &found, span);
        Expr::new(ExprKind::Malformed, span)
    }

    fn shape_keys(&mut self, expr: Expr, shapes: &'static [Row], what: String) -> Expr {
        let span = expr.span;
        let ExprKind::Object(items) = expr.kind else { return expr };
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
