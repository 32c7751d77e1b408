//! The buyers' pages, the organizer's console and the embeddable seat map. They are built from `web/` and stand whole in the
//! binary.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use http::{HeaderValue, header};
use serde_json::{Value, json};
use tower_http::compression::CompressionLayer;
use utoipa_axum::router::OpenApiRouter;

use super::docs::shown;
use crate::http::problem::Problem;
use crate::http::state::SharedApp;

/// Pages run scripts of this server alone, set no style in an element, call this server alone, and stand in no frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// The one page of the shop; its script reads from the address what to show.
const SHOP: &str = include_str!("../../../assets/dist/index.html");
const SHOP_SCRIPT: &str = include_str!("../../../assets/dist/assets/index.js");
const SHOP_STYLE: &str = include_str!("../../../assets/dist/assets/index.css");
/// The one page of the console. It holds nothing that is secret: what it shows, it asks the API for with the key typed into it.
const CONSOLE: &str = include_str!("../../../assets/dist/console.html");
const CONSOLE_SCRIPT: &str = include_str!("../../../assets/dist/assets/console.js");
const CONSOLE_STYLE: &str = include_str!("../../../assets/dist/assets/console.css");
const MAP: &str = include_str!("../../../assets/dist/flashtix-map.js");
const MAP_TYPES: &str = include_str!("../../../assets/dist/flashtix-map.d.ts");

/// The routes. They are pages and not API: the document does not describe them.
pub(super) fn router() -> OpenApiRouter<SharedApp> {
    OpenApiRouter::new()
        .route("/", get(|| async { shown(HTML, POLICY, SHOP) }))
        .route("/e/{event}", get(|| async { shown(HTML, POLICY, SHOP) }))
        .route("/console", get(|| async { shown(HTML, POLICY, CONSOLE) }))
        .route("/console/{*page}", get(|| async { shown(HTML, POLICY, CONSOLE) }))
        .route("/web.json", get(settings))
        .route("/assets/{file}", get(asset))
        .route("/flashtix-map.js", get(|| async { embedded(JAVASCRIPT, MAP) }))
        .route("/flashtix-map.d.ts", get(|| async { embedded("text/plain; charset=utf-8", MAP_TYPES) }))
        .layer(CompressionLayer::new())
}

/// What the pages must know before they can ask anything: the key that everybody may use, where there is one.
async fn settings(State(app): State<SharedApp>) -> Json<Value> {
    Json(json!({ "publishable_key": app.options.pages_key }))
}

async fn asset(Path(file): Path<String>) -> Result<Response, Problem> {
    match file.as_str() {
        "index.js" => Ok(shown(JAVASCRIPT, POLICY, SHOP_SCRIPT)),
        "index.css" => Ok(shown(CSS, POLICY, SHOP_STYLE)),
        "console.js" => Ok(shown(JAVASCRIPT, POLICY, CONSOLE_SCRIPT)),
        "console.css" => Ok(shown(CSS, POLICY, CONSOLE_STYLE)),
        _ => Err(Problem::not_found("file")),
    }
}

/// The map is for pages of other origins too: a module script is only run where its server allows it.
fn embedded(content_type: &str, body: &'static str) -> Response {
    let mut response = shown(content_type, POLICY, body);
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}
