//! How buyers fall back, come back and give up.

use super::*;
use crate::venue::{Availability, Counts};

fn script(scenario: Scenario, change: impl FnOnce(&mut Options)) -> Script {
    let mut options = Options::new("http://127.0.0.1:1", scenario);
    change(&mut options);
    let mut at_start = Availability { seats: "f".repeat(100), ..Availability::default() };
    at_start.areas.insert("Floor".to_owned(), Counts { free: 10, ..Counts::default() });
    let venue = Arc::new(Venue {
        seats: (0..100).map(|n| format!("A-1-{n}").into_boxed_str()).collect(),
        accessible: (0..100).map(|n| n == 99).collect(),
        areas: vec!["Floor".to_owned()],
        at_start,
        ..Venue::default()
    });
    let suspicions = Arc::new(Suspicions::new(&venue));
    Script::new(&options, venue, suspicions)
}

fn told(outcome: Outcome, code: &str) -> Answer<'_> {
    let status = if outcome == Outcome::Error { 500 } else { 409 };
    Answer { outcome, status, code, retry_after: None, replay: false, body: b"{}" }
}

#[test]
fn a_buyer_of_the_arena_asks_for_everything_before_going_home() {
    let script = script(Scenario::Arena, |_| {});
    let now = Instant::now();
    let number = (0..).find(|&number| script.wanted(number) == 3).unwrap();
    let mut buyer = script.arrives(number, now);
    let mut steps = vec![buyer.step];
    let mut code = "place_unavailable";
    while script.react(&mut buyer, &told(Outcome::Refused, code), now) == Next::Ask {
        steps.push(buyer.step);
        code = "sold_out";
    }
    let best = |quantity| Step::Best { quantity };
    assert_eq!(steps, [Step::Wish, best(3), best(2), best(1), Step::Accessible, Step::Area(0)]);
    assert_eq!(buyer.asks, 5, "every question has its own key");
    assert_eq!(script.react(&mut buyer, &told(Outcome::Refused, "sold_out"), now), Next::Done(End::SoldOut));
}

#[test]
fn contention_about_a_wish_falls_back_and_about_anything_else_comes_back() {
    let script = script(Scenario::Arena, |_| {});
    let now = Instant::now();
    let mut buyer = script.arrives(0, now);
    assert_eq!(script.react(&mut buyer, &told(Outcome::Contended, "place_contended"), now), Next::Ask);
    let asks = buyer.asks;
    let next = script.react(&mut buyer, &told(Outcome::Contended, "place_contended"), now);
    assert_eq!(next, Next::Retry(limits::RETRY_WAIT_DEFAULT));
    assert_eq!(buyer.asks, asks, "the same question keeps its key");
}

#[test]
fn who_hears_that_the_rest_is_held_takes_something_else_and_is_not_sold_out() {
    let script = script(Scenario::Arena, |_| {});
    let now = Instant::now();
    let mut buyer = script.arrives(0, now);
    let all_held = told(Outcome::Contended, "all_held");
    while buyer.step != Step::Area(0) {
        assert_eq!(script.react(&mut buyer, &all_held, now), Next::Ask, "{:?}", buyer.step);
    }
    let sold_out = told(Outcome::Refused, "sold_out");
    assert_eq!(script.react(&mut buyer, &sold_out, now), Next::Done(End::AllHeld));
}

#[test]
fn an_unknown_outcome_keeps_its_question_until_patience_ends() {
    let script = script(Scenario::Arena, |options| options.unknown_patience = Duration::from_secs(1));
    let now = Instant::now();
    let mut buyer = script.arrives(0, now);
    for outcome in [Outcome::Lost, Outcome::Timeout, Outcome::Unknown] {
        assert_eq!(script.react(&mut buyer, &told(outcome, ""), now), Next::Retry(limits::UNKNOWN_WAIT));
        assert_eq!((buyer.step, buyer.asks), (Step::Wish, 0));
    }
    let later = now + Duration::from_secs(2);
    assert_eq!(script.react(&mut buyer, &told(Outcome::Lost, ""), later), Next::Done(End::Unanswered));
    let mut buyer = script.arrives(0, now);
    script.react(&mut buyer, &told(Outcome::Lost, ""), now);
    assert_eq!(script.react(&mut buyer, &told(Outcome::Booked, ""), later), Next::Done(End::Booked));
}

