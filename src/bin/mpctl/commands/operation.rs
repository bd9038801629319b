//! `operation list|close`.

use std::io::Write as _;

use mpctl::ops::error::OpsError;
use mpctl::ops::project::Project;
use mpctl::ops::resume::Way;
use serde::Serialize;

use super::{Context, resume};
use crate::cli::{self, OperationCommand, StateList};

pub(super) async fn run(context: &Context, arguments: cli::Operation) -> u8 {
    let list = match arguments.command {
        OperationCommand::Close(close) => {
            return resume::settle(context, &close.resume, Way::Close, Some(&close.id)).await;
        }
        OperationCommand::List(list) => list,
    };
    let project = match context.project(&list.spec).await {
        Ok(project) => project,
        Err(error) => return context.fail(&error, list.json),
    };
    match print(&project, &list).await {
        Ok(()) => 0,
        Err(error) => context.reporter(&project.sources, list.json).error(&error),
    }
}

/// One operation, as `operation list --json` gives it.
#[derive(Serialize)]
struct Row {
    id: String,
    kind: String,
    status: String,
    environments: Vec<String>,
    who: String,
    host: String,
    at: String,
    plan: String,
}

async fn print(project: &Project, arguments: &StateList) -> Result<(), OpsError> {
    let environments = match arguments.spec.environments.is_empty() {
        true => project.all_environments().await?,
        false => project.select(&arguments.spec.environments).await?,
    };
    let mut operations = Vec::new();
    for name in environments {
        for operation in project.store.operations(&project.scope(&name)?).await? {
            if !operations.contains(&operation) {
                operations.push(operation);
            }
        }
    }
    operations.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.id.cmp(&b.id)));
    let rows = operations.iter().map(|operation| Row {
        id: operation.id.to_string(),
        kind: operation.kind.clone(),
        status: operation.closed.map_or("running", |closed| closed.as_str()).to_owned(),
        environments: operation
            .environments
            .iter()
            .map(|(scope, _)| scope.environment.to_string())
            .collect(),
        who: operation.who.clone(),
        host: operation.host.clone(),
        at: jiff::Timestamp::from_millisecond(operation.at.0)
            .map_or_else(|_| "?".into(), |at| at.to_string()),
        plan: operation.plan.to_string(),
    });
    let rows: Vec<Row> = rows.collect();
    let printing = |error: std::io::Error| OpsError::Io { what: "cannot print".into(), error };
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if arguments.json {
        serde_json::to_writer(&mut out, &rows).map_err(|error| printing(error.into()))?;
        writeln!(out).map_err(printing)?;
    } else {
        for row in &rows {
            let Row { id, kind, status, environments, who, at, .. } = row;
            writeln!(out, "{id}  {at}  {kind}  {status}  {}  {who}", environments.join(","))
                .map_err(printing)?;
        }
    }
    out.flush().map_err(printing)
}
