//! What every row about an object begins with.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::address::{Address, Key, Subject};
use crate::plan::PlanBody;

/// The columns that name an object. `address` is ours; the others are as Terraform's.
#[derive(Serialize)]
pub(super) struct Naming<'a> {
    pub(super) address: &'a Address,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) previous_address: Option<&'a Address>,
    pub(super) mode: &'static str,
    #[serde(rename = "type")]
    pub(super) resource_type: &'a str,
    pub(super) name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) index: Option<Index<'a>>,
    pub(super) provider_name: Cow<'a, str>,
}

impl<'a> Naming<'a> {
    pub(super) fn new(
        address: &'a Address,
        resource_type: &'a str,
        provider_name: Cow<'a, str>,
    ) -> Naming<'a> {
        Naming {
            address,
            previous_address: None,
            mode: mode(&address.local.subject),
            resource_type,
            name: address.local.subject.name(),
            index: Index::of(&address.local.key),
            provider_name,
        }
    }
}

/// `managed` or `data`.
pub(super) fn mode(subject: &Subject) -> &'static str {
    match subject {
        Subject::Data(_) => "data",
        _ => "managed",
    }
}

/// An instance's key: a number or a string.
pub(super) enum Index<'a> {
    Number(u64),
    Name(&'a str),
}

impl<'a> Index<'a> {
    pub(super) fn of(key: &'a Key) -> Option<Index<'a>> {
        match key {
            Key::None => None,
            Key::Index(number) => Some(Index::Number(*number)),
            Key::Name(name) => Some(Index::Name(name)),
        }
    }
}

impl Serialize for Index<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Index::Number(number) => serializer.serialize_u64(*number),
            Index::Name(name) => serializer.serialize_str(name),
        }
    }
}

/// A provider's name with where it comes from: `builtin/process` for what is part of this program, the name
/// alone for what is not, since its place differs from machine to machine.
pub(super) fn provider_name<'a>(source: &str, provider: &'a str) -> Cow<'a, str> {
    let name = provider.split('.').next().unwrap_or(provider);
    if source == "builtin" { Cow::Owned(format!("builtin/{name}")) } else { Cow::Borrowed(name) }
}

/// The same for the provider instance of an object of the plan.
pub(super) fn bound_provider<'a>(
    body: &PlanBody,
    environment: &Arc<str>,
    instance: &'a str,
) -> Cow<'a, str> {
    let binding = body.environments.get(environment).and_then(|e| e.providers.get(instance));
    provider_name(binding.map_or("builtin", |binding| &binding.source), instance)
}
