//! The SQLite store: the contract's suite, and what is its own: files, formats, damage, processes.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod birth;
mod conformance;
mod damage;
mod format;
mod process;
mod upkeep;

use std::path::Path;
use std::sync::Arc;

use mpctl_state::conformance::{Writer, staging};
use mpctl_state::{Record, Store};
use mpctl_state_sqlite::{Options, SqliteStore};

/// A new connection, as another process would have.
fn store(path: &Path) -> Arc<dyn Store> {
    Arc::new(SqliteStore::new(Options::at(path)))
}

fn record(number: u64, version: u64) -> Record {
    let body = format!("{{\"number\":{number},\"version\":{version}}}");
    Record::new(format!("staging/resource.r[{number}]"), body.into_bytes())
}

/// Commits one version and gives everything back, so that the file is all there is.
async fn commit(path: &Path, put: Vec<Record>) {
    let writer = Writer::acquire(store(path), &staging()).await.unwrap();
    writer.commit(put, &[]).await.unwrap();
    writer.store.release(&writer.lease.fence()).await.unwrap();
}

/// All that a store tells, as text.
async fn everything(store: &dyn Store) -> mpctl_state::Result<String> {
    use std::fmt::Write as _;
    let mut told = String::new();
    for project in store.projects("default").await? {
        writeln!(told, "{project:?}").unwrap();
    }
    for scope in [staging(), mpctl_state::conformance::production()] {
        writeln!(told, "{scope}").unwrap();
        for head in store.history(&scope).await? {
            let snapshot = store.read(&scope, Some(head.serial)).await?;
            writeln!(told, "{snapshot:?}").unwrap();
        }
        writeln!(told, "{:?}", store.head(&scope).await?).unwrap();
        writeln!(told, "{:?}", store.read(&scope, None).await?).unwrap();
        for operation in store.operations(&scope).await? {
            writeln!(told, "{operation:?}").unwrap();
            writeln!(told, "{:?}", store.journal(&operation.id).await?).unwrap();
        }
        writeln!(told, "{:?}", store.newest_operation(&scope).await?).unwrap();
        let lease = store
            .lease(&scope)
            .await?
            .map(|lease| mpctl_state::Lease { read_at: mpctl_state::Timestamp(0), ..lease });
        writeln!(told, "{lease:?}").unwrap();
    }
    let project = mpctl_state::conformance::shop();
    writeln!(told, "{:?}", store.environments(&project).await?).unwrap();
    Ok(told)
}
