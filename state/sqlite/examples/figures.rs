//! Prints what the store costs on this machine: `cargo run --release -p mpctl-state-sqlite
//! --example figures [FOLDER]`. The folder should lie on the disk that is to be measured; it is
//! made where there is none, and what is written there is left there.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use mpctl_state::conformance::{Writer, fresh_nonce, holder};
use mpctl_state::{
    Digest, JournalEvent, JournalRecord, LeaseRequest, Record, Result, Scope, Store,
};
use mpctl_state_sqlite::{Options, SqliteStore};

type Outcome<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let folder = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = folder.join(format!("mpctl-figures-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    println!("in {}", folder.display());
    small(&folder.join("small.db")).await?;
    journal(&folder.join("journal.db")).await?;
    large(&folder.join("large.db")).await?;
    history(&folder.join("history.db")).await?;
    Ok(())
}

fn store(path: &Path) -> Arc<dyn Store> {
    Arc::new(SqliteStore::new(Options::at(path)))
}

fn scope() -> Result<Scope> {
    Scope::new("default", "shop", "production")
}

/// A record of about 500 bytes, as a resource with a few attributes has.
fn record(number: u64, version: u64) -> Record {
    let key = format!("production/workload.api/process_service.api[{number}]");
    let mut body =
        format!("{{\"type\":\"process_service\",\"version\":{version},\"attributes\":{{");
    for attribute in 0..9 {
        let value = Digest::of(format!("{number} {version} {attribute}").as_bytes()).to_string();
        body.push_str(&format!("\"attribute_{attribute}\":\"{}\",", &value[..32]));
    }
    body.push_str("\"ports\":[]}}");
    Record::new(key, body.into_bytes())
}

fn told(what: &str, took: Duration) {
    println!("{what:<60} {:>10.2} ms", took.as_secs_f64() * 1e3);
}

fn kibibytes(path: &Path, suffix: &str) -> u64 {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    std::fs::metadata(name).map_or(0, |found| found.len() / 1024)
}

async fn small(path: &Path) -> Outcome<()> {
    let start = Instant::now();
    let writer = Writer::acquire(store(path), &scope()?).await?;
    told("a store is made, with its first lease", start.elapsed());
    writer.commit((0..100).map(|number| record(number, 1)).collect(), &[]).await?;
    drop(writer);

    let rounds = 50;
    let start = Instant::now();
    for _ in 0..rounds {
        let store = store(path);
        store.head(&scope()?).await?;
    }
    told("a store is opened, its head read, and closed", start.elapsed() / rounds);

    let store = store(path);
    let request = || LeaseRequest {
        holder: holder("ada"),
        ttl: Duration::from_millis(1),
        nonce: fresh_nonce(),
        evidence: None,
    };
    tokio::time::sleep(Duration::from_millis(5)).await;
    let ordered = store.lease(&scope()?).await?.map(|lease| mpctl_state::Evidence {
        number: lease.number,
        reason: mpctl_state::TakeoverReason::Ordered,
    });
    let lease = store.acquire(&scope()?, &LeaseRequest { evidence: ordered, ..request() }).await?;
    store.release(&lease.fence()).await?;
    let start = Instant::now();
    for _ in 0..rounds {
        let lease = store.acquire(&scope()?, &request()).await?;
        store.release(&lease.fence()).await?;
    }
    told("a lease is taken and released", start.elapsed() / rounds);
    Ok(())
}

async fn journal(path: &Path) -> Outcome<()> {
    let writer = Writer::acquire(store(path), &scope()?).await?;
    let operation = writer.open().await?.id;
    let begun = |step: u64| {
        JournalRecord::new(
            JournalEvent::Begun {
                step: format!("production/resource.r[{step}] create"),
                fence: 1,
                idempotency_key: format!("{operation}/{step}"),
                input: Digest::of(&step.to_le_bytes()),
            },
            vec![b'x'; 500],
        )
    };
    let before = writer.store.durable_writes();
    let start = Instant::now();
    for group in 0..100 {
        let records = (0..100).map(|step| begun(group * 100 + step)).collect();
        writer.store.append(&writer.append_request(&operation, 1 + group * 100, records)).await?;
    }
    let writes = writer.store.durable_writes() - before;
    told(&format!("10,000 journal records, 100 a group, {writes} durable writes"), start.elapsed());
    let start = Instant::now();
    for step in 0..200 {
        let request = writer.append_request(&operation, 10_001 + step, vec![begun(step)]);
        writer.store.append(&request).await?;
    }
    told("one journal record by itself", start.elapsed() / 200);
    drop(writer);
    let start = Instant::now();
    let entries = store(path).journal(&operation).await?.len();
    told(&format!("a journal of {entries} entries is read and checked"), start.elapsed());
    Ok(())
}

async fn large(path: &Path) -> Outcome<()> {
    const RECORDS: u64 = 100_000;
    let writer = Writer::acquire(store(path), &scope()?).await?;
    let records: Vec<Record> = (0..RECORDS).map(|number| record(number, 1)).collect();
    let bytes: usize = records.iter().map(|record| record.key().len() + record.body().len()).sum();
    let start = Instant::now();
    writer.commit(records, &[]).await?;
    told(
        &format!("{RECORDS} records of {} bytes committed", bytes as u64 / RECORDS),
        start.elapsed(),
    );
    drop(writer);

    let start = Instant::now();
    let read = store(path).read(&scope()?, None).await?.map_or(0, |read| read.records().len());
    told(&format!("{read} records read and checked, opening included"), start.elapsed());

    let unlocked = store(path);
    let lease = unlocked.lease(&scope()?).await?.ok_or("no lease")?;
    let writer = Writer { store: unlocked, lease };
    for round in 0..10 {
        let operation = writer.open().await?.id;
        let changed = (0..100).map(|n| record((n * 997 + round * 31) % RECORDS, 2 + round));
        let request = writer.prepare(&operation, changed.collect(), &[]).await?;
        writer.announce(&request).await?;
        // A new connection truncates the log, so that what grows is this commit's.
        let log = rusqlite::Connection::open(path)?;
        log.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        let start = Instant::now();
        writer.store.commit(&request).await?;
        let took = start.elapsed();
        writer.store.head(&scope()?).await?;
        if matches!(round, 0 | 4 | 9) {
            let wal = kibibytes(path, "-wal");
            told(&format!("100 scattered records committed, {wal} KiB of WAL"), took);
        }
        writer.close(&operation).await?;
    }
    drop(writer);
    let start = Instant::now();
    store(path).read(&scope()?, None).await?;
    told("the same state read ten versions later", start.elapsed());
    println!("database: {} KiB for {} KiB of keys and bodies", kibibytes(path, ""), bytes / 1024);
    Ok(())
}

async fn history(path: &Path) -> Outcome<()> {
    const RECORDS: u64 = 10_000;
    let writer = Writer::acquire(store(path), &scope()?).await?;
    writer.commit((0..RECORDS).map(|number| record(number, 1)).collect(), &[]).await?;
    let Writer { lease, .. } = &writer;
    let lease = lease.clone();
    drop(writer);
    let one = kibibytes(path, "");
    let writer = Writer { store: store(path), lease };
    let start = Instant::now();
    for version in 2..=1_000 {
        let changed = (0..100).map(|n| record((n * 97 + version * 131) % RECORDS, version));
        writer.commit(changed.collect(), &[]).await?;
        writer.store.renew(&writer.lease.fence(), None).await?;
    }
    told("a version (four writes, one read of 10,000 records)", start.elapsed() / 999);
    drop(writer);
    let all = kibibytes(path, "");
    println!(
        "1,000 versions of {RECORDS} records, 1% changed each: {all} KiB, {:.1} times one version",
        all as f64 / one as f64
    );
    let start = Instant::now();
    store(path).read(&scope()?, Some(500)).await?;
    told("version 500 of them is read", start.elapsed());
    let start = Instant::now();
    let heads = store(path).history(&scope()?).await?.len();
    told(&format!("the history of {heads} versions is read and checked"), start.elapsed());
    Ok(())
}
