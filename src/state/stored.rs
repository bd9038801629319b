//! The stored form of records: JSON with a format number, sensitive values sealed.
//!
//! The text of a record is a function of the record (and the key), so an unchanged record keeps its digest.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use mpctl_provider::contract::Object;
use mpctl_provider::value::codec::{self, CodecError, Seal};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use thiserror::Error;

use super::{Deposed, OutputRecord, Record, ResourceRecord, Status};
use crate::address::Subject;

/// The format that this version writes, and the newest that it reads.
pub const FORMAT: u32 = 1;

/// Why a record cannot be written or read.
#[derive(Debug, Error)]
pub enum RecordError {
    /// A value in it cannot.
    #[error(transparent)]
    Value(#[from] CodecError),
    /// It is no record.
    #[error("not a record: {0}")]
    Malformed(String),
    /// A newer version wrote it.
    #[error("the record has format {found}; this version reads formats up to {FORMAT}")]
    Newer {
        /// Its format.
        found: u32,
    },
}

#[derive(Serialize, Deserialize)]
// Externally tagged: with exact numbers on, serde_json cannot buffer them for an internal tag.
#[serde(rename_all = "snake_case")]
enum Stored {
    Resource(Box<StoredResource>),
    Output { format: u32, value: Json },
}

#[derive(Serialize, Deserialize)]
struct StoredResource {
    format: u32,
    #[serde(rename = "type")]
    resource_type: Arc<str>,
    provider: Arc<str>,
    source: Arc<str>,
    schema_version: u64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    object: Option<StoredObject>,
    status: Status,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    dependencies: Vec<Arc<str>>,
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    create_before_destroy: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    retain_on_destroy: bool,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    deposed: Vec<StoredDeposed>,
}

/// An object with its private bytes, as it is kept in records, journals and plans.
#[derive(Serialize, Deserialize)]
pub struct StoredObject {
    value: Json,
    #[serde(skip_serializing_if = "String::is_empty", default)]
    private: String,
}

#[derive(Serialize, Deserialize)]
struct StoredDeposed {
    key: Arc<str>,
    object: StoredObject,
}

impl StoredObject {
    /// The stored form of an object.
    pub fn encode(object: &Object, seal: &dyn Seal) -> Result<StoredObject, RecordError> {
        Ok(StoredObject {
            value: codec::encode(&object.value, seal)?,
            private: BASE64.encode(&object.private),
        })
    }

    /// The object of a stored form.
    pub fn decode(&self, seal: &dyn Seal) -> Result<Object, RecordError> {
        let private = BASE64
            .decode(&self.private)
            .map_err(|error| RecordError::Malformed(error.to_string()))?;
        Ok(Object { value: codec::decode(&self.value, seal)?, private: private.into() })
    }
}

/// The stored form of a record.
pub fn encode(record: &Record, seal: &dyn Seal) -> Result<Vec<u8>, RecordError> {
    let stored = match record {
        Record::Output(output) => {
            Stored::Output { format: FORMAT, value: codec::encode(&output.value, seal)? }
        }
        Record::Resource(resource) => Stored::Resource(Box::new(encode_resource(resource, seal)?)),
    };
    serde_json::to_vec(&stored).map_err(|error| RecordError::Malformed(error.to_string()))
}

fn encode_resource(
    resource: &ResourceRecord,
    seal: &dyn Seal,
) -> Result<StoredResource, RecordError> {
    let object =
        resource.object.as_ref().map(|object| StoredObject::encode(object, seal)).transpose()?;
    let deposed = resource.deposed.iter().map(|deposed| {
        Ok(StoredDeposed {
            key: deposed.key.clone(),
            object: StoredObject::encode(&deposed.object, seal)?,
        })
    });
    Ok(StoredResource {
        format: FORMAT,
        resource_type: resource.resource_type.clone(),
        provider: resource.provider.clone(),
        source: resource.provider_source.clone(),
        schema_version: resource.schema_version,
        object,
        status: resource.status,
        dependencies: resource
            .dependencies
            .iter()
            .map(|subject| subject.to_string().into())
            .collect(),
        create_before_destroy: resource.create_before_destroy,
        retain_on_destroy: resource.retain_on_destroy,
        deposed: deposed.collect::<Result<_, RecordError>>()?,
    })
}

/// The record of a stored form.
pub fn decode(bytes: &[u8], seal: &dyn Seal) -> Result<Record, RecordError> {
    let malformed = |error: serde_json::Error| RecordError::Malformed(error.to_string());
    let stored: Stored = serde_json::from_slice(bytes).map_err(malformed)?;
    match stored {
        Stored::Output { format, value } => {
            check(format)?;
            Ok(Record::Output(OutputRecord { value: codec::decode(&value, seal)? }))
        }
        Stored::Resource(stored) => {
            decode_resource(*stored, seal).map(|r| Record::Resource(Arc::new(r)))
        }
    }
}

fn decode_resource(stored: StoredResource, seal: &dyn Seal) -> Result<ResourceRecord, RecordError> {
    check(stored.format)?;
    let subject = |text: &Arc<str>| -> Result<Subject, RecordError> {
        let address: crate::address::LocalAddress =
            text.parse().map_err(|error| RecordError::Malformed(format!("{error}")))?;
        Ok(address.subject)
    };
    let deposed = stored.deposed.iter().map(|deposed| {
        Ok(Deposed { key: deposed.key.clone(), object: deposed.object.decode(seal)? })
    });
    Ok(ResourceRecord {
        resource_type: stored.resource_type,
        provider: stored.provider,
        provider_source: stored.source,
        schema_version: stored.schema_version,
        object: stored.object.map(|object| object.decode(seal)).transpose()?,
        status: stored.status,
        dependencies: stored.dependencies.iter().map(subject).collect::<Result<_, _>>()?,
        create_before_destroy: stored.create_before_destroy,
        retain_on_destroy: stored.retain_on_destroy,
        deposed: deposed.collect::<Result<_, RecordError>>()?,
    })
}

fn check(format: u32) -> Result<(), RecordError> {
    if format > FORMAT { Err(RecordError::Newer { found: format }) } else { Ok(()) }
}
