//! Looking with commands: at recorded objects, at data, and for what an interrupted create made.

use std::sync::Arc;

use mpctl_provider::contract::{DataRequest, LookupRequest, Object, ProjectContext, ReadRequest};
use mpctl_provider::proposal::same_content;
use mpctl_provider::value::Type;
use mpctl_provider::{Fault, Value};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::answer::{self, Answer};
use crate::apply::output;
use crate::call::{Action, Call, Parts};
use crate::plan::with;
use crate::process::{self, Surroundings};
use crate::schema::COMMAND;

/// So many commands look at once, for each processor: most of them wait for something far away.
const PER_PROCESSOR: usize = 4;

/// Answers every request of a batch, some at a time, in order.
pub(crate) async fn batch<Request, Reply, Answering>(
    project: Result<&ProjectContext, Fault>,
    requests: Vec<Request>,
    answer: fn(ProjectContext, Request) -> Answering,
) -> Vec<Result<Reply, Fault>>
where
    Request: Send + 'static,
    Reply: Send + 'static,
    Answering: Future<Output = Result<Reply, Fault>> + Send + 'static,
{
    let project = match project {
        Ok(project) => project,
        Err(fault) => return requests.iter().map(|_| Err(fault.clone())).collect(),
    };
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let places = Arc::new(Semaphore::new(processors * PER_PROCESSOR));
    let mut running = JoinSet::new();
    let mut replies: Vec<Result<Reply, Fault>> = Vec::with_capacity(requests.len());
    for (at, request) in requests.into_iter().enumerate() {
        replies.push(Err(Fault::unknown("the exec provider gave no answer")));
        let (places, project) = (places.clone(), project.clone());
        running.spawn(async move {
            let _place = places.acquire_owned().await;
            (at, answer(project, request).await)
        });
    }
    while let Some(done) = running.join_next().await {
        if let Ok((at, reply)) = done {
            replies[at] = reply;
        }
    }
    replies
}

/// Reads one object; without a `read` command the recorded one stands.
pub(crate) async fn read(
    project: ProjectContext,
    request: ReadRequest,
) -> Result<Option<Object>, Fault> {
    if request.resource_type.as_ref() != COMMAND {
        return Err(crate::unknown_type(&request.resource_type));
    }
    let Object { value, private } = request.object;
    let parts =
        Parts { action: Action::Read, object: &value, prior: Some(&value), idempotency_key: None };
    let Some(call) = parts.call(&project)? else { return Ok(Some(Object { value, private })) };
    let Some(answer) = look(&project, &call).await? else { return Ok(None) };
    let recorded = value.get("output").cloned().unwrap_or(Value::NULL);
    let output = match answer.output {
        Some(found) if !same_content(&found, &recorded) => {
            found.sensitive_if(call.sensitive || recorded.contains_sensitive())
        }
        _ => recorded,
    };
    let recorded_id = value.get("id").cloned().unwrap_or(Value::Null(Type::String));
    let id = answer.id.map_or(recorded_id, Value::String);
    Ok(Some(Object { value: with(&value, [("id", id), ("output", output)]), private }))
}

/// Reads one data source.
pub(crate) async fn read_data(
    project: ProjectContext,
    request: DataRequest,
) -> Result<Value, Fault> {
    if request.source_type.as_ref() != COMMAND {
        return Err(crate::unknown_type(&request.source_type));
    }
    let config = &request.config;
    let parts = Parts { action: Action::Read, object: config, prior: None, idempotency_key: None };
    let call = parts.call(&project)?.ok_or_else(|| Fault::permanent("it has no `read` command"))?;
    let answer = look(&project, &call).await?;
    let Answer { id, output: answered } = answer.ok_or_else(|| {
        let summary = format!("the read command {} found nothing", call.argv[0]);
        call.secrets.redact_fault(Fault::permanent(summary))
    })?;
    let id = id.map_or(Value::Null(Type::String), Value::String);
    Ok(with(config, [("id", id), ("output", output(&call, answered))]))
}

/// Finds what was created under a key.
pub(crate) async fn lookup(
    project: &ProjectContext,
    request: LookupRequest,
) -> Result<Option<Object>, Fault> {
    if request.resource_type.as_ref() != COMMAND {
        return Err(crate::unknown_type(&request.resource_type));
    }
    let config = &request.config;
    let idempotency_key = Some(request.idempotency_key.as_ref());
    let parts = Parts { action: Action::Lookup, object: config, prior: None, idempotency_key };
    let call = parts.call(project)?.ok_or_else(|| {
        Fault::permanent("it has no `lookup` command, so an interrupted create cannot be settled")
            .hint("look yourself whether the thing is there, and say so with `--assume`")
    })?;
    let Some(answer) = look(project, &call).await? else { return Ok(None) };
    let Some(id) = answer.id else {
        let summary =
            format!("the lookup command {} found something without an `id`", call.argv[0]);
        return Err(call.secrets.redact_fault(Fault::permanent(summary)));
    };
    let known = [("id", Value::String(id)), ("output", output(&call, answer.output))];
    Ok(Some(Object::new(with(config, known))))
}

async fn look(project: &ProjectContext, call: &Call) -> Result<Option<Answer>, Fault> {
    let surroundings = Surroundings {
        executable: &project.executable,
        cancel: CancellationToken::new(),
        events: None,
    };
    answer::of_look(call, &process::run(call, surroundings).await)
}
