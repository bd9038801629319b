//! The plan file: one container that apply can execute alone.
//!
//! ```text
//! "mpctl plan\n"  format u32  plan-id length u32  plan-id  body length u64  body  SHA-256 of all before it
//! ```
//!
//! Numbers are big-endian; the body is zlib-compressed JSON. The same container, without its file, is the
//! payload of an operation's Opened record. A changed byte anywhere is found by the digest; sensitive values
//! are sealed. Why JSON inside: see `docs/decisions`.

use std::collections::BTreeMap;
use std::io::{BufWriter, Read};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use mpctl_provider::value::codec::{self, Seal};
use mpctl_provider::{Path, Value};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::{
    Action, Cause, Change, Drift, EnvironmentPlan, Mode, OutputChange, Plan, PlanBody,
    Postcondition, ProviderBinding, Reason, Reversibility, Step,
};
use crate::address::{Address, LocalAddress, Subject};
use crate::expr::stored as stored_expr;
use crate::resolve::residuals::Residual;
use crate::spec::document::OnFailure;
use crate::state::stored::{self, StoredObject};
use crate::state::{Basis, Record, ResourceRecord};

/// What every plan file begins with.
const MAGIC: &[u8] = b"mpctl plan\n";

/// The format that this version writes, and the newest that it reads.
pub const FORMAT: u32 = 1;

/// A body that would unpack to more than this is refused.
const MAX_BODY: u64 = 1 << 30;

/// Why a plan cannot be written or read.
#[derive(Debug, Error)]
pub enum PlanFileError {
    /// It is no plan file at all.
    #[error("it is not a plan file")]
    NotAPlan,
    /// A newer version wrote it.
    #[error("it has plan format {found}; this version reads formats up to {FORMAT}")]
    Newer {
        /// Its format.
        found: u32,
    },
    /// Its digest does not match: it was changed or cut off.
    #[error("it is damaged: its content does not match its digest")]
    Damaged,
    /// Its content makes no sense, though the digest matches.
    #[error("it is damaged: {0}")]
    Malformed(String),
    /// A sensitive value cannot be sealed or opened.
    #[error(transparent)]
    Value(#[from] codec::CodecError),
}

type Result<T, E = PlanFileError> = std::result::Result<T, E>;

/// The bytes of a plan.
pub fn encode(plan: &Plan, seal: &dyn Seal) -> Result<Vec<u8>> {
    let body = StoredPlan::of(plan, seal)?;
    // Buffered: JSON comes in tiny pieces, and the encoder prepares its buffer anew for each.
    let encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    let mut buffered = BufWriter::with_capacity(1 << 16, encoder);
    serde_json::to_writer(&mut buffered, &body).map_err(malformed)?;
    let packed = buffered.into_inner().map_err(malformed)?.finish().map_err(malformed)?;
    let mut bytes = Vec::with_capacity(packed.len() + 128);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&FORMAT.to_be_bytes());
    bytes.extend_from_slice(&(plan.id.len() as u32).to_be_bytes());
    bytes.extend_from_slice(plan.id.as_bytes());
    bytes.extend_from_slice(&(packed.len() as u64).to_be_bytes());
    bytes.extend_from_slice(&packed);
    let digest = Sha256::digest(&bytes);
    bytes.extend_from_slice(&digest);
    Ok(bytes)
}

/// The plan of bytes that [`encode`] made.
pub fn decode(bytes: &[u8], seal: &dyn Seal) -> Result<Plan> {
    let rest = bytes.strip_prefix(MAGIC).ok_or(PlanFileError::NotAPlan)?;
    let (format, rest) = rest.split_first_chunk::<4>().ok_or(PlanFileError::Damaged)?;
    let format = u32::from_be_bytes(*format);
    let (content, digest) = bytes.split_last_chunk::<32>().ok_or(PlanFileError::Damaged)?;
    if Sha256::digest(content)[..] != digest[..] {
        return Err(PlanFileError::Damaged);
    }
    if format > FORMAT {
        return Err(PlanFileError::Newer { found: format });
    }
    let rest = &rest[..rest.len().saturating_sub(32)];
    let (length, rest) = rest.split_first_chunk::<4>().ok_or(PlanFileError::Damaged)?;
    let (id, rest) = rest
        .split_at_checked(u32::from_be_bytes(*length) as usize)
        .ok_or(PlanFileError::Damaged)?;
    let (length, packed) = rest.split_first_chunk::<8>().ok_or(PlanFileError::Damaged)?;
    if u64::from_be_bytes(*length) != packed.len() as u64 {
        return Err(PlanFileError::Damaged);
    }
    let id = std::str::from_utf8(id).map_err(|_| PlanFileError::Damaged)?;
    let mut body = Vec::new();
    let mut unpacked = ZlibDecoder::new(packed).take(MAX_BODY);
    unpacked.read_to_end(&mut body).map_err(|_| PlanFileError::Damaged)?;
    let stored: StoredPlan = serde_json::from_slice(&body).map_err(malformed)?;
    stored.plan(id, seal)
}

