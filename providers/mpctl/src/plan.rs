//! What an `mpctl_data` would become: the verdicts of Terraform's `terraform_data`.

use std::sync::Arc;

use mpctl_provider::contract::{PlanReply, PlanRequest};
use mpctl_provider::fault::Fault;
use mpctl_provider::proposal::{same_content, same_part};
use mpctl_provider::schema::ProviderSchema;
use mpctl_provider::value::{Entries, Path, Refinement, Type, Unknown, Value};

use crate::schema::DATA;

/// What every object of a batch shares, so that planning one allocates nothing but its own values.
pub(crate) struct Names {
    id: Arc<str>,
    input: Arc<str>,
    output: Arc<str>,
    triggers_replace: Arc<str>,
    unknown_id: Value,
    no_private: Arc<[u8]>,
}

impl Names {
    /// The names as the schema holds them.
    pub(crate) fn of(schema: &ProviderSchema) -> Names {
        let attributes = schema.resources.get(DATA).map(|data| &data.block.attributes);
        let name = |name: &str| {
            let known = attributes.and_then(|attributes| attributes.get_key_value(name));
            known.map_or_else(|| name.into(), |(name, _)| name.clone())
        };
        Names {
            id: name("id"),
            input: name("input"),
            output: name("output"),
            triggers_replace: name("triggers_replace"),
            unknown_id: Value::Unknown(Arc::new(Unknown {
                id: None,
                ty: Type::String,
                refinement: Refinement { not_null: true, ..Refinement::default() },
            })),
            no_private: Arc::from([]),
        }
    }
}

/// Plans one object.
pub(crate) fn plan(names: &Names, request: PlanRequest) -> Result<PlanReply, Fault> {
    if request.resource_type.as_ref() != DATA {
        return Err(crate::unknown_type(&request.resource_type));
    }
    if request.proposed.is_null() {
        return Ok(reply(names, Value::NULL, Vec::new()));
    }
    let part = |of: &Value, name: &str| of.get(name).cloned().unwrap_or(Value::NULL);
    let input = part(&request.proposed, &names.input);
    let trigger = part(&request.proposed, &names.triggers_replace);

    let (id, output, replace) = match request.prior.as_ref().map(|prior| &prior.value) {
        None => (names.unknown_id.clone(), output_of_new(&input), Vec::new()),
        Some(prior) if !same_part(&names.triggers_replace, prior, &request.proposed) => {
            let path = Path::attribute(names.triggers_replace.clone());
            (names.unknown_id.clone(), output_of_new(&input), vec![path])
        }
        Some(prior) if !same_part(&names.input, prior, &request.proposed) => {
            (part(prior, &names.id), unknown_output(&input), Vec::new())
        }
        Some(prior) => (part(prior, &names.id), output_as_it_was(prior, names, &input), Vec::new()),
    };
    let planned: Entries = [
        (names.id.clone(), id),
        (names.input.clone(), input),
        (names.output.clone(), output),
        (names.triggers_replace.clone(), trigger),
    ]
    .into_iter()
    .collect();
    Ok(reply(names, Value::Object(Arc::new(planned)), replace))
}

fn reply(names: &Names, planned: Value, replace: Vec<Path>) -> PlanReply {
    PlanReply {
        planned,
        replace,
        effects: Vec::new(),
        private: names.no_private.clone(),
        legacy: false,
    }
}

/// The output of an object that is to be made: nothing comes of nothing, anything else is known after apply.
fn output_of_new(input: &Value) -> Value {
    if input.is_null() { input.clone() } else { unknown_output(input) }
}

/// The output where nothing but marks can have changed: it has those of `input`. An output that was planned while
/// unknown has one mark for all of it if anything in `input` was sensitive, and keeps that as long as this is so.
fn output_as_it_was(prior: &Value, names: &Names, input: &Value) -> Value {
    let recorded = prior.get(&names.output).filter(|recorded| {
        recorded.unmark().1 && input.contains_sensitive() && same_content(recorded, input)
    });
    recorded.unwrap_or(input).clone()
}

fn unknown_output(input: &Value) -> Value {
    Value::unknown(input.ty()).sensitive_if(input.contains_sensitive())
}
