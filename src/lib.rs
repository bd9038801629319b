//! mpctl: a declarative planner. This is the map.
//!
//! Data moves one way; the plan is complete; apply decides nothing.
//!
//! ```text
//! files ─ ops::read_spec ─▶ spec ─▶ Documents ┐
//! store ─ ops::project ───▶ state ─▶ State ───┴▶ plan::machine ⇄ providers ─▶ Plan
//! Plan ─▶ render, plan::file
//! Plan ─▶ apply::executor ⇄ journal, providers ─▶ outcomes ─▶ ops::apply ─▶ store, one version on
//! ```
//!
//! * [`spec`]: what the user wrote. Both spellings become one syntax tree, and that typed documents.
//! * [`expr`]: the expression language over that tree: unknown and sensitive values, functions, residuals.
//! * [`resolve`]: documents and an environment to what is desired.
//! * [`graph`]: numbered DAGs; a leaf that knows nothing of the rest.
//! * [`state`]: what is recorded of each object, and how sensitive values are kept.
//! * [`plan`]: the planner, one resumable machine without I/O; the plan as data and as a file.
//! * [`apply`]: carries a plan out, journalled.
//! * [`ops`]: use cases, one file each. Files, stores and providers are reached from here and nowhere else.
//! * [`diagnostic`], [`source`]: what is said about the user's words, and where they stand.
//! * [`render`]: plans, states, outputs and progress as text and JSON.
//! * [`address`]: the stable identity of everything that is planned and recorded.
//!
//! `spec`, `expr`, `resolve`, `graph`, `state` and `plan` are pure: no I/O, clock, randomness or environment. Providers
//! and stores are known by their contracts alone (`mpctl-provider`, `mpctl-state`); the program wires the adapters.

pub mod address;
pub mod apply;
pub mod diagnostic;
pub mod expr;
pub mod graph;
pub mod ops;
pub mod plan;
pub mod render;
pub mod resolve;
pub mod source;
pub mod spec;
pub mod state;
