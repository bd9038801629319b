//! The connection: a thread that owns the database, and the transactions that run on it.
//!
//! Calls are sent to the thread and answered one by one, so a handle's writes have an order. Reads
//! see one consistent version; a write is one immediate transaction that is on the disk when it is
//! answered, and whose failure leaves nothing. The thread starts with the first call.

pub mod birth;
mod open;
pub mod schema;

use std::fmt;
use std::fs::Metadata;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;

use mpctl_state::{Result, StoreError, Timestamp};
use rusqlite::TransactionBehavior;
use tokio::sync::oneshot;

use crate::error::{Failure, Outcome};
use crate::{Mode, Options};

type Job = Box<dyn FnOnce(&mut Database) + Send>;

struct Worker {
    jobs: mpsc::Sender<Job>,
    thread: JoinHandle<()>,
}

struct Shared {
    options: Arc<Options>,
    writes: Arc<AtomicU64>,
    worker: Mutex<Option<Worker>>,
}

/// A handle on the database's thread.
#[derive(Clone)]
pub struct Connection {
    shared: Arc<Shared>,
}

impl fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Connection").field("options", &self.shared.options).finish()
    }
}

impl Connection {
    pub(crate) fn new(options: Options) -> Self {
        Self {
            shared: Arc::new(Shared {
                options: Arc::new(options),
                writes: Arc::default(),
                worker: Mutex::new(None),
            }),
        }
    }

    pub(crate) fn place(&self) -> String {
        self.shared.options.path.display().to_string()
    }

    pub(crate) fn writes(&self) -> u64 {
        self.shared.writes.load(Ordering::SeqCst)
    }

    /// Reads in one consistent version; none where there is no store yet.
    pub(crate) async fn read<Answer: Send + 'static>(
        &self,
        query: impl FnOnce(&Session<'_>) -> Outcome<Answer> + Send + 'static,
    ) -> Result<Option<Answer>> {
        self.call(move |database, answer| {
            // Nobody waits for an answer whose receiver was dropped.
            let _ = answer.send(database.read(query));
        })
        .await
    }

    /// One durable write, which makes the store where there is none.
    pub(crate) async fn write<Answer: Send + 'static>(
        &self,
        change: impl FnOnce(&Session<'_>) -> Outcome<Answer> + Send + 'static,
    ) -> Result<Answer> {
        self.call(move |database, answer| {
            let _ = answer.send(database.write(change));
        })
        .await
    }

    /// One durable write, and upkeep in a transaction of its own that no caller waits for. Upkeep
    /// that fails is due again after the next write, so its error is dropped.
    pub(crate) async fn write_then<Answer: Send + 'static>(
        &self,
        change: impl FnOnce(&Session<'_>) -> Outcome<Answer> + Send + 'static,
        upkeep: impl FnOnce(&Session<'_>) -> Outcome<()> + Send + 'static,
    ) -> Result<Answer> {
        self.call(move |database, answer| {
            let outcome = database.write(change);
            let done = outcome.is_ok();
            let _ = answer.send(outcome);
            if done {
                let _ = database.upkeep(upkeep);
            }
        })
        .await
    }

    async fn call<Answer: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Database, oneshot::Sender<Result<Answer>>) + Send + 'static,
    ) -> Result<Answer> {
        let (answer, answered) = oneshot::channel();
        self.send(Box::new(move |database| job(database, answer)))?;
        answered.await.unwrap_or_else(|_| {
            Err(self.unavailable("its thread failed while answering (this is a defect)"))
        })
    }

    fn send(&self, job: Job) -> Result<()> {
        let mut worker = self.shared.worker.lock().unwrap_or_else(PoisonError::into_inner);
        if worker.is_none() {
            *worker = Some(self.start()?);
        }
        let sent = worker.as_ref().map(|worker| worker.jobs.send(job));
        match sent {
            Some(Ok(())) => Ok(()),
            _ => Err(self.unavailable("its thread has ended")),
        }
    }

    fn start(&self) -> Result<Worker> {
        let (jobs, queue) = mpsc::channel::<Job>();
        let mut database = Database::new(self.shared.options.clone(), self.shared.writes.clone());
        let serve = move || {
            for job in queue {
                // A job that panics takes the connection with it, and with that its transaction;
                // its caller gets an error, the next one a new connection.
                if catch_unwind(AssertUnwindSafe(|| job(&mut database))).is_err() {
                    database.connection = None;
                }
            }
        };
        let thread = std::thread::Builder::new().name("state-store".to_owned()).spawn(serve);
        let thread = thread
            .map_err(|error| self.unavailable(&format!("no thread can be started: {error}")))?;
        Ok(Worker { jobs, thread })
    }

    fn unavailable(&self, why: &str) -> StoreError {
        StoreError::Unavailable { place: self.place(), why: why.to_owned() }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let worker = self.worker.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Worker { jobs, thread }) = worker {
            drop(jobs);
            // The thread catches panics; one that ended all the same has nothing left to lose.
            let _ = thread.join();
        }
    }
}

