//! Best-available within a session: channels, lapsed holds, and what a refusal says.

use super::script::check;

#[test]
fn a_party_is_seated_from_what_is_free() {
    check(
        "seats A-1 5
        types adult child
        prices std=adult:4500+child:1000
        hold h1 bob best:adult+child -> held 5500
        hold h2 eve best*3 public -> held 13500
        hold h3 ann best*1 -> all_held
        confirm h2 as=o1 -> order 13500
        hold h3 ann best*3 -> sold_out
        hold h3 ann best*2 -> all_held
        release h1 -> released
        edit h3 +best*2 -> not_found hold
        hold h3 ann best*1 -> held 4500
        edit h3 +best*1 -> edited v2 9000
        edit h3 +best*1 -> all_held
        confirm h3 -> order 9000
        book o2 ann best*1 -> sold_out",
    );
}

#[test]
fn only_where_the_ticket_type_has_a_price() {
    check(
        "seats A-1 2 category=vip
        seats B-1 3
        types adult child
        prices vip=adult:9000 std=adult:4500+child:1000
        hold h1 bob best:child+child -> held 2000
        hold h2 bob best:adult+child -> all_held
        release h1 -> released
        hold h2 bob best:adult+child -> held 5500
        hold h3 bob best:child/category=vip -> not_priced vip child
        hold h3 bob best:adult+adult -> held 18000
        hold h4 bob best:child -> held 1000",
    );
}

#[test]
fn adjacency_where_it_is_demanded() {
    check(
        "seats A-1 5
        book o1 bob A-1-2 A-1-4 -> order 9000
        hold h1 eve best*2/adjacent -> not_enough_adjacent
        hold h1 eve best*4/adjacent -> sold_out
        hold h1 eve best*3 -> held 13500
        hold h2 ann best*3/adjacent -> all_held",
    );
}

#[test]
fn lapsed_holds_are_used() {
    check(
        "seats A-1 4
        hold h1 bob A-1-1 A-1-2 for=1 -> held 9000
        hold h2 bob A-1-3 for=2 -> held 4500
        hold h3 bob A-1-4 -> held 4500
        tick 11
        hold h4 eve best*3 -> all_held
        show -> hhhh | bob 4
        hold h4 eve best*2/adjacent -> held 9000
        show -> hhhh | bob 2, eve 2
        tick 1
        hold h5 eve best*2 -> all_held
        hold h5 eve best*1 -> held 4500
        hold? h2 -> expired v2 until 12: A-1-3*1:adult@4500",
    );
}

#[test]
fn lapsed_seats_make_a_party_adjacent() {
    check(
        "seats A-1 3
        hold h1 bob A-1-2 for=1 -> held 4500
        hold h2 eve best*2/adjacent -> not_enough_adjacent
        tick 11
        hold h2 eve best*3/adjacent -> held 13500
        show -> hhh | eve 3",
    );
}

#[test]
fn only_the_lapsed_holds_that_are_needed_end() {
    check(
        "seats A-1 2
        seats B-1 2
        hold h1 bob A-1-1 A-1-2 for=1 -> held 9000
        hold h2 bob B-1-1 B-1-2 for=1 -> held 9000
        tick 11
        hold h3 eve best*2/section=B -> held 9000
        show -> hhhh | bob 2, eve 2
        hold? h1 -> active v1 until 11: A-1-1*1:adult@4500 A-1-2*1:adult@4500",
    );
}

#[test]
fn a_channel_serves_a_party_once_the_public_s_seats_do_not() {
    check(
        "seats A-1 4
        block house A-1-1 A-1-2 -> moved 2
        hold h1 bob best*3 -> sold_out
        hold h1 bob best*3 channels=vip -> sold_out
        hold h1 bob best*2 channels=house -> held 9000
        show -> bbhh | bob 2
        hold h2 eve best*2 -> all_held
        hold h2 eve best*2 channels=house -> held 9000
        hold h3 ann best*1 ignore=channels -> all_held
        release h2 -> released
        show -> bbhh | bob 2
        book o1 ann best*2 ignore=channels -> order 9000",
    );
}

#[test]
fn a_lapsed_seat_of_a_channel_is_not_the_public_s() {
    check(
        "seats A-1 2
        block house A-1-1 -> moved 1
        hold h1 bob A-1-1 channels=house for=1 -> held 4500
        hold h2 bob best*2 -> sold_out
        tick 11
        hold h2 bob best*2 -> sold_out
        hold h2 bob best*2 channels=house -> held 9000",
    );
}

#[test]
fn accessible_seats_only_on_request() {
    check(
        "seats A-1 4 accessible=1 companion=2
        seats B-1 2 category=vip
        hold h1 bob best*6 -> sold_out
        hold h1 bob best*3/accessible -> sold_out
        hold h1 bob best*2/accessible -> held 9000
        show -> hhffff | bob 2
        hold h2 eve best*1/accessible -> all_held
        hold h2 eve best*3/section=A -> all_held
        hold h2 eve best*2/section=A -> held 9000
        hold h3 eve best*2/category=std+vip -> held 9000
        hold h4 eve best*1/category=vip -> all_held
        hold h4 eve best*1/category=mars -> validation /best_available/categories/0
        hold h4 eve best*1/section=A+Z -> validation /best_available/sections/1
        hold h4 eve best*1/section= -> validation /best_available/sections",
    );
}

#[test]
fn an_event_of_areas_has_no_best_seats() {
    check(
        "area Floor 5
        hold h1 bob best*1 -> sold_out
        hold h1 bob best*0 -> validation /best_available/quantity
        hold h1 bob best*101 -> validation /best_available/quantity
        hold h1 bob best*1 Floor*1 -> validation /best_available",
    );
}
