//! Limits: by buyer and by key, across holds and orders.

use super::script::check;

#[test]
fn a_buyer_s_limit_is_exact() {
    check(
        "seats A-1 9
        area Floor 9
        event max_per_buyer=4
        hold h1 bob A-1-1 A-1-2 A-1-3 A-1-4 Floor*1 -> limit_exceeded bob 0 of 4
        hold h1 bob A-1-1 Floor*2 -> held 13500
        book o1 bob A-1-2 A-1-3 -> limit_exceeded bob 3 of 4
        book o1 bob A-1-2 -> order 4500
        hold h2 bob A-1-3 -> limit_exceeded bob 4 of 4
        hold h2 eve A-1-3 -> held 4500
        hold h3 bob A-1-4 ignore=limits -> held 4500
        show -> hshhfffff | Floor f7 h2 s0 b0 | bob 5, eve 1
        release h3 -> released
        cancel o1 -> cancelled 4500 of 4500
        hold h4 bob A-1-2 -> held 4500
        confirm h1 -> order 13500
        hold h5 bob A-1-3 -> place_unavailable A-1-3 held
        hold h5 bob A-1-5 -> limit_exceeded bob 4 of 4",
    );
}

#[test]
fn an_edit_at_the_limit() {
    check(
        "seats A-1 9
        event max_per_buyer=3
        hold h1 bob A-1-1 A-1-2 -> held 9000
        hold h2 bob A-1-3 -> held 4500
        edit h1 +A-1-4 -> limit_exceeded bob 3 of 3
        edit h1 +A-1-4 -A-1-1 -> edited v2 9000
        edit h1 +A-1-1 +A-1-5 -A-1-4 -> limit_exceeded bob 3 of 3
        set max_per_buyer=1 -> set
        edit h1 +A-1-5 -A-1-4 -> edited v3 9000
        edit h1 -A-1-5 -> edited v4 4500
        edit h1 +A-1-5 -> limit_exceeded bob 2 of 1
        edit h1 +A-1-5 ignore=limits -> edited v5 9000
        set max_per_buyer=none -> set
        edit h1 +A-1-6 -> edited v6 13500
        show -> fhhfhhfff | bob 4",
    );
}

#[test]
fn what_lapsed_counts_no_more_before_any_sweep() {
    check(
        "seats A-1 9
        event max_per_buyer=2
        hold h1 bob A-1-1 A-1-2 for=1 -> held 9000
        hold h2 eve A-1-5 for=1 -> held 4500
        tick 10
        tick 999ms
        hold h3 bob A-1-3 -> limit_exceeded bob 2 of 2
        tick 1ms
        hold h3 bob A-1-3 A-1-4 -> held 9000
        show -> ffhhhffff | bob 2, eve 1
        confirm h3 -> order 9000
        hold h4 bob A-1-6 -> limit_exceeded bob 2 of 2",
    );
}

#[test]
fn an_edit_and_a_confirm_look_past_lapsed_holds_too() {
    check(
        "seats A-1 9
        event max_per_buyer=2
        hold h1 bob A-1-1 for=1 -> held 4500
        hold h2 bob A-1-2 -> held 4500
        hold h3 eve A-1-3 -> held 4500
        tick 11
        edit h2 +A-1-4 -> edited v2 9000
        release h2 -> released
        hold h4 bob A-1-1 A-1-2 for=1 -> held 9000
        tick 11
        confirm h3 buyer=bob -> order 4500
        show -> ffsffffff | bob 1",
    );
}

#[test]
fn a_limit_by_any_key() {
    check(
        "seats A-1 9
        hold h1 bob A-1-1 A-1-2 claim=promo:3 -> held 9000
        hold h2 eve A-1-3 A-1-4 claim=promo:3 -> limit_exceeded promo 2 of 3
        book o1 eve A-1-3 claim=promo:3 -> order 4500
        hold h2 ann A-1-4 claim=promo:3 -> limit_exceeded promo 3 of 3
        hold h2 ann A-1-4 claim=promo:none -> held 4500
        show -> hhshfffff | ann 1, bob 2, eve 1, promo 4
        edit h1 +A-1-5 claim=promo:3 -> limit_exceeded promo 4 of 3
        edit h1 +A-1-5 -> validation /limits
        edit h1 +A-1-5 ignore=limits -> edited v2 13500
        confirm h1 as=o2 -> order 13500
        cancel o2 -> cancelled 13500 of 13500
        cancel o1 -> cancelled 4500 of 4500
        show -> fffhfffff | ann 1, promo 1",
    );
}

#[test]
fn held_only_claims_are_given_back_on_confirm() {
    check(
        "seats A-1 9
        hold h1 bob A-1-1 A-1-2 claim=ip:2:held -> held 9000
        hold h2 eve A-1-3 claim=ip:2:held -> limit_exceeded ip 2 of 2
        confirm h1 -> order 9000
        hold h2 eve A-1-3 claim=ip:2:held -> held 4500
        book o1 ann A-1-4 claim=ip:2:held -> order 4500
        show -> sshsfffff | ann 1, bob 2, eve 1, ip 1
        release h2 -> released
        show -> ssfsfffff | ann 1, bob 2",
    );
}

#[test]
fn a_hold_is_not_grown_from_another_address_past_its_own() {
    check(
        "seats A-1 9
        hold h1 bob A-1-1 claim=ip1:2:held -> held 4500
        edit h1 +A-1-2 claim=ip2:2:held -> edited v2 9000
        edit h1 +A-1-3 claim=ip2:2:held -> limit_exceeded ip2 2 of 2
        edit h1 +A-1-3 -A-1-2 claim=ip2:2:held -> edited v3 9000
        show -> hfhffffff | bob 2, ip1 2",
    );
}

#[test]
fn a_key_presented_twice_is_counted_once() {
    check(
        "seats A-1 9
        event max_per_buyer=5
        hold h1 bob A-1-1 A-1-2 claim=bob:4 claim=promo:4 claim=promo:3:held -> held 9000
        show -> hhfffffff | bob 2, promo 2
        hold h2 bob A-1-3 A-1-4 A-1-5 claim=bob:4 -> limit_exceeded bob 2 of 4
        confirm h1 as=o1 -> order 9000
        show -> ssfffffff | bob 2, promo 2
        cancel o1 ticket=0 -> cancelled 4500 of 9000
        show -> fsfffffff | bob 1, promo 1
        cancel o1 -> cancelled 9000 of 9000
        show -> fffffffff",
    );
}

#[test]
fn whoever_pays_may_be_a_key_already() {
    check(
        "seats A-1 9
        hold h1 bob A-1-1 A-1-2 claim=ann:9 -> held 9000
        confirm h1 buyer=ann as=o1 -> order 9000
        show -> ssfffffff | ann 2
        cancel o1 -> cancelled 9000 of 9000
        show -> fffffffff",
    );
}

#[test]
fn limits_hold_within_one_batch() {
    check(
        "seats A-1 9
        event max_per_buyer=2
        batch {
            hold h1 bob A-1-1 -> held 4500
            book o1 bob A-1-2 -> order 4500
            hold h2 bob A-1-3 -> limit_exceeded bob 2 of 2
            hold h3 eve A-1-3 claim=promo:1 -> held 4500
            hold h4 ann A-1-4 claim=promo:1 -> limit_exceeded promo 1 of 1
        }
        show -> hshffffff | bob 2, eve 1, promo 1",
    );
}
