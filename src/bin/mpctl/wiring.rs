//! Which adapters there are: the only place that names concrete providers and stores.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use mpctl::ops::surroundings::{Connections, Surroundings};
use mpctl_provider::Provider;
use mpctl_state::{HolderIdentity, Store, StoreError};
use mpctl_state_memory::MemoryStore;
use mpctl_state_sqlite::{Options, SqliteStore, host};

/// The built-in providers and stores.
#[derive(Default)]
pub(crate) struct BuiltIn {
    /// One memory store a process, so that all parts of a command see the same.
    memory: Mutex<HashMap<String, Arc<MemoryStore>>>,
}

#[async_trait]
impl Connections for BuiltIn {
    fn provider_names(&self) -> Vec<Arc<str>> {
        ["exec", "http", "local", "mpctl", "process"].map(Arc::from).to_vec()
    }

    fn provider(&self, name: &str) -> Option<Arc<dyn Provider>> {
        match name {
            "exec" => Some(mpctl_provider_exec::provider()),
            "http" => Some(mpctl_provider_http::provider()),
            "local" => Some(mpctl_provider_local::provider()),
            "mpctl" => Some(mpctl_provider_mpctl::provider()),
            "process" => Some(Arc::new(mpctl_provider_process::ProcessProvider::new())),
            _ => None,
        }
    }

    async fn store(&self, url: &str) -> Result<Arc<dyn Store>, StoreError> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            return Ok(Arc::new(SqliteStore::new(Options::at(
                path.strip_prefix("//").unwrap_or(path),
            ))));
        }
        if url.starts_with("memory:") {
            let mut stores = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
            let store =
                stores.entry(url.to_owned()).or_insert_with(|| Arc::new(MemoryStore::new()));
            return Ok(store.clone());
        }
        let scheme = url.split(':').next().unwrap_or_default();
        Err(StoreError::Unavailable {
            place: format!("{scheme}:…"),
            why: format!("there is no state backend `{scheme}`; there are sqlite: and memory:"),
        })
    }
}

/// Where and for whom this process runs. `folder` is what `-C` names.
pub(crate) fn surroundings(folder: Option<&Path>) -> std::io::Result<Surroundings> {
    let root = match folder {
        Some(folder) => folder.canonicalize()?,
        None => std::env::current_dir()?,
    };
    let process_id = std::process::id();
    let holder = HolderIdentity {
        who: std::env::var("USER")
            .or_else(|_| std::env::var("LOGNAME"))
            .unwrap_or_else(|_| user_id()),
        host: host::name(),
        boot_id: host::boot_id(),
        process_id,
        process_start: host::process_start(process_id),
        operation: None,
    };
    let variables = std::env::vars_os().filter_map(|(name, value)| {
        let name = name.into_string().ok()?;
        Some((name.strip_prefix("MPCTL_VAR_")?.to_owned(), value.into_string().ok()?))
    });
    let mut variables: Vec<(String, String)> = variables.collect();
    variables.sort();
    Ok(Surroundings {
        private: root.join(".mpctl").into(),
        root: root.into(),
        executable: std::env::current_exe().unwrap_or_else(|_| PathBuf::from("mpctl")).into(),
        holder,
        process_exists: host::process_exists,
        state_url: std::env::var("MPCTL_STATE_URL").ok().filter(|url| !url.is_empty()),
        lease_ttl: lease_ttl(),
        variables,
        environment_variable: |name| std::env::var(name).ok(),
    })
}

/// The user's name as the system's table of users has it, else the number.
fn user_id() -> String {
    let id = rustix::process::getuid().as_raw().to_string();
    let table = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = table.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1) == Some(id.as_str())).then(|| name.to_owned())
    });
    name.unwrap_or_else(|| format!("uid {id}"))
}

fn lease_ttl() -> Duration {
    let given = std::env::var("MPCTL_LEASE_TTL").ok();
    given
        .and_then(|text| crate::cli::duration(&text).ok())
        .filter(|ttl| !ttl.is_zero())
        .unwrap_or(Duration::from_secs(30))
}
