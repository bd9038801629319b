//! Records: one for each object and each output of an environment.

use std::collections::BTreeMap;
use std::sync::Arc;

use mpctl_provider::Value;
use mpctl_provider::contract::Object;

use crate::address::{LocalAddress, Subject};

/// Names one version of an environment's state.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Basis {
    /// Identity of the history.
    pub lineage: Arc<str>,
    /// Version within it.
    pub serial: u64,
    /// Digest of the record set at that version, in hexadecimal.
    pub digest: Arc<str>,
}

/// The recorded state of one environment at one version.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Which version it is; `None` before the first commit.
    pub basis: Option<Basis>,
    /// The records by address.
    pub records: BTreeMap<LocalAddress, Record>,
}

/// What is recorded under one address.
#[derive(Clone, PartialEq, Debug)]
pub enum Record {
    /// An object, or data that was read.
    Resource(Arc<ResourceRecord>),
    /// An output.
    Output(OutputRecord),
}

/// An object as it was last seen.
#[derive(Clone, PartialEq, Debug)]
pub struct ResourceRecord {
    /// Its type.
    pub resource_type: Arc<str>,
    /// The provider instance that owns it.
    pub provider: Arc<str>,
    /// Where that provider comes from: `builtin`.
    pub provider_source: Arc<str>,
    /// The schema version of the object's value.
    pub schema_version: u64,
    /// The object; `None` where only deposed ones are left.
    pub object: Option<Object>,
    /// Whether it came to be as it should.
    pub status: Status,
    /// What it referred to or depended on, directly.
    pub dependencies: Vec<Subject>,
    /// Replacements create before they destroy.
    pub create_before_destroy: bool,
    /// The object is left alone when it leaves the spec.
    pub retain_on_destroy: bool,
    /// Old objects that a half-done replacement left behind.
    pub deposed: Vec<Deposed>,
}

/// Whether an object came to be as it should.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It did.
    Ready,
    /// Its creation failed half way: the next plan replaces it.
    Tainted,
}

/// An old object that is still to be destroyed.
#[derive(Clone, PartialEq, Debug)]
pub struct Deposed {
    /// Tells several of one address apart.
    pub key: Arc<str>,
    /// The object.
    pub object: Object,
}

/// An output as it was last computed.
#[derive(Clone, PartialEq, Debug)]
pub struct OutputRecord {
    /// Its value, marked if sensitive.
    pub value: Value,
}
