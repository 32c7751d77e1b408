//! The HTTP front that all peers share: as much of FlashTix's wire as the generator speaks, and nothing else.
//!
//! It is what a plain axum program has, and costs a peer as little as that: JSON in, JSON out.

use std::sync::{Arc, Once};

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::hall::{AREA, Hall, Ware, label};
use crate::peers::{Booked, Peer, Sale};

/// The first error of this process has been told: a broken peer would say the same for every request.
static TOLD: Once = Once::new();

/// The event that a peer sells.
pub(crate) const EVENT: &str = "evt_peer";

#[derive(Clone)]
struct Shop {
    ware: Ware,
    peer: Arc<dyn Peer>,
}

impl Shop {
    async fn sold(&self) -> Result<Vec<Sale>, StatusCode> {
        self.peer.sold().await.map_err(|error| {
            tell_first(&error);
            StatusCode::SERVICE_UNAVAILABLE
        })
    }
}

/// Says what is wrong with a peer: its run has no figure, and whoever reads that must learn why.
fn tell_first(error: &anyhow::Error) {
    TOLD.call_once(|| eprintln!("a peer failed, and tells of its first failure: {error:#}"));
}

#[derive(Deserialize)]
struct OrderIn {
    buyer: String,
    #[serde(default)]
    places: Vec<String>,
    #[serde(default)]
    areas: Vec<AreaIn>,
}

#[derive(Deserialize)]
struct AreaIn {
    name: String,
    quantity: u32,
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
    ware: Ware,
    peer: Arc<dyn Peer>,
) -> anyhow::Result<()> {
    let router = Router::new()
        .route("/readyz", get(|| async { "ready" }))
        .route("/v1/events/{event}", get(event))
        .route("/v1/events/{event}/availability", get(availability))
        .route("/v1/events/{event}/orders", post(book).get(orders))
        .route("/v1/charts/{chart}", get(chart))
        .with_state(Shop { ware, peer });
    axum::serve(listener, router).await?;
    Ok(())
}

async fn event(State(shop): State<Shop>) -> Json<Value> {
    let (chart, areas) = match shop.ware {
        Ware::Seats(_) => (json!("cht_peer"), json!([])),
        Ware::Units(_) => (Value::Null, json!([{ "name": AREA }])),
    };
    Json(json!({ "id": EVENT, "name": "Bench Night", "chart_id": chart, "areas": areas, "status": "open" }))
}

async fn chart(State(shop): State<Shop>) -> String {
    Hall { seats: shop.ware.amount() }.chart()
}

async fn availability(State(shop): State<Shop>) -> Result<Json<Value>, StatusCode> {
    let sold = shop.sold().await?;
    Ok(Json(match shop.ware {
        Ware::Seats(amount) => {
            let mut seats = vec![b'f'; amount as usize];
            for sale in sold {
                if let Some(state) = seats.get_mut(sale.number as usize) {
                    *state = b's';
                }
            }
            json!({ "seats": String::from_utf8_lossy(&seats), "areas": {} })
        }
        Ware::Units(amount) => {
            let free = u64::from(amount).saturating_sub(sold.len() as u64);
            json!({ "seats": "", "areas": { AREA: { "free": free, "held": 0, "sold": sold.len(), "blocked": 0 } } })
        }
    }))
}

/// All of them on one page.
async fn orders(State(shop): State<Shop>) -> Result<Json<Value>, StatusCode> {
    let sold = shop.sold().await?;
    let items: Vec<OrderOut> =
        sold.into_iter().map(|sale| order(shop.ware, sale.number, sale.buyer)).collect();
    Ok(Json(json!({ "items": items, "next_cursor": null })))
}

/// A seat is sold once, and units are counted, so the number of either names the order.
fn order(ware: Ware, number: u32, buyer: String) -> OrderOut {
    let label = match ware {
        Ware::Seats(_) => label(number),
        Ware::Units(_) => AREA.to_owned(),
    };
    OrderOut { id: format!("ord_{number}"), buyer, tickets: [TicketOut { label, status: "valid" }] }
}

/// The number of the seat that is wanted; of an area there is nothing to choose.
fn wanted(ware: Ware, order: &OrderIn) -> Option<u32> {
    match (ware, &order.places[..], &order.areas[..]) {
        (Ware::Seats(seats), [place], []) => Hall { seats }.seat(place),
        (Ware::Units(_), [], [area]) if area.name == AREA && area.quantity == 1 => Some(0),
        _ => None,
    }
}

async fn book(
    State(shop): State<Shop>,
    Path(_): Path<String>,
    Json(order_in): Json<OrderIn>,
) -> Result<(StatusCode, Json<OrderOut>), (StatusCode, Json<Refusal>)> {
    let refused = |status: StatusCode, code, retryable| {
        Err((status, Json(Refusal { code, status: status.as_u16(), retryable })))
    };
    let Some(seat) = wanted(shop.ware, &order_in) else {
        return refused(StatusCode::UNPROCESSABLE_ENTITY, "validation", false);
    };
    let taken = match shop.ware {
        Ware::Seats(_) => "place_unavailable",
        Ware::Units(_) => "sold_out",
    };
    match shop.peer.book(seat, &order_in.buyer).await {
        Ok(Booked::Sold(number)) => Ok((StatusCode::CREATED, Json(order(shop.ware, number, order_in.buyer)))),
        Ok(Booked::Taken) => refused(StatusCode::CONFLICT, taken, false),
        Ok(Booked::Contended) => refused(StatusCode::CONFLICT, "place_contended", true),
        Err(error) => {
            tell_first(&error);
            refused(StatusCode::SERVICE_UNAVAILABLE, "unavailable", true)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_place_is_wanted_or_one_unit() {
        let read = |ware, text: &str| wanted(ware, &serde_json::from_str(text).expect("an order"));
        let (seats, units) = (Ware::Seats(100), Ware::Units(100));
        assert_eq!(read(seats, r#"{"buyer":"b","places":["S1-1-7"]}"#), Some(6));
        assert_eq!(read(seats, r#"{"buyer":"b","places":["S1-1-7","S1-1-8"]}"#), None);
        assert_eq!(read(seats, r#"{"buyer":"b","places":["S1-2-1"]}"#), None);
        assert_eq!(read(units, r#"{"buyer":"b","areas":[{"name":"Field","quantity":1}]}"#), Some(0));
        assert_eq!(read(units, r#"{"buyer":"b","areas":[{"name":"Field","quantity":2}]}"#), None);
        assert_eq!(read(units, r#"{"buyer":"b","places":["S1-1-7"]}"#), None);
    }
}
