//! A project as a command finds it: its documents, its environments, the values of its variables, its store.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use mpctl_provider::Value;
use mpctl_provider::value::codec::Seal;
use mpctl_state::{ProjectKey as StoreKey, Scope, Snapshot, Store};

use crate::address::LocalAddress;
use crate::diagnostic::nearest;
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::ops::error::OpsError;
use crate::ops::keys::ProjectKey;
use crate::ops::read_spec::{self, ReadSpec};
use crate::ops::surroundings::{Connections, Surroundings};
use crate::plan::Plan;
use crate::resolve::notices;
use crate::resolve::variables::VariableInputs;
use crate::source::Sources;
use crate::spec::document::{Documents, SecretSource};
use crate::state::{Basis, State, stored};

/// The environment of a project that declares none.
pub const IMPLIED_ENVIRONMENT: &str = "default";

/// The tenant of the command line.
const TENANT: &str = "default";

/// What is read of a project and how.
#[derive(Clone, Debug, Default)]
pub struct SpecRequest {
    /// `-f`
    pub files: Vec<PathBuf>,
    /// `--hcl`: the standard input is HCL.
    pub hcl: bool,
    /// `--var`, name and text.
    pub variables: Vec<(String, String)>,
    /// `--var-file`
    pub variable_files: Vec<PathBuf>,
}

/// A project.
pub struct Project {
    /// What was read.
    pub spec: ReadSpec,
    /// The texts that were read.
    pub sources: Arc<Sources>,
    /// The documents, shared with the planner.
    pub documents: Arc<Documents>,
    /// Values of variables from outside the documents.
    pub inputs: VariableInputs,
    /// The project's name.
    pub name: Arc<str>,
    /// The store of its state.
    pub store: Arc<dyn Store>,
    /// The key for sensitive values.
    pub key: Arc<ProjectKey>,
}

/// The recorded state of an environment, as it was read.
pub struct ReadState {
    /// The state.
    pub state: State,
    /// The version that it was read from.
    pub snapshot: Option<Snapshot>,
}

/// Reads a project's files and finds its store. Mistakes in the files do not end it: they are in
/// `spec.diagnostics`, so that a caller can add what it finds itself.
pub async fn open(
    surroundings: &Surroundings,
    connections: &dyn Connections,
    request: &SpecRequest,
    standard_input: &mut (dyn std::io::Read + Send),
) -> Result<Project, OpsError> {
    let reading = read_spec::Request {
        root: surroundings.root.to_path_buf(),
        files: request.files.clone(),
        hcl: request.hcl,
        limits: read_spec::Limits::default(),
    };
    let mut spec = read_spec::read_spec(&reading, standard_input);
    let mut inputs = VariableInputs {
        auto_files: std::mem::take(&mut spec.variable_files),
        from_process: surroundings.variables.clone(),
        files: Vec::new(),
        flags: request.variables.clone(),
    };
    for path in &request.variable_files {
        let path = surroundings.root.join(path);
        let (file, found) =
            read_spec::read_variable_file(&path, &reading.limits, &mut spec.sources);
        spec.diagnostics.append(found);
        inputs.files.extend(file);
    }
    let documents = Arc::new(std::mem::take(&mut spec.documents));
    let sources = Arc::new(std::mem::take(&mut spec.sources));
    let declared = documents.project.as_ref();
    let name = declared.map_or_else(|| "default".into(), |project| project.name.text.clone());
    let store = connections.store(&state_url(surroundings, &documents)?).await?;
    let key = Arc::new(ProjectKey::in_folder(&surroundings.private));
    Ok(Project { spec, sources, documents, inputs, name, store, key })
}