fn malformed(error: impl std::fmt::Display) -> PlanFileError {
    PlanFileError::Malformed(error.to_string())
}

#[derive(Serialize, Deserialize)]
struct StoredPlan {
    created_at: Arc<str>,
    project: Arc<str>,
    mode: Mode,
    environments: BTreeMap<Arc<str>, StoredEnvironment>,
    changes: Vec<StoredChange>,
    drift: Vec<StoredDrift>,
    outputs: Vec<StoredOutput>,
    steps: Vec<Step>,
    residuals: Vec<StoredResidual>,
    left_out: Option<Vec<Address>>,
    spec_digest: Arc<str>,
}

#[derive(Serialize, Deserialize)]
struct StoredEnvironment {
    basis: Option<Basis>,
    on_failure: OnFailure,
    protect: bool,
    providers: BTreeMap<Arc<str>, StoredBinding>,
    variables: BTreeMap<Arc<str>, Json>,
}

#[derive(Serialize, Deserialize)]
struct StoredBinding {
    source: Arc<str>,
    provider: Arc<str>,
    version: u64,
    config: Json,
}

#[derive(Serialize, Deserialize)]
struct StoredChange {
    address: Address,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous_address: Option<Address>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recorded: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deposed: Option<Arc<str>>,
    #[serde(rename = "type")]
    resource_type: Arc<str>,
    provider: Arc<str>,
    schema_version: u64,
    action: Action,
    reason: Option<Reason>,
    before: Option<StoredObject>,
    after: Option<Json>,
    config: Option<Json>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    private: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    replace_paths: Vec<Path>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    effects: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    dependencies: Vec<Arc<str>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    previous_dependencies: Vec<Arc<str>>,
    create_before_destroy: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    retain_on_destroy: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    postconditions: Vec<StoredPostcondition>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    cause: Vec<Cause>,
    wave: u32,
    reversibility: Reversibility,
}

#[derive(Serialize, Deserialize)]
struct StoredPostcondition {
    condition: Json,
    message: Json,
}

#[derive(Serialize, Deserialize)]
struct StoredDrift {
    address: Address,
    #[serde(rename = "type")]
    resource_type: Arc<str>,
    provider: Arc<str>,
    before: Json,
    after: Option<Json>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    private: String,
}

#[derive(Serialize, Deserialize)]
struct StoredOutput {
    address: Address,
    before: Option<Json>,
    after: Option<Json>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    dependencies: Vec<Arc<str>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredResidual {
    Attribute { address: Address, path: Path },
    Expression { expression: Json, path: Path },
}

impl StoredPlan {
    fn of(plan: &Plan, seal: &dyn Seal) -> Result<StoredPlan> {
        let body = &plan.body;
        let environments = body.environments.iter().map(|(name, environment)| {
            Ok((name.clone(), StoredEnvironment::of(environment, seal)?))
        });
        Ok(StoredPlan {
            created_at: plan.created_at.clone(),
            project: body.project.clone(),
            mode: body.mode,
            environments: environments.collect::<Result<_>>()?,
            changes: body
                .changes
                .iter()
                .map(|change| StoredChange::of(change, seal))
                .collect::<Result<_>>()?,
            drift: body
                .drift
                .iter()
                .map(|drift| StoredDrift::of(drift, seal))
                .collect::<Result<_>>()?,
            outputs: body
                .outputs
                .iter()
                .map(|output| StoredOutput::of(output, seal))
                .collect::<Result<_>>()?,
            steps: body.steps.clone(),
            residuals: body
                .residuals
                .iter()
                .map(|r| StoredResidual::of(r, seal))
                .collect::<Result<_>>()?,
            left_out: body.left_out.clone(),
            spec_digest: body.spec_digest.clone(),
        })
    }

