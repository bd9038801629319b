//! What the provider says without starting anything: mistakes in configurations, and workloads as services.
#![allow(clippy::unwrap_used)]

use mpctl_provider::contract::{
    ConfigureRequest, Instance, InstancesRequest, LowerReply, LowerRequest, LoweredAttribute,
    PlanRequest, ProjectContext, ValidateRequest, WorkloadSpec,
};
use mpctl_provider::proposal::proposed;
use mpctl_provider::{Fault, Provider, Type, Value};
use mpctl_provider_process::ProcessProvider;

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn provider() -> ProcessProvider {
    let provider = ProcessProvider::new();
    let project = ProjectContext {
        root: std::path::Path::new("/srv/shop").into(),
        private: std::path::Path::new("/srv/shop/.mpctl").into(),
        project: "shop".into(),
        environment: "dev".into(),
        executable: std::path::Path::new("/usr/bin/mpctl").into(),
    };
    block_on(
        provider
            .configure(ConfigureRequest { config: Value::object([("", Value::NULL)]), project }),
    )
    .unwrap();
    provider
}

fn object<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::object(entries)
}

fn text(text: &str) -> Value {
    Value::string(text)
}

fn list<const N: usize>(items: [&str; N]) -> Value {
    Value::tuple(items.map(Value::string))
}

