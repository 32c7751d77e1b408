//! Who gets a connection: a permit for each, and a count by address where that is asked for.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Options;

pub(super) const CONNECTIONS: &str = "flashtix_http_connections";
pub(super) const REFUSED: &str = "flashtix_http_connections_refused_total";

pub(super) struct Admission {
    permits: Arc<Semaphore>,
    by_address: Option<Arc<ByAddress>>,
}

struct ByAddress {
    connections_max: usize,
    /// Only addresses with a connection have an entry, so it never grows beyond `connections_max`.
    connections: Mutex<HashMap<IpAddr, usize>>,
}

/// The right to one connection; given back on drop, whatever ended the connection.
pub(super) struct Admitted {
    _permit: OwnedSemaphorePermit,
    _place: Option<AddressPlace>,
}

struct AddressPlace {
    by_address: Arc<ByAddress>,
    address: IpAddr,
}

impl Admission {
    pub(super) fn new(options: &Options) -> Self {
        let by_address = options.connections_max_per_address.map(|connections_max| {
            Arc::new(ByAddress { connections_max, connections: Mutex::new(HashMap::new()) })
        });
        Self { permits: Arc::new(Semaphore::new(options.connections_max)), by_address }
    }

    /// A place for a connection from `address`, or `None`, counted, if a limit is reached.
    pub(super) fn admit(&self, address: IpAddr) -> Option<Admitted> {
        let admitted = self.try_admit(address);
        match admitted {
            Some(_) => metrics::gauge!(CONNECTIONS).increment(1.0),
            None => metrics::counter!(REFUSED).increment(1),
        }
        admitted
    }

    fn try_admit(&self, address: IpAddr) -> Option<Admitted> {
        let permit = Arc::clone(&self.permits).try_acquire_owned().ok()?;
        let place = match &self.by_address {
            Some(by_address) => Some(ByAddress::take(by_address, address)?),
            None => None,
        };
        Some(Admitted { _permit: permit, _place: place })
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        metrics::gauge!(CONNECTIONS).decrement(1.0);
    }
}

impl ByAddress {
    fn take(by_address: &Arc<Self>, address: IpAddr) -> Option<AddressPlace> {
        let address = household(address);
        let mut connections = by_address.connections.lock();
        let count = connections.entry(address).or_insert(0);
        if *count >= by_address.connections_max {
            return None;
        }
        *count += 1;
        Some(AddressPlace { by_address: Arc::clone(by_address), address })
    }
}

impl Drop for AddressPlace {
    fn drop(&mut self) {
        let mut connections = self.by_address.connections.lock();
        if let Some(count) = connections.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                connections.remove(&self.address);
            }
        }
    }
}

/// What counts as one address: providers give each IPv6 customer a whole /64, so the lower half is the client's to choose.
fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64))),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limited(connections_max: usize, per_address: usize) -> Admission {
        Admission::new(&Options {
            connections_max,
            connections_max_per_address: Some(per_address),
            ..Options::default()
        })
    }

    #[test]
    fn a_place_comes_back_when_its_connection_ends() {
        let admission = limited(3, 2);
        let first = admission.admit("192.0.2.1".parse().unwrap()).unwrap();
        let _second = admission.admit("192.0.2.1".parse().unwrap()).unwrap();
        assert!(admission.admit("192.0.2.1".parse().unwrap()).is_none(), "the address is full");
        let _other = admission.admit("192.0.2.2".parse().unwrap()).unwrap();
        assert!(admission.admit("192.0.2.3".parse().unwrap()).is_none(), "the house is full");
        drop(first);
        assert!(admission.admit("192.0.2.1".parse().unwrap()).is_some());
    }

    #[test]
    fn addresses_of_one_customer_count_together() {
        let admission = limited(10, 1);
        let _one = admission.admit("2001:db8::1".parse().unwrap()).unwrap();
        assert!(admission.admit("2001:db8::ffff:2".parse().unwrap()).is_none());
        assert!(admission.admit("2001:db8:0:1::1".parse().unwrap()).is_some());
        let _mapped = admission.admit("::ffff:192.0.2.1".parse().unwrap()).unwrap();
        assert!(admission.admit("192.0.2.1".parse().unwrap()).is_none());
    }
}
