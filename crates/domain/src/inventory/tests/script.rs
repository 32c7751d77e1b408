//! Scripts: one command a line, and what came of it after an arrow.
//!
//! The first lines set the event up, until the first command:
//!
//! - `seats A-1 5 [category=vip] [accessible=3+4] [companion=2]`: a row of a section
//! - `area Floor 10 [category=standing]`
//! - `types adult child staff!`: ticket types; `!` for those that publishable keys may not ask for
//! - `prices std=4500 standing=adult:3000+child:1000`, or `prices none`; the default is 4500 for all
//! - `event max_per_buyer=4 opens=10 closes=20 hold_seconds=60 max_hold_seconds=90 status=paused`
//!
//! Commands, places being `A-1-2`, `Floor*3`, `best*2` or `best:adult+child`; a place may go on with `:type`, `@price`
//! and `#code+code`, a party with `/adjacent`, `/accessible`, `/category=x+y`, `/section=A+B` and `/channel=x`:
//!
//! - `pass=from:until:end` on a hold, a booking or an edit: what an access token grants, in seconds, `none` for the event's
//! - `hold h1 bob A-1-1 Floor*2 for=60 [public] [channels=house] [ignore=limits] [claim=promo:10] [claim=ip:5:held]`
//! - `edit h1 +A-1-3 -A-1-2 -Floor*1:child for=60`, `release h1`
//! - `confirm h1 [pay=p1] [amount=9000] [buyer=eve] [as=o1]`, `book o1 bob A-1-1 [pay=p1] [gone=0+2]`
//! - `cancel o1 [A-1-1 Floor] [ticket=0] [then=house]`
//! - `change o1 0>A-1-3 1>Floor*1:child@500#code -2 +A-1-4 [v=1] [pay=p2] [then=house]`: swaps ticket 0, cancels 2, adds
//! - `block house A-1-1 Floor*3 [from=vip]`, `unblock A-1-1 Floor*3 [from=house] [to=vip]`, `unblock channel=house`
//! - `set …`: the settings of `event`, `prices=…` and `types=…`
//! - `sweep`, `tick 70` (seconds; `tick 1ms`), `show`, `hold? h1`, `order? o1`
//! - `batch {` … `}`: one commit

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use super::super::{Decided, Outage};
use super::stage::{Stage, amount, key};
use crate::basket::{NamedBasket, NamedParty, Terms};
use crate::chart::Chart;
use crate::chart::plan::{CategoryPlan, ChartPlan, RowPlan, SeatPlan, SectionPlan};
use crate::command::{
    Assign, Assignment, Cancel, ChangeOrder, Claim, Command, Confirm, Digest, Edit, Ignored, Pass, Payment,
    Purchase, Selection, Swap,
};
use crate::event::{Access, Event, EventPatch, EventStatus, Price, Prices, SaleWindow, TicketType};
use crate::id::{ChartId, EventId, HoldId, OrderId, OrganizationId, Serial, TicketId};
use crate::limits;
use crate::money::Amount;
use crate::place::{AreaIndex, ChannelKey, Place, SeatIndex, Status};
use crate::record::HoldStatus;
use crate::rejection::{Reason, Rejection};
use crate::seating::Seating;
use crate::time::Timestamp;

/// Runs a script, and compares what it came to with what its arrows say.
#[track_caller]
pub(super) fn check(script: &str) {
    let script: String = script.lines().map(|line| line.trim().to_owned() + "\n").collect();
    let (told, stage) = run(&script);
    assert!(script.trim() == told.trim(), "expected:\n{}\n\ngot:\n{}", script.trim(), told.trim());
    stage.audit_history();
}

