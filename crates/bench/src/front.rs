//! The HTTP front that all peers share: as much of FlashTix's wire as the generator speaks, and nothing else.
//!
//! It is what a plain axum program has, and costs a peer as little as that: JSON in, JSON out.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::hall::{Hall, label};
use crate::peers::{Booked, Peer};

/// The event that a peer sells.
pub(crate) const EVENT: &str = "evt_peer";

#[derive(Clone)]
struct Shop {
    hall: Hall,
    peer: Arc<dyn Peer>,
}

#[derive(Deserialize)]
struct OrderIn {
    buyer: String,
    places: Vec<String>,
}

#[derive(Serialize)]
struct OrderOut {
    id: String,
    buyer: String,
    tickets: [TicketOut; 1],
}

#[derive(Serialize)]
struct TicketOut {
    label: String,
    status: &'static str,
}

#[derive(Serialize)]
struct Refusal {
    code: &'static str,
    status: u16,
    retryable: bool,
}

/// Serves a peer until the process ends.
pub(crate) async fn serve(
    listener: tokio::net::TcpListener,
    hall: Hall,
    peer: Arc<dyn Peer>,
) -> anyhow::Result<()> {
    let router = Router::new()
        .route("/readyz", get(|| async { "ready" }))
        .route("/v1/events/{event}", get(event))
        .route("/v1/events/{event}/availability", get(availability))
        .route("/v1/events/{event}/orders", post(book).get(orders))
        .route("/v1/charts/{chart}", get(chart))
        .with_state(Shop { hall, peer });
    axum::serve(listener, router).await?;
    Ok(())
}

async fn event() -> Json<Value> {
    Json(json!({ "id": EVENT, "name": "Bench Night", "chart_id": "cht_peer", "areas": [], "status": "open" }))
}

async fn chart(State(shop): State<Shop>) -> Json<Value> {
    Json(shop.hall.chart())
}

async fn availability(State(shop): State<Shop>) -> Result<Json<Value>, StatusCode> {
    let sold = shop.peer.sold().await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    let mut seats = vec![b'f'; shop.hall.seats as usize];
    for sale in sold {
        if let Some(state) = seats.get_mut(sale.seat as usize) {
            *state = b's';
        }
    }
    Ok(Json(json!({ "seats": String::from_utf8_lossy(&seats), "areas": {} })))
}

/// All of them on one page.
async fn orders(State(shop): State<Shop>) -> Result<Json<Value>, StatusCode> {
    let sold = shop.peer.sold().await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    let items: Vec<OrderOut> = sold.into_iter().map(|sale| order(sale.seat, sale.buyer)).collect();
    Ok(Json(json!({ "items": items, "next_cursor": null })))
}

/// A seat is sold once, so its number names the order.
fn order(seat: u32, buyer: String) -> OrderOut {
    OrderOut {
        id: format!("ord_{seat}"),
        buyer,
        tickets: [TicketOut { label: label(seat), status: "valid" }],
    }
}

async fn book(
    State(shop): State<Shop>,
    Path(_): Path<String>,
    Json(wanted): Json<OrderIn>,
) -> Result<(StatusCode, Json<OrderOut>), (StatusCode, Json<Refusal>)> {
    let refused = |status: StatusCode, code, retryable| {
        Err((status, Json(Refusal { code, status: status.as_u16(), retryable })))
    };
    let [place] = &wanted.places[..] else {
        return refused(StatusCode::UNPROCESSABLE_ENTITY, "validation", false);
    };
    let Some(seat) = shop.hall.seat(place) else {
        return refused(StatusCode::UNPROCESSABLE_ENTITY, "validation", false);
    };
    match shop.peer.book(seat, &wanted.buyer).await {
        Ok(Booked::Sold) => Ok((StatusCode::CREATED, Json(order(seat, wanted.buyer)))),
        Ok(Booked::Taken) => refused(StatusCode::CONFLICT, "place_unavailable", false),
        Ok(Booked::Contended) => refused(StatusCode::CONFLICT, "place_contended", true),
        Err(_) => refused(StatusCode::SERVICE_UNAVAILABLE, "unavailable", true),
    }
}