/// Every mistake in a configuration, one a line, with its hint.
fn mistakes<const N: usize>(given: [(&str, Value); N]) -> String {
    let base = [("command", list(["web"]))].into_iter();
    let config = Value::object(base.chain(given));
    let request = ValidateRequest { resource_type: "process_service".into(), config };
    let faults = block_on(provider().validate(vec![request])).remove(0);
    let line = |fault: &Fault| match &fault.hint {
        Some(hint) => format!("{} ({hint})", fault.summary),
        None => fault.summary.clone(),
    };
    faults.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_misspelled_key_is_named_with_the_one_that_was_meant() {
    let http = object([("pth", text("/")), ("port", text("http"))]);
    let ports = object([("http", Value::int(8080))]);
    insta::assert_snapshot!(
        mistakes([("health", object([("http", http), ("tiemout", text("3s"))])), ("ports", ports)]),
        @r"
    unknown key `tiemout` in health (did you mean `timeout`?)
    unknown key `pth` in health.http (did you mean `path`?)
    "
    );
}

#[test]
fn all_mistakes_are_reported_at_once() {
    insta::assert_snapshot!(
        mistakes([
            ("command", list([])),
            ("ports", object([("a", Value::int(70_000)), ("b", Value::int(0)), ("c", Value::int(80)), ("d", Value::int(80))])),
            ("restart", text("sometimes")),
            ("stop_signal", text("SIGSTOP")),
            ("stop_grace", text("soon")),
            ("name", text("a/b")),
            ("files", object([("../x", text(""))])),
            ("limits", object([("cpu", text("500m")), ("memory", text("lots"))])),
            ("health", object([("tcp", object([("port", text("e"))]))])),
        ]),
        @r#"
    name: "a/b" cannot be the name of a service; use letters, digits, `_`, `-` and `.`, at most 80 of them
    command: names no program
    ports.a: 70000 is no port; ports are 1 to 65535
    ports.b: port 0 leaves the choice open, and only a workload can make it (give a number from 1 to 65535, or declare a workload)
    ports.d: 80 is the port "c" already
    health.tcp.port: there is no port named "e" (known are: c)
    stop_grace: "soon" is no duration; write one like "30s", "1m30s" or "500ms"
    restart: "sometimes" is none of always, on-failure, never
    stop_signal: "SIGSTOP" is no signal that ends a process (known are: SIGHUP, SIGINT, SIGQUIT, SIGKILL, SIGUSR1, SIGUSR2, SIGALRM, SIGTERM, SIGWINCH)
    limits.cpu: the share of processors of a plain process cannot be limited (leave it out)
    limits.memory: "lots" is no size; write one like "256Mi" or "1G"
    files["../x"]: this path does not name a file of the service
    "#
    );
}

#[test]
fn a_health_check_checks_one_thing() {
    insta::assert_snapshot!(mistakes([("health", object([("interval", text("1s"))]))]),
        @"health: says nothing to check; give one of `http`, `tcp` and `command`");
    let tcp = object([("port", Value::int(1))]);
    let both = object([("tcp", tcp), ("command", list(["true"]))]);
    insta::assert_snapshot!(mistakes([("health", both)]),
        @"health: checks tcp and command; give only one of them");
    insta::assert_snapshot!(mistakes([("health", object([("http", object([]))]))]),
        @"health.http.port: is needed, as the service declares no ports");
}

#[test]
fn sensitive_values_are_not_quoted() {
    insta::assert_snapshot!(mistakes([("restart", text("hunter2").sensitive())]),
        @"restart: the sensitive value is none of always, on-failure, never");
    let inner = object([("memory", text("hunter2"))]).sensitive();
    insta::assert_snapshot!(mistakes([("limits", inner)]),
        @r#"limits.memory: the sensitive value is no size; write one like "256Mi" or "1G""#);
}

#[test]
fn what_is_not_known_yet_is_no_mistake() {
    let unknown = || Value::unknown(Type::Dynamic);
    let health = object([("http", object([("path", text("/")), ("port", unknown())]))]);
    assert_eq!(
        mistakes([
            ("command", unknown()),
            ("env", object([("A", unknown())])),
            ("ports", unknown()),
            ("health", health),
        ]),
        ""
    );
}

#[test]
fn blocks_and_either_spelling_of_keys_are_taken() {
    let block = |value| Value::tuple([value]);
    let http = block(object([("path", text("/")), ("port", Value::int(80))]));
    let health = block(object([("http", http), ("startPeriod", text("5s"))]));
    assert_eq!(mistakes([("health", health)]), "");
}

fn spec() -> WorkloadSpec {
    WorkloadSpec {
        image: Value::NULL,
        command: Value::tuple([text("web"), text("--port"), Value::int(8080)]),
        env: object([("MODE", text("dev")), ("KEY", text("hunter2").sensitive())]),
        files: Value::NULL,
        health: object([("http", object([("path", text("/")), ("port", text("http"))]))]),
        resources: object([("cpu", text("500m"))]),
        strategy: Value::NULL,
        working_directory: Value::NULL,
        settings: object([("stop_grace", text("3s")), ("restart", Value::NULL)]),
    }
}

fn instances(replicas: u64) -> Vec<Instance> {
    let request = InstancesRequest {
        workload: "web".into(),
        replicas,
        ports: vec![("http".into(), 8080)],
        recorded: Vec::new(),
    };
    block_on(provider().instances(vec![request])).remove(0).unwrap()
}

fn lower(spec: &WorkloadSpec) -> Result<LowerReply, Fault> {
    let instances = instances(2).into_iter().map(|instance| (instance, spec.clone())).collect();
    let request = LowerRequest { workload: "web".into(), instances };
    block_on(provider().lower(vec![request])).remove(0)
}

#[test]
fn a_workload_becomes_a_service_per_instance() {
    let reply = lower(&spec()).unwrap();
    assert_eq!(reply.max_unavailable, Some(1));
    let second = &reply.resources[1];
    assert_eq!(
        (second.resource_type.as_ref(), second.name.as_ref(), second.index),
        ("process_service", "web", 1)
    );
    let block = &provider().schema().resources["process_service"].block.clone();
    assert_eq!(second.config.as_entries().unwrap().len(), block.attributes.len());
    for (name, attribute) in &block.attributes {
        let value = second.config.get(name).unwrap();
        assert!(
            attribute.ty == Type::Dynamic || value.ty() == attribute.ty,
            "{name} is {}",
            value.ty()
        );
    }
    insta::assert_snapshot!(
        format!("{:?} {:?} {:?}", second.config.get("command").unwrap(), second.config.get("env").unwrap(), second.config.get("ports").unwrap()),
        @r#"["web", "--port", "8080"] {"KEY": (sensitive), "MODE": "dev"} {"http": 8081}"#
    );
    assert_eq!(second.config.get("name").unwrap().as_str(), Some("web-1"));
    assert_eq!(second.config.get("stop_grace").unwrap().as_str(), Some("3s"));
}

#[test]
fn a_workload_has_urls_before_it_runs() {
    let attributes = lower(&spec()).unwrap().attributes;
    let shown: Vec<String> = attributes
        .iter()
        .map(|(name, attribute)| match attribute {
            LoweredAttribute::Value(value) => format!("{name} = {value:?}"),
            other => panic!("{name}: {other:?}"),
        })
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    name = "web"
    replicas = 2
    ports = {"http": 8080}
    url = "http://127.0.0.1:8080"
    urls = ["http://127.0.0.1:8080", "http://127.0.0.1:8081"]
    "#);
}

#[test]
fn strategies_say_how_many_may_be_down() {
    let unavailable = |strategy| {
        let reply = lower(&WorkloadSpec { strategy, ..spec() });
        reply.map(|reply| reply.max_unavailable).map_err(|fault| fault.summary)
    };
    assert_eq!(unavailable(object([("type", text("rolling"))])), Ok(Some(1)));
    assert_eq!(unavailable(object([("max_unavailable", Value::int(2))])), Ok(Some(2)));
    assert_eq!(unavailable(object([("type", text("recreate"))])), Ok(None));
    assert_eq!(
        unavailable(object([("type", text("blue"))])),
        Err(r#""blue" is no strategy"#.into())
    );
    assert!(unavailable(object([("max_unavailable", Value::int(0))])).is_err());
    assert!(unavailable(object([("maxUnavail", Value::int(1))])).is_err());
}

#[test]
fn a_workload_that_cannot_run_here_says_why() {
    let fault = lower(&WorkloadSpec { command: Value::NULL, ..spec() }).unwrap_err();
    insta::assert_snapshot!(format!("{} ({})", fault.summary, fault.hint.unwrap()),
        @r#"workload "web" has no command (the process runtime starts `command`; an `image` alone is for container runtimes)"#);
    let settings = object([("stop_graze", text("1s"))]);
    let fault = lower(&WorkloadSpec { settings, ..spec() }).unwrap_err();
    insta::assert_snapshot!(format!("{} ({})", fault.summary, fault.hint.unwrap()),
        @"unknown key `stop_graze` (did you mean `stop_grace`?)");
    let settings = object([("log_file", text("web.log"))]);
    let fault = lower(&WorkloadSpec { settings, ..spec() }).unwrap_err();
    insta::assert_snapshot!(fault.summary, @r#"several instances would log to "web.log""#);
}

#[test]
fn an_unknown_is_moved_whole() {
    let unknown = Value::unknown(Type::String);
    let env = object([("URL", unknown.clone())]);
    let reply = lower(&WorkloadSpec { env, ..spec() }).unwrap();
    let lowered = reply.resources[0].config.get("env").unwrap().get("URL").unwrap();
    assert_eq!(*lowered, unknown);
}

#[test]
fn a_lowered_service_plans_with_its_id_url_and_log_known() {
    let provider = provider();
    let config = lower(&spec()).unwrap().resources[0].config.clone();
    let block = &provider.schema().resources["process_service"].block;
    let request = PlanRequest {
        resource_type: "process_service".into(),
        prior: None,
        proposed: proposed(block, None, &config),
        config,
    };
    let planned = block_on(provider.plan(vec![request])).remove(0).unwrap().planned;
    let shown: Vec<String> = ["id", "url", "log_file", "pid", "started_at", "status", "restart"]
        .map(|name| format!("{name} = {:?}", planned.get(name).unwrap()))
        .into();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    id = "dev/web-0"
    url = "http://127.0.0.1:8080"
    log_file = ".mpctl/logs/dev/web-0.log"
    pid = (unknown)
    started_at = (unknown)
    status = (unknown)
    restart = "always"
    "#);
}
