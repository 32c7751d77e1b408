//! Money: whole minor units of one currency.

use std::fmt;
use std::str::FromStr;

/// An amount in minor units (cents); negative only in differences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Amount(pub i64);

impl Amount {
    /// Nothing to pay.
    pub const ZERO: Self = Self(0);

    /// The sum; `None` when it overflows.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference; `None` when it overflows.
    #[must_use]
    pub fn minus(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// This amount `units` times; `None` when it overflows.
    #[must_use]
    pub fn times(self, units: u32) -> Option<Self> {
        self.0.checked_mul(i64::from(units)).map(Self)
    }
}

/// An ISO 4217 currency code: three capital letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency([u8; 3]);

/// A text that is no ISO 4217 code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a currency is three capital letters, such as EUR")]
pub struct InvalidCurrency;

/// The currencies of ISO 4217 without a minor unit.
const NO_DIGITS: [&[u8; 3]; 17] = [
    b"BIF", b"CLP", b"DJF", b"GNF", b"ISK", b"JPY", b"KMF", b"KRW", b"PYG", b"RWF", b"UGX", b"UYI", b"VND",
    b"VUV", b"XAF", b"XOF", b"XPF",
];
/// Those whose minor unit is a thousandth.
const THREE_DIGITS: [&[u8; 3]; 7] = [b"BHD", b"IQD", b"JOD", b"KWD", b"LYD", b"OMR", b"TND"];

impl Currency {
    /// The digits of its minor unit, by ISO 4217: 2 for most.
    #[must_use]
    pub fn digits(self) -> u32 {
        match self.0 {
            code if NO_DIGITS.contains(&&code) => 0,
            code if THREE_DIGITS.contains(&&code) => 3,
            _ => 2,
        }
    }

    /// The amount that a decimal number says, such as `23.00`; `None` when it is no number, or finer than the minor unit.
    #[must_use]
    pub fn amount(self, decimal: &str) -> Option<Amount> {
        let (sign, unsigned) = match decimal.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, decimal),
        };
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !is_number(whole) || !is_number(fraction) {
            return None;
        }
        let digits = self.digits() as usize;
        let (kept, rest) = fraction.split_at(fraction.len().min(digits));
        if rest.bytes().any(|byte| byte != b'0') {
            return None;
        }
        let minor = format!("{whole}{kept:0<digits$}").parse::<i64>().ok()?;
        Some(Amount(sign * minor))
    }

    /// The decimal number that an amount is: what [`Self::amount`] reads.
    #[must_use]
    pub fn decimal(self, amount: Amount) -> String {
        let unit = 10_u64.pow(self.digits());
        let sign = if amount.0 < 0 { "-" } else { "" };
        let (whole, rest) = (amount.0.unsigned_abs() / unit, amount.0.unsigned_abs() % unit);
        match self.digits() as usize {
            0 => format!("{sign}{whole}"),
            digits => format!("{sign}{whole}.{rest:0digits$}"),
        }
    }
}

impl FromStr for Currency {
    type Err = InvalidCurrency;

    fn from_str(text: &str) -> Result<Self, InvalidCurrency> {
        match text.as_bytes() {
            [a, b, c] if [a, b, c].iter().all(|letter| letter.is_ascii_uppercase()) => Ok(Self([*a, *b, *c])),
            _ => Err(InvalidCurrency),
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|&letter| write!(f, "{}", char::from(letter)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_minor_units_of_their_currency() {
        let amount = |currency: &str, text: &str| {
            currency
                .parse::<Currency>()
                .ok()
                .and_then(|currency| currency.amount(text))
                .map(|amount| amount.0)
        };
        for (currency, text, minor) in [
            ("EUR", "23.00", Some(2_300)),
            ("EUR", "23", Some(2_300)),
            ("EUR", "0.5", Some(50)),
            ("EUR", "-1.25", Some(-125)),
            ("EUR", "1.250", Some(125)),
            ("EUR", "1.255", None),
            ("JPY", "1200", Some(1_200)),
            ("JPY", "1200.00", Some(1_200)),
            ("JPY", "0.5", None),
            ("KWD", "1.234", Some(1_234)),
            ("EUR", "", None),
            ("EUR", ".5", None),
            ("EUR", "1,50", None),
            ("EUR", "+1", None),
            ("EUR", "99999999999999999999", None),
        ] {
            assert_eq!(amount(currency, text), minor, "{text} {currency}");
        }
    }

    #[test]
    fn amounts_are_written_as_they_are_read() {
        for (currency, text) in [
            ("EUR", "23.00"),
            ("EUR", "0.05"),
            ("EUR", "-1.25"),
            ("JPY", "1200"),
            ("KWD", "0.004"),
            ("KWD", "-12.340"),
        ] {
            let currency: Currency = currency.parse().expect("a currency");
            let amount = currency.amount(text).expect("an amount");
            assert_eq!(currency.decimal(amount), text);
        }
    }
}
