//! Every scenario against a server without faults, over every kind of transport.

use std::sync::Arc;
use std::time::Duration;

use storm::{Api, Arrival, Observer, Outcome, Phase, Scenario, Snapshot};

use crate::fake::{Fake, Fault, Shop, Transport};
use crate::{SEATS, assert_right, options, storm};

fn count(report: &storm::Report, outcome: Outcome) -> u64 {
    report.outcomes.iter().find(|row| row.outcome == outcome).map_or(0, |row| row.count)
}

#[tokio::test]
async fn one_seat_has_one_winner() {
    let (report, fake) = storm(Fault::None, Transport::Plain, Scenario::OneSeat).await;
    assert_right(&report);
    assert_eq!((report.buyers.booked, report.buyers.sold_out), (1, 299));
    assert_eq!(fake.shop.lock().seats_sold(), 1);
    assert!(report.verdict.checks.iter().any(|check| check.name.contains("asks again")));
}

#[tokio::test]
async fn a_seat_that_was_sold_before_has_no_winner() {
    let (_, fake) = storm(Fault::None, Transport::Plain, Scenario::OneSeat).await;
    let mut options = options(&fake.url, Scenario::OneSeat);
    options.place = Some("Parkett \"A\"-1-1".to_owned());
    let report = storm::run(options, ()).await.unwrap();
    assert_right(&report);
    assert_eq!((report.buyers.booked, report.buyers.sold_out), (0, 300));
}

#[tokio::test]
async fn the_arena_sells_everything_once_whatever_the_transport() {
    for transport in [
        Transport::Plain,
        Transport::Chunked,
        Transport::CutAfterDeciding,
        Transport::Slow,
        Transport::CloseAlways,
        Transport::Garbage,
    ] {
        let (report, fake) = storm(Fault::None, transport, Scenario::Arena).await;
        assert_right(&report);
        assert_eq!(fake.shop.lock().seats_sold(), SEATS, "{transport:?}");
        assert_eq!(report.buyers.units, SEATS as u64 + 20, "{transport:?}: with the floor");
        let [lost, timeout] = [Outcome::Lost, Outcome::Timeout].map(|outcome| count(&report, outcome) > 0);
        assert_eq!(lost, transport == Transport::CutAfterDeciding, "{transport:?}");
        assert_eq!(timeout, transport == Transport::Slow, "{transport:?}");
    }
}

#[tokio::test]
async fn a_busy_server_is_asked_again_with_the_same_key() {
    let (report, fake) = storm(Fault::Busy, Transport::Plain, Scenario::Arena).await;
    assert_right(&report);
    assert!(
        report.retries > 20 && count(&report, Outcome::Shed) > 10 && count(&report, Outcome::Contended) > 10
    );
    assert!(fake.shop.lock().keys_seen.values().any(|&times| times == 2));
}

#[tokio::test]
async fn ga_sells_units() {
    let (report, _) = storm(Fault::None, Transport::Plain, Scenario::Ga).await;
    assert_right(&report);
    assert_eq!((report.buyers.booked, report.buyers.sold_out), (20, 280));
}

#[tokio::test]
async fn best_available_fills_the_house() {
    let (report, fake) = storm(Fault::None, Transport::Plain, Scenario::BestAvailable).await;
    assert_right(&report);
    assert_eq!(fake.shop.lock().seats_sold(), SEATS - 5, "all but the accessible ones");
}

#[tokio::test]
async fn holds_are_confirmed_or_lapse() {
    let (report, fake) = storm(Fault::None, Transport::Plain, Scenario::Holds).await;
    assert_right(&report);
    assert!(report.buyers.lapsing > 0 && report.buyers.booked > 0);
    assert_eq!(count(&report, Outcome::Held), report.buyers.lapsing + report.buyers.booked);
    assert_eq!(fake.shop.lock().seats_sold() as u64, report.buyers.booked);
    assert!(report.times.lapse_seconds.is_some());
}

#[tokio::test]
async fn sustained_asks_for_every_seat_once() {
    let fake = Fake::start(Shop::new(SEATS, Fault::None), Transport::Plain).await;
    let mut options = options(&fake.url, Scenario::Sustained);
    options.buyers = SEATS as u64;
    options.threads = 2;
    let report = storm::run(options, ()).await.unwrap();
    assert_right(&report);
    assert_eq!((report.buyers.booked, report.rates.requests), (SEATS as u64, SEATS as u64));
}

