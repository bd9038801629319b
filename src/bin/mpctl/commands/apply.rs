//! `apply`, `destroy`, `refresh`: plan, ask, carry out; or carry a saved plan out.

use std::collections::HashMap;
use std::io::{BufRead as _, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use indicatif::MultiProgress;
use mpctl::apply::{Event, Providers};
use mpctl::diagnostic::{Diagnostic, Diagnostics, code};
use mpctl::ops::apply::{Applied, ApplyInput, apply, check_saved_plan};
use mpctl::ops::configure::configure;
use mpctl::ops::error::OpsError;
use mpctl::ops::lock::{self, Locks};
use mpctl::ops::plan::{check_no_open_operation, plan as make_plan};
use mpctl::ops::project::Project;
use mpctl::plan::{Mode, Plan, StepKind, file};
use mpctl::render::json::EventWriter;
use mpctl::render::progress::{Counts, Ending, Json, OperationWord, Outcome, Plain, Progress};
use mpctl_state::Snapshot;

use super::plan::{print, print_events, select, tell_new_key};
use super::{Context, plan_options};
use crate::cli;
use crate::render::terminal::Terminal;
use crate::report::{Reporter, stamp};
use crate::signals::{self, Signals};

/// Which of the commands it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Apply,
    Destroy,
    Refresh,
}

/// A plan ready to be carried out.
struct Ready {
    plan: Plan,
    snapshots: HashMap<Arc<str>, Option<Snapshot>>,
    providers: Providers,
    locks: Locks,
}

pub(super) async fn run(context: &Context, mut arguments: cli::Apply, kind: Kind) -> u8 {
    match kind {
        Kind::Apply => {}
        Kind::Destroy => arguments.planning.destroy = true,
        Kind::Refresh => arguments.planning.refresh_only = true,
    }
    let mut project = match context.project(&arguments.planning.spec).await {
        Ok(project) => project,
        Err(error) => return context.fail(&error, arguments.json),
    };
    let saved = arguments.plan.as_deref().map(|path| read_plan(context, &mut project, path));
    let saved = match saved.transpose() {
        Ok(saved) => saved,
        Err(error) => return context.reporter(&project.sources, arguments.json).error(&error),
    };
    let reporter = context.reporter(&project.sources, arguments.json);
    match carry_out(context, &project, saved, &arguments, &reporter).await {
        Ok(code) => code,
        Err(error) => reporter.error(&error),
    }
}

/// Reads a saved plan, which says what the project is called where there is no spec that would.
fn read_plan(context: &Context, project: &mut Project, path: &Path) -> Result<Plan, OpsError> {
    let full = context.surroundings.root.join(path);
    let bytes = std::fs::read(&full).map_err(|error| OpsError::Io {
        what: format!("cannot read the plan {}", path.display()),
        error,
    })?;
    let plan = file::decode(&bytes, project.key.as_ref())?;
    project.named_by(&plan);
    Ok(plan)
}

async fn carry_out(
    context: &Context,
    project: &Project,
    plan: Option<Plan>,
    arguments: &cli::Apply,
    reporter: &Reporter<'_>,
) -> Result<u8, OpsError> {
    let signals = signals::listen()
        .map_err(|error| OpsError::Io { what: "cannot listen for signals".into(), error })?;
    let ready = match plan {
        Some(plan) => saved(context, project, plan, arguments).await?,
        None => planned(context, project, arguments, reporter).await?,
    };
    if let Err(error) = approve(context, &ready.plan, arguments) {
        ready.locks.release().await?;
        return Err(error);
    }
    let applied = execute(context, project, &ready, arguments, &signals).await;
    let released = ready.locks.release().await;
    let applied = applied?;
    released?;
    tell_new_key(project);
    reporter.diagnostics(&failures(&applied));
    Ok(applied.exit_code())
}

