//! The document against a real server: every request example is sent, and every answer must be as documented.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use engine::options::Options;
use engine::store::Store;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use hyper::service::Service as _;
use serde_json::Value;
use testkit::memory::MemoryStore;
use tower::ServiceExt as _;
use tower::util::BoxCloneSyncService;

use super::super::examples;
use super::rules::faults;
use super::{document, id_of, operations};
use crate::app::{Between, assemble, keys};
use crate::http::{HttpOptions, service};
use engine::supervisor::Supervisor;

/// The bound of every wait.
const BOUND: Duration = Duration::from_secs(20);

/// A sale in the making.
pub(super) struct Story {
    service: BoxCloneSyncService<Request<Body>, Response, Infallible>,
    document: Value,
    requests: Value,
    secret: String,
    /// What stands for what: path parameters by name, and texts of the examples.
    names: BTreeMap<&'static str, String>,
    played: BTreeSet<String>,
    /// Keeps the engine's tasks going.
    _supervisor: Supervisor,
}

/// One call: which operation, with what.
#[derive(Default)]
struct Call<'a> {
    id: &'a str,
    /// The request's example, by name.
    example: &'a str,
    query: &'a str,
    headers: &'a [(&'a str, &'a str)],
    status: u16,
}

impl Story {
    pub(super) async fn begin() -> Self {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let organization = store.default_organization().await.expect("an organization");
        let secret = keys::create(&store, organization, true, false, "story").await.expect("a key").text;
        let http = HttpOptions { classic_api: true, ..HttpOptions::default() };
        let demo = serde_json::json!({ "event_id": "evt_ccjw35zmpy9c8", "publishable_key": "pk_test_1" });
        let (between, supervisor) = (Between::default(), Supervisor::new());
        let assembled = assemble(store, between, Options::default(), http, Some(demo), supervisor).await;
        let assembled = assembled.expect("an application");
        let api = service(assembled.app);
        Self {
            service: BoxCloneSyncService::new(tower::service_fn(move |request| api.call(request))),
            document: document(),
            requests: examples::all().expect("examples")["requests"].clone(),
            secret,
            names: BTreeMap::from([("file", "index.css".to_owned())]),
            played: BTreeSet::new(),
            _supervisor: assembled.supervisor,
        }
    }

    /// What anybody gets from a path.
    pub(super) async fn get(&self, path: &str) -> Response {
        let request = Request::builder().uri(path).body(Body::empty()).expect("a request");
        let response = tokio::time::timeout(BOUND, self.service.clone().oneshot(request)).await;
        response.expect("an answer in time").expect("an answer")
    }

    /// An example's value, with this story's identifiers in the stead of the document's.
    fn example(&self, schema: &str, name: &str) -> String {
        let value = &self.requests[schema][name]["value"];
        assert!(value.is_object(), "there is no example {name} of {schema}");
        let mut text = value.to_string();
        for (known, actual) in [
            ("cht_chjxfdcwje1e4", "chart"),
            ("pvfg76kvfyrkgk4bm37bqpdynwqt9zzr", "token"),
            ("tkt_ccjw35zmpy9c8000000003g0060hpsr60000", "ticket"),
        ] {
            if let Some(actual) = self.names.get(actual) {
                text = text.replace(known, actual);
            }
        }
        text
    }

    async fn send(&mut self, call: &Call<'_>) -> (Response, Value) {
        let found =
            operations(&self.document).into_iter().find(|(_, _, operation)| id_of(operation) == call.id);
        let (method, path, operation) = found.unwrap_or_else(|| panic!("no operation {}", call.id));
        let mut path = path.to_owned();
        for (name, actual) in &self.names {
            path = path.replace(&format!("{{{name}}}"), actual);
        }
        let body = if call.example.is_empty() {
            Body::empty()
        } else {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"];
            let schema =
                schema.as_str().and_then(|path| path.rsplit('/').next()).expect("a request's schema");
            Body::from(self.example(schema, call.example))
        };
        let mut request = Request::builder()
            .method(method.to_uppercase().as_str())
            .uri(format!("{path}{}", call.query))
            .header("authorization", format!("Bearer {}", self.secret));
        for (name, value) in call.headers {
            request = request.header(*name, *value);
        }
        let operation = operation.clone();
        self.played.insert(call.id.to_owned());
        let request = request.body(body).expect("a request");
        let response = tokio::time::timeout(BOUND, self.service.clone().oneshot(request)).await;
        (response.expect("an answer in time").expect("an answer"), operation)
    }

