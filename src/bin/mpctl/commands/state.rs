//! `state list|show|history`: looking, never changing.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Arc;

use mpctl::address::{Address, LocalAddress};
use mpctl::diagnostic::{Diagnostic, Diagnostics, code};
use mpctl::ops::error::OpsError;
use mpctl::ops::project::Project;
use mpctl::ops::state::{history, outline_states, read_states};
use mpctl::render::{self, human, json};
use mpctl::state::{Record, State};
use mpctl_state::Head;
use serde::Serialize;

use super::{Context, schemas};
use crate::cli::{self, StateCommand, StateList, StateShow};

pub(super) async fn run(context: &Context, arguments: cli::State) -> u8 {
    let (spec, json) = match &arguments.command {
        StateCommand::List(list) | StateCommand::History(list) => (&list.spec, list.json),
        StateCommand::Show(show) => (&show.spec, show.json),
    };
    let project = match context.project(spec).await {
        Ok(project) => project,
        Err(error) => return context.fail(&error, json),
    };
    let printed = match &arguments.command {
        StateCommand::List(arguments) => list(&project, arguments).await,
        StateCommand::Show(arguments) => show(context, &project, arguments).await,
        StateCommand::History(arguments) => print_history(&project, arguments).await,
    };
    match printed {
        Ok(()) => 0,
        Err(error) => context.reporter(&project.sources, json).error(&error),
    }
}

fn printing(error: impl Into<std::io::Error>) -> OpsError {
    OpsError::Io { what: "cannot print".into(), error: error.into() }
}

async fn list(project: &Project, arguments: &StateList) -> Result<(), OpsError> {
    let environments = project.select(&arguments.spec.environments).await?;
    let states = outline_states(project, &environments).await?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if arguments.json {
        let states: Vec<(Arc<str>, &State)> =
            states.iter().map(|(name, state)| (name.clone(), state)).collect();
        json::state_list(&mut out, &states).map_err(printing)?;
    } else {
        for (name, state) in &states {
            let resources =
                state.records.iter().filter(|(_, record)| matches!(record, Record::Resource(_)));
            for (address, _) in resources {
                writeln!(out, "{}", address.within(name)).map_err(printing)?;
            }
        }
    }
    out.flush().map_err(printing)
}

async fn show(context: &Context, project: &Project, arguments: &StateShow) -> Result<(), OpsError> {
    let named: Option<Address> = arguments.address.parse().ok();
    let environments = match &named {
        Some(address) => vec![address.environment.clone()],
        None => project.select(&arguments.spec.environments).await?,
    };
    let local: LocalAddress = match named {
        Some(address) => address.local,
        None => arguments.address.parse().map_err(|error: mpctl::address::AddressError| {
            OpsError::from(Diagnostics::from(Diagnostic::error(code::USAGE, error.to_string())))
        })?,
    };
    let states = read_states(project, &environments).await?;
    let providers = context.provider_schemas();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for (name, state) in &states {
        let Some(record) = state.records.get(&local) else { continue };
        if arguments.json {
            let only = State {
                basis: state.basis.clone(),
                records: BTreeMap::from([(local, record.clone())]),
            };
            let one = [(name.clone(), &only)];
            json::state(&mut out, &one, &schemas(&providers), arguments.reveal)
                .map_err(printing)?;
        } else {
            let options = context.options(cli::Showing::default());
            let options = render::Options { reveal: arguments.reveal, ..options };
            let text = human::state_record(name, &local, record, &schemas(&providers), &options);
            out.write_all(text.as_bytes()).map_err(printing)?;
        }
        return out.flush().map_err(printing);
    }
    let environment = environments.first().cloned().unwrap_or_else(|| "default".into());
    Err(OpsError::NotFound(local.within(&environment)))
}

/// One version, as `state history --json` gives it.
#[derive(Serialize)]
struct Version<'a> {
    serial: u64,
    operation: &'a str,
    who: &'a str,
    at: String,
    message: Option<&'a str>,
    lineage: &'a str,
    records: u64,
    digest: String,
}

impl<'a> Version<'a> {
    fn of(head: &'a Head) -> Version<'a> {
        let authorship = &head.authorship;
        let at = jiff::Timestamp::from_millisecond(authorship.at.0);
        Version {
            serial: head.serial,
            operation: authorship.operation.as_str(),
            who: &authorship.who,
            at: at.map_or_else(|_| "?".to_owned(), |at| at.to_string()),
            message: authorship.message.as_deref(),
            lineage: &head.lineage,
            records: head.count,
            digest: head.digest().to_string(),
        }
    }
}

async fn print_history(project: &Project, arguments: &StateList) -> Result<(), OpsError> {
    let environments = project.select(&arguments.spec.environments).await?;
    let mut histories: Vec<(Arc<str>, Vec<Head>)> = Vec::new();
    for name in environments {
        let heads = history(project, &name).await?;
        histories.push((name, heads));
    }
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if arguments.json {
        let versions = |heads: &'_ [Head]| {
            serde_json::to_value(heads.iter().map(Version::of).collect::<Vec<_>>())
        };
        let json = match &histories[..] {
            [(_, heads)] => versions(heads).map_err(printing)?,
            several => {
                let mut environments = serde_json::Map::new();
                for (name, heads) in several {
                    environments.insert(name.to_string(), versions(heads).map_err(printing)?);
                }
                serde_json::json!({ "environments": environments })
            }
        };
        writeln!(out, "{json}").map_err(printing)?;
    } else {
        for (name, heads) in &histories {
            for head in heads {
                let version = Version::of(head);
                let message = version.message.unwrap_or_default();
                let Version { serial, at, who, operation, records, .. } = version;
                writeln!(
                    out,
                    "{name} {serial:>4}  {at}  {who}  {records} records  {operation}  {message}"
                )
                .map_err(printing)?;
            }
        }
    }
    out.flush().map_err(printing)
}
