//! The beginning: environments are opened, providers configured, the world looked at.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use mpctl_provider::contract::{Object, ReadRequest};
use mpctl_provider::schema::ProviderSchema;
use mpctl_provider::{Fault, Value};

use super::outcome::lifecycle;
use super::{Ask, Call, EnvironmentInput, EnvironmentWork, Machine, Next, Reply, Stage};
use crate::address::{LocalAddress, Subject};
use crate::diagnostic::nearest;
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::expr::EvalContext;
use crate::graph::Direction;
use crate::plan::{Drift, EnvironmentPlan, Mode, ProviderBinding};
use crate::resolve::config::{self, Owner};
use crate::resolve::nodes::{Declaration, NodeId};
use crate::resolve::scope::{EnvironmentValues, Evaluator, InstanceScope, NodeValue};
use crate::resolve::variables;
use crate::spec::document::{Environment, ProviderInstance, Resource};
use crate::spec::syntax::Body;
use crate::state::{Record, ResourceRecord};

/// The provider of an instance's name: `cloud` of `cloud.eu`.
pub(super) fn provider_of(instance: &str) -> &str {
    instance.split_once('.').map_or(instance, |(provider, _)| provider)
}

/// The instance that a resource belongs to: named, or the first segment of its type.
pub(super) fn instance_of(resource: &Resource) -> Arc<str> {
    match &resource.provider {
        Some(name) => name.text.clone(),
        None => {
            let resource_type = &resource.resource_type.text;
            resource_type.split_once('_').map_or(resource_type.as_ref(), |(first, _)| first).into()
        }
    }
}

impl Machine {
    /// Makes the working table of each environment: which nodes it has, and which wait for how many others.
    pub(super) fn open_environments(&mut self) {
        let inputs = std::mem::take(&mut self.input.environments);
        for input in &inputs {
            let mut found = Diagnostics::default();
            let work = self.open_environment(input, &mut found);
            self.diagnostics.append(found);
            self.environments.push(work);
        }
        self.input.environments = inputs;
        for at in 0..self.environments.len() {
            let scope = InstanceScope::of(&self.nodes, &self.environments[at].values);
            let context = EvalContext::new(self.input.files.as_ref(), self.input.clock.as_ref());
            let given = &self.environments[at].values.variables;
            variables::validate(
                &self.input.documents,
                given,
                &scope,
                &context,
                &mut self.diagnostics,
            );
        }
    }

    fn open_environment(
        &self,
        input: &EnvironmentInput,
        diagnostics: &mut Diagnostics,
    ) -> EnvironmentWork {
        let document = input.document.map(|at| &self.input.documents.environments[at]);
        let values = self.presence(input);
        let pending = |node: &u32| matches!(values[*node as usize], NodeValue::Pending);
        let missing: Vec<u32> = self
            .nodes
            .dependencies
            .iter()
            .map(|needs| needs.iter().filter(|n| pending(n)).count() as u32)
            .collect();
        let included = self.selection(&input.name);
        let creates_first = self.creating_first(|node| pending(&node));
        let ready = (0..self.nodes.len() as u32)
            .filter(|node| pending(node) && missing[*node as usize] == 0)
            .collect();
        let labels = Value::object::<Arc<str>>([]);
        let environment =
            Value::object([("name", Value::String(input.name.clone())), ("labels", labels)]);
        let mut work = EnvironmentWork {
            values: EnvironmentValues {
                name: input.name.clone(),
                environment,
                variables: input.variables.clone(),
                secrets: input.secrets.clone(),
                path: self.input.path.clone(),
                values,
            },
            plan: EnvironmentPlan {
                basis: input.state.basis.clone(),
                on_failure: input.on_failure,
                protect: document.is_some_and(|d| d.protect),
                providers: BTreeMap::new(),
                variables: input
                    .variables
                    .iter()
                    .map(|(n, g)| (n.clone(), g.value.clone()))
                    .collect(),
            },
            refreshed: HashMap::new(),
            missing,
            changing: vec![false; self.nodes.len()],
            included,
            creates_first,
            desired: HashSet::new(),
            ready,
            touched: HashMap::new(),
            max_unavailable: HashMap::new(),
        };
        if let Some(labels) = document.and_then(|d| d.labels.as_ref()) {
            let scope = InstanceScope::of(&self.nodes, &work.values);
            match crate::expr::evaluate(labels, &scope, &self.context()) {
                Ok(labels) => {
                    let name = Value::String(input.name.clone());
                    work.values.environment = Value::object([("name", name), ("labels", labels)]);
                }
                Err(errors) => diagnostics.append(errors),
            }
        }
        work
    }

