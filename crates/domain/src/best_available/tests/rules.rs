//! The rules one by one.

use super::drawing::{check, check_shortage, party};
use crate::best_available::{Shortage, Wish};

#[test]
fn nearest_to_the_focal_point_first_of_equals() {
    check(party(2), "* 3.5 \n A ........ ...##... \n B ........ ........");
    check(party(3), "* 4 \n A ......... ...###...");
    check(party(2), "* 4 \n A ......... ...##....");
    check(party(1), "* 0 \n A xxxxx xxxxx \n B ..... #....");
}

#[test]
fn equals_of_different_sections_in_the_charts_order() {
    // Both free seats are 10 by 20 from the stage, and the second section is the one with a nearer seat.
    let aisle = "_".repeat(20);
    let taken = "x".repeat(10);
    check(party(1), &format!("* 0 \n N/A {aisle}. {aisle}# \n M/A {taken}. {taken}."));
}

#[test]
fn the_nearest_section_may_be_the_last() {
    let aisle = "_".repeat(60);
    let rows = format!("* 0 30 \n N/A .... .... \n M/A {aisle}.... {aisle}.... \n O/A .... ##..");
    check(party(2), &rows);
}

#[test]
fn no_orphan_where_it_can_be_avoided_anywhere() {
    // Nearest would be the middle of the run, with a lone seat on each side.
    check(party(2), "* 2.5 \n A x....x x##..x");
    // A pair in a run of three leaves one; the row behind has room.
    check(party(2), "* 1 \n A ...xx ...xx \n B ..xxx ##xxx");
    // One who comes alone fills a lone seat rather than splitting a pair.
    check(party(1), "* 0 \n A ..x.x ..x#x");
    // A group that fills a run exactly leaves none.
    check(party(3), "* 0 \n A ....x...x ....x###x");
}

#[test]
fn ends_of_a_block_count_like_taken_seats() {
    check(party(2), "* 1.5 \n A .... ##..");
    check(party(3), "* 0 \n A ....__... ....__###");
}

#[test]
fn a_seat_that_was_alone_before_is_no_orphan_of_this_party() {
    check(party(2), "* 1 \n A .x.... .x##..");
}

#[test]
fn an_orphan_is_better_than_to_be_parted() {
    check(party(2), "* 0 \n A ...x.x ##.x.x");
    check(party(2), "* 2 \n A ...x.x .##x.x");
}

#[test]
fn an_aisle_is_not_between_neighbours() {
    check(party(3), "* 2.5 \n A ..__..._ ..__###_");
    check(Wish { adjacent: true, ..party(3) }, "* 2 \n A ..__..__ ..__..__ \n B x...xx.. x###xx..");
    let cut = Wish { adjacent: true, ..party(3) };
    check_shortage(cut, "* 2 \n A ..__..", Shortage::NotAdjacent);
}

#[test]
fn as_few_groups_as_possible_and_nobody_alone() {
    // Four are two and two before they are three and one, although the three are nearer.
    check(party(4), "* 0 \n A ...x.x..x ##.x.x##x");
    check(party(5), "* 0 \n A ...x.x.. ###x.x##");
    check(party(3), "* 0 \n A .x..x.x #x##x.x");
    // Three and one when nothing else has so few groups.
    check(party(4), "* 0 \n A ...x.x. ###x#x.");
    // Six: the two need four beside them.
    check(party(6), "* 0 \n A ....x.xx.. ####x.xx## \n");
    check(party(6), "* 0 \n A .....x..x. ####.x##x.");
}

#[test]
fn further_groups_sit_near_the_first() {
    // In the first one's row, before a nearer place in the row behind.
    let gap = "x".repeat(14);
    let in_row = format!("* 1 \n A ..{gap}.. ##{gap}## \n B ..{gap}xx ..{gap}xx");
    check(party(4), &in_row);
    // Otherwise in the row behind rather than across the house, which is nearer to the stage.
    let taken = "x".repeat(30);
    let behind = format!(
        "* 30.5 \n M/A xxxxx..xx xxxxx..xx \n N/A {taken}..x {taken}##x \n N/B {taken}..x {taken}##x"
    );
    check(party(4), &behind);
    // In another section when that is nearer than a place in the same one: 20 against 22.
    let gap = "x".repeat(20);
    let section = format!("* 0 \n N/A ..{gap} ##{gap} \n N/B {gap}.. {gap}.. \n M/A ..{gap} ##{gap}");
    check(party(4), &section);
}

