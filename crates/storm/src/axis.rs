//! How figures stand along an axis and in a table: what every plot of a load does alike.

/// Round steps (1, 2, 5 times a power of ten) that divide a range into at most `count` parts.
#[must_use]
pub fn step_of(range: f64, count: f64) -> f64 {
    let rough = (range / count).max(f64::MIN_POSITIVE);
    let power = 10_f64.powf(rough.log10().floor());
    let factor = [1.0, 2.0, 5.0, 10.0].into_iter().find(|factor| factor * power >= rough * 0.999_999);
    factor.unwrap_or(10.0) * power
}

/// 1234567 as 1,234,567.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round_and_few() {
        for (range, step) in [(10.0, 2.0), (7.0, 2.0), (100.0, 20.0), (33_000.0, 10_000.0), (0.3, 0.1)] {
            assert!((step_of(range, 5.0) - step).abs() < step * 1e-6, "{range}: {}", step_of(range, 5.0));
        }
    }

    #[test]
    fn thousands_are_set_apart() {
        let told = [0, 999, 1_000, 12_345, 1_234_567].map(grouped);
        assert_eq!(told, ["0", "999", "1,000", "12,345", "1,234,567"]);
    }
}
