//! The orders that the server has acknowledged, kept compactly for the verdict: about fifty bytes
//! each, in the order of each thread's answers.

/// From how many bytes on a block is full. Whoever doubled one buffer instead would copy megabytes now and then, and all
/// buyers of a thread would wait for that: 40 ms at the 400,000th order.
const BLOCK_BYTES: usize = 1 << 20;

/// Acknowledged orders, in the order of their answers.
#[derive(Debug, Default)]
pub(crate) struct Acknowledged {
    /// Each has whole orders.
    blocks: Vec<Vec<u8>>,
    orders: u64,
    units: u64,
}

/// One acknowledged order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AcknowledgedOrder<'a> {
    pub(crate) buyer: u64,
    pub(crate) id: &'a str,
    pub(crate) places: Vec<&'a str>,
}

impl Acknowledged {
    /// Adds an order. Ids and labels beyond 64 KiB are not stored whole; no server sends such.
    pub(crate) fn push<'a>(&mut self, buyer: u64, id: &str, places: impl ExactSizeIterator<Item = &'a str>) {
        self.orders += 1;
        self.units += places.len() as u64;
        let block = self.block();
        block.extend_from_slice(&buyer.to_le_bytes());
        put_text(block, id);
        block.extend_from_slice(&(places.len() as u32).to_le_bytes());
        places.for_each(|place| put_text(block, place));
    }

    /// The block for the next order.
    fn block(&mut self) -> &mut Vec<u8> {
        if self.blocks.last().is_none_or(|block| block.len() >= BLOCK_BYTES) {
            self.blocks.push(Vec::new());
        }
        let last = self.blocks.len() - 1;
        &mut self.blocks[last]
    }

    pub(crate) fn orders(&self) -> u64 {
        self.orders
    }

    pub(crate) fn units(&self) -> u64 {
        self.units
    }

    /// Appends another thread's orders.
    pub(crate) fn append(&mut self, other: &mut Self) {
        self.blocks.append(&mut other.blocks);
        self.orders += std::mem::take(&mut other.orders);
        self.units += std::mem::take(&mut other.units);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = AcknowledgedOrder<'_>> {
        self.blocks.iter().flat_map(|block| Orders { rest: block })
    }
}

fn put_text(block: &mut Vec<u8>, text: &str) {
    let mut length = text.len().min(usize::from(u16::MAX));
    while !text.is_char_boundary(length) {
        length -= 1;
    }
    block.extend_from_slice(&(length as u16).to_le_bytes());
    block.extend_from_slice(&text.as_bytes()[..length]);
}

/// Reads the orders of a block back.
#[derive(Debug)]
struct Orders<'a> {
    rest: &'a [u8],
}

impl<'a> Orders<'a> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (bytes, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*bytes)
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = usize::from(u16::from_le_bytes(self.take()?));
        let (text, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        std::str::from_utf8(text).ok()
    }
}

impl<'a> Iterator for Orders<'a> {
    type Item = AcknowledgedOrder<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let buyer = u64::from_le_bytes(self.take()?);
        let id = self.text()?;
        let count = u32::from_le_bytes(self.take()?);
        let places = (0..count).map(|_| self.text()).collect::<Option<_>>()?;
        Some(AcknowledgedOrder { buyer, id, places })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_went_in_comes_out() {
        let (mut one, mut other) = (Acknowledged::default(), Acknowledged::default());
        one.push(7, "ord_1", ["A-1-1", "Süd"].into_iter());
        other.push(u64::MAX, "", std::iter::empty());
        let long = "ü".repeat(40_000);
        other.push(1, "ord_2", [long.as_str()].into_iter());
        one.append(&mut other);
        let orders: Vec<_> = one.iter().collect();
        assert_eq!(orders.len(), 3);
        assert_eq!(orders[0], AcknowledgedOrder { buyer: 7, id: "ord_1", places: vec!["A-1-1", "Süd"] });
        assert_eq!((orders[1].buyer, orders[1].places.len()), (u64::MAX, 0));
        assert!(long.starts_with(orders[2].places[0]) && orders[2].places[0].len() > 65_000);
        assert_eq!((one.orders(), one.units(), other.orders()), (3, 3, 0));
    }

    #[test]
    fn no_block_is_large() {
        let mut orders = Acknowledged::default();
        for buyer in 0..100_000 {
            orders.push(buyer, "ord_0123456789abcdef", ["A-1-1"].into_iter());
        }
        assert!(orders.iter().map(|order| order.buyer).eq(0..100_000));
        assert!(orders.blocks.iter().all(|block| block.capacity() <= 2 * BLOCK_BYTES));
    }
}
