//! `show`: a saved plan, or the state.

use std::io::Write as _;
use std::sync::Arc;

use mpctl::ops::error::OpsError;
use mpctl::ops::project::Project;
use mpctl::ops::state::read_states;
use mpctl::plan::file;
use mpctl::render::{self, human, json};

use super::{Context, schemas};
use crate::cli::Show;

pub(super) async fn run(context: &Context, arguments: Show) -> u8 {
    let project = match context.project(&arguments.spec).await {
        Ok(project) => project,
        Err(error) => return context.fail(&error, arguments.json),
    };
    let shown = match &arguments.plan {
        Some(path) => show_plan(context, &project, path, &arguments),
        None => show_state(context, &project, &arguments).await,
    };
    match shown {
        Ok(()) => 0,
        Err(error) => context.reporter(&project.sources, arguments.json).error(&error),
    }
}

fn printing(error: impl Into<std::io::Error>) -> OpsError {
    OpsError::Io { what: "cannot print".into(), error: error.into() }
}

fn show_plan(
    context: &Context,
    project: &Project,
    path: &std::path::Path,
    arguments: &Show,
) -> Result<(), OpsError> {
    let bytes = std::fs::read(context.surroundings.root.join(path)).map_err(|error| {
        OpsError::Io { what: format!("cannot read the plan {}", path.display()), error }
    })?;
    let plan = file::decode(&bytes, project.key.as_ref())?;
    let providers = context.provider_schemas();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if arguments.json {
        json::plan(&mut out, &plan, &schemas(&providers), arguments.reveal).map_err(printing)?;
    } else {
        let options =
            render::Options { reveal: arguments.reveal, ..context.options(arguments.show) };
        let text = human::plan(&plan.body, &schemas(&providers), &options);
        out.write_all(text.as_bytes()).map_err(printing)?;
    }
    out.flush().map_err(printing)
}

async fn show_state(
    context: &Context,
    project: &Project,
    arguments: &Show,
) -> Result<(), OpsError> {
    let environments = project.select(&arguments.spec.environments).await?;
    let states = read_states(project, &environments).await?;
    let providers = context.provider_schemas();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if arguments.json {
        let states: Vec<(Arc<str>, &mpctl::state::State)> =
            states.iter().map(|(name, state)| (name.clone(), state)).collect();
        json::state(&mut out, &states, &schemas(&providers), arguments.reveal).map_err(printing)?;
    } else {
        let options =
            render::Options { reveal: arguments.reveal, ..context.options(arguments.show) };
        for (name, state) in &states {
            let text = human::state(name, state, &schemas(&providers), &options);
            out.write_all(text.as_bytes()).map_err(printing)?;
        }
    }
    out.flush().map_err(printing)
}
