//! What became of one request. Outcomes are counted and timed apart and never mixed: a fast refusal
//! must not make a slow booking look good.

use serde::{Serialize, Serializer};

/// What became of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// The places are sold to this buyer.
    Booked,
    /// The places are kept for this buyer for a while.
    Held,
    /// A final no: sold out, taken, a limit, a closed sale.
    Refused,
    /// Somebody else is being served first; asking again may help.
    Contended,
    /// The server had too much to do (429, 503) and promises that nothing happened.
    Shed,
    /// The server says that it does not know what happened (503 `outcome_unknown`).
    Unknown,
    /// Any other 4xx or 5xx, or an answer that is not HTTP.
    Error,
    /// No answer within the time limit.
    Timeout,
    /// The connection ended before the answer was complete.
    Lost,
}

impl Outcome {
    /// All outcomes, in the order in which reports show them.
    pub const ALL: [Self; 9] = [
        Self::Booked,
        Self::Held,
        Self::Refused,
        Self::Contended,
        Self::Shed,
        Self::Unknown,
        Self::Error,
        Self::Timeout,
        Self::Lost,
    ];

    /// How many outcomes there are.
    pub const COUNT: usize = Self::ALL.len();

    /// The stable name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::Held => "held",
            Self::Refused => "refused",
            Self::Contended => "contended",
            Self::Shed => "shed",
            Self::Unknown => "outcome_unknown",
            Self::Error => "error",
            Self::Timeout => "timeout",
            Self::Lost => "connection_lost",
        }
    }

    /// The name for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::Held => "held",
            Self::Refused => "final refusal",
            Self::Contended => "contended",
            Self::Shed => "shed (429, 503)",
            Self::Unknown => "outcome unknown",
            Self::Error => "error",
            Self::Timeout => "timeout",
            Self::Lost => "connection lost",
        }
    }

    /// The position in [`Outcome::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Whether the request may have had an effect that nobody was told about.
    #[must_use]
    pub const fn is_unknown(self) -> bool {
        matches!(self, Self::Unknown | Self::Timeout | Self::Lost)
    }
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_follow_the_list() {
        for (position, outcome) in Outcome::ALL.into_iter().enumerate() {
            assert_eq!(outcome.index(), position, "{}", outcome.name());
        }
    }
}
