//! Writes orders through the engine, many at a time.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use domain::basket::{AreaWanted, Basket, SeatWanted};
use domain::command::{Actor, Cancel, ChangeOrder, Command, Digest, Ignored, Payment, Purchase, Selection};
use domain::event::Event;
use domain::id::{OrderId, TicketId};
use domain::place::Place;
use engine::desk::SharedDesk;
use engine::digest::Digester;
use engine::request::{Reply, Request};
use engine::{Engine, Error};
use futures_util::{StreamExt as _, stream};
use serde::Deserialize;
use serde_json::json;
use tokio::time::Instant;

use super::plan::{Steps, Wave, passes};
use super::{Fault, OrderWanted};

/// Orders under way at once: enough to fill a batch while another is written.
const ORDERS_AT_ONCE: usize = 2_048;
/// How long what others are deciding about is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// Pause between two attempts.
const PAUSE: Duration = Duration::from_millis(20);
/// What the import leaves aside: whatever it brings was sold already.
const IGNORED: Ignored = Ignored { sale_window: true, limits: true, channels: true };

/// What became of an import.
#[derive(Debug, Default)]
pub struct Imported {
    /// Orders that are there now because of it.
    pub made: usize,
    /// Orders that were there before.
    pub known: usize,
    /// Orders that cannot be had.
    pub faults: Vec<Fault>,
}

/// Writes orders into an event.
#[derive(Debug)]
pub struct Importer {
    engine: Arc<Engine>,
    desk: SharedDesk,
    event: Arc<Event>,
    digester: Digester,
}

/// What is known of an order that is being written: its tickets, in the order of its waves.
struct Written {
    id: OrderId,
    is_cancelled: Vec<bool>,
}

/// Why an order was not written.
enum Stop {
    /// It cannot be had; others can.
    Order(String),
    /// Nothing can be written at the moment.
    Everything(anyhow::Error),
}

impl Importer {
    /// Prepares for one event.
    ///
    /// # Errors
    /// The event cannot be loaded.
    pub async fn new(engine: Arc<Engine>, event: Arc<Event>, digester: Digester) -> anyhow::Result<Self> {
        let desk = engine.desk(event.id).await.context("the event cannot be loaded")?;
        Ok(Self { engine, desk, event, digester })
    }

    /// Writes all orders; `progress` hears how many are done.
    ///
    /// # Errors
    /// When the store cannot be written. What was written until then is found by the next run.
    pub async fn run(&self, orders: &[OrderWanted], progress: impl Fn(usize)) -> anyhow::Result<Imported> {
        let mut imported = Imported::default();
        let mut written: HashMap<usize, Written> = HashMap::new();
        let mut done = 0;
        let passes = passes(orders);
        for steps in &passes {
            let tasks = steps.iter().map(|steps| {
                let before = written.remove(&steps.order);
                async move { (steps, self.order(&orders[steps.order], steps, before).await) }
            });
            let tasks: Vec<_> = tasks.collect();
            let mut tasks = stream::iter(tasks).buffer_unordered(ORDERS_AT_ONCE);
            while let Some((steps, result)) = tasks.next().await {
                match result {
                    Ok((order, was_known)) => {
                        if was_known == Some(true) {
                            imported.known += 1;
                        } else if was_known == Some(false) {
                            imported.made += 1;
                        }
                        written.insert(steps.order, order);
                    }
                    Err(Stop::Order(reason)) => {
                        imported.faults.push(Fault { line: orders[steps.order].line, reason });
                    }
                    Err(Stop::Everything(error)) => return Err(error),
                }
                if steps.next() == orders[steps.order].tickets.len() {
                    done += 1;
                    progress(done);
                }
            }
            if !imported.faults.is_empty() {
                // The next pass sells places for good that these orders had, and could never have again.
                break;
            }
        }
        imported.faults.sort_by_key(|fault| fault.line);
        Ok(imported)
    }

    /// Writes an order's waves of one pass. Says too whether it was there before, if this wrote its first.
    async fn order(
        &self,
        order: &OrderWanted,
        steps: &Steps,
        before: Option<Written>,
    ) -> Result<(Written, Option<bool>), Stop> {
        let mut was_known = None;
        let mut written = before;
        let mut first = steps.first;
        for wave in &steps.waves {
            let mut now = match written.take() {
                None => {
                    let reply = self.submit(self.booking(order, wave)).await?;
                    was_known = Some(reply.is_replay);
                    read(&reply)?
                }
                Some(now) => now,
            };
            let next = first + wave.tickets.len();
            if now.is_cancelled.len() < next {
                now = read(&self.submit(self.addition(order, wave, now.id)).await?)?;
            }
            // A run that was interrupted may have left tickets that it had yet to cancel.
            let late: Vec<TicketId> = (first..)
                .zip(&wave.tickets)
                .filter(|(index, at)| order.tickets[**at].is_cancelled && !now.is_cancelled[*index])
                .map(|(index, _)| TicketId { order: now.id, index: u16::try_from(index).unwrap_or(u16::MAX) })
                .collect();
            if !late.is_empty() {
                let cancel = Cancel { order: now.id, selection: Selection::Tickets(late), then: None };
                now = read(&self.submit(Request::new(Command::Cancel(cancel), Actor::System)).await?)?;
            }
            written = Some(now);
            first = next;
        }
        // A pass has at least one wave for each of its orders.
        written.map(|written| (written, was_known)).ok_or_else(|| Stop::Order("has no ticket".to_owned()))
    }

