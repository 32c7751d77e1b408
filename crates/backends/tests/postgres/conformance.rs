//! What every store must do, asked of PostgreSQL, in every version that this machine has.

use std::sync::Arc;

use testkit::conformance::{self, Subject};
use testkit::servers::postgres::{Postgres, versions};

use crate::open;

#[tokio::test]
async fn every_version_conforms() {
    for version in versions() {
        let server = Arc::new(Postgres::start(&version, &[]));
        conformance::moved::a_deadline_moves_while_its_hold_runs(&*open(server.database()).await).await;
        conformance::store(async || Subject::keeping(open(server.database()).await, server.clone())).await;
    }
}