/// Runs a script; returns it with what it came to, and the stage after it.
pub(super) fn run(script: &str) -> (String, Stage) {
    let lines: Vec<&str> = script.lines().map(str::trim).collect();
    let is_setup = |line: &&str| {
        let word = line.split(' ').next().unwrap_or_default();
        matches!(word, "seats" | "area" | "types" | "prices" | "event" | "") || line.starts_with("//")
    };
    let setup = lines.iter().take_while(|line| is_setup(line)).count();
    let mut told: String = lines[..setup].iter().map(|line| format!("{line}\n")).collect();
    let mut teller = Teller {
        stage: Stage::new(event_of(&lines[..setup])),
        holds: HashMap::new(),
        orders: HashMap::new(),
    };
    let mut batch: Option<Vec<&str>> = None;
    for line in &lines[setup..] {
        let asked = line.split("->").next().unwrap_or_default().trim();
        match (asked, &mut batch) {
            ("", _) => told += &format!("{line}\n"),
            (comment, _) if comment.starts_with("//") => told += &format!("{line}\n"),
            ("batch {", _) => batch = Some(Vec::new()),
            ("}", _) => {
                let asked = batch.take().expect("a batch that ends has begun");
                let answers = teller.run(&asked);
                told += "batch {\n";
                told += &asked
                    .iter()
                    .zip(answers)
                    .map(|(asked, answer)| tell(asked, &answer))
                    .collect::<String>();
                told += "}\n";
            }
            (asked, Some(batch)) => batch.push(asked),
            (asked, None) => told += &tell(asked, &teller.run(&[asked])[0]),
        }
    }
    (told, teller.stage)
}

/// Runs further commands on a stage; returns what came of each.
pub(super) fn again(stage: &mut Stage, lines: &[&str]) -> Vec<String> {
    let event = stage.event().clone();
    let taken = std::mem::replace(stage, Stage::new(event));
    let mut teller = Teller { stage: taken, holds: HashMap::new(), orders: HashMap::new() };
    let told = lines.iter().flat_map(|line| teller.run(&[line])).collect();
    *stage = teller.stage;
    told
}

fn tell(asked: &str, answer: &str) -> String {
    if answer.is_empty() { format!("{asked}\n") } else { format!("{asked} -> {answer}\n") }
}

/// A word of a line: `name=value`, or a word alone.
fn options<'a>(words: &[&'a str]) -> (Vec<&'a str>, Vec<(&'a str, &'a str)>) {
    let mut plain = Vec::new();
    let mut named = Vec::new();
    for word in words {
        match word.split_once('=') {
            Some((name, value)) if !name.contains(['*', ':', '/']) => named.push((name, value)),
            _ => plain.push(*word),
        }
    }
    (plain, named)
}

fn number<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("{text:?} is no number that fits"))
}

fn ticket_types(list: &str, separator: char) -> Vec<TicketType> {
    list.split(separator)
        .map(|word| {
            let key = word.trim_end_matches('!');
            TicketType { key: key.into(), name: key.to_owned(), public: !word.ends_with('!') }
        })
        .collect()
}

fn prices(words: &[&str]) -> Prices {
    if words == ["none"] {
        return Prices::Unpriced;
    }
    let price = |text: &str| match text.parse() {
        Ok(flat) => Price::Flat(Amount(flat)),
        Err(_) => Price::ByType(
            text.split('+')
                .map(|pair| pair.split_once(':').expect("type:price"))
                .map(|(ticket_type, amount)| (ticket_type.into(), Amount(number(amount))))
                .collect(),
        ),
    };
    let pairs = words.iter().map(|word| word.split_once('=').expect("category=price"));
    Prices::ByCategory(pairs.map(|(category, text)| (category.into(), price(text))).collect())
}

