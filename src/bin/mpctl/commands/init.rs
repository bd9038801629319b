//! `init`: makes the private folder and says what the project has. Built-in providers need nothing installed.

use mpctl::ops::error::OpsError;

use super::Context;
use crate::cli::Init;
use crate::report::say;

pub(super) async fn run(context: &Context, arguments: Init) -> u8 {
    let project = match context.project(&arguments.spec).await {
        Ok(project) => project,
        Err(error) => return context.fail(&error, false),
    };
    let reporter = context.reporter(&project.sources, false);
    reporter.diagnostics(&project.spec.diagnostics);
    if project.spec.diagnostics.has_errors() {
        return 1;
    }
    let private = &context.surroundings.private;
    let made = std::fs::create_dir_all(private).and_then(|()| {
        // The folder holds state and keys, which belong in no repository.
        std::fs::write(private.join(".gitignore"), "*\n")
    });
    if let Err(error) = made {
        return reporter
            .error(&OpsError::Io { what: format!("cannot make {}", private.display()), error });
    }
    let environments = project.declared_environments();
    let names: Vec<&str> = environments.iter().map(AsRef::as_ref).collect();
    say(format_args!("Project {} is ready. Its environments: {}.", project.name, names.join(", ")));
    say(format_args!("State is kept in {}.", project.store.place()));
    say(format_args!("Next: mpctl plan{}", if names.len() > 1 { " -e NAME" } else { "" }));
    0
}
