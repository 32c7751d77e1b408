//! Input that means harm: everything at its bound, and one past it.

use std::fmt::Write as _;

use super::script::{check, run};

#[test]
fn baskets_are_bounded() {
    check(
        "seats A-1 5
        area Floor 5000
        hold h1 bob -> validation /places
        hold h1 bob Floor*0 -> validation /areas/0/quantity
        hold h1 bob A-1-1 Floor*0 -> validation /areas/0/quantity
        hold h1 bob Floor*1001 -> validation /places
        hold h1 bob Floor*1000 A-1-1 -> validation /places
        hold h1 bob Floor*4294967295 Floor*4294967295 -> validation /places
        hold h1 bob Floor*1000 -> held 4500000
        edit h1 +Floor*1 -> validation /add
        edit h1 +A-1-1 -Floor*1 -> edited v2 4500000
        edit h1 +Floor*1000 -Floor*999 -> validation /add
        edit h1 -Floor*4294967295 -> validation /remove/areas/0/quantity
        edit h1 +Floor*1001 -> validation /add/places
        hold h2 bob A-1-2 A-1-2 -> validation /places
        hold h2 bob A-1-2 guid:A.1.2 -> validation /places
        hold h2 bob guid:A.1.2 -> held 4500
        hold h3 bob guid:A.9.9 a-1-1 -> place_unavailable guid:A.9.9 unknown, a-1-1 unknown
        edit h2 +A-1-3 +A-1-3 -> validation /add/places
        confirm h1 as=o1 -> order 4500000
        cancel o1 -> cancelled 4500000 of 4500000",
    );
}

#[test]
fn amounts_are_bounded() {
    check(
        "seats A-1 5
        area Floor 5000
        hold h1 bob A-1-1@1000000000001 -> validation /places/0/price
        hold h1 bob A-1-1@-1 -> validation /places/0/price
        hold h1 bob A-1-1@1000000000000 A-1-2@1 -> validation /places
        hold h1 bob Floor*1000@1000000000000 -> validation /places
        hold h1 bob A-1-1@1000000000000 -> held 1000000000000
        edit h1 +A-1-2@1 -> validation /add
        edit h1 +A-1-2@0 -> edited v2 1000000000000
        book o1 bob Floor*1000@1000000000 -> order 1000000000000
        hold? h1 -> active v2 until 610: A-1-1*1:adult@1000000000000 A-1-2*1:adult@0
        show -> hhfff | Floor f4000 h0 s1000 b0 | bob 1002",
    );
}

#[test]
fn names_are_bounded() {
    let long = "x".repeat(196);
    let longer = "x".repeat(65);
    let code = "c".repeat(129);
    check(&format!(
        "seats A-1 5
        area Floor 5
        hold h1 bob {long} -> validation /places/0
        hold h1 bob {longer}*1 -> validation /areas/0/name
        hold h1 bob A-1-1#{code} -> validation /places/0/code
        hold h1 bob Floor*1#{code} -> validation /areas/0/codes/0
        hold h1 bob Floor*2#a -> validation /areas/0/codes
        hold h1 bob Floor*1#a+b -> validation /areas/0/codes
        hold h1 bob Floor*1:{longer} -> validation /areas/0/ticket_type
        show -> fffff | Floor f5 h0 s0 b0"
    ));
}

#[test]
fn an_event_has_a_thousand_channels_at_most() {
    let mut script = "seats A-1 2\narea Floor 2000\n".to_owned();
    for at in 0..500 {
        writeln!(script, "block a{at} Floor*1\nblock s{at} A-1-1").expect("writing to memory");
    }
    script += "book o1 bob A-1-2 Floor*1\n";
    let (told, _) = run(&(script
        + "block more A-1-1\nblock s7 A-1-1\nunblock A-1-1\ncancel o1 then=more\ncancel o1 then=a7\n"));
    let last: Vec<&str> = told.lines().rev().take(5).collect();
    assert_eq!(
        last,
        [
            "cancel o1 then=a7 -> cancelled 9000 of 9000",
            "cancel o1 then=more -> validation /then",
            "unblock A-1-1 -> moved 1",
            "block s7 A-1-1 -> moved 1",
            "block more A-1-1 -> validation /channel",
        ]
    );
}

