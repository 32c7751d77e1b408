//! `flashtix import-orders`.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use clap::ValueEnum;
use domain::event::Event;
use domain::id::EventId;
use domain::money::Amount;
use domain::place::{Place, Status};
use engine::clock::{Outside, RuntimeClock};
use engine::digest::Digester;
use engine::fleet::{Beat, Fleet};
use engine::options::Options;
use engine::store::Store;
use engine::supervisor::Supervisor;
use engine::{Engine, Ports};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::store::{StoreArgs, Use, open};
use super::{Ended, Usage, remark, say};
use crate::app::SystemEntropy;
use crate::import::pretix::{self, Meanings};
use crate::import::reconcile::{Stored, Sums, of_file, of_store};
use crate::import::run::{Imported, Importer};
use crate::import::{Fault, LeftOut, OrderWanted, Told, check, native, source};
use crate::render::JsonRenderer;
use crate::token::Tokens;

/// Faults that are printed; more are counted.
const FAULTS_SHOWN: usize = 20;

/// The arguments.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Takes over orders with their barcodes, prices and times; cancelled tickets too.

The whole file is checked first: if anything is wrong with it, each fault is told with its line, and nothing is written. \
Orders are found again by their name (`ref`), so an import that was interrupted is simply run again. At the end, a table \
compares the file with what is stored.

pretix: fetch all pages of /api/v1/organizers/{organizer}/events/{event}/orders/?include_canceled_positions=true into one file. \
The event's chart must be the seating plan of pretix (`flashtix import --format pretix`), so that seats are found by their \
`seat_guid`. Say what the products are with --item.

ndjson: an object a line, as GET /v1/events/{id}/orders answers orders: ref, buyer, created_at, payment_ref, metadata, \
tickets with label, ticket_type, price (minor units), code and status.")]
pub(super) struct Args {
    /// The file; `-` for standard input
    file: PathBuf,
    /// What the file is
    #[arg(long, value_enum)]
    format: Format,
    /// The event that the orders are for
    #[arg(long, value_name = "EVENT_ID")]
    event: String,
    /// What a product of pretix is: ITEM[/VARIATION]=TICKET_TYPE, …=TICKET_TYPE@AREA without seats, …=- for no place
    #[arg(long = "item", value_name = "ITEM=MEANING")]
    items: Vec<String>,
    /// Which date of a series of pretix the event is
    #[arg(long, value_name = "ID")]
    subevent: Option<u64>,
    /// Check everything, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// One line of JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: StoreArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Orders as pretix' API returns them
    Pretix,
    /// Orders as FlashTix answers them, a line each
    Ndjson,
}

