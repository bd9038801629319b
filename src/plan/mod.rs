//! Planning: what has to happen so that the world is as the spec says, as data.

pub mod model;
pub mod reason;

pub use model::{
    Action, Change, Drift, EnvironmentPlan, Mode, OutputChange, Plan, PlanBody, ProviderBinding,
    ReplaceOrder, Reversibility, ReversibilityClass, Step, StepId, StepKind,
};
pub use reason::{Cause, CauseKind, CauseRange, Reason};