#[tokio::test]
async fn several_events_are_stormed_and_judged_together() {
    for (fault, is_right) in
        [(Fault::None, true), (Fault::LosesAnOrder, false), (Fault::StoresOtherPlaces, false)]
    {
        let twin = Shop::new(SEATS, fault).with_seats_alone();
        let shop = Shop::new(SEATS, Fault::None).with_seats_alone().with_twin(twin);
        let fake = Fake::start(shop, Transport::Plain).await;
        let mut options = options(&fake.url, Scenario::Sustained);
        options.event = Some("evt_1".to_owned());
        options.further_events = vec!["evt_2".to_owned()];
        options.buyers = 2 * SEATS as u64;
        let report = storm::run(options, ()).await.unwrap();
        assert_eq!(report.verdict.ok, is_right, "{fault:?}: {:#?}", report.verdict.checks);
        assert_eq!(
            report.buyers.booked,
            2 * SEATS as u64,
            "{fault:?}: every seat of both was asked for once"
        );
        assert_eq!(fake.shop.lock().seats_sold(), SEATS);
        let lost = usize::from(fault == Fault::LosesAnOrder);
        assert_eq!(fake.shop.lock().twin_seats_sold(), SEATS - lost);
    }
}

#[tokio::test]
async fn several_servers_share_the_connections() {
    let fake = Fake::start(Shop::new(SEATS, Fault::None), Transport::Plain).await;
    let mut second = fake.second().await;
    let mut shared = options(&fake.url, Scenario::Sustained);
    shared.buyers = SEATS as u64 / 2;
    shared.further_urls = vec![second.url.clone()];
    let report = storm::run(shared.clone(), ()).await.unwrap();
    assert_right(&report);
    assert_eq!(report.buyers.booked, SEATS as u64 / 2);
    // Half of the connections find nobody when the second is gone.
    second.die().await;
    shared.unknown_patience = Duration::from_millis(50);
    let report = storm::run(shared, ()).await.unwrap();
    assert!(report.connections_failed > 0, "nobody went to the second");
}

#[tokio::test]
async fn storms_on_one_event_wait_for_each_other_before_they_judge() {
    let fake = Fake::start(Shop::new(SEATS, Fault::None), Transport::Plain).await;
    let together = Arc::new(tokio::sync::Barrier::new(2));
    let mut holds = options(&fake.url, Scenario::Holds);
    (holds.buyers, holds.seed, holds.before_the_truth) = (40, 1, Some(Arc::clone(&together)));
    let mut floor = options(&fake.url, Scenario::Ga);
    (floor.buyers, floor.rate, floor.before_the_truth) = (15, Some(10.0), Some(together));
    let (holds, floor) = tokio::join!(storm::run(holds, ()), storm::run(floor, ()));
    let (holds, floor) = (holds.unwrap(), floor.unwrap());
    assert_right(&holds);
    assert_right(&floor);
    // Whoever judged while the other still bought would have counted fewer.
    let sold = |report: &storm::Report| {
        let check = report.verdict.checks.iter().find(|check| check.name.starts_with("the sold count"));
        check.unwrap().detail.clone()
    };
    assert_eq!(sold(&holds), sold(&floor));
    assert_eq!(floor.buyers.booked, 15);
}

/// Says when the load is over.
struct Ends(Arc<tokio::sync::Notify>);

impl Observer for Ends {
    fn phase(&mut self, phase: Phase) {
        if phase == Phase::Auditing {
            self.0.notify_one();
        }
    }
}

#[tokio::test]
async fn the_end_of_a_load_is_told_before_others_are_waited_for() {
    let fake = Fake::start(Shop::new(SEATS, Fault::None), Transport::Plain).await;
    let together = Arc::new(tokio::sync::Barrier::new(2));
    let mut floor = options(&fake.url, Scenario::Ga);
    (floor.buyers, floor.before_the_truth) = (15, Some(Arc::clone(&together)));
    let over = Arc::new(tokio::sync::Notify::new());
    let other = async {
        over.notified().await;
        together.wait().await;
    };
    let both = async { tokio::join!(storm::run(floor, Ends(Arc::clone(&over))), other) };
    let (report, ()) = tokio::time::timeout(Duration::from_secs(10), both).await.expect("no end was told");
    assert_right(&report.unwrap());
}

#[tokio::test]
async fn holds_that_end_together_ask_for_less_the_later_they_come() {
    let fake = Fake::start(Shop::new(SEATS, Fault::None), Transport::Plain).await;
    let mut options = options(&fake.url, Scenario::Holds);
    (options.buyers, options.rate) = (50, Some(25.0));
    (options.hold_seconds, options.holds_end_together) = (3, true);
    let report = storm::run(options, ()).await.unwrap();
    assert_right(&report);
    let mut asked = fake.shop.lock().hold_seconds_asked.clone();
    asked.sort_unstable();
    asked.dedup();
    assert_eq!(asked, [2, 3]);
    let lapse = report.lapse.unwrap();
    assert_eq!(lapse.holds, report.buyers.lapsing);
    assert!(lapse.late.max_micros < 2_000_000, "{lapse:?}");
    assert_eq!(report.questions["hold"]["held"], 50);
    assert_eq!(report.questions["confirm"]["booked"], report.buyers.booked);
}