    /// Makes a call; its answer must be of the status and as the document says.
    async fn play(&mut self, call: Call<'_>) -> Value {
        let (response, operation) = self.send(&call).await;
        let status = if call.status == 0 { StatusCode::OK.as_u16() } else { call.status };
        let what = format!("{} {}", call.id, call.example);
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert_eq!(parts.status, status, "{what}: {text}");
        let documented = &operation["responses"][parts.status.as_str()];
        assert!(documented.is_object(), "{what}: {status} is not documented");
        assert!(parts.headers.contains_key("x-request-id"), "{what}: has no X-Request-Id");
        let Some(content) = documented["content"].as_object() else {
            assert!(bytes.is_empty(), "{what}: a body that is not documented: {text}");
            return Value::Null;
        };
        let (media_type, media) = content.iter().next().expect("a content");
        let actual = parts.headers["content-type"].to_str().expect("a content type");
        assert!(
            actual.starts_with(media_type.as_str()) || media_type == "*/*",
            "{what}: {actual}, not {media_type}"
        );
        if !media_type.contains("json") {
            return Value::String(text);
        }
        let value: Value = serde_json::from_str(&text).expect("JSON");
        if call.id != "readDocument" {
            let found = faults(&self.document, &media["schema"], &value);
            assert!(found.is_empty(), "{what}: {found:#?}\n{text}");
        }
        value
    }

    async fn charts_and_events(&mut self) {
        self.play(Call {
            id: "createChart",
            example: "pretix",
            query: "?format=pretix",
            status: 201,
            ..Call::default()
        })
        .await;
        let chart =
            self.play(Call { id: "createChart", example: "native", status: 201, ..Call::default() }).await;
        self.names.insert("chart", text(&chart["id"]));
        self.play(Call { id: "readChart", ..Call::default() }).await;
        let etag = format!("\"{}\"", self.names["chart"]);
        let known = [("if-none-match", etag.as_str())];
        self.play(Call { id: "readChart", headers: &known, status: 304, ..Call::default() }).await;
        self.play(Call { id: "listCharts", query: "?limit=1", ..Call::default() }).await;
        let spare =
            self.play(Call { id: "createEvent", example: "areas", status: 201, ..Call::default() }).await;
        let event =
            self.play(Call { id: "createEvent", example: "hall", status: 201, ..Call::default() }).await;
        self.names.insert("event", text(&spare["id"]));
        self.play(Call { id: "deleteEvent", status: 204, ..Call::default() }).await;
        self.names.insert("event", text(&event["id"]));
        self.play(Call { id: "readEvent", ..Call::default() }).await;
        self.play(Call { id: "listEvents", ..Call::default() }).await;
        self.play(Call { id: "updateEvent", example: "later", ..Call::default() }).await;
        self.play(Call { id: "moveChart", example: "camera", ..Call::default() }).await;
        self.play(Call { id: "moveChart", example: "priced", ..Call::default() }).await;
    }

    async fn holds(&mut self) {
        let key = [("idempotency-key", "8f14e45f-ceea-467f-9b1d-6c1a6b4f0c2e")];
        let seats =
            || Call { id: "createHold", example: "seats", headers: &key, status: 201, ..Call::default() };
        let hold = self.play(seats()).await;
        assert_eq!(self.play(seats()).await, hold, "the same key gets the same answer");
        self.names.insert("hold", text(&hold["id"]));
        self.names.insert("token", text(&hold["token"]));
        self.play(Call { id: "readHold", ..Call::default() }).await;
        self.play(Call { id: "updateHold", example: "swap", ..Call::default() }).await;
        self.play(Call { id: "updateHold", example: "extend", ..Call::default() }).await;
        self.play(Call { id: "listHolds", ..Call::default() }).await;
        let again = [("idempotency-key", "grace of tonight")];
        self.play(Call { id: "giveGrace", example: "outage", headers: &again, ..Call::default() }).await;
        self.play(Call { id: "confirmHold", example: "paid", status: 201, ..Call::default() }).await;
        self.play(Call { id: "confirmHold", example: "paid", status: 200, ..Call::default() }).await;
        for example in ["mixed", "best", "party"] {
            let hold = self.play(Call { id: "createHold", example, status: 201, ..Call::default() }).await;
            self.names.insert("hold", text(&hold["id"]));
            self.play(Call { id: "releaseHold", ..Call::default() }).await;
        }
    }

