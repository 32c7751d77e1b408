//! A house of 2,000 seats, sold to the last one.

use proptest::prelude::*;

use super::drawing::{Hall, party};
use crate::best_available::{Shortage, Wish, choose};

/// 50 rows of 40 seats with two aisles; every tenth row ends with two accessible seats.
fn house() -> Hall {
    let plain = [".".repeat(10), ".".repeat(20), ".".repeat(10)].join("__");
    let accessible = [".".repeat(10), ".".repeat(20), ".".repeat(8) + "ww"].join("__");
    let labels: Vec<String> =
        (0..50).map(|at| if at % 10 == 0 { format!("{at}/0") } else { at.to_string() }).collect();
    let row = |at: usize| if at % 10 == 9 { &accessible } else { &plain };
    let rows: Vec<(&str, &str)> = (0..50).map(|at| (labels[at].as_str(), row(at).as_str())).collect();
    Hall::new((21.5, 0.0), &rows)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn a_house_sells_out_without_a_refusal_while_enough_seats_are_free(
        sizes in prop::collection::vec(prop_oneof![8 => 1_usize..7, 1 => 7_usize..50], 32),
    ) {
        let Hall { chart, mut free, .. } = house();
        let mut left = free.ordinary_free();
        assert_eq!((chart.seats_len(), left), (2_000, 1_990));
        for &size in sizes.iter().cycle() {
            let seats = match choose(&chart, &free, &party(size)) {
                Ok(seats) => seats,
                Err(shortage) => {
                    prop_assert_eq!(shortage, Shortage::TooFew { free: left });
                    prop_assert!(left < size);
                    if left == 0 {
                        break;
                    }
                    continue;
                }
            };
            prop_assert_eq!(seats.len(), size);
            for seat in seats {
                prop_assert!(free.is_free(seat) && !chart.is_accessible(seat));
                free.set(&chart, seat, false);
                left -= 1;
            }
            if left < 50 && !sizes.iter().any(|&size| size <= left) {
                break;
            }
        }
        let rest = choose(&chart, &free, &party(left.max(1)));
        prop_assert_eq!(rest.map_or(0, |seats| seats.len()), left, "the rest is one party's");
        let accessible = choose(&chart, &free, &Wish { accessible: true, ..party(10) });
        prop_assert_eq!(accessible.map_or(0, |seats| seats.len()), 10, "accessible seats were kept");
    }
}
