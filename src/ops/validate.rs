//! `validate`: looks at the spec alone. Nothing is read of state, world, secrets or data; what only they could
//! tell is unknown here, and what depends on it is not held against the spec.

use std::collections::HashMap;
use std::sync::Arc;

use mpctl_provider::{Type, Value};

use crate::diagnostic::{Diagnostics, code};
use crate::expr::type_expr;
use crate::ops::drive::{ProviderPool, drive};
use crate::ops::plan::plan_input;
use crate::ops::project::Project;
use crate::ops::surroundings::{Connections, Surroundings};
use crate::plan::Mode;
use crate::plan::machine::{EnvironmentInput, Machine, Options};
use crate::resolve::variables::{self, Given, Origin, Variables};
use crate::state::State;

/// Everything that is wrong with the spec, in the environments given.
pub async fn validate(
    surroundings: &Surroundings,
    connections: &dyn Connections,
    project: &Project,
    environments: &[Arc<str>],
) -> Diagnostics {
    let mut diagnostics = project.spec.diagnostics.clone();
    if diagnostics.has_errors() {
        return diagnostics;
    }
    diagnostics.append(project.notices());
    let declared = project.declared_environments();
    let inputs = environments.iter().filter(|name| declared.contains(name)).map(|name| {
        let document = project.documents.environments.iter().position(|e| e.name.text == *name);
        EnvironmentInput {
            name: name.clone(),
            document,
            declared: true,
            variables: self::variables(project, document, &mut diagnostics),
            secrets: secrets(project),
            state: State::default(),
            on_failure: Default::default(),
        }
    });
    let inputs: Vec<EnvironmentInput> = inputs.collect();
    if diagnostics.has_errors() {
        return diagnostics;
    }
    let options =
        Options { mode: Mode::Apply, refresh: false, offline: true, ..Options::default() };
    let input =
        plan_input(surroundings, connections, project, inputs, options, jiff::Timestamp::now());
    let mut pool = ProviderPool::new(connections, surroundings, project.name.clone());
    let mut machine = Machine::new(input);
    let (_, found) = drive(&mut machine, &mut pool).await;
    // Several environments find the same mistake in what they share.
    for diagnostic in found {
        if diagnostic.code != code::UNKNOWN_SHAPE
            && !diagnostics.iter().any(|known| *known == diagnostic)
        {
            diagnostics.push(diagnostic);
        }
    }
    diagnostics
}

/// The variables' values, where one that nothing gives is unknown.
fn variables(
    project: &Project,
    document: Option<usize>,
    diagnostics: &mut Diagnostics,
) -> Variables {
    let environment = document.map(|at| &project.documents.environments[at]);
    let mut found = Diagnostics::default();
    let mut values =
        variables::resolve(&project.documents, environment, &project.inputs, &mut found);
    for diagnostic in found {
        if diagnostic.code != code::VARIABLE_UNSET {
            diagnostics.push(diagnostic);
        }
    }
    for variable in &project.documents.variables {
        let constraint = variable.type_constraint.as_ref().map(type_expr::type_constraint);
        let ty = constraint.and_then(Result::ok).map_or(Type::Dynamic, |constraint| constraint.ty);
        let unknown = || Given {
            value: Value::unknown(ty).sensitive_if(variable.sensitive),
            origin: Origin::Spec(variable.span),
        };
        values.entry(variable.name.text.clone()).or_insert_with(unknown);
    }
    values
}

fn secrets(project: &Project) -> HashMap<Arc<str>, Value> {
    let unknown = || Value::unknown(Type::String).sensitive();
    project.documents.secrets.iter().map(|secret| (secret.name.text.clone(), unknown())).collect()
}
