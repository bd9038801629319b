//! From planned values to final inputs: unknowns are replaced by what has become known.

use std::collections::HashMap;

use mpctl_provider::value::UnknownId;
use mpctl_provider::{Fault, Value};

use crate::address::Address;
use crate::expr::{self, EvalContext, Found, LookupFailure, Reference, Scope};
use crate::plan::Postcondition;
use crate::resolve::residuals::Residual;
use crate::spec::syntax::Expr;

/// What has become known while a plan is executed.
pub struct Finals<'p> {
    residuals: &'p [Residual],
    /// The final value of each object whose step is done.
    objects: HashMap<Address, Value>,
    /// Unknowns that have been worked out.
    known: HashMap<UnknownId, Value>,
}

/// A residual is closed: it names nothing.
struct Nothing;

impl Scope for Nothing {
    fn lookup(&self, _: &Reference<'_>) -> Result<Found, LookupFailure> {
        Err(LookupFailure::UnknownRoot)
    }

    fn roots(&self) -> Vec<std::sync::Arc<str>> {
        Vec::new()
    }
}

impl<'p> Finals<'p> {
    /// Nothing is known yet of what the residuals describe.
    pub fn new(residuals: &'p [Residual]) -> Finals<'p> {
        Finals { residuals, objects: HashMap::new(), known: HashMap::new() }
    }

    /// An object's step is done.
    pub fn insert(&mut self, address: Address, value: Value) {
        self.objects.insert(address, value);
    }

    /// The value with every unknown in it that can be known by now replaced. An object's own computed
    /// attributes stay unknown until its step is done.
    pub fn settle(&mut self, value: &Value, context: &EvalContext<'_>) -> Result<Value, Fault> {
        if value.is_wholly_known() {
            return Ok(value.clone());
        }
        let mut open = Vec::new();
        value.visit_unknowns(&mut |id| open.push(id));
        for id in open {
            self.work_out(id, context)?;
        }
        let settled = value.substitute(&mut |id| self.known.get(&id).cloned());
        settled.map_err(|error| {
            Fault::permanent(format!("a value that has become known does not fit: {error}"))
        })
    }

    /// Why a condition does not hold, now that the object is there; `None` where it does.
    pub fn refuses(
        &mut self,
        condition: &Postcondition,
        context: &EvalContext<'_>,
    ) -> Option<Fault> {
        match self.value_of(&condition.condition, context) {
            Ok(verdict) if verdict.as_bool() == Some(true) => None,
            Ok(_) => {
                let words = self.value_of(&condition.message, context).ok();
                let words = words.and_then(|words| words.as_str().map(str::to_owned));
                let fault = Fault::permanent("a postcondition does not hold");
                Some(fault.detail(words.unwrap_or_else(|| "the condition is not true".into())))
            }
            Err(fault) => Some(fault),
        }
    }

    /// The value of a closed expression.
    fn value_of(&mut self, expression: &Expr, context: &EvalContext<'_>) -> Result<Value, Fault> {
        let mut needed = Vec::new();
        expr::residual::visit_unknowns(expression, &mut |id| needed.push(id));
        for id in needed {
            self.work_out(id, context)?;
        }
        let closed = expr::substitute(expression, &mut |id| self.known.get(&id).cloned());
        let closed = closed.map_err(|error| Fault::permanent(error.to_string()))?;
        expr::evaluate(&closed, &Nothing, context).map_err(evaluation)
    }

    fn work_out(&mut self, id: UnknownId, context: &EvalContext<'_>) -> Result<(), Fault> {
        if self.known.contains_key(&id) {
            return Ok(());
        }
        let missing = || Fault::permanent("the plan lacks what an unknown value is computed from");
        let value = match self.residuals.get(id.0 as usize).ok_or_else(missing)? {
            Residual::Attribute { address, path } => match self.objects.get(address) {
                Some(object) => path.of(object).cloned().unwrap_or(Value::NULL),
                None => return Ok(()),
            },
            Residual::Expression { expression, path } => {
                let value = self.value_of(expression, context)?;
                path.of(&value).cloned().unwrap_or(Value::NULL)
            }
        };
        if value.is_wholly_known() {
            self.known.insert(id, value);
        }
        Ok(())
    }
}

fn evaluation(diagnostics: crate::diagnostic::Diagnostics) -> Fault {
    let words: Vec<String> = diagnostics.iter().map(|d| d.summary.clone()).collect();
    Fault::permanent(format!(
        "an expression that waited for this step has no value: {}",
        words.join("; ")
    ))
}
