//! Every planted fault is caught, by the check that is there for it.

use std::time::Duration;

use storm::{Api, Scenario};

use crate::fake::{Fake, Fault, Shop, Transport};
use crate::{SEATS, failed, options, storm};

#[track_caller]
fn assert_caught(report: &storm::Report, name: &str) {
    let failed = failed(report);
    assert!(!report.verdict.ok && failed.iter().any(|(failed, _)| *failed == name), "{name}: {failed:#?}");
    assert!(report.to_text().contains("THE SALE WAS WRONG"));
}

#[tokio::test]
async fn faults_of_the_arena() {
    for (fault, caught_by) in [
        (Fault::SellsTwice, "no place is sold twice"),
        (Fault::LosesAnOrder, "no acknowledged order is lost"),
        (Fault::StoresOtherPlaces, "acknowledged orders have their places"),
        (Fault::SoldOutTooEarly, "no wrong refusal"),
        (Fault::KeepsASeat, "no wrong refusal"),
        (Fault::KeepsASeat, "sold out means everything is sold"),
        (Fault::Miscounts, "the sold count agrees with the orders"),
        (Fault::BreaksOnce, "no buyer met an error"),
    ] {
        let fake = Fake::start(Shop::new(SEATS, fault), Transport::Plain).await;
        let mut options = options(&fake.url, Scenario::Arena);
        options.connections = 2;
        let report = storm::run(options, ()).await.unwrap();
        assert_caught(&report, caught_by);
    }
}

#[tokio::test]
async fn a_free_seat_that_is_called_sold() {
    let (report, _) = storm(Fault::CallsAFreeSeatSold, Transport::Plain, Scenario::Sustained).await;
    assert_caught(&report, "no wrong refusal");
}

#[tokio::test]
async fn an_order_that_was_not_asked_for() {
    let fake = Fake::start(Shop::new(SEATS, Fault::SellsSomethingElse), Transport::Plain).await;
    let report = storm::run(options(&fake.url, Scenario::Sustained), ()).await.unwrap();
    assert_caught(&report, "orders contain what was asked for");
}

#[tokio::test]
async fn a_forgotten_key_sells_to_a_buyer_twice() {
    let (report, _) = storm(Fault::ForgetsKeys, Transport::CutAfterDeciding, Scenario::BestAvailable).await;
    assert_caught(&report, "no order that nobody knows of");
}

#[tokio::test]
async fn faults_of_one_seat() {
    let (report, _) = storm(Fault::SellsTwice, Transport::Plain, Scenario::OneSeat).await;
    assert_caught(&report, "exactly one winner");
    assert_caught(&report, "no place is sold twice");
    let (report, _) = storm(Fault::HidesReplays, Transport::Plain, Scenario::OneSeat).await;
    assert_caught(&report, "the winner who asks again gets the same order");
    let (report, _) = storm(Fault::ForgetsKeys, Transport::Plain, Scenario::OneSeat).await;
    assert_caught(&report, "the winner who asks again gets the same order");
}

#[tokio::test]
async fn holds_that_leak() {
    let fake = Fake::start(Shop::new(SEATS, Fault::KeepsHolds), Transport::Plain).await;
    let mut options = options(&fake.url, Scenario::Holds);
    options.buyers = 20;
    tokio::time::pause();
    let report = storm::run(options, ()).await.unwrap();
    assert_caught(&report, "holds that lapsed are free again");
}

#[tokio::test]
async fn faults_of_the_classic_api() {
    for (scenario, fault, caught_by) in [
        (Scenario::OneSeat, Fault::SellsTwice, "exactly one winner"),
        (Scenario::OneSeat, Fault::SellsTwice, "no place is sold twice"),
        (Scenario::Arena, Fault::CallsAFreeSeatSold, "no wrong refusal"),
    ] {
        let fake = Fake::start(Shop::new(1, fault), Transport::Plain).await;
        let mut options = options(&fake.url, scenario);
        (options.api, options.key, options.buyers) = (Api::Classic, None, 2_000);
        let report = storm::run(options, ()).await.unwrap();
        assert_caught(&report, caught_by);
    }
}

#[tokio::test]
async fn a_server_that_dies_for_good_ends_the_storm_with_its_buyers_unanswered() {
    let fake = Fake::start(Shop::new(SEATS, Fault::None), Transport::Plain).await;
    let mut options = options(&fake.url, Scenario::Sustained);
    (options.buyers, options.rate) = (100_000, Some(200.0));
    options.unknown_patience = Duration::from_millis(300);
    // tidy: allow(no-sleeping-tests) because the server dies while the storm is under way, at whatever point that is
    let killer = tokio::time::sleep(Duration::from_millis(300));
    let running = storm::run(options, ());
    let kill = async {
        killer.await;
        drop(fake);
    };
    let (report, ()) = tokio::join!(running, kill);
    let report = report.unwrap();
    assert_caught(&report, "every buyer has an answer");
    assert_caught(&report, "the server's orders can be read");
    assert!(report.buyers.unanswered > 0 && report.times.wall_seconds < 20.0);
}
