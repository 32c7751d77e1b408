//! Changed orders: tickets swapped, added and cancelled in one commit, or none of it.

use super::script::check;

#[test]
fn a_ticket_is_swapped_for_another_seat() {
    check(
        "seats A-1 3
        seats B-1 2 category=vip
        prices std=1000 vip=2500
        book o1 bob A-1-1 A-1-2#old -> order 2000
        change o1 1>B-1-1#new pay=p2 -> changed v2 +1500
        order? o1 -> bob v2 1000 of 4500: A-1-1:adult@1000 A-1-2:adult@1000#old! B-1-1:adult@2500#new<1
        show -> sffsf | bob 2
        change o1 2>A-1-3 -> changed v3 -1500
        show -> sfsff | bob 2
        change o1 2>A-1-2 -> ticket_cancelled
        change o1 9>A-1-2 -> not_found ticket
        change o2 0>A-1-2 -> not_found order",
    );
}

#[test]
fn two_tickets_change_places_and_a_third_its_terms() {
    check(
        "seats A-1 3
        book o1 bob A-1-1 A-1-2@10 A-1-3:child -> order 9010
        change o1 0>A-1-2 1>A-1-1@70 2>A-1-3:adult@60 -> changed v2 -4380
        order? o1 -> bob v2 9010 of 13640: A-1-1:adult@4500! A-1-2:adult@10! A-1-3:child@4500! A-1-2:adult@4500<0 \
         A-1-1:adult@70<1 A-1-3:adult@60<2
        show -> sss | bob 3",
    );
}

#[test]
fn all_of_a_change_or_nothing() {
    check(
        "seats A-1 4
        area Floor 2
        book o1 bob A-1-1 Floor*1 -> order 9000
        book o2 eve A-1-2 -> order 4500
        change o1 0>A-1-3 1>A-1-2 -> place_unavailable A-1-2 sold
        change o1 0>A-1-3 +Floor*2 -1 -> changed v2 +4500
        order? o1 -> bob v2 9000 of 22500: A-1-1:adult@4500! Floor:adult@4500! A-1-3:adult@4500<0 Floor:adult@4500 \
         Floor:adult@4500
        change o1 +Floor*1 -> sold_out
        show -> fssf | Floor f0 h0 s2 b0 | bob 3, eve 1
        change o1 2>A-1-4 +A-1-4 -> validation /swap
        change o1 2>A-1-1 2>A-1-4 -> validation /swap/1/ticket
        change o1 2>A-1-1 -2 -> validation /cancel/0
        change o1 2>A-1-1 +best*1 -> validation /add/best_available
        change o1 -> validation /swap
        change o1 +best*2 -> changed v3 +9000
        show -> ssss | Floor f0 h0 s2 b0 | bob 5, eve 1",
    );
}

#[test]
fn a_swap_is_had_at_the_limit_and_more_is_not() {
    check(
        "seats A-1 4
        event max_per_buyer=2
        book o1 bob A-1-1 A-1-2 -> order 9000
        change o1 0>A-1-3 -> changed v2 +0
        change o1 +A-1-1 -> limit_exceeded bob 2 of 2
        change o1 0>A-1-1 -> ticket_cancelled
        change o1 -1 +A-1-1 -> changed v3 +0
        change o1 +A-1-2 ignore=limits -> changed v4 +4500
        change o1 -2 -3 -4 -> changed v5 -13500
        show -> ffff",
    );
}

#[test]
fn whose_version_is_old_is_told() {
    check(
        "seats A-1 4
        book o1 bob A-1-1 A-1-2 -> order 9000
        batch {
        change o1 0>A-1-3 v=1 -> changed v2 +0
        change o1 1>A-1-4 v=1 -> order_changed
        change o1 0>A-1-4 -> ticket_cancelled
        }
        show -> fssf | bob 2",
    );
}

#[test]
fn given_up_places_go_where_they_came_from_or_where_it_is_said() {
    check(
        "seats A-1 4
        area Floor 2
        block house A-1-1 Floor*1 -> moved 2
        book o1 bob A-1-1 A-1-2 Floor*2 channels=house -> order 18000
        change o1 0>A-1-3 2>A-1-4 -> changed v2 +0
        show -> bsss | Floor f1 h0 s1 b0 | bob 4
        change o1 3>Floor*1 -> changed v3 +0
        change o1 4>A-1-3:child -1 then=guests -> changed v4 -4500
        show -> bbss | Floor f0 h0 s1 b1 | bob 3",
    );
}

#[test]
fn a_seat_that_stays_stays_assigned() {
    check(
        "seats A-1 2
        block house A-1-1 -> moved 1
        book o1 bob A-1-1 A-1-2 channels=house -> order 9000
        change o1 0>A-1-1:child 1>A-1-2@5 then=guests -> changed v2 -4495
        cancel o1 -> cancelled 13505 of 13505
        show -> bf",
    );
}

#[test]
fn what_is_taken_must_be_on_sale_and_what_is_given_up_need_not() {
    check(
        "seats A-1 4
        book o1 bob A-1-1 A-1-2 A-1-3 -> order 13500
        set status=closed -> set
        change o1 0>A-1-4 -> sale_closed
        change o1 0>A-1-4 ignore=sale_window -> changed v2 +0
        change o1 -1 -> changed v3 -4500
        set status=cancelled -> set
        change o1 3>A-1-1 ignore=sale_window -> event_cancelled
        change o1 -2 -> changed v4 -4500",
    );
}

#[test]
fn a_lapsed_hold_is_no_obstacle() {
    check(
        "seats A-1 2
        book o1 bob A-1-1 -> order 4500
        hold h1 eve A-1-2 for=10 -> held 4500
        change o1 0>A-1-2 -> place_unavailable A-1-2 held
        tick 20
        change o1 0>A-1-2 -> changed v2 +0
        show -> fs | bob 1",
    );
}

/// A code that is good for three must not be good for four because an order grew.
#[test]
fn an_order_grows_within_the_limits_it_was_made_under() {
    check(
        "seats A-1 6
        book o1 bob A-1-1 A-1-2 claim=promo:3 -> order 9000
        change o1 +A-1-3 -> validation /limits
        change o1 0>A-1-3 -> changed v2 +0
        change o1 +A-1-1 claim=promo:3 -> changed v3 +4500
        change o1 +A-1-4 claim=promo:3 -> limit_exceeded promo 3 of 3
        change o1 -1 -2 +A-1-4 -> changed v4 -4500
        change o1 +A-1-5 +A-1-6 ignore=limits -> changed v5 +9000
        show -> sffsss | bob 4, promo 4",
    );
}
