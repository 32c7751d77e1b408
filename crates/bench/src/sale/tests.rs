//! Peers that break, and sales that no figure may be taken from.

use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;

use super::fault::{Coming, judge};
use super::*;
use crate::front;
use crate::peers::{Answer, Booked, Peer, Sale};

/// A peer that answers every request so, and tells so of what it sold.
struct Scripted {
    books: fn(u32) -> anyhow::Result<Booked>,
    tells: fn() -> anyhow::Result<Vec<Sale>>,
}

impl Peer for Scripted {
    fn book<'a>(&'a self, seat: u32, _: &'a str) -> Answer<'a, Booked> {
        Box::pin(ready((self.books)(seat)))
    }

    fn sold(&self) -> Answer<'_, Vec<Sale>> {
        Box::pin(ready((self.tells)()))
    }
}

/// What a hundred buyers of the sustained crowd met.
async fn stormed(peer: Scripted) -> Report {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let mut options = Options::new(url, Scenario::Sustained);
    options.event = Some(front::EVENT.to_owned());
    options.key = Some("sk_test_peer".to_owned());
    (options.buyers, options.rate, options.connections) = (100, None, 4);
    tokio::select! {
        report = storm::run(options, ()) => report.expect("a report"),
        ended = front::serve(listener, Ware::Seats(100), Arc::new(peer)) => panic!("the front ended: {ended:?}"),
    }
}

/// What is found in a report of a peer.
fn fault(report: &Report) -> String {
    judge(false, report).err().map(|error| format!("{error:#}")).unwrap_or_default()
}

#[tokio::test]
async fn a_peer_that_refuses_and_can_tell_what_it_sold_is_right() {
    let report = stormed(Scripted { books: |_| Ok(Booked::Taken), tells: || Ok(Vec::new()) }).await;
    assert_eq!(fault(&report), "");
    assert!(ensure_only(&report, &[Outcome::Refused]).is_ok());
    let told = ensure_only(&report, &[Outcome::Contended]).map_err(|error| error.to_string());
    assert_eq!(told, Err("100 requests ended as \"final refusal\"".to_owned()));
}

#[tokio::test]
async fn a_peer_that_fails_has_no_figure() {
    let report = stormed(Scripted { books: |_| Err(anyhow!("no pool")), tells: || Ok(Vec::new()) }).await;
    assert_eq!(fault(&report), "a peer failed to answer 100 requests");
}

#[tokio::test]
async fn a_peer_that_loses_an_order_has_no_figure() {
    let report = stormed(Scripted { books: |seat| Ok(Booked::Sold(seat)), tells: || Ok(Vec::new()) }).await;
    assert!(fault(&report).contains("no acknowledged order is lost"), "{}", fault(&report));
}

#[tokio::test]
async fn what_cannot_be_asked_is_not_right() {
    let mut report = stormed(Scripted { books: |_| Ok(Booked::Taken), tells: || Ok(Vec::new()) }).await;
    report.verdict.checks.retain(|check| check.name != "no place is sold twice");
    assert!(fault(&report).contains("nobody looked whether"), "{}", fault(&report));
}

#[test]
fn a_rate_is_taken_until_fewer_than_half_of_those_who_ask_find_something() {
    let steps = [
        (100.0, 20.0),
        (100.0, 100.0),
        (0.0, 0.0),
        (100.0, 40.0),
        (100.0, 90.0),
        (100.0, 10.0),
        (100.0, 0.0),
        (100.0, 100.0),
    ];
    // The sixth step: 240 of 400 in the five to it. The seventh: 140 of 400, although 260 of all 600 so far.
    assert_eq!(while_found(&steps, 0.5), (260.0, 6.0));
    assert_eq!(while_found(&steps[..2], 0.5), (120.0, 2.0));
    // What comes after the fall does not count, however many find something.
    let again = [&steps[..7], &[(100.0, 100.0); 5]].concat();
    assert_eq!(while_found(&again, 0.5), (260.0, 6.0));
    // Over all so far, half would have found something for ten steps more.
    let long = [&[(100.0, 100.0); 10][..], &[(100.0, 0.0); 10]].concat();
    assert_eq!(while_found(&long, 0.5), (1_000.0, 12.0));
    assert_eq!(while_found(&[(10.0, 1.0)], 0.5), (0.0, 0.0));
    assert_eq!(while_found(&[], 0.5), (0.0, 0.0));
}

#[test]
fn shares_are_of_the_time_between_both_ends() {
    let at = Instant::now();
    let begun = Clock { at, server_seconds: 4.0, busy_seconds: 100.0 };
    let over = Clock { at: at + Duration::from_secs(10), server_seconds: 12.0, busy_seconds: 115.0 };
    let found = shares(&begun, &over);
    assert_eq!((found[fact::SERVER], found[fact::BUSY]), (0.8, 1.5));
}

#[test]
fn a_load_that_did_not_come_is_found() {
    let coming = |achieved_per_second, dropped| Coming {
        offered_per_second: 1_000.0,
        achieved_per_second,
        started: 10_000.0 - dropped,
        dropped,
    };
    assert!(coming(900.0, 10.0).fault(0.001).is_ok());
    assert!(coming(899.0, 0.0).fault(0.001).is_err());
    assert!(coming(1_000.0, 11.0).fault(0.001).is_err());
}
