//! Creating, updating and deleting with commands.

use mpctl_provider::contract::{
    ApplyAction, ApplyContext, ApplyReply, ApplyRequest, Object, ProjectContext,
};
use mpctl_provider::proposal::same_part;
use mpctl_provider::{Fault, Value};

use crate::answer::{self, Answer};
use crate::call::{Action, Call, Parts};
use crate::plan::with;
use crate::process::{self, Surroundings};
use crate::schema::COMMAND;

/// Applies one step.
pub(crate) async fn apply(
    project: &ProjectContext,
    request: ApplyRequest,
    context: ApplyContext,
) -> Result<ApplyReply, Fault> {
    if request.resource_type.as_ref() != COMMAND {
        return Err(crate::unknown_type(&request.resource_type));
    }
    let step = Step { project, request: &request, context };
    let object = match request.action {
        ApplyAction::Create => Some(step.create().await?),
        ApplyAction::Update => Some(step.update().await?),
        ApplyAction::Delete => {
            step.delete().await?;
            None
        }
    };
    Ok(ApplyReply { object })
}

struct Step<'a> {
    project: &'a ProjectContext,
    request: &'a ApplyRequest,
    context: ApplyContext,
}

impl Step<'_> {
    async fn create(&self) -> Result<Object, Fault> {
        let planned = self.planned()?;
        let call = self.call(Action::Create, planned, None)?;
        let call = call.ok_or_else(|| Fault::permanent("it has no `create` command"))?;
        let settles = is_set(planned, "lookup") || is_set(planned, "read");
        let answer = self.run(&call, settles).await?;
        let id = match answer.id {
            Some(id) => Value::String(id),
            None if settles => {
                let program = &call.argv[0];
                let summary = format!("the create command {program} answered without an `id`");
                return Err(call.secrets.redact_fault(Fault::unknown(summary)));
            }
            // Taken at its word, and nothing will ever ask for the thing by its id.
            None => Value::String(self.request.idempotency_key.clone()),
        };
        Ok(Object::new(with(planned, [("id", id), ("output", output(&call, answer.output))])))
    }

    async fn update(&self) -> Result<Object, Fault> {
        let planned = self.planned()?;
        let prior = self.prior()?;
        let id = part(prior, "id");
        if same_part("input", prior, planned) {
            // How it is run is all that changes, or the input turned out to be what it was.
            let recorded = part(prior, "output");
            let marked = part(planned, "output").contains_sensitive();
            let output = recorded.sensitive_if(marked);
            return Ok(Object::new(with(planned, [("id", id), ("output", output)])));
        }
        let call = self.call(Action::Update, planned, Some(prior))?;
        let call = call.ok_or_else(|| Fault::permanent("it has no `update` command"))?;
        let answer = self.run(&call, is_set(planned, "read") || is_set(planned, "lookup")).await?;
        if let (Some(other), Some(known)) = (&answer.id, id.as_str())
            && other.as_ref() != known
        {
            let summary = format!(
                "the update command {} answered with the id {other:?}, but changed {known:?}",
                call.argv[0]
            );
            return Err(call.secrets.redact_fault(Fault::unknown(summary)));
        }
        Ok(Object::new(with(planned, [("id", id), ("output", output(&call, answer.output))])))
    }

    async fn delete(&self) -> Result<(), Fault> {
        let prior = self.prior()?;
        let Some(call) = self.call(Action::Delete, prior, Some(prior))? else { return Ok(()) };
        let settles = is_set(prior, "read") || is_set(prior, "lookup");
        self.run(&call, settles).await.map(|_| ())
    }

    fn planned(&self) -> Result<&Value, Fault> {
        let planned = self.request.planned.as_ref();
        planned.ok_or_else(|| Fault::permanent("the step lacks the planned object"))
    }

    fn prior(&self) -> Result<&Value, Fault> {
        let prior = self.request.prior.as_ref().map(|prior| &prior.value);
        prior.ok_or_else(|| Fault::permanent("the step lacks the recorded object"))
    }

    fn call(
        &self,
        action: Action,
        object: &Value,
        prior: Option<&Value>,
    ) -> Result<Option<Call>, Fault> {
        let idempotency_key = Some(self.request.idempotency_key.as_ref());
        Parts { action, object, prior, idempotency_key }.call(self.project)
    }

    async fn run(&self, call: &Call, settles: bool) -> Result<Answer, Fault> {
        if self.context.cancel.is_cancelled() {
            return Err(Fault::retryable("it was cancelled before its command was started"));
        }
        let surroundings = Surroundings {
            executable: &self.project.executable,
            cancel: self.context.cancel.clone(),
            events: Some(self.context.events.clone()),
        };
        let finished = process::run(call, surroundings).await;
        answer::of_step(call, &finished, settles)
    }
}

fn part(value: &Value, name: &str) -> Value {
    value.get(name).cloned().unwrap_or(Value::NULL)
}

fn is_set(object: &Value, name: &str) -> bool {
    object.get(name).is_some_and(|value| !value.is_null())
}

/// What a command answered: sensitive if something that it was told is.
pub(crate) fn output(call: &Call, answered: Option<Value>) -> Value {
    answered.unwrap_or(Value::NULL).sensitive_if(call.sensitive)
}
