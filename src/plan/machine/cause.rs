//! Why something changes: from the attribute that differs to the place where its value is written.
//!
//! For each change the first attribute that differs is followed: its expression, then the variable, local or
//! changing object that the expression takes its value from. A source line that holds something sensitive is
//! named and never quoted. Places are those of the present spec.

use std::sync::Arc;

use mpctl_provider::{Path, PathStep, Value};

use super::Machine;
use super::wave::Item;
use super::written::narrow;
use crate::address::LocalAddress;
use crate::expr::references::{FreeReference, references};
use crate::plan::{Action, Cause, CauseKind, CauseRange, Reason};
use crate::resolve::nodes::{Declaration, Kind, NodeId};
use crate::resolve::variables::Origin;
use crate::resolve::workload;
use crate::source::Span;
use crate::spec::document::Repetition;
use crate::spec::syntax::Expr;

/// How many links a chain has at most: locals may refer to locals.
const LONGEST_CHAIN: usize = 8;

/// What a change's cause is worked out from.
pub(super) struct Changed<'a> {
    pub(super) item: &'a Item,
    pub(super) action: Action,
    pub(super) reason: Option<Reason>,
    pub(super) replace_paths: &'a [Path],
    pub(super) before: Option<&'a Value>,
    pub(super) after: &'a Value,
}

impl Machine {
    /// The chain of causes of a change; empty for what does not change.
    pub(super) fn causes(&self, changed: &Changed<'_>) -> Vec<Cause> {
        let place = |span| self.range(span);
        match (changed.action, changed.reason) {
            (Action::NoOp | Action::Delete | Action::Forget, _) => Vec::new(),
            (_, Some(Reason::ReplaceByTriggers)) => {
                let subject = Some(Arc::from("replace_triggered_by"));
                let range = place(changed.item.span);
                vec![Cause {
                    kind: CauseKind::Upstream,
                    path: None,
                    expression: None,
                    subject,
                    range,
                }]
            }
            (_, Some(Reason::ReplaceByRequest)) => {
                let subject = Some(Arc::from("--replace"));
                vec![Cause {
                    kind: CauseKind::Requested,
                    path: None,
                    expression: None,
                    subject,
                    range: None,
                }]
            }
            (Action::Create, None) if self.has_recorded_siblings(changed.item) => {
                let shape = self.shape(changed.item.at, changed.item.node);
                shape.unwrap_or_else(|| vec![self.declared(changed.item)])
            }
            (Action::Create | Action::Read, reason) => {
                let gone = reason == Some(Reason::CreateBecauseGone);
                let kind = if gone { CauseKind::Drift } else { CauseKind::Config };
                let range = place(changed.item.span);
                vec![Cause { kind, path: None, expression: None, subject: None, range }]
            }
            (_, Some(Reason::UpdateBecauseDrift)) => {
                let path = self.first_difference(changed).map(|name| name.to_string());
                let range = place(changed.item.span);
                vec![Cause { kind: CauseKind::Drift, path, expression: None, subject: None, range }]
            }
            _ => self.attribute_cause(changed),
        }
    }

    /// The declaration itself.
    fn declared(&self, item: &Item) -> Cause {
        let range = self.range(item.span);
        Cause { kind: CauseKind::Config, path: None, expression: None, subject: None, range }
    }

    /// Whether another instance of the same declaration is recorded.
    fn has_recorded_siblings(&self, item: &Item) -> bool {
        let subject = &item.address.subject;
        let first = LocalAddress::new(subject.clone());
        let records = &self.input.environments[item.at].state.records;
        records.range(first..).next().is_some_and(|(address, _)| address.subject == *subject)
    }

    fn range(&self, span: Span) -> Option<CauseRange> {
        let source = self.input.sources.get(span.file)?;
        Some(CauseRange { filename: source.name.clone(), start: source.position(span.start) })
    }

    /// The attribute that made a replacement necessary, else the first that the user decides and that differs.
    fn first_difference(&self, changed: &Changed<'_>) -> Option<Arc<str>> {
        if let Some(PathStep::Key(name)) =
            changed.replace_paths.first().and_then(|path| path.0.first())
        {
            return Some(name.clone());
        }
        let differs = |name: &&Arc<str>| {
            changed.before.and_then(|before| before.get(name)) != changed.after.get(name)
        };
        let given =
            |name: &&Arc<str>| changed.item.config.get(name).is_some_and(|value| !value.is_null());
        let names: Vec<&Arc<str>> =
            changed.after.as_entries()?.iter().map(|(name, _)| name).collect();
        let found = names.iter().copied().find(|name| differs(name) && given(name));
        found.or_else(|| names.into_iter().find(differs)).cloned()
    }

    fn attribute_cause(&self, changed: &Changed<'_>) -> Vec<Cause> {
        let Some(name) = self.first_difference(changed) else { return Vec::new() };
        let before = changed.before.and_then(|before| before.get(&name));
        let after = changed.after.get(&name);
        let places = self.expressions_of(changed.item, &name);
        let Some((expression, path)) = narrow(places, Path::attribute(name.clone()), before, after)
        else {
            return vec![Cause { path: Some(name.to_string()), ..self.declared(changed.item) }];
        };
        let sensitive = |value: Option<&Value>| value.is_some_and(Value::contains_sensitive);
        let text = (!sensitive(before) && !sensitive(after))
            .then(|| self.input.sources.text(expression.span))
            .filter(|text| !text.is_empty());
        let mut chain = vec![Cause {
            kind: CauseKind::Config,
            path: Some(path.to_string()),
            expression: text.map(Arc::from),
            subject: None,
            range: self.range(expression.span),
        }];
        self.follow(changed.item.at, Some(changed.item), expression, &mut chain);
        chain
    }

