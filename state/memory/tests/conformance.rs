//! The memory store runs the contract's suite whole.

use std::sync::Arc;
use std::time::Duration;

use mpctl_state::conformance::Harness;
use mpctl_state::{Clock as _, ManualClock, Scope, Store, Timestamp};
use mpctl_state_memory::MemoryStore;

struct Memory {
    store: MemoryStore,
    clock: Arc<ManualClock>,
}

impl Memory {
    fn fresh() -> Self {
        let clock = Arc::new(ManualClock::at(Timestamp(1_700_000_000_000)));
        Self { store: MemoryStore::with_clock(clock.clone()), clock }
    }
}

#[async_trait::async_trait]
impl Harness for Memory {
    async fn handle(&self) -> Arc<dyn Store> {
        Arc::new(self.store.clone())
    }

    async fn pass(&self, time: Duration) {
        self.clock.advance(time);
    }

    async fn set_back(&self, time: Duration) -> bool {
        let back = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        self.clock.set(Timestamp(self.clock.now().0 - back));
        true
    }

    async fn flip_bit(&self, scope: &Scope, key: &str) {
        assert!(self.store.damage_record(scope, key));
    }
}

mpctl_state::conformance_tests!(Memory::fresh());
