//! Holds: made, kept, edited, ended, confirmed.

use super::script::check;

#[test]
fn a_hold_lapses_and_cannot_be_confirmed() {
    check(
        "seats A-1 5
        area Floor 10
        hold h1 bob A-1-1 A-1-2 for=60 -> held 9000
        show -> hhfff | Floor f10 h0 s0 b0 | bob 2
        tick 70
        confirm h1 -> hold_expired
        show -> fffff | Floor f10 h0 s0 b0
        hold? h1 -> expired v2 until 70: A-1-1*1:adult@4500 A-1-2*1:adult@4500
        confirm h1 -> hold_expired",
    );
}

#[test]
fn a_deadline_has_ten_seconds_of_grace_and_lapses_at_its_very_instant() {
    check(
        "seats A-1 5
        hold h1 bob A-1-1 for=60 -> held 4500
        hold h2 eve A-1-2 for=60 -> held 4500
        tick 69
        tick 999ms
        hold h3 ann A-1-1 -> place_unavailable A-1-1 held
        confirm h1 -> order 4500
        tick 1ms
        confirm h2 -> hold_expired
        hold h3 ann A-1-1 A-1-2 -> place_unavailable A-1-1 sold
        hold h3 ann A-1-2 -> held 4500",
    );
}

#[test]
fn a_lapsed_hold_is_free_by_comparison() {
    check(
        "seats A-1 2
        area Floor 2
        hold h1 bob A-1-1 Floor*2 for=1 -> held 13500
        tick 11
        show -> hf | Floor f0 h2 s0 b0 | bob 3
        hold h2 eve A-1-1 -> held 4500
        show -> hf | Floor f2 h0 s0 b0 | eve 1
        hold? h1 -> expired v2 until 11: A-1-1*1:adult@4500 Floor*2:adult@4500",
    );
}

#[test]
fn the_default_time_and_the_caps() {
    check(
        "seats A-1 9
        event hold_seconds=60 max_hold_seconds=90
        hold h1 bob A-1-1 -> held 4500
        hold h2 bob A-1-2 for=5000 public -> held 4500
        hold h3 bob A-1-3 for=5000 -> held 4500
        hold h4 bob A-1-4 for=7776000 -> held 4500
        hold h5 bob A-1-5 for=7776001 -> validation /seconds
        hold h5 bob A-1-5 for=0 -> validation /seconds
        hold? h1 -> active v1 until 70: A-1-1*1:adult@4500
        hold? h2 -> active v1 until 100: A-1-2*1:adult@4500
        hold? h3 -> active v1 until 5010: A-1-3*1:adult@4500
        hold? h4 -> active v1 until 7776010: A-1-4*1:adult@4500",
    );
}

#[test]
fn an_extension_is_capped_from_creation_and_never_earlier() {
    check(
        "seats A-1 5
        event hold_seconds=60 max_hold_seconds=90
        hold h1 bob A-1-1 -> held 4500
        tick 10
        edit h1 for=20 -> edited v1 4500
        edit h1 for=60 public -> edited v2 4500
        hold? h1 -> active v2 until 80: A-1-1*1:adult@4500
        tick 30
        edit h1 for=60 public -> edited v3 4500
        hold? h1 -> active v3 until 100: A-1-1*1:adult@4500
        edit h1 for=3600 public -> edited v3 4500
        edit h1 for=7776001 -> validation /seconds
        edit h1 for=0 -> validation /seconds
        edit h1 for=7776000 -> edited v4 4500
        hold? h1 -> active v4 until 7776010: A-1-1*1:adult@4500
        edit h1 for=10 public -> edited v4 4500
        tick 7776000
        confirm h1 -> hold_expired",
    );
}

