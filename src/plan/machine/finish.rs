//! The end: what is recorded and no longer desired, outputs that are gone, the selection, the plan's body.

use std::sync::Arc;

use mpctl_provider::Value;
use mpctl_provider::contract::Object;
use mpctl_provider::schema::Abilities;

use super::outcome::lifecycle;
use super::{Machine, Next, Selector};
use crate::address::{Address, Key, LocalAddress, Subject};
use crate::diagnostic::{Diagnostic, Severity, code};
use crate::graph::Direction;
use crate::plan::{
    Action, Change, Mode, OutputChange, PlanBody, Reason, ReplaceOrder, Reversibility, reversal,
    steps,
};
use crate::resolve::nodes::{Declaration, NodeId};
use crate::resolve::scope::NodeValue;
use crate::spec::document::Documents;
use crate::state::{Record, ResourceRecord};

impl Machine {
    /// Hands out the plan, or what is wrong.
    pub(super) fn finish(&mut self) -> Next {
        if !self.diagnostics.has_errors() && !self.environments.is_empty() {
            self.superfluous();
            self.deposed_objects();
        }
        if self.diagnostics.has_errors() {
            return Next::Done(None, std::mem::take(&mut self.diagnostics));
        }
        let left_out = self.left_out();
        let mut changes = std::mem::take(&mut self.changes);
        changes.sort_by(|a, b| a.address.cmp(&b.address).then_with(|| a.deposed.cmp(&b.deposed)));
        let mut outputs = std::mem::take(&mut self.outputs);
        outputs.sort_by(|a, b| a.address.cmp(&b.address));
        let mut drift = std::mem::take(&mut self.drift);
        drift.sort_by(|a, b| a.address.cmp(&b.address));
        let windows = self.environments.iter().flat_map(|work| {
            let name = &work.values.name;
            work.max_unavailable
                .iter()
                .map(move |(workload, most)| ((name.clone(), workload.clone()), *most))
        });
        let windows = windows.collect();
        steps::settle_replace_order(&mut changes);
        for change in &mut changes {
            self.never_twice_at_once(change);
        }
        let built = steps::build(&mut changes, &windows);
        for change in &mut changes {
            let abilities = self.abilities(change);
            change.reversibility = reversal::classify(change, abilities);
        }
        let body = PlanBody {
            project: self.input.project.clone(),
            mode: self.input.options.mode,
            environments: self.environment_plans(),
            changes,
            drift,
            outputs,
            steps: built,
            residuals: std::mem::take(&mut self.residuals.found),
            left_out,
            spec_digest: self.input.spec_digest.clone(),
        };
        Next::Done(Some(Box::new(body)), std::mem::take(&mut self.diagnostics))
    }

    /// What the object can do; one that is to be made has only its configuration to tell by.
    fn abilities(&self, change: &Change) -> Option<Abilities> {
        let schema = self.resource_schema(&change.provider, &change.resource_type)?;
        let value = change.before.as_ref().map(|object| &object.value).or(change.config.as_ref());
        Some(schema.abilities_of(value?))
    }

    /// An object that keeps its identity when it is made anew (a file, a process) cannot stand beside itself:
    /// to create it first and delete the old one then would delete the new one.
    fn never_twice_at_once(&self, change: &mut Change) {
        if change.action != Action::Replace(ReplaceOrder::CreateThenDelete) {
            return;
        }
        let id = |value: Option<&Value>| value.and_then(|value| value.get("id")).cloned();
        let before = id(change.before.as_ref().map(|object| &object.value));
        let same = before.is_some() && before == id(change.after.as_ref());
        if same && self.abilities(change).is_some_and(|abilities| abilities.stable_identity) {
            change.action = Action::Replace(ReplaceOrder::DeleteThenCreate);
        }
    }

    /// Records that nothing desires: their objects are deleted, unless the declaration said to leave them.
    fn superfluous(&mut self) {
        if self.input.options.mode == Mode::RefreshOnly {
            return;
        }
        let inputs = std::mem::take(&mut self.input.environments);
        for (at, input) in inputs.iter().enumerate() {
            for (address, record) in &input.state.records {
                if self.environments[at].desired.contains(address)
                    || !self.is_selected(at, &address.subject)
                {
                    continue;
                }
                match record {
                    Record::Resource(record) => {
                        self.superfluous_object(at, input.declared, address, record)
                    }
                    Record::Output(record) => {
                        let address = address.within(&input.name);
                        self.outputs.push(OutputChange {
                            address,
                            before: Some(record.value.clone()),
                            after: None,
                            dependencies: Vec::new(),
                        });
                    }
                }
            }
        }
        self.input.environments = inputs;
    }