/// A chart with the rows of `seats` lines.
fn chart_of(lines: &[&str]) -> Option<Arc<Chart>> {
    let mut plan = ChartPlan { name: "Hall".to_owned(), ..ChartPlan::default() };
    for line in lines.iter().filter_map(|line| line.strip_prefix("seats ")) {
        let words: Vec<&str> = line.split(' ').collect();
        let (section, row) = words[0].split_once('-').expect("section-row");
        let (_, named) = options(&words[2..]);
        let option = |wanted| named.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value);
        let has =
            |wanted, label: &str| option(wanted).is_some_and(|list| list.split('+').any(|one| one == label));
        let category = option("category").unwrap_or("std");
        if !plan.categories.iter().any(|known| known.key == category) {
            plan.categories.push(CategoryPlan {
                key: category.to_owned(),
                name: category.to_owned(),
                ..Default::default()
            });
        }
        let y = plan.sections.iter().map(|section| section.rows.len() as f64).sum();
        let seats = (1..=number::<u32>(words[1])).map(|label| SeatPlan {
            label: label.to_string(),
            x: f64::from(label),
            y,
            category: category.to_owned(),
            accessible: has("accessible", &label.to_string()),
            attributes: has("companion", &label.to_string())
                .then(|| "companion".to_owned())
                .into_iter()
                .collect(),
            guid: Some(format!("{section}.{row}.{label}")),
        });
        let row = RowPlan { label: row.to_owned(), seats: seats.collect() };
        match plan.sections.iter_mut().find(|known| known.name == section) {
            Some(known) => known.rows.push(row),
            None => plan.sections.push(SectionPlan { name: section.to_owned(), rows: vec![row] }),
        }
    }
    (!plan.sections.is_empty()).then(|| Arc::new(Chart::new(&plan).expect("a script's chart is valid")))
}

/// The event that the lines before the first command describe.
pub(super) fn event_of(lines: &[&str]) -> Event {
    let chart = chart_of(lines);
    let mut own = Vec::new();
    let mut patch = EventPatch::default();
    for line in lines {
        let words: Vec<&str> = line.split(' ').collect();
        match words[0] {
            "area" => {
                let (_, named) = options(&words[3..]);
                let category = named.first().map_or("std", |(_, value)| value);
                own.push((words[1].to_owned(), number(words[2]), category.to_owned()));
            }
            "types" => patch.ticket_types = Some(ticket_types(&words[1..].join(" "), ' ')),
            "prices" => patch.prices = Some(prices(&words[1..])),
            "event" => patch_settings(&mut patch, &options(&words[1..]).1),
            _ => {}
        }
    }
    let (categories, areas) = Event::lay_out(chart.as_deref(), &own).expect("a script's event has places");
    let all = categories.iter().map(|key| (key.clone(), Price::Flat(Amount(4_500)))).collect();
    let event = Event {
        id: EventId(7),
        organization: OrganizationId(1),
        livemode: false,
        created_at: Timestamp(0),
        reference: None,
        metadata: None,
        name: "Show".to_owned(),
        starts_at: None,
        currency: "EUR".parse().expect("a currency"),
        status: EventStatus::Open,
        sale: SaleWindow::default(),
        hold_seconds: limits::HOLD_SECONDS_DEFAULT,
        max_hold_seconds: limits::MAX_HOLD_SECONDS_DEFAULT,
        max_per_buyer: None,
        public_confirm: false,
        access: Access::Open,
        ticket_types: ticket_types("adult child", ' '),
        prices: Prices::ByCategory(all),
        categories,
        areas,
        seating: chart.map(|chart| Arc::new(Seating::new(ChartId(1), chart))),
    };
    let event = event.patched(&patch);
    event.check_settings().expect("a script's settings are valid");
    event
}

fn patch_settings(patch: &mut EventPatch, named: &[(&str, &str)]) {
    let instant = |text: &str| (text != "none").then(|| Timestamp(number::<i64>(text) * 1_000));
    for &(name, value) in named {
        match name {
            "max_per_buyer" => patch.max_per_buyer = Some((value != "none").then(|| number(value))),
            "hold_seconds" => patch.hold_seconds = Some(number(value)),
            "max_hold_seconds" => patch.max_hold_seconds = Some(number(value)),
            "status" => patch.status = EventStatus::from_name(value),
            "opens" => patch.sale.get_or_insert_default().opens_at = instant(value),
            "closes" => patch.sale.get_or_insert_default().closes_at = instant(value),
            "types" => patch.ticket_types = Some(ticket_types(value, '+')),
            "prices" => patch.prices = Some(prices(&[value])),
            "areas" => patch.areas = Some(value.split('+').map(area_of).collect()),
            "name" => patch.name = Some(value.to_owned()),
            other => panic!("no setting {other:?}"),
        }
    }
}

