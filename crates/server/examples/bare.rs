//! The yardstick of `docs/benchmarks.md`: an axum handler that only parses a request and answers a refusal.
//!
//! It listens on the address of its first argument, 127.0.0.1:8081 by default, with what a plain axum program
//! has: `axum::serve`, the default runtime, and the product's allocator. A crowd that is refused by the product costs at
//! least what it costs here.

use axum::Json;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::post;
use serde::{Deserialize, Serialize};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Deserialize)]
struct Order {
    buyer: String,
    places: Vec<String>,
}

#[derive(Serialize)]
struct Refusal {
    code: &'static str,
    status: u16,
    places: Vec<String>,
}

async fn refuse(Path(_): Path<String>, Json(order): Json<Order>) -> (StatusCode, Json<Refusal>) {
    drop(order.buyer);
    (StatusCode::CONFLICT, Json(Refusal { code: "place_unavailable", status: 409, places: order.places }))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8081".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    let router = Router::new().route("/v1/events/{event}/orders", post(refuse));
    axum::serve(listener, router).await?;
    Ok(())
}
