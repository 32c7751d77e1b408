//! Faults that others shipped, each once more.

use std::fmt::Write as _;

use super::script::{check, run};

/// Attendize 473: the last ticket was ordered twice.
#[test]
fn attendize_473_the_last_ticket_is_sold_once() {
    check(
        "seats A-1 1
        area Floor 1
        batch {
            book o1 bob A-1-1 Floor*1 -> order 9000
            book o2 eve A-1-1 -> place_unavailable A-1-1 sold
            book o3 eve Floor*1 -> sold_out
            hold h1 ann best*1 -> sold_out
            hold h2 ann Floor*1 -> sold_out
        }
        show -> s | Floor f0 h0 s1 b0 | bob 2",
    );
}

/// Event Espresso 218: abandoned carts never released their tickets.
#[test]
fn event_espresso_218_abandoned_holds_release() {
    check(
        "seats A-1 2
        area Floor 2
        event max_per_buyer=4
        hold h1 bob A-1-1 A-1-2 Floor*2 -> held 18000
        tick 610
        hold h2 eve Floor*2 best*1 -> validation /best_available
        hold h2 eve best*2 -> held 9000
        hold h3 bob Floor*2 -> held 9000
        show -> hh | Floor f0 h2 s0 b0 | bob 2, eve 2
        tick 610
        sweep -> swept 2
        show -> ff | Floor f2 h0 s0 b0",
    );
}

/// pretix 1575: every change of a cart extended it, so pressing "+" kept places for ever.
#[test]
fn pretix_1575_pressing_plus_does_not_extend_a_hold() {
    check(
        "area Floor 9
        hold h1 bob Floor*1 for=60 public -> held 4500
        tick 30
        edit h1 +Floor*1 public -> edited v2 9000
        tick 30
        edit h1 -Floor*1 public -> edited v3 4500
        edit h1 -Floor*1 +Floor*1:child public -> edited v4 4500
        hold? h1 -> active v4 until 70: Floor*1:child@4500
        tick 10
        edit h1 +Floor*1 public -> hold_expired
        show -> Floor f9 h0 s0 b0",
    );
}

/// pretix 1575, by its other door: asking for more time again and again.
#[test]
fn pretix_1575_asking_for_time_ends_at_the_cap() {
    let mut script = "area Floor 9\nhold h1 bob Floor*1 public -> held 4500\n".to_owned();
    for _ in 0..9 {
        script += "tick 100\nedit h1 for=600 public\n";
    }
    let (told, stage) = run(&(script + "tick 10\nconfirm h1\n"));
    assert!(told.ends_with("confirm h1 -> hold_expired\n"), "{told}");
    assert!(stage.used().is_empty());
}

/// Hi.Events 466: cancelling an order did not free its capacity.
#[test]
fn hi_events_466_cancelling_frees_capacity() {
    check(
        "seats A-1 1
        area Floor 3
        event max_per_buyer=3
        book o1 bob A-1-1 Floor*2 -> order 13500
        hold h1 eve Floor*1 -> held 4500
        confirm h1 as=o2 -> order 4500
        hold h2 bob Floor*1 -> sold_out
        cancel o1 Floor -> cancelled 4500 of 13500
        hold h2 bob Floor*1 -> held 4500
        cancel o1 -> cancelled 13500 of 13500
        cancel o2 -> cancelled 4500 of 4500
        show -> f | Floor f2 h1 s0 b0 | bob 1
        book o3 bob A-1-1 Floor*1 -> order 9000",
    );
}

/// open-event-server 6653: "sold out" was said while places were left.
#[test]
fn open_event_server_6653_sold_out_only_when_it_is() {
    check(
        "seats A-1 2
        area Floor 2
        hold h1 bob Floor*2 A-1-1 A-1-2 for=60 -> held 18000
        hold h2 eve Floor*1 -> all_held
        hold h2 eve best*2 -> all_held
        tick 70
        hold h2 eve Floor*2 -> held 9000
        hold h3 eve best*2 -> held 9000
        confirm h2 as=o1 -> order 9000
        hold h4 ann Floor*1 -> sold_out
        cancel o1 Floor -> cancelled 4500 of 9000
        hold h4 ann Floor*2 -> sold_out
        hold h4 ann Floor*1 -> held 4500
        hold h5 ann Floor*1 -> all_held",
    );
}

/// A late payment took the seat from its new owner.
#[test]
fn a_late_payment_takes_nothing_from_the_new_owner() {
    check(
        "seats A-1 1
        area Floor 1
        hold h1 bob A-1-1 Floor*1 for=60 -> held 9000
        tick 70
        hold h2 eve A-1-1 Floor*1 -> held 9000
        confirm h1 pay=p1 -> hold_expired
        confirm h2 pay=p2 -> order 9000
        confirm h1 pay=p1 -> hold_expired
        release h1 -> expired
        show -> s | Floor f0 h0 s1 b0 | eve 2
        batch {
            confirm h1 pay=p2 -> hold_expired
            edit h1 for=60 -> hold_expired
        }",
    );
}

/// CVE-2024-45300: a promotion's limit was lost to a race.
#[test]
fn cve_2024_45300_a_promotion_s_limit_holds_in_one_batch() {
    let mut script = "area Floor 99\nbatch {\n".to_owned();
    for at in 0..20 {
        writeln!(script, "hold h{at} buyer{at} Floor*1 claim=promo:3").expect("writing to memory");
    }
    let (told, stage) = run(&(script + "}\nshow\n"));
    assert_eq!(told.matches("-> held 4500").count(), 3, "{told}");
    assert_eq!(told.matches("-> limit_exceeded promo 3 of 3").count(), 17, "{told}");
    assert_eq!(stage.used()["promo"], 3);
}

/// Best-available refused 84 % of buyers while seats were free.
#[test]
fn best_available_sells_the_last_seat() {
    let mut script = String::new();
    for row in 1..=10 {
        writeln!(script, "seats A-{row} 10").expect("writing to memory");
    }
    // Every second seat is gone, so that no party can sit side by side.
    for row in 1..=10 {
        let seats: Vec<String> = (1..=5).map(|at| format!("A-{row}-{}", at * 2)).collect();
        writeln!(script, "book o{row} bob {}", seats.join(" ")).expect("writing to memory");
    }
    let buyers = script.len();
    for at in 0..25 {
        writeln!(script, "hold h{at} eve best*2").expect("writing to memory");
    }
    let (told, stage) = run(&(script + "hold last eve best*1\n"));
    assert_eq!(told.matches("-> held 9000").count(), 25, "{}", &told[buyers..]);
    assert!(told.ends_with("-> all_held\n"), "{told}");
    assert_eq!(stage.settled.total_counts().free, 0);
}

/// Found here: a hold's end was invisible to its buyer's own limit until a sweep came by.
#[test]
fn a_limit_does_not_wait_for_the_sweep() {
    check(
        "area Floor 9
        event max_per_buyer=1
        hold h1 bob Floor*1 for=1 -> held 4500
        tick 11
        book o1 bob Floor*1 -> order 4500",
    );
}
