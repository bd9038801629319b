//! `plan`: reads spec and state, asks the providers, and makes a plan. Takes no lock, writes nothing.

use std::collections::HashMap;
use std::sync::Arc;

use mpctl_provider::Value;
use mpctl_state::Snapshot;
use sha2::{Digest, Sha256};

use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::expr::Clock;
use crate::ops::drive::{ProviderPool, drive, schemas};
use crate::ops::error::OpsError;
use crate::ops::files::ProjectFiles;
use crate::ops::project::Project;
use crate::ops::surroundings::{Connections, Surroundings};
use crate::plan::machine::{EnvironmentInput, Machine, Options, PlanInput};
use crate::plan::{Mode, Plan};
use crate::resolve::variables;
use crate::state::State;

/// A plan with what it was made of.
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// Warnings.
    pub diagnostics: Diagnostics,
    /// The versions of state that it was made on.
    pub snapshots: HashMap<Arc<str>, Option<Snapshot>>,
    /// The states, decoded.
    pub states: HashMap<Arc<str>, State>,
    /// The providers, configured.
    pub providers: crate::apply::Providers,
}

/// The plan's time, which is all that planning knows of time.
#[derive(Debug)]
struct PlanClock(jiff::Timestamp);

impl Clock for PlanClock {
    fn plan_time(&self) -> Option<jiff::Timestamp> {
        Some(self.0)
    }

    fn now(&self) -> Option<jiff::Timestamp> {
        None
    }
}

/// Makes a plan of the environments.
pub async fn plan(
    surroundings: &Surroundings,
    connections: &dyn Connections,
    project: &Project,
    environments: &[Arc<str>],
    options: Options,
) -> Result<Planned, OpsError> {
    if project.spec.diagnostics.has_errors() {
        return Err(OpsError::Diagnostics(project.spec.diagnostics.clone()));
    }
    let now = jiff::Timestamp::now();
    let mut diagnostics = project.spec.diagnostics.clone();
    diagnostics.append(project.notices());
    let (inputs, snapshots) =
        inputs(surroundings, project, environments, &options, &mut diagnostics).await?;
    if diagnostics.has_errors() {
        return Err(diagnostics.into());
    }
    let states = inputs.iter().map(|input| (input.name.clone(), input.state.clone())).collect();
    let input = plan_input(surroundings, connections, project, inputs, options, now);
    let mut pool = ProviderPool::new(connections, surroundings, project.name.clone());
    let mut machine = Machine::new(input);
    let (body, found) = drive(&mut machine, &mut pool).await;
    diagnostics.append(found);
    let Some(body) = body else { return Err(diagnostics.into()) };
    let plan = Plan {
        id: uuid::Uuid::new_v4().to_string().into(),
        created_at: now.to_string().into(),
        body: *body,
    };
    Ok(Planned { plan, diagnostics, snapshots, states, providers: pool.instances })
}

/// What the planner is given.
pub(super) fn plan_input(
    surroundings: &Surroundings,
    connections: &dyn Connections,
    project: &Project,
    environments: Vec<EnvironmentInput>,
    options: Options,
    now: jiff::Timestamp,
) -> PlanInput {
    let root = surroundings.root.to_string_lossy().into_owned();
    let executable = surroundings.executable.to_string_lossy().into_owned();
    let allowed = project.documents.project.iter().flat_map(|p| &p.allow_paths);
    let allowed: Vec<_> = allowed.map(|path| path.text.as_ref().into()).collect();
    PlanInput {
        documents: project.documents.clone(),
        environments,
        schemas: schemas(connections),
        project: project.name.clone(),
        path: Value::object([("root", Value::string(root)), ("mpctl", Value::string(executable))]),
        files: Arc::new(ProjectFiles::new(surroundings.root.clone(), allowed)),
        clock: Arc::new(PlanClock(now)),
        options,
        spec_digest: spec_digest(project),
        sources: project.sources.clone(),
    }
}

