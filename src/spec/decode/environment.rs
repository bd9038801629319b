//! `Environment`.

use super::project::{attributes_of, check_instance_name};
use super::table::Table;
use super::{Context, Head};
use crate::diagnostic::{Diagnostic, code};
use crate::source::Span;
use crate::spec::document::{Environment, OnFailure, ProviderInstance};
use crate::spec::syntax::Expr;

const KEYS: &[&str] =
    &["runtime", "providers", "provider", "variables", "on_failure", "protect", "labels"];

pub(super) fn decode(context: &mut Context<'_>, head: Head, mut table: Table) -> Environment {
    let labels = labels(context, head.labels, &mut table);
    let runtime = table
        .take_expr(context, "runtime")
        .and_then(|expr| context.provider_name("runtime", expr))
        .inspect(|name| check_instance_name(context, name));
    let tables = context
        .named_tables(&mut table, ("provider", "providers"), |name| format!("provider \"{name}\""));
    let providers = tables
        .into_iter()
        .map(|(name, table)| {
            check_instance_name(context, &name);
            let span = table.span;
            ProviderInstance { name, config: table.into_body(span) }
        })
        .collect();
    let variables = table
        .take(context, "variables")
        .map(|entry| {
            let what = format!("`variables` of {}", table.what);
            attributes_of(context, entry.content, what)
        })
        .unwrap_or_default();
    for variable in &variables {
        context.check_name("a variable", &variable.name);
    }
    let on_failure =
        table.take_expr(context, "on_failure").and_then(|expr| on_failure(context, expr));
    let protect = table
        .take_expr(context, "protect")
        .and_then(|expr| context.fixed_bool("protect", &expr))
        .unwrap_or_default();
    let known = super::plural_only(context, KEYS);
    table.finish(context, &known);
    let (name, span) = (head.name, head.span);
    Environment { name, labels, runtime, providers, variables, on_failure, protect, span }
}

/// YAML has labels in `metadata`, HCL in the block.
fn labels(context: &mut Context<'_>, metadata: Option<Expr>, table: &mut Table) -> Option<Expr> {
    if context.spelling == super::Spelling::Hcl {
        return table.take_expr(context, "labels");
    }
    if let Some(entry) = table.take(context, "labels") {
        context.report(
            Diagnostic::error(code::UNKNOWN_KEY, format!("unknown key `labels` in {}", table.what))
                .at(entry.key.span, "not known here")
                .hint("labels stand in `metadata`"),
        );
    }
    metadata
}

fn on_failure(context: &mut Context<'_>, expr: Expr) -> Option<(OnFailure, Span)> {
    let written = context.fixed_text("on_failure", expr)?;
    let meant = match &*written.text {
        "stop" => OnFailure::Stop,
        "continue" => OnFailure::Continue,
        "rollback" => {
            let key = context.spelling.write("on_failure");
            context.report(
                Diagnostic::error(code::BAD_VALUE, format!("`{key}` cannot be `rollback` yet"))
                    .at(written.span, "not in this version")
                    .hint("use `stop`: what was done is recorded, and the next plan goes on from there"),
            );
            OnFailure::Stop
        }
        _ => {
            context.bad_word("on_failure", &written, &["stop", "continue"]);
            return None;
        }
    };
    Some((meant, written.span))
}