    fn booking(&self, order: &OrderWanted, wave: &Wave) -> Request {
        let (basket, codes) = self.basket(order, wave);
        let cancelled = (0_u16..).zip(&wave.tickets).filter(|(_, at)| order.tickets[**at].is_cancelled);
        let payment = Payment {
            payment_ref: order.payment_ref.as_deref().map(Into::into),
            created_at: Some(order.created_at),
            cancelled: cancelled.map(|(index, _)| index).collect(),
        };
        let purchase = Purchase {
            buyer: self.digester.limit_key(&order.buyer),
            claims: Vec::new(),
            basket,
            channels: Vec::new(),
            ignored: IGNORED,
            is_public: false,
            pass: None,
            metadata: order.metadata.clone(),
            reference: Some(order.reference.as_str().into()),
        };
        let order_ref = self.digester.order_ref(self.event.id, &order.reference, &self.canonical(order));
        Request {
            order_ref: Some(order_ref),
            codes,
            ..Request::new(Command::Book { purchase, payment }, Actor::System)
        }
    }

    fn addition(&self, order: &OrderWanted, wave: &Wave, id: OrderId) -> Request {
        let (basket, codes) = self.basket(order, wave);
        let change = ChangeOrder {
            order: id,
            version: None,
            swap: Vec::new(),
            add: Some(basket),
            cancel: Vec::new(),
            then: None,
            payment_ref: None,
            claims: Vec::new(),
            channels: Vec::new(),
            ignored: IGNORED,
        };
        Request { codes, ..Request::new(Command::Change(change), Actor::System) }
    }

    /// A wave's places with their barcodes. Tickets are made of seats first, and waves have them so.
    fn basket(&self, order: &OrderWanted, wave: &Wave) -> (Basket, Vec<(Digest, String)>) {
        let mut basket = Basket::default();
        let mut codes = Vec::new();
        for ticket in wave.tickets.iter().map(|at| &order.tickets[*at]) {
            let (ticket_type, price) = (ticket.ticket_type.clone(), Some(ticket.price));
            match ticket.place {
                Place::Seat(seat) => {
                    basket.seats.push(SeatWanted { seat, ticket_type, price, code: ticket.code.clone() });
                }
                Place::Area(area) => {
                    let codes = ticket.code.iter().cloned().collect();
                    basket.areas.push(AreaWanted { area, quantity: 1, ticket_type, price, codes });
                }
            }
            let name = || self.event.name_of(ticket.place);
            codes.extend(ticket.code.iter().map(|code| (self.digester.code(self.event.id, code), name())));
        }
        (basket, codes)
    }

    /// One text for an order, to tell whether a reference stands for the same in two runs.
    fn canonical(&self, order: &OrderWanted) -> String {
        let ticket = |ticket: &super::TicketWanted| {
            let place = self.event.name_of(ticket.place);
            json!([place, ticket.ticket_type, ticket.price.0, ticket.code, ticket.is_cancelled])
        };
        let tickets: Vec<_> = order.tickets.iter().map(ticket).collect();
        json!([order.buyer, order.created_at.0, order.payment_ref, order.metadata, tickets]).to_string()
    }

    /// Asks the engine, again for as long as others are deciding about the same.
    async fn submit(&self, request: Request) -> Result<Reply, Stop> {
        let until = Instant::now() + PATIENCE;
        loop {
            match self.engine.submit_to(&self.desk, request.clone()).await {
                Ok(reply) => return Ok(reply),
                Err(Error::Rejected(rejection)) if rejection.is_retryable() && Instant::now() < until => {}
                Err(Error::Overloaded { .. }) if Instant::now() < until => {}
                Err(Error::Rejected(rejection)) => return Err(Stop::Order(explain(&rejection))),
                Err(error) => {
                    let error = anyhow::Error::new(error);
                    return Err(Stop::Everything(
                        error.context("the store cannot be written: run the same command again, it goes on where it stopped"),
                    ));
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

fn explain(rejection: &domain::rejection::Rejection) -> String {
    use domain::rejection::Rejection::{PlaceContended, PlaceUnavailable};
    match rejection {
        PlaceUnavailable(places) | PlaceContended(places) => {
            let places: Vec<String> =
                places.iter().map(|(place, reason)| format!("{place} is {}", reason.as_str())).collect();
            places.join(", ")
        }
        other => super::reason_of(other),
    }
}

/// What an answer says of an order.
#[derive(Deserialize)]
struct Answer<'a> {
    id: &'a str,
    #[serde(borrow)]
    tickets: Vec<AnswerTicket<'a>>,
}

#[derive(Deserialize)]
struct AnswerTicket<'a> {
    status: &'a str,
}

fn read(reply: &Reply) -> Result<Written, Stop> {
    let read = || -> anyhow::Result<Written> {
        let answer: Answer<'_> = serde_json::from_slice(&reply.body)?;
        let Ok(id) = answer.id.parse() else { bail!("an order has the identifier {:?}", answer.id) };
        let is_cancelled = answer.tickets.iter().map(|ticket| ticket.status == "cancelled").collect();
        Ok(Written { id, is_cancelled })
    };
    read().map_err(Stop::Everything)
}
