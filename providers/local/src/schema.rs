//! What files and directories look like.

use std::collections::BTreeMap;

use mpctl_provider::schema::{
    Abilities, Attribute, BlockSchema, Concurrency, ProviderSchema, ResourceSchema,
};
use mpctl_provider::value::Type;

/// The resource type and data source for a file.
pub(crate) const FILE: &str = "local_file";
/// The resource type for a directory.
pub(crate) const DIRECTORY: &str = "local_directory";

/// What the provider offers.
pub(crate) fn provider() -> ProviderSchema {
    ProviderSchema {
        name: "local".into(),
        version: 1,
        configuration: BlockSchema::default(),
        resources: BTreeMap::from([(FILE.into(), file()), (DIRECTORY.into(), directory())]),
        data_sources: BTreeMap::from([(FILE.into(), file_data())]),
        runtime: false,
        concurrency: Concurrency::Parallelism,
    }
}

const ABILITIES: Abilities = Abilities {
    read: true,
    lookup: true,
    import: true,
    host_bound: true,
    holds_data: false,
    stable_identity: true,
};

fn file() -> ResourceSchema {
    let block = BlockSchema::of(
        "A file.",
        [
            (
                "filename",
                Attribute::required(Type::String, "Its path. A new one makes a new file.")
                    .replacing(),
            ),
            ("content", Attribute::optional(Type::String, "What it holds, as text.")),
            ("content_base64", Attribute::optional(Type::String, "What it holds, in base64.")),
            (
                "source",
                Attribute::optional(
                    Type::String,
                    "The path of a file to copy, as it is at plan time.",
                ),
            ),
            (
                "file_permission",
                Attribute::optional_computed(
                    Type::String,
                    "Its mode in octal digits, exactly; `0777`, the value where none is given, is lessened by \
                     the umask. Without a mode a file of sensitive content gets `0700`.",
                ),
            ),
            (
                "directory_permission",
                Attribute::optional_computed(
                    Type::String,
                    "The mode of folders that have to be made for it; `0777` where none is given.",
                ),
            ),
            ("id", Attribute::computed(Type::String, "The same as `filename`.")),
            (
                "content_sha256",
                Attribute::computed(Type::String, "The SHA-256 of what it holds, in hex."),
            ),
            ("size", Attribute::computed(Type::Number, "How many bytes it holds.")),
        ],
    );
    ResourceSchema { version: 0, block, abilities: ABILITIES }
}

fn directory() -> ResourceSchema {
    let block = BlockSchema::of(
        "A directory, made with its parents and deleted only when it is empty.",
        [
            (
                "path",
                Attribute::required(Type::String, "Its path. A new one makes a new directory.")
                    .replacing(),
            ),
            (
                "permission",
                Attribute::optional_computed(
                    Type::String,
                    "Its mode in octal digits, exactly; `0777`, the value where none is given, is lessened by \
                     the umask.",
                ),
            ),
            ("id", Attribute::computed(Type::String, "The same as `path`.")),
        ],
    );
    ResourceSchema { version: 0, block, abilities: ABILITIES }
}

fn file_data() -> BlockSchema {
    let digest = |what: &str| Attribute::computed(Type::String, what);
    BlockSchema::of(
        "Reads a file.",
        [
            ("filename", Attribute::required(Type::String, "Its path.")),
            ("id", Attribute::computed(Type::String, "The same as `filename`.")),
            (
                "content",
                Attribute::computed(Type::String, "What it holds; null where that is not UTF-8."),
            ),
            ("content_base64", digest("What it holds, in base64.")),
            ("content_md5", digest("The MD5 of what it holds, in hex.")),
            ("content_sha1", digest("The SHA-1 of what it holds, in hex.")),
            ("content_sha256", digest("The SHA-256 of what it holds, in hex.")),
            ("content_base64sha256", digest("The SHA-256 of what it holds, in base64.")),
            ("content_sha512", digest("The SHA-512 of what it holds, in hex.")),
            ("content_base64sha512", digest("The SHA-512 of what it holds, in base64.")),
            ("size", Attribute::computed(Type::Number, "How many bytes it holds.")),
        ],
    )
}
