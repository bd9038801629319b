//! What a provider says of its resource types: attributes, blocks, and what the type can do.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::value::{Type, Value};

/// Everything a provider offers.
#[derive(Clone, PartialEq, Debug)]
pub struct ProviderSchema {
    /// The provider's name: the first segment of its types' names.
    pub name: Arc<str>,
    /// The version of its behaviour. Plans are bound to it, so it changes whenever planning or applying does.
    pub version: u64,
    /// Its own configuration.
    pub configuration: BlockSchema,
    /// Its resource types by full name, such as `local_file`.
    pub resources: BTreeMap<Arc<str>, ResourceSchema>,
    /// Its data sources by full name.
    pub data_sources: BTreeMap<Arc<str>, BlockSchema>,
    /// Whether it can lower workloads to its own resources.
    pub runtime: bool,
    /// How many calls it bears at once.
    pub concurrency: Concurrency,
}

/// How many calls at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Concurrency {
    /// As many as `--parallelism` allows.
    Parallelism,
    /// Any number: the provider works in memory.
    Unlimited,
    /// At most so many.
    AtMost(u32),
}

/// A resource type.
#[derive(Clone, PartialEq, Debug)]
pub struct ResourceSchema {
    /// The version of the attributes' layout; records of an older one are upgraded.
    pub version: u64,
    /// The attributes and blocks.
    pub block: BlockSchema,
    /// What the type can do.
    pub abilities: Abilities,
}

/// What a resource type can do and how it behaves around crashes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Abilities {
    /// `read` looks at the real thing; without it the stored value stands.
    pub read: bool,
    /// A create of unknown outcome can be looked up by idempotency key.
    pub lookup: bool,
    /// Objects can be adopted by an id.
    pub import: bool,
    /// The object lives on one machine; elsewhere it is neither read nor changed.
    pub host_bound: bool,
    /// Deleting an object destroys data that nothing can bring back.
    pub holds_data: bool,
    /// Creating an equal object again gives the same identity, so that a delete can be undone without a trace.
    pub stable_identity: bool,
}

/// An ability that an object has only where its user configures it so: see [`Attribute::gives`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ability {
    /// [`Abilities::read`].
    Read,
    /// [`Abilities::lookup`].
    Lookup,
    /// [`Abilities::holds_data`].
    HoldsData,
}

/// Attributes and nested blocks.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct BlockSchema {
    /// Attributes by name.
    pub attributes: BTreeMap<Arc<str>, Attribute>,
    /// Nested blocks by name.
    pub blocks: BTreeMap<Arc<str>, NestedBlock>,
    /// What it is for, in a sentence or two of Markdown.
    pub description: String,
}

/// An attribute.
#[derive(Clone, PartialEq, Debug)]
pub struct Attribute {
    /// The type of its value.
    pub ty: Type,
    /// Who gives the value.
    pub presence: Presence,
    /// Its value is sensitive, whatever it was made of.
    pub sensitive: bool,
    /// It is sent to the provider and never kept.
    pub write_only: bool,
    /// A change of it needs a new object.
    pub replace_on_change: bool,
    /// The value when the user gives none (only where the user may give one).
    pub default: Option<Value>,
    /// What it is, in a sentence or two of Markdown.
    pub description: String,
    /// Why it should no longer be used, if so.
    pub deprecated: Option<String>,
    /// The ability that an object has just when this attribute is set (neither null nor `false`), whatever
    /// the type's abilities say.
    pub gives: Option<Ability>,
}

/// Who gives an attribute its value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Presence {
    /// The user must.
    Required,
    /// The user may.
    Optional,
    /// The user may; otherwise the provider does.
    OptionalComputed,
    /// The provider does.
    Computed,
}

/// A nested block.
#[derive(Clone, PartialEq, Debug)]
pub struct NestedBlock {
    /// How often it may stand and what it becomes.
    pub nesting: Nesting,
    /// Its content.
    pub block: BlockSchema,
    /// At least so many.
    pub min_items: u32,
    /// At most so many; `None` is any number.
    pub max_items: Option<u32>,
}

