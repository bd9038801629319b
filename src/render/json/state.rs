//! `show --json` and `state list --json`.

use std::io::Write;
use std::sync::Arc;

use mpctl_provider::Value;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::marks::{Known, SensitiveMarks, Sight};
use super::outputs::OutputRow;
use super::resource::{Naming, provider_name};
use super::{STATE_FORMAT, VERSION, WriteResult, by_environment};
use crate::address::{Address, LocalAddress};
use crate::render::Schemas;
use crate::state::{Record, ResourceRecord, State, Status};

/// `show --json`: Terraform's state shape, with `lineage` and `serial`.
pub fn state(
    writer: impl Write,
    environments: &[(Arc<str>, &State)],
    schemas: &Schemas<'_>,
    reveal: bool,
) -> WriteResult {
    by_environment(
        writer,
        environments.iter().map(|(name, state)| {
            (name.as_ref(), StateDocument { environment: name, state, schemas, reveal })
        }),
    )
}

/// `state list --json`: one row an object, its deposed objects as a field.
pub fn state_list(writer: impl Write, environments: &[(Arc<str>, &State)]) -> WriteResult {
    by_environment(
        writer,
        environments.iter().map(|(name, state)| (name.as_ref(), List { environment: name, state })),
    )
}

/// `values` of a state or of a plan.
#[derive(serde::Serialize)]
pub(super) struct Values<O, R> {
    pub(super) outputs: O,
    pub(super) root_module: Module<R>,
}

/// The only module that there is.
#[derive(serde::Serialize)]
pub(super) struct Module<R> {
    pub(super) resources: R,
}

/// Entries that are made while they are written.
pub(super) struct MapOf<F>(pub(super) F);

impl<K: Serialize, V: Serialize, I: Iterator<Item = (K, V)>, F: Fn() -> I> Serialize for MapOf<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map((self.0)())
    }
}

/// Rows that are made while they are written.
pub(super) struct SeqOf<F>(pub(super) F);

impl<V: Serialize, I: Iterator<Item = V>, F: Fn() -> I> Serialize for SeqOf<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// An object in a state.
#[derive(serde::Serialize)]
pub(super) struct StateRow<'a> {
    #[serde(flatten)]
    naming: Naming<'a>,
    schema_version: u64,
    values: Known<'a>,
    sensitive_values: SensitiveMarks<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    depends_on: Vec<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    tainted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) deposed_key: Option<&'a str>,
    environment: &'a str,
}

impl<'a> StateRow<'a> {
    pub(super) fn new(
        naming: Naming<'a>,
        schema_version: u64,
        value: &'a Value,
        sight: Sight<'a>,
    ) -> StateRow<'a> {
        StateRow {
            environment: &naming.address.environment,
            naming,
            schema_version,
            values: Known(value, sight),
            sensitive_values: SensitiveMarks(value, sight),
            depends_on: Vec::new(),
            tainted: false,
            deposed_key: None,
        }
    }
}

struct StateDocument<'a> {
    environment: &'a Arc<str>,
    state: &'a State,
    schemas: &'a Schemas<'a>,
    reveal: bool,
}

impl Serialize for StateDocument<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let records = &self.state.records;
        let outputs = || {
            records.iter().filter_map(|(local, record)| match record {
                Record::Output(output) => {
                    let row = OutputRow::new(&output.value, self.reveal);
                    Some((local.subject.name(), row))
                }
                Record::Resource(_) => None,
            })
        };
        // Rows borrow their address, and an address needs its environment.
        let objects: Vec<(Address, &ResourceRecord)> = records
            .iter()
            .filter_map(|(local, record)| match record {
                Record::Resource(record) => Some((local.within(self.environment), record.as_ref())),
                Record::Output(_) => None,
            })
            .collect();
        let resources =
            || objects.iter().flat_map(|(address, record)| self.objects(address, record));
        let values =
            Values { outputs: MapOf(outputs), root_module: Module { resources: SeqOf(resources) } };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("format_version", STATE_FORMAT)?;
        map.serialize_entry("mpctl_version", VERSION)?;
        basis(&mut map, self.state)?;
        map.serialize_entry("values", &values)?;
        map.end()
    }
}

impl StateDocument<'_> {
    /// The rows of one record: its object, then its deposed ones.
    fn objects<'a>(
        &'a self,
        address: &'a Address,
        record: &'a ResourceRecord,
    ) -> impl Iterator<Item = StateRow<'a>> {
        let schema = self.schemas.get(record.resource_type.as_ref()).copied();
        let sight = Sight { schema, ..Sight::alone(self.reveal) };
        let row = move |value| {
            let provider = provider_name(&record.provider_source, &record.provider);
            let naming = Naming::new(address, &record.resource_type, provider);
            let mut row = StateRow::new(naming, record.schema_version, value, sight);
            let full = |subject| format!("{}/{subject}", address.environment);
            row.depends_on = record.dependencies.iter().map(full).collect();
            row
        };
        let object = record.object.iter().map(move |object| StateRow {
            tainted: record.status == Status::Tainted,
            ..row(&object.value)
        });
        let deposed = record.deposed.iter().map(move |deposed| StateRow {
            deposed_key: Some(&deposed.key),
            ..row(&deposed.object.value)
        });
        object.chain(deposed)
    }
}

/// `lineage` and `serial`; before the first commit null and 0.
fn basis<M: SerializeMap>(map: &mut M, state: &State) -> Result<(), M::Error> {
    map.serialize_entry("lineage", &state.basis.as_ref().map(|basis| &basis.lineage))?;
    map.serialize_entry("serial", &state.basis.as_ref().map_or(0, |basis| basis.serial))
}

struct List<'a> {
    environment: &'a Arc<str>,
    state: &'a State,
}

#[derive(serde::Serialize)]
struct ListRow<'a> {
    address: Address,
    #[serde(rename = "type")]
    resource_type: &'a str,
    id: Option<Known<'a>>,
    environment: &'a str,
    mode: &'static str,
    provider: &'a str,
    status: Status,
    deposed: Vec<&'a str>,
}

impl Serialize for List<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rows = || {
            self.state.records.iter().filter_map(|(local, record)| match record {
                Record::Resource(record) => Some(self.row(local, record)),
                Record::Output(_) => None,
            })
        };
        let mut map = serializer.serialize_map(None)?;
        basis(&mut map, self.state)?;
        map.serialize_entry("resources", &SeqOf(rows))?;
        map.end()
    }
}

impl<'a> List<'a> {
    fn row(&self, local: &LocalAddress, record: &'a ResourceRecord) -> ListRow<'a>
    where
        Self: 'a,
    {
        let id = record.object.as_ref().and_then(|object| object.value.get("id"));
        ListRow {
            address: local.within(self.environment),
            resource_type: &record.resource_type,
            id: id.map(|id| Known(id, Sight::alone(false))),
            environment: self.environment,
            mode: super::resource::mode(&local.subject),
            provider: &record.provider,
            status: record.status,
            deposed: record.deposed.iter().map(|deposed| deposed.key.as_ref()).collect(),
        }
    }
}