    /// Which nodes the environment has: those are to be worked out.
    fn presence(&self, input: &EnvironmentInput) -> Vec<NodeValue> {
        let documents = &self.input.documents;
        let desired_empty = !input.declared || self.input.options.mode != Mode::Apply;
        let present = |declaration: &Declaration| {
            let listed = match declaration {
                Declaration::Data(at) => documents.data[*at as usize].environments.as_ref(),
                Declaration::Resource(at) => {
                    documents.resources[*at as usize].environments.as_ref()
                }
                Declaration::Workload(at) => {
                    documents.workloads[*at as usize].environments.as_ref()
                }
                _ => None,
            };
            !desired_empty && listed.is_none_or(|names| names.iter().any(|n| n.text == input.name))
        };
        let value = |declaration| match present(declaration) {
            true => NodeValue::Pending,
            false => NodeValue::Absent,
        };
        self.nodes.declarations.iter().map(value).collect()
    }

    /// Whether a replacement of each node creates before it destroys: it says so, or something that depends on it
    /// does, were it only through values, and had it no instance at present.
    fn creating_first(&self, is_here: impl Fn(NodeId) -> bool) -> Vec<bool> {
        let documents = &self.input.documents;
        let says_so = |node: &NodeId| {
            let lifecycle = lifecycle(documents, self.nodes.declarations[*node as usize]);
            lifecycle.and_then(|it| it.create_before_destroy).is_some_and(|(on, _)| on)
        };
        let seeds = (0..self.nodes.len() as NodeId).filter(|node| says_so(node) && is_here(*node));
        self.dag.reach(seeds, Direction::Dependencies)
    }

    /// The provider instances that each environment needs, configured.
    pub(super) fn configure(&mut self) -> Next {
        let mut asks = Vec::new();
        let mut asked = Vec::new();
        for at in 0..self.environments.len() {
            for instance in self.needed_instances(at) {
                if let Some(config) = self.provider_config(at, &instance) {
                    let environment = self.environments[at].values.name.clone();
                    asks.push(Ask {
                        environment,
                        instance: instance.clone(),
                        call: Call::Configure(config),
                    });
                    asked.push((at, instance));
                }
            }
        }
        if self.has_further_errors() {
            return self.finish();
        }
        if asks.is_empty() {
            return self.refresh();
        }
        self.stage = Stage::Configuring(asked);
        Next::Ask(asks)
    }

    fn needed_instances(&mut self, at: usize) -> BTreeSet<Arc<str>> {
        let documents = self.input.documents.clone();
        let mut needed = BTreeSet::new();
        let work = &self.environments[at];
        let mut workloads = false;
        for (node, declaration) in self.nodes.declarations.iter().enumerate() {
            if matches!(work.values.values[node], NodeValue::Absent) || !work.included[node] {
                continue;
            }
            let resource = match declaration {
                Declaration::Resource(at) => &documents.resources[*at as usize],
                Declaration::Data(at) => &documents.data[*at as usize],
                Declaration::Workload(_) => {
                    workloads = true;
                    continue;
                }
                _ => continue,
            };
            let instance = instance_of(resource);
            if self.input.schemas.contains_key(provider_of(&instance)) {
                needed.insert(instance);
            } else {
                let name = resource.provider.as_ref().unwrap_or(&resource.resource_type);
                self.diagnostics.push(unknown_provider(
                    provider_of(&instance),
                    name.span,
                    &self.input.schemas,
                ));
            }
        }
        if workloads {
            needed.insert(self.runtime(at));
        }
        for record in self.input.environments[at].state.records.values() {
            if let Record::Resource(record) = record {
                needed.insert(record.provider.clone());
            }
        }
        needed
    }

    /// The provider instance that runs workloads in an environment.
    pub(super) fn runtime(&self, at: usize) -> Arc<str> {
        let document = self.document(at).and_then(|document| document.runtime.as_ref());
        document.map_or_else(|| "process".into(), |name| name.text.clone())
    }

    pub(super) fn document(&self, at: usize) -> Option<&Environment> {
        let document = self.input.environments[at].document?;
        self.input.documents.environments.get(document)
    }

