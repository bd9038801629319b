//! Evaluating what can be worked out: locals, outputs and checks at once, resources and data up to what their
//! providers are asked.

use std::sync::Arc;

use mpctl_provider::Value;
use mpctl_provider::schema::{BlockSchema, Presence};

use super::Machine;
use super::start::{instance_of, provider_of};
use super::wave::{DataItem, Item, Wave, WaveNode};
use super::workloads::WorkloadWork;
use crate::address::{Key, LocalAddress, Subject};
use crate::diagnostic::nearest;
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::expr::EvalContext;
use crate::plan::{OutputChange, Reason};
use crate::resolve::config::{self, Owner};
use crate::resolve::nodes::{Declaration, NodeId};
use crate::resolve::repetition::{self, Instances};
use crate::resolve::scope::{Evaluator, InstanceScope, NodeValue};
use crate::spec::document::{Check, Condition, IgnoreChanges, Resource};
use crate::spec::syntax::{Accessor, Expr, ExprKind};
use crate::state::Record;
use mpctl_provider::{Path, PathStep};

impl Machine {
    /// Works out everything that needs no provider, and collects the rest into the wave.
    pub(super) fn gather(&mut self, wave: &mut Wave) {
        for at in 0..self.environments.len() {
            loop {
                let mut ready = std::mem::take(&mut self.environments[at].ready);
                if ready.is_empty() {
                    break;
                }
                ready.sort_unstable();
                for node in ready {
                    self.take_up(wave, at, node);
                }
            }
        }
    }

    fn take_up(&mut self, wave: &mut Wave, at: usize, node: NodeId) {
        let work = &self.environments[at];
        if !work.included[node as usize] {
            return self.settle(at, node, NodeValue::Absent, false);
        }
        let failed =
            |needed: &NodeId| matches!(work.values.values[*needed as usize], NodeValue::Failed);
        let broken = self.nodes.broken[node as usize];
        if broken || self.nodes.dependencies[node as usize].iter().any(failed) {
            return self.settle(at, node, NodeValue::Failed, false);
        }
        let documents = self.input.documents.clone();
        let result = match self.nodes.declarations[node as usize] {
            Declaration::Local(local) => {
                let value = self.evaluator(at).identified(&documents.locals[local as usize].value);
                value.map(|value| {
                    self.settle(at, node, NodeValue::Known(value), self.depends_on_change(at, node))
                })
            }
            Declaration::Output(output) => {
                self.output(at, node, &documents.outputs[output as usize])
            }
            Declaration::Check(check) => {
                self.conditions_as_warnings(at, &documents.checks[check as usize]);
                self.settle(at, node, NodeValue::Absent, false);
                Ok(())
            }
            Declaration::Resource(resource) => {
                self.resource(wave, at, node, &documents.resources[resource as usize])
            }
            Declaration::Data(data) => self.data(wave, at, node, &documents.data[data as usize]),
            Declaration::Workload(workload) => {
                let place = (at, self.runtime(at));
                let document = &documents.workloads[workload as usize];
                let instances = repetition::instances(
                    document.enabled.as_ref(),
                    None,
                    &self.scope(at),
                    &self.context(),
                );
                match instances {
                    Ok(Instances::Disabled) => {
                        self.settle(at, node, NodeValue::Absent, false);
                        Ok(())
                    }
                    Ok(_) => crate::resolve::workload::shape(document, &mut self.evaluator(at))
                        .map(|shape| {
                            wave.nodes.push(WaveNode { at, node, instances: Instances::Single });
                            wave.workloads.push(WorkloadWork::new(place, node, workload, shape));
                        }),
                    Err(errors) => Err(errors),
                }
            }
        };
        if let Err(errors) = result {
            self.diagnostics.append(errors);
            self.settle(at, node, NodeValue::Failed, false);
        }
    }

