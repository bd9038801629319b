//! What `mpctl_data` looks like.

use std::collections::BTreeMap;

use mpctl_provider::schema::{
    Abilities, Attribute, BlockSchema, Concurrency, ProviderSchema, ResourceSchema,
};
use mpctl_provider::value::Type;

/// The one resource type.
pub(crate) const DATA: &str = "mpctl_data";

/// What the provider offers.
pub(crate) fn provider() -> ProviderSchema {
    ProviderSchema {
        name: "mpctl".into(),
        version: 1,
        configuration: BlockSchema::default(),
        resources: BTreeMap::from([(DATA.into(), data())]),
        data_sources: BTreeMap::new(),
        runtime: false,
        concurrency: Concurrency::Unlimited,
    }
}

fn data() -> ResourceSchema {
    ResourceSchema {
        version: 0,
        block: BlockSchema::of(
            "Holds values: keeps one between applies, passes one on, or has others replaced with it.",
            [
                ("input", Attribute::optional(Type::Dynamic, "The value to hold.")),
                (
                    "triggers_replace",
                    Attribute::optional(
                        Type::Dynamic,
                        "A value whose change makes a new object of a new id.",
                    )
                    .replacing(),
                ),
                (
                    "output",
                    Attribute::computed(Type::Dynamic, "The value of `input`, once applied."),
                ),
                ("id", Attribute::computed(Type::String, "A random UUID.")),
            ],
        ),
        abilities: Abilities {
            // The recorded object is the real one, so reading, and with it settling, always succeeds.
            read: true,
            lookup: true,
            import: false,
            host_bound: false,
            holds_data: false,
            stable_identity: false,
        },
    }
}