    fn provider_config(&mut self, at: usize, instance: &Arc<str>) -> Option<Value> {
        let documents = self.input.documents.clone();
        let document = self.input.environments[at].document.map(|d| &documents.environments[d]);
        let provider = provider_of(instance);
        let Some(schema) = self.input.schemas.get(provider).cloned() else {
            let runtime =
                document.and_then(|d| d.runtime.as_ref()).filter(|name| name.text == *instance);
            let diagnostic = match runtime {
                Some(name) => unknown_provider(provider, name.span, &self.input.schemas),
                None => Diagnostic::error(
                    code::UNKNOWN_PROVIDER,
                    format!(
                        "the state has objects of provider `{instance}`, which is not available"
                    ),
                ),
            };
            self.diagnostics.push(diagnostic);
            return None;
        };
        let written: Option<&ProviderInstance> =
            document.and_then(|d| d.providers.iter().find(|p| p.name.text == *instance));
        let nowhere = crate::source::Span::new(crate::source::FileId(u32::MAX), 0..0);
        let empty = Body { attributes: Vec::new(), blocks: Vec::new(), span: nowhere };
        let (body, span) = written.map_or((&empty, nowhere), |p| (&p.config, p.name.span));
        let work = &self.environments[at];
        let mut evaluator = Evaluator {
            scope: InstanceScope::of(&self.nodes, &work.values),
            context: EvalContext::new(self.input.files.as_ref(), self.input.clock.as_ref()),
            residuals: &mut self.residuals,
        };
        let owner = format!("provider {instance}");
        match config::evaluate(
            body,
            &schema.configuration,
            Owner { name: &owner, span },
            &mut evaluator,
        ) {
            Ok(config) => {
                let binding = ProviderBinding {
                    source: "builtin".into(),
                    provider: provider.into(),
                    version: schema.version,
                    config: config.clone(),
                };
                self.environments[at].plan.providers.insert(instance.clone(), binding);
                Some(config)
            }
            Err(errors) => {
                self.diagnostics.append(errors);
                None
            }
        }
    }

    pub(super) fn configured(&mut self, asked: Vec<(usize, Arc<str>)>, replies: Vec<Reply>) {
        for ((at, instance), reply) in asked.into_iter().zip(replies) {
            if let Reply::Configure(Err(fault)) = reply {
                let environment = &self.environments[at].values.name;
                let summary = format!(
                    "provider `{instance}` in {environment} does not start: {}",
                    fault.summary
                );
                self.diagnostics
                    .push(with_fault(Diagnostic::error(code::PROVIDER_REFUSED, summary), &fault));
            }
        }
        self.stage = Stage::Configured;
    }

    /// Asks for a look at every recorded object, one batch per provider instance.
    pub(super) fn refresh(&mut self) -> Next {
        if self.has_further_errors() {
            return self.finish();
        }
        let mut asks = Vec::new();
        let mut asked = Vec::new();
        for (at, input) in self.input.environments.iter().enumerate() {
            if !self.input.options.refresh {
                break;
            }
            let mut batches: BTreeMap<&Arc<str>, (Vec<ReadRequest>, Vec<LocalAddress>)> =
                BTreeMap::new();
            for (address, record) in &input.state.records {
                let Record::Resource(record) = record else { continue };
                let Some(object) = record.object.as_ref().filter(|_| self.can_read(record)) else {
                    continue;
                };
                if !self.is_selected(at, &address.subject) {
                    continue;
                }
                let (requests, addresses) = batches.entry(&record.provider).or_default();
                let resource_type = record.resource_type.clone();
                requests.push(ReadRequest { resource_type, object: object.clone() });
                addresses.push(address.clone());
            }
            for (instance, (requests, addresses)) in batches {
                let (environment, instance) = (input.name.clone(), instance.clone());
                asks.push(Ask { environment, instance, call: Call::Read(requests) });
                asked.push((at, addresses));
            }
        }
        if asks.is_empty() {
            return self.next_wave();
        }
        self.stage = Stage::Refreshing(asked);
        Next::Ask(asks)
    }

    fn can_read(&self, record: &ResourceRecord) -> bool {
        let schema = self.input.schemas.get(provider_of(&record.provider));
        schema
            .and_then(|s| s.resources.get(&record.resource_type))
            .is_some_and(|r| r.abilities.read)
    }