    pub(super) fn scope(&self, at: usize) -> InstanceScope<'_> {
        InstanceScope::of(&self.nodes, &self.environments[at].values)
    }

    pub(super) fn context(&self) -> EvalContext<'_> {
        EvalContext::new(self.input.files.as_ref(), self.input.clock.as_ref())
    }

    pub(super) fn evaluator(&mut self, at: usize) -> Evaluator<'_> {
        Evaluator {
            scope: InstanceScope::of(&self.nodes, &self.environments[at].values),
            context: EvalContext::new(self.input.files.as_ref(), self.input.clock.as_ref()),
            residuals: &mut self.residuals,
        }
    }

    /// Records what a node is, and lets go of what waited for it.
    pub(super) fn settle(&mut self, at: usize, node: NodeId, value: NodeValue, changing: bool) {
        let work = &mut self.environments[at];
        work.values.values[node as usize] = value;
        work.changing[node as usize] = changing;
        for dependent in self.dag.dependents(node) {
            if !matches!(work.values.values[*dependent as usize], NodeValue::Pending) {
                continue;
            }
            let missing = &mut work.missing[*dependent as usize];
            *missing = missing.saturating_sub(1);
            if *missing == 0 {
                work.ready.push(*dependent);
            }
        }
    }

    fn depends_on_change(&self, at: usize, node: NodeId) -> bool {
        let needs = &self.nodes.dependencies[node as usize];
        needs.iter().any(|needed| self.environments[at].changing[*needed as usize])
    }

    fn output(
        &mut self,
        at: usize,
        node: NodeId,
        output: &crate::spec::document::Output,
    ) -> Result<(), Diagnostics> {
        self.conditions(
            at,
            &output.preconditions,
            &format!("a precondition of output `{}`", output.name.text),
            None,
        )?;
        let value = self.evaluator(at).identified(&output.value)?;
        if value.contains_sensitive() && !output.sensitive {
            return Err(Diagnostic::error(
                code::BAD_VALUE,
                format!("output `{}` holds a sensitive value and is not marked as sensitive", output.name.text),
            )
            .at(output.value.span, "made of something sensitive")
            .hint("say `sensitive: true` (HCL: `sensitive = true`), or wrap the value in `nonsensitive(…)`")
            .into());
        }
        let value = value.sensitive_if(output.sensitive);
        let local = LocalAddress::new(Subject::Output(output.name.text.clone()));
        let before = match self.input.environments[at].state.records.get(&local) {
            Some(Record::Output(record)) => Some(record.value.clone()),
            _ => None,
        };
        let address = local.within(&self.environments[at].values.name);
        self.environments[at].desired.insert(local);
        let dependencies = self.recorded_dependencies(node);
        self.outputs.push(OutputChange { address, before, after: Some(value), dependencies });
        self.settle(at, node, NodeValue::Absent, false);
        Ok(())
    }

    fn resource(
        &mut self,
        wave: &mut Wave,
        at: usize,
        node: NodeId,
        resource: &Resource,
    ) -> Result<(), Diagnostics> {
        let instance = instance_of(resource);
        let provider = self.input.schemas.get(provider_of(&instance)).cloned();
        let schema = provider.as_ref().and_then(|p| p.resources.get(&resource.resource_type.text));
        let Some(schema) = schema else {
            let known = provider.iter().flat_map(|p| p.resources.keys()).map(AsRef::as_ref);
            return Err(unknown_type(resource, "resource", known).into());
        };
        let Some(instances) = self.instances_of(at, node, resource)? else { return Ok(()) };
        let subject = Subject::Resource(resource.name.text.clone());
        for (key, each) in instances.iter() {
            let config = self.config(at, resource, &schema.block, &key, each.clone())?;
            let address = LocalAddress { subject: subject.clone(), key };
            let prior = self.prior(at, &address);
            let config = match (&resource.lifecycle.ignore_changes, &prior) {
                (Some(ignored), Some(prior)) => {
                    ignore(ignored, &schema.block, config, &prior.value)
                }
                _ => config,
            };
            let record = self.record(at, &address).cloned();
            wave.items.push(Item {
                at,
                node,
                address,
                instance: instance.clone(),
                resource_type: resource.resource_type.text.clone(),
                config,
                span: resource.name.span,
                each,
                prior,
                record,
                reply: None,
                decision: None,
            });
        }
        wave.nodes.push(WaveNode { at, node, instances });
        Ok(())
    }

    fn data(
        &mut self,
        wave: &mut Wave,
        at: usize,
        node: NodeId,
        data: &Resource,
    ) -> Result<(), Diagnostics> {
        let instance = instance_of(data);
        let provider = self.input.schemas.get(provider_of(&instance)).cloned();
        let Some(schema) =
            provider.as_ref().and_then(|p| p.data_sources.get(&data.resource_type.text))
        else {
            let known = provider.iter().flat_map(|p| p.data_sources.keys()).map(AsRef::as_ref);
            return Err(unknown_type(data, "data source", known).into());
        };
        let Some(instances) = self.instances_of(at, node, data)? else { return Ok(()) };
        let explicit = &self.nodes.explicit[node as usize];
        let pending =
            explicit.iter().any(|needed| self.environments[at].changing[*needed as usize]);
        let subject = Subject::Data(data.name.text.clone());
        for (key, each) in instances.iter() {
            let config = self.config(at, data, schema, &key, each)?;
            let address = LocalAddress { subject: subject.clone(), key };
            if pending || self.input.options.offline || !config.is_wholly_known() {
                let reason = match pending {
                    true => Reason::ReadBecauseDependencyPending,
                    false => Reason::ReadBecauseConfigUnknown,
                };
                self.deferred_read((at, node), data, address, schema, config, reason);
                continue;
            }
            let (instance, source_type) = (instance.clone(), data.resource_type.text.clone());
            let span = data.name.span;
            wave.data.push(DataItem {
                at,
                node,
                address,
                instance,
                source_type,
                config,
                span,
                value: None,
            });
        }
        wave.nodes.push(WaveNode { at, node, instances });
        Ok(())
    }

    /// The instances of a declaration; one that is disabled is settled as absent, and there are none.
    fn instances_of(
        &mut self,
        at: usize,
        node: NodeId,
        declared: &Resource,
    ) -> Result<Option<Instances>, Diagnostics> {
        let (enabled, repetition) = (declared.enabled.as_ref(), declared.repetition.as_ref());
        let found = repetition::instances(enabled, repetition, &self.scope(at), &self.context())?;
        if found == Instances::Disabled {
            self.settle(at, node, NodeValue::Absent, false);
            return Ok(None);
        }
        Ok(Some(found))
    }

    /// The configuration of one instance.
    fn config(
        &mut self,
        at: usize,
        resource: &Resource,
        schema: &BlockSchema,
        key: &Key,
        each: Option<Value>,
    ) -> Result<Value, Diagnostics> {
        let conditions = &resource.lifecycle.preconditions;
        self.conditions(
            at,
            conditions,
            &format!("a precondition of resource `{}`", resource.name.text),
            Some((key, each.as_ref())),
        )?;
        let mut evaluator = self.evaluator(at);
        bind(&mut evaluator.scope, key, each.as_ref());
        let owner = Owner { name: &resource.resource_type.text, span: resource.span };
        config::evaluate(&resource.config, schema, owner, &mut evaluator)
    }

    fn conditions(
        &mut self,
        at: usize,
        conditions: &[Condition],
        what: &str,
        instance: Option<(&Key, Option<&Value>)>,
    ) -> Result<(), Diagnostics> {
        let mut failures = Diagnostics::default();
        for condition in conditions {
            let mut evaluator = self.evaluator(at);
            if let Some((key, each)) = instance {
                bind(&mut evaluator.scope, key, each);
            }
            if evaluator.evaluate(&condition.condition)?.as_bool() == Some(false) {
                let words = evaluator.evaluate(&condition.error_message)?;
                let words = words.as_str().unwrap_or("the condition is false").to_owned();
                failures.push(
                    Diagnostic::error(code::CONDITION, format!("{what} does not hold"))
                        .detail(words)
                        .at(condition.condition.span, "false"),
                );
            }
        }
        if failures.is_empty() { Ok(()) } else { Err(failures) }
    }

    fn conditions_as_warnings(&mut self, at: usize, check: &Check) {
        let what = format!("check `{}`", check.name.text);
        if let Err(failures) = self.conditions(at, &check.assertions, &what, None) {
            for failure in failures {
                self.diagnostics
                    .push(Diagnostic { severity: crate::diagnostic::Severity::Warning, ..failure });
            }
        }
    }
}

