//! What an `exec_command` looks like.

use std::collections::BTreeMap;

use mpctl_provider::schema::{
    Abilities, Ability, Attribute, BlockSchema, Concurrency, ProviderSchema, ResourceSchema,
};
use mpctl_provider::value::Type;

/// The one resource type and data source.
pub(crate) const COMMAND: &str = "exec_command";

/// What the provider offers.
pub(crate) fn provider() -> ProviderSchema {
    ProviderSchema {
        name: "exec".into(),
        version: 1,
        configuration: BlockSchema::default(),
        resources: BTreeMap::from([(COMMAND.into(), command())]),
        data_sources: BTreeMap::from([(COMMAND.into(), data())]),
        runtime: false,
        concurrency: Concurrency::Parallelism,
    }
}

fn argv() -> Type {
    Type::list(Type::String)
}

fn input() -> Attribute {
    Attribute::optional(Type::Dynamic, "What the commands are to bring about, in any form.")
}

fn environment() -> Attribute {
    Attribute::optional(
        Type::map(Type::String),
        "Variables of the commands' environment, beside those that mpctl has itself.",
    )
}

fn working_directory() -> Attribute {
    Attribute::optional(Type::String, "Where the commands start; the project's folder otherwise.")
}

fn timeout() -> Attribute {
    Attribute::optional(
        Type::String,
        "How long a command may take, such as `90s`; 10 minutes otherwise.",
    )
}

fn output() -> Attribute {
    Attribute::computed(Type::Dynamic, "What the command answered.")
}

fn command() -> ResourceSchema {
    let block = BlockSchema::of(
        "A thing that commands of your own create, look at, change and delete.",
        [
            ("create", Attribute::required(argv(), "Makes it; answers with `id` and `output`.")),
            (
                "read",
                Attribute::optional(
                    argv(),
                    "Looks at it; answers with `output`, or `{\"found\": false}`. Without it the recorded \
                     output stands.",
                )
                .giving(Ability::Read),
            ),
            (
                "update",
                Attribute::optional(
                    argv(),
                    "Changes it to a new `input`. Without it a new `input` makes a new object.",
                ),
            ),
            (
                "delete",
                Attribute::optional(argv(), "Deletes it. Without it nothing is run to delete it."),
            ),
            (
                "lookup",
                Attribute::optional(
                    argv(),
                    "Finds what was made under an idempotency key, after an interrupted create.",
                )
                .giving(Ability::Lookup),
            ),
            ("input", input()),
            ("environment", environment()),
            ("working_directory", working_directory()),
            ("timeout", timeout()),
            (
                "triggers_replace",
                Attribute::optional(Type::Dynamic, "A value whose change makes a new object.")
                    .replacing(),
            ),
            (
                "holds_data",
                Attribute::optional(
                    Type::Bool,
                    "Deleting it destroys data that nothing brings back: said in the plan.",
                )
                .giving(Ability::HoldsData),
            ),
            ("id", Attribute::computed(Type::String, "The id that `create` answered.")),
            ("output", output()),
        ],
    );
    ResourceSchema {
        version: 0,
        block,
        abilities: Abilities {
            read: true,
            lookup: true,
            import: false,
            host_bound: false,
            holds_data: false,
            stable_identity: false,
        },
    }
}

fn data() -> BlockSchema {
    BlockSchema::of(
        "What a command answers.",
        [
            ("read", Attribute::required(argv(), "The command.")),
            ("input", input()),
            ("environment", environment()),
            ("working_directory", working_directory()),
            ("timeout", timeout()),
            ("id", Attribute::computed(Type::String, "The `id` of its answer.")),
            ("output", output()),
        ],
    )
}
