//! When and for how much things are sold: the window, the status, the price list, the settings.

use super::script::check;

#[test]
fn the_window_opens_at_its_instant_and_closes_just_before() {
    check(
        "seats A-1 9
        event opens=10 closes=20
        hold h1 bob A-1-1 -> sale_not_open
        hold h1 bob A-1-1 ignore=sale_window -> held 4500
        tick 9
        tick 999ms
        hold h2 bob A-1-2 -> sale_not_open
        book o1 bob A-1-2 -> sale_not_open
        tick 1ms
        hold h2 bob A-1-2 -> held 4500
        tick 9
        tick 999ms
        hold h3 bob A-1-3 -> held 4500
        tick 1ms
        hold h4 bob A-1-4 -> sale_closed
        edit h3 +A-1-4 -> sale_closed
        edit h3 +A-1-4 ignore=sale_window -> edited v2 9000
        edit h3 -A-1-4 for=700 -> edited v3 4500
        confirm h3 -> order 4500
        book o1 bob A-1-4 ignore=sale_window -> order 4500",
    );
}

#[test]
fn paused_and_closed_take_nothing_new_and_let_running_holds_through() {
    check(
        "seats A-1 9
        hold h1 bob A-1-1 -> held 4500
        hold h2 bob A-1-2 -> held 4500
        set status=paused -> set
        hold h3 bob A-1-3 -> sale_paused
        edit h1 +A-1-3 -> sale_paused
        edit h1 for=700 -> edited v2 4500
        confirm h1 -> order 4500
        set status=closed -> set
        hold h3 bob A-1-3 -> sale_closed
        book o1 bob A-1-3 -> sale_closed
        confirm h2 -> order 4500
        set status=draft -> set
        hold h3 bob A-1-3 -> sale_not_open
        set status=open -> set
        hold h3 bob A-1-3 -> held 4500",
    );
}

#[test]
fn areas_grow_while_they_sell() {
    check(
        "area Floor 3
        area Lawn 2
        block house Floor*1 -> moved 1
        hold h1 bob Floor*2 -> held 9000
        hold h2 eve Floor*1 -> all_held
        set areas=Lawn/2/std+Floor/2/std -> validation /areas/1/capacity
        set areas=Lawn/9/std -> validation /areas
        set areas=Lawn/2/std+Floor/5/vip -> validation /areas/1/category
        set areas=Lawn/2/std+Floor/5/std+Bar/1/std -> validation /areas/2/name
        set areas=Lawn/2/std+Floor/5/std+Lawn/3/std -> validation /areas
        show -> Floor f0 h2 s0 b1 | Lawn f2 h0 s0 b0 | bob 2
        set areas=Lawn/4/std+Floor/5/std -> set
        show -> Floor f2 h2 s0 b1 | Lawn f4 h0 s0 b0 | bob 2
        hold h2 eve Floor*2 Lawn*4 -> held 27000
        hold h3 joe Floor*1 -> all_held
        release h1 -> released
        confirm h2 -> order 27000
        set areas=Floor/5/std+Lawn/4/std -> set
        show -> Floor f2 h0 s2 b1 | Lawn f0 h0 s4 b0 | eve 6",
    );
}

#[test]
fn a_cancelled_event_is_over_for_good() {
    check(
        "seats A-1 6
        area Floor 5
        hold h1 bob A-1-1 Floor*2 -> held 13500
        hold h2 bob A-1-2 for=1 -> held 4500
        book o1 eve A-1-3 Floor*1 pay=p -> order 9000
        hold h3 eve A-1-4 -> held 4500
        confirm h3 pay=q as=o2 -> order 4500
        block house A-1-5 Floor*1 -> moved 2
        tick 11
        set status=cancelled -> set
        show -> hhssbb | Floor f0 h2 s1 b2 | bob 4, eve 3
        hold h4 ann A-1-6 -> event_cancelled
        hold h4 ann A-1-6 ignore=sale_window,limits,channels -> event_cancelled
        book o3 ann A-1-6 ignore=sale_window -> event_cancelled
        edit h1 for=700 -> event_cancelled
        confirm h1 -> event_cancelled
        confirm h2 -> event_cancelled
        confirm h3 pay=q -> order before
        sweep -> swept 2
        show -> bbssbb | Floor f0 h0 s1 b4 | eve 3
        hold? h1 -> released v2 until 610: A-1-1*1:adult@4500 Floor*2:adult@4500
        hold? h2 -> expired v2 until 11: A-1-2*1:adult@4500
        confirm h1 -> event_cancelled
        edit h2 for=700 -> event_cancelled
        cancel o1 A-1-3 -> cancelled 4500 of 9000
        show -> bbbsbb | Floor f0 h0 s1 b4 | eve 2
        cancel o1 -> cancelled 9000 of 9000
        cancel o2 -> cancelled 4500 of 4500
        unblock A-1-5 -> moved 1
        show -> bbbbbb | Floor f0 h0 s0 b5
        set status=open -> event_cancelled
        set name=Off -> set
        set status=cancelled -> set",
    );
}

