//! The planner: resolving and planning as one resumable machine without I/O.
//!
//! [`Machine::advance`] hands out batches of questions to providers; [`Machine::answer`] takes the replies; in
//! between everything is synchronous and pure. It goes in waves: all declarations whose dependencies are
//! worked out are evaluated together, and their instances are planned in one batch per provider. So a project
//! needs as many rounds as it is deep, whatever its width.
//!
//! It keeps true: the outcome depends on the input and the replies alone, not on the order of files, of
//! hashing or of threads; every mistake that does not hide another is reported; after an error nothing
//! that depends on it is evaluated.

mod adopt;
mod ask;
mod cause;
mod finish;
mod input;
mod outcome;
mod postcondition;
mod ready;
mod start;
mod trigger;
mod wave;
mod workloads;
mod written;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use mpctl_provider::Value;
use mpctl_provider::contract::Object;

use crate::address::{Key, LocalAddress};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity, code};
use crate::graph::Dag;
use crate::plan::{Change, Drift, EnvironmentPlan, OutputChange, PlanBody};
use crate::resolve::nodes::{NodeId, Nodes};
use crate::resolve::residuals::Residuals;
use crate::resolve::scope::EnvironmentValues;

pub use ask::{Ask, Call, Reply};
pub use input::{EnvironmentInput, Options, PlanInput, Selector};

/// What the machine wants next.
#[derive(Debug)]
pub enum Next {
    /// Answers to these; independent of each other.
    Ask(Vec<Ask>),
    /// Nothing more: the plan, unless something is wrong, and what there is to say.
    Done(Option<Box<PlanBody>>, Diagnostics),
}

/// The planner in the middle of its work.
pub struct Machine {
    input: PlanInput,
    nodes: Nodes,
    dag: Dag,
    environments: Vec<EnvironmentWork>,
    residuals: Residuals,
    diagnostics: Diagnostics,
    /// How many errors the references had before anything was worked out.
    errors_in_references: usize,
    stage: Stage,
    changes: Vec<Change>,
    drift: Vec<Drift>,
    outputs: Vec<OutputChange>,
    /// Data whose reading is put off to apply: the node, the instance, the value that dependents see.
    deferred: Vec<((usize, NodeId), Key, Value)>,
    /// Where records were that a `moved` gave a new address, for each environment.
    moved: Vec<adopt::MovedFrom>,
}

/// Where the machine stands.
enum Stage {
    /// Nothing has been asked.
    Start,
    /// Providers are being configured.
    Configuring(Vec<(usize, Arc<str>)>),
    /// They have been.
    Configured,
    /// Real objects are being read: which, for each ask.
    Refreshing(Vec<(usize, Vec<LocalAddress>)>),
    /// What there is to know of the world is known.
    Observed,
    /// A wave is under way.
    Wave(Box<wave::Wave>),
    /// Everything has been handed out.
    Done,
}

/// One environment in the middle of the work.
struct EnvironmentWork {
    /// The values that references see.
    values: EnvironmentValues,
    /// What goes into the plan.
    plan: EnvironmentPlan,
    /// What refresh found, where it differs from the record; `None` where the object is gone.
    refreshed: HashMap<LocalAddress, Option<Object>>,
    /// How many dependencies of each node are not worked out.
    missing: Vec<u32>,
    /// Whether a node, or anything that it stands for, changes in this plan.
    changing: Vec<bool>,
    /// Whether a node is part of this plan: the selection of `--target` and `--exclude`.
    included: Vec<bool>,
    /// Whether a replacement of a node creates before it destroys.
    creates_first: Vec<bool>,
    /// Instances that are desired, so that what is recorded beside them is known to be superfluous.
    desired: HashSet<LocalAddress>,
    /// Nodes that can be worked out now.
    ready: Vec<NodeId>,
    /// The changes, by position, that update or replace an instance of a node.
    touched: HashMap<NodeId, Vec<usize>>,
    /// How many instances of a workload may be down at the same time, by the workload's name.
    max_unavailable: HashMap<Arc<str>, u64>,
}

