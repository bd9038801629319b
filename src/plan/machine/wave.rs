//! A wave: all declarations that can be worked out now, from evaluation to their planned values.
//!
//! It has four rounds, each skipped where it has nothing to ask: the shapes of workloads, their lowering, the
//! plans of all instances together with the reading of data, and a second plan for what is replaced, which
//! starts from nothing.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use mpctl_provider::Value;
use mpctl_provider::contract::{DataRequest, Object, PlanReply, PlanRequest, ValidateRequest};
use mpctl_provider::proposal::proposed;
use mpctl_provider::schema::ResourceSchema;

use super::start::{provider_of, with_fault};
use super::workloads::WorkloadWork;
use super::{Ask, Call, Machine, Next, Reply, Stage};
use crate::address::{Address, LocalAddress};
use crate::diagnostic::{Diagnostic, code};
use crate::plan::decide::{Situation, decide};
use crate::plan::{Action, Reason};
use crate::resolve::nodes::NodeId;
use crate::resolve::repetition::Instances;
use crate::source::Span;
use crate::state::{ResourceRecord, Status};
use mpctl_provider::Path;

/// A wave under way.
#[derive(Default)]
pub(super) struct Wave {
    /// The nodes in it, with their instances.
    pub nodes: Vec<WaveNode>,
    /// Workloads among them.
    pub workloads: Vec<WorkloadWork>,
    /// Instances to plan.
    pub items: Vec<Item>,
    /// Data to read now.
    pub data: Vec<DataItem>,
    /// Nodes whose failure has been reported.
    pub failed: HashSet<(usize, NodeId)>,
    round: Round,
    asked: Vec<Asked>,
}

/// A node of the wave.
pub(super) struct WaveNode {
    pub at: usize,
    pub node: NodeId,
    pub instances: Instances,
}

/// An instance to plan.
pub(super) struct Item {
    /// The environment, by position.
    pub at: usize,
    /// The declaration.
    pub node: NodeId,
    /// The object.
    pub address: LocalAddress,
    /// The provider instance.
    pub instance: Arc<str>,
    /// The type.
    pub resource_type: Arc<str>,
    /// What the user wrote.
    pub config: Value,
    /// Where that is.
    pub span: Span,
    /// What `each.value` is for it.
    pub each: Option<Value>,
    /// The object as it is, as far as is known.
    pub prior: Option<Object>,
    /// Its record.
    pub record: Option<Arc<ResourceRecord>>,
    /// What the provider promises.
    pub reply: Option<PlanReply>,
    /// What is to be done.
    pub decision: Option<(Action, Option<Reason>, Vec<Path>)>,
}

/// A data source to read.
pub(super) struct DataItem {
    pub at: usize,
    pub node: NodeId,
    pub address: LocalAddress,
    pub instance: Arc<str>,
    pub source_type: Arc<str>,
    pub config: Value,
    pub span: Span,
    pub value: Option<Value>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Round {
    #[default]
    Shapes,
    Lowering,
    Plans,
    Replans,
    Over,
}

/// What an ask was about: positions in the wave's lists.
enum Asked {
    Workloads(Vec<usize>),
    Validation(Vec<usize>),
    Items(Vec<usize>),
    Data(Vec<usize>),
}

impl Asked {
    /// How many requests there were.
    fn len(&self) -> usize {
        match self {
            Asked::Workloads(which)
            | Asked::Validation(which)
            | Asked::Items(which)
            | Asked::Data(which) => which.len(),
        }
    }
}

impl Machine {
    /// Starts the next wave, or ends where there is none.
    pub(super) fn next_wave(&mut self) -> Next {
        let mut wave = Wave::default();
        self.gather(&mut wave);
        if wave.nodes.is_empty() {
            return self.finish();
        }
        self.go_on(wave)
    }

    /// Asks what the next round of the wave needs to know.
    pub(super) fn go_on(&mut self, mut wave: Wave) -> Next {
        loop {
            let asks = match wave.round {
                Round::Shapes => self.ask_shapes(&mut wave),
                Round::Lowering => self.ask_lowering(&mut wave),
                Round::Plans => self.ask_plans(&mut wave),
                Round::Replans => self.ask_replans(&mut wave),
                Round::Over => {
                    self.complete(wave);
                    return self.next_wave();
                }
            };
            if !asks.is_empty() {
                self.stage = Stage::Wave(Box::new(wave));
                return Next::Ask(asks);
            }
            wave.round = wave.round.following();
        }
    }