    fn plan(self, id: &str, seal: &dyn Seal) -> Result<Plan> {
        let environments =
            self.environments.into_iter().map(|(name, e)| Ok((name, e.environment(seal)?)));
        let body = PlanBody {
            project: self.project,
            mode: self.mode,
            environments: environments.collect::<Result<_>>()?,
            changes: self
                .changes
                .into_iter()
                .map(|change| change.change(seal))
                .collect::<Result<_>>()?,
            drift: self.drift.into_iter().map(|drift| drift.drift(seal)).collect::<Result<_>>()?,
            outputs: self
                .outputs
                .into_iter()
                .map(|output| output.output(seal))
                .collect::<Result<_>>()?,
            steps: self.steps,
            residuals: self
                .residuals
                .into_iter()
                .map(|r| r.residual(seal))
                .collect::<Result<_>>()?,
            left_out: self.left_out,
            spec_digest: self.spec_digest,
        };
        let known = |id: u32| (id as usize) < body.steps.len();
        let sound = body.steps.iter().enumerate().all(|(at, step)| {
            step.needs.iter().all(|needed| (needed.0 as usize) < at && known(needed.0))
                && step.change.is_none_or(|change| (change as usize) < body.changes.len())
        });
        if !sound {
            return Err(malformed("a step refers to one that is not there"));
        }
        Ok(Plan { id: id.into(), created_at: self.created_at, body })
    }
}

fn optional(value: Option<&Value>, seal: &dyn Seal) -> Result<Option<Json>> {
    Ok(value.map(|value| codec::encode(value, seal)).transpose()?)
}

fn read_optional(json: Option<Json>, seal: &dyn Seal) -> Result<Option<Value>> {
    Ok(json.map(|json| codec::decode(&json, seal)).transpose()?)
}

fn subjects(subjects: &[Subject]) -> Vec<Arc<str>> {
    subjects.iter().map(|subject| subject.to_string().into()).collect()
}

fn read_subjects(texts: Vec<Arc<str>>) -> Result<Vec<Subject>> {
    let subject = |text: Arc<str>| Ok(text.parse::<LocalAddress>().map_err(malformed)?.subject);
    texts.into_iter().map(subject).collect()
}

fn record_text(record: &Arc<ResourceRecord>, seal: &dyn Seal) -> Result<String> {
    let bytes = stored::encode(&Record::Resource(record.clone()), seal).map_err(malformed)?;
    String::from_utf8(bytes).map_err(malformed)
}

fn read_record(text: &str, seal: &dyn Seal) -> Result<Arc<ResourceRecord>> {
    match stored::decode(text.as_bytes(), seal).map_err(malformed)? {
        Record::Resource(record) => Ok(record),
        Record::Output(_) => Err(malformed("an output where an object's record belongs")),
    }
}

impl StoredEnvironment {
    fn of(environment: &EnvironmentPlan, seal: &dyn Seal) -> Result<StoredEnvironment> {
        let providers = environment.providers.iter().map(|(name, binding)| {
            let stored = StoredBinding {
                source: binding.source.clone(),
                provider: binding.provider.clone(),
                version: binding.version,
                config: codec::encode(&binding.config, seal)?,
            };
            Ok((name.clone(), stored))
        });
        let variables = environment.variables.iter();
        let variables =
            variables.map(|(name, value)| Ok((name.clone(), codec::encode(value, seal)?)));
        Ok(StoredEnvironment {
            basis: environment.basis.clone(),
            on_failure: environment.on_failure,
            protect: environment.protect,
            providers: providers.collect::<Result<_>>()?,
            variables: variables.collect::<Result<_>>()?,
        })
    }

    fn environment(self, seal: &dyn Seal) -> Result<EnvironmentPlan> {
        let providers = self.providers.into_iter().map(|(name, stored)| {
            let config = codec::decode(&stored.config, seal)?;
            let StoredBinding { source, provider, version, .. } = stored;
            Ok((name, ProviderBinding { source, provider, version, config }))
        });
        let variables = self.variables.into_iter();
        let variables = variables.map(|(name, json)| Ok((name, codec::decode(&json, seal)?)));
        Ok(EnvironmentPlan {
            basis: self.basis,
            on_failure: self.on_failure,
            protect: self.protect,
            providers: providers.collect::<Result<_>>()?,
            variables: variables.collect::<Result<_>>()?,
        })
    }
}

impl StoredChange {
    fn of(change: &Change, seal: &dyn Seal) -> Result<StoredChange> {
        let before = change.before.as_ref().map(|object| StoredObject::encode(object, seal));
        Ok(StoredChange {
            address: change.address.clone(),
            previous_address: change.previous_address.clone(),
            recorded: change
                .recorded
                .as_ref()
                .map(|record| record_text(record, seal))
                .transpose()?,
            deposed: change.deposed.clone(),
            resource_type: change.resource_type.clone(),
            provider: change.provider.clone(),
            schema_version: change.schema_version,
            action: change.action,
            reason: change.reason,
            before: before.transpose().map_err(malformed)?,
            after: optional(change.after.as_ref(), seal)?,
            config: optional(change.config.as_ref(), seal)?,
            private: BASE64.encode(&change.private),
            replace_paths: change.replace_paths.clone(),
            effects: change.effects.clone(),
            dependencies: subjects(&change.dependencies),
            previous_dependencies: subjects(&change.previous_dependencies),
            create_before_destroy: change.create_before_destroy,
            retain_on_destroy: change.retain_on_destroy,
            postconditions: change
                .postconditions
                .iter()
                .map(|it| StoredPostcondition::of(it, seal))
                .collect::<Result<_>>()?,
            cause: change.cause.clone(),
            wave: change.wave,
            reversibility: change.reversibility.clone(),
        })
    }

