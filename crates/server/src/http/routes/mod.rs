//! The routes, one module a resource.

mod access;
mod buyers;
mod channels;
mod charts;
mod classic;
pub(super) mod direct;
mod docs;
mod events;
mod exports;
mod feed;
mod grace;
mod holds;
mod ledger;
mod operations;
mod orders;
mod purchase;
mod web;

use axum::Router;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::state::SharedApp;

pub(super) use grace::GRACE_SECONDS_MAX;

/// All routes over an application.
///
/// Layers around all of them cost every request a box and a clone each: what every answer needs is in
/// [`super::service()`] instead.
pub(super) fn router(app: SharedApp) -> Router {
    let mut all = always();
    if app.options.classic_api {
        all = all.merge(classic::router());
    }
    let (all, _) = all.split_for_parts();
    all.with_state(app)
}

/// What every route does, as `#[utoipa::path]` says it beside its handler; the classic ones included.
pub(super) fn operations() -> OpenApi {
    always().merge(classic::router()).into_openapi()
}

/// The routes of every server.
fn always() -> OpenApiRouter<SharedApp> {
    OpenApiRouter::new().merge(v1()).merge(operations::router()).merge(docs::router()).merge(web::router())
}

fn v1() -> OpenApiRouter<SharedApp> {
    OpenApiRouter::new()
        .routes(routes!(charts::list, charts::create))
        .routes(routes!(charts::read))
        .routes(routes!(events::list, events::create))
        .routes(routes!(events::read, events::update, events::delete))
        .routes(routes!(events::move_chart))
        .routes(routes!(events::availability))
        .routes(routes!(holds::list, holds::create))
        .routes(routes!(orders::list_of_event, orders::create))
        .routes(routes!(access::create))
        .routes(routes!(channels::list))
        .routes(routes!(channels::read))
        .routes(routes!(channels::block))
        .routes(routes!(channels::unblock))
        .routes(routes!(grace::give))
        .routes(routes!(exports::export))
        .routes(routes!(exports::report))
        .routes(routes!(feed::follow))
        .routes(routes!(ledger::list))
        .routes(routes!(holds::read, holds::edit, holds::release))
        .routes(routes!(holds::confirm))
        .routes(routes!(orders::list))
        .routes(routes!(orders::read))
        .routes(routes!(orders::cancel))
        .routes(routes!(orders::change))
        .routes(routes!(buyers::erase))
}
