//! Channels: a block is an assignment, which outlives holds and orders.

use super::script::check;

#[test]
fn a_blocked_seat_is_for_whoever_presents_its_channel() {
    check(
        "seats A-1 4
        block house A-1-1 A-1-2 -> moved 2
        show -> bbff
        hold h1 bob A-1-1 -> place_unavailable A-1-1 blocked
        hold h1 bob A-1-1 channels=vip -> place_unavailable A-1-1 blocked
        hold h1 bob A-1-1 A-1-3 channels=vip,house -> held 9000
        book o1 eve A-1-2 channels=house -> order 4500
        show -> hshf | bob 2, eve 1
        release h1 -> released
        cancel o1 -> cancelled 4500 of 4500
        show -> bbff
        hold h2 bob A-1-1 ignore=channels -> held 4500
        tick 610
        sweep -> swept 1
        show -> bbff",
    );
}

#[test]
fn held_and_sold_seats_fall_to_the_channel_later() {
    check(
        "seats A-1 5
        hold h1 bob A-1-1 A-1-2 -> held 9000
        hold h2 bob A-1-3 for=1 -> held 4500
        book o1 eve A-1-4 -> order 4500
        block house A-1-1 A-1-2 A-1-3 A-1-4 A-1-5 A-1-5 -> moved 1, A-1-1 held, A-1-2 held, A-1-3 held, A-1-4 sold
        show -> hhhsb | bob 3, eve 1
        edit h1 -A-1-2 -> edited v2 4500
        tick 11
        hold h3 ann A-1-3 -> place_unavailable A-1-3 blocked
        sweep -> swept 1
        cancel o1 -> cancelled 4500 of 4500
        show -> hbbbb | bob 1
        confirm h1 as=o2 -> order 4500
        show -> sbbbb | bob 1
        cancel o2 -> cancelled 4500 of 4500
        show -> bbbbb
        unblock A-1-1 A-1-2 -> moved 2
        show -> ffbbb",
    );
}

#[test]
fn a_block_moves_seats_from_channel_to_channel() {
    check(
        "seats A-1 3
        block house A-1-1 A-1-2 -> moved 2
        block vip A-1-2 A-1-3 -> moved 2
        block vip A-1-2 -> moved 1
        hold h1 bob A-1-2 channels=house -> place_unavailable A-1-2 blocked
        unblock channel=vip to=house -> moved 2
        hold h1 bob A-1-1 A-1-2 A-1-3 channels=house -> held 13500
        unblock channel=house -> moved 0, A-1-1 held, A-1-2 held, A-1-3 held
        release h1 -> released
        show -> fff
        unblock channel=nobody -> moved 0
        unblock A-1-1 -> moved 1",
    );
}

#[test]
fn area_units_are_assigned_by_pool() {
    check(
        "area Floor 10
        block house Floor*4 -> moved 4
        block vip Floor*2 -> moved 2
        show -> Floor f4 h0 s0 b6
        hold h1 bob Floor*5 -> sold_out
        hold h1 bob Floor*5 channels=house -> held 22500
        hold? h1 -> active v1 until 610: Floor*4:adult@4500 Floor*1:adult@4500/house
        show -> Floor f0 h5 s0 b5 | bob 5
        hold h2 eve Floor*4 channels=house -> all_held
        hold h2 eve Floor*6 ignore=channels -> all_held
        hold h2 eve Floor*1 channels=vip -> held 4500
        release h1 -> released
        show -> Floor f4 h1 s0 b5 | eve 1
        confirm h2 as=o1 -> order 4500
        cancel o1 -> cancelled 4500 of 4500
        show -> Floor f4 h0 s0 b6
        block club Floor*2 from=house -> moved 2
        block club Floor*3 from=house -> place_unavailable Floor blocked
        block club Floor*0 -> validation /areas/0/quantity
        block club Floor*1 Floor*1 -> validation /areas/1/name
        block club Floor*5 -> place_unavailable Floor blocked
        unblock Floor*2 from=vip -> moved 2
        unblock Floor*3 -> place_unavailable Floor blocked
        unblock Floor*2 -> moved 2
        unblock channel=club -> moved 2
        show -> Floor f10 h0 s0 b0",
    );
}

