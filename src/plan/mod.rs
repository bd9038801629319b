//! Planning: what has to happen so that the world is as the spec says, as data.
//!
//! [`machine`] is the planner; [`model`] what it makes. Both are pure: the same input and the same replies
//! give the same plan.

pub mod decide;
pub mod file;
pub mod machine;
pub mod model;
pub mod reason;
pub mod reversal;
pub mod steps;

pub use model::{
    Action, Change, Drift, EnvironmentPlan, Mode, OutputChange, Plan, PlanBody, Postcondition,
    ProviderBinding, ReplaceOrder, Reversibility, ReversibilityClass, Step, StepId, StepKind,
};
pub use reason::{Cause, CauseKind, CauseRange, Reason};