#[test]
fn a_whole_channel_is_bounded_by_its_seats() {
    let mut script = String::new();
    for row in 0..=100 {
        writeln!(script, "seats A-{row} 1000").expect("writing to memory");
    }
    for row in 0..=100 {
        let seats: Vec<String> =
            (1..=1_000).map(|at| format!("A-{row}-{at}")).take(if row == 0 { 1 } else { 1_000 }).collect();
        writeln!(script, "block house {}", seats.join(" ")).expect("writing to memory");
    }
    let (told, _) = run(&(script + "unblock channel=house\nunblock A-0-1\nunblock channel=house\n"));
    let last: Vec<&str> = told.lines().rev().take(3).collect();
    assert_eq!(
        last,
        [
            "unblock channel=house -> moved 100000",
            "unblock A-0-1 -> moved 1",
            "unblock channel=house -> validation /channel",
        ]
    );
}

/// A thousand places in every request; quadratic work would show as minutes.
#[test]
fn the_largest_baskets_are_quick() {
    let mut script = String::new();
    for row in 0..20 {
        writeln!(script, "seats A-{row} 100").expect("writing to memory");
    }
    script += "area Floor 5000\n";
    let seats = |rows: std::ops::Range<u32>, sign: &str| -> String {
        let seats: Vec<String> =
            rows.flat_map(|row| (1..=100).map(move |at| format!("{sign}A-{row}-{at}"))).collect();
        seats.join(" ")
    };
    writeln!(script, "hold h1 bob {}", seats(0..10, "")).expect("writing to memory");
    let (add, remove) = (seats(10..20, "+"), seats(0..10, "-"));
    writeln!(script, "edit h1 {add} {remove}\nconfirm h1 as=o1").expect("writing to memory");
    writeln!(script, "cancel o1 {}", seats(10..20, "")).expect("writing to memory");
    let units: Vec<String> = (0..1_000).map(|price| format!("Floor*1@{price}#c{price}")).collect();
    writeln!(script, "hold h2 eve {}", units.join(" ")).expect("writing to memory");
    let units: Vec<String> = (0..1_000).map(|price| format!("+Floor*1@{}#d{price}", price + 1_000)).collect();
    writeln!(script, "edit h2 -Floor*1000 {}", units.join(" ")).expect("writing to memory");
    let floor = vec!["Floor"; 20_000].join(" ");
    writeln!(script, "confirm h2 as=o2\ncancel o2 {floor}").expect("writing to memory");
    let (told, stage) = run(&script);
    let outcomes: Vec<&str> = told.lines().filter_map(|line| Some(line.rsplit_once("-> ")?.1)).collect();
    assert_eq!(
        outcomes,
        [
            "held 4500000",
            "edited v2 4500000",
            "order 4500000",
            "cancelled 4500000 of 4500000",
            "held 499500",
            "edited v2 1499500",
            "order 1499500",
            "cancelled 1499500 of 1499500",
        ]
    );
    assert_eq!(stage.settled.total_counts().free, 7_000);
}

/// Ten thousand lapsed holds in the way, and one request for more than there is.
#[test]
fn lapsed_holds_do_not_pile_up_on_one_request() {
    let mut script = String::new();
    for row in 0..20 {
        writeln!(script, "seats A-{row} 100").expect("writing to memory");
    }
    script += "area Floor 2000\nbatch {\n";
    for row in 0..20 {
        for at in 1..=100 {
            writeln!(script, "hold h b{row}x{at} A-{row}-{at} Floor*1 for=1").expect("writing to memory");
        }
    }
    let (told, mut stage) = run(&(script + "}\ntick 11\n"));
    assert_eq!(told.matches("-> held 9000").count(), 2_000);
    let before = stage.ledger.len();
    let refused =
        super::script::again(&mut stage, &["hold x eve best*1/accessible", "hold x eve Floor*1000 Floor*1"]);
    assert_eq!(refused, ["sold_out", "validation /places"]);
    assert_eq!(stage.ledger.len(), before, "a refusal in vain ends nobody's hold");
    // The holds that make way for the party give back the units that the second request needs.
    let held = super::script::again(&mut stage, &["hold x eve best*3", "hold y eve Floor*3"]);
    assert_eq!(held, ["held 13500", "held 13500"]);
    assert_eq!(stage.used().len(), 2_000 - 3 + 1, "only the holds in the way end");
}