#[test]
fn a_public_buyer_cannot_hope_for_what_a_channel_holds() {
    check(
        "seats A-1 2
        area Floor 2
        block house A-1-1 Floor*1 -> moved 2
        hold h1 bob A-1-1 Floor*2 channels=house -> held 13500
        release h1 -> released
        book o1 eve A-1-2 Floor*1 -> order 9000
        hold h1 bob A-1-1 Floor*1 channels=house -> held 9000
        book o2 eve Floor*1 channels=house -> all_held
        book o2 eve Floor*1 -> sold_out
        book o2 eve best*1 -> sold_out
        book o2 eve best*1 channels=house -> all_held
        show -> hs | Floor f0 h1 s1 b0 | bob 2, eve 2",
    );
}

/// Found by the simulation: what an edit gives back to a channel was taken off what others hold of the public's.
#[test]
fn what_goes_back_to_a_channel_leaves_hope_for_the_public_s() {
    check(
        "area Floor 4
        block house Floor*2 -> moved 2
        hold h1 bob Floor*2 -> held 9000
        hold h2 eve Floor*2 channels=house -> held 9000
        edit h2 -Floor*2 +Floor*2 -> all_held
        edit h2 -Floor*2 +Floor*3 -> sold_out
        edit h2 -Floor*2 +Floor*3 channels=house -> all_held
        edit h2 -Floor*2 +Floor*2 channels=house -> edited v2 9000",
    );
}

#[test]
fn the_public_s_units_are_taken_first_lapsed_ones_too() {
    check(
        "area Floor 4
        block house Floor*2 -> moved 2
        hold h1 bob Floor*2 for=1 -> held 9000
        tick 11
        hold h2 eve Floor*2 channels=house -> held 9000
        hold? h2 -> active v1 until 621: Floor*2:adult@4500
        show -> Floor f0 h2 s0 b2 | eve 2",
    );
}

#[test]
fn a_whole_channel_spans_seats_and_areas() {
    check(
        "seats A-1 3
        area Floor 5
        area Lawn 5
        block house A-1-1 A-1-3 Floor*3 -> moved 5
        book o1 bob Floor*3 channels=house -> order 13500
        unblock channel=house -> moved 4
        show -> fff | Floor f2 h0 s3 b0 | Lawn f5 h0 s0 b0 | bob 3
        cancel o1 -> cancelled 13500 of 13500
        show -> fff | Floor f4 h0 s0 b1 | Lawn f5 h0 s0 b0",
    );
}

#[test]
fn lapsed_places_are_assigned_as_free_ones() {
    check(
        "seats A-1 2
        area Floor 3
        hold h1 bob A-1-1 Floor*3 for=1 -> held 18000
        block house Floor*1 -> place_unavailable Floor held
        tick 11
        block house A-1-1 Floor*2 -> moved 3
        show -> bf | Floor f1 h0 s0 b2
        hold h2 bob A-1-1 Floor*3 channels=house for=1 -> held 18000
        tick 11
        unblock channel=house -> moved 3
        show -> ff | Floor f3 h0 s0 b0",
    );
}

#[test]
fn places_move_from_channel_to_channel_and_were_never_free() {
    check(
        "seats A-1 4
        area Floor 5
        block house A-1-1 A-1-2 Floor*3 -> moved 5
        block press A-1-3 -> moved 1
        unblock A-1-1 A-1-3 Floor*2 from=house to=press -> moved 3
        show -> bbbf | Floor f2 h0 s0 b3
        hold h1 bob A-1-1 Floor*3 channels=press -> held 18000
        unblock channel=press to=house -> moved 2, A-1-1 held
        release h1 -> released
        show -> bbbf | Floor f2 h0 s0 b3
        hold h2 bob A-1-1 A-1-2 A-1-3 channels=house -> held 13500",
    );
}

#[test]
fn the_best_seats_of_a_channel() {
    check(
        "seats A-1 6
        block house A-1-5 A-1-6 -> moved 2
        hold h1 bob best*2/channel=house -> forbidden
        hold h1 bob best*2/channel=house channels=house for=5 -> held 9000
        show -> ffffhh | bob 2
        hold h2 eve best*1/channel=house channels=house -> all_held
        tick 20
        book o1 eve best*2/channel=house ignore=channels -> order 9000
        show -> ffffss | eve 2
        hold h2 eve best*1/channel=house channels=house -> sold_out
        hold h2 eve best*1 channels=house -> held 4500",
    );
}
