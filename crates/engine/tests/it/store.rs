//! The oracle passes what every store must pass.

use testkit::conformance::{self, Subject};
use testkit::memory::MemoryStore;

#[tokio::test(start_paused = true)]
async fn the_memory_store_conforms() {
    conformance::store(async || Subject::new(MemoryStore::new())).await;
}
