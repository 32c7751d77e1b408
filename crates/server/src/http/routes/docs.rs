//! The API's own description, and the start page.

use axum::Router;

use crate::http::state::SharedApp;

/// The routes.
pub(super) fn router() -> Router<SharedApp> {
    Router::new()
}
