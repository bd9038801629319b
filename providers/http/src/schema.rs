//! What data `http` looks like.

use std::collections::BTreeMap;

use mpctl_provider::schema::{
    Attribute, BlockSchema, Concurrency, NestedBlock, Nesting, ProviderSchema,
};
use mpctl_provider::value::Type;

/// The one data source.
pub(crate) const HTTP: &str = "http";

/// What the provider offers.
pub(crate) fn provider() -> ProviderSchema {
    ProviderSchema {
        name: "http".into(),
        version: 1,
        configuration: BlockSchema::default(),
        resources: BTreeMap::new(),
        data_sources: BTreeMap::from([(HTTP.into(), http())]),
        runtime: false,
        concurrency: Concurrency::Parallelism,
    }
}

fn http() -> BlockSchema {
    let headers = || Type::map(Type::String);
    let mut block = BlockSchema::of(
        "What a server answers to a request. Any status is an answer; check `status_code` where it matters.",
        [
            ("url", Attribute::required(Type::String, "Where: an `http` or `https` URL.")),
            (
                "method",
                Attribute::optional(Type::String, "`GET`, the usual one, `HEAD` or `POST`."),
            ),
            ("request_headers", Attribute::optional(headers(), "Headers to send.")),
            ("request_body", Attribute::optional(Type::String, "The body to send.")),
            (
                "request_timeout_ms",
                Attribute::optional(
                    Type::Number,
                    "How long one try may take, in milliseconds; a minute otherwise.",
                ),
            ),
            ("id", Attribute::computed(Type::String, "The same as `url`.")),
            ("status_code", Attribute::computed(Type::Number, "The status of the answer.")),
            (
                "response_headers",
                Attribute::computed(
                    headers(),
                    "The headers of the answer; equal ones joined by `, `.",
                ),
            ),
            (
                "response_body",
                Attribute::computed(
                    Type::String,
                    "The body of the answer; null where that is not UTF-8.",
                ),
            ),
            (
                "response_body_base64",
                Attribute::computed(Type::String, "The body of the answer, in base64."),
            ),
            (
                "body",
                Attribute {
                    deprecated: Some("`response_body` is the same".into()),
                    ..Attribute::computed(Type::String, "The same as `response_body`.")
                },
            ),
        ],
    );
    block.blocks.insert("retry".into(), retry());
    block
}

fn retry() -> NestedBlock {
    NestedBlock {
        nesting: Nesting::Single,
        block: BlockSchema::of(
            "Trying again after an error of the connection, or the status 429 or one from 500 on (but 501).",
            [
                ("attempts", Attribute::optional(Type::Number, "How often, after the first try.")),
                (
                    "min_delay_ms",
                    Attribute::optional(
                        Type::Number,
                        "How long to wait at first, in milliseconds; 1000 otherwise. Doubles every time.",
                    ),
                ),
                (
                    "max_delay_ms",
                    Attribute::optional(
                        Type::Number,
                        "How long to wait at most, in milliseconds; 30000 otherwise.",
                    ),
                ),
            ],
        ),
        min_items: 0,
        max_items: Some(1),
    }
}