    async fn orders(&mut self) {
        self.play(Call { id: "createAccessToken", example: "presale", status: 201, ..Call::default() }).await;
        self.play(Call { id: "blockPlaces", example: "house", ..Call::default() }).await;
        self.names.insert("channel", "house".to_owned());
        self.play(Call { id: "listChannels", ..Call::default() }).await;
        self.play(Call { id: "readChannel", ..Call::default() }).await;
        self.play(Call { id: "createHold", example: "staff", status: 201, ..Call::default() }).await;
        let key = [("idempotency-key", "c9f0f895-fb98-4b4e-9d1f-45c48cce2e2f")];
        let counter =
            self.play(Call { id: "createOrder", example: "counter", status: 201, ..Call::default() }).await;
        self.play(Call { id: "createOrder", example: "counter", status: 200, ..Call::default() }).await;
        self.names.insert("order", text(&counter["id"]));
        self.names.insert("ticket", text(&counter["tickets"][0]["id"]));
        self.play(Call { id: "readOrder", ..Call::default() }).await;
        let changed = self.play(Call { id: "changeOrder", example: "exchange", ..Call::default() }).await;
        self.names.insert("ticket", text(&changed["tickets"][2]["id"]));
        self.play(Call { id: "cancelOrder", example: "ticket", ..Call::default() }).await;
        self.play(Call { id: "cancelOrder", example: "place", ..Call::default() }).await;
        let best = Call { id: "createOrder", example: "best", headers: &key, status: 201, ..Call::default() };
        let best = self.play(best).await;
        self.names.insert("order", text(&best["id"]));
        self.play(Call { id: "cancelOrder", example: "all", ..Call::default() }).await;
        self.play(Call { id: "eraseBuyer", example: "buyer", ..Call::default() }).await;
        self.play(Call { id: "listOrders", query: "?status=confirmed", ..Call::default() }).await;
        self.play(Call { id: "listOrdersOfEvent", query: "?code=4006381333931", ..Call::default() }).await;
        self.play(Call { id: "unblockPlaces", example: "places", ..Call::default() }).await;
        self.play(Call { id: "unblockPlaces", example: "move", ..Call::default() }).await;
        self.play(Call { id: "unblockPlaces", example: "channel", ..Call::default() }).await;
    }

    async fn what_happened(&mut self) {
        self.play(Call { id: "readAvailability", ..Call::default() }).await;
        self.play(Call { id: "readLedger", query: "?limit=1000", ..Call::default() }).await;
        self.play(Call { id: "readReport", ..Call::default() }).await;
        for list in ["orders", "tickets", "ledger"] {
            self.names.insert("list", list.to_owned());
            self.play(Call { id: "exportList", ..Call::default() }).await;
        }
        self.play(Call { id: "updateEvent", example: "limit", ..Call::default() }).await;
        self.play(Call { id: "updateEvent", example: "pause", ..Call::default() }).await;
        let (response, _) = self.send(&Call { id: "followEvent", ..Call::default() }).await;
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut body = response.into_body();
        for begins in ["retry: ", "event: snapshot\nid: "] {
            let frame = tokio::time::timeout(BOUND, body.frame()).await.expect("a frame in time");
            let data = frame.expect("a frame").expect("a frame").into_data().expect("data");
            assert!(data.starts_with(begins.as_bytes()), "{begins}: {data:?}");
        }
    }

    async fn beside_the_sale(&mut self) {
        for id in [
            "readHealth",
            "readReadiness",
            "readMetrics",
            "startPage",
            "readDocument",
            "swaggerUi",
            "swaggerUiFile",
        ] {
            self.play(Call { id, ..Call::default() }).await;
        }
        for id in ["openSwaggerUi", "classicSwaggerUi"] {
            self.play(Call { id, status: 307, ..Call::default() }).await;
        }
        for id in ["classicSeed", "classicSeed", "classicHealth", "classicMetrics"] {
            self.play(Call { id, ..Call::default() }).await;
        }
        let book = |query, status| Call { id: "classicBook", query, status, ..Call::default() };
        self.play(book("?ticketId=1&userId=1001", 200)).await;
        self.play(book("?ticketId=1&userId=1001", 200)).await;
        self.play(book("?ticketId=1&userId=1002", 409)).await;
        self.play(book("?ticketId=0", 400)).await;
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sale_goes_as_documented() {
    let mut story = Story::begin().await;
    story.charts_and_events().await;
    story.holds().await;
    story.orders().await;
    story.what_happened().await;
    story.beside_the_sale().await;
    let document = document();
    let all: BTreeSet<String> =
        operations(&document).iter().map(|(_, _, operation)| id_of(operation).into()).collect();
    assert_eq!(story.played, all, "an operation was never tried");
}