/// Takes the locks, then plans: what is approved is what is carried out.
async fn planned(
    context: &Context,
    project: &Project,
    arguments: &cli::Apply,
    reporter: &Reporter<'_>,
) -> Result<Ready, OpsError> {
    let environments = select(project, &arguments.planning).await?;
    let options = plan_options(&arguments.planning, &environments)?;
    let locks = take(context, project, &environments, arguments).await?;
    let planning = async {
        check_no_open_operation(&context.surroundings, project, &environments).await?;
        make_plan(&context.surroundings, &context.connections, project, &environments, options)
            .await
    };
    let planned = match planning.await {
        Ok(planned) => planned,
        Err(error) => {
            locks.release().await?;
            return Err(error);
        }
    };
    reporter.diagnostics(&planned.diagnostics);
    let shown = match arguments.json {
        true => print_events(&planned.plan),
        false => print(context, &planned.plan, arguments.planning.show),
    };
    shown.map_err(|error| OpsError::Io { what: "cannot print the plan".into(), error })?;
    Ok(Ready {
        plan: planned.plan,
        snapshots: planned.snapshots,
        providers: planned.providers,
        locks,
    })
}

/// Checks that a saved plan still holds.
async fn saved(
    context: &Context,
    project: &Project,
    plan: Plan,
    arguments: &cli::Apply,
) -> Result<Ready, OpsError> {
    let environments: Vec<Arc<str>> = plan.body.environments.keys().cloned().collect();
    let locks = take(context, project, &environments, arguments).await?;
    let checks = async {
        check_no_open_operation(&context.surroundings, project, &environments).await?;
        let snapshots = check_saved_plan(project, &plan).await?;
        let providers =
            configure(&context.surroundings, &context.connections, project, &plan).await?;
        Ok::<_, OpsError>((snapshots, providers))
    };
    match checks.await {
        Ok((snapshots, providers)) => Ok(Ready { plan, snapshots, providers, locks }),
        Err(error) => {
            locks.release().await?;
            Err(error)
        }
    }
}

async fn take(
    context: &Context,
    project: &Project,
    environments: &[Arc<str>],
    arguments: &cli::Apply,
) -> Result<Locks, OpsError> {
    if !arguments.carrying.lock {
        let diagnostic = Diagnostic::error(code::USAGE, "`--lock=false` is not supported")
            .hint("every write carries the fence of a lock; wait for one with `--lock-timeout 5m`");
        return Err(Diagnostics::from(diagnostic).into());
    }
    let scopes: Result<Vec<_>, OpsError> =
        environments.iter().map(|name| project.scope(name)).collect();
    lock::take(
        &context.surroundings,
        project.store.clone(),
        &scopes?,
        arguments.carrying.lock_timeout,
    )
    .await
}

/// Asks, where something has to be asked.
fn approve(context: &Context, plan: &Plan, arguments: &cli::Apply) -> Result<(), OpsError> {
    let body = &plan.body;
    let carrying = &arguments.carrying;
    for (name, environment) in &body.environments {
        let destroys = body
            .changes
            .iter()
            .any(|change| change.address.environment == *name && change.action.destroys());
        let approved = carrying.approve.iter().any(|approved| approved.as_str() == name.as_ref());
        if environment.protect && destroys && !approved {
            let asked = carrying.input && context.terminal.interactive && arguments.plan.is_none();
            let question = format!("Environment {name} is protected. Type its name to go on: ");
            if !asked || ask(&question)?.trim() != name.as_ref() {
                return Err(OpsError::Protected { environment: name.to_string() });
            }
        }
    }
    let nothing = !body.has_changes() && body.drift.is_empty() && body.steps.is_empty();
    if nothing || carrying.auto_approve || arguments.plan.is_some() {
        return Ok(());
    }
    if !carrying.input || !context.terminal.interactive {
        return Err(OpsError::Declined {
            reason: "this needs an approval, and nobody can be asked: pass --auto-approve, or apply a saved plan".into(),
        });
    }
    let question = match body.mode {
        Mode::Destroy => "\nDestroy all of this? Only `yes` is taken as one: ",
        Mode::Apply => "\nDo this? Only `yes` is taken as one: ",
        Mode::RefreshOnly => "\nTake this over into the state? Only `yes` is taken as one: ",
    };
    match ask(question)?.trim() {
        "yes" => Ok(()),
        _ => Err(OpsError::Declined { reason: "not approved; nothing was changed".into() }),
    }
}

fn ask(question: &str) -> Result<String, OpsError> {
    let failed = |error| OpsError::Io { what: "cannot ask".into(), error };
    eprint!("{question}");
    std::io::stderr().flush().map_err(failed)?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).map_err(failed)?;
    Ok(answer)
}

