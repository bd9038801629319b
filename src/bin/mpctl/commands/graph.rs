//! `graph`: what depends on what, and what would happen to it.

use std::io::Write as _;

use mpctl::graph::render::{dot, mermaid, svg};
use mpctl::ops::error::OpsError;
use mpctl::render::drawing::drawing;

use super::{Context, plan};
use crate::cli::Graph;

pub(super) async fn run(context: &Context, arguments: Graph) -> u8 {
    let project = match context.project(&arguments.planning.spec).await {
        Ok(project) => project,
        Err(error) => return context.fail(&error, false),
    };
    let reporter = context.reporter(&project.sources, false);
    let planned = match plan::make(context, &project, &arguments.planning).await {
        Ok(planned) => planned,
        Err(error) => return reporter.error(&error),
    };
    reporter.diagnostics(&planned.diagnostics);
    let drawing = drawing(&planned.plan.body);
    let text = match arguments.format.as_str() {
        "mermaid" => mermaid(&drawing),
        // A plan has no circle, and so its drawing is never missing.
        "svg" => svg(&drawing).unwrap_or_default(),
        _ => dot(&drawing),
    };
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => 0,
        Err(error) => {
            reporter.error(&OpsError::Io { what: "cannot print the graph".into(), error })
        }
    }
}
