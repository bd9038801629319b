//! One step's call to its provider: tried again where that is safe, settled where its outcome is unknown.

use std::sync::Arc;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use mpctl_provider::contract::{
    ApplyAction, ApplyContext, ApplyRequest, DataRequest, LookupRequest, Object, ReadRequest,
};
use mpctl_provider::schema::Abilities;
use mpctl_provider::{Fault, FaultKind, Provider, Value};
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinHandle;

use crate::apply::message::{Message, MessageKind};
use crate::plan::StepId;

/// How often a retryable call is tried at most.
const TRIES: usize = 6;

/// How long after the first look a second one confirms that nothing is there.
const SETTLE_AFTER: Duration = Duration::from_secs(1);

/// How long the last events of a call may take to arrive.
const EVENTS_WITHIN: Duration = Duration::from_secs(1);

/// What a step asks of its provider.
pub enum Request {
    /// Make, change or destroy an object.
    Apply(ApplyRequest),
    /// Read data.
    Read(DataRequest),
}

/// A call to be made.
pub struct Call {
    /// The step.
    pub step: StepId,
    /// The provider.
    pub provider: Arc<dyn Provider>,
    /// What the type can do.
    pub abilities: Option<Abilities>,
    /// What is asked.
    pub request: Request,
    /// Where progress is told.
    pub messages: UnboundedSender<Message>,
    /// Events and cancellation.
    pub context: ApplyContext,
    /// Carries events over; ends when the last of them has been, so that none comes after the outcome.
    pub relay: Option<JoinHandle<()>>,
    /// Whether the call was begun before, by somebody who did not live to write its outcome down.
    pub begun_before: BegunBefore,
}

/// What is known of an earlier try of the same call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BegunBefore {
    /// There was none.
    No,
    /// There was one: it is settled first, and made again only if it had no effect.
    SettleThenRun,
    /// There was one: it is settled, and that is all.
    SettleOnly,
}

/// How a call ended.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It is done; the object as it is now.
    Done(Option<Object>),
    /// It failed and had no effect.
    Failed(Fault),
    /// Whether it had an effect cannot be told.
    InDoubt(Fault),
}

impl Call {
    /// Makes the call. All its events have been told when this returns.
    pub async fn run(mut self) -> Outcome {
        let outcome = self.make().await;
        let relay = self.relay.take();
        // The relay ends with the last sender of events, and this call's is one.
        drop(self);
        if let Some(relay) = relay {
            // A provider that keeps one in a task of its own does not hold the outcome up for long.
            let _ = tokio::time::timeout(EVENTS_WITHIN, relay).await;
        }
        outcome
    }

    async fn make(&self) -> Outcome {
        match &self.request {
            Request::Read(request) => self.read(request.clone()).await,
            Request::Apply(request) if self.begun_before == BegunBefore::No => {
                self.apply(request).await
            }
            Request::Apply(request) => {
                let fault = Fault::unknown(
                    "the process that began this step ended before it knew the outcome",
                );
                match self.settle(request, fault).await {
                    Outcome::Failed(_) if self.begun_before == BegunBefore::SettleThenRun => {
                        self.apply(request).await
                    }
                    settled => settled,
                }
            }
        }
    }

    async fn read(&self, request: DataRequest) -> Outcome {
        let read = || async {
            let mut answers = self.provider.read_data(vec![request.clone()]).await;
            answers.pop().unwrap_or_else(|| Err(Fault::permanent("the provider gave no answer")))
        };
        match self.again(read).await {
            Ok(value) => Outcome::Done(Some(Object::new(value))),
            Err(fault) => Outcome::Failed(fault),
        }
    }

    async fn apply(&self, request: &ApplyRequest) -> Outcome {
        let apply = || self.provider.apply(request.clone(), self.context.clone());
        match self.again(apply).await {
            Ok(reply) => Outcome::Done(reply.object),
            Err(fault) if fault.kind == FaultKind::Unknown => self.settle(request, fault).await,
            Err(fault) => Outcome::Failed(fault),
        }
    }