#[tokio::test]
async fn the_classic_api() {
    for (scenario, booked) in [(Scenario::OneSeat, 1), (Scenario::Arena, 100)] {
        let fake = Fake::start(Shop::new(1, Fault::None), Transport::Plain).await;
        let mut options = options(&fake.url, scenario);
        (options.api, options.key, options.buyers) = (Api::Classic, None, 2_000);
        let report = storm::run(options, ()).await.unwrap();
        assert_right(&report);
        assert_eq!((report.buyers.booked, report.buyers.sold_out), (booked, 2_000 - booked));
    }
}

#[tokio::test]
async fn classic_tickets_that_were_sold_before_are_no_fault() {
    let shop = Shop::new(1, Fault::None).with_classic_tickets_sold([(1, 1)]);
    let fake = Fake::start(shop, Transport::Plain).await;
    let mut options = options(&fake.url, Scenario::OneSeat);
    (options.api, options.key) = (Api::Classic, None);
    let report = storm::run(options, ()).await.unwrap();
    assert_right(&report);
    assert_eq!(report.buyers.booked, 0);
}

/// Remembers what it was shown.
#[derive(Default)]
struct Watcher {
    phases: Vec<Phase>,
    last: Option<Snapshot>,
}

impl Observer for Watcher {
    fn phase(&mut self, phase: Phase) {
        self.phases.push(phase);
    }

    fn progress(&mut self, snapshot: &Snapshot) {
        self.last = Some(*snapshot);
    }
}

#[tokio::test]
async fn an_open_loop_keeps_its_schedule_and_is_watched() {
    for arrival in Arrival::ALL {
        let fake = Fake::start(Shop::new(SEATS, Fault::None), Transport::Plain).await;
        let mut options = options(&fake.url, Scenario::Sustained);
        (options.buyers, options.rate, options.arrival) = (100, Some(400.0), *arrival);
        let mut watcher = Watcher::default();
        let report = storm::run(options, &mut watcher).await.unwrap();
        assert_right(&report);
        assert_eq!((report.load, report.rates.dropped), ("open", 0));
        let at_least = if *arrival == Arrival::Spike { 0.135 } else { 0.24 };
        assert!(report.times.wall_seconds >= at_least, "{arrival}: {}", report.times.wall_seconds);
        assert_eq!(watcher.phases, [Phase::Preparing, Phase::Load, Phase::Auditing, Phase::Done]);
        let last = watcher.last.unwrap();
        assert_eq!((last.buyers_ended, last.count(Outcome::Booked), last.left), (100, 100, Some(20)));
    }
}

#[tokio::test]
async fn latency_counts_from_the_intended_time() {
    let fake = Fake::start(Shop::new(SEATS, Fault::None), Transport::Slow).await;
    let mut options = options(&fake.url, Scenario::Sustained);
    // One connection, and the fourth answer takes a second: whoever comes meanwhile waits for it.
    (options.buyers, options.rate, options.connections) = (10, Some(1_000.0), 1);
    options.request_timeout = Duration::from_secs(5);
    let report = storm::run(options, ()).await.unwrap();
    assert_right(&report);
    let booked = report.outcomes[0].latency;
    assert!(booked.p90_micros > 900_000, "{booked:?}");
    assert!(report.lag.max_micros > 900_000, "{:?}", report.lag);
}

#[tokio::test]
async fn a_duration_ends_the_arrivals_and_says_what_was_dropped() {
    let fake = Fake::start(Shop::new(SEATS, Fault::None), Transport::Plain).await;
    let mut options = options(&fake.url, Scenario::Sustained);
    (options.buyers, options.rate) = (1_000_000, Some(50.0));
    options.duration_max = Some(Duration::from_millis(400));
    let report = storm::run(options, ()).await.unwrap();
    assert_right(&report);
    assert!(report.times.wall_seconds < 5.0);
    assert!((1..=21).contains(&report.buyers.started), "{}", report.buyers.started);
}

#[tokio::test]
async fn a_server_that_dies_and_comes_back_loses_nobody() {
    let mut fake = Fake::start(Shop::new(SEATS, Fault::None), Transport::Plain).await;
    let mut options = options(&fake.url, Scenario::Arena);
    (options.buyers, options.rate) = (400, Some(800.0));
    let restart = async {
        for _ in 0..3 {
            // tidy: allow(no-sleeping-tests) because the pauses are the outage itself, at whatever point of the storm
            tokio::time::sleep(Duration::from_millis(80)).await;
            fake.die().await;
            // tidy: allow(no-sleeping-tests) because the pauses are the outage itself, at whatever point of the storm
            tokio::time::sleep(Duration::from_millis(80)).await;
            fake.come_back().await;
        }
    };
    let (report, ()) = tokio::join!(storm::run(options, ()), restart);
    let report = report.unwrap();
    assert_right(&report);
    assert!(report.connections_failed > 0, "nobody noticed");
    assert_eq!(report.buyers.booked + report.buyers.sold_out, 400);
}
