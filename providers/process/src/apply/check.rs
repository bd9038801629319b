//! What must hold before anything is started or stopped: the program is there, and so is its folder, and its
//! ports are free.

use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mpctl_provider::Fault;
use mpctl_provider::contract::ApplyContext;
use mpctl_provider::value::{Path as ValuePath, Value};
use tokio::time::{Instant, sleep};

use crate::observe::Present;
use crate::place::Places;
use crate::ports::{self, Taken};
use crate::procfs;
use crate::record::Record;
use crate::service::{Service, port_path};

/// How long another service of ours may take to let go of a port.
const HANDOVER: Duration = Duration::from_secs(10);

/// How long a port may seem to be taken by nobody.
const SECOND_LOOK: Duration = Duration::from_millis(500);

/// The service as it is before an update.
pub(super) struct Before<'b> {
    /// How it was found.
    pub(super) present: &'b Present,
    /// Its recorded ports.
    pub(super) ports: Option<&'b Value>,
}

/// Checks everything that can be checked beforehand.
pub(super) async fn check(
    places: &Places,
    service: &Service,
    before: Option<&Before<'_>>,
    context: &ApplyContext,
) -> Result<(), Fault> {
    let folder = working_directory(places, service);
    if !folder.is_dir() {
        return Err(Fault::permanent(format!("there is no folder {}", folder.display()))
            .attribute(ValuePath::attribute("working_directory"))
            .hint("it is relative to the project's folder"));
    }
    check_program(&folder, service)?;
    let mut since = (Instant::now(), None);
    loop {
        let taken: Vec<Taken> = ports::taken(&service.ports)
            .into_iter()
            .filter(|taken| !before.is_some_and(|before| before.holds(taken)))
            .collect();
        let Some(first) = taken.first() else { return Ok(()) };
        let ours = service_of(places, first);
        // A plan may give a port from one service to another: the one that lets go is on its way. And one
        // that nobody seems to hold may just be ending.
        let patience = match (&first.holder, &ours) {
            (_, Some(_)) => HANDOVER,
            (None, None) => SECOND_LOOK,
            (Some(_), None) => Duration::ZERO,
        };
        if since.1 != Some(patience) {
            since = (Instant::now(), Some(patience));
            if let Some(id) = &ours {
                let port = first.port;
                context.progress(format!("waiting for port {port}, still held by service {id}"));
            }
        }
        if since.0.elapsed() >= patience || context.cancel.is_cancelled() {
            return Err(port_fault(first, ours.as_deref(), &taken[1..]));
        }
        sleep(Duration::from_millis(100)).await;
    }
}

/// Where the service runs.
pub(super) fn working_directory(places: &Places, service: &Service) -> PathBuf {
    places.absolute(service.working_directory.as_deref().unwrap_or(Path::new("")))
}

impl Before<'_> {
    /// Whether the port is held by the service that is about to be stopped.
    fn holds(&self, taken: &Taken) -> bool {
        let Some(record) = &self.present.record else { return false };
        match &taken.holder {
            Some(holder) => holder.session == record.supervisor.pid,
            // Not to be seen: a process that changed its user. Its own port it is, if it was declared.
            None => self.present.child.is_some() && self.declared(taken.port),
        }
    }

    fn declared(&self, port: u16) -> bool {
        let entries = self.ports.and_then(Value::as_entries).into_iter();
        let mut numbers = entries.flat_map(|entries| entries.iter().map(|(_, port)| port));
        numbers.any(|number| number.as_number().and_then(|n| n.as_i64()) == Some(port.into()))
    }
}

/// The id of the service of this project that holds the port, if one does.
fn service_of(places: &Places, taken: &Taken) -> Option<String> {
    let session = taken.holder.as_ref()?.session;
    places.of_all_environments().into_iter().find_map(|place| {
        let record = Record::read(&place.record())?;
        let same = record.supervisor.pid == session && record.boot == procfs::boot_id();
        same.then(|| place.id())
    })
}

fn port_fault(first: &Taken, ours: Option<&str>, others: &[Taken]) -> Fault {
    let held = |taken: &Taken| match (&taken.holder, ours) {
        (Some(holder), Some(id)) => format!("service {id} (process {})", holder.pid),
        (Some(holder), None) => format!("{} (process {})", holder.program, holder.pid),
        (None, _) => "a process that cannot be seen from here".to_owned(),
    };
    let summary = format!("port {} ({}) is in use by {}", first.port, first.name, held(first));
    let hint = match ours {
        Some(_) => "both belong to this project: give one of them another port",
        None => "end that process, or choose another port",
    };
    let fault = Fault::permanent(summary).hint(hint);
    let fault = fault.attribute(port_path(&first.name));
    if others.is_empty() {
        return fault;
    }
    let lines = others.iter().map(|taken| format!("port {} ({})", taken.port, taken.name));
    fault.detail(format!("In use as well: {}", lines.collect::<Vec<_>>().join(", ")))
}

/// A program without a slash is looked up in `PATH`; others are relative to where the service runs.
fn check_program(folder: &Path, service: &Service) -> Result<(), Fault> {
    let program = service.command.first().map(String::as_str).unwrap_or_default();
    let executable = |path: &Path| {
        path.is_file() && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
    };
    let fault =
        |summary: String| Fault::permanent(summary).attribute(ValuePath::attribute("command"));
    if program.contains('/') {
        let path = folder.join(program);
        return match (path.exists(), executable(&path)) {
            (_, true) => Ok(()),
            (true, false) => Err(fault(format!("{} cannot be executed", path.display()))
                .hint("it must be a file with the permission to be executed")),
            (false, _) => Err(fault(format!("there is no program {}", path.display()))
                .hint("a program with a slash is relative to the working directory")),
        };
    }
    let path = service.env.get("PATH").map(Into::into).or_else(|| env::var_os("PATH"));
    let path = path.unwrap_or_default();
    if env::split_paths(&path).any(|place| executable(&folder.join(place).join(program))) {
        return Ok(());
    }
    Err(fault(format!("command not found: {program}"))
        .hint(format!("it was looked for in {}", path.to_string_lossy())))
}