/// What repeated blocks become.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Nesting {
    /// At most one: an object, or null.
    Single,
    /// A list of objects.
    List,
    /// A set of objects.
    Set,
    /// A map of objects under the block's label.
    Map,
}

impl ResourceSchema {
    /// What one object can do: the type's abilities, as far as its own attributes do not say otherwise. `value`
    /// is its configuration or its recorded value; an unknown counts as set.
    pub fn abilities_of(&self, value: &Value) -> Abilities {
        let mut abilities = self.abilities;
        for (name, attribute) in &self.block.attributes {
            let Some(ability) = attribute.gives else { continue };
            let set = value.get(name).is_some_and(|v| !v.is_null() && v.as_bool() != Some(false));
            match ability {
                Ability::Read => abilities.read = set,
                Ability::Lookup => abilities.lookup = set,
                Ability::HoldsData => abilities.holds_data = set,
            }
        }
        abilities
    }
}

impl Attribute {
    /// An attribute that the user must give.
    pub fn required(ty: Type, description: &str) -> Attribute {
        Attribute {
            ty,
            presence: Presence::Required,
            sensitive: false,
            write_only: false,
            replace_on_change: false,
            default: None,
            description: description.into(),
            deprecated: None,
            gives: None,
        }
    }

    /// An attribute that the user may give.
    pub fn optional(ty: Type, description: &str) -> Attribute {
        Attribute { presence: Presence::Optional, ..Attribute::required(ty, description) }
    }

    /// An attribute that only the provider gives.
    pub fn computed(ty: Type, description: &str) -> Attribute {
        Attribute { presence: Presence::Computed, ..Attribute::required(ty, description) }
    }

    /// An attribute that the provider gives where the user does not.
    pub fn optional_computed(ty: Type, description: &str) -> Attribute {
        Attribute { presence: Presence::OptionalComputed, ..Attribute::required(ty, description) }
    }

    /// The same, with a value for when the user gives none.
    pub fn with_default(self, default: Value) -> Attribute {
        Attribute { default: Some(default), ..self }
    }

    /// The same, where a change needs a new object.
    pub fn replacing(self) -> Attribute {
        Attribute { replace_on_change: true, ..self }
    }

    /// The same, where setting it gives an object an ability that it has not otherwise.
    pub fn giving(self, ability: Ability) -> Attribute {
        Attribute { gives: Some(ability), ..self }
    }

    /// The same, with a value that is sensitive whatever it was made of.
    pub fn secret(self) -> Attribute {
        Attribute { sensitive: true, ..self }
    }
}

impl BlockSchema {
    /// A block of attributes only.
    pub fn of<const N: usize>(
        description: &str,
        attributes: [(&str, Attribute); N],
    ) -> BlockSchema {
        BlockSchema {
            attributes: attributes
                .into_iter()
                .map(|(name, attribute)| (name.into(), attribute))
                .collect(),
            blocks: BTreeMap::new(),
            description: description.into(),
        }
    }

    /// The type of a value of the block: an object with every attribute and nested block.
    pub fn ty(&self) -> Type {
        let attributes =
            self.attributes.iter().map(|(name, attribute)| (name.clone(), attribute.ty.clone()));
        let blocks = self.blocks.iter().map(|(name, nested)| (name.clone(), nested.ty()));
        Type::object(attributes.chain(blocks))
    }
}

impl NestedBlock {
    /// The type of the value under the block's name.
    pub fn ty(&self) -> Type {
        let item = self.block.ty();
        match self.nesting {
            Nesting::Single => item,
            // Elements may differ where an attribute is of any type, and so then do the containers' types.
            _ if !item.is_concrete() => Type::Dynamic,
            Nesting::List => Type::list(item),
            Nesting::Set => Type::set(item),
            Nesting::Map => Type::map(item),
        }
    }
}
