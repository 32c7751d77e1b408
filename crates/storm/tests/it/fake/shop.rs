//! What the fake server sells, and how it goes wrong.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};
use tokio::time::{Duration, Instant};

use super::{Answer, Request};

/// One way to be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Fault {
    /// None.
    #[default]
    None,
    /// The tenth request for a taken seat gets it too.
    SellsTwice,
    /// One acknowledged order is not stored.
    LosesAnOrder,
    /// One acknowledged order is stored with another seat.
    StoresOtherPlaces,
    /// The tenth buyer who lets the server choose is told sold out, whatever is left.
    SoldOutTooEarly,
    /// One free seat is always called sold.
    CallsAFreeSeatSold,
    /// One seat is never given to anybody, and everybody is told sold out in the end.
    KeepsASeat,
    /// The idempotency key is ignored.
    ForgetsKeys,
    /// A replay is not marked as one.
    HidesReplays,
    /// The availability counts one sold seat too few.
    Miscounts,
    /// The tenth purchase fails with an internal error, always.
    BreaksOnce,
    /// Holds never lapse.
    KeepsHolds,
    /// The order that is acknowledged is not the one that was asked for.
    SellsSomethingElse,
    /// Every other purchase is shed once, every third is contended once.
    Busy,
}

/// The whole state.
pub(crate) struct Shop {
    fault: Fault,
    seats: Vec<String>,
    /// The last seats of the list are accessible ones.
    accessible: usize,
    taken: BTreeMap<usize, Taken>,
    area_capacity: usize,
    area_sold: usize,
    pub(crate) orders: Vec<Value>,
    /// Answers by route and key, in one.
    remembered: HashMap<String, String>,
    pub(crate) keys_seen: HashMap<String, u32>,
    holds: HashMap<String, Vec<usize>>,
    /// How long each hold was to last.
    pub(crate) hold_seconds_asked: Vec<u64>,
    purchases: u32,
    fault_done: bool,
    broken_key: Option<String>,
    classic: Option<HashMap<u64, u64>>,
    /// What `evt_2` sells, on the same chart.
    twin: Option<Box<Shop>>,
}

#[derive(Clone)]
enum Taken {
    Held(Instant),
    Sold,
}

const KEY: &str = "sk_test_1";

impl Shop {
    pub(crate) fn new(seats: usize, fault: Fault) -> Self {
        Self {
            fault,
            seats: (0..seats).map(|n| format!("Parkett \"A\"-{}-{}", n / 10 + 1, n % 10 + 1)).collect(),
            accessible: seats / 20,
            taken: BTreeMap::new(),
            area_capacity: 20,
            area_sold: 0,
            orders: Vec::new(),
            remembered: HashMap::new(),
            keys_seen: HashMap::new(),
            holds: HashMap::new(),
            hold_seconds_asked: Vec::new(),
            purchases: 0,
            fault_done: false,
            broken_key: None,
            classic: None,
            twin: None,
        }
    }

    /// Without an area, which several events cannot be stormed with.
    pub(crate) fn with_seats_alone(mut self) -> Self {
        self.area_capacity = 0;
        self
    }

    /// Another event on the same chart.
    pub(crate) fn with_twin(mut self, twin: Self) -> Self {
        self.twin = Some(Box::new(twin));
        self
    }

    /// What the other event has sold.
    pub(crate) fn twin_seats_sold(&self) -> usize {
        self.twin.as_ref().map_or(0, |twin| twin.seats_sold())
    }

    /// The classic tickets are there already.
    pub(crate) fn with_classic_tickets_sold(mut self, sold: impl IntoIterator<Item = (u64, u64)>) -> Self {
        self.classic = Some(sold.into_iter().collect());
        self
    }

    pub(crate) fn seats_sold(&self) -> usize {
        self.taken.values().filter(|taken| matches!(taken, Taken::Sold)).count()
    }