    /// Where the user wrote the attribute: the environment's override of a workload before its own.
    fn expressions_of(&self, item: &Item, name: &str) -> Vec<&Expr> {
        let documents = &self.input.documents;
        match self.nodes.declarations[item.node as usize] {
            Declaration::Resource(at) => {
                let attributes = documents.resources[at as usize].config.attributes.iter();
                let named = attributes.filter(|attribute| attribute.name.text.as_ref() == name);
                named.map(|attribute| &attribute.value).collect()
            }
            Declaration::Workload(at) => {
                let environment = &self.environments[item.at].values.name;
                let workload = &documents.workloads[at as usize];
                let mut places: Vec<&Expr> =
                    workload::written(workload, environment, name).collect();
                places.reverse();
                places
            }
            _ => Vec::new(),
        }
    }

    /// Follows the expression to what its value comes from: something that changes, else a variable. `own` is what
    /// `self` stands for.
    fn follow(&self, at: usize, own: Option<&Item>, expression: &Expr, chain: &mut Vec<Cause>) {
        if chain.len() >= LONGEST_CHAIN {
            return;
        }
        let found: Vec<FreeReference<'_>> = references(expression).collect();
        let changing = found.iter().find(|reference| {
            let node = Kind::of_root(reference.root).zip(reference.name(0));
            let node = node.and_then(|(kind, name)| self.nodes.find(kind, name));
            node.is_some_and(|node| self.environments[at].changing[node as usize])
        });
        let variable = || {
            found
                .iter()
                .find(|reference| matches!(reference.root.as_ref(), "var" | "local" | "self"))
        };
        let Some(reference) = changing.or_else(variable) else { return };
        let Some(name) = reference.name(0) else { return };
        match reference.root.as_ref() {
            "var" => self.variable_cause(at, name, chain),
            "local" => {
                let Some(node) = self.nodes.find(Kind::Local, name) else { return };
                let Declaration::Local(local) = self.nodes.declarations[node as usize] else {
                    return;
                };
                let local = &self.input.documents.locals[local as usize];
                chain.push(Cause {
                    kind: CauseKind::Local,
                    path: None,
                    expression: None,
                    subject: Some(format!("local.{name}").into()),
                    range: self.range(local.value.span),
                });
                self.follow(at, own, &local.value, chain);
            }
            "self" => {
                let Some(item) = own else { return };
                // `self.ports.http` is `ports`; a part of it is not looked for, since all of it is short.
                if let Some(expression) = self.expressions_of(item, name).first() {
                    self.follow(at, None, expression, chain);
                }
            }
            root => chain.push(Cause {
                kind: CauseKind::Upstream,
                path: None,
                expression: None,
                subject: Some(format!("{root}.{name}").into()),
                range: None,
            }),
        }
    }

    fn variable_cause(&self, at: usize, name: &str, chain: &mut Vec<Cause>) {
        let Some(given) = self.environments[at].values.variables.get(name) else { return };
        let (subject, range) = match given.origin {
            Origin::Spec(span) => (format!("var.{name}"), self.range(span)),
            Origin::Process => (format!("MPCTL_VAR_{name}"), None),
            Origin::Flag => (format!("--var {name}"), None),
        };
        let subject = Some(subject.into());
        chain.push(Cause {
            kind: CauseKind::Variable,
            path: None,
            expression: None,
            subject,
            range,
        });
    }

    /// Why an instance is superfluous, where the declaration is there and has fewer of them now.
    pub(super) fn fewer_instances(
        &self,
        at: usize,
        node: Option<NodeId>,
        reason: Reason,
    ) -> Vec<Cause> {
        let fewer =
            matches!(reason, Reason::DeleteBecauseCountIndex | Reason::DeleteBecauseEachKey);
        node.filter(|_| fewer).and_then(|node| self.shape(at, node)).unwrap_or_default()
    }

    /// What decides how many instances a declaration has, if it is written.
    fn shape(&self, at: usize, node: NodeId) -> Option<Vec<Cause>> {
        let documents = &self.input.documents;
        let (name, expression) = match self.nodes.declarations[node as usize] {
            Declaration::Resource(at) => {
                match documents.resources[at as usize].repetition.as_ref()? {
                    Repetition::Count(expression) => ("count", expression),
                    Repetition::ForEach(expression) => ("for_each", expression),
                }
            }
            Declaration::Workload(workload) => {
                let environment = &self.environments[at].values.name;
                let workload = &documents.workloads[workload as usize];
                ("replicas", workload::written(workload, environment, "replicas").last()?)
            }
            _ => return None,
        };
        let text = self.input.sources.text(expression.span);
        let mut chain = vec![Cause {
            kind: CauseKind::Config,
            path: Some(name.to_owned()),
            expression: (!text.is_empty()).then(|| text.into()),
            subject: None,
            range: self.range(expression.span),
        }];
        self.follow(at, None, expression, &mut chain);
        Some(chain)
    }
}
