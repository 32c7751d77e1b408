//! The wire of the original engine, for its clients.

use axum::Router;

use crate::http::state::SharedApp;

/// The routes.
pub(super) fn router() -> Router<SharedApp> {
    Router::new()
}