pub(super) async fn run(args: Args) -> anyhow::Result<Ended> {
    let id: EventId =
        args.event.parse().map_err(|_| Usage(format!("{:?} is no event's identifier", args.event)))?;
    let mut meanings = Meanings { subevent: args.subevent, ..Meanings::default() };
    for item in &args.items {
        let (item, meaning) = pretix::meaning(item).map_err(Usage)?;
        meanings.items.insert(item, meaning);
    }
    let text = read(&args.file)?;
    let store = open(args.store.target()?, Use::Beside).await?.store();
    let event = store.event(id).await?.with_context(|| format!("there is no event {id} in this store"))?;
    let told = understand(&text, args.format, &event, &meanings);
    if !told.faults.is_empty() {
        tell_faults(&told.faults);
        bail!(
            "{} faults; nothing was written: mend what is told above, and run the command again",
            told.faults.len()
        );
    }
    let Told { orders, left_out, .. } = told;
    let secret = store.secret().await?;
    let (engine, _supervisor) = start(&store, &secret).await?;
    let importer = Importer::new(engine.clone(), event.clone(), Digester::new(&secret)).await?;
    let (to_write, taken) = look(&engine, &*store, &event, &orders).await?;
    if args.dry_run {
        tell_dry(&args, &event, &orders, &left_out, to_write, &taken);
        return Ok(if taken.is_empty() { Ended::Well } else { Ended::Badly });
    }
    if !taken.is_empty() {
        tell_faults(&taken);
        bail!("nothing was written: places of the file are not free here");
    }
    let bar = ProgressBar::new(orders.len() as u64);
    bar.set_style(ProgressStyle::with_template("{wide_bar} {human_pos}/{human_len} orders, {per_sec}")?);
    let started = tokio::time::Instant::now();
    let imported = importer.run(&orders, |done| bar.set_position(done as u64)).await;
    let seconds = started.elapsed().as_secs_f64();
    bar.finish_and_clear();
    let imported = imported?;
    let stored = of_store(&*store, &event, &orders).await?;
    let file = of_file(&orders);
    let is_equal = stored.sums == file && stored.differing.is_empty() && imported.faults.is_empty();
    if args.json {
        let faults: Vec<String> = imported.faults.iter().map(ToString::to_string).collect();
        say(json!({
            "made": imported.made, "known": imported.known, "seconds": seconds, "reconciled": is_equal,
            "file": file, "stored": stored.sums, "left_out": left_out_json(&left_out), "faults": faults,
        }));
    } else {
        tell(&event, &imported, seconds, &file, &stored, &left_out);
        say(if is_equal {
            "The file and the store agree."
        } else {
            "The file and the store do NOT agree. Mend what is told above, and run the command again: it goes on from here."
        });
    }
    Ok(if is_equal { Ended::Well } else { Ended::Badly })
}

fn read(file: &std::path::Path) -> anyhow::Result<String> {
    let text = if file.as_os_str() == "-" {
        std::io::read_to_string(std::io::stdin())
    } else {
        std::fs::read_to_string(file)
    };
    text.with_context(|| format!("{} cannot be read as text in UTF-8", file.display()))
}

fn understand(text: &str, format: Format, event: &Event, meanings: &Meanings) -> Told {
    let records = match source::records(text) {
        Ok(records) => records,
        Err(fault) => return Told { faults: vec![fault], ..Told::default() },
    };
    let mut told = match format {
        Format::Pretix => pretix::read(&records, event, meanings),
        Format::Ndjson => native::read(&records, event),
    };
    check(&mut told, event);
    told
}

/// An engine of this command's own, beside whoever serves the store.
async fn start(store: &Arc<dyn Store>, secret: &[u8; 32]) -> anyhow::Result<(Arc<Engine>, Supervisor)> {
    let renderer = Arc::new(JsonRenderer::new(Tokens::new(secret)));
    let fleet = Fleet::join(&**store, Beat::of_this_binary(rand::random())).await?;
    let ports = Ports { store: store.clone(), gate: None, relay: None, fleet, renderer };
    let outside = Outside { clock: Arc::new(RuntimeClock::start()), entropy: Arc::new(SystemEntropy) };
    let mut supervisor = Supervisor::new();
    Ok((Engine::start(ports, outside, Options::default(), &mut supervisor), supervisor))
}

/// How many orders are to be written, and which of their seats somebody has.
async fn look(
    engine: &Engine,
    store: &dyn Store,
    event: &Event,
    orders: &[OrderWanted],
) -> anyhow::Result<(usize, Vec<Fault>)> {
    let stored = of_store(store, event, orders).await?;
    let desk = engine.desk(event.id).await?;
    let mut taken = Vec::new();
    for order in orders.iter().filter(|order| !stored.known.contains(&order.reference)) {
        for ticket in &order.tickets {
            let Place::Seat(seat) = ticket.place else { continue };
            let (status, owner) = desk.read(|inventory| {
                let state = inventory.seat(seat);
                (state.status, state.owner)
            });
            if status != Status::Free && !stored.serials.contains(&owner) {
                let reason = format!("the seat {} is not free", event.seat_name(seat));
                taken.push(Fault { line: order.line, reason });
            }
        }
    }
    Ok((orders.len() - stored.known.len(), taken))
}

