//! After an outage: who gets time back, how much, and before what.

use std::collections::BTreeSet;

use super::super::Outage;
use super::script::{check, event_of};
use super::stage::{Stage, key};
use crate::basket::{AreaWanted, Basket};
use crate::command::{Command, Ignored, Purchase};
use crate::inventory::Decided;
use crate::inventory::decide::MADE_UP_HOLDS_MAX;
use crate::place::AreaIndex;
use crate::record::HoldStatus;

#[test]
fn what_lapsed_meanwhile_runs_again() {
    check(
        "seats A-1 3
        hold h1 bob A-1-1 for=60 -> held 4500
        hold h2 eve A-1-2 for=100 -> held 4500
        tick 60
        outage 20
        sweep -> swept 0
        hold? h1 -> active v2 until 90: A-1-1*1:adult@4500
        hold? h2 -> active v1 until 110: A-1-2*1:adult@4500
        tick 10
        sweep -> swept 1
        show -> fhf | eve 1",
    );
}

#[test]
fn a_confirm_that_waited_through_it_comes_in_time() {
    check(
        "seats A-1 3
        hold h1 bob A-1-1 for=60 -> held 4500
        hold h2 eve A-1-2 for=60 -> held 4500
        hold h3 ann A-1-3 for=60 -> held 4500
        tick 65
        outage 10
        batch {
            sweep -> swept 0
            confirm h1 as=o1 -> order 4500
            edit h2 for=60 -> edited v3 4500
            hold h4 zoe A-1-3 -> place_unavailable A-1-3 held
        }
        hold? h2 -> active v3 until 145: A-1-2*1:adult@4500
        hold? h3 -> active v2 until 80: A-1-3*1:adult@4500
        show -> shh | ann 1, bob 1, eve 1",
    );
}

#[test]
fn who_had_no_chance_left_or_had_lapsed_before_gets_nothing() {
    check(
        "seats A-1 3
        hold h1 bob A-1-1 for=20 -> held 4500
        hold h2 eve A-1-2 for=60 -> held 4500
        hold h3 ann A-1-3 for=200 -> held 4500
        tick 30
        // Two minutes are given back at most: h2 would have come to its end within them.
        outage 200
        sweep -> swept 2
        hold? h3 -> active v2 until 330: A-1-3*1:adult@4500
        show -> ffh | ann 1",
    );
    check(
        "seats A-1 1
        hold h1 bob A-1-1 for=20 -> held 4500
        set status=cancelled -> set
        tick 20
        outage 20
        sweep -> swept 1
        show -> b",
    );
}

/// One commit has no room for all of them: the next ones go on, and no sweep comes between.
#[test]
fn more_than_one_commit_moves_get_it_one_after_the_other() {
    let mut stage = Stage::new(event_of(&["area Floor 20000"]));
    let unit =
        AreaWanted { area: AreaIndex(0), quantity: 1, ticket_type: None, price: None, codes: Vec::new() };
    let purchase = Purchase {
        buyer: key("bob"),
        claims: Vec::new(),
        basket: Basket { areas: vec![unit], ..Basket::default() },
        channels: Vec::new(),
        ignored: Ignored::default(),
        is_public: false,
        pass: None,
        metadata: None,
        reference: None,
    };
    let all = MADE_UP_HOLDS_MAX + 1_500;
    let holds = vec![Command::Hold { purchase, seconds: Some(60) }; all];
    assert!(stage.batch(&holds).iter().all(Result::is_ok));
    let since = stage.now.plus_millis(60_000);
    let until = since.plus_millis(20_000);
    (stage.now, stage.outage) = (until, Some(Outage { since, lost_ms: 20_000, until }));
    let last = stage.holds.values().last().expect("a hold").id;
    let answers = stage.batch(&[Command::Sweep, Command::Release(last)]);
    let has_waited = matches!(answers[0], Ok(Decided::Swept { ended: 0, more: true }));
    let status = stage.holds[&last.serial].status;
    // Who is named comes first, and ran when he let go.
    assert_eq!((has_waited, status), (true, HoldStatus::Released), "{answers:?}");
    assert!(stage.is_owing);
    stage.outage = Some(Outage { since, lost_ms: 20_000, until });
    stage.batch(&[Command::Sweep]);
    assert!(!stage.is_owing);
    let deadlines: BTreeSet<i64> = stage.holds.values().map(|hold| hold.deadline.0).collect();
    assert_eq!(deadlines.into_iter().collect::<Vec<_>>(), [90_000]);
    assert_eq!(stage.settled.holds().count(), all - 1);
}