/// What runs in a transaction works on this.
pub(crate) struct Session<'connection> {
    /// The connection, inside the transaction.
    pub(crate) sql: &'connection rusqlite::Connection,
    /// Where the store is, for messages.
    pub(crate) place: &'connection str,
    /// The store's time, read after the transaction had its lock.
    pub(crate) now: Timestamp,
}

/// The database as its thread sees it.
struct Database {
    options: Arc<Options>,
    place: String,
    writes: Arc<AtomicU64>,
    connection: Option<rusqlite::Connection>,
    /// The file that the connection has open.
    file: Option<FileIdentity>,
}

/// What tells one file from another that was put in its place.
type FileIdentity = (u64, u64);

impl Database {
    fn new(options: Arc<Options>, writes: Arc<AtomicU64>) -> Self {
        let place = options.path.display().to_string();
        Self { options, place, writes, connection: None, file: None }
    }

    fn read<Answer>(
        &mut self,
        query: impl FnOnce(&Session<'_>) -> Outcome<Answer>,
    ) -> Result<Option<Answer>> {
        if self.connection.is_none() {
            let opened =
                open::existing(&self.options).map_err(|failure| failure.at(&self.place))?;
            self.keep(opened);
        }
        self.check_file()?;
        let Some(connection) = &mut self.connection else { return Ok(None) };
        let run = || {
            let transaction = connection.transaction()?;
            let now = self.options.clock.now();
            let session = Session { sql: &transaction, place: &self.place, now };
            query(&session)
        };
        run().map(Some).map_err(|failure| failure.at(&self.place))
    }

    fn keep(&mut self, connection: Option<rusqlite::Connection>) {
        self.file = std::fs::metadata(&self.options.path).ok().and_then(|found| identity(&found));
        self.connection = connection;
    }

    /// SQLite goes on with a file whose name has been removed or given to another, and all that is
    /// written there is lost. So its name is checked before each transaction.
    fn check_file(&mut self) -> Result<()> {
        if self.connection.is_none() || self.file.is_none() {
            return Ok(());
        }
        let now = std::fs::metadata(&self.options.path).ok().and_then(|found| identity(&found));
        if now == self.file {
            return Ok(());
        }
        self.connection = None;
        let what = "the file was removed or replaced while it was in use".to_owned();
        Err(StoreError::Damaged { place: self.place.clone(), what })
    }

    fn write<Answer>(
        &mut self,
        change: impl FnOnce(&Session<'_>) -> Outcome<Answer>,
    ) -> Result<Answer> {
        let (answer, wrote) = self.transact(change)?;
        self.writes.fetch_add(u64::from(wrote), Ordering::SeqCst);
        Ok(answer)
    }

    fn upkeep(&mut self, change: impl FnOnce(&Session<'_>) -> Outcome<()>) -> Result<()> {
        self.transact(change).map(|((), _)| ())
    }

    /// Runs one immediate transaction; says whether it changed anything.
    fn transact<Answer>(
        &mut self,
        change: impl FnOnce(&Session<'_>) -> Outcome<Answer>,
    ) -> Result<(Answer, bool)> {
        let here = |failure: Failure| failure.at(&self.place);
        if self.options.mode == Mode::ReadOnly {
            return Err(here(Failure::Unavailable("it was opened for reading only".to_owned())));
        }
        if self.connection.is_none() {
            let connection = birth::existing_or_new(&self.options).map_err(here)?;
            self.keep(Some(connection));
        }
        self.check_file()?;
        let here = |failure: Failure| failure.at(&self.place);
        let Some(connection) = &mut self.connection else {
            return Err(here(Failure::Unavailable("it could not be opened".to_owned())));
        };
        let before = connection.total_changes();
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|error| here(error.into()))?;
        let now = self.options.clock.now();
        let session = Session { sql: &transaction, place: &self.place, now };
        // Dropped, the transaction is rolled back.
        let answer = change(&session).map_err(here)?;
        let committed = transaction.commit();
        let wrote = connection.total_changes() != before;
        match committed {
            Ok(()) => Ok((answer, wrote)),
            Err(error) => {
                // What the database holds is to be seen afresh.
                self.connection = None;
                Err(Failure::from(error).at_commit(&self.place, "a commit"))
            }
        }
    }
}

#[cfg(unix)]
fn identity(found: &Metadata) -> Option<FileIdentity> {
    use std::os::unix::fs::MetadataExt;
    Some((found.dev(), found.ino()))
}

/// Elsewhere an open file cannot be removed.
#[cfg(not(unix))]
fn identity(_: &Metadata) -> Option<FileIdentity> {
    None
}
