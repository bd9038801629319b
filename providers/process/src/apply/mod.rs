//! Making the world as planned: starting, restarting and ending services.
//!
//! A failed step leaves nothing behind: a create that does not come up is stopped and its folder removed, and an
//! update that does not come up brings back what ran before.

mod check;
mod start;
mod stop;

use mpctl_provider::Fault;
use mpctl_provider::contract::{ApplyAction, ApplyContext, ApplyReply, ApplyRequest, Object};
use mpctl_provider::value::Value;
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use self::start::{Launch, Patience};
use crate::observe::{self, Present, with, with_observed};
use crate::place::{Place, Places};
use crate::record::Status;
use crate::service::{self, Service};

/// Does one step.
pub(crate) async fn apply(
    places: &Places,
    request: ApplyRequest,
    context: &ApplyContext,
) -> Result<ApplyReply, Fault> {
    let step = Step { places, context, request: &request };
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

/// The living service that the step with this key made of `config`.
pub(crate) fn made_under(places: &Places, config: &Value, key: &str) -> Option<(Place, Present)> {
    let name = config.get("name").and_then(Value::as_str);
    let candidates = name.map_or_else(|| places.all(), |name| vec![places.of_name(name)]);
    candidates.into_iter().find_map(|place| {
        let present = observe::observe(&place)?;
        let made = present.supervised().is_some_and(|record| record.key == key);
        made.then_some((place, present))
    })
}

/// The object of a service that was looked up, made of the configuration that it was given.
pub(crate) fn object_of(places: &Places, place: &Place, config: &Value, found: &Present) -> Object {
    Object::new(complete(places, place, config, found))
}

/// `value` with everything that only the provider knows.
fn complete(places: &Places, place: &Place, value: &Value, found: &Present) -> Value {
    let log_file = match value.get("log_file").filter(|given| given.as_str().is_some()) {
        Some(given) => given.clone(),
        None => Value::string(places.usual_log_file(&place.name).to_string_lossy().as_ref()),
    };
    let known = with(
        value,
        [
            ("id", Value::string(place.id())),
            ("log_file", log_file),
            ("url", crate::plan::planned_url(value.get("ports"))),
        ],
    );
    with_observed(&known, found)
}

/// One step and its surroundings.
struct Step<'s> {
    places: &'s Places,
    context: &'s ApplyContext,
    request: &'s ApplyRequest,
}

