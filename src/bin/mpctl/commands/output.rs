//! `output`: recorded outputs, in clear where they are asked for by name.

use std::io::Write as _;
use std::sync::Arc;

use mpctl::diagnostic::{Diagnostic, Diagnostics, code};
use mpctl::ops::error::OpsError;
use mpctl::ops::project::Project;
use mpctl::ops::state::read_states;
use mpctl::render::{human, json};
use mpctl::state::{Record, State};
use mpctl_provider::Value;

use super::Context;
use crate::cli::Output;

pub(super) async fn run(context: &Context, arguments: Output) -> u8 {
    let project = match context.project(&arguments.spec).await {
        Ok(project) => project,
        Err(error) => return context.fail(&error, arguments.json),
    };
    match print(context, &project, &arguments).await {
        Ok(()) => 0,
        Err(error) => context.reporter(&project.sources, arguments.json).error(&error),
    }
}

async fn print(context: &Context, project: &Project, arguments: &Output) -> Result<(), OpsError> {
    let environments = project.select(&arguments.spec.environments).await?;
    let states = read_states(project, &environments).await?;
    let printing = |error: std::io::Error| OpsError::Io { what: "cannot print".into(), error };
    let mut out = std::io::stdout().lock();
    let options = context.options(crate::cli::Showing::default());
    if let Some(name) = &arguments.name {
        let [(_, state)] = &states[..] else {
            let diagnostic =
                Diagnostic::error(code::ENVIRONMENT, "one output is of one environment");
            return Err(Diagnostics::from(diagnostic.hint("choose it with `-e NAME`")).into());
        };
        let value =
            outputs(state).find(|(known, _)| known.as_ref() == name).map(|(_, value)| value);
        let Some(value) = value else { return Err(no_output(name, state)) };
        let clear = value.unmark_deep().0;
        if arguments.json {
            let text = clear.to_json().map(|json| json.to_string()).unwrap_or_default();
            return writeln!(out, "{text}").map_err(printing);
        }
        let text = match (arguments.raw, clear.convert(&mpctl_provider::Type::String)) {
            (true, Ok(Value::String(text))) => text.to_string(),
            _ => human::output_value(value, &options),
        };
        return out.write_all(text.as_bytes()).map_err(printing);
    }
    if arguments.json {
        let states: Vec<(Arc<str>, &State)> =
            states.iter().map(|(name, state)| (name.clone(), state)).collect();
        return json::outputs(&mut out, &states).map_err(|error| printing(error.into()));
    }
    for (name, state) in &states {
        if states.len() > 1 {
            writeln!(out, "{name}:").map_err(printing)?;
        }
        out.write_all(human::outputs(outputs(state), &options).as_bytes()).map_err(printing)?;
    }
    Ok(())
}

fn outputs(state: &State) -> impl Iterator<Item = (&Arc<str>, &Value)> {
    state.records.iter().filter_map(|(address, record)| match record {
        Record::Output(output) => Some((address.subject.name(), &output.value)),
        Record::Resource(_) => None,
    })
}

fn no_output(name: &str, state: &State) -> OpsError {
    let names: Vec<&str> = outputs(state).map(|(name, _)| name.as_ref()).collect();
    let diagnostic =
        Diagnostic::error(code::UNDECLARED, format!("there is no recorded output `{name}`"));
    let hint = match names.is_empty() {
        true => "outputs are recorded by `mpctl apply`".to_owned(),
        false => format!("there are: {}", names.join(", ")),
    };
    Diagnostics::from(diagnostic.hint(hint)).into()
}
