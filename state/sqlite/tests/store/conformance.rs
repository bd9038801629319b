//! The contract's suite, whole.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use mpctl_state::conformance::Harness;
use mpctl_state::{Clock as _, ManualClock, Scope, Store, Timestamp};
use mpctl_state_sqlite::{Options, SqliteStore};

struct Sqlite {
    folder: tempfile::TempDir,
    clock: Arc<ManualClock>,
}

impl Sqlite {
    fn fresh() -> Self {
        let clock = Arc::new(ManualClock::at(Timestamp(1_700_000_000_000)));
        Self { folder: tempfile::tempdir().expect("a temporary folder"), clock }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join(".mpctl").join("state.db")
    }
}

#[async_trait::async_trait]
impl Harness for Sqlite {
    async fn handle(&self) -> Arc<dyn Store> {
        // A connection of its own, as another process would have.
        let options = Options { clock: self.clock.clone(), ..Options::at(self.path()) };
        Arc::new(SqliteStore::new(options))
    }

    async fn pass(&self, time: Duration) {
        self.clock.advance(time);
    }

    async fn set_back(&self, time: Duration) -> bool {
        let back = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        self.clock.set(Timestamp(self.clock.now().0 - back));
        true
    }

    async fn flip_bit(&self, _scope: &Scope, key: &str) {
        let database = rusqlite::Connection::open(self.path()).expect("the database");
        let row: i64 = database
            .query_row("SELECT max(id) FROM record WHERE key = ?1", [key], |row| row.get(0))
            .expect("the record");
        let body: Vec<u8> = database
            .query_row("SELECT body FROM record WHERE id = ?1", [row], |row| row.get(0))
            .expect("its body");
        let flipped: Vec<u8> = body.iter().map(|byte| byte ^ u8::from(*byte == body[0])).collect();
        database
            .execute("UPDATE record SET body = ?1 WHERE id = ?2", rusqlite::params![flipped, row])
            .expect("the damage");
    }
}

mpctl_state::conformance_tests!(Sqlite::fresh());
