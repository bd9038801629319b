//! A project in a temporary folder, with a provider in it. Whatever was started in it is ended with it, also when
//! a test fails.

use std::fs;
use std::future::Future;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use mpctl_provider::contract::{
    ApplyAction, ApplyContext, ApplyEvent, ApplyRequest, ConfigureRequest, LookupRequest, Object,
    PlanReply, PlanRequest, ProjectContext, ReadRequest,
};
use mpctl_provider::proposal::proposed;
use mpctl_provider::schema::Presence;
use mpctl_provider::{Fault, Provider, Type, Value};
use mpctl_provider_process::ProcessProvider;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::fixture::SERVE;

pub(crate) struct Sandbox {
    pub(crate) root: tempfile::TempDir,
    pub(crate) provider: ProcessProvider,
    pub(crate) cancel: CancellationToken,
    runtime: tokio::runtime::Runtime,
    keys: std::cell::Cell<u32>,
    pub(crate) said: Arc<Mutex<Vec<String>>>,
}

impl Sandbox {
    pub(crate) fn new() -> Sandbox {
        Sandbox::with_program(std::env::current_exe().unwrap())
    }

    /// A project whose supervisors are started from `program`.
    pub(crate) fn with_program(program: PathBuf) -> Sandbox {
        let root = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let provider = ProcessProvider::new();
        let project = ProjectContext {
            root: root.path().into(),
            private: root.path().join(".mpctl").into(),
            project: "shop".into(),
            environment: "dev".into(),
            executable: program.into(),
        };
        let config = Value::object([("log_dir", Value::Null(Type::String))]);
        runtime.block_on(provider.configure(ConfigureRequest { config, project })).unwrap();
        Sandbox {
            root,
            provider,
            cancel: CancellationToken::new(),
            runtime,
            keys: 0.into(),
            said: Arc::default(),
        }
    }

    pub(crate) fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// A configuration with these attributes, all others null.
    pub(crate) fn config<const N: usize>(&self, given: [(&str, Value); N]) -> Value {
        let block = &self.provider.schema().resources["process_service"].block;
        let null = |ty: &Type| Value::Null(ty.clone());
        let all = block.attributes.iter().map(|(name, a)| (name.clone(), null(&a.ty)));
        Value::object(all.chain(given.map(|(name, value)| (name.into(), value))))
    }

    /// A web server with a health check.
    pub(crate) fn web(&self, name: &str, port: u16) -> Value {
        self.web_with(name, port, [])
    }

    pub(crate) fn web_with<const N: usize>(
        &self,
        name: &str,
        port: u16,
        more: [(&str, Value); N],
    ) -> Value {
        let base = [
            ("name", Value::string(name)),
            ("command", serve(port, 0)),
            ("ports", ports([("http", port)])),
            ("health", http_health("10s")),
        ];
        self.config_of(base.into_iter().chain(more))
    }

    /// A command of the shell.
    pub(crate) fn shell<const N: usize>(
        &self,
        name: &str,
        script: &str,
        more: [(&str, Value); N],
    ) -> Value {
        let base = [("name", Value::string(name)), ("command", texts(&["sh", "-c", script]))];
        self.config_of(base.into_iter().chain(more))
    }

