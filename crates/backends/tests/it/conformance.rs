//! What every store must do, asked of the embedded store.

use std::sync::Arc;

use backends::sqlite::{SqliteOptions, SqliteStore};
use testkit::conformance::{self, Subject};
use testkit::hall::HallReader;

#[tokio::test]
async fn the_embedded_store_conforms() {
    conformance::store(async || {
        let folder = tempfile::tempdir().unwrap();
        let options = SqliteOptions::exclusive(folder.path().join("flashtix.db"));
        let store = SqliteStore::open(options, Arc::new(HallReader)).unwrap();
        Subject::keeping(store, folder)
    })
    .await;
}

#[tokio::test]
async fn a_deadline_moves_while_its_hold_runs() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteOptions::exclusive(folder.path().join("flashtix.db"));
    let store = SqliteStore::open(options, Arc::new(HallReader)).unwrap();
    conformance::moved::a_deadline_moves_while_its_hold_runs(&*store).await;
}