/// Gives an instance its `each` or `count`.
pub(super) fn bind(scope: &mut InstanceScope<'_>, key: &Key, each: Option<&Value>) {
    match key {
        Key::None => {}
        Key::Index(index) => {
            scope.count = Some(Value::object([("index", Value::int(*index as i64))]))
        }
        Key::Name(name) => {
            let value = each.cloned().unwrap_or(Value::NULL);
            scope.each =
                Some(Value::object([("key", Value::String(name.clone())), ("value", value)]));
        }
    }
}

fn unknown_type<'n>(
    resource: &Resource,
    what: &str,
    known: impl Iterator<Item = &'n str> + Clone,
) -> Diagnostic {
    let given = &resource.resource_type;
    let diagnostic =
        Diagnostic::error(code::UNKNOWN_TYPE, format!("there is no {what} type `{}`", given.text))
            .at(given.span, "not known");
    match nearest(&given.text, known.clone()) {
        Some(close) => diagnostic.hint(format!("did you mean `{close}`?")),
        None => {
            let names: Vec<String> = known.map(|name| format!("`{name}`")).collect();
            diagnostic.hint(format!("its provider has {}", names.join(", ")))
        }
    }
}

/// The configuration with what is ignored taken from the object as it is.
fn ignore(ignored: &IgnoreChanges, schema: &BlockSchema, config: Value, prior: &Value) -> Value {
    match ignored {
        IgnoreChanges::All(_) => {
            let entries = config.as_entries().into_iter().flat_map(|entries| entries.iter());
            let settable = |name: &Arc<str>| {
                schema.attributes.get(name).is_none_or(|a| a.presence != Presence::Computed)
            };
            Value::object(entries.map(|(name, value)| {
                let kept = prior.get(name).filter(|_| settable(name)).unwrap_or(value);
                (name.clone(), kept.clone())
            }))
        }
        IgnoreChanges::Paths(paths) => {
            paths.iter().filter_map(attribute_path).fold(config, |config, path| {
                match path.of(prior) {
                    Some(kept) => put(&config, &path.0, kept),
                    None => config,
                }
            })
        }
    }
}

