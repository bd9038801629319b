//! Workloads on their way to resources: the runtime is asked for instances, each instance is evaluated, the
//! runtime lowers them, and the lowered resources join the wave.

use std::sync::Arc;

use mpctl_provider::contract::{
    Instance, InstancesRequest, LowerReply, LowerRequest, LoweredAttribute, WorkloadSpec,
};
use mpctl_provider::value::Entries;
use mpctl_provider::{Fault, Type, Value};

use super::Machine;
use super::start::with_fault;
use super::wave::{Item, Wave};
use crate::address::{Key, LocalAddress, Subject};
use crate::diagnostic::{Diagnostic, code};
use crate::resolve::nodes::NodeId;
use crate::resolve::workload::{self, Shape};
use crate::state::Record;

/// A workload in a wave.
pub(super) struct WorkloadWork {
    /// The environment and the runtime.
    pub place: (usize, Arc<str>),
    /// The declaration.
    pub node: NodeId,
    /// The document, by position.
    pub document: u32,
    /// Replicas and ports.
    pub shape: Shape,
    /// What the runtime answered, with each instance evaluated.
    pub instances: Vec<(Instance, WorkloadSpec)>,
    /// What others see of it.
    pub attributes: Vec<(Arc<str>, LoweredAttribute)>,
    /// The positions of its resources among the wave's items.
    pub items: Vec<usize>,
    /// How many may be down at the same time.
    pub max_unavailable: Option<u64>,
    /// Its failure has been reported.
    pub failed: bool,
    name: Arc<str>,
}

impl WorkloadWork {
    pub(super) fn new(
        place: (usize, Arc<str>),
        node: NodeId,
        document: u32,
        shape: Shape,
    ) -> WorkloadWork {
        WorkloadWork {
            place,
            node,
            document,
            shape,
            instances: Vec::new(),
            attributes: Vec::new(),
            items: Vec::new(),
            max_unavailable: None,
            failed: false,
            name: Arc::from(""),
        }
    }

    pub(super) fn lower_request(&self) -> LowerRequest {
        LowerRequest { workload: self.name.clone(), instances: self.instances.clone() }
    }
}

impl Machine {
    pub(super) fn instances_request(&self, work: &WorkloadWork) -> InstancesRequest {
        let name = self.input.documents.workloads[work.document as usize].name.text.clone();
        let state = &self.input.environments[work.place.0].state;
        let lowered = |address: &LocalAddress| match (&address.subject, &address.key) {
            (Subject::Lowered { workload, .. }, Key::Index(index)) if *workload == name => {
                Some(*index)
            }
            _ => None,
        };
        // Lowered addresses of one workload stand together, and those of the next have another name.
        let first = LocalAddress::new(Subject::Lowered {
            workload: name.clone(),
            resource_type: Arc::from(""),
            name: Arc::from(""),
        });
        let recorded = state.records.range(first..);
        let recorded =
            recorded.take_while(|(address, _)| address.subject.workload() == Some(&name));
        let recorded = recorded.filter_map(|(address, record)| match record {
            Record::Resource(record) => {
                Some((lowered(address)?, record.object.as_ref()?.value.clone()))
            }
            Record::Output(_) => None,
        });
        let recorded = recorded.collect();
        let Shape { replicas, ports } = work.shape.clone();
        InstancesRequest { workload: name, replicas, ports, recorded }
    }

    /// The runtime said which instances there are: each is evaluated.
    pub(super) fn shaped(
        &mut self,
        wave: &mut Wave,
        which: usize,
        answer: Result<Vec<Instance>, Fault>,
    ) {
        let documents = self.input.documents.clone();
        let work = &mut wave.workloads[which];
        let document = &documents.workloads[work.document as usize];
        work.name = document.name.text.clone();
        let instances = match answer {
            Ok(instances) => instances,
            Err(fault) => return self.workload_fault(wave, which, &fault),
        };
        for instance in instances {
            let mut evaluator = self.evaluator(work.place.0);
            match workload::instance(document, &work.shape, &instance, &mut evaluator) {
                Ok(spec) => work.instances.push((instance, spec)),
                Err(errors) => {
                    // The other instances would only repeat the same mistakes.
                    self.diagnostics.append(errors);
                    work.failed = true;
                    wave.failed.insert((work.place.0, work.node));
                    return;
                }
            }
        }
    }