#[test]
fn an_edit_swaps_places_in_one_step_or_not_at_all() {
    check(
        "seats A-1 5
        area Floor 3
        hold h1 bob A-1-1 A-1-2 -> held 9000
        hold h2 eve A-1-3 -> held 4500
        edit h1 -A-1-1 +A-1-3 -> place_unavailable A-1-3 held
        edit h1 -A-1-1 -A-1-1 +A-1-4 -> validation /remove/places/1
        edit h1 -A-1-3 -> validation /remove/places/0
        edit h1 -A-1-1 -A-1-2 -> validation /remove
        edit h1 -A-1-1 -A-1-2 +Floor*4 -> sold_out
        edit h1 -Floor*1 -> validation /remove/areas/0/quantity
        hold? h1 -> active v1 until 610: A-1-1*1:adult@4500 A-1-2*1:adult@4500
        edit h1 -A-1-1 +A-1-4 +Floor*2:child -> edited v2 18000
        edit h1 -Floor*1 +Floor*2:adult -> edited v3 22500
        edit h1 -Floor*3:adult -> validation /remove/areas/0/quantity
        edit h1 -Floor*0 -> validation /remove/areas/0/quantity
        hold? h1 -> active v3 until 610: A-1-2*1:adult@4500 A-1-4*1:adult@4500 Floor*1:child@4500 Floor*2:adult@4500
        edit h1 -Floor*3 -> edited v4 9000
        show -> fhhhf | Floor f3 h0 s0 b0 | bob 2, eve 1",
    );
}

#[test]
fn what_an_edit_gives_back_it_may_take_on_other_terms() {
    check(
        "seats A-1 2
        area Floor 2
        types adult child
        prices std=adult:4500+child:1000
        hold h1 bob A-1-1 A-1-2 Floor*2 -> held 18000
        edit h1 -A-1-2 +A-1-2:child -> edited v2 14500
        edit h1 -Floor*1 +Floor*1:child -> edited v3 11000
        edit h1 -Floor*1 +Floor*2:child -> all_held
        edit h1 -Floor*1 +Floor*3:child -> sold_out
        edit h1 +A-1-1 -> place_unavailable A-1-1 held
        edit h1 -A-1-1 -A-1-2 +A-1-2 +A-1-1:child -> edited v4 11000
        hold? h1 -> active v4 until 610: Floor*1:adult@4500 Floor*1:child@1000 A-1-2*1:adult@4500 A-1-1*1:child@1000
        show -> hh | Floor f0 h2 s0 b0 | bob 4
        confirm h1 -> order 11000",
    );
}

#[test]
fn prices_are_kept_as_given() {
    check(
        "seats A-1 5
        hold h1 bob A-1-1 -> held 4500
        set prices=std=9900 -> set
        edit h1 +A-1-2 -> edited v2 14400
        confirm h1 amount=19800 -> hold_changed 14400
        confirm h1 amount=14400 as=o1 -> order 14400
        order? o1 -> bob v1 0 of 14400: A-1-1:adult@4500 A-1-2:adult@9900",
    );
}

#[test]
fn a_release_twice_is_one() {
    check(
        "seats A-1 5
        hold h1 bob A-1-1 -> held 4500
        release h1 -> released
        show -> fffff
        hold h2 eve A-1-1 -> held 4500
        release h1 -> released
        show -> hffff | eve 1
        confirm h1 -> hold_expired released
        edit h1 for=60 -> hold_expired released
        hold? h1 -> released v2 until 610: A-1-1*1:adult@4500
        release nobody -> not_found hold
        confirm nobody -> not_found hold
        edit nobody for=60 -> not_found hold",
    );
}

#[test]
fn releasing_what_lapsed_is_an_expiry() {
    check(
        "seats A-1 5
        hold h1 bob A-1-1 for=1 -> held 4500
        tick 11
        release h1 -> expired
        release h1 -> expired
        edit h1 for=60 -> hold_expired",
    );
}

#[test]
fn confirming_twice_is_once() {
    check(
        "seats A-1 5
        hold h1 bob A-1-1 -> held 4500
        confirm h1 pay=p1 as=o1 -> order 4500
        confirm h1 pay=p1 -> order before
        confirm h1 pay=p2 -> already_confirmed
        confirm h1 -> already_confirmed
        release h1 -> already_confirmed
        edit h1 +A-1-2 -> already_confirmed
        tick 100000
        confirm h1 pay=p1 -> order before
        show -> sffff | bob 1
        hold h2 eve A-1-2 -> held 4500
        batch {
            confirm h2 -> order 4500
            confirm h2 -> order before
            confirm h2 pay=p1 -> already_confirmed
        }",
    );
}