/// Says what would be written, and what could not.
fn tell_dry(
    args: &Args,
    event: &Event,
    orders: &[OrderWanted],
    left_out: &LeftOut,
    to_write: usize,
    taken: &[Fault],
) {
    let file = of_file(orders);
    if args.json {
        let faults: Vec<String> = taken.iter().map(ToString::to_string).collect();
        let left_out = left_out_json(left_out);
        say(
            json!({ "dry_run": true, "file": file, "to_write": to_write, "left_out": left_out, "faults": faults }),
        );
        return;
    }
    tell_faults(taken);
    say(format_args!("{to_write} of {} orders would be written", orders.len()));
    tell_table(event, &file, None);
    tell_left_out(event, left_out);
}

fn tell(event: &Event, imported: &Imported, seconds: f64, file: &Sums, stored: &Stored, left_out: &LeftOut) {
    let Imported { made, known, faults } = imported;
    tell_faults(faults);
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = *made as f64 / seconds.max(0.001);
    say(format_args!(
        "{made} orders written in {seconds:.1} s ({rate:.0} a second); {known} were there before"
    ));
    tell_table(event, file, Some(&stored.sums));
    tell_left_out(event, left_out);
    for (line, reason) in stored.differing.iter().take(FAULTS_SHOWN) {
        remark(format_args!("line {line}: {reason}"));
    }
}

fn tell_table(event: &Event, file: &Sums, stored: Option<&Sums>) {
    let shown = |name: &str, value: i64| match name {
        "amount" | "amount cancelled" => priced(event, Amount(value)),
        _ => value.to_string(),
    };
    let heading = stored.map_or("", |_| "          stored");
    say(format_args!("{:<20}{:>16}{heading}", "", "file"));
    let stored = stored.map(Sums::rows);
    for (at, (name, value)) in file.rows().into_iter().enumerate() {
        let beside = stored.map_or(String::new(), |rows| {
            let mark = if rows[at].1 == value { "" } else { "  differs" };
            format!("{:>16}{mark}", shown(name, rows[at].1))
        });
        say(format_args!("{name:<20}{:>16}{beside}", shown(name, value)));
    }
}

/// An amount with its currency.
fn priced(event: &Event, amount: Amount) -> String {
    format!("{} {}", event.currency.decimal(amount), event.currency)
}

fn tell_left_out(event: &Event, left_out: &LeftOut) {
    let LeftOut { orders_without_tickets, test_orders, other_items, other_items_amount, other_dates, fees } =
        *left_out;
    let lines = [
        (orders_without_tickets, "orders without a ticket of this event"),
        (test_orders, "test orders"),
        (other_items, "positions that are no places"),
        (other_dates, "positions of other dates"),
    ];
    for (count, what) in lines.into_iter().filter(|(count, _)| *count > 0) {
        say(format_args!("left out: {what}: {count}"));
    }
    if other_items_amount != Amount::ZERO {
        say(format_args!("left out: {} for positions that are no places", priced(event, other_items_amount)));
    }
    if fees != Amount::ZERO {
        say(format_args!("left out: {} of fees (kept in each order's metadata)", priced(event, fees)));
    }
}

fn left_out_json(left_out: &LeftOut) -> serde_json::Value {
    let LeftOut { orders_without_tickets, test_orders, other_items, other_items_amount, other_dates, fees } =
        *left_out;
    json!({
        "orders_without_tickets": orders_without_tickets,
        "test_orders": test_orders,
        "other_items": other_items,
        "other_items_amount": other_items_amount.0,
        "other_dates": other_dates,
        "fees": fees.0,
    })
}

fn tell_faults(faults: &[Fault]) {
    faults.iter().take(FAULTS_SHOWN).for_each(remark);
    if faults.len() > FAULTS_SHOWN {
        remark(format_args!("… and {} more", faults.len() - FAULTS_SHOWN));
    }
}