impl Step<'_> {
    async fn create(&self) -> Result<Object, Fault> {
        let config = self.config()?;
        let service = service::read(config).into_service()?;
        if let Some((place, _)) = made_under(self.places, config, &self.request.idempotency_key) {
            let launch = self.launch(&place, &service, config, &self.request.idempotency_key);
            return self.outcome(&place, launch.await_up().await).await;
        }
        check::check(self.places, &service, None, self.context).await?;
        let place = self.claim(config, &service).await?;
        let launch = self.launch(&place, &service, config, &self.request.idempotency_key);
        let started = launch.start(Patience::UntilUp).await;
        self.outcome(&place, started).await
    }

    /// The object, or the fault after everything was undone.
    async fn outcome(&self, place: &Place, up: Result<Present, Fault>) -> Result<Object, Fault> {
        match up {
            Ok(present) => self.object(place, &present),
            Err(fault) => {
                stop::stop(place).await?;
                remove(place)?;
                Err(fault)
            }
        }
    }

    async fn update(&self) -> Result<Object, Fault> {
        let config = self.config()?;
        let service = service::read(config).into_service()?;
        let place = self.prior_place()?;
        let present = observe::observe(&place);
        let key = &self.request.idempotency_key;
        let launch = self.launch(&place, &service, config, key);
        let running = present.as_ref().and_then(Present::supervised);
        if running.is_some_and(|record| record.key == **key) {
            // This very step was under way before.
            return match launch.await_up().await {
                Ok(up) => self.object(&place, &up),
                Err(fault) => {
                    stop::stop(&place).await?;
                    Err(fault)
                }
            };
        }
        let before = present.as_ref().map(|present| check::Before {
            present,
            ports: self.request.prior.as_ref().and_then(|prior| prior.value.get("ports")),
        });
        check::check(self.places, &service, before.as_ref(), self.context).await?;
        if running.is_some() {
            self.context.progress("stopping the process");
        }
        stop::stop(&place).await?;
        place.make().map_err(|error| cannot("make", &place, &error))?;
        match launch.start(Patience::UntilUp).await {
            Ok(up) => self.object(&place, &up),
            Err(fault) => {
                stop::stop(&place).await?;
                let key_before = present
                    .as_ref()
                    .filter(|present| {
                        present.child.is_some() && present.status != Status::Unhealthy
                    })
                    .and_then(|present| present.record.as_ref())
                    .map(|record| record.key.clone());
                Err(match key_before {
                    Some(key) => self.restore(&place, &key, fault).await,
                    None => fault,
                })
            }
        }
    }

    /// Starts what ran before the update, so that the step has no effect; says how that went.
    async fn restore(&self, place: &Place, key: &str, fault: Fault) -> Fault {
        self.context.progress("starting the previous process again");
        let detail = fault.detail.clone().map(|detail| detail + "\n").unwrap_or_default();
        match self.start_previous(place, key).await {
            Ok(pid) => fault.detail(format!("{detail}The previous process runs again, as {pid}.")),
            Err(why) => fault.detail(format!(
                "{detail}The previous process was stopped and could not be started again: {why}"
            )),
        }
    }

    async fn start_previous(&self, place: &Place, key: &str) -> Result<i32, Fault> {
        let prior = self.request.prior.as_ref();
        let prior = prior.ok_or_else(|| Fault::permanent("nothing is recorded of it"))?;
        let service = service::read(&prior.value).into_service()?;
        // What the user cancelled is the new process, not this one.
        let context = ApplyContext { cancel: CancellationToken::new(), ..self.context.clone() };
        let launch =
            Launch { context: &context, ..self.launch(place, &service, &prior.value, key) };
        let started = launch.start(Patience::UntilStarted).await;
        match started {
            Ok(present) => Ok(present.child.map_or(0, |child| child.process.pid)),
            Err(fault) => {
                stop::stop(place).await?;
                Err(fault)
            }
        }
    }

    async fn delete(&self) -> Result<(), Fault> {
        let place = self.prior_place()?;
        if observe::observe(&place).is_none() {
            return Ok(());
        }
        self.context.progress("stopping the process");
        stop::stop(&place).await?;
        remove(&place)
    }

    fn launch<'l>(
        &'l self,
        place: &'l Place,
        service: &'l Service,
        config: &Value,
        key: &'l str,
    ) -> Launch<'l> {
        let secrets = service::sensitive_texts(config);
        Launch { places: self.places, place, service, key, secrets, context: self.context }
    }

    fn config(&self) -> Result<&Value, Fault> {
        let config = self.request.config.as_ref();
        config.ok_or_else(|| Fault::permanent("a service was to be started without configuration"))
    }

    fn object(&self, place: &Place, found: &Present) -> Result<Object, Fault> {
        let planned = self.request.planned.as_ref().map_or_else(|| self.config(), Ok)?;
        Ok(Object {
            value: complete(self.places, place, planned, found),
            private: self.request.private.clone(),
        })
    }

    fn prior_place(&self) -> Result<Place, Fault> {
        let id = self.request.prior.as_ref().and_then(|prior| prior.value.get("id"));
        id.and_then(Value::as_str)
            .and_then(|id| self.places.of_id(id))
            .ok_or_else(|| Fault::permanent("the recorded service has no valid id"))
    }

    /// Takes a folder for a new service. One with a name takes over what a dead service of that name left.
    async fn claim(&self, config: &Value, service: &Service) -> Result<Place, Fault> {
        if let Some(name) = config.get("name").and_then(Value::as_str) {
            let place = self.places.of_name(name);
            if place.make().map_err(|error| cannot("make", &place, &error))? {
                return Ok(place);
            }
            if let Some(present) = observe::observe(&place)
                && let Some(record) = present.supervised()
            {
                let summary = format!("a service named {name:?} runs already");
                return Err(Fault::permanent(summary).hint(format!(
                    "it is not in the state; end it with `kill {}` (its supervisor), or choose \
                     another name",
                    record.supervisor.pid
                )));
            }
            stop::stop(&place).await?;
            place.make().map_err(|error| cannot("make", &place, &error))?;
            return Ok(place);
        }
        let stem = unnamed(service);
        for number in 1..=10_000 {
            let name = if number == 1 { stem.clone() } else { format!("{stem}-{number}") };
            let place = self.places.of_name(&name);
            if place.make().map_err(|error| cannot("make", &place, &error))? {
                return Ok(place);
            }
        }
        Err(Fault::permanent("there are too many services like this one").hint("give it a `name`"))
    }
}

/// The name of a service without one: the same for an equal service, so that one that is deleted and made again
/// keeps its identity. Made of nothing that may be secret.
fn unnamed(service: &Service) -> String {
    let program = service.command.first().map(String::as_str).unwrap_or_default();
    let variables: Vec<&String> = service.env.keys().collect();
    let text = format!("{program:?} {:?} {variables:?}", service.ports);
    let digest = Sha256::digest(text.as_bytes());
    let hex: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    format!("service-{hex}")
}

fn remove(place: &Place) -> Result<(), Fault> {
    place.remove().map_err(|error| cannot("remove", place, &error))
}

fn cannot(what: &str, place: &Place, error: &std::io::Error) -> Fault {
    Fault::permanent(format!("cannot {what} {}: {error}", place.folder.display()))
}
