//! Drives the planner: carries its asks to the providers and the replies back.

use std::collections::HashMap;
use std::sync::Arc;

use mpctl_provider::Provider;
use mpctl_provider::contract::{ConfigureRequest, ProjectContext};
use mpctl_provider::schema::ProviderSchema;

use crate::apply::Providers;
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::ops::surroundings::{Connections, Surroundings};
use crate::plan::PlanBody;
use crate::plan::machine::{Ask, Call, Machine, Next, Reply};

/// The provider instances of one command, made when they are first needed.
pub struct ProviderPool<'c> {
    connections: &'c dyn Connections,
    surroundings: &'c Surroundings,
    project: Arc<str>,
    /// By environment and instance name.
    pub instances: Providers,
}

impl<'c> ProviderPool<'c> {
    /// No instance yet.
    pub fn new(
        connections: &'c dyn Connections,
        surroundings: &'c Surroundings,
        project: Arc<str>,
    ) -> ProviderPool<'c> {
        ProviderPool { connections, surroundings, project, instances: HashMap::new() }
    }

    /// The instance of an environment; made, not configured, where there is none yet.
    pub fn instance(
        &mut self,
        environment: &Arc<str>,
        instance: &Arc<str>,
    ) -> Option<Arc<dyn Provider>> {
        let key = (environment.clone(), instance.clone());
        if let Some(provider) = self.instances.get(&key) {
            return Some(provider.clone());
        }
        let name = instance.split_once('.').map_or(instance.as_ref(), |(name, _)| name);
        let provider = self.connections.provider(name)?;
        self.instances.insert(key, provider.clone());
        Some(provider)
    }

    /// What a provider is told about where it works.
    pub fn context(&self, environment: &Arc<str>) -> ProjectContext {
        ProjectContext {
            root: self.surroundings.root.clone(),
            private: self.surroundings.private.clone(),
            project: self.project.clone(),
            environment: environment.clone(),
            executable: self.surroundings.executable.clone(),
        }
    }
}

/// The schemas of all providers, by provider name.
pub fn schemas(
    connections: &dyn Connections,
) -> std::collections::BTreeMap<Arc<str>, Arc<ProviderSchema>> {
    let names = connections.provider_names().into_iter();
    names
        .filter_map(|name| {
            let schema = connections.provider(&name)?.schema().clone();
            Some((name, Arc::new(schema)))
        })
        .collect()
}

/// Runs the planner to its end.
pub async fn drive(
    machine: &mut Machine,
    pool: &mut ProviderPool<'_>,
) -> (Option<Box<PlanBody>>, Diagnostics) {
    loop {
        match machine.advance() {
            Next::Done(body, diagnostics) => return (body, diagnostics),
            Next::Ask(asks) => {
                let mut calls = Vec::with_capacity(asks.len());
                for ask in asks {
                    let Some(provider) = pool.instance(&ask.environment, &ask.instance) else {
                        let summary = format!("provider `{}` is not available", ask.instance);
                        return (None, Diagnostic::error(code::UNKNOWN_PROVIDER, summary).into());
                    };
                    let context = pool.context(&ask.environment);
                    calls.push(tokio::spawn(carry(provider, context, ask)));
                }
                let mut replies = Vec::with_capacity(calls.len());
                for call in calls {
                    match call.await {
                        Ok(reply) => replies.push(reply),
                        Err(error) => {
                            let summary = format!("a provider failed while planning: {error}");
                            return (
                                None,
                                Diagnostic::error(code::PROVIDER_FAILED, summary).into(),
                            );
                        }
                    }
                }
                machine.answer(replies);
            }
        }
    }
}

async fn carry(provider: Arc<dyn Provider>, project: ProjectContext, ask: Ask) -> Reply {
    tracing::debug!(environment = %ask.environment, instance = %ask.instance, call = ask.call.name(), "asking");
    match ask.call {
        Call::Configure(config) => {
            Reply::Configure(provider.configure(ConfigureRequest { config, project }).await)
        }
        Call::Validate(requests) => Reply::Validate(provider.validate(requests).await),
        Call::Plan(requests) => Reply::Plan(provider.plan(requests).await),
        Call::Read(requests) => Reply::Read(provider.read(requests).await),
        Call::ReadData(requests) => Reply::ReadData(provider.read_data(requests).await),
        Call::Instances(requests) => Reply::Instances(provider.instances(requests).await),
        Call::Lower(requests) => Reply::Lower(provider.lower(requests).await),
    }
}