/// An area as `Lawn/7/std`: its name, its units, its category.
fn area_of(text: &str) -> (String, u32, String) {
    let parts: Vec<&str> = text.split('/').collect();
    let &[name, units, category] = &*parts else { panic!("no area {text:?}") };
    (name.to_owned(), number(units), category.to_owned())
}

/// Units of an area, of one ticket type where that is said.
type UnitsOf = (AreaIndex, u32, Option<String>);

struct Teller {
    stage: Stage,
    holds: HashMap<String, HoldId>,
    orders: HashMap<String, OrderId>,
}

impl Teller {
    /// Runs some lines as one batch, unless they are not commands at all.
    fn run(&mut self, lines: &[&str]) -> Vec<String> {
        if let [line] = lines
            && let Some(told) = self.ask(line)
        {
            return vec![told];
        }
        let parsed: Vec<Result<Command, Rejection>> = lines.iter().map(|line| self.command(line)).collect();
        let commands: Vec<Command> = parsed.iter().filter_map(|command| command.clone().ok()).collect();
        let mut answers = self.stage.batch(&commands).into_iter();
        let results: Vec<_> = parsed
            .into_iter()
            .map(|command| command.and_then(|_| answers.next().expect("an answer a command")))
            .collect();
        lines.iter().zip(results).map(|(line, result)| self.answer(line, result)).collect()
    }

    /// What is no command: time passing, and questions.
    fn ask(&mut self, line: &str) -> Option<String> {
        let words: Vec<&str> = line.split(' ').collect();
        match words[0] {
            "tick" => {
                let millis = match words[1].strip_suffix("ms") {
                    Some(millis) => number(millis),
                    None => number::<i64>(words[1]) * 1_000,
                };
                self.stage.now = self.stage.now.plus_millis(millis);
                Some(String::new())
            }
            // Time in which nobody could do anything.
            "outage" => {
                let (since, lost_ms) = (self.stage.now, number::<i64>(words[1]) * 1_000);
                self.stage.now = since.plus_millis(lost_ms);
                self.stage.outage = Some(Outage { since, lost_ms, until: self.stage.now });
                Some(String::new())
            }
            "show" => Some(self.show()),
            "hold?" => Some(self.describe_hold(words[1])),
            "order?" => Some(self.describe_order(words[1])),
            _ => None,
        }
    }

    fn show(&self) -> String {
        let Stage { settled, .. } = &self.stage;
        let mut parts = vec![String::from_utf8_lossy(&settled.seat_characters()).into_owned()];
        for (index, area) in (0_u16..).map(AreaIndex).zip(&self.stage.event().areas) {
            let counts = settled.area_counts(index);
            parts.push(format!(
                "{} f{} h{} s{} b{}",
                area.name, counts.free, counts.held, counts.sold, counts.blocked
            ));
        }
        let used: Vec<String> =
            self.stage.used().iter().map(|(text, used)| format!("{text} {used}")).collect();
        parts.push(used.join(", "));
        parts.retain(|part| !part.is_empty());
        if parts.is_empty() { "nothing".to_owned() } else { parts.join(" | ") }
    }

    fn describe_hold(&self, name: &str) -> String {
        let record = &self.stage.holds[&self.hold_id(name).serial];
        let status = match record.status {
            HoldStatus::Active => "active",
            HoldStatus::Confirmed(_) => "confirmed",
            HoldStatus::Released => "released",
            HoldStatus::Expired => "expired",
        };
        let mut text = format!("{status} v{} until {}:", record.version, record.deadline.0 / 1_000);
        for (at, line) in record.lines.iter().enumerate() {
            let place = self.stage.event().name_of(line.place);
            let written = write!(text, " {place}*{}:{}@{}", line.units, line.ticket_type, line.price.0);
            written.expect("writing to memory");
            let codes = record.codes.get(at).into_iter().flatten().map(|code| code.as_deref().unwrap_or("-"));
            let codes: Vec<&str> = codes.collect();
            if !codes.is_empty() {
                text += &format!("#{}", codes.join("+"));
            }
            text += &line.channel.as_ref().map(|key| format!("/{key}")).unwrap_or_default();
        }
        text
    }