    fn change(self, seal: &dyn Seal) -> Result<Change> {
        let before =
            self.before.map(|object| object.decode(seal)).transpose().map_err(malformed)?;
        Ok(Change {
            before,
            after: read_optional(self.after, seal)?,
            config: read_optional(self.config, seal)?,
            private: BASE64.decode(&self.private).map_err(malformed)?.into(),
            dependencies: read_subjects(self.dependencies)?,
            previous_dependencies: read_subjects(self.previous_dependencies)?,
            address: self.address,
            previous_address: self.previous_address,
            recorded: self.recorded.map(|text| read_record(&text, seal)).transpose()?,
            deposed: self.deposed,
            resource_type: self.resource_type,
            provider: self.provider,
            schema_version: self.schema_version,
            action: self.action,
            reason: self.reason,
            replace_paths: self.replace_paths,
            effects: self.effects,
            create_before_destroy: self.create_before_destroy,
            retain_on_destroy: self.retain_on_destroy,
            postconditions: self
                .postconditions
                .into_iter()
                .map(|it| it.postcondition(seal))
                .collect::<Result<_>>()?,
            cause: self.cause,
            wave: self.wave,
            reversibility: self.reversibility,
        })
    }
}

impl StoredPostcondition {
    fn of(postcondition: &Postcondition, seal: &dyn Seal) -> Result<StoredPostcondition> {
        let condition = stored_expr::encode(&postcondition.condition, seal).map_err(malformed)?;
        let message = stored_expr::encode(&postcondition.message, seal).map_err(malformed)?;
        Ok(StoredPostcondition { condition, message })
    }

    fn postcondition(self, seal: &dyn Seal) -> Result<Postcondition> {
        let condition = stored_expr::decode(&self.condition, seal).map_err(malformed)?;
        let message = stored_expr::decode(&self.message, seal).map_err(malformed)?;
        Ok(Postcondition { condition, message })
    }
}

impl StoredDrift {
    fn of(drift: &Drift, seal: &dyn Seal) -> Result<StoredDrift> {
        Ok(StoredDrift {
            address: drift.address.clone(),
            resource_type: drift.resource_type.clone(),
            provider: drift.provider.clone(),
            before: codec::encode(&drift.before, seal)?,
            after: optional(drift.after.as_ref(), seal)?,
            private: BASE64.encode(&drift.private),
        })
    }

    fn drift(self, seal: &dyn Seal) -> Result<Drift> {
        Ok(Drift {
            private: BASE64.decode(&self.private).map_err(malformed)?.into(),
            before: codec::decode(&self.before, seal)?,
            after: read_optional(self.after, seal)?,
            address: self.address,
            resource_type: self.resource_type,
            provider: self.provider,
        })
    }
}

impl StoredOutput {
    fn of(output: &OutputChange, seal: &dyn Seal) -> Result<StoredOutput> {
        let before = optional(output.before.as_ref(), seal)?;
        Ok(StoredOutput {
            address: output.address.clone(),
            before,
            after: optional(output.after.as_ref(), seal)?,
            dependencies: subjects(&output.dependencies),
        })
    }

    fn output(self, seal: &dyn Seal) -> Result<OutputChange> {
        let before = read_optional(self.before, seal)?;
        Ok(OutputChange {
            address: self.address,
            before,
            after: read_optional(self.after, seal)?,
            dependencies: read_subjects(self.dependencies)?,
        })
    }
}

impl StoredResidual {
    fn of(residual: &Residual, seal: &dyn Seal) -> Result<StoredResidual> {
        Ok(match residual {
            Residual::Attribute { address, path } => {
                StoredResidual::Attribute { address: address.clone(), path: path.clone() }
            }
            Residual::Expression { expression, path } => {
                let expression = stored_expr::encode(expression, seal).map_err(malformed)?;
                StoredResidual::Expression { expression, path: path.clone() }
            }
        })
    }

    fn residual(self, seal: &dyn Seal) -> Result<Residual> {
        Ok(match self {
            StoredResidual::Attribute { address, path } => Residual::Attribute { address, path },
            StoredResidual::Expression { expression, path } => {
                let expression = stored_expr::decode(&expression, seal).map_err(malformed)?;
                Residual::Expression { expression, path }
            }
        })
    }
}