    pub(crate) fn answer(&mut self, request: &Request) -> Answer {
        if request.path.starts_with("/api/") {
            return self.classic(request);
        }
        if let Some(twin) = self.twin.as_mut().filter(|_| request.path.starts_with("/v1/events/evt_2/")) {
            return twin.answer(&request.at(&request.path.replace("evt_2", "evt_1")));
        }
        if request.key.as_deref() != Some(KEY) {
            return problem(401, "unauthorized", false, json!({}));
        }
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        match (request.method.as_str(), path) {
            ("GET", "/v1/events") => ok(&json!({"items": [
                {"id": "evt_0", "status": "draft"}, {"id": "evt_1", "status": "open"}], "next_cursor": null})),
            ("GET", "/v1/events/evt_1") => ok(
                &json!({"id": "evt_1", "name": "<Gala> & \"more\"", "chart_id": "cht_1", "status": "open"}),
            ),
            ("GET", "/v1/charts/cht_1") => ok(&self.chart()),
            ("GET", "/v1/events/evt_1/availability") => ok(&self.availability()),
            ("GET", "/v1/events/evt_1/orders") => self.list_orders(query),
            ("POST", "/v1/events/evt_1/orders" | "/v1/events/evt_1/holds") => self.buy_once(request),
            ("POST", path) if path.ends_with("/confirm") => self.buy_once(request),
            _ => problem(404, "not_found", false, json!({})),
        }
    }

    fn chart(&self) -> Value {
        let free = self.seats.len() - self.accessible;
        let rows: Vec<Value> = self
            .seats
            .chunks(10)
            .enumerate()
            .map(|(row, seats)| {
                let seats: Vec<Value> = (0..seats.len())
                    .map(|n| json!({"label": (n + 1).to_string(), "accessible": row * 10 + n >= free}))
                    .collect();
                json!({"label": (row + 1).to_string(), "seats": seats})
            })
            .collect();
        json!({"sections": [{"name": "Parkett \"A\"", "rows": rows}], "areas": self.areas(json!({"name": "Floor"}))})
    }

    fn is_held(&self, until: Instant) -> bool {
        self.fault == Fault::KeepsHolds || Instant::now() < until
    }

    fn is_free(&self, seat: usize) -> bool {
        match self.taken.get(&seat) {
            None => true,
            Some(Taken::Held(until)) => !self.is_held(*until),
            Some(Taken::Sold) => false,
        }
    }

    fn availability(&self) -> Value {
        let mut seats: String = (0..self.seats.len())
            .map(|seat| match self.taken.get(&seat) {
                Some(Taken::Sold) => 's',
                Some(Taken::Held(until)) if self.is_held(*until) => 'h',
                _ => 'f',
            })
            .collect();
        if self.fault == Fault::Miscounts {
            seats = seats.replacen('s', "f", 1);
        }
        let floor = json!({
            "free": self.area_capacity - self.area_sold, "held": 0, "sold": self.area_sold, "blocked": 0});
        let areas = if self.area_capacity > 0 { json!({"Floor": floor}) } else { json!({}) };
        json!({"seq": 1, "seats": seats, "areas": areas})
    }

    fn areas(&self, floor: Value) -> Vec<Value> {
        if self.area_capacity > 0 { vec![floor] } else { Vec::new() }
    }

    fn list_orders(&self, query: &str) -> Answer {
        let parameter =
            |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        let limit: usize = parameter("limit").unwrap().parse().unwrap();
        if limit > 100 {
            return problem(422, "validation", false, json!({}));
        }
        let from: usize =
            parameter("cursor").map_or(0, |cursor| cursor.strip_prefix("c%2B").unwrap().parse().unwrap());
        let items: Vec<&Value> = self.orders.iter().skip(from).take(limit).collect();
        let next = (from + limit < self.orders.len()).then(|| format!("c+{}", from + limit));
        ok(&json!({"items": items, "next_cursor": next}))
    }