    pub(super) fn observed(&mut self, asked: Vec<(usize, Vec<LocalAddress>)>, replies: Vec<Reply>) {
        for ((at, addresses), reply) in asked.into_iter().zip(replies) {
            let Reply::Read(answers) = reply else { continue };
            if answers.len() != addresses.len() {
                let summary = format!(
                    "a provider gave {} answers to {} requests",
                    answers.len(),
                    addresses.len()
                );
                self.diagnostics.push(Diagnostic::error(code::PROVIDER_FAILED, summary));
                continue;
            }
            for (address, answer) in addresses.into_iter().zip(answers) {
                match answer {
                    Ok(found) => self.observed_one(at, address, found),
                    Err(fault) => {
                        let full = address.within(&self.environments[at].values.name);
                        let summary = format!("cannot read {full}: {}", fault.summary);
                        let diagnostic =
                            Diagnostic::error(code::PROVIDER_FAILED, summary).address(full);
                        self.diagnostics.push(with_fault(diagnostic, &fault));
                    }
                }
            }
        }
        self.stage = Stage::Observed;
    }

    fn observed_one(&mut self, at: usize, address: LocalAddress, found: Option<Object>) {
        let Some(Record::Resource(record)) =
            self.input.environments[at].state.records.get(&address)
        else {
            return;
        };
        let Some(recorded) = &record.object else { return };
        let found = found
            .map(|object| Object { value: object.value.marked_like(&recorded.value), ..object });
        if found.as_ref() == Some(recorded) {
            return;
        }
        let work = &mut self.environments[at];
        if found.as_ref().map(|o| &o.value) != Some(&recorded.value) {
            self.drift.push(Drift {
                address: address.within(&work.values.name),
                resource_type: record.resource_type.clone(),
                provider: record.provider.clone(),
                before: recorded.value.clone(),
                after: found.as_ref().map(|object| object.value.clone()),
                private: found
                    .as_ref()
                    .map_or_else(|| Arc::from([]), |object| object.private.clone()),
            });
        }
        work.refreshed.insert(address, found);
    }

    /// The object as it is, as far as is known: refreshed, else recorded.
    pub(super) fn prior(&self, at: usize, address: &LocalAddress) -> Option<Object> {
        if let Some(found) = self.environments[at].refreshed.get(address) {
            return found.clone();
        }
        match self.input.environments[at].state.records.get(address) {
            Some(Record::Resource(record)) => record.object.clone(),
            _ => None,
        }
    }

    /// The record of an object.
    pub(super) fn record(&self, at: usize, address: &LocalAddress) -> Option<&Arc<ResourceRecord>> {
        match self.input.environments[at].state.records.get(address) {
            Some(Record::Resource(record)) => Some(record),
            _ => None,
        }
    }

    /// Whether the selection of `--target` and `--exclude` takes in what the subject names.
    pub(super) fn is_selected(&self, at: usize, subject: &Subject) -> bool {
        let options = &self.input.options;
        if options.targets.is_empty() && options.excludes.is_empty() {
            return true;
        }
        if let Some(node) = self.node_of_subject(subject) {
            return self.environments[at].included[node as usize];
        }
        let name = &self.environments[at].values.name;
        let local = LocalAddress::new(subject.clone());
        let named = |selectors: &[super::Selector]| {
            selectors.iter().any(|s| s.matches(name, &local) || s.local.subject == *subject)
        };
        (options.targets.is_empty() || named(&options.targets)) && !named(&options.excludes)
    }
}

fn unknown_provider(
    provider: &str,
    span: crate::source::Span,
    schemas: &BTreeMap<Arc<str>, Arc<ProviderSchema>>,
) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(code::UNKNOWN_PROVIDER, format!("there is no provider `{provider}`"))
            .at(span, "not known");
    match nearest(provider, schemas.keys().map(AsRef::as_ref)) {
        Some(close) => diagnostic.hint(format!("did you mean `{close}`?")),
        None => {
            let names: Vec<_> = schemas.keys().map(|name| format!("`{name}`")).collect();
            diagnostic.hint(format!("there are {}", names.join(", ")))
        }
    }
}

/// A provider's words added to a diagnostic.
pub(super) fn with_fault(diagnostic: Diagnostic, fault: &Fault) -> Diagnostic {
    let diagnostic = match &fault.detail {
        Some(detail) => diagnostic.detail(detail.clone()),
        None => diagnostic,
    };
    match &fault.hint {
        Some(hint) => diagnostic.hint(hint.clone()),
        None => diagnostic,
    }
}
