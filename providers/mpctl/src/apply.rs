//! Making, changing and deleting an `mpctl_data`: filling in what the plan left open.

use std::sync::Arc;

use mpctl_provider::contract::{ApplyAction, ApplyReply, ApplyRequest, Object};
use mpctl_provider::fault::Fault;
use mpctl_provider::value::{Entries, Value};
use uuid::Uuid;

/// Applies one step.
pub(crate) fn apply(request: ApplyRequest) -> Result<ApplyReply, Fault> {
    if request.resource_type.as_ref() != crate::schema::DATA {
        return Err(crate::unknown_type(&request.resource_type));
    }
    if request.action == ApplyAction::Delete {
        return Ok(ApplyReply { object: None });
    }
    let planned = request
        .planned
        .as_ref()
        .and_then(Value::as_entries)
        .ok_or_else(|| Fault::permanent("the step lacks the planned object"))?;
    let input = planned.get("input").cloned().unwrap_or(Value::NULL);
    let value: Entries = planned
        .iter()
        .map(|(name, value)| {
            let value = match name.as_ref() {
                "output" => input.clone(),
                "id" if !matches!(value, Value::String(_)) => {
                    Value::string(Uuid::new_v4().to_string())
                }
                _ => value.clone(),
            };
            (name.clone(), value)
        })
        .collect();
    let object = Object { value: Value::Object(Arc::new(value)), private: request.private };
    Ok(ApplyReply { object: Some(object) })
}