#[test]
fn the_sweep_of_a_cancelled_event_is_bounded_too() {
    check(
        "area Floor 3000
        hold h1 bob Floor*600 -> held 2700000
        hold h2 bob Floor*600 -> held 2700000
        set status=cancelled -> set
        sweep -> swept 1, more
        sweep -> swept 1
        show -> Floor f0 h0 s0 b3000",
    );
}

#[test]
fn prices_by_category_and_ticket_type() {
    check(
        "seats A-1 3 category=vip
        seats B-1 3
        area Floor 5 category=floor
        types adult child senior
        prices vip=9000 std=adult:4500+child:1000
        hold h1 bob A-1-1:child B-1-1:child B-1-2 -> held 14500
        hold h2 bob B-1-3:senior -> not_priced std senior
        hold h2 bob Floor*1 -> not_priced floor adult
        hold h2 bob best:senior/category=std -> not_priced std senior
        hold h2 bob best:adult+senior/category=std -> all_held
        hold h2 bob Floor*2:senior@250 B-1-3:senior@0 -> held 500
        edit h1 -A-1-1 +A-1-2:senior -> edited v2 14500",
    );
}

#[test]
fn events_without_prices() {
    check(
        "seats A-1 3
        area Floor 5
        prices none
        book o1 bob A-1-1 Floor*2:child -> order 0
        hold h1 eve A-1-2@300 -> held 300
        confirm h1 amount=300 -> order 300",
    );
}

#[test]
fn ticket_types_that_are_not_public() {
    check(
        "seats A-1 5
        area Floor 5
        types adult staff!
        hold h1 bob A-1-1:staff public -> forbidden
        hold h1 bob Floor*1:staff public -> forbidden
        hold h1 bob best:staff public -> forbidden
        hold h1 bob A-1-1 public -> held 4500
        edit h1 +A-1-2:staff public -> forbidden
        edit h1 +A-1-2:staff -> edited v2 9000
        hold h2 bob A-1-3:nobody -> validation /places/0/ticket_type
        set types=staff!+adult -> set
        hold h2 bob A-1-3 public -> forbidden
        show -> hhfff | Floor f5 h0 s0 b0 | bob 2",
    );
}

#[test]
fn a_ticket_type_may_go_while_it_is_held() {
    check(
        "seats A-1 5
        hold h1 bob A-1-1:child -> held 4500
        set types=adult -> set
        hold h2 bob A-1-2:child -> validation /places/0/ticket_type
        confirm h1 as=o1 -> order 4500
        order? o1 -> bob v1 0 of 4500: A-1-1:child@4500",
    );
}

#[test]
fn settings_are_checked_whole() {
    check(
        "seats A-1 5
        set hold_seconds=901 -> validation /max_hold_seconds
        set hold_seconds=901 max_hold_seconds=901 -> set
        set max_hold_seconds=0 -> validation /max_hold_seconds
        set hold_seconds=7776001 max_hold_seconds=7776001 -> validation /hold_seconds
        set max_per_buyer=0 -> validation /max_per_buyer
        set max_per_buyer=1000001 -> validation /max_per_buyer
        set opens=20 closes=20 -> validation /sale/closes_at
        set opens=20 closes=21 -> set
        set types=adult+adult -> validation /ticket_types/1/key
        set prices=std=adult:1+nobody:2 -> validation /prices/std/nobody
        set prices=mars=1 -> validation /prices/mars
        set prices=std=-1 -> validation /prices/std
        set prices=std=1000000000001 -> validation /prices/std
        set prices=std=1000000000000 -> set
        hold h1 bob A-1-1 -> sale_not_open
        hold h1 bob A-1-1 A-1-2 ignore=sale_window -> validation /places",
    );
}
