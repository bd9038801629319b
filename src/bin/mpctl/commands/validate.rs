//! `validate`: every mistake in the spec at once, without looking at state or world.

use mpctl::diagnostic::{Severity, json};
use mpctl::ops::error::OpsError;
use mpctl::ops::validate::validate;

use super::Context;
use crate::cli::Validate;
use crate::report::say;

pub(super) async fn run(context: &Context, arguments: Validate) -> u8 {
    let project = match context.project(&arguments.spec).await {
        Ok(project) => project,
        Err(error) => return context.fail(&error, arguments.json),
    };
    let environments = match project.select(&arguments.spec.environments).await {
        Ok(environments) => environments,
        // Unlike a plan, a check of the spec means all of it unless told otherwise.
        Err(OpsError::Diagnostics(_)) if arguments.spec.environments.is_empty() => {
            project.declared_environments()
        }
        Err(error) => return context.fail(&error, arguments.json),
    };
    let diagnostics =
        validate(&context.surroundings, &context.connections, &project, &environments).await;
    if arguments.json {
        let report = json::report(&diagnostics, &project.sources);
        let _ = serde_json::to_writer_pretty(std::io::stdout().lock(), &report);
        say(format_args!(""));
        return u8::from(diagnostics.has_errors());
    }
    context.reporter(&project.sources, false).diagnostics(&diagnostics);
    for skipped in &project.spec.skipped {
        say(format_args!("Skipped {}: {}", project.sources.describe(skipped.span), skipped.reason));
    }
    let (errors, warnings) =
        (diagnostics.count(Severity::Error), diagnostics.count(Severity::Warning));
    if errors > 0 {
        let plural = if errors == 1 { "error" } else { "errors" };
        eprintln!("The spec has {errors} {plural}.");
        return 1;
    }
    let with = if warnings > 0 { format!(", with {warnings} warnings") } else { String::new() };
    say(format_args!("The spec is valid{with}."));
    0
}