    /// Takes the answers of a round.
    pub(super) fn wave_answered(&mut self, mut wave: Wave, replies: Vec<Reply>) {
        let asked = std::mem::take(&mut wave.asked);
        for (asked, reply) in asked.into_iter().zip(replies) {
            if reply.answers() != Some(asked.len()) {
                // An object without an answer must not look like one that nobody wants.
                let given = reply.answers().unwrap_or(1);
                let summary =
                    format!("a provider gave {given} answers to {} requests", asked.len());
                self.diagnostics.push(Diagnostic::error(code::PROVIDER_FAILED, summary));
                continue;
            }
            match (asked, reply) {
                (Asked::Workloads(which), Reply::Instances(answers)) => {
                    for (at, answer) in which.into_iter().zip(answers) {
                        self.shaped(&mut wave, at, answer);
                    }
                }
                (Asked::Workloads(which), Reply::Lower(answers)) => {
                    for (at, answer) in which.into_iter().zip(answers) {
                        self.lowered(&mut wave, at, answer);
                    }
                }
                (Asked::Validation(which), Reply::Validate(answers)) => {
                    for (at, faults) in which.into_iter().zip(answers) {
                        for fault in &faults {
                            self.item_fault(&mut wave, at, fault);
                        }
                    }
                }
                (Asked::Items(which), Reply::Plan(answers)) => {
                    for (at, answer) in which.into_iter().zip(answers) {
                        match answer {
                            Ok(reply) => self.planned(&mut wave, at, reply),
                            Err(fault) => self.item_fault(&mut wave, at, &fault),
                        }
                    }
                }
                (Asked::Data(which), Reply::ReadData(answers)) => {
                    for (at, answer) in which.into_iter().zip(answers) {
                        match answer {
                            Ok(value) => wave.data[at].value = Some(value),
                            Err(fault) => self.data_fault(&mut wave, at, &fault),
                        }
                    }
                }
                _ => self.diagnostics.push(Diagnostic::error(
                    code::INTERNAL,
                    "a provider's answer does not belong to what it was asked",
                )),
            }
        }
        wave.round = wave.round.following();
        self.stage = Stage::Wave(Box::new(wave));
    }

    fn ask_shapes(&mut self, wave: &mut Wave) -> Vec<Ask> {
        let which: Vec<usize> = (0..wave.workloads.len()).collect();
        self.batches(
            wave,
            which,
            |wave, at| &wave.workloads[at].place,
            |machine, wave, which| {
                let requests = which
                    .iter()
                    .map(|at| machine.instances_request(&wave.workloads[*at]))
                    .collect();
                (Call::Instances(requests), Asked::Workloads(which))
            },
        )
    }

    fn ask_lowering(&mut self, wave: &mut Wave) -> Vec<Ask> {
        let which: Vec<usize> =
            (0..wave.workloads.len()).filter(|at| !wave.workloads[*at].failed).collect();
        self.batches(
            wave,
            which,
            |wave, at| &wave.workloads[at].place,
            |_, wave, which| {
                let requests = which.iter().map(|at| wave.workloads[*at].lower_request()).collect();
                (Call::Lower(requests), Asked::Workloads(which))
            },
        )
    }

    fn ask_plans(&mut self, wave: &mut Wave) -> Vec<Ask> {
        let all: Vec<usize> = (0..wave.items.len()).collect();
        let place = |wave: &Wave, at: usize| (wave.items[at].at, wave.items[at].instance.clone());
        let mut asks = self.batches_by(wave, all.clone(), place, |_, wave, which| {
            let requests = which.iter().map(|at| {
                let item = &wave.items[*at];
                ValidateRequest {
                    resource_type: item.resource_type.clone(),
                    config: item.config.clone(),
                }
            });
            (Call::Validate(requests.collect()), Asked::Validation(which))
        });
        asks.extend(self.batches_by(wave, all, place, |machine, wave, which| {
            let requests =
                which.iter().map(|at| machine.plan_request(&wave.items[*at], false)).collect();
            (Call::Plan(requests), Asked::Items(which))
        }));
        let data: Vec<usize> = (0..wave.data.len()).collect();
        let place = |wave: &Wave, at: usize| (wave.data[at].at, wave.data[at].instance.clone());
        asks.extend(self.batches_by(wave, data, place, |_, wave, which| {
            let requests = which.iter().map(|at| {
                let item = &wave.data[*at];
                DataRequest { source_type: item.source_type.clone(), config: item.config.clone() }
            });
            (Call::ReadData(requests.collect()), Asked::Data(which))
        }));
        asks
    }

    fn ask_replans(&mut self, wave: &mut Wave) -> Vec<Ask> {
        let replaced =
            |at: &usize| matches!(&wave.items[*at].decision, Some((Action::Replace(_), _, _)));
        let which: Vec<usize> = (0..wave.items.len()).filter(replaced).collect();
        let place = |wave: &Wave, at: usize| (wave.items[at].at, wave.items[at].instance.clone());
        self.batches_by(wave, which, place, |machine, wave, which| {
            let requests =
                which.iter().map(|at| machine.plan_request(&wave.items[*at], true)).collect();
            (Call::Plan(requests), Asked::Items(which))
        })
    }

