//! The buyers' pages, the organizer's console and the embeddable seat map. They are built from `web/` and stand whole in the
//! binary.

use std::sync::OnceLock;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use bytes::Bytes;
use flate2::Compression;
use http::{HeaderMap, HeaderValue, header};
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;

use super::docs::shown;
use crate::gzip;
use crate::http::problem::Problem;
use crate::http::state::SharedApp;

/// Pages run scripts of this server alone, set no style in an element, call this server alone, and stand in no frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

/// The one page of the shop; its script reads from the address what to show.
static SHOP: File = File::new(HTML, include_str!("../../../assets/dist/index.html"));
static SHOP_SCRIPT: File = File::new(JAVASCRIPT, include_str!("../../../assets/dist/assets/index.js"));
static SHOP_STYLE: File = File::new(CSS, include_str!("../../../assets/dist/assets/index.css"));
/// The one page of the console. It holds nothing that is secret: what it shows, it asks the API for with the key typed into it.
static CONSOLE: File = File::new(HTML, include_str!("../../../assets/dist/console.html"));
static CONSOLE_SCRIPT: File = File::new(JAVASCRIPT, include_str!("../../../assets/dist/assets/console.js"));
static CONSOLE_STYLE: File = File::new(CSS, include_str!("../../../assets/dist/assets/console.css"));
static MAP: File = File::new(JAVASCRIPT, include_str!("../../../assets/dist/flashtix-map.js"));
static MAP_TYPES: File = File::new(TEXT, include_str!("../../../assets/dist/flashtix-map.d.ts"));

/// The routes. They are pages and not API: the document does not describe them.
pub(super) fn router() -> OpenApiRouter<SharedApp> {
    OpenApiRouter::new()
        .route("/", get(async |headers: HeaderMap| SHOP.answer(&headers)))
        .route("/e/{event}", get(async |headers: HeaderMap| SHOP.answer(&headers)))
        .route("/console", get(async |headers: HeaderMap| CONSOLE.answer(&headers)))
        .route("/console/{*page}", get(async |headers: HeaderMap| CONSOLE.answer(&headers)))
        .route("/web.json", get(settings))
        .route("/assets/{file}", get(asset))
        .route("/flashtix-map.js", get(async |headers: HeaderMap| embedded(&MAP, &headers)))
        .route("/flashtix-map.d.ts", get(async |headers: HeaderMap| embedded(&MAP_TYPES, &headers)))
}

/// What the pages must know before they can ask anything: the key that everybody may use, where there is one.
async fn settings(State(app): State<SharedApp>) -> Json<Value> {
    Json(json!({ "publishable_key": app.options.pages_key }))
}

async fn asset(headers: HeaderMap, Path(file): Path<String>) -> Result<Response, Problem> {
    let file = match file.as_str() {
        "index.js" => &SHOP_SCRIPT,
        "index.css" => &SHOP_STYLE,
        "console.js" => &CONSOLE_SCRIPT,
        "console.css" => &CONSOLE_STYLE,
        _ => return Err(Problem::not_found("file")),
    };
    Ok(file.answer(&headers))
}

/// The map is for pages of other origins too: a module script is only run where its server allows it.
fn embedded(file: &'static File, headers: &HeaderMap) -> Response {
    let mut response = file.answer(headers);
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

/// A file of the binary's.
struct File {
    content_type: &'static str,
    text: &'static str,
    /// What the text is compressed to, once somebody takes that.
    packed: OnceLock<Bytes>,
}

impl File {
    const fn new(content_type: &'static str, text: &'static str) -> Self {
        Self { content_type, text, packed: OnceLock::new() }
    }

    fn answer(&'static self, headers: &HeaderMap) -> Response {
        let is_packed = gzip::is_taken(headers);
        let body = if is_packed {
            self.packed.get_or_init(|| gzip::file(self.text.as_bytes(), Compression::best())).clone()
        } else {
            Bytes::from_static(self.text.as_bytes())
        };
        let mut response = shown(self.content_type, POLICY, body);
        gzip::declare(response.headers_mut(), is_packed);
        response
    }
}
