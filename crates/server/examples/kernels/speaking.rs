//! The kernels that speak HTTP's JSON: reading a body, writing an answer, and all of a refusal.

use std::convert::Infallible;
use std::hint::black_box;
use std::sync::Arc;

use bytes::Bytes;
use domain::inventory::Limits;
use engine::options::Options;
use engine::request::{Outcome, Renderer as _};
use engine::store::{Catalog as _, Store};
use engine::supervisor::Supervisor;
use futures_util::FutureExt as _;
use http::{Request, StatusCode, header};
use http_body_util::Full;
use hyper::service::Service;
use server::app::{Between, assemble, keys};
use server::http::HttpOptions;
use server::http::extract::parse;
use server::render::JsonRenderer;
use server::token::Tokens;
use server::wire::purchase::PurchaseIn;
use testkit::memory::MemoryStore;
use testkit::sale::ORGANIZATION;

use crate::counted;
use crate::house::{ACTOR, House, session};

/// Bodies of bookings, one a pair.
fn bodies(house: &House) -> Vec<Bytes> {
    let body = |(at, pair): (usize, &[domain::place::SeatIndex; 2])| {
        let [first, second] = pair.map(|seat| house.event.seat_name(seat));
        let (buyer, paid) = (format!("buyer-{at:05}@example.org"), format!("pi_{at:024}"));
        let body = serde_json::json!({ "buyer": buyer, "places": [first, second], "payment_ref": paid });
        Bytes::from(body.to_string())
    };
    house.pairs.iter().enumerate().map(body).collect()
}

pub(crate) fn read(count: usize) {
    let house = House::new();
    let bodies = bodies(&house);
    counted(|| {
        for body in bodies.iter().cycle().take(count) {
            let mut wanted: PurchaseIn = parse(black_box(body)).unwrap();
            let named = wanted.take_basket().into_named("").unwrap();
            let basket = named.resolve(&house.event, "").unwrap();
            black_box((wanted, basket));
        }
    });
}

pub(crate) fn encode(count: usize) {
    let house = House::new();
    let (mut inventory, mut limits) = (house.inventory(), Limits::default());
    let mut session = session(&mut inventory, &mut limits);
    session.decide(&house.bookings("buyer")[0], ACTOR, 1).unwrap();
    let order = session.records.orders.values().next().unwrap();
    let renderer = JsonRenderer::new(Tokens::new(&[7; 32]));
    counted(|| {
        for _ in 0..count {
            let outcome = Outcome::OrderMade(black_box(order));
            black_box(renderer.render(&house.event, session.inventory.seq(), &outcome));
        }
    });
}

/// A server over a store in memory, whose time stands still: nothing goes on beside the requests, and what the desk
/// knows stays fresh.
pub(crate) fn refuse(count: usize) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_time().start_paused(true).build().unwrap().block_on(async {
        let house = House::new();
        let store = Arc::new(MemoryStore::new());
        store.create_event(house.event.clone(), None).await.unwrap();
        let shared: Arc<dyn Store> = store;
        let key = keys::create(&shared, ORGANIZATION, true, false, "kernels").await.unwrap().text;
        let assembled = assemble(
            shared,
            Between::default(),
            Options::default(),
            HttpOptions::default(),
            None,
            Supervisor::new(),
        )
        .await
        .unwrap();
        let service = server::http::service(assembled.app.clone());
        let booking = Request::post(format!("/v1/events/{}/orders", house.event.id))
            .header(header::HOST, "tickets.example.org")
            .header(header::AUTHORIZATION, format!("Bearer {key}"))
            .header(header::CONTENT_TYPE, "application/json")
            .header("idempotency-key", "a-key-of-the-one-who-buys")
            .body(Full::new(bodies(&house)[0].clone()))
            .unwrap();
        let bought = service.call(booking.clone()).await;
        assert_eq!(status(bought), StatusCode::CREATED, "the first buyer gets the seats");
        let mut wish = booking;
        wish.headers_mut().insert("idempotency-key", http::HeaderValue::from_static("a-key-of-the-refused"));
        counted(|| {
            for _ in 0..count {
                // A refusal waits for nothing: it is there at the first look.
                let refused = service.call(black_box(wish.clone())).now_or_never().unwrap();
                assert_eq!(status(black_box(refused)), StatusCode::CONFLICT, "a sold seat is refused");
            }
        });
    });
}

fn status<B>(answer: Result<http::Response<B>, Infallible>) -> StatusCode {
    answer.map_or_else(|never| match never {}, |answer| answer.status())
}
