//! Orders: booked in one step, all or nothing; cancelled, whole or in part.

use super::script::check;

#[test]
fn a_booking_sells_at_once() {
    check(
        "seats A-1 3
        area Floor 4
        book o1 bob A-1-1 Floor*2:child#x+y pay=p1 -> order 13500
        show -> sff | Floor f2 h0 s2 b0 | bob 3
        order? o1 -> bob v1 0 of 13500: A-1-1:adult@4500 Floor:child@4500#x Floor:child@4500#y
        book o2 eve A-1-1 -> place_unavailable A-1-1 sold",
    );
}

#[test]
fn tickets_that_were_cancelled_elsewhere_leave_their_places_free() {
    check(
        "seats A-1 3
        area Floor 2
        book o1 bob A-1-1 A-1-2 Floor*2 gone=0+3 -> order 18000
        show -> fsf | Floor f1 h0 s1 b0 | bob 2
        order? o1 -> bob v2 9000 of 18000: A-1-1:adult@4500! A-1-2:adult@4500 Floor:adult@4500 Floor:adult@4500!
        book o2 eve A-1-1 Floor*1 gone=0+1 -> order 9000
        order? o2 -> eve v2 9000 of 9000: A-1-1:adult@4500! Floor:adult@4500!
        book o3 eve A-1-1 -> order 4500
        book o4 eve A-1-3 gone=1 -> not_found ticket
        show -> ssf | Floor f1 h0 s1 b0 | bob 2, eve 1",
    );
}

#[test]
fn a_mixed_basket_is_had_whole_or_not_at_all() {
    check(
        "seats A-1 3
        area Floor 4
        area Lawn 1
        hold h1 eve A-1-2 Lawn*1 -> held 9000
        book o1 bob A-1-1 A-1-2 Floor*2 -> place_unavailable A-1-2 held
        book o1 bob A-1-1 Floor*5 -> sold_out
        book o1 bob A-1-1 Floor*4 Lawn*1 -> all_held
        book o1 bob A-1-1 A-1-9 Mars*1 -> place_unavailable A-1-9 unknown, Mars unknown
        show -> fhf | Floor f4 h0 s0 b0 | Lawn f0 h1 s0 b0 | eve 2
        book o1 bob A-1-1 A-1-3 Floor*4 -> order 27000
        hold h2 bob A-1-1 A-1-2 A-1-3 -> place_unavailable A-1-1 sold, A-1-2 held, A-1-3 sold",
    );
}

#[test]
fn one_area_may_stand_twice_in_a_basket() {
    check(
        "area Floor 5
        hold h1 bob Floor*2 Floor*2:child -> held 18000
        hold? h1 -> active v1 until 610: Floor*2:adult@4500 Floor*2:child@4500
        hold h2 eve Floor*1 Floor*1:child -> all_held
        hold h2 eve Floor*1 Floor*4:child Floor*1 -> sold_out
        hold h2 eve Floor*1 -> held 4500
        edit h1 -Floor*3 -> edited v2 4500
        hold? h1 -> active v2 until 610: Floor*1:child@4500
        hold h3 eve Floor*1 Floor*1 Floor*1:child -> held 13500
        edit h3 -Floor*1 -> edited v2 9000
        edit h3 -Floor*1 +Floor*1@7 -> edited v3 4507
        hold? h3 -> active v3 until 610: Floor*1:child@4500 Floor*1:adult@7",
    );
}

#[test]
fn cancelling_by_tickets_places_and_all() {
    check(
        "seats A-1 3
        area Floor 4
        prices std=1000
        book o1 bob A-1-1@700 A-1-2 Floor*3 -> order 4700
        cancel o1 ticket=0 -> cancelled 700 of 4700
        cancel o1 ticket=0 -> order before
        cancel o1 ticket=0+0+1 -> cancelled 1700 of 4700
        cancel o1 ticket=7 -> not_found ticket
        cancel o1 A-1-3 -> validation /places/0
        cancel o1 A-1-1 A-1-2 -> order before
        cancel o1 Floor Floor -> cancelled 3700 of 4700
        show -> fff | Floor f3 h0 s1 b0 | bob 1
        order? o1 -> bob v4 3700 of 4700: A-1-1:adult@700! A-1-2:adult@1000! Floor:adult@1000! Floor:adult@1000! Floor:adult@1000
        hold h1 eve A-1-1 -> held 1000
        cancel o1 -> cancelled 4700 of 4700
        cancel o1 -> order before
        cancel o1 A-1-1 Floor -> order before
        show -> hff | Floor f4 h0 s0 b0 | eve 1
        cancel nobody -> not_found order",
    );
}

#[test]
fn a_seat_sold_again_is_not_the_first_order_s_to_cancel() {
    check(
        "seats A-1 1
        book o1 bob A-1-1 -> order 4500
        cancel o1 -> cancelled 4500 of 4500
        book o2 eve A-1-1 -> order 4500
        cancel o1 -> order before
        cancel o1 A-1-1 -> order before
        cancel o1 ticket=0 -> order before
        show -> s | eve 1
        batch {
            cancel o2 A-1-1 -> cancelled 4500 of 4500
            cancel o2 A-1-1 -> order before
            book o3 ann A-1-1 -> order 4500
            cancel o2 -> order before
        }
        show -> s | ann 1",
    );
}

#[test]
fn cancelling_to_a_channel_or_to_everybody() {
    check(
        "seats A-1 2
        area Floor 3
        block house A-1-2 Floor*1 -> moved 2
        book o1 bob A-1-1 A-1-2 Floor*3 channels=house -> order 22500
        cancel o1 A-1-1 Floor then=vip -> cancelled 9000 of 22500
        show -> bs | Floor f0 h0 s2 b1 | bob 3
        cancel o1 A-1-2 Floor then=free -> cancelled 18000 of 22500
        cancel o1 -> cancelled 22500 of 22500
        show -> bf | Floor f1 h0 s0 b2
        hold h1 eve A-1-1 Floor*2 channels=vip -> held 13500
        hold h2 eve Floor*1 channels=house -> held 4500",
    );
}

#[test]
fn tickets_of_a_confirmed_hold_are_cancelled_like_any() {
    check(
        "seats A-1 2
        area Floor 3
        hold h1 bob A-1-1 Floor*2 claim=promo:3 claim=ip:3:held -> held 13500
        show -> hf | Floor f1 h2 s0 b0 | bob 3, ip 3, promo 3
        confirm h1 as=o1 -> order 13500
        show -> sf | Floor f1 h0 s2 b0 | bob 3, promo 3
        cancel o1 Floor -> cancelled 4500 of 13500
        show -> sf | Floor f2 h0 s1 b0 | bob 2, promo 2
        cancel o1 -> cancelled 13500 of 13500
        show -> ff | Floor f3 h0 s0 b0",
    );
}
