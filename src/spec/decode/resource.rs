//! `Resource` and `Data`: the meta-arguments, the lifecycle, and the configuration that belongs to the type.

use super::project::check_instance_name;
use super::spelling::Spelling;
use super::table::{Content, Entry, Table};
use super::{Context, Head, Kind};
use crate::diagnostic::{Diagnostic, code};
use crate::source::Span;
use crate::spec::document::{IgnoreChanges, Lifecycle, Repetition, Resource};
use crate::spec::syntax::{Body, Expr, ExprKind, Name};

const YAML_KEYS: &[&str] = &[
    "type",
    "config",
    "count",
    "for_each",
    "enabled",
    "depends_on",
    "provider",
    "environments",
    "lifecycle",
];
const LIFECYCLE_KEYS: &[&str] = &[
    "prevent_destroy",
    "create_before_destroy",
    "ignore_changes",
    "replace_triggered_by",
    "on_destroy",
    "precondition",
    "postcondition",
];
const DATA_LIFECYCLE_KEYS: &[&str] = &["precondition", "postcondition"];

pub(super) fn decode(context: &mut Context<'_>, mut head: Head, mut table: Table) -> Resource {
    let resource_type = match head.type_label.take() {
        Some(label) => label,
        None => type_key(context, &mut table, head.span),
    };
    let provider = table
        .take_expr(context, "provider")
        .and_then(|expr| context.provider_name("provider", expr))
        .inspect(|name| check_instance_name(context, name));
    let environments = context.environments(&mut table);
    let enabled = table.take_expr(context, "enabled");
    let repetition = repetition(context, &mut table);
    let depends_on = context.depends_on(&mut table);
    let lifecycle = match table.take(context, "lifecycle") {
        Some(entry) => lifecycle(context, entry, &table.what, head.kind),
        None => Lifecycle::default(),
    };
    let config = config(context, table, head.span);
    Resource {
        name: head.name,
        resource_type,
        provider,
        environments,
        enabled,
        repetition,
        depends_on,
        lifecycle,
        config,
        span: head.span,
    }
}

fn type_key(context: &mut Context<'_>, table: &mut Table, span: Span) -> Name {
    let nothing = Name { text: "".into(), span };
    if context.spelling == Spelling::Hcl {
        // The label is missing, which has been reported.
        return nothing;
    }
    let Some(expr) = table.take_expr(context, "type") else {
        table.missing(context, "type");
        return nothing;
    };
    context.fixed_text("type", expr).unwrap_or(nothing)
}

fn repetition(context: &mut Context<'_>, table: &mut Table) -> Option<Repetition> {
    let count = table.take(context, "count");
    let for_each = table.take(context, "for_each");
    match (count, for_each) {
        (Some(count), Some(for_each)) => {
            let summary = format!("{} has both `count` and `{}`", table.what, for_each.key.text);
            context.report(
                Diagnostic::error(code::BAD_VALUE, summary)
                    .at(for_each.key.span, "one of them")
                    .at(count.key.span, "the other")
                    .hint("use one of them"),
            );
            Some(Repetition::ForEach(for_each.content.into_expr()))
        }
        (Some(count), None) => Some(Repetition::Count(count.content.into_expr())),
        (None, Some(for_each)) => Some(Repetition::ForEach(for_each.content.into_expr())),
        (None, None) => None,
    }
}

fn lifecycle(context: &mut Context<'_>, entry: Entry, what: &str, kind: Kind) -> Lifecycle {
    let mut lifecycle = Lifecycle::default();
    let Some(mut table) = context.table(entry.content, format!("`lifecycle` of {what}")) else {
        return lifecycle;
    };
    lifecycle.preconditions = context.conditions(&mut table, "precondition");
    lifecycle.postconditions = context.conditions(&mut table, "postcondition");
    if kind == Kind::Data {
        table.finish(context, DATA_LIFECYCLE_KEYS);
        return lifecycle;
    }
    let mut flag = |key: &'static str| {
        let expr = table.take_expr(context, key)?;
        Some((context.fixed_bool(key, &expr)?, expr.span))
    };
    lifecycle.prevent_destroy = flag("prevent_destroy");
    lifecycle.create_before_destroy = flag("create_before_destroy");
    lifecycle.ignore_changes =
        table.take_expr(context, "ignore_changes").map(|expr| ignore_changes(context, expr));
    if let Some(expr) = table.take_expr(context, "replace_triggered_by") {
        lifecycle.replace_triggered_by = context.bare_expressions("replace_triggered_by", expr);
    }
    if let Some(expr) = table.take_expr(context, "on_destroy") {
        lifecycle.retain_on_destroy = retains(context, expr);
    }
    table.finish(context, LIFECYCLE_KEYS);
    lifecycle
}

fn ignore_changes(context: &mut Context<'_>, expr: Expr) -> IgnoreChanges {
    let all = match &expr.kind {
        ExprKind::Literal(value) => value.as_str() == Some("all"),
        ExprKind::Variable(word) => **word == *"all",
        _ => false,
    };
    if all {
        return IgnoreChanges::All(expr.span);
    }
    IgnoreChanges::Paths(context.bare_expressions("ignore_changes", expr))
}

fn retains(context: &mut Context<'_>, expr: Expr) -> bool {
    let Some(word) = context.fixed_text("on_destroy", expr) else { return false };
    match &*word.text {
        "retain" => true,
        "destroy" => false,
        _ => {
            context.bad_word("on_destroy", &word, &["destroy", "retain"]);
            false
        }
    }
}

/// YAML has the configuration under `config`. HCL has it in the block itself, and what has a meta-argument's
/// name in a block `config`.
fn config(context: &mut Context<'_>, mut table: Table, span: Span) -> Body {
    let empty = Body { attributes: Vec::new(), blocks: Vec::new(), span };
    if context.spelling == Spelling::Yaml {
        let entry = table.take(context, "config");
        let what = format!("`config` of {}", table.what);
        table.finish(context, YAML_KEYS);
        let Some(entry) = entry else { return empty };
        let span = entry.content.span();
        return context.table(entry.content, what).map_or(empty, |table| table.into_body(span));
    }
    let inner = table
        .entries
        .extract_if(.., |entry| {
            &*entry.key.text == "config" && matches!(entry.content, Content::Block(..))
        })
        .collect::<Vec<_>>();
    let mut body = table.into_body(span);
    for entry in inner {
        if let Content::Block(inner, _) = entry.content {
            add(context, &mut body, inner);
        }
    }
    body
}

fn add(context: &mut Context<'_>, body: &mut Body, inner: Body) {
    for attribute in inner.attributes {
        match body.attributes.iter().find(|known| known.name.text == attribute.name.text) {
            Some(first) => context.report(
                Diagnostic::error(
                    code::DUPLICATE_KEY,
                    format!("`{}` stands both in `config` and beside it", attribute.name.text),
                )
                .at(attribute.name.span, "again here")
                .at(first.name.span, "first here")
                .hint("remove one of them"),
            ),
            None => body.attributes.push(attribute),
        }
    }
    body.blocks.extend(inner.blocks);
}

impl Context<'_> {
    /// `environments`: where it is.
    pub(super) fn environments(&mut self, table: &mut Table) -> Option<Vec<Name>> {
        let expr = table.take_expr(self, "environments")?;
        self.fixed_list("environments", expr)
    }

    /// `depends_on`: what must be there first.
    pub(super) fn depends_on(&mut self, table: &mut Table) -> Vec<Expr> {
        match table.take_expr(self, "depends_on") {
            Some(expr) => self.bare_expressions("depends_on", expr),
            None => Vec::new(),
        }
    }
}
