//! `Project`.

use super::fixed::is_name;
use super::table::{Content, Entry, Table};
use super::{Context, Head};
use crate::diagnostic::{Diagnostic, code};
use crate::spec::document::{Project, ProviderSource, StateBackend};
use crate::spec::syntax::{Attribute, Name};

const KEYS: &[&str] = &["state", "providers", "provider", "allow_paths"];
const BACKENDS: &[&str] = &["sqlite", "postgres", "mongodb", "memory"];

pub(super) fn decode(context: &mut Context<'_>, head: Head, mut table: Table) -> Project {
    let state = table.take(context, "state").and_then(|entry| backend(context, entry));
    let tables = context
        .named_tables(&mut table, ("provider", "providers"), |name| format!("provider \"{name}\""));
    let providers = tables.into_iter().map(|(name, table)| source(context, name, table)).collect();
    let allow_paths = table
        .take_expr(context, "allow_paths")
        .and_then(|expr| context.fixed_list("allow_paths", expr))
        .unwrap_or_default();
    let known = super::plural_only(context, KEYS);
    table.finish(context, &known);
    Project { name: head.name, state, providers, allow_paths, span: head.span }
}

fn backend(context: &mut Context<'_>, entry: Entry) -> Option<StateBackend> {
    let mut table = context.table(entry.content, "`state` of the project".into())?;
    let Some(expr) = table.take_expr(context, "backend") else {
        table.missing(context, "backend");
        return None;
    };
    let backend = context.fixed_text("backend", expr)?;
    if !BACKENDS.contains(&&*backend.text) {
        context.bad_word("backend", &backend, BACKENDS);
    }
    let spelling = context.spelling;
    let settings = table.entries.into_iter().map(|Entry { key, content, .. }| Attribute {
        name: Name { text: spelling.read(&key.text).into(), span: key.span },
        value: content.into_expr(),
    });
    Some(StateBackend { backend, settings: settings.collect() })
}

fn source(context: &mut Context<'_>, name: Name, mut table: Table) -> ProviderSource {
    context.check_name("a provider", &name);
    let mut text = |key: &'static str| {
        table.take_expr(context, key).and_then(|expr| context.fixed_text(key, expr))
    };
    let (source, version) = (text("source"), text("version"));
    table.finish(context, &["source", "version"]);
    ProviderSource { name, source, version }
}

/// Checks the name of a provider instance: `cloud`, or `cloud.eu`.
pub(super) fn check_instance_name(context: &mut Context<'_>, name: &Name) {
    let mut parts = name.text.split('.');
    let good = parts.by_ref().take(2).all(is_name) && parts.next().is_none();
    if !good {
        context.report(
            Diagnostic::error(
                code::BAD_NAME,
                format!("`{}` cannot be the name of a provider instance", name.text),
            )
            .at(name.span, "this name")
            .hint("write the provider's name, or `NAME.INSTANCE` for another instance of it"),
        );
    }
}

/// The content of an entry that must not be a block, as a value.
pub(super) fn attributes_of(
    context: &mut Context<'_>,
    content: Content,
    what: String,
) -> Vec<Attribute> {
    context.table(content, what).map(Table::into_attributes).unwrap_or_default()
}