type Inputs = (Vec<EnvironmentInput>, HashMap<Arc<str>, Option<Snapshot>>);

async fn inputs(
    surroundings: &Surroundings,
    project: &Project,
    environments: &[Arc<str>],
    options: &Options,
    diagnostics: &mut Diagnostics,
) -> Result<Inputs, OpsError> {
    let declared = project.declared_environments();
    let secrets = match options.mode {
        Mode::Apply => project.secrets(surroundings)?,
        // Only a provider's configuration may need one here, and it says so itself if it is missing.
        Mode::Destroy | Mode::RefreshOnly => project.secrets(surroundings).unwrap_or_default(),
    };
    let mut inputs = Vec::new();
    let mut snapshots = HashMap::new();
    for name in environments {
        let document = project.documents.environments.iter().position(|e| e.name.text == *name);
        let is_declared = declared.contains(name);
        let read = project.read_state(name).await?;
        snapshots.insert(name.clone(), read.snapshot);
        let environment = document.map(|at| &project.documents.environments[at]);
        let values = match is_declared {
            true => {
                variables::resolve(&project.documents, environment, &project.inputs, diagnostics)
            }
            false => variables::Variables::new(),
        };
        inputs.push(EnvironmentInput {
            name: name.clone(),
            document,
            declared: is_declared,
            variables: values,
            secrets: secrets.clone(),
            state: read.state,
            on_failure: environment
                .and_then(|e| e.on_failure)
                .map(|(what, _)| what)
                .unwrap_or_default(),
        });
    }
    let orphans = project.recorded_environments().await?;
    for name in orphans {
        let summary = format!(
            "the state has objects of environment `{name}`, which the spec does not declare"
        );
        let diagnostic = Diagnostic::warning(code::ENVIRONMENT, summary);
        diagnostics.push(diagnostic.hint(format!(
            "`mpctl destroy -e {name}` removes them; declare it again to keep them"
        )));
    }
    Ok((inputs, snapshots))
}

/// A digest of the texts that the plan was made from, in the order of their names.
fn spec_digest(project: &Project) -> Arc<str> {
    let mut texts: Vec<_> = project.sources.iter().map(|(_, source)| source).collect();
    texts.sort_by(|a, b| a.name.cmp(&b.name));
    let mut hash = Sha256::new();
    for source in texts {
        hash.update((source.name.len() as u64).to_be_bytes());
        hash.update(source.name.as_bytes());
        hash.update((source.text.len() as u64).to_be_bytes());
        hash.update(source.text.as_bytes());
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
}

/// Refuses to go on while an earlier operation is open. One whose lease lives is somebody's present work.
pub async fn check_no_open_operation(
    surroundings: &Surroundings,
    project: &Project,
    environments: &[Arc<str>],
) -> Result<(), OpsError> {
    for name in environments {
        let scope = project.scope(name)?;
        let Some(operation) = project.store.newest_operation(&scope).await? else { continue };
        if operation.is_closed() {
            continue;
        }
        let alive = project.store.lease(&scope).await?.is_some_and(|lease| {
            let holder = &surroundings.holder;
            let gone = lease.evidence_that_holder_is_gone(
                &holder.host,
                holder.boot_id.as_deref(),
                surroundings.process_exists,
            );
            lease.is_held()
                && gone.is_none()
                && lease.holder.operation.as_ref() == Some(&operation.id)
        });
        if alive {
            continue;
        }
        let at = jiff::Timestamp::from_millisecond(operation.at.0)
            .map_or_else(|_| "?".into(), |at| at.to_string());
        let names: Vec<String> =
            operation.environments.iter().map(|(scope, _)| scope.environment.to_string()).collect();
        return Err(OpsError::OpenOperation {
            operation: operation.id.to_string(),
            environments: names.join(", "),
            who: format!("{} on {} since {at}", operation.who, operation.host),
        });
    }
    Ok(())
}
