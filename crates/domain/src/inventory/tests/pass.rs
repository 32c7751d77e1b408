//! Access tokens: a window, channels and limits of their bearer's own.

use super::script::check;

#[test]
fn a_pass_has_a_window_of_its_own_and_an_end() {
    check(
        "seats A-1 6
        event opens=100 closes=200
        hold h1 bob A-1-1 -> sale_not_open
        hold h1 bob A-1-1 pass=0:none:50 -> held 4500
        hold h2 bob A-1-2 pass=10:none:50 -> sale_not_open
        tick 20
        hold h2 bob A-1-2 pass=0:20:50 -> sale_closed
        book o1 bob A-1-2 pass=10:21:50 -> order 4500
        tick 30
        hold h3 bob A-1-3 pass=0:none:50 -> access_required
        edit h1 +A-1-3 pass=0:none:50 -> access_required
        edit h1 +A-1-3 pass=0:none:51 -> edited v2 9000
        set status=paused -> set
        hold h3 bob A-1-4 pass=0:none:90 -> sale_paused
        hold h3 bob A-1-4 pass=0:none:40 ignore=sale_window -> access_required",
    );
}

#[test]
fn a_pass_counts_under_limits_of_its_own() {
    check(
        "seats A-1 8
        event max_per_buyer=2
        hold h1 bob A-1-1 A-1-2 pass=none:none:9 claim=promo:3 -> held 9000
        hold h2 eve A-1-3 A-1-4 pass=none:none:9 claim=promo:3 -> limit_exceeded promo 2 of 3
        hold h2 eve A-1-3 pass=none:none:9 claim=promo:3 -> held 4500
        edit h2 +A-1-4 pass=none:none:9 bearer=eve claim=promo:3 -> limit_exceeded promo 3 of 3
        release h1 -> released
        edit h2 +A-1-4 pass=none:none:9 bearer=eve claim=promo:3 -> edited v2 9000
        edit h2 +A-1-5 pass=none:none:9 bearer=eve claim=promo:3 -> limit_exceeded eve 2 of 2
        confirm h2 as=o1 -> order 9000
        hold h3 bob A-1-5 A-1-6 pass=none:none:9 claim=promo:3 -> limit_exceeded promo 2 of 3
        cancel o1 A-1-3 -> cancelled 4500 of 9000
        hold h3 bob A-1-5 A-1-6 pass=none:none:9 claim=promo:3 -> held 9000",
    );
}

#[test]
fn a_limit_of_the_bearer_s_own_replaces_the_event_s() {
    check(
        "seats A-1 8
        event max_per_buyer=2
        hold h1 bob A-1-1 A-1-2 A-1-3 -> limit_exceeded bob 0 of 2
        hold h1 bob A-1-1 A-1-2 A-1-3 claim=bob:4 -> limit_exceeded bob 0 of 2
        hold h1 bob A-1-1 A-1-2 A-1-3 pass=none:none:9 claim=bob:4 -> held 13500
        edit h1 +A-1-4 +A-1-5 pass=none:none:9 claim=bob:4 -> limit_exceeded bob 3 of 4
        edit h1 +A-1-4 pass=none:none:9 claim=bob:4 -> edited v2 18000
        show -> hhhhffff | bob 4",
    );
}

#[test]
fn a_pass_is_for_its_bearer_s_holds() {
    check(
        "seats A-1 4
        hold h1 eve A-1-1 -> held 4500
        edit h1 +A-1-2 pass=none:none:9 bearer=bob -> forbidden
        edit h1 +A-1-2 pass=none:none:9 bearer=eve claim=promo:3 -> forbidden
        edit h1 +A-1-2 pass=none:none:9 bearer=eve -> edited v2 9000",
    );
}