/// `tags["a"].b` as a path.
pub(super) fn attribute_path(expr: &Expr) -> Option<Path> {
    match &expr.kind {
        ExprKind::Variable(name) => Some(Path::attribute(name.clone())),
        ExprKind::Literal(value) => value.as_str().map(Path::attribute),
        ExprKind::Access { of, steps } => {
            steps.iter().try_fold(attribute_path(of)?, |path, step| {
                Some(path.then(match step {
                    Accessor::Attribute(name) => PathStep::Key(name.text.clone()),
                    Accessor::Index(Expr { kind: ExprKind::Literal(value), .. }) => {
                        match (value.as_str(), value.as_number()) {
                            (Some(key), _) => PathStep::Key(key.into()),
                            (_, Some(index)) => {
                                PathStep::Index(u64::try_from(index.as_i64()?).ok()?)
                            }
                            _ => return None,
                        }
                    }
                    Accessor::Index(_) | Accessor::Splat(_) => return None,
                }))
            })
        }
        _ => None,
    }
}

/// `value` with the part at `steps` replaced; unchanged where there is no such part.
fn put(value: &Value, steps: &[PathStep], part: &Value) -> Value {
    let Some((step, rest)) = steps.split_first() else { return part.clone() };
    match (value, step) {
        (Value::Object(entries), PathStep::Key(key)) => {
            let mut entries = (**entries).clone();
            let inner = entries.get(key).cloned().unwrap_or(Value::NULL);
            entries.insert(key.clone(), put(&inner, rest, part));
            Value::Object(Arc::new(entries))
        }
        (Value::Map(map), PathStep::Key(key)) => {
            let mut entries = map.entries.clone();
            let inner = entries.get(key).cloned().unwrap_or(Value::NULL);
            entries.insert(key.clone(), put(&inner, rest, part));
            Value::map(map.element.clone(), entries)
        }
        (Value::Tuple(items), PathStep::Index(index)) => {
            let mut items = items.to_vec();
            if let Some(item) = items.get_mut(*index as usize) {
                *item = put(item, rest, part);
            }
            Value::Tuple(items.into())
        }
        (Value::List(list), PathStep::Index(index)) => {
            let mut items = list.items.clone();
            if let Some(item) = items.get_mut(*index as usize) {
                *item = put(item, rest, part);
            }
            Value::list(list.element.clone(), items)
        }
        _ => value.clone(),
    }
}
