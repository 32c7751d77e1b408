//! Which seat is which after an event moved.

use super::*;
use crate::chart::plan::{CategoryPlan, ChartPlan, RowPlan, SeatPlan, SectionPlan};

/// A chart of one row: seats as `label` or `label=guid`.
fn chart(seats: &str) -> Arc<Chart> {
    let seats = seats.split_whitespace().map(|text| {
        let (label, guid) = text.split_once('=').map_or((text, None), |(label, guid)| (label, Some(guid)));
        SeatPlan {
            label: label.to_owned(),
            category: "a".to_owned(),
            guid: guid.map(str::to_owned),
            ..SeatPlan::default()
        }
    });
    let row = RowPlan { label: "1".to_owned(), seats: seats.collect() };
    let category = CategoryPlan { key: "a".to_owned(), name: "a".to_owned(), color: String::new() };
    let plan = ChartPlan {
        name: "Hall".to_owned(),
        categories: vec![category],
        sections: vec![SectionPlan { name: "A".to_owned(), rows: vec![row] }],
        ..ChartPlan::default()
    };
    Arc::new(Chart::new(&plan).unwrap())
}

/// The seats after an event sold over these charts, one after the other.
fn seating(charts: &[&str]) -> Seating {
    let mut charts = (1..).map(ChartId).zip(charts.iter().map(|seats| chart(seats)));
    let (id, first) = charts.next().unwrap();
    charts.fold(Seating::new(id, first), |seating, (id, chart)| seating.moved_to(id, chart))
}

/// The numbers of the seats in the order of the newest chart, and of how many there ever were.
fn numbers(seating: &Seating) -> (Vec<u32>, usize) {
    for (at, seat) in seating.chart().seats().zip(seating.seats()) {
        assert_eq!((seating.position(seat), seating.seat(at)), (Some(at), seat), "both ways");
    }
    (seating.seats().map(|seat| seat.0).collect(), seating.seats_len())
}

fn label(seating: &Seating, seat: u32) -> String {
    let (chart, at) = seating.home(SeatIndex(seat)).unwrap();
    chart.label(at)
}

#[test]
fn an_event_that_never_moved_has_its_chart_s_order() {
    let seating = seating(&["1 2=g 3"]);
    assert_eq!(numbers(&seating), (vec![0, 1, 2], 3));
    assert_eq!(seating.position(SeatIndex(3)), None, "there is no such seat");
    assert!(seating.home(SeatIndex(3)).is_none());
    assert_eq!(seating.find("guid:g"), Some(SeatIndex(1)));
    assert_eq!((seating.chart_id(), seating.chart_ids().len()), (ChartId(1), 1));
}

#[test]
fn seats_keep_their_numbers_wherever_they_stand() {
    let moved = seating(&["1 2 3", "0 3 1"]);
    assert_eq!(numbers(&moved), (vec![3, 2, 0], 4));
    assert_eq!(moved.position(SeatIndex(1)), None, "A-1-2 is gone");
    assert_eq!(label(&moved, 1), "A-1-2", "and still has its name");
    assert_eq!((moved.find("A-1-2"), moved.find("A-1-3")), (None, Some(SeatIndex(2))));
}

#[test]
fn a_guid_is_the_seat_whatever_its_label_says() {
    let renumbered = seating(&["1=a 2=b 3=c", "1=b 2=a 3=d"]);
    assert_eq!(numbers(&renumbered), (vec![1, 0, 3], 4));
    assert_eq!((label(&renumbered, 0), label(&renumbered, 2)), ("A-1-2".to_owned(), "A-1-3".to_owned()));
}

#[test]
fn a_guid_and_a_label_are_not_the_same_seat() {
    assert_eq!(numbers(&seating(&["1=a 2", "1 2=b"])), (vec![2, 3], 4));
}

#[test]
fn a_seat_that_comes_back_is_the_one_it_was() {
    let back = seating(&["1 2=g", "1 3", "2=g 3 4 1"]);
    assert_eq!(numbers(&back), (vec![1, 2, 3, 0], 4));
    assert!(back.home(SeatIndex(4)).is_none(), "there never was such a seat");
    let gone_again = back.moved_to(ChartId(4), chart("9"));
    assert_eq!(numbers(&gone_again), (vec![4], 5));
    assert_eq!(label(&gone_again, 1), "A-1-2");
    assert_eq!(gone_again.home(SeatIndex(0)).unwrap().1, ChartSeat(3), "where the last chart had it");
}

#[test]
fn earlier_seatings_are_what_they_were() {
    let charts = ["1 2 3", "3 4", "4 1"];
    let newest = seating(&charts);
    for len in 1..=3 {
        let earlier = newest.after_charts(len).unwrap();
        assert_eq!(numbers(&earlier), numbers(&seating(&charts[..len])));
        assert!(earlier.chart_ids().eq((1..=len as u64).map(ChartId)));
    }
    assert!(newest.after_charts(0).is_none() && newest.after_charts(4).is_none());
}