    fn config_of<'a>(&self, given: impl Iterator<Item = (&'a str, Value)>) -> Value {
        let mut config = self.config([]).as_entries().cloned().unwrap();
        given.for_each(|(name, value)| config.insert(name.into(), value));
        Value::Object(config.into())
    }

    pub(crate) fn plan(&self, prior: Option<&Object>, config: &Value) -> PlanReply {
        let block = &self.provider.schema().resources["process_service"].block;
        let request = PlanRequest {
            resource_type: "process_service".into(),
            prior: prior.cloned(),
            config: config.clone(),
            proposed: proposed(block, prior.map(|prior| &prior.value), config),
        };
        self.block_on(self.provider.plan(vec![request])).remove(0).unwrap()
    }

    /// Plans and applies; checks that the promise was kept.
    pub(crate) fn try_apply(
        &self,
        prior: Option<&Object>,
        config: &Value,
        key: &str,
    ) -> Result<Object, Fault> {
        let reply = self.plan(prior, config);
        let request = ApplyRequest {
            action: if prior.is_some() { ApplyAction::Update } else { ApplyAction::Create },
            resource_type: "process_service".into(),
            prior: prior.cloned(),
            planned: Some(reply.planned.clone()),
            config: Some(config.clone()),
            private: reply.private,
            idempotency_key: key.into(),
        };
        let object = self.send(request)?.unwrap();
        for (name, planned) in reply.planned.as_entries().unwrap().iter() {
            let last = object.value.get(name).unwrap();
            assert!(last.is_wholly_known(), "{name} is not known after apply");
            assert!(planned.is_unknown() || planned == last, "{name}: {planned:?} became {last:?}");
        }
        Ok(object)
    }

    fn send(&self, request: ApplyRequest) -> Result<Option<Object>, Fault> {
        let (events, mut heard) = mpsc::unbounded_channel();
        let context = ApplyContext { events, cancel: self.cancel.clone() };
        let said = self.said.clone();
        let listener = async move {
            while let Some(event) = heard.recv().await {
                if let ApplyEvent::Progress(words) = event {
                    said.lock().unwrap().push(words);
                }
            }
        };
        let apply = self.provider.apply(request, context);
        let reply = self.block_on(async { tokio::join!(apply, listener).0 });
        reply.map(|reply| reply.object)
    }

    /// What was said while applying.
    pub(crate) fn said(&self) -> Vec<String> {
        self.said.lock().unwrap().clone()
    }

    fn next_key(&self) -> String {
        self.keys.set(self.keys.get() + 1);
        format!("key-{}", self.keys.get())
    }

    pub(crate) fn create(&self, config: &Value) -> Object {
        let created = self.try_apply(None, config, &self.next_key());
        created.unwrap_or_else(|fault| panic!("{fault:?}"))
    }

    pub(crate) fn update(&self, prior: &Object, config: &Value) -> Result<Object, Fault> {
        self.try_apply(Some(prior), config, &self.next_key())
    }

    pub(crate) fn delete(&self, prior: &Object) -> Result<(), Fault> {
        let request = ApplyRequest {
            action: ApplyAction::Delete,
            resource_type: "process_service".into(),
            prior: Some(prior.clone()),
            planned: None,
            config: None,
            private: [].into(),
            idempotency_key: self.next_key().into(),
        };
        self.send(request).map(|object| assert!(object.is_none()))
    }

    pub(crate) fn read(&self, object: &Object) -> Option<Object> {
        let request =
            ReadRequest { resource_type: "process_service".into(), object: object.clone() };
        self.block_on(self.provider.read(vec![request])).remove(0).unwrap()
    }

    pub(crate) fn lookup(&self, key: &str, config: &Value) -> Option<Object> {
        let request = LookupRequest {
            resource_type: "process_service".into(),
            idempotency_key: key.into(),
            config: config.clone(),
            partial: None,
        };
        self.block_on(self.provider.lookup(request)).unwrap()
    }

    /// Whether a plan of the same configuration would change nothing.
    pub(crate) fn is_settled(&self, object: &Object, config: &Value) -> bool {
        self.plan(Some(object), config).planned == object.value
    }

    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        self.root.path().join(".mpctl/process/dev").join(name)
    }

    pub(crate) fn log(&self, name: &str) -> String {
        fs::read_to_string(self.root.path().join(format!(".mpctl/logs/dev/{name}.log"))).unwrap()
    }

    /// The supervisor's process id.
    pub(crate) fn supervisor(&self, name: &str) -> i32 {
        pid_in(&self.record(name)["supervisor"])
    }

    pub(crate) fn record(&self, name: &str) -> serde_json::Value {
        let bytes = fs::read(self.folder(name).join("state.json")).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        for folder in
            fs::read_dir(self.root.path().join(".mpctl/process/dev")).into_iter().flatten()
        {
            let path = folder.unwrap().path().join("state.json");
            let Ok(bytes) = fs::read(path) else { continue };
            let Ok(record) = serde_json::from_slice::<serde_json::Value>(&bytes) else { continue };
            let [supervisor, child] = [&record["supervisor"], &record["child"]];
            // Asked to end, the supervisor ends all that the service started.
            if is_the_same(supervisor) {
                kill(pid_in(supervisor), "TERM");
                let start = Instant::now();
                while is_the_same(supervisor) && start.elapsed() < Duration::from_secs(5) {
                    std::thread::sleep(Duration::from_millis(10));
                }
            }
            for process in [supervisor, child] {
                if is_the_same(process) {
                    kill(pid_in(process), "KILL");
                }
            }
        }
    }
}

