//! What the planner asks of the outside, and what it is answered: batches for one provider instance each.

use std::sync::Arc;

use mpctl_provider::contract::{
    DataRequest, Instance, InstancesRequest, LowerReply, LowerRequest, Object, PlanReply,
    PlanRequest, ReadRequest, ValidateRequest,
};
use mpctl_provider::{Fault, Value};

/// One batch for one provider instance.
#[derive(Debug)]
pub struct Ask {
    /// The environment whose instance is asked.
    pub environment: Arc<str>,
    /// The instance: `cloud`, `cloud.eu`.
    pub instance: Arc<str>,
    /// What is asked.
    pub call: Call,
}

/// What is asked. Replies come in the same order, one for each request.
#[derive(Debug)]
pub enum Call {
    /// Start with this configuration.
    Configure(Value),
    /// Check configurations.
    Validate(Vec<ValidateRequest>),
    /// Say what objects would become.
    Plan(Vec<PlanRequest>),
    /// Look at real objects.
    Read(Vec<ReadRequest>),
    /// Read data sources.
    ReadData(Vec<DataRequest>),
    /// Say which instances workloads have.
    Instances(Vec<InstancesRequest>),
    /// Turn workloads into resources.
    Lower(Vec<LowerRequest>),
}

impl Call {
    /// What is asked, in a word.
    pub fn name(&self) -> &'static str {
        match self {
            Call::Configure(_) => "configure",
            Call::Validate(_) => "validate",
            Call::Plan(_) => "plan",
            Call::Read(_) => "read",
            Call::ReadData(_) => "read data",
            Call::Instances(_) => "instances",
            Call::Lower(_) => "lower",
        }
    }
}

/// The answer to a [`Call`] of the same name.
#[derive(Debug)]
pub enum Reply {
    /// Started, or not.
    Configure(Result<(), Fault>),
    /// What is wrong with each.
    Validate(Vec<Vec<Fault>>),
    /// What each would become.
    Plan(Vec<Result<PlanReply, Fault>>),
    /// What each is; `None` where it is gone.
    Read(Vec<Result<Option<Object>, Fault>>),
    /// What each says.
    ReadData(Vec<Result<Value, Fault>>),
    /// The instances of each.
    Instances(Vec<Result<Vec<Instance>, Fault>>),
    /// The resources of each.
    Lower(Vec<Result<LowerReply, Fault>>),
}

impl Reply {
    /// How many answers there are; `None` where there is only one question.
    pub fn answers(&self) -> Option<usize> {
        match self {
            Reply::Configure(_) => None,
            Reply::Validate(answers) => Some(answers.len()),
            Reply::Plan(answers) => Some(answers.len()),
            Reply::Read(answers) => Some(answers.len()),
            Reply::ReadData(answers) => Some(answers.len()),
            Reply::Instances(answers) => Some(answers.len()),
            Reply::Lower(answers) => Some(answers.len()),
        }
    }
}