    fn superfluous_object(
        &mut self,
        at: usize,
        declared: bool,
        address: &LocalAddress,
        record: &Arc<ResourceRecord>,
    ) {
        let node = self.node_of_subject(&address.subject);
        let failed = node.is_some_and(|node| {
            matches!(
                self.environments[at].values.values[node as usize],
                NodeValue::Failed | NodeValue::Pending
            )
        });
        if failed {
            return;
        }
        let environment = self.environments[at].values.name.clone();
        let prior = match self.environments[at].refreshed.get(address) {
            Some(found) => found.clone(),
            None => record.object.clone(),
        };
        // Gone already: drift says so, and the record goes with it.
        let Some(prior) = prior else { return };
        let documents = self.input.documents.clone();
        let lifecycle =
            node.and_then(|node| lifecycle(&documents, self.nodes.declarations[node as usize]));
        let reason = match declared {
            true => self.why_superfluous(at, address, node, &documents),
            false => Reason::DeleteBecauseNoEnvironment,
        };
        let full = address.within(&environment);
        if let Some((true, span)) = lifecycle.and_then(|l| l.prevent_destroy) {
            let summary = format!("{full} would be destroyed, and `prevent_destroy` forbids it");
            let diagnostic = Diagnostic::error(code::PREVENT_DESTROY, summary)
                .at(span, "set here")
                .address(&full);
            self.diagnostics
                .push(diagnostic.hint("take `prevent_destroy` out if it really has to go"));
            return;
        }
        // With the declaration gone, the record is all that still says so.
        let retained = lifecycle.map_or(record.retain_on_destroy, |l| l.retain_on_destroy)
            || self.is_forgotten(&environment, address);
        let deletion = deletion(full, record, prior, reason);
        self.changes.push(Change {
            previous_address: self.moved[at].get(address).map(|old| old.within(&environment)),
            recorded: deletion.recorded.filter(|record| !record.deposed.is_empty()),
            action: if retained { Action::Forget } else { Action::Delete },
            cause: self.fewer_instances(at, node, reason),
            ..deletion
        });
    }

    /// Old objects that half-done replacements left behind: each is deleted.
    fn deposed_objects(&mut self) {
        if self.input.options.mode == Mode::RefreshOnly {
            return;
        }
        let mut found = Vec::new();
        for (at, input) in self.input.environments.iter().enumerate() {
            for (address, record) in &input.state.records {
                let Record::Resource(record) = record else { continue };
                if record.deposed.is_empty() || !self.is_selected(at, &address.subject) {
                    continue;
                }
                let deposed = record.deposed.iter().map(|deposed| Change {
                    deposed: Some(deposed.key.clone()),
                    ..deletion(
                        address.within(&input.name),
                        record,
                        deposed.object.clone(),
                        Reason::DeleteBecauseDeposed,
                    )
                });
                found.extend(deposed);
            }
        }
        self.changes.extend(found);
    }

    fn why_superfluous(
        &self,
        at: usize,
        address: &LocalAddress,
        node: Option<NodeId>,
        documents: &Documents,
    ) -> Reason {
        if self.input.options.mode == Mode::Destroy {
            return Reason::DeleteBecauseDestroy;
        }
        let Some(node) = node else { return Reason::DeleteBecauseNoResourceConfig };
        if matches!(self.environments[at].values.values[node as usize], NodeValue::Absent) {
            return Reason::DeleteBecauseDisabled;
        }
        let repeated = match self.nodes.declarations[node as usize] {
            Declaration::Resource(at) => documents.resources[at as usize].repetition.as_ref(),
            _ => None,
        };
        use crate::spec::document::Repetition::{Count, ForEach};
        match (&address.key, repeated, &address.subject) {
            (Key::Index(_), _, Subject::Lowered { .. }) => Reason::DeleteBecauseCountIndex,
            (Key::Index(_), Some(Count(_)), _) => Reason::DeleteBecauseCountIndex,
            (Key::Name(_), Some(ForEach(_)), _) => Reason::DeleteBecauseEachKey,
            _ => Reason::DeleteBecauseWrongRepetition,
        }
    }

    /// Whether a `removed` document says to leave the object alone.
    fn is_forgotten(&self, environment: &str, address: &LocalAddress) -> bool {
        self.input.documents.removed.iter().any(|removed| {
            let here = removed
                .environments
                .as_ref()
                .is_none_or(|names| names.iter().any(|name| name.text.as_ref() == environment));
            let named = crate::resolve::nodes::static_reference(&removed.from);
            here && !removed.destroy
                && named.is_some_and(|(kind, name)| {
                    kind.root() == root_of(&address.subject)
                        && name.text == *subject_name(&address.subject)
                })
        })
    }