/// Whether the process of a record is the one that has its id.
fn is_the_same(process: &serde_json::Value) -> bool {
    let start = process["start_time"].as_u64();
    start.is_some() && start == start_time(pid_in(process)) && is_alive(pid_in(process))
}

fn pid_in(process: &serde_json::Value) -> i32 {
    process["pid"].as_i64().and_then(|pid| i32::try_from(pid).ok()).unwrap_or(0)
}

/// A living process's start time.
fn start_time(pid: i32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
}

/// Whether the process is there and not just waiting to be collected.
pub(crate) fn is_alive(pid: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.starts_with(" Z"))
}

/// The command lines of living processes that have `text` in theirs or in their environment.
pub(crate) fn processes_with(text: &str) -> Vec<String> {
    let pids = fs::read_dir("/proc").unwrap().flatten();
    let pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let read = |pid: i32, file: &str| {
        let bytes = fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).replace('\0', " ")
    };
    pids.filter(|pid| is_alive(*pid))
        .map(|pid| (read(pid, "cmdline"), read(pid, "environ")))
        .filter(|(command, environment)| command.contains(text) || environment.contains(text))
        .map(|(command, _)| command)
        .collect()
}

pub(crate) fn kill(pid: i32, signal: &str) {
    assert!(pid > 1);
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    let signal = match signal {
        "KILL" => rustix::process::Signal::KILL,
        "TERM" => rustix::process::Signal::TERM,
        "SEGV" => rustix::process::Signal::SEGV,
        other => panic!("{other}"),
    };
    let _ = rustix::process::kill_process(pid, signal);
}

pub(crate) fn wait_until(what: &str, done: impl FnMut() -> bool) {
    wait_at_most(Duration::from_secs(15), what, done);
}

pub(crate) fn wait_at_most(longest: Duration, what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < longest, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

/// The body of the answer; empty when nobody answers.
pub(crate) fn get(port: u16, path: &str) -> String {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer.rsplit_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default())
    };
    ask().unwrap_or_default()
}

pub(crate) fn pid(object: &Object) -> i32 {
    let pid = object.value.get("pid").and_then(Value::as_number).and_then(|n| n.as_i64());
    pid.and_then(|pid| i32::try_from(pid).ok()).expect("no process")
}

pub(crate) fn status(object: &Object) -> &str {
    object.value.get("status").and_then(Value::as_str).unwrap()
}

pub(crate) fn texts(items: &[&str]) -> Value {
    Value::list(Type::String, items.iter().map(|item| Value::string(*item)).collect())
}

pub(crate) fn text_map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    let entries = entries.into_iter().map(|(name, value)| (name.into(), value));
    Value::map(Type::String, entries.collect())
}

pub(crate) fn ports<const N: usize>(entries: [(&str, u16); N]) -> Value {
    let entries = entries.into_iter().map(|(name, port)| (name.into(), Value::int(port.into())));
    Value::map(Type::Number, entries.collect())
}

pub(crate) fn serve(port: u16, delay: u16) -> Value {
    let program = std::env::current_exe().unwrap();
    texts(&[program.to_str().unwrap(), SERVE, &port.to_string(), &delay.to_string()])
}

pub(crate) fn http_health(timeout: &str) -> Value {
    let http = Value::object([("path", Value::string("/"))]);
    Value::object([
        ("http", http),
        ("interval", Value::string("100ms")),
        ("timeout", Value::string(timeout)),
    ])
}

/// The names of attributes that only a provider gives, as a check that the schema and the tests agree.
pub(crate) fn computed(provider: &ProcessProvider) -> Vec<String> {
    let attributes = &provider.schema().resources["process_service"].block.attributes;
    let computed = attributes.iter().filter(|(_, a)| a.presence == Presence::Computed);
    computed.map(|(name, _)| name.to_string()).collect()
}
