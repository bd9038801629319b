//! The end of a wave: promises become changes, and the values that dependents see.

use std::collections::HashMap;
use std::sync::Arc;

use mpctl_provider::contract::PlanReply;
use mpctl_provider::schema::BlockSchema;
use mpctl_provider::value::Entries;
use mpctl_provider::{Path, Value};

use super::cause::Changed;
use super::wave::{DataItem, Item, Wave, WaveNode};
use super::{Machine, workloads};
use crate::address::{Address, Key, LocalAddress, Subject};
use crate::diagnostic::{Diagnostic, code};
use crate::plan::{Action, Change, Reason, Reversibility};
use crate::resolve::nodes::{Declaration, NodeId};
use crate::resolve::repetition::Instances;
use crate::resolve::residuals::{Residual, Residuals};
use crate::resolve::scope::NodeValue;
use crate::spec::document::{Lifecycle, Resource};

/// What the wave found of one node: the value of each instance, and whether any of them changes.
#[derive(Default)]
struct Found {
    values: Vec<(Key, Value)>,
    changing: bool,
}

impl Machine {
    /// Ends a wave.
    pub(super) fn complete(&mut self, wave: Wave) {
        let Wave { nodes, workloads, items, data, failed, .. } = wave;
        let mut found: HashMap<(usize, NodeId), Found> = HashMap::new();
        let mut planned: Vec<Value> = Vec::with_capacity(items.len());
        for item in items {
            let place = (item.at, item.node);
            if failed.contains(&place) {
                planned.push(Value::NULL);
                continue;
            }
            let key = item.address.key.clone();
            let (value, changing) = self.conclude(item);
            planned.push(value.clone());
            let entry = found.entry(place).or_default();
            entry.values.push((key, value));
            entry.changing |= changing;
        }
        for item in data {
            let place = (item.at, item.node);
            if let Some(value) = item.value.clone().filter(|_| !failed.contains(&place)) {
                let value = self.read_value(&item, value);
                found.entry(place).or_default().values.push((item.address.key, value));
            }
        }
        for work in &workloads {
            let resources: Vec<Value> = work.items.iter().map(|at| planned[*at].clone()).collect();
            let value = workloads::value_of(&work.attributes, &resources);
            let place = (work.place.0, work.node);
            if let Some(most) = work.max_unavailable {
                let name = &self.input.documents.workloads[work.document as usize].name.text;
                self.environments[place.0].max_unavailable.insert(name.clone(), most);
            }
            let changing = found.get(&place).is_some_and(|f| f.changing);
            found.insert(place, Found { values: vec![(Key::None, value)], changing });
        }
        let deferred = std::mem::take(&mut self.deferred);
        for (place, key, value) in deferred {
            let entry = found.entry(place).or_default();
            entry.values.push((key, value));
            entry.changing = true;
        }
        for WaveNode { at, node, instances } in nodes {
            if failed.contains(&(at, node)) {
                self.settle(at, node, NodeValue::Failed, false);
                continue;
            }
            let Found { values, changing } = found.remove(&(at, node)).unwrap_or_default();
            self.settle(at, node, NodeValue::Known(assemble(&instances, values)), changing);
        }
    }

    /// One instance's change, its value for dependents, and whether anything changes.
    fn conclude(&mut self, item: Item) -> (Value, bool) {
        let mut item = item;
        let (Some(reply), Some((action, reason, replace_paths))) =
            (item.reply.take(), item.decision.take())
        else {
            return (Value::NULL, false);
        };
        let PlanReply { planned, effects, private, .. } = reply;
        let environment = self.environments[item.at].values.name.clone();
        let address = item.address.within(&environment);
        let after = number_unknowns(planned, &address, &mut self.residuals);
        let prior = item.prior.take();
        let documents = self.input.documents.clone();
        let lifecycle = lifecycle(&documents, self.nodes.declarations[item.node as usize]);
        if action.destroys() {
            self.refuse_where_protected(lifecycle, &address, &replace_paths);
        }
        let postconditions = match lifecycle {
            Some(lifecycle) if !lifecycle.postconditions.is_empty() => {
                self.postconditions(&item, &address, &lifecycle.postconditions, &after)
            }
            _ => Vec::new(),
        };
        let cause = self.causes(&Changed {
            item: &item,
            action,
            reason,
            replace_paths: &replace_paths,
            before: prior.as_ref().map(|object| &object.value),
            after: &after,
        });
        let record = item.record.as_ref();
        let schema_version =
            self.resource_schema(&item.instance, &item.resource_type).map_or(0, |s| s.version);
        let previous_address =
            self.moved[item.at].get(&item.address).map(|old| old.within(&environment));
        let moved = previous_address.is_some();
        let change = Change {
            previous_address,
            recorded: record.filter(|record| !record.deposed.is_empty()).cloned(),
            deposed: None,
            resource_type: item.resource_type,
            provider: item.instance,
            schema_version,
            action,
            reason,
            before: prior,
            after: Some(after.clone()),
            config: Some(item.config),
            private,
            replace_paths,
            effects: if matches!(action, Action::NoOp) { Vec::new() } else { effects },
            dependencies: self.recorded_dependencies(item.node),
            previous_dependencies: record.map(|r| r.dependencies.clone()).unwrap_or_default(),
            create_before_destroy: self.environments[item.at].creates_first[item.node as usize],
            retain_on_destroy: lifecycle.is_some_and(|lifecycle| lifecycle.retain_on_destroy),
            postconditions,
            cause,
            wave: 0,
            reversibility: Reversibility::default(),
            address,
        };
        self.environments[item.at].desired.insert(item.address);
        if matches!(action, Action::Update | Action::Replace(_)) {
            let at = self.changes.len();
            self.environments[item.at].touched.entry(item.node).or_default().push(at);
        }
        self.changes.push(change);
        (after, action != Action::NoOp || moved)
    }

