//! `Workload`.

use super::shape::WORKLOAD;
use super::table::Table;
use super::{Context, Head};
use crate::spec::document::{Override, Workload};

const META: &[&str] = &["environments", "enabled", "depends_on", "overrides", "override"];

pub(super) fn decode(context: &mut Context<'_>, head: Head, mut table: Table) -> Workload {
    let environments = context.environments(&mut table);
    let enabled = table.take_expr(context, "enabled");
    let depends_on = context.depends_on(&mut table);
    let tables = context.named_tables(&mut table, ("override", "overrides"), |environment| {
        format!("override \"{environment}\" of workload \"{}\"", head.name.text)
    });
    let attributes = context.shaped(&mut table, WORKLOAD);
    let known: Vec<&str> = WORKLOAD.iter().map(|(key, _)| *key).collect();
    let overrides = tables
        .into_iter()
        .map(|(environment, mut table)| {
            let attributes = context.shaped(&mut table, WORKLOAD);
            table.finish(context, &known);
            Override { environment, attributes }
        })
        .collect();
    let all = [&super::plural_only(context, META)[..], &known].concat();
    table.finish(context, &all);
    let (name, span) = (head.name, head.span);
    Workload { name, environments, enabled, depends_on, attributes, overrides, span }
}
