//! Why something changes: closed enums, so that every reason has words, a JSON name and a test.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::source::Position;

/// Why an action was chosen, where the action alone does not say it. JSON names are Terraform's
/// `action_reason`s where it has them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// An attribute changed that cannot be changed in place.
    ReplaceBecauseCannotUpdate,
    /// The last attempt to make it failed half way.
    ReplaceBecauseTainted,
    /// `--replace`
    ReplaceByRequest,
    /// `replace_triggered_by`
    ReplaceByTriggers,
    /// Its declaration is gone.
    DeleteBecauseNoResourceConfig,
    /// `count` or `for_each` was taken away or added.
    DeleteBecauseWrongRepetition,
    /// `count` is smaller now.
    DeleteBecauseCountIndex,
    /// Its `for_each` key is gone.
    DeleteBecauseEachKey,
    /// It is disabled, or not in this environment any more.
    DeleteBecauseDisabled,
    /// Its environment is gone.
    DeleteBecauseNoEnvironment,
    /// Everything is being destroyed.
    DeleteBecauseDestroy,
    /// A replacement left it behind.
    DeleteBecauseDeposed,
    /// An input is not known before apply.
    ReadBecauseConfigUnknown,
    /// Something that it depends on changes in this plan.
    ReadBecauseDependencyPending,
    /// The object is gone, though nobody here deleted it.
    CreateBecauseGone,
    /// It differs from the spec because it was changed outside.
    UpdateBecauseDrift,
}

/// One link of the chain from an attribute to the place where its value is written.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Cause {
    /// What kind of link.
    pub kind: CauseKind,
    /// The attribute, as a path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The expression as the user wrote it; absent where it holds something sensitive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expression: Option<Arc<str>>,
    /// What it refers to: an address, `var.replicas`, `--var replicas`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Arc<str>>,
    /// Where that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<CauseRange>,
}

/// Kinds of causes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CauseKind {
    /// The spec says so.
    Config,
    /// A variable's value.
    Variable,
    /// A local's value.
    Local,
    /// Another object changes.
    Upstream,
    /// It changed outside.
    Drift,
    /// It was asked for on the command line.
    Requested,
    /// It is not declared any more.
    Undeclared,
}

/// A place, by name.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CauseRange {
    /// The file.
    pub filename: Arc<str>,
    /// Where it starts.
    pub start: Position,
}