    fn refuse_where_protected(
        &mut self,
        lifecycle: Option<&Lifecycle>,
        address: &Address,
        paths: &[Path],
    ) {
        let Some((true, span)) = lifecycle.and_then(|lifecycle| lifecycle.prevent_destroy) else {
            return;
        };
        let summary = format!("{address} must be replaced, and `prevent_destroy` forbids it");
        let mut diagnostic = Diagnostic::error(code::PREVENT_DESTROY, summary);
        if !paths.is_empty() {
            let paths: Vec<String> = paths.iter().map(|path| format!("`{path}`")).collect();
            diagnostic =
                diagnostic.detail(format!("a change of {} needs a new object", paths.join(", ")));
        }
        self.diagnostics.push(
            diagnostic
                .at(span, "set here")
                .address(address)
                .hint("undo the change, or take `prevent_destroy` out for this once"),
        );
    }

    /// What is recorded as an object's dependencies: the subjects that it refers to, through locals and data
    /// sources too, for those have no record of their own.
    pub(super) fn recorded_dependencies(&self, node: NodeId) -> Vec<Subject> {
        if self.nodes.dependencies[node as usize].is_empty() {
            return Vec::new();
        }
        let documents = &self.input.documents;
        let mut subjects = Vec::new();
        let mut seen = std::collections::HashSet::new();
        let mut open: Vec<NodeId> = self.nodes.dependencies[node as usize].clone();
        while let Some(needed) = open.pop() {
            if !seen.insert(needed) {
                continue;
            }
            let declaration = self.nodes.declarations[needed as usize];
            if matches!(declaration, Declaration::Local(_) | Declaration::Data(_)) {
                open.extend(&self.nodes.dependencies[needed as usize]);
            }
            subjects.extend(declaration.subject(documents));
        }
        subjects.sort();
        subjects
    }

    /// Data that can be read only during apply.
    pub(super) fn deferred_read(
        &mut self,
        (at, node): (usize, NodeId),
        data: &Resource,
        address: LocalAddress,
        schema: &BlockSchema,
        config: Value,
        reason: Reason,
    ) {
        let key = address.key.clone();
        let full = address.within(&self.environments[at].values.name);
        let open = schema.attributes.iter().map(|(name, attribute)| {
            let given = config.get(name).filter(|value| !value.is_null());
            (name.clone(), given.cloned().unwrap_or_else(|| Value::unknown(attribute.ty.clone())))
        });
        let after = Value::Object(Arc::new(open.collect::<Entries>()));
        let after = number_unknowns(after, &full, &mut self.residuals);
        self.changes.push(Change {
            address: full,
            previous_address: None,
            recorded: None,
            deposed: None,
            resource_type: data.resource_type.text.clone(),
            provider: super::start::instance_of(data),
            schema_version: 0,
            action: Action::Read,
            reason: Some(reason),
            before: None,
            after: Some(after.clone()),
            config: Some(config),
            private: Arc::from([]),
            replace_paths: Vec::new(),
            effects: Vec::new(),
            dependencies: self.recorded_dependencies(node),
            previous_dependencies: Vec::new(),
            create_before_destroy: false,
            retain_on_destroy: false,
            postconditions: Vec::new(),
            cause: Vec::new(),
            wave: 0,
            reversibility: Reversibility::default(),
        });
        self.deferred.push(((at, node), key, after));
    }

    /// What was read, with the marks of what it was asked with.
    fn read_value(&self, item: &DataItem, value: Value) -> Value {
        value.sensitive_if(item.config.contains_sensitive())
    }

    /// The declaration of a subject, if the spec has it.
    pub(super) fn node_of_subject(&self, subject: &Subject) -> Option<NodeId> {
        use crate::resolve::nodes::Kind;
        match subject {
            Subject::Data(name) => self.nodes.find(Kind::Data, name),
            Subject::Resource(name) => self.nodes.find(Kind::Resource, name),
            Subject::Workload(name) | Subject::Lowered { workload: name, .. } => {
                self.nodes.find(Kind::Workload, name)
            }
            Subject::Output(name) => self.nodes.find(Kind::Output, name),
        }
    }
}

pub(super) fn lifecycle(
    documents: &crate::spec::document::Documents,
    declaration: Declaration,
) -> Option<&Lifecycle> {
    match declaration {
        Declaration::Resource(at) => Some(&documents.resources[at as usize].lifecycle),
        _ => None,
    }
}

/// What a reference to a declaration gives: one value, a tuple of them, or an object by key.
fn assemble(instances: &Instances, values: Vec<(Key, Value)>) -> Value {
    match instances {
        Instances::Disabled | Instances::Single => {
            values.into_iter().next().map_or(Value::NULL, |(_, value)| value)
        }
        Instances::Count(_) => {
            let mut values = values;
            values.sort_by(|a, b| a.0.cmp(&b.0));
            Value::tuple(values.into_iter().map(|(_, value)| value))
        }
        Instances::Each(_) => {
            Value::object(values.into_iter().filter_map(|(key, value)| match key {
                Key::Name(name) => Some((name, value)),
                _ => None,
            }))
        }
    }
}

/// The value with an identity given to every unknown in it that has none: those are the object's own.
fn number_unknowns(value: Value, address: &Address, residuals: &mut Residuals) -> Value {
    if value.is_wholly_known() {
        return value;
    }
    crate::expr::identify_leaves(&value, &Path::default(), &mut |path| {
        residuals.allocate(Residual::Attribute { address: address.clone(), path: path.clone() })
    })
}