impl Machine {
    /// A machine that will plan `input`.
    pub fn new(input: PlanInput) -> Machine {
        let mut diagnostics = Diagnostics::default();
        let nodes = Nodes::build(&input.documents, &mut diagnostics);
        let moved = vec![adopt::MovedFrom::new(); input.environments.len()];
        let edges = nodes.dependencies.iter().enumerate();
        let edges =
            edges.flat_map(|(node, needs)| needs.iter().map(move |needed| (node as u32, *needed)));
        let dag = Dag::new(nodes.len(), edges);
        Machine {
            input,
            nodes,
            dag,
            environments: Vec::new(),
            residuals: Residuals::default(),
            diagnostics,
            errors_in_references: 0,
            stage: Stage::Start,
            changes: Vec::new(),
            drift: Vec::new(),
            outputs: Vec::new(),
            deferred: Vec::new(),
            moved,
        }
    }

    /// What is wanted next. Between two calls of it, the asks of the first have to be answered.
    pub fn advance(&mut self) -> Next {
        match std::mem::replace(&mut self.stage, Stage::Done) {
            Stage::Start => self.start(),
            Stage::Configured => self.refresh(),
            Stage::Observed => self.next_wave(),
            Stage::Wave(wave) => self.go_on(*wave),
            Stage::Configuring(_) | Stage::Refreshing(_) | Stage::Done => self.finish(),
        }
    }

    /// Takes the answers to all asks of the last [`Machine::advance`], in their order.
    pub fn answer(&mut self, replies: Vec<Reply>) {
        match std::mem::replace(&mut self.stage, Stage::Done) {
            Stage::Configuring(asked) => self.configured(asked, replies),
            Stage::Refreshing(asked) => self.observed(asked, replies),
            Stage::Wave(wave) => self.wave_answered(*wave, replies),
            stage => self.stage = stage,
        }
    }

    fn start(&mut self) -> Next {
        let mut cyclic = false;
        for cycle in self.dag.cycles() {
            let diagnostic = self.cycle(cycle.members());
            self.diagnostics.push(diagnostic);
            cyclic = true;
        }
        if cyclic {
            return self.finish();
        }
        self.adopt();
        self.errors_in_references = self.diagnostics.count(Severity::Error);
        if self.errors_in_references > 0 {
            // There will be no plan, but every other mistake is still to be told: from the spec alone.
            self.input.options.offline = true;
            self.input.options.refresh = false;
        }
        self.open_environments();
        self.configure()
    }

    /// Whether more is wrong than references, so that going on would only add to it.
    fn has_further_errors(&self) -> bool {
        self.diagnostics.count(Severity::Error) > self.errors_in_references
    }

    fn cycle(&self, members: &[NodeId]) -> Diagnostic {
        let documents = &self.input.documents;
        let name = |node: &NodeId| {
            let declaration = self.nodes.declarations[*node as usize];
            format!("{}.{}", declaration.kind().root(), declaration.name(documents).text)
        };
        let names: Vec<String> = members.iter().map(name).collect();
        let round =
            names.iter().chain(names.first()).map(String::as_str).collect::<Vec<_>>().join(" → ");
        let mut diagnostic = Diagnostic::error(
            code::CYCLE,
            format!("these refer to each other in a circle: {round}"),
        );
        for (at, node) in members.iter().enumerate() {
            let next = &names[(at + 1) % names.len()];
            let place = self.nodes.declarations[*node as usize].name(documents).span;
            diagnostic = diagnostic.at(place, format!("{} needs {next}", names[at]));
        }
        diagnostic
            .hint("take one of the references out, or split what both sides need into a third")
    }

    /// The environments of the plan, by name.
    fn environment_plans(&mut self) -> BTreeMap<Arc<str>, EnvironmentPlan> {
        let plans = self.environments.iter_mut();
        plans.map(|work| (work.values.name.clone(), std::mem::take(&mut work.plan))).collect()
    }
}
