//! What the schema alone cannot say of a configuration.

use mpctl_provider::value::Entries;
use mpctl_provider::{Fault, Path, Value};

use crate::call::{Action, argv, timeout, valid_name};

const ACTIONS: [Action; 5] =
    [Action::Create, Action::Read, Action::Update, Action::Delete, Action::Lookup];

/// Every mistake in one configuration; what is unknown is taken to be right.
pub(crate) fn validate(config: &Value) -> Vec<Fault> {
    let known = |name: &str| config.get(name).is_some_and(Value::is_wholly_known);
    let actions = ACTIONS.iter().map(|action| action.name()).filter(|name| known(name));
    let mut faults: Vec<Fault> = actions.filter_map(|name| argv(config, name).err()).collect();
    faults.extend(timeout(config).err());
    let environment = config.get("environment").and_then(Value::as_entries);
    for (name, _) in environment.into_iter().flat_map(Entries::iter) {
        if !valid_name(name) {
            faults.push(
                Fault::permanent(format!("no environment variable can be called {name:?}"))
                    .attribute(Path::attribute("environment")),
            );
        }
    }
    faults
}