    /// The runtime said what the workload becomes: its resources join the wave.
    pub(super) fn lowered(
        &mut self,
        wave: &mut Wave,
        which: usize,
        answer: Result<LowerReply, Fault>,
    ) {
        let reply = match answer {
            Ok(reply) => reply,
            Err(fault) => return self.workload_fault(wave, which, &fault),
        };
        let documents = self.input.documents.clone();
        let work = &mut wave.workloads[which];
        let (at, runtime) = work.place.clone();
        work.attributes = reply.attributes;
        work.max_unavailable = reply.max_unavailable;
        for resource in reply.resources {
            let address = LocalAddress {
                subject: Subject::Lowered {
                    workload: work.name.clone(),
                    resource_type: resource.resource_type.clone(),
                    name: resource.name,
                },
                key: Key::Index(resource.index),
            };
            let Some(schema) = self.resource_schema(&runtime, &resource.resource_type) else {
                let summary = format!(
                    "runtime `{runtime}` made a resource of the unknown type `{}`",
                    resource.resource_type
                );
                self.diagnostics.push(Diagnostic::error(code::INTERNAL, summary));
                wave.failed.insert((at, work.node));
                continue;
            };
            let config = complete(&resource.config, &schema.block.ty());
            work.items.push(wave.items.len());
            let prior = self.prior(at, &address);
            let record = self.record(at, &address).cloned();
            wave.items.push(Item {
                at,
                node: work.node,
                address,
                instance: runtime.clone(),
                resource_type: resource.resource_type,
                config,
                span: documents.workloads[work.document as usize].name.span,
                each: None,
                prior,
                record,
                reply: None,
                decision: None,
            });
        }
    }

    fn workload_fault(&mut self, wave: &mut Wave, which: usize, fault: &Fault) {
        let documents = self.input.documents.clone();
        let work = &mut wave.workloads[which];
        let document = &documents.workloads[work.document as usize];
        let summary = format!("workload `{}`: {}", document.name.text, fault.summary);
        let diagnostic =
            Diagnostic::error(code::PROVIDER_REFUSED, summary).at(document.name.span, "");
        self.diagnostics.push(with_fault(diagnostic, fault));
        work.failed = true;
        wave.failed.insert((work.place.0, work.node));
    }
}

/// A runtime's configuration made whole: every attribute of the type, unset ones null, each converted.
fn complete(config: &Value, ty: &Type) -> Value {
    let Type::Object(object) = ty else { return config.clone() };
    let entries = object.attributes.iter().map(|(name, ty)| {
        let value = config.get(name).cloned().unwrap_or_else(|| Value::Null(ty.clone()));
        let converted = value.convert(ty).unwrap_or(value);
        (name.clone(), converted)
    });
    Value::Object(Arc::new(entries.collect::<Entries>()))
}

/// What `workload.NAME` gives, from the planned values of its resources.
pub(super) fn value_of(attributes: &[(Arc<str>, LoweredAttribute)], resources: &[Value]) -> Value {
    Value::object(
        attributes.iter().map(|(name, attribute)| (name.clone(), resolve(attribute, resources))),
    )
}

fn resolve(attribute: &LoweredAttribute, resources: &[Value]) -> Value {
    match attribute {
        LoweredAttribute::Value(value) => value.clone(),
        LoweredAttribute::Of { resource, path } => resources
            .get(*resource)
            .and_then(|value| path.of(value))
            .cloned()
            .unwrap_or(Value::NULL),
        LoweredAttribute::List(items) => {
            Value::tuple(items.iter().map(|item| resolve(item, resources)))
        }
    }
}
