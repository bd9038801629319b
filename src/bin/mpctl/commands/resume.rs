//! `resume`, and `operation close`: an interrupted operation is finished, or given up.

use mpctl::apply::Event;
use mpctl::diagnostic::{Diagnostic, Diagnostics, code};
use mpctl::ops::error::OpsError;
use mpctl::ops::project::Project;
use mpctl::ops::resume::{ResumeInput, Way, open_operation, resume};

use super::Context;
use super::apply::{failures, finish, print_progress, progress};
use crate::cli::Resume;
use crate::report::say;
use crate::signals;

pub(super) async fn run(context: &Context, arguments: Resume) -> u8 {
    settle(context, &arguments, Way::Resume, None).await
}

/// Goes one of the two ways with the open operation; `named` is the one that the user means.
pub(super) async fn settle(
    context: &Context,
    arguments: &Resume,
    way: Way,
    named: Option<&str>,
) -> u8 {
    let project = match context.project(&arguments.spec).await {
        Ok(project) => project,
        Err(error) => return context.fail(&error, arguments.json),
    };
    match carry_on(context, &project, arguments, way, named).await {
        Ok(code) => code,
        Err(error) => context.reporter(&project.sources, arguments.json).error(&error),
    }
}

async fn carry_on(
    context: &Context,
    project: &Project,
    arguments: &Resume,
    way: Way,
    named: Option<&str>,
) -> Result<u8, OpsError> {
    let environments = match arguments.spec.environments.is_empty() {
        // Whatever is open is meant; a spec is not needed to say which environments there are.
        true => project.all_environments().await?,
        false => project.select(&arguments.spec.environments).await?,
    };
    let operation = open_operation(project, &environments).await?;
    let operation =
        operation.filter(|operation| named.is_none_or(|named| operation.id.as_str() == named));
    let Some(operation) = operation else {
        if let Some(named) = named {
            let diagnostic =
                Diagnostic::error(code::UNDECLARED, format!("operation {named} is not open"))
                    .hint("`mpctl operation list` shows which are");
            return Err(Diagnostics::from(diagnostic).into());
        }
        if !arguments.json {
            say(format_args!("nothing to resume"));
        }
        return Ok(0);
    };
    let signals = signals::listen()
        .map_err(|error| OpsError::Io { what: "cannot listen for signals".into(), error })?;
    let (sender, receiver) = std::sync::mpsc::channel::<Event>();
    let shown = progress(context, arguments.json, crate::cli::Showing::default(), None);
    let printer = std::thread::spawn(move || print_progress(shown, &receiver));
    let mut tell = move |event| {
        let _ = sender.send(event);
    };
    let input = ResumeInput {
        way,
        parallelism: arguments.carrying.parallelism,
        lock_timeout: arguments.carrying.lock_timeout,
        stop: signals.stop,
        cancel: signals.cancel,
    };
    let done =
        resume(&context.surroundings, &context.connections, project, &operation, input, &mut tell)
            .await;
    drop(tell);
    let printed = printer.join();
    let (plan, applied) = done?;
    if let Ok((mut progress, counts)) = printed {
        let several = plan.body.environments.len() > 1;
        finish(progress.as_mut(), plan.body.mode, counts, &applied, several);
    }
    context.reporter(&project.sources, arguments.json).diagnostics(&failures(&applied));
    Ok(if way == Way::Close { 0 } else { applied.exit_code() })
}
