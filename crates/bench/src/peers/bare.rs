//! Nothing behind the front: everybody is refused.

use super::{Answer, Booked, Peer, Sale};

pub(super) struct Bare;

impl Peer for Bare {
    fn book<'a>(&'a self, _: u32, _: &'a str) -> Answer<'a, Booked> {
        Box::pin(std::future::ready(Ok(Booked::Taken)))
    }

    fn sold(&self) -> Answer<'_, Vec<Sale>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }
}
