//! `postcondition`: what has to hold of an object. Checked against the planned value; what only apply can tell
//! goes into the plan, closed, and is checked when the object is there.

use mpctl_provider::Value;

use super::Machine;
use super::ready::bind;
use super::wave::Item;
use crate::address::Address;
use crate::diagnostic::{Diagnostic, code};
use crate::expr::{evaluate, residual};
use crate::plan::Postcondition;
use crate::spec::document::Condition;

impl Machine {
    /// The conditions that cannot be told yet; those that do not hold are reported.
    pub(super) fn postconditions(
        &mut self,
        item: &Item,
        address: &Address,
        conditions: &[Condition],
        after: &Value,
    ) -> Vec<Postcondition> {
        let mut waiting = Vec::new();
        for condition in conditions {
            let mut scope = self.scope(item.at);
            bind(&mut scope, &item.address.key, item.each.as_ref());
            scope.own = Some(after.clone());
            let context = self.context();
            let verdict = evaluate(&condition.condition, &scope, &context);
            let found = match verdict {
                Ok(verdict) if verdict.as_bool() == Some(true) => continue,
                Ok(verdict) if verdict.is_unknown() => {
                    waiting.push(Postcondition {
                        condition: residual(&condition.condition, &scope, &context),
                        message: residual(&condition.error_message, &scope, &context),
                    });
                    continue;
                }
                Ok(_) => {
                    let words = evaluate(&condition.error_message, &scope, &context).ok();
                    let words = words.and_then(|words| words.as_str().map(str::to_owned));
                    Diagnostic::error(
                        code::CONDITION,
                        format!("a postcondition of {address} does not hold"),
                    )
                    .detail(words.unwrap_or_else(|| "the condition is not true".into()))
                    .at(condition.condition.span, "not true")
                    .address(address)
                    .into()
                }
                Err(errors) => errors,
            };
            self.diagnostics.append(found);
        }
        waiting
    }
}