    fn describe_order(&self, name: &str) -> String {
        let record = &self.stage.orders[&self.orders[name].serial];
        let mut text = format!(
            "{} v{} {} of {}:",
            record.buyer, record.version, record.amount_cancelled.0, record.amount.0
        );
        for ticket in &record.tickets {
            let place = self.stage.event().name_of(ticket.place);
            let code = ticket.code.as_ref().map(|code| format!("#{code}")).unwrap_or_default();
            let cancelled = if ticket.is_cancelled { "!" } else { "" };
            let replaces = ticket.replaces.map(|index| format!("<{index}")).unwrap_or_default();
            text += &format!(" {place}:{}@{}{code}{cancelled}{replaces}", ticket.ticket_type, ticket.price.0);
        }
        text
    }

    /// A hold by its name in the script; one that was never made when there is none.
    fn hold_id(&self, name: &str) -> HoldId {
        let none = HoldId { event: EventId(7), serial: Serial(u64::MAX >> 1), salt: 0 };
        self.holds.get(name).copied().unwrap_or(none)
    }

    fn order_id(&self, name: &str) -> OrderId {
        let none = OrderId { event: EventId(7), serial: Serial(u64::MAX >> 1), salt: 0 };
        self.orders.get(name).copied().unwrap_or(none)
    }

    fn basket(&self, words: &[&str], at: &str) -> Result<crate::basket::Basket, Rejection> {
        let mut basket = NamedBasket::default();
        for word in words {
            if let Some(party) = word.strip_prefix("best") {
                basket.best_available = Some(party_of(party));
                continue;
            }
            let (word, codes) = word.split_once('#').unwrap_or((word, ""));
            let (word, price) =
                word.split_once('@').map_or((word, None), |(word, price)| (word, Some(number(price))));
            let (place, ticket_type) = match word.rsplit_once(':') {
                Some((place, ticket_type)) if place != "guid" => (place, Some(ticket_type.to_owned())),
                _ => (word, None),
            };
            let price = price.map(Amount);
            let mut codes: Vec<String> =
                codes.split('+').filter(|code| !code.is_empty()).map(str::to_owned).collect();
            match place.split_once('*') {
                Some((area, quantity)) => {
                    let terms = Terms { ticket_type, price, code: None };
                    basket.areas.push((area.to_owned(), number(quantity), terms, codes));
                }
                None => {
                    basket.places.push((place.to_owned(), Terms { ticket_type, price, code: codes.pop() }))
                }
            }
        }
        basket.resolve(self.stage.event(), at)
    }

    /// Seats, and units of areas with a ticket type where one is said, that are named without terms.
    fn places(&self, words: &[&str]) -> (Vec<SeatIndex>, Vec<UnitsOf>) {
        let event = self.stage.event();
        let (mut seats, mut areas) = (Vec::new(), Vec::new());
        for word in words {
            match word.split_once('*') {
                Some((area, rest)) => {
                    let (quantity, ticket_type) =
                        rest.split_once(':').map_or((rest, None), |(q, t)| (q, Some(t.to_owned())));
                    areas.push((event.find_area(area).expect("an area"), number(quantity), ticket_type));
                }
                None => seats.push(event.find_seat(word).expect("a seat")),
            }
        }
        (seats, areas)
    }