#[test]
fn big_parties_are_divided_evenly() {
    check(party(9), "* 0 \n A .....x #####x \n B .....x ####.x");
    check(party(7), "* 0 \n A ...x.. ###x## \n B ..x... ##x...");
}

#[test]
fn nobody_beside_anybody_means_nearest_to_the_stage() {
    check(party(3), "* 2 \n A .x.x.x. #x#x#x. \n B x.x.x.x x.x.x.x");
    check_shortage(party(5), "* 2 \n A .x.x.x.x", Shortage::TooFew { free: 4 });
}

#[test]
fn filters_by_category_and_section() {
    let (b, second) = ([1], [1]);
    check(Wish { categories: Some(&b), ..party(2) }, "* 0 \n A ....,,,, ....##,,");
    // A seat of another category is free all the same, and can be orphaned.
    check(Wish { categories: Some(&b), ..party(2) }, "* 0 \n A .,,, .,## \n");
    check(Wish { sections: Some(&second), ..party(2) }, "* 0 \n N/A .... .... \n M/A .... ##..");
    check(
        Wish { sections: Some(&second), categories: Some(&b), ..party(1) },
        "* 0 \n N/A ,, ,, \n M/A ..,, ..,#",
    );
    let few = Shortage::TooFew { free: 3 };
    check_shortage(Wish { categories: Some(&b), ..party(4) }, "* 0 \n A ...,x,x,", few);
    let none = Shortage::TooFew { free: 0 };
    check_shortage(Wish { categories: Some(&[]), ..party(1) }, "* 0 \n A ....", none);
    check_shortage(Wish { sections: Some(&[9, u32::MAX]), ..party(1) }, "* 0 \n A ....", none);
    check_shortage(Wish { categories: Some(&[700]), ..party(1) }, "* 0 \n A ....", none);
}

#[test]
fn ordinary_wishes_never_get_accessible_seats() {
    check(party(2), "* 0 \n A wwww.. wwww## \n");
    check_shortage(party(3), "* 0 \n A ww..", Shortage::TooFew { free: 2 });
    check(party(2), "* 0 \n A wcc... w##...");
}

#[test]
fn accessible_wishes_get_accessible_seats_and_their_companions() {
    let accessible = |seats| Wish { accessible: true, ..party(seats) };
    check(accessible(1), "* 0 \n A ....wc ....#c");
    check(accessible(2), "* 0 \n A cc..wc cc..##");
    // One in a wheelchair, and the others as near as can be.
    check(accessible(3), "* 0 \n A ccc.wx c##.#x");
    // Without an accessible seat left, companion seats alone will do.
    check(accessible(2), "* 0 \n A ccW... ##W...");
    check_shortage(accessible(3), "* 0 \n A ccW...", Shortage::TooFew { free: 2 });
    // Once one sits in a short run, the others need only one group more.
    check(accessible(4), "* 0 \n A ccc.x.c.w ###.x.c.#");
    // The whole of a run may be needed, although its share would be less.
    check(accessible(4), "* 0 \n A www.x.w ###.x.#");
    let side_by_side = Wish { adjacent: true, ..accessible(2) };
    check_shortage(side_by_side, "* 0 \n A cc.w.x", Shortage::NotAdjacent);
}

#[test]
fn side_by_side_when_demanded() {
    let three = Wish { adjacent: true, ..party(3) };
    check(three, "* 0 \n A ..x.... ..x###.");
    check_shortage(three, "* 0 \n A ..x..x..", Shortage::NotAdjacent);
    check_shortage(three, "* 0 \n A ..xxxx", Shortage::TooFew { free: 2 });
}

#[test]
fn long_rows_are_cut_into_blocks_of_128() {
    let row = ".".repeat(300);
    let expect = format!("{}##{}", ".".repeat(200), ".".repeat(98));
    check(party(2), &format!("* 200.4 \n A {row} {expect}"));
    // The cut is an end: seats 127 and 128 are in different blocks.
    let before = format!("{}..{}", "x".repeat(127), "x".repeat(171));
    let demanded = Wish { adjacent: true, ..party(2) };
    check_shortage(demanded, &format!("* 0 \n A {before}"), Shortage::NotAdjacent);
    check(party(100), &format!("* 0 \n A {row} {}{}", "#".repeat(100), ".".repeat(200)));
}
