//! Identifiers: a prefix that says what it is, and Crockford's base 32 in lower case.
//!
//! Holds and orders embed their event and the commit that made them, so that no look-up needs a second
//! index, and a random salt, so that an identifier made by an attempt that did not commit can never
//! be mistaken for one that did.

use std::fmt;
use std::str::FromStr;

/// The alphabet of Douglas Crockford's base 32 (no i, l, o, u), lower case.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A text that is not an identifier of the wanted kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid identifier")]
pub struct InvalidId;

/// Which digit a character is; 32 for one that is none.
const DIGITS: [u8; 256] = {
    let mut digits = [32; 256];
    let mut digit = 0_u8;
    while digit < 32 {
        digits[ALPHABET[digit as usize] as usize] = digit;
        digit += 1;
    }
    digits
};

/// Bytes that one group of eight characters stands for.
const GROUP_BYTES: usize = 5;
/// Characters of the longest identifier, without its prefix.
const CHARACTERS_MAX: usize = 40;

/// Bytes as base 32, most significant bit first, the last character padded with zero bits.
#[must_use]
pub fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity((bytes.len() * 8).div_ceil(5));
    for group in bytes.chunks(GROUP_BYTES) {
        let (characters, length) = encode_group(group);
        text.extend(characters[..length].iter().copied().map(char::from));
    }
    text
}

/// The characters of up to [`GROUP_BYTES`] bytes, and how many they are.
fn encode_group(group: &[u8]) -> ([u8; 8], usize) {
    let mut bits = [0; 8];
    bits[3..3 + group.len()].copy_from_slice(group);
    let bits = u64::from_be_bytes(bits);
    let character = |at: usize| ALPHABET[(bits >> (35 - 5 * at)) as usize & 31];
    (std::array::from_fn(character), (group.len() * 8).div_ceil(5))
}

/// Writes an identifier; every answer has several, so that it takes no memory on the way.
fn write_id(f: &mut fmt::Formatter<'_>, prefix: &str, bytes: &[u8]) -> fmt::Result {
    let mut text = [0; CHARACTERS_MAX];
    let mut filled = 0;
    for group in bytes.chunks(GROUP_BYTES) {
        let (characters, length) = encode_group(group);
        text[filled..filled + length].copy_from_slice(&characters[..length]);
        filled += length;
    }
    f.write_str(prefix)?;
    f.write_str(std::str::from_utf8(&text[..filled]).map_err(|_| fmt::Error)?)
}

/// Reads exactly `N` bytes from their one canonical base 32 text.
fn parse_base32<const N: usize>(text: &str) -> Result<[u8; N], InvalidId> {
    if text.len() != (N * 8).div_ceil(5) {
        return Err(InvalidId);
    }
    let mut bytes = [0_u8; N];
    let mut buffer = 0_u32;
    let mut bits = 0_u32;
    let mut at = 0;
    for &character in text.as_bytes() {
        let digit = DIGITS[usize::from(character)];
        if digit == 32 {
            return Err(InvalidId);
        }
        buffer = (buffer << 5) | u32::from(digit);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes[at] = u8::try_from(buffer >> bits & 0xff).map_err(|_| InvalidId)?;
            at += 1;
            buffer &= (1 << bits) - 1;
        }
    }
    // Left-over bits must be zero: every identifier has one spelling only.
    if buffer == 0 { Ok(bytes) } else { Err(InvalidId) }
}

macro_rules! plain_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_id(f, $prefix, &self.0.to_be_bytes())
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let text = text.strip_prefix($prefix).ok_or(InvalidId)?;
                parse_base32(text).map(u64::from_be_bytes).map(Self)
            }
        }
    };
}

plain_id!(
    /// A chart, `cht_…`.
    ChartId,
    "cht_"
);
plain_id!(
    /// An event, `evt_…`.
    EventId,
    "evt_"
);
plain_id!(
    /// An API key's public name, `key_…`; never the key itself.
    KeyId,
    "key_"
);
plain_id!(
    /// An organization, `org_…`: the tenant that owns charts, events and keys.
    OrganizationId,
    "org_"
);

/// The number of a commit within its event; the first is 1, and 0 means "before any".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Seq(pub u64);