#[test]
fn being_shed_does_not_settle_what_was_lost() {
    let script = script(Scenario::Sustained, |options| options.retry_patience = Duration::from_secs(1));
    let now = Instant::now();
    let mut buyer = script.arrives(0, now);
    assert_eq!(script.react(&mut buyer, &told(Outcome::Shed, ""), now), Next::Done(End::TurnedAway));
    let mut buyer = script.arrives(0, now);
    script.react(&mut buyer, &told(Outcome::Lost, ""), now);
    assert!(matches!(script.react(&mut buyer, &told(Outcome::Shed, ""), now), Next::Retry(_)));
    let later = now + Duration::from_secs(2);
    assert_eq!(script.react(&mut buyer, &told(Outcome::Shed, ""), later), Next::Done(End::Unanswered));
}

#[test]
fn coming_back_and_internal_errors_are_bounded() {
    let script = script(Scenario::Ga, |options| options.retry_patience = Duration::from_secs(1));
    let now = Instant::now();
    let mut buyer = script.arrives(0, now);
    assert!(matches!(script.react(&mut buyer, &told(Outcome::Shed, ""), now), Next::Retry(_)));
    let later = now + Duration::from_secs(2);
    assert_eq!(script.react(&mut buyer, &told(Outcome::Shed, ""), later), Next::Done(End::TurnedAway));
    let mut tries = 0;
    while script.react(&mut buyer, &told(Outcome::Error, ""), now) != Next::Done(End::Errored) {
        tries += 1;
    }
    assert_eq!(tries, limits::ERROR_RETRIES_MAX);
}

#[test]
fn about_a_third_of_the_holds_is_confirmed() {
    let script = script(Scenario::Holds, |_| {});
    let now = Instant::now();
    let confirmed = (0..10_000)
        .filter(|&number| {
            script.react(&mut script.arrives(number, now), &told(Outcome::Held, ""), now) == Next::Ask
        })
        .count();
    assert!((2_800..3_200).contains(&confirmed), "{confirmed}");
}

#[test]
fn sustained_wishes_every_seat_once_and_arena_wishes_have_no_doubles() {
    let sustained = script(Scenario::Sustained, |_| {});
    let mut seats: Vec<u32> = (0..100).map(|number| sustained.wish(number).seats()[0]).collect();
    assert_ne!(seats[..5], [0, 1, 2, 3, 4]);
    seats.sort_unstable();
    assert!(seats.into_iter().eq(0..100));

    let arena = script(Scenario::Arena, |options| options.zipf = Some(3.0));
    for number in 0..1_000 {
        let wish = arena.wish(number);
        let mut seats = wish.seats().to_vec();
        assert_eq!(seats.len() as u64, arena.units_asked(&arena.arrives(number, Instant::now())));
        seats.sort_unstable();
        seats.dedup();
        assert_eq!(seats.len(), wish.seats().len());
        assert_eq!(arena.wish(number), wish);
    }
}

#[test]
fn pairs_and_fours_shrink_by_half() {
    let script = script(Scenario::BestAvailable, |_| {});
    let now = Instant::now();
    let number = (0..).find(|&number| script.wanted(number) == 4).unwrap();
    let mut buyer = script.arrives(number, now);
    let mut asked = vec![script.units_asked(&buyer)];
    while script.react(&mut buyer, &told(Outcome::Refused, "sold_out"), now) == Next::Ask {
        asked.push(script.units_asked(&buyer));
    }
    assert_eq!(asked, [4, 2, 1]);
}
