//! What journal records of steps carry.

use std::sync::Arc;

use mpctl_provider::Fault;
use mpctl_provider::value::codec::{self, Seal};

use crate::address::Address;
use crate::apply::call::Request;
use crate::state::{ResourceRecord, stored};

/// What an outcome record carries: the object's record after it.
#[derive(serde::Serialize, serde::Deserialize)]
pub struct OutcomePayload {
    /// The object.
    pub address: Address,
    /// Its record as text; `None` takes it away.
    pub record: Option<String>,
}

impl OutcomePayload {
    /// The payload that says what an object's record is now.
    pub fn encode(address: &Address, record: Option<&ResourceRecord>, seal: &dyn Seal) -> Vec<u8> {
        let record = record.map(|record| crate::state::Record::Resource(Arc::new(record.clone())));
        // A record that could be planned can be stored; were it not so, the commit would say so.
        let record = record.and_then(|record| stored::encode(&record, seal).ok());
        let record = record.and_then(|bytes| String::from_utf8(bytes).ok());
        serde_json::to_vec(&OutcomePayload { address: address.clone(), record }).unwrap_or_default()
    }

    /// Reads a payload back; `None` for one that carries no record.
    pub fn decode(bytes: &[u8]) -> Option<OutcomePayload> {
        serde_json::from_slice(bytes).ok()
    }
}

/// The payload that says what went wrong.
pub(super) fn error_payload(fault: &Fault) -> Vec<u8> {
    serde_json::to_vec(fault).unwrap_or_default()
}

/// The digest of what a provider is handed: tells a resumed call from another one. It is taken of the stored
/// form, in which sensitive values are sealed, so that it does not give them away.
pub(super) fn input_digest(request: &Request, seal: &dyn Seal) -> mpctl_state::Digest {
    let (action, value) = match request {
        Request::Apply(request) => {
            let value =
                request.config.as_ref().or(request.prior.as_ref().map(|prior| &prior.value));
            (format!("{:?} {}", request.action, request.resource_type), value)
        }
        Request::Read(request) => (format!("Read {}", request.source_type), Some(&request.config)),
    };
    let json = value.and_then(|value| codec::encode(value, seal).ok()).map(|json| json.to_string());
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    hash.update(action);
    hash.update(json.unwrap_or_default());
    mpctl_state::Digest::from_bytes(hash.finalize().into())
}