impl Seq {
    /// The commit after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The commit that begins a new history after this one: far enough ahead that no number which the lost history may
    /// have told is ever given again.
    #[must_use]
    pub fn restored(self) -> Self {
        Self(self.0 + (1 << 32))
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where in an event's history something was made: the commit, and the position within it.
///
/// Serials increase along the event's history; zero stands for "nobody".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Serial(pub u64);

impl Serial {
    /// How many bits of a serial number the position within its commit.
    const POSITION_BITS: u32 = 16;

    /// The serial of the `position`-th thing made in commit `seq`.
    ///
    /// # Panics
    /// When `seq` does not fit 47 bits: 140 trillion commits of one event.
    #[must_use]
    pub fn new(seq: Seq, position: u16) -> Self {
        assert!(seq.0 < 1 << 47, "an event's history outgrew its serial numbers");
        Self(seq.0 << Self::POSITION_BITS | u64::from(position))
    }

    /// The commit that made it.
    #[must_use]
    pub fn seq(self) -> Seq {
        Seq(self.0 >> Self::POSITION_BITS)
    }

    /// Its position within that commit.
    #[must_use]
    pub fn position(self) -> u16 {
        (self.0 & u64::from(u16::MAX)) as u16
    }
}

/// The pseudonym under which the ledger names a buyer or another limit key; see [`crate::record`].
pub type Surrogate = Serial;

macro_rules! serial_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name {
            /// The event it belongs to.
            pub event: EventId,
            /// Where in the event's history it was made.
            pub serial: Serial,
            /// Random bits that tell apart attempts at the same serial.
            pub salt: u32,
        }

        impl $name {
            /// The identifier's 20 bytes, as its text encodes them.
            #[must_use]
            pub fn to_bytes(self) -> [u8; 20] {
                let mut bytes = [0; 20];
                bytes[..8].copy_from_slice(&self.event.0.to_be_bytes());
                bytes[8..16].copy_from_slice(&self.serial.0.to_be_bytes());
                bytes[16..].copy_from_slice(&self.salt.to_be_bytes());
                bytes
            }

            fn from_bytes(bytes: [u8; 20]) -> Result<Self, InvalidId> {
                let (event, rest) = bytes.split_first_chunk::<8>().ok_or(InvalidId)?;
                let (serial, rest) = rest.split_first_chunk::<8>().ok_or(InvalidId)?;
                let (salt, _) = rest.split_first_chunk::<4>().ok_or(InvalidId)?;
                let serial = u64::from_be_bytes(*serial);
                // Stores keep serials as signed 64-bit integers.
                if serial >> 63 != 0 {
                    return Err(InvalidId);
                }
                Ok(Self {
                    event: EventId(u64::from_be_bytes(*event)),
                    serial: Serial(serial),
                    salt: u32::from_be_bytes(*salt),
                })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_id(f, $prefix, &self.to_bytes())
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let text = text.strip_prefix($prefix).ok_or(InvalidId)?;
                Self::from_bytes(parse_base32(text)?)
            }
        }
    };
}

serial_id!(
    /// A hold, `hld_…`.
    HoldId,
    "hld_"
);
serial_id!(
    /// An order, `ord_…`.
    OrderId,
    "ord_"
);

/// A ticket, `tkt_…`: its order and its index there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TicketId {
    /// The order that the ticket belongs to.
    pub order: OrderId,
    /// The ticket's index within the order, from 0, never reused.
    pub index: u16,
}

impl fmt::Display for TicketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [0; 22];
        bytes[..20].copy_from_slice(&self.order.to_bytes());
        bytes[20..].copy_from_slice(&self.index.to_be_bytes());
        write_id(f, "tkt_", &bytes)
    }
}

impl FromStr for TicketId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let bytes: [u8; 22] = parse_base32(text.strip_prefix("tkt_").ok_or(InvalidId)?)?;
        let (order, index) = bytes.split_first_chunk::<20>().ok_or(InvalidId)?;
        let index = index.first_chunk::<2>().ok_or(InvalidId)?;
        Ok(Self { order: OrderId::from_bytes(*order)?, index: u16::from_be_bytes(*index) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_survive_their_text() {
        let order =
            OrderId { event: EventId(0x0123_4567_89ab_cdef), serial: Serial::new(Seq(77), 12), salt: 99 };
        assert_eq!(order.to_string().parse(), Ok(order));
        let ticket = TicketId { order, index: 513 };
        assert_eq!(ticket.to_string().parse(), Ok(ticket));
        assert_eq!(EventId(u64::MAX).to_string().parse(), Ok(EventId(u64::MAX)));
        assert_eq!(order.serial.seq(), Seq(77));
    }

    #[test]
    fn bytes_are_base_32_as_crockford_wrote_it() {
        for (bytes, text) in [
            (&b""[..], ""),
            (b"\xff", "zw"),
            (b"f", "cr"),
            (b"fo", "csqg"),
            (b"foo", "csqpy"),
            (b"foob", "csqpyrg"),
            (b"fooba", "csqpyrk1"),
            (b"foobar", "csqpyrk1e8"),
        ] {
            assert_eq!(base32(bytes), text);
        }
        assert_eq!(EventId(u64::MAX).to_string(), "evt_zzzzzzzzzzzzy");
    }

    #[test]
    fn an_identifier_has_one_spelling_only() {
        let text = EventId(5).to_string();
        assert_eq!(text, "evt_000000000000a");
        for wrong in ["evt_000000000000b", "evt_000000000000A", "cht_000000000000a", "evt_", "evt_00", "é"] {
            assert_eq!(wrong.parse::<EventId>(), Err(InvalidId), "{wrong}");
        }
    }

    #[test]
    fn serials_past_a_signed_integer_are_refused() {
        let order = OrderId { event: EventId(1), serial: Serial(1 << 63), salt: 0 };
        assert_eq!(order.to_string().parse::<OrderId>(), Err(InvalidId));
    }
}
