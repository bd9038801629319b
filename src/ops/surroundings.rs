//! What the use cases are given of the outside: where they run, for whom, and how providers and stores are
//! reached. The library itself looks at no environment variable, terminal or home folder.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use mpctl_provider::Provider;
use mpctl_state::{HolderIdentity, Store, StoreError};

/// Where and for whom a command runs.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The project's folder, absolute.
    pub root: Arc<Path>,
    /// The project's private folder: `.mpctl` in `root`.
    pub private: Arc<Path>,
    /// The running program.
    pub executable: Arc<Path>,
    /// Who holds leases: this process.
    pub holder: HolderIdentity,
    /// Whether a process of this host and boot still exists, by id and start.
    pub process_exists: fn(u32, u64) -> bool,
    /// Where the state is, if not where the project says (`MPCTL_STATE_URL`).
    pub state_url: Option<String>,
    /// How long a lease lives without renewal.
    pub lease_ttl: std::time::Duration,
    /// `MPCTL_VAR_name`, name and text.
    pub variables: Vec<(String, String)>,
    /// The value of an environment variable: for `Secret` documents that name one.
    pub environment_variable: fn(&str) -> Option<String>,
}

/// How providers and stores are reached: wired by the program, so that nothing else names them.
#[async_trait]
pub trait Connections: Send + Sync {
    /// The names of the providers that there are.
    fn provider_names(&self) -> Vec<Arc<str>>;

    /// A fresh instance of a provider.
    fn provider(&self, name: &str) -> Option<Arc<dyn Provider>>;

    /// The store at a place: `sqlite:PATH`, `memory:`.
    async fn store(&self, url: &str) -> Result<Arc<dyn Store>, StoreError>;
}