#[test]
fn somebody_else_may_pay() {
    check(
        "seats A-1 5
        event max_per_buyer=2
        hold h1 bob A-1-1 A-1-2 claim=promo:9 -> held 9000
        hold h2 eve A-1-3 -> held 4500
        confirm h1 buyer=eve -> limit_exceeded eve 1 of 2
        confirm h1 buyer=ann as=o1 -> order 9000
        show -> sshff | ann 2, eve 1, promo 2
        order? o1 -> ann v1 0 of 9000: A-1-1:adult@4500 A-1-2:adult@4500
        confirm h2 buyer=eve -> order 4500
        cancel o1 -> cancelled 9000 of 9000
        show -> ffsff | eve 1",
    );
}

#[test]
fn the_sweep_ends_what_lapsed_in_the_order_of_deadlines() {
    check(
        "seats A-1 5
        hold h1 bob A-1-1 for=20 -> held 4500
        hold h2 bob A-1-2 for=10 -> held 4500
        hold h3 bob A-1-3 for=30 -> held 4500
        sweep -> swept 0
        tick 20
        sweep -> swept 1
        show -> hfhff | bob 2
        tick 20
        sweep -> swept 2
        sweep -> swept 0
        show -> fffff",
    );
}

#[test]
fn a_sweep_frees_at_most_a_thousand_places() {
    check(
        "area Floor 3000
        hold h1 bob Floor*1000 for=1 -> held 4500000
        hold h2 bob Floor*999 for=2 -> held 4495500
        hold h3 bob Floor*1 for=3 -> held 4500
        hold h4 bob Floor*1 for=4 -> held 4500
        tick 14
        sweep -> swept 1, more
        show -> Floor f1999 h1001 s0 b0 | bob 1001
        sweep -> swept 2, more
        sweep -> swept 1",
    );
}

#[test]
fn codes_stay_with_their_units() {
    check(
        "seats A-1 5
        area Floor 9
        hold h1 bob A-1-1#a A-1-2 Floor*3#x+y+z Floor*1:child#k -> held 27000
        edit h1 +A-1-3#c -A-1-1 +Floor*1#w -> edited v2 31500
        hold? h1 -> active v2 until 610: A-1-2*1:adult@4500#- Floor*4:adult@4500#x+y+z+w Floor*1:child@4500#k A-1-3*1:adult@4500#c
        edit h1 -Floor*4:adult +Floor*2#n+m -> edited v3 22500
        hold? h1 -> active v3 until 610: A-1-2*1:adult@4500#- Floor*1:child@4500#k A-1-3*1:adult@4500#c Floor*2:adult@4500#n+m
        confirm h1 as=o1 -> order 22500
        order? o1 -> bob v1 0 of 22500: A-1-2:adult@4500 Floor:child@4500#k A-1-3:adult@4500#c Floor:adult@4500#n Floor:adult@4500#m",
    );
}

#[test]
fn codes_are_not_doubled_where_one_area_has_two_lines() {
    check(
        "area Floor 9
        block house Floor*6 -> moved 6
        hold h1 bob Floor*4#a+b+c+d channels=house -> held 18000
        hold? h1 -> active v1 until 610: Floor*3:adult@4500#a+b+c Floor*1:adult@4500#d/house
        edit h1 +Floor*1#e channels=house -> edited v2 22500
        hold? h1 -> active v2 until 610: Floor*3:adult@4500#a+b+c Floor*2:adult@4500#d+e/house
        edit h1 -Floor*4 -> edited v3 4500
        hold? h1 -> active v3 until 610: Floor*1:adult@4500#d/house
        hold h2 eve Floor*1#p Floor*2#q+r -> held 13500
        edit h2 -Floor*2 -> edited v2 4500
        hold? h2 -> active v2 until 610: Floor*1:adult@4500#q",
    );
}

#[test]
fn everything_in_one_batch() {
    check(
        "seats A-1 3
        hold h0 zoe A-1-3 for=1 -> held 4500
        tick 11
        batch {
            hold h1 bob A-1-1 -> held 4500
            hold h2 eve A-1-1 -> place_unavailable A-1-1 held
            hold h3 ann A-1-3 -> held 4500
            hold h4 eve A-1-3 -> place_unavailable A-1-3 held
            book o1 eve A-1-2 -> order 4500
            sweep -> swept 0
        }
        show -> hsh | ann 1, bob 1, eve 1
        hold? h0 -> expired v2 until 11: A-1-3*1:adult@4500
        batch {
            release h1 -> released
            release h1 -> released
            confirm h1 -> hold_expired released
            hold h5 eve A-1-1 -> held 4500
        }
        show -> hsh | ann 1, eve 2",
    );
}
