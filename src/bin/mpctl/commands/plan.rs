//! `plan`: shows what would change, and saves it where asked.

use std::io::Write as _;
use std::sync::Arc;

use mpctl::ops::error::OpsError;
use mpctl::ops::plan::{Planned, check_no_open_operation, plan};
use mpctl::ops::project::Project;
use mpctl::plan::{Mode, Plan, file};
use mpctl::render::{self, json::EventWriter};

use super::{Context, plan_options, schemas};
use crate::cli;
use crate::report::stamp;

pub(super) async fn run(context: &Context, arguments: cli::Plan) -> u8 {
    let project = match context.project(&arguments.planning.spec).await {
        Ok(project) => project,
        Err(error) => return context.fail(&error, arguments.json),
    };
    let reporter = context.reporter(&project.sources, arguments.json);
    let planned = match make(context, &project, &arguments.planning).await {
        Ok(planned) => planned,
        Err(error) => return reporter.error(&error),
    };
    reporter.diagnostics(&planned.diagnostics);
    let shown = if arguments.json {
        print_events(&planned.plan)
    } else {
        print(context, &planned.plan, arguments.planning.show)
    };
    if let Err(error) = shown {
        return reporter.error(&OpsError::Io { what: "cannot print the plan".into(), error });
    }
    if let Some(path) = &arguments.out {
        if let Err(error) = save(&project, &planned.plan, &context.surroundings.root.join(path)) {
            return reporter.error(&error);
        }
        if !arguments.json {
            eprintln!("Saved the plan as {0}; carry it out with: mpctl apply {0}", path.display());
        }
        tell_new_key(&project);
    }
    let body = &planned.plan.body;
    let changes = match body.mode {
        Mode::RefreshOnly => !body.drift.is_empty(),
        Mode::Apply | Mode::Destroy => body.has_changes(),
    };
    // The process ends here: taking a large plan apart piece by piece would only keep the user waiting.
    std::mem::forget(planned);
    if arguments.detailed_exitcode && changes { 2 } else { 0 }
}

/// Makes the plan that the flags ask for.
pub(super) async fn make(
    context: &Context,
    project: &Project,
    planning: &cli::Planning,
) -> Result<Planned, OpsError> {
    let environments = select(project, planning).await?;
    check_no_open_operation(&context.surroundings, project, &environments).await?;
    let options = plan_options(planning, &environments)?;
    plan(&context.surroundings, &context.connections, project, &environments, options).await
}

/// The environments that the flags select. Mistakes in the spec come first: they may be why one is missing.
pub(super) async fn select(
    project: &Project,
    planning: &cli::Planning,
) -> Result<Vec<Arc<str>>, OpsError> {
    if project.spec.diagnostics.has_errors() {
        return Err(OpsError::Diagnostics(project.spec.diagnostics.clone()));
    }
    project.select(&planning.spec.environments).await
}

/// Prints a plan for people.
pub(super) fn print(context: &Context, plan: &Plan, show: cli::Showing) -> std::io::Result<()> {
    let providers = context.provider_schemas();
    let text = render::human::plan(&plan.body, &schemas(&providers), &context.options(show));
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Prints a plan as events.
pub(super) fn print_events(plan: &Plan) -> std::io::Result<()> {
    let mut writer = EventWriter::new(std::io::stdout().lock(), Box::new(stamp));
    writer.version()?;
    Ok(writer.plan(&plan.body)?)
}

/// Writes a plan file whole or not at all.
fn save(project: &Project, plan: &Plan, path: &std::path::Path) -> Result<(), OpsError> {
    let bytes = file::encode(plan, project.key.as_ref())?;
    let failed =
        |error| OpsError::Io { what: format!("cannot save the plan as {}", path.display()), error };
    let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
    let write = || {
        let mut file = std::fs::File::create(&temporary)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        std::fs::rename(&temporary, path)
    };
    write().map_err(|error| {
        let _ = std::fs::remove_file(&temporary);
        failed(error)
    })
}

/// Says once that a key was made.
pub(super) fn tell_new_key(project: &Project) {
    if let Some(path) = project.key.newly_made() {
        eprintln!(
            "Made {}: it encrypts sensitive values in state and plans. Keep it; to work in a team, share it safely.",
            path.display()
        );
    }
}
