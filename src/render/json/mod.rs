//! JSON for programs, written straight into a writer: nothing of the size of a plan is built in between.
//!
//! Shapes are those that tools for Terraform's JSON know; what is ours stands in keys of its own. Sensitive
//! values are null beside their marks, unless asked for.

mod causes;
mod events;
mod marks;
mod outputs;
mod plan;
mod resource;
mod state;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
mod types;

use std::io::Write;

use serde::Serialize;

pub use events::{EventWriter, Stamp};
pub use outputs::outputs;
pub use plan::plan;
pub use state::{state, state_list};
pub use types::JsonType;

/// The version of the plan's shape: Terraform's, as documented for its `show -json`.
const PLAN_FORMAT: &str = "1.2";
/// The version of the state's shape.
const STATE_FORMAT: &str = "1.0";
/// The version of this program.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Why JSON could not be written: the writer failed.
pub type WriteResult = Result<(), serde_json::Error>;

/// One document on one line.
fn document(mut writer: impl Write, what: &impl Serialize) -> WriteResult {
    serde_json::to_writer(&mut writer, what)?;
    writer.write_all(b"\n").map_err(serde_json::Error::io)
}

/// The single shape for one environment; `{"environments": {NAME: shape}}` for several.
fn by_environment<'e, S: Serialize>(
    writer: impl Write,
    shapes: impl ExactSizeIterator<Item = (&'e str, S)>,
) -> WriteResult {
    #[derive(Serialize)]
    struct Several<'e, S> {
        environments: std::collections::BTreeMap<&'e str, S>,
    }
    let mut environments: std::collections::BTreeMap<&str, S> = shapes.collect();
    match environments.len() {
        1 => match environments.pop_first() {
            Some((_, shape)) => document(writer, &shape),
            None => Ok(()),
        },
        _ => document(writer, &Several { environments }),
    }
}