    /// Which nodes are part of the plan: all, or what the targets need and the excludes leave.
    pub(super) fn selection(&self, environment: &str) -> Vec<bool> {
        let options = &self.input.options;
        let documents = &self.input.documents;
        let named = |selectors: &[Selector]| -> Vec<u32> {
            let nodes = (0..self.nodes.len() as u32).filter(|node| {
                let subject = self.nodes.declarations[*node as usize].subject(documents);
                subject.is_some_and(|subject| {
                    selectors.iter().any(|s| {
                        let owner = s.local.subject.workload().cloned().map(Subject::Workload);
                        let here = s.environment.as_deref().is_none_or(|e| e == environment);
                        here && (s.local.subject == subject
                            || owner.is_some_and(|owner| owner == subject))
                    })
                })
            });
            nodes.collect()
        };
        if options.targets.is_empty() && options.excludes.is_empty() {
            return vec![true; self.nodes.len()];
        }
        // What a thing needs comes with it; when destroying, what needs it has to go first.
        let direction = if options.mode == Mode::Destroy {
            Direction::Dependents
        } else {
            Direction::Dependencies
        };
        let mut included = match options.targets.is_empty() {
            true => vec![true; self.nodes.len()],
            false => self.dag.reach(named(&options.targets), direction),
        };
        let excluded = self.dag.reach(named(&options.excludes), Direction::Dependents);
        for (node, excluded) in excluded.into_iter().enumerate() {
            included[node] &= !excluded;
        }
        for node in 0..self.nodes.len() {
            let needs = &self.nodes.dependencies[node];
            if matches!(self.nodes.declarations[node], Declaration::Output(_)) && !needs.is_empty()
            {
                included[node] = needs.iter().all(|needed| included[*needed as usize]);
            }
        }
        included
    }

    /// What the selection left out; `None` where nothing was selected.
    fn left_out(&mut self) -> Option<Vec<crate::address::Address>> {
        let options = &self.input.options;
        if options.targets.is_empty() && options.excludes.is_empty() {
            return None;
        }
        if let Some(diagnostic) = self.unmatched() {
            self.diagnostics.push(diagnostic);
        }
        let mut addresses = Vec::new();
        for work in &self.environments {
            for (node, declaration) in self.nodes.declarations.iter().enumerate() {
                if work.included[node] || matches!(declaration, Declaration::Output(_)) {
                    continue;
                }
                if let Some(subject) = declaration.subject(&self.input.documents) {
                    addresses.push(LocalAddress::new(subject).within(&work.values.name));
                }
            }
        }
        addresses.sort();
        Some(addresses)
    }

    /// A warning for targets that match nothing.
    fn unmatched(&self) -> Option<Diagnostic> {
        let known = |selector: &Selector| {
            let subject = match selector.local.subject.workload() {
                Some(name) => Subject::Workload(name.clone()),
                None => selector.local.subject.clone(),
            };
            let recorded = self.input.environments.iter().any(|input| {
                input.state.records.keys().any(|address| selector.matches(&input.name, address))
            });
            recorded || self.node_of_subject(&subject).is_some()
        };
        let options = &self.input.options;
        let missing =
            options.targets.iter().chain(&options.excludes).find(|selector| !known(selector))?;
        let summary = format!("`{}` matches nothing", missing.local);
        let names: Vec<String> = self
            .nodes
            .declarations
            .iter()
            .filter_map(|declaration| declaration.subject(&self.input.documents))
            .map(|subject| subject.to_string())
            .collect();
        let text = missing.local.subject.to_string();
        let diagnostic = Diagnostic {
            severity: Severity::Warning,
            ..Diagnostic::error(code::NO_TARGET, summary)
        };
        Some(match crate::diagnostic::nearest(&text, names.iter().map(String::as_str)) {
            Some(close) => diagnostic.hint(format!("did you mean `{close}`?")),
            None => {
                diagnostic.hint("`mpctl state list` and the spec say which addresses there are")
            }
        })
    }
}

/// The deletion of an object that a record tells of.
fn deletion(
    address: Address,
    record: &Arc<ResourceRecord>,
    object: Object,
    reason: Reason,
) -> Change {
    Change {
        address,
        previous_address: None,
        recorded: Some(record.clone()),
        deposed: None,
        resource_type: record.resource_type.clone(),
        provider: record.provider.clone(),
        schema_version: record.schema_version,
        action: Action::Delete,
        reason: Some(reason),
        private: object.private.clone(),
        before: Some(object),
        after: None,
        config: None,
        replace_paths: Vec::new(),
        effects: Vec::new(),
        dependencies: Vec::new(),
        previous_dependencies: record.dependencies.clone(),
        create_before_destroy: record.create_before_destroy,
        retain_on_destroy: record.retain_on_destroy,
        postconditions: Vec::new(),
        cause: Vec::new(),
        wave: 0,
        reversibility: Reversibility::default(),
    }
}

fn root_of(subject: &Subject) -> &'static str {
    match subject {
        Subject::Data(_) => "data",
        Subject::Resource(_) => "resource",
        Subject::Workload(_) | Subject::Lowered { .. } => "workload",
        Subject::Output(_) => "output",
    }
}

fn subject_name(subject: &Subject) -> &Arc<str> {
    subject.workload().unwrap_or_else(|| subject.name())
}
