//! Repeatable chance: who wants what is a function of the seed and the buyer's number alone.

/// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014). Written out
/// so that a seed means the same wishes whatever library comes later.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

impl Dice {
    /// The dice of one buyer (or of another numbered purpose).
    pub(crate) fn of(seed: u64, number: u64) -> Self {
        let mut dice = Self(seed ^ number.wrapping_mul(0xd134_2543_de82_ef95));
        dice.next();
        dice
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is above 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        // The high half of a product (Lemire): its bias is below bound / 2^64.
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// A number in [0, 1).
    #[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Shuffles evenly (Fisher and Yates).
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.below(last as u64 + 1) as usize;
            items.swap(last, other);
        }
    }
}

/// Chooses among `count` ranks, evenly or by Zipf's law (rank r with weight r^-s).
#[derive(Debug)]
pub(crate) struct Preference {
    count: u64,
    /// The share of the ranks up to each one; empty when even.
    shares: Vec<f64>,
}

impl Preference {
    pub(crate) fn new(count: usize, zipf: Option<f64>) -> Self {
        let mut shares = Vec::new();
        if let Some(exponent) = zipf.filter(|&exponent| exponent > 0.0) {
            let mut sum = 0.0;
            #[expect(clippy::cast_precision_loss, reason = "numbers of seats stay far below 2^53")]
            shares.extend((1..=count).map(|rank| {
                sum += (rank as f64).powf(-exponent);
                sum
            }));
            shares.iter_mut().for_each(|share| *share /= sum);
        }
        Self { count: count as u64, shares }
    }

    /// A rank from 0; there must be at least one.
    pub(crate) fn choose(&self, dice: &mut Dice) -> usize {
        if self.shares.is_empty() {
            return dice.below(self.count) as usize;
        }
        let point = dice.unit();
        self.shares.partition_point(|&share| share <= point).min(self.shares.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(zipf: Option<f64>) -> [u32; 10] {
        let preference = Preference::new(10, zipf);
        let mut counts = [0; 10];
        for number in 0..100_000 {
            counts[preference.choose(&mut Dice::of(7, number))] += 1;
        }
        counts
    }

    #[test]
    fn even_wishes_are_even() {
        for count in counts(None) {
            assert!((9_500..10_500).contains(&count), "{count}");
        }
    }

    #[test]
    fn zipf_follows_its_law() {
        // With exponent 1 over ten ranks, the first gets 1 / H(10) = 34.1 %, the second half of it.
        let counts = counts(Some(1.0));
        assert!((33_500..34_800).contains(&counts[0]), "{counts:?}");
        assert!((16_600..17_600).contains(&counts[1]), "{counts:?}");
        assert!(counts[9] > 3_000 && counts[9] < 3_900, "{counts:?}");
    }

    #[test]
    fn the_same_seed_and_buyer_want_the_same() {
        let roll = |seed, number| Dice::of(seed, number).next();
        assert_eq!(roll(1, 2), roll(1, 2));
        assert_ne!(roll(1, 2), roll(1, 3));
        assert_ne!(roll(1, 2), roll(2, 2));
    }

    #[test]
    fn a_shuffle_keeps_everything() {
        let mut items: Vec<u32> = (0..1_000).collect();
        Dice::of(1, 0).shuffle(&mut items);
        assert_ne!(items[..10], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        items.sort_unstable();
        assert!(items.iter().copied().eq(0..1_000));
    }
}
