//! Randomness that a seed decides.

use engine::clock::Entropy;
use parking_lot::Mutex;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng as _, SeedableRng as _};

/// A generator whose stream depends on its seed alone, the same on every machine.
pub type SeededRng = Xoshiro256PlusPlus;

/// The generator of one part of a seeded run; parts with different numbers are independent.
#[must_use]
pub fn seeded(seed: u64, part: u64) -> SeededRng {
    // The golden ratio's bits spread neighbouring numbers over the whole range.
    SeededRng::seed_from_u64(seed ^ part.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

/// The engine's randomness, replayable.
#[derive(Debug)]
pub struct SeededEntropy(Mutex<SeededRng>);

impl SeededEntropy {
    /// The stream of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(seeded(seed, 0)))
    }
}

impl Entropy for SeededEntropy {
    fn next_u64(&self) -> u64 {
        self.0.lock().next_u64()
    }
}