    /// Tries again after retryable faults, with growing, jittered pauses or as long as the other side asked.
    async fn again<T, F, Fut>(&self, call: F) -> Result<T, Fault>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<T, Fault>>,
    {
        let pauses = ExponentialBuilder::default()
            .with_jitter()
            .with_min_delay(Duration::from_millis(200))
            .with_max_delay(Duration::from_secs(20))
            .with_max_times(TRIES - 1);
        let mut attempt = 1;
        call.retry(pauses)
            .when(|fault: &Fault| {
                matches!(fault.kind, FaultKind::Retryable { .. })
                    && !self.context.cancel.is_cancelled()
            })
            .adjust(|fault, pause| match fault.kind {
                FaultKind::Retryable { after: Some(after) } => pause.map(|pause| pause.max(after)),
                _ => pause,
            })
            .notify(|fault, after| {
                attempt += 1;
                let kind = MessageKind::Retry { attempt, after, fault: fault.clone() };
                let _ = self.messages.send(Message { step: self.step, kind });
            })
            .await
    }

    /// Finds out what a call of unknown outcome did: a create by looking its key up, everything else by
    /// reading the object.
    async fn settle(&self, request: &ApplyRequest, fault: Fault) -> Outcome {
        let Some(abilities) = self.abilities else { return Outcome::InDoubt(fault) };
        match request.action {
            ApplyAction::Create if abilities.lookup => {
                let found = self.look_twice(|| self.lookup(request)).await;
                match found {
                    Ok(Some(object)) => Outcome::Done(Some(object)),
                    Ok(None) => Outcome::Failed(no_effect(fault)),
                    Err(_) => Outcome::InDoubt(fault),
                }
            }
            ApplyAction::Delete if abilities.read => {
                match self.look_twice(|| self.look(request)).await {
                    Ok(None) => Outcome::Done(None),
                    Ok(Some(_)) => Outcome::Failed(no_effect(fault)),
                    Err(_) => Outcome::InDoubt(fault),
                }
            }
            // An update states the whole input, so sending it once more with the same key is safe; but not
            // while the user wants out.
            ApplyAction::Update if abilities.read => match self.look(request).await {
                Ok(None) => Outcome::Failed(fault),
                Ok(Some(_)) if self.context.cancel.is_cancelled() => Outcome::InDoubt(fault),
                Ok(Some(_)) => {
                    match self.provider.apply(request.clone(), self.context.clone()).await {
                        Ok(reply) => Outcome::Done(reply.object),
                        Err(again) if again.kind == FaultKind::Unknown => Outcome::InDoubt(again),
                        Err(again) => Outcome::Failed(again),
                    }
                }
                Err(_) => Outcome::InDoubt(fault),
            },
            _ => Outcome::InDoubt(fault),
        }
    }

    /// "Nothing there" is believed only after a second look.
    async fn look_twice<F, Fut>(&self, look: F) -> Result<Option<Object>, Fault>
    where
        F: Fn() -> Fut,
        Fut: Future<Output = Result<Option<Object>, Fault>>,
    {
        if let Some(object) = look().await? {
            return Ok(Some(object));
        }
        tokio::time::sleep(SETTLE_AFTER).await;
        look().await
    }

    async fn lookup(&self, request: &ApplyRequest) -> Result<Option<Object>, Fault> {
        let lookup = LookupRequest {
            resource_type: request.resource_type.clone(),
            idempotency_key: request.idempotency_key.clone(),
            config: request.config.clone().unwrap_or(Value::NULL),
            partial: None,
        };
        self.provider.lookup(lookup).await
    }

    async fn look(&self, request: &ApplyRequest) -> Result<Option<Object>, Fault> {
        let Some(object) = request.prior.clone() else { return Ok(None) };
        let read = ReadRequest { resource_type: request.resource_type.clone(), object };
        let mut answers = self.provider.read(vec![read]).await;
        answers.pop().unwrap_or_else(|| Err(Fault::permanent("the provider gave no answer")))
    }
}

fn no_effect(fault: Fault) -> Fault {
    let detail = fault.detail.clone().map_or(String::new(), |detail| format!("{detail}\n"));
    Fault { kind: FaultKind::Permanent, ..fault }
        .detail(format!("{detail}looked up afterwards: it had no effect"))
}