/// Where a project's state is.
pub fn state_url(surroundings: &Surroundings, documents: &Documents) -> Result<String, OpsError> {
    if let Some(url) = &surroundings.state_url {
        let shared =
            !url.starts_with("memory:") && !url.contains(&*surroundings.private.to_string_lossy());
        if shared && documents.project.is_none() {
            let summary = "a state outside the project's folder needs the project's name";
            let diagnostic = Diagnostic::error(code::STORE, summary)
                .detail("Several projects may keep their state in one store, and only their names tell them apart.")
                .hint("write a Project document: `kind: Project` with `metadata: { name: … }`");
            return Err(Diagnostics::from(diagnostic).into());
        }
        return Ok(url.clone());
    }
    let local = format!("sqlite:{}", surroundings.private.join("state.db").display());
    match documents.project.as_ref().and_then(|project| project.state.as_ref()) {
        None => Ok(local),
        Some(state) if state.backend.text.as_ref() == "sqlite" => Ok(local),
        Some(state) if state.backend.text.as_ref() == "memory" => Ok("memory:".into()),
        Some(state) => Err(Diagnostics::from(
            Diagnostic::error(
                code::BAD_VALUE,
                format!("there is no state backend `{}`", state.backend.text),
            )
            .at(state.backend.span, "not known")
            .hint("there are `sqlite` and `memory`"),
        )
        .into()),
    }
}

impl Project {
    /// A saved plan is carried out without a spec, too: then it alone says which project it is. Where there is
    /// a spec, that says so.
    pub fn named_by(&mut self, plan: &Plan) {
        if self.sources.iter().next().is_none() {
            self.name = plan.body.project.clone();
        }
    }

    /// The names of the declared environments, or the implied one, sorted.
    pub fn declared_environments(&self) -> Vec<Arc<str>> {
        let mut names: Vec<Arc<str>> = self
            .documents
            .environments
            .iter()
            .map(|environment| environment.name.text.clone())
            .collect();
        if names.is_empty() {
            names.push(IMPLIED_ENVIRONMENT.into());
        }
        names.sort();
        names
    }

    /// What the spec says that has no effect.
    pub fn notices(&self) -> Diagnostics {
        let declared = self.declared_environments();
        let declared: Vec<&str> = declared.iter().map(AsRef::as_ref).collect();
        notices::notices(&self.documents, &declared)
    }

    /// The environments that only the state knows.
    pub async fn recorded_environments(&self) -> Result<Vec<Arc<str>>, OpsError> {
        let scopes = self.store.environments(&StoreKey::new(TENANT, &self.name)?).await?;
        let declared = self.declared_environments();
        let mut found = Vec::new();
        for scope in scopes {
            if declared.contains(&scope.environment) {
                continue;
            }
            if self.store.head(&scope).await?.is_some_and(|head| head.count > 0) {
                found.push(scope.environment);
            }
        }
        Ok(found)
    }

    /// The declared environments and those that only the state knows, sorted.
    pub async fn all_environments(&self) -> Result<Vec<Arc<str>>, OpsError> {
        let mut known = self.declared_environments();
        let scopes = self.store.environments(&StoreKey::new(TENANT, &self.name)?).await?;
        known.extend(scopes.into_iter().map(|scope| scope.environment));
        known.sort();
        known.dedup();
        Ok(known)
    }

    /// The environments that `-e` names; without it the only one there is.
    pub async fn select(&self, named: &[String]) -> Result<Vec<Arc<str>>, OpsError> {
        let mut known = self.declared_environments();
        if named.is_empty() {
            if known.len() == 1 {
                return Ok(known);
            }
            let names = known.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ");
            let summary = format!("this project has {} environments: {names}", known.len());
            return Err(environment_error(
                summary,
                "choose with `-e NAME` (several: `-e A -e B`), or take all with `-e '*'`",
            ));
        }
        known.extend(self.recorded_environments().await?);
        known.sort();
        if named.iter().any(|name| name == "*") {
            return Ok(known);
        }
        let mut selected = Vec::new();
        for name in named {
            match known.iter().find(|known| known.as_ref() == name) {
                Some(known) => selected.push(known.clone()),
                None => {
                    let hint = match nearest(name, known.iter().map(AsRef::as_ref)) {
                        Some(close) => format!("did you mean `{close}`?"),
                        None => format!(
                            "there are: {}",
                            known.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ")
                        ),
                    };
                    return Err(environment_error(
                        format!("there is no environment `{name}`"),
                        &hint,
                    ));
                }
            }
        }
        selected.sort();
        selected.dedup();
        Ok(selected)
    }