    fn purchase(&self, words: &[&str]) -> Result<Purchase, Rejection> {
        let (plain, named) = options(words);
        let is_public = plain.contains(&"public");
        let places: Vec<&str> = plain[1..].iter().filter(|word| **word != "public").copied().collect();
        Ok(Purchase {
            buyer: key(plain[0]),
            claims: claims(&named),
            basket: self.basket(&places, "")?,
            channels: channels(&named),
            ignored: ignored(&named),
            is_public,
            pass: named_pass(&named).map(|pass| Pass { buyer: key(plain[0]).digest, ..pass }),
            metadata: None,
            reference: None,
        })
    }

    /// `block` or `unblock`.
    fn assign(&self, command: &str, plain: &[&str], named: &[(&str, &str)]) -> Assign {
        let option = |wanted: &str| named.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value);
        let assignment = |name: &str| match option(name) {
            None | Some("free") => Assignment::Public,
            Some(channel) => Assignment::Channel(channel_key(channel)),
        };
        let places = if command == "block" { &plain[1..] } else { plain };
        let (seats, areas) = self.places(places);
        let to = match command {
            "block" => Assignment::Channel(channel_key(plain[0])),
            _ => assignment("to"),
        };
        let areas = areas.into_iter().map(|(area, quantity, _)| (area, quantity)).collect();
        let whole_channel = option("channel").map(channel_key);
        let note = option("note").map(Arc::from);
        Assign { seats, areas, whole_channel, from: assignment("from"), to, note }
    }

    /// What a ticket is swapped for: a seat, or one unit of an area, with its terms.
    fn swap(&self, ticket: TicketId, to: &str) -> Result<Swap, Rejection> {
        let mut basket = self.basket(&[to], "/swap")?;
        if let Some(area) = basket.areas.pop() {
            let (to, code) = (Place::Area(area.area), area.codes.into_iter().next());
            return Ok(Swap { ticket, to, ticket_type: area.ticket_type, price: area.price, code });
        }
        let seat = basket.seats.pop().expect("a seat");
        let to = Place::Seat(seat.seat);
        Ok(Swap { ticket, to, ticket_type: seat.ticket_type, price: seat.price, code: seat.code })
    }

    fn command(&self, line: &str) -> Result<Command, Rejection> {
        let words: Vec<&str> = line.split(' ').collect();
        let (plain, named) = options(&words[1..]);
        let option = |wanted: &str| named.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value);
        let assignment = |name: &str| match option(name) {
            None | Some("free") => Assignment::Public,
            Some(channel) => Assignment::Channel(channel_key(channel)),
        };
        Ok(match words[0] {
            "hold" => {
                Command::Hold { purchase: self.purchase(&words[2..])?, seconds: option("for").map(number) }
            }
            "book" => {
                let payment_ref = option("pay").map(Arc::from);
                let cancelled = option("gone").into_iter().flat_map(|indexes| indexes.split('+'));
                let cancelled = cancelled.map(|index| index.parse().expect("an index")).collect();
                let payment = Payment { payment_ref, cancelled, ..Payment::default() };
                Command::Book { purchase: self.purchase(&words[2..])?, payment }
            }
            "edit" => {
                let add: Vec<&str> = plain.iter().filter_map(|word| word.strip_prefix('+')).collect();
                let remove: Vec<&str> = plain.iter().filter_map(|word| word.strip_prefix('-')).collect();
                let (remove_seats, remove_areas) = self.places(&remove);
                Command::Edit(Edit {
                    hold: self.hold_id(words[1]),
                    add: if add.is_empty() { None } else { Some(self.basket(&add, "/add")?) },
                    remove_seats,
                    remove_areas,
                    seconds: option("for").map(number),
                    is_public: plain.contains(&"public"),
                    pass: named_pass(&named)
                        .map(|pass| Pass { buyer: key(option("bearer").unwrap_or("bob")).digest, ..pass }),
                    claims: claims(&named),
                    channels: channels(&named),
                    ignored: ignored(&named),
                })
            }
            "release" => Command::Release(self.hold_id(words[1])),
            "confirm" => Command::Confirm(Confirm {
                hold: self.hold_id(words[1]),
                payment_ref: option("pay").map(Arc::from),
                amount: option("amount").map(|amount| Amount(number(amount))),
                buyer: option("buyer").map(key),
                reference: None,
                metadata: None,
            }),
            "cancel" => {
                let order = self.order_id(words[1]);
                let place = |name: &&str| match self.stage.event().find_area(name) {
                    Some(area) => Place::Area(area),
                    None => Place::Seat(self.places(&[*name]).0[0]),
                };
                let selection = match option("ticket") {
                    Some(list) => {
                        let ticket = |index| TicketId { order, index: number(index) };
                        Selection::Tickets(list.split('+').map(ticket).collect())
                    }
                    None if plain.len() > 1 => Selection::Places(plain[1..].iter().map(place).collect()),
                    None => Selection::All,
                };
                Command::Cancel(Cancel { order, selection, then: option("then").map(|_| assignment("then")) })
            }
            "change" => {
                let order = self.order_id(words[1]);
                let ticket = |index: &str| TicketId { order, index: number(index) };
                let swaps = plain[1..].iter().filter_map(|word| word.split_once('>'));
                let swap = swaps.map(|(index, to)| self.swap(ticket(index), to));
                let add: Vec<&str> = plain.iter().filter_map(|word| word.strip_prefix('+')).collect();
                Command::Change(ChangeOrder {
                    order,
                    version: option("v").map(number),
                    swap: swap.collect::<Result<_, Rejection>>()?,
                    add: if add.is_empty() { None } else { Some(self.basket(&add, "/add")?) },
                    cancel: plain.iter().filter_map(|word| word.strip_prefix('-')).map(ticket).collect(),
                    then: option("then").map(|_| assignment("then")),
                    payment_ref: option("pay").map(Arc::from),
                    claims: claims(&named),
                    channels: channels(&named),
                    ignored: ignored(&named),
                })
            }
            "block" | "unblock" => Command::Assign(self.assign(words[0], &plain, &named)),
            "set" => {
                let mut patch = EventPatch::default();
                let of_prices = line.strip_prefix("set prices=");
                match of_prices {
                    Some(list) => patch.prices = Some(prices(&list.split(' ').collect::<Vec<_>>())),
                    None => patch_settings(&mut patch, &named),
                }
                Command::Configure(Box::new(patch))
            }
            "sweep" => Command::Sweep,
            other => panic!("no command {other:?}"),
        })
    }

    /// What came of a command, in words.
    fn answer(&mut self, line: &str, result: Result<Decided, Rejection>) -> String {
        let words: Vec<&str> = line.split(' ').collect();
        match result {
            Err(rejection) => refusal(&rejection),
            Ok(Decided::Hold(serial)) => {
                let record = &self.stage.holds[&serial];
                match (words[0], record.status) {
                    ("hold", _) => {
                        self.holds.insert(words[1].to_owned(), record.id);
                        format!("held {}", amount(record))
                    }
                    ("edit", _) => format!("edited v{} {}", record.version, amount(record)),
                    (_, HoldStatus::Expired) => "expired".to_owned(),
                    _ => "released".to_owned(),
                }
            }
            Ok(Decided::Order(serial)) => {
                let order = &self.stage.orders[&serial];
                let name = line.split(' ').find_map(|word| word.strip_prefix("as=")).unwrap_or(words[1]);
                match words[0] {
                    "cancel" => format!("cancelled {} of {}", order.amount_cancelled.0, order.amount.0),
                    _ => {
                        self.orders.insert(name.to_owned(), order.id);
                        format!("order {}", order.amount.0)
                    }
                }
            }
            Ok(Decided::OrderChanged { order, difference }) => {
                format!("changed v{} {:+}", self.stage.orders[&order].version, difference.0)
            }
            Ok(Decided::OrderBefore(_)) => "order before".to_owned(),
            Ok(Decided::Assigned { moved, later }) => {
                let later = later.into_iter().map(|(seat, status)| {
                    let status = if status == Status::Held { "held" } else { "sold" };
                    format!(", {} {status}", self.stage.event().seat_name(seat))
                });
                format!("moved {moved}{}", later.collect::<String>())
            }
            Ok(Decided::Configured) => "set".to_owned(),
            Ok(Decided::Swept { ended, more }) => {
                format!("swept {ended}{}", if more { ", more" } else { "" })
            }
        }
    }
}

