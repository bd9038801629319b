//! The kinds that have little in them: `Secret`, `Moved`, `Removed`, `Import`, `Check`.

use super::table::{Entry, Table};
use super::{Context, Head};
use crate::diagnostic::{Diagnostic, code};
use crate::source::Span;
use crate::spec::document::{Check, Import, Moved, Removed, Secret, SecretSource};
use crate::spec::syntax::{Expr, ExprKind};

pub(super) fn secret(context: &mut Context<'_>, head: Head, mut table: Table) -> Option<Secret> {
    let mut given: Vec<(&'static str, Entry)> = Vec::new();
    for key in ["env", "file", "command"] {
        given.extend(table.take(context, key).map(|entry| (key, entry)));
    }
    table.finish(context, &["env", "file", "command"]);
    let mut given = given.into_iter();
    let Some((key, first)) = given.next() else {
        context.report(
            Diagnostic::error(
                code::MISSING_KEY,
                format!("secret \"{}\" does not say where it is read", head.name.text),
            )
            .at(head.name.span, "this secret")
            .hint("give it one of `env`, `file` and `command`"),
        );
        return None;
    };
    for (_, other) in given {
        context.report(
            Diagnostic::error(
                code::BAD_VALUE,
                format!("secret \"{}\" is read in two places", head.name.text),
            )
            .at(other.key.span, "one of them")
            .at(first.key.span, "the other")
            .hint("keep one of them"),
        );
    }
    let value = first.content.into_expr();
    let source = match key {
        "env" => SecretSource::Env(context.fixed_text(key, value)?),
        "file" => SecretSource::File(context.fixed_text(key, value)?),
        _ => SecretSource::Command(context.fixed_list(key, value)?),
    };
    Some(Secret { name: head.name, source, span: head.span })
}

/// A required address or value.
fn required(context: &mut Context<'_>, table: &mut Table, key: &'static str, span: Span) -> Expr {
    table.take_expr(context, key).unwrap_or_else(|| {
        table.missing(context, key);
        Expr::new(ExprKind::Malformed, span)
    })
}

fn address(context: &mut Context<'_>, table: &mut Table, key: &'static str, span: Span) -> Expr {
    let expr = required(context, table, key, span);
    context.bare_expression(expr)
}

pub(super) fn moved(context: &mut Context<'_>, head: Head, mut table: Table) -> Moved {
    let from = address(context, &mut table, "from", head.span);
    let to = address(context, &mut table, "to", head.span);
    let environments = context.environments(&mut table);
    table.finish(context, &["from", "to", "environments"]);
    Moved { from, to, environments, span: head.span }
}

pub(super) fn removed(context: &mut Context<'_>, head: Head, mut table: Table) -> Removed {
    let from = address(context, &mut table, "from", head.span);
    let environments = context.environments(&mut table);
    let mut destroy = destroy_flag(context, &mut table);
    // Terraform has the flag in a block `lifecycle`.
    if let Some(entry) = table.take(context, "lifecycle") {
        let what = format!("`lifecycle` of {}", table.what);
        if let Some(mut lifecycle) = context.table(entry.content, what) {
            destroy = destroy.or(destroy_flag(context, &mut lifecycle));
            lifecycle.finish(context, &["destroy"]);
        }
    }
    table.finish(context, &["from", "destroy", "environments"]);
    Removed { from, destroy: destroy.unwrap_or(true), environments, span: head.span }
}

fn destroy_flag(context: &mut Context<'_>, table: &mut Table) -> Option<bool> {
    let expr = table.take_expr(context, "destroy")?;
    context.fixed_bool("destroy", &expr)
}

pub(super) fn import(context: &mut Context<'_>, head: Head, mut table: Table) -> Import {
    let to = address(context, &mut table, "to", head.span);
    let id = required(context, &mut table, "id", head.span);
    let environments = context.environments(&mut table);
    table.finish(context, &["to", "id", "environments"]);
    Import { to, id, environments, span: head.span }
}

pub(super) fn check(context: &mut Context<'_>, head: Head, mut table: Table) -> Check {
    let assertions = context.conditions(&mut table, "assert");
    if assertions.is_empty() && !context.diagnostics.has_errors() {
        table.missing(context, "assert");
    }
    table.finish(context, &["assert"]);
    Check { name: head.name, assertions, span: head.span }
}
