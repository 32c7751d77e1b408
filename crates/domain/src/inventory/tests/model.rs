//! Random commands, decided by the state machine and by a naive model; they must agree on everything.
//!
//! The model ([`naive`]) is as simple as can be: a list of units, each with an owner and a channel, and whatever is
//! asked is counted by scanning. It ends lapsed holds before every command, so it also proves that decisions are
//! the same whether or not a sweep came by.

mod naive;
mod steps;

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};

use proptest::collection::vec;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use super::super::{Decided, Inventory, Limits, Moment, Outage, Records, Session};
use super::script::{event_of, refusal};
use super::stage::{Stage, key};
use crate::command::{Actor, Command};
use crate::place::{AreaIndex, Place};
use crate::record::HoldRecord;
use naive::{Model, Terms};
use steps::{BUYERS, CLAIMS, Step, World};

const EVENT: [&str; 6] = [
    "seats A-1 4 accessible=4 companion=3",
    "seats A-2 3",
    "area Floor 5 category=floor",
    "area Lawn 3",
    "types adult child staff!",
    "prices std=adult:100+child:50 floor=30",
];

/// Sequences that one run tries, unless `PROPTEST_CASES` says otherwise.
const CASES: u32 = 3_000;

#[test]
fn agrees_with_a_naive_model() {
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = CASES;
    }
    let seed = match config.rng_seed {
        RngSeed::Fixed(seed) => seed,
        RngSeed::Random => RandomState::new().hash_one(0),
    };
    config.rng_seed = RngSeed::Fixed(seed);
    println!("replay with PROPTEST_RNG_SEED={seed}");
    let outcome = TestRunner::new(config).run(&vec(vec(steps::step(), 1..4), 1..24), |batches| {
        play(&batches);
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("PROPTEST_RNG_SEED={seed}\n{failure}");
    }
}

/// Plays batches of steps on both; a tick ends a batch, since time stands still within one.
fn play(batches: &[Vec<Step>]) {
    let mut stage = Stage::new(event_of(&EVENT));
    let mut model = Model::new(stage.event());
    let mut world = World::default();
    for batch in batches {
        let commands: Vec<Command> =
            batch.iter().filter_map(|step| step.command(&world, stage.event())).collect();
        let seconds: i64 = batch.iter().filter_map(Step::seconds).sum();
        let (since, lost_ms) = (stage.now, seconds * 1_000);
        stage.now = since.plus_millis(lost_ms);
        if commands.is_empty() {
            continue;
        }
        if batch.iter().any(|step| matches!(step, Step::Outage)) {
            stage.outage = Some(Outage { since, lost_ms, until: stage.now });
            model.make_up(since, stage.now);
        }
        let answers = stage.batch(&commands);
        for (command, answer) in commands.iter().zip(&answers) {
            let told = answer.as_ref().map(drop).map_err(refusal);
            let seats = chosen(command, answer.as_ref().ok(), &stage);
            let expected = model.decide(command, stage.now, seats.as_deref());
            let known = model.is_cancelled() && expected == Err("hold_expired".to_owned());
            if !(known && told == Err("event_cancelled".to_owned())) {
                assert_eq!(told, expected, "{command:?}");
            }
            match answer {
                Ok(Decided::Hold(serial)) if matches!(command, Command::Hold { .. }) => {
                    world.holds.push(stage.holds[serial].id);
                    model.name_hold(*serial);
                }
                Ok(Decided::Order(serial)) if !matches!(command, Command::Cancel(_)) => {
                    world.orders.push(stage.orders[serial].id);
                    model.name_order(*serial);
                }
                _ => {}
            }
        }
        compare(&stage, &model);
    }
    stage.audit_history();
}

/// The seats that best-available chose, in the order of the party.
fn chosen(command: &Command, decided: Option<&Decided>, stage: &Stage) -> Option<Vec<Place>> {
    let party = match command {
        Command::Hold { purchase, .. } | Command::Book { purchase, .. } => {
            purchase.basket.best_available.as_ref()?
        }
        _ => return None,
    };
    let places: Vec<Place> = match decided? {
        // Nothing else can be in such a basket. Look into the ledger: the hold may have ended since.
        Decided::Hold(serial) | Decided::Order(serial) => {
            let entries = stage.ledger.iter().flat_map(|commit| &commit.entries);
            let made = entries.clone().find(|entry| {
                entry.hold.is_some_and(|hold| hold.serial == *serial)
                    || entry.order.is_some_and(|order| order.serial == *serial)
            });
            made?.changes.iter().map(|change| change.place).collect()
        }
        _ => return None,
    };
    assert_eq!(places.len(), party.ticket_types.len());
    Some(places)
}

/// The same as if everything that lapsed had been swept just now.
fn swept(stage: &Stage) -> (Inventory, Limits) {
    let (mut inventory, mut limits) = (stage.settled.clone(), stage.limits.clone());
    loop {
        let moment = Moment { now: stage.now, seq: inventory.seq().next() };
        let mut session = Session::new(&mut inventory, &mut limits, Records::default(), moment);
        let decided = session.decide(&Command::Sweep, Actor::System, 0).expect("a sweep is never refused");
        if matches!(decided, Decided::Swept { more: false, .. }) {
            return (inventory, limits);
        }
    }
}

fn lines_of(record: &HoldRecord) -> BTreeMap<Terms, u32> {
    let mut lines = BTreeMap::new();
    for line in &record.lines {
        let channel = match line.place {
            Place::Seat(_) => None,
            Place::Area(_) => line.channel.clone(),
        };
        *lines.entry((line.place, line.ticket_type.to_string(), line.price.0, channel)).or_default() +=
            line.units;
    }
    lines
}

fn compare(stage: &Stage, model: &Model) {
    let (inventory, limits) = swept(stage);
    let mut model = model.clone();
    model.sweep(stage.now);
    assert_eq!(String::from_utf8(inventory.seat_characters()), Ok(model.seat_characters()));
    for area in 0..stage.event().areas.len() {
        let index = AreaIndex(u16::try_from(area).expect("a small area"));
        assert_eq!(inventory.area_counts(index), model.area_counts(area), "area {area}");
    }
    for text in BUYERS.iter().chain(&CLAIMS) {
        let digest = key(text).digest;
        let used = limits.surrogate(&digest).map_or(0, |key| limits.used(key));
        assert_eq!(used, model.used(digest), "limit {text}");
    }
    let running: BTreeMap<_, _> = inventory
        .holds()
        .map(|hold| (hold.id.serial, (hold.deadline, lines_of(&stage.holds[&hold.id.serial]))))
        .collect();
    assert_eq!(running, model.running(), "running holds");
    for (serial, order) in &stage.orders {
        let valid = order.tickets.iter().filter(|ticket| !ticket.is_cancelled).count();
        assert_eq!(
            (valid, order.amount.0 - order.amount_cancelled.0),
            model.order(*serial),
            "order {}",
            order.id
        );
    }
}