async fn execute(
    context: &Context,
    project: &Project,
    ready: &Ready,
    arguments: &cli::Apply,
    signals: &Signals,
) -> Result<Applied, OpsError> {
    let (sender, receiver) = std::sync::mpsc::channel::<Event>();
    let steps = ready.plan.body.steps.iter().filter(|step| step.kind != StepKind::Join).count();
    let progress = progress(context, arguments.json, arguments.planning.show, Some(steps));
    // Printing may block on a slow terminal, and the executor must not: it has a thread of its own.
    let printer = std::thread::spawn(move || print_progress(progress, &receiver));
    let input = ApplyInput {
        plan: &ready.plan,
        snapshots: &ready.snapshots,
        providers: &ready.providers,
        locks: &ready.locks,
        parallelism: arguments.carrying.parallelism,
        stop: signals.stop.clone(),
        cancel: signals.cancel.clone(),
    };
    let mut tell = move |event| {
        let _ = sender.send(event);
    };
    let applied = apply(&context.surroundings, project, input, &mut tell).await;
    drop(tell);
    let progress = printer.join();
    let applied = applied?;
    if let Ok((mut progress, counts)) = progress {
        let several = ready.plan.body.environments.len() > 1;
        finish(progress.as_mut(), ready.plan.body.mode, counts, &applied, several);
    }
    Ok(applied)
}

/// How progress is told: as events, as moving lines where there is a terminal and the number of steps is
/// known, or as plain lines.
pub(super) fn progress(
    context: &Context,
    json: bool,
    show: cli::Showing,
    steps: Option<usize>,
) -> Box<dyn Progress> {
    let options = context.options(show);
    match (json, steps.filter(|_| context.terminal.live)) {
        (true, _) => Box::new(Json::new(EventWriter::new(std::io::stdout(), Box::new(stamp)))),
        (false, Some(steps)) => {
            Box::new(Terminal::new(MultiProgress::new(), std::io::stdout(), steps, options))
        }
        (false, None) => Box::new(Plain::new(std::io::stderr(), std::io::stdout(), options)),
    }
}

pub(super) fn print_progress(
    mut progress: Box<dyn Progress>,
    events: &std::sync::mpsc::Receiver<Event>,
) -> (Box<dyn Progress>, Counts) {
    use std::sync::mpsc::RecvTimeoutError::{Disconnected, Timeout};
    let mut counts = Counts::default();
    loop {
        match events.recv_timeout(std::time::Duration::from_secs(1)) {
            Ok(event) => {
                counts.note(&event);
                progress.event(&event, Instant::now());
            }
            Err(Timeout) => progress.tick(Instant::now()),
            Err(Disconnected) => return (progress, counts),
        }
    }
}

pub(super) fn finish(
    progress: &mut dyn Progress,
    mode: Mode,
    counts: Counts,
    applied: &Applied,
    several: bool,
) {
    let outputs: Vec<(Arc<str>, &mpctl_provider::Value)> = applied
        .outputs
        .iter()
        .map(|(address, value)| {
            let name = address.local.subject.name();
            let name = if several {
                format!("{}/{name}", address.environment).into()
            } else {
                name.clone()
            };
            (name, value)
        })
        .collect();
    let outcome = if !applied.doubts.is_empty() {
        Outcome::InDoubt
    } else if applied.canceled {
        Outcome::Cancelled
    } else if !applied.failures.is_empty() {
        Outcome::Failed
    } else {
        Outcome::Succeeded
    };
    let operation = match mode {
        Mode::Apply => OperationWord::Apply,
        Mode::Destroy => OperationWord::Destroy,
        Mode::RefreshOnly => OperationWord::Refresh,
    };
    let outputs = outputs.iter().map(|(name, value)| (name, *value)).collect();
    progress.finish(&Ending { operation, outcome, counts, outputs });
}

/// What failed, as diagnostics.
pub(super) fn failures(applied: &Applied) -> Diagnostics {
    let describe = |code, address: &mpctl::address::Address, fault: &mpctl_provider::Fault| {
        let mut diagnostic =
            Diagnostic::error(code, format!("{address}: {}", fault.summary)).address(address);
        diagnostic.detail = fault.detail.clone();
        diagnostic.hint = fault.hint.clone();
        diagnostic
    };
    let failed =
        applied.failures.iter().map(|(address, fault)| describe(code::STEP_FAILED, address, fault));
    let doubts =
        applied.doubts.iter().map(|(address, fault)| describe(code::IN_DOUBT, address, fault));
    failed.chain(doubts).collect()
}