fn channel_key(text: &str) -> ChannelKey {
    ChannelKey(text.into())
}

fn channels(named: &[(&str, &str)]) -> Vec<ChannelKey> {
    let lists = named.iter().filter(|(name, _)| *name == "channels");
    lists.flat_map(|(_, list)| list.split(',')).map(channel_key).collect()
}

fn ignored(named: &[(&str, &str)]) -> Ignored {
    let mut ignored = Ignored::default();
    for (_, list) in named.iter().filter(|(name, _)| *name == "ignore") {
        list.split(',').for_each(|rule| assert!(ignored.add(rule), "no rule {rule:?}"));
    }
    ignored
}

/// What an access token grants, as `from:until:end` says; nobody's yet.
fn named_pass(named: &[(&str, &str)]) -> Option<Pass> {
    let (_, text) = named.iter().find(|(name, _)| *name == "pass")?;
    let instants: Vec<Option<Timestamp>> = text
        .split(':')
        .map(|part| (part != "none").then(|| Timestamp(number::<i64>(part) * 1_000)))
        .collect();
    let expires_at = instants[2].expect("a pass has an end");
    Some(Pass { buyer: Digest::default(), opens_at: instants[0], closes_at: instants[1], expires_at })
}

fn claims(named: &[(&str, &str)]) -> Vec<Claim> {
    let claim = |text: &str| {
        let parts: Vec<&str> = text.split(':').collect();
        let max = parts.get(1).and_then(|max| max.parse().ok());
        Claim { key: key(parts[0]), max, held_only: parts.get(2) == Some(&"held") }
    };
    named.iter().filter(|(name, _)| *name == "claim").map(|(_, text)| claim(text)).collect()
}