    fn buy_once(&mut self, request: &Request) -> Answer {
        let key = format!("{} {}", request.path, request.idempotency_key);
        let seen = self.keys_seen.entry(key.clone()).or_default();
        *seen += 1;
        if self.fault == Fault::Busy && *seen == 1 {
            match self.purchases % 3 {
                0 => {
                    self.purchases += 1;
                    return problem(503, "overloaded", true, json!({"retry_after_ms": 5}));
                }
                1 => {
                    self.purchases += 1;
                    return problem(409, "idempotency_in_flight", true, json!({"retry_after_ms": 5}));
                }
                _ => {}
            }
        }
        self.purchases += 1;
        if self.fault == Fault::BreaksOnce && self.purchases == 10 {
            self.broken_key = Some(key.clone());
        }
        if self.broken_key.as_ref() == Some(&key) {
            return problem(500, "internal", false, json!({}));
        }
        let remembered = format!("{key} {}", String::from_utf8_lossy(&request.body));
        if let Some(body) = self.remembered.get(&remembered) {
            return Answer { status: 201, replay: self.fault != Fault::HidesReplays, body: body.clone() };
        }
        let answer = self.buy(request);
        if answer.status == 201 && self.fault != Fault::ForgetsKeys {
            self.remembered.insert(remembered, answer.body.clone());
        }
        answer
    }

    fn buy(&mut self, request: &Request) -> Answer {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        if let Some(hold) = request.path.strip_prefix("/v1/holds/") {
            let hold = hold.strip_suffix("/confirm").unwrap();
            assert_eq!(body["token"], "t");
            let seats = self.holds.remove(hold).unwrap();
            return self.sell(&body, &seats);
        }
        if body["areas"].is_array() {
            if self.area_sold == self.area_capacity {
                return problem(409, "sold_out", false, json!({}));
            }
            self.area_sold += 1;
            return self.store(&body, &["Floor".to_owned()]);
        }
        let seats = if body["places"].is_array() { self.named(&body) } else { self.chosen(&body) };
        match seats {
            Err(refusal) => refusal,
            Ok(seats) if request.path.ends_with("/holds") => {
                let until = Instant::now() + Duration::from_secs(body["seconds"].as_u64().unwrap());
                self.taken.extend(seats.iter().map(|seat| (*seat, Taken::Held(until))));
                let id = format!("hld_{}", self.holds.len() + self.orders.len());
                self.holds.insert(id.clone(), seats);
                let ends_at = jiff::Timestamp::now() + Duration::from_secs(body["seconds"].as_u64().unwrap());
                // A real server really lets go ten seconds after what it says.
                let named = ends_at - Duration::from_secs(10);
                self.hold_seconds_asked.push(body["seconds"].as_u64().unwrap());
                created(&json!({"id": id, "token": "t", "expires_at": named.to_string()}))
            }
            Ok(seats) => self.sell(&body, &seats),
        }
    }

    fn named(&mut self, body: &Value) -> Result<Vec<usize>, Answer> {
        let mut seats = Vec::new();
        let mut reasons = serde_json::Map::new();
        for place in body["places"].as_array().unwrap() {
            let label = place.as_str().unwrap();
            let seat = self.seats.iter().position(|seat| seat == label).unwrap();
            let called_sold = self.fault == Fault::CallsAFreeSeatSold && seat == 3;
            if !self.is_free(seat) || self.is_kept(seat) || called_sold {
                let held = matches!(self.taken.get(&seat), Some(Taken::Held(_)));
                reasons.insert(label.to_owned(), json!(if held { "held" } else { "sold" }));
            }
            seats.push(seat);
        }
        if reasons.is_empty() || self.goes_wrong(Fault::SellsTwice) {
            return Ok(seats);
        }
        Err(problem(409, "place_unavailable", false, json!({"reasons": reasons})))
    }

    fn chosen(&mut self, body: &Value) -> Result<Vec<usize>, Answer> {
        let wanted = &body["best_available"];
        let quantity = usize::try_from(wanted["quantity"].as_u64().unwrap()).unwrap();
        let first_accessible = self.seats.len() - self.accessible;
        let range = if wanted["accessible"] == true {
            first_accessible..self.seats.len()
        } else {
            0..first_accessible
        };
        let seats: Vec<usize> =
            range.filter(|seat| self.is_free(*seat) && !self.is_kept(*seat)).take(quantity).collect();
        if seats.len() < quantity || self.goes_wrong(Fault::SoldOutTooEarly) {
            return Err(problem(409, "sold_out", false, json!({})));
        }
        Ok(seats)
    }

