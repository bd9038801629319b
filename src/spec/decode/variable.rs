//! `Variable` and `Output`.

use mpctl_provider::Value;

use super::table::Table;
use super::{Context, Head};
use crate::spec::document::{Output, Variable};
use crate::spec::syntax::{Expr, ExprKind, Name};

const VARIABLE_KEYS: &[&str] =
    &["type", "default", "description", "sensitive", "nullable", "validation"];
const OUTPUT_KEYS: &[&str] = &["value", "description", "sensitive", "depends_on", "precondition"];

pub(super) fn variable(context: &mut Context<'_>, head: Head, mut table: Table) -> Variable {
    let type_constraint =
        table.take_expr(context, "type").map(|expr| context.bare_expression(expr));
    let variable = Variable {
        type_constraint,
        default: table.take_expr(context, "default"),
        sensitive: flag(context, &mut table, "sensitive", false),
        nullable: flag(context, &mut table, "nullable", true),
        description: text(context, &mut table, "description"),
        validations: context.conditions(&mut table, "validation"),
        name: head.name,
        span: head.span,
    };
    table.finish(context, VARIABLE_KEYS);
    variable
}

pub(super) fn output(context: &mut Context<'_>, head: Head, mut table: Table) -> Output {
    let value = table.take_expr(context, "value").unwrap_or_else(|| {
        table.missing(context, "value");
        Expr::new(ExprKind::Malformed, head.span)
    });
    let output = Output {
        value,
        sensitive: flag(context, &mut table, "sensitive", false),
        description: text(context, &mut table, "description"),
        depends_on: context.depends_on(&mut table),
        preconditions: context.conditions(&mut table, "precondition"),
        name: head.name,
        span: head.span,
    };
    table.finish(context, OUTPUT_KEYS);
    output
}

fn flag(context: &mut Context<'_>, table: &mut Table, key: &'static str, unset: bool) -> bool {
    table.take_expr(context, key).and_then(|expr| context.fixed_bool(key, &expr)).unwrap_or(unset)
}

fn text(context: &mut Context<'_>, table: &mut Table, key: &'static str) -> Option<Name> {
    let expr = table.take_expr(context, key)?;
    if matches!(expr.kind, ExprKind::Literal(Value::Null(_))) {
        return None;
    }
    context.fixed_text(key, expr)
}