/// `*2`, or `:adult+child`, and filters after slashes.
fn party_of(text: &str) -> NamedParty {
    let mut parts = text.split('/');
    let size = parts.next().unwrap_or_default();
    let ticket_types = match size.strip_prefix('*') {
        Some(quantity) => vec![None; number(quantity)],
        None => size.trim_start_matches(':').split('+').map(|one| Some(one.to_owned())).collect(),
    };
    let mut party = NamedParty { ticket_types, ..NamedParty::default() };
    let list = |list: &str| Some(list.split('+').filter(|one| !one.is_empty()).map(str::to_owned).collect());
    for part in parts {
        match part.split_once('=') {
            None if part == "accessible" => party.accessible = true,
            None if part == "adjacent" => party.adjacent = true,
            Some(("category", names)) => party.categories = list(names),
            Some(("channel", name)) => party.channel = Some(name.to_owned()),
            Some(("section", names)) => party.sections = list(names),
            _ => panic!("no filter {part:?}"),
        }
    }
    party
}

/// A rejection by its code, with what it says.
pub(super) fn refusal(rejection: &Rejection) -> String {
    let places = |places: &[(String, Reason)]| -> String {
        places.iter().map(|(place, reason)| format!(", {place} {}", reason.as_str())).collect()
    };
    let more = match rejection {
        Rejection::Validation { pointer, .. } => format!(" {pointer}"),
        Rejection::NotPriced { category, ticket_type } => format!(" {category} {ticket_type}"),
        Rejection::NotFound(missing) => format!(" {}", missing.as_str()),
        Rejection::PlaceUnavailable(list) | Rejection::PlaceContended(list) => {
            places(list).trim_start_matches(',').to_owned()
        }
        Rejection::LimitExceeded { key, max, used } => format!(" {key} {used} of {max}"),
        Rejection::HoldExpired { released: true } => " released".to_owned(),
        Rejection::HoldChanged { amount } => format!(" {amount}"),
        _ => String::new(),
    };
    format!("{}{more}", rejection.code())
}
