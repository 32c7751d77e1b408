//! The API's own description, and the page for developers. Everything they need is in the binary.

mod page;

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, HeaderValue, header};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use utoipa_swagger_ui::{Config, SwaggerFile};

use crate::app::charts;
use crate::gzip;
use crate::http::openapi;
use crate::http::problem::Problem;
use crate::http::state::SharedApp;

/// Swagger UI runs scripts of this server alone. It sets styles in elements, and draws its icons from `data:` URLs.
const SWAGGER_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// The routes.
pub(super) fn router() -> OpenApiRouter<SharedApp> {
    OpenApiRouter::new()
        .routes(routes!(start))
        .routes(routes!(document))
        .routes(routes!(swagger))
        .routes(routes!(swagger_index))
        .routes(routes!(swagger_file))
}

/// An answer that a browser takes for what it says it is, and shows in no frame.
pub(super) fn shown(content_type: &str, policy: &'static str, body: impl IntoResponse) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    if let Ok(content_type) = HeaderValue::from_str(content_type) {
        headers.insert(header::CONTENT_TYPE, content_type);
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// Page for developers
///
/// What this is, for somebody with a browser, and where to go on.
#[utoipa::path(
    get, path = "/developers", tag = "Operations", operation_id = "startPage",
    responses((status = 200, description = "A page.", body = String, content_type = "text/html")),
    security(()),
)]
async fn start(State(app): State<SharedApp>, headers: HeaderMap) -> Response {
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or("127.0.0.1:8080");
    shown(
        "text/html; charset=utf-8",
        page::POLICY,
        page::start(app.demo.as_ref(), app.options.classic_api, host),
    )
}

/// This document
///
/// The API as OpenAPI 3.1, for generating clients.
#[utoipa::path(
    get, path = "/openapi.json", tag = "Operations", operation_id = "readDocument",
    responses((status = 200, description = "The document.", body = ref("#/components/schemas/Document"))),
    security(()),
)]
async fn document() -> Result<Response, Problem> {
    let text = openapi::shared().ok_or_else(Problem::unavailable)?;
    Ok(shown("application/json", page::POLICY, text))
}

/// Swagger UI
///
/// Leads to `/swagger-ui/`.
#[utoipa::path(
    get, path = "/swagger-ui", tag = "Operations", operation_id = "openSwaggerUi",
    responses((status = 307, description = "To `/swagger-ui/`.",
        headers(("Location" = String, description = "`/swagger-ui/`.")))),
    security(()),
)]
async fn swagger() -> Redirect {
    Redirect::temporary("/swagger-ui/")
}

/// Swagger UI's page
///
/// This document for people, with every request ready to be tried. It comes whole from this server and asks no other.
#[utoipa::path(
    get, path = "/swagger-ui/", tag = "Operations", operation_id = "swaggerUi",
    responses((status = 200, description = "The page.", body = String, content_type = "text/html")),
    security(()),
)]
async fn swagger_index(headers: HeaderMap) -> Result<Response, Problem> {
    asset("index.html", &headers)
}

/// Swagger UI's files
///
/// Its scripts and styles.
#[utoipa::path(
    get, path = "/swagger-ui/{file}", tag = "Operations", operation_id = "swaggerUiFile",
    responses(
        (status = 200, description = "The file, of the type that its name says.", body = String, content_type = "*/*"),
        openapi::problems::NoFile,
    ),
    security(()),
)]
async fn swagger_file(headers: HeaderMap, Path(file): Path<String>) -> Result<Response, Problem> {
    asset(&file, &headers)
}

/// A file of Swagger UI's, set up for this API.
fn asset(name: &str, headers: &HeaderMap) -> Result<Response, Problem> {
    let config = Config::new(["/openapi.json"]).validator_url("none").doc_expansion("none").filter(true);
    let found = utoipa_swagger_ui::serve(name, Arc::new(config)).map_err(|error| {
        tracing::error!(%error, "Swagger UI cannot be set up");
        Problem::unavailable()
    })?;
    let Some(SwaggerFile { bytes, content_type, gzpipped: is_packed, .. }) = found else {
        return Err(Problem::not_found("file"));
    };
    let is_sent_packed = is_packed && gzip::is_taken(headers);
    let bytes = if is_packed && !is_sent_packed {
        charts::inflate(&bytes).map_err(|error| {
            tracing::error!(error, name, "a file of Swagger UI cannot be unpacked");
            Problem::unavailable()
        })?
    } else {
        bytes.into_owned()
    };
    let mut response = shown(&content_type, SWAGGER_POLICY, bytes);
    gzip::declare(response.headers_mut(), is_sent_packed);
    Ok(response)
}