    /// What the store keys an environment by.
    pub fn scope(&self, environment: &str) -> Result<Scope, OpsError> {
        Ok(Scope::new(TENANT, &self.name, environment)?)
    }

    /// The recorded state of an environment.
    pub async fn read_state(&self, environment: &str) -> Result<ReadState, OpsError> {
        self.read_state_with(environment, self.key.as_ref()).await
    }

    /// The recorded state of an environment, its sensitive values opened with `seal`.
    pub async fn read_state_with(
        &self,
        environment: &str,
        seal: &(dyn Seal + Sync),
    ) -> Result<ReadState, OpsError> {
        let snapshot = self.store.read(&self.scope(environment)?, None).await?;
        let state = match &snapshot {
            None => State::default(),
            Some(snapshot) => decode_state(snapshot, seal)?,
        };
        Ok(ReadState { state, snapshot })
    }

    /// The values of the secrets that the documents declare.
    pub fn secrets(
        &self,
        surroundings: &Surroundings,
    ) -> Result<HashMap<Arc<str>, Value>, Diagnostics> {
        let mut values = HashMap::new();
        let mut diagnostics = Diagnostics::default();
        for secret in &self.documents.secrets {
            let found = match &secret.source {
                SecretSource::Env(name) => (surroundings.environment_variable)(&name.text)
                    .ok_or_else(|| format!("the environment variable {} is not set", name.text)),
                SecretSource::File(path) => {
                    std::fs::read_to_string(surroundings.root.join(path.text.as_ref()))
                        .map(|text| text.trim_end_matches(['\n', '\r']).to_owned())
                        .map_err(|error| format!("cannot read {}: {error}", path.text))
                }
                SecretSource::Command(argv) => run_secret(surroundings, argv),
            };
            match found {
                Ok(text) => {
                    values.insert(secret.name.text.clone(), Value::string(text).sensitive());
                }
                Err(reason) => diagnostics.push(
                    Diagnostic::error(
                        code::UNREADABLE,
                        format!("secret `{}` cannot be read: {reason}", secret.name.text),
                    )
                    .at(secret.span, "declared here"),
                ),
            }
        }
        if diagnostics.is_empty() { Ok(values) } else { Err(diagnostics) }
    }
}

fn run_secret(
    surroundings: &Surroundings,
    argv: &[crate::spec::syntax::Name],
) -> Result<String, String> {
    let Some((program, arguments)) = argv.split_first() else {
        return Err("its command is empty".into());
    };
    let mut command = std::process::Command::new(program.text.as_ref());
    command.args(arguments.iter().map(|argument| argument.text.as_ref()));
    let output =
        command.current_dir(&surroundings.root).stdin(std::process::Stdio::null()).output();
    let output = output.map_err(|error| format!("cannot run {}: {error}", program.text))?;
    if !output.status.success() {
        return Err(format!("{} ended with {}", program.text, output.status));
    }
    let text = String::from_utf8(output.stdout)
        .map_err(|_| format!("{} did not print text", program.text))?;
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}

/// The state of a snapshot.
pub fn decode_state(snapshot: &Snapshot, seal: &dyn Seal) -> Result<State, OpsError> {
    let head = snapshot.head();
    let mut records = BTreeMap::new();
    for record in snapshot.records() {
        let failed = |reason: String| OpsError::Record { address: record.key().to_owned(), reason };
        let address: LocalAddress =
            record.key().parse().map_err(|error| failed(format!("{error}")))?;
        let decoded =
            stored::decode(record.body(), seal).map_err(|error| failed(error.to_string()))?;
        records.insert(address, decoded);
    }
    Ok(State { basis: Some(basis_of(head)), records })
}

/// How plans name a version.
pub fn basis_of(head: &mpctl_state::Head) -> Basis {
    Basis {
        lineage: head.lineage.clone(),
        serial: head.serial,
        digest: head.digest().to_string().into(),
    }
}

fn environment_error(summary: String, hint: &str) -> OpsError {
    Diagnostics::from(Diagnostic::error(code::ENVIRONMENT, summary).hint(hint)).into()
}