    fn batches(
        &mut self,
        wave: &mut Wave,
        which: Vec<usize>,
        place: impl Fn(&Wave, usize) -> &(usize, Arc<str>),
        make: impl Fn(&Machine, &Wave, Vec<usize>) -> (Call, Asked),
    ) -> Vec<Ask> {
        self.batches_by(wave, which, |wave, at| place(wave, at).clone(), make)
    }

    /// Groups positions by environment and provider instance and makes one ask of each group.
    fn batches_by(
        &mut self,
        wave: &mut Wave,
        which: Vec<usize>,
        place: impl Fn(&Wave, usize) -> (usize, Arc<str>),
        make: impl Fn(&Machine, &Wave, Vec<usize>) -> (Call, Asked),
    ) -> Vec<Ask> {
        let mut groups: BTreeMap<(usize, Arc<str>), Vec<usize>> = BTreeMap::new();
        for at in which {
            groups.entry(place(wave, at)).or_default().push(at);
        }
        let mut asks = Vec::with_capacity(groups.len());
        for ((at, instance), which) in groups {
            let (call, asked) = make(self, wave, which);
            asks.push(Ask {
                environment: self.environments[at].values.name.clone(),
                instance,
                call,
            });
            wave.asked.push(asked);
        }
        asks
    }

    /// The schema of a resource type of a provider instance.
    pub(super) fn resource_schema(
        &self,
        instance: &str,
        resource_type: &str,
    ) -> Option<&ResourceSchema> {
        self.input.schemas.get(provider_of(instance))?.resources.get(resource_type)
    }

    fn plan_request(&self, item: &Item, anew: bool) -> PlanRequest {
        let prior = if anew { None } else { item.prior.clone() };
        let schema = self.resource_schema(&item.instance, &item.resource_type);
        let proposed = match schema {
            Some(schema) => proposed(&schema.block, prior.as_ref().map(|p| &p.value), &item.config),
            None => item.config.clone(),
        };
        PlanRequest {
            resource_type: item.resource_type.clone(),
            prior,
            config: item.config.clone(),
            proposed,
        }
    }

    fn planned(&mut self, wave: &mut Wave, at: usize, reply: PlanReply) {
        if wave.items[at].decision.is_some() {
            // The second plan of a replacement: only the promise is new.
            wave.items[at].reply = Some(reply);
            return;
        }
        let item = &wave.items[at];
        let record = item.record.as_ref();
        let environment = &self.environments[item.at].values.name;
        let named = |address: &Address| {
            address.environment == *environment && address.local == item.address
        };
        let requested = if self.input.options.replace.iter().any(named) {
            Some(Reason::ReplaceByRequest)
        } else {
            self.is_triggered(item).then_some(Reason::ReplaceByTriggers)
        };
        let situation = Situation {
            prior: item.prior.as_ref(),
            recorded: record.and_then(|r| r.object.as_ref()).map(|o| &o.value),
            status: record.map_or(Status::Ready, |r| r.status),
            requested,
        };
        let decision = decide(&situation, &reply);
        let item = &mut wave.items[at];
        item.decision = Some(decision);
        item.reply = Some(reply);
    }

    fn item_fault(&mut self, wave: &mut Wave, at: usize, fault: &mpctl_provider::Fault) {
        let item = &wave.items[at];
        let full = item.address.within(&self.environments[item.at].values.name);
        let place = match &fault.attribute {
            Some(path) => format!("`{path}` of {full}"),
            None => full.to_string(),
        };
        let diagnostic =
            Diagnostic::error(code::PROVIDER_REFUSED, format!("{place}: {}", fault.summary));
        let diagnostic = diagnostic.at(item.span, "").address(full);
        // Validation and planning may well find the same thing.
        let diagnostic = with_fault(diagnostic, fault);
        if !self.diagnostics.iter().any(|known| *known == diagnostic) {
            self.diagnostics.push(diagnostic);
        }
        wave.failed.insert((item.at, item.node));
    }

    fn data_fault(&mut self, wave: &mut Wave, at: usize, fault: &mpctl_provider::Fault) {
        let item = &wave.data[at];
        let full = item.address.within(&self.environments[item.at].values.name);
        let summary = format!("cannot read {full}: {}", fault.summary);
        let diagnostic =
            Diagnostic::error(code::PROVIDER_FAILED, summary).at(item.span, "").address(full);
        self.diagnostics.push(with_fault(diagnostic, fault));
        wave.failed.insert((item.at, item.node));
    }
}

impl Round {
    fn following(self) -> Round {
        match self {
            Round::Shapes => Round::Lowering,
            Round::Lowering => Round::Plans,
            Round::Plans => Round::Replans,
            Round::Replans | Round::Over => Round::Over,
        }
    }
}