    fn is_kept(&self, seat: usize) -> bool {
        self.fault == Fault::KeepsASeat && seat == 1
    }

    /// Whether it is time for the planted fault, once.
    fn goes_wrong(&mut self, fault: Fault) -> bool {
        let now = self.fault == fault && !self.fault_done && self.purchases >= 10;
        self.fault_done |= now;
        now
    }

    fn sell(&mut self, body: &Value, seats: &[usize]) -> Answer {
        self.taken.extend(seats.iter().map(|seat| (*seat, Taken::Sold)));
        let mut labels: Vec<String> = seats.iter().map(|seat| self.seats[*seat].clone()).collect();
        if self.goes_wrong(Fault::SellsSomethingElse) {
            labels[0] = self.seats[0].clone();
        }
        self.store(body, &labels)
    }

    fn store(&mut self, body: &Value, labels: &[String]) -> Answer {
        let id = format!("ord_{}", self.purchases);
        let order = |labels: &[String]| {
            let tickets: Vec<Value> = labels
                .iter()
                .map(|label| json!({"id": "tkt_1", "label": label, "status": "valid", "code": "x"}))
                .collect();
            json!({"id": id, "buyer": body["buyer"], "status": "confirmed", "tickets": tickets})
        };
        let told = order(labels);
        if self.goes_wrong(Fault::LosesAnOrder) {
            for label in labels {
                let seat = self.seats.iter().position(|seat| seat == label).unwrap();
                self.taken.remove(&seat);
            }
        } else if self.goes_wrong(Fault::StoresOtherPlaces) {
            let mut others = labels.to_vec();
            others[0] = self.seats[0].clone();
            self.orders.push(order(&others));
        } else {
            self.orders.push(told.clone());
        }
        created(&told)
    }

    fn classic(&mut self, request: &Request) -> Answer {
        if request.path == "/api/tickets/seed" {
            if self.classic.is_some() {
                return Answer {
                    status: 200,
                    replay: false,
                    body: "Database already has tickets.".to_owned(),
                };
            }
            self.classic = Some(HashMap::new());
            return Answer { status: 200, replay: false, body: "Created 100 Seats!".to_owned() };
        }
        let query = request.path.strip_prefix("/api/tickets/book?ticketId=").unwrap();
        let (ticket, user) = query.split_once("&userId=").unwrap();
        let (ticket, user): (u64, u64) = (ticket.parse().unwrap(), user.parse().unwrap());
        self.purchases += 1;
        let gives_again = self.goes_wrong(Fault::SellsTwice);
        let refuses = self.fault == Fault::CallsAFreeSeatSold && ticket == 3;
        let owners = self.classic.as_mut().unwrap();
        let owner = *owners.entry(ticket).or_insert(if refuses { 0 } else { user });
        if owner != user && !gives_again {
            return Answer {
                status: 409,
                replay: false,
                body: json!({"status": "error", "message": "Sold Out!"}).to_string(),
            };
        }
        ok(
            &json!({"id": ticket, "seatNumber": format!("Seat-{ticket}"), "status": "SOLD", "userId": user, "version": 1}),
        )
    }
}

fn ok(body: &Value) -> Answer {
    Answer { status: 200, replay: false, body: body.to_string() }
}

fn created(body: &Value) -> Answer {
    Answer { status: 201, replay: false, body: body.to_string() }
}

fn problem(status: u16, code: &str, retryable: bool, extra: Value) -> Answer {
    let mut body = json!({"type": "about:blank", "status": status, "code": code, "retryable": retryable});
    if let (Some(body), Some(extra)) = (body.as_object_mut(), extra.as_object()) {
        body.extend(extra.clone());
    }
    Answer { status, replay: false, body: body.to_string() }
}
