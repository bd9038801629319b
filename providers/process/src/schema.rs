//! What the provider offers: one resource type, `process_service`, and the lowering of workloads to it.

use std::collections::BTreeMap;

use mpctl_provider::schema::{
    Abilities, Attribute, BlockSchema, Concurrency, ProviderSchema, ResourceSchema,
};
use mpctl_provider::{Type, Value};

/// The only resource type.
pub(crate) const SERVICE: &str = "process_service";

/// The schema.
pub(crate) fn provider_schema() -> ProviderSchema {
    let service = ResourceSchema {
        version: 1,
        block: service_block(),
        abilities: Abilities {
            read: true,
            lookup: true,
            import: false,
            host_bound: true,
            holds_data: false,
            stable_identity: true,
        },
    };
    ProviderSchema {
        name: "process".into(),
        version: 1,
        configuration: BlockSchema::of(
            "Runs services as supervised processes of this machine.",
            [(
                "log_dir",
                Attribute::optional(
                    Type::String,
                    "The folder for logs, relative to the project's. Default: `.mpctl/logs`. Each service \
                     writes to `ENVIRONMENT/NAME.log` in it.",
                ),
            )],
        ),
        resources: BTreeMap::from([(SERVICE.into(), service)]),
        data_sources: BTreeMap::new(),
        runtime: true,
        concurrency: Concurrency::Parallelism,
    }
}

fn service_block() -> BlockSchema {
    let mut block = BlockSchema::of(
        "A process that outlives the command that started it: a supervisor of its own starts it, checks its \
         health, keeps its log and starts it again when it ends. Any change of its attributes restarts it. It \
         gets the variables in `env` and, of the surroundings, only `PATH`, `HOME`, `USER`, `LOGNAME`, \
         `SHELL`, `LANG`, `LANGUAGE`, `LC_*`, `TZ` and `TMPDIR`; `MPCTL_SERVICE` names its private folder.",
        main_attributes(),
    );
    block.attributes.extend(BlockSchema::of("", ending_attributes()).attributes);
    block.attributes.extend(BlockSchema::of("", computed_attributes()).attributes);
    block
}

fn main_attributes() -> [(&'static str, Attribute); 8] {
    let text = || Type::String;
    [
        (
            "name",
            Attribute::optional(
                text(),
                "The service's name, unique in the environment. Default: made of what the service is.",
            )
            .replacing(),
        ),
        (
            "command",
            Attribute::required(
                Type::list(text()),
                "The program and its arguments; no shell. It must stay in the foreground.",
            ),
        ),
        ("env", Attribute::optional(Type::map(text()), "Environment variables.")),
        (
            "working_directory",
            Attribute::optional(text(), "Where it runs, relative to the project's folder (default)."),
        ),
        (
            "ports",
            Attribute::optional(
                Type::map(Type::Number),
                "The ports that it listens on, by name. They must be free before it is started.",
            ),
        ),
        (
            "health",
            Attribute::optional(
                Type::Dynamic,
                "How to tell that it is well: one of `http = { path, port }`, `tcp = { port }` and `command`; \
                 `timeout` (30s) to become healthy, after `start_period` (0s); `interval` (10s), \
                 `attempt_timeout` (2s) and `retries` (3) from then on. A port is a number or a name in \
                 `ports`.",
            ),
        ),
        (
            "files",
            Attribute::optional(
                Type::map(text()),
                "Files by path. They lie below a private folder that the variable `MPCTL_FILES` names, not at \
                 the root of the machine, and only while the service is there.",
            ),
        ),
        (
            "limits",
            Attribute::optional(
                Type::Dynamic,
                "What it may use: `nofile` (open files) and `memory` (private memory, such as `256Mi`).",
            ),
        ),
    ]
}

fn ending_attributes() -> [(&'static str, Attribute); 6] {
    let text = |default: &str, description: &str| {
        Attribute::optional(Type::String, description).with_default(Value::string(default))
    };
    [
        ("restart", text("always", "When it is started again: `always`, `on-failure` or `never`.")),
        (
            "restart_delay",
            text("500ms", "The pause before the first restart; it doubles each time."),
        ),
        (
            "restart_delay_max",
            Attribute::optional(
                Type::String,
                "The longest pause before a restart. Default: `30s`.",
            ),
        ),
        ("stop_signal", text("SIGTERM", "The signal that asks it to end.")),
        ("stop_grace", text("10s", "How long it may take to end; then it is killed.")),
        (
            "log_file",
            Attribute::optional_computed(
                Type::String,
                "Where its output goes, relative to the project's folder. At 16 MiB the file is moved to \
                 `FILE.1`.",
            ),
        ),
    ]
}

fn computed_attributes() -> [(&'static str, Attribute); 5] {
    [
        ("id", Attribute::computed(Type::String, "`ENVIRONMENT/NAME`.")),
        ("pid", Attribute::computed(Type::Number, "The id of the process.")),
        (
            "started_at",
            Attribute::computed(Type::String, "When the process was started (RFC 3339)."),
        ),
        (
            "status",
            Attribute::computed(
                Type::String,
                "`starting`, `running`, `healthy`, `unhealthy`, `restarting`, `crashed`, `completed` or \
                 `stopped`.",
            ),
        ),
        (
            "url",
            Attribute::computed(
                Type::String,
                "`http://127.0.0.1:PORT` of the port named `http`, or of the first by name.",
            ),
        ),
    ]
}
