//! What becomes of holds that nobody confirms: when each of their seats is seen to be free again.

use std::time::Duration;

use tokio::time::Instant;

use crate::enquiry::Enquirer;
use crate::recorder::{Latencies, new_latencies};
use crate::venue::{Venue, read_availability};
use crate::{Options, limits};

/// What was seen of it.
#[derive(Debug)]
pub(crate) struct Lapsed {
    /// From the end of the load until no more was held than at the start, in seconds; `None` if that never came.
    pub(crate) all_after: Option<f64>,
    /// How long after its deadline each seat was seen to be free, in microseconds.
    pub(crate) late: Latencies,
}

impl Default for Lapsed {
    fn default() -> Self {
        Self { all_after: None, late: new_latencies() }
    }
}

/// Waits until no more is held than at the start, within limits, and sees when each of the seats of `lapsing` becomes free:
/// the seat, and its deadline in microseconds of Unix time.
pub(crate) async fn wait_for_lapse(
    enquirer: &mut Enquirer,
    venue: &Venue,
    options: &Options,
    lapsing: &[(u32, i64)],
) -> Lapsed {
    let mut lapsed = Lapsed::default();
    let mut awaited = lapsing.to_vec();
    let start = Instant::now();
    let patience = Duration::from_secs(u64::from(options.hold_seconds)) + limits::LAPSE_PATIENCE;
    if let Some(first) = awaited.iter().map(|(_, deadline)| *deadline).min() {
        // Nothing happens before; asking all the while would cost the server what others want from it.
        let until = micros_until(now_micros(), first).saturating_sub(limits::LAPSE_POLL);
        tokio::time::sleep(until.min(patience)).await;
    }
    let held_before = venue.at_start.total().held;
    while start.elapsed() < patience {
        let Ok(availability) = read_availability(enquirer, &venue.event).await else { break };
        note_free(&mut awaited, availability.seats.as_bytes(), now_micros(), &mut lapsed.late);
        if availability.total().held <= held_before {
            lapsed.all_after = Some(start.elapsed().as_secs_f64());
            break;
        }
        tokio::time::sleep(limits::LAPSE_POLL).await;
    }
    lapsed
}

/// Takes those that are free out of the awaited ones, and records how late each is.
fn note_free(awaited: &mut Vec<(u32, i64)>, seats: &[u8], now: i64, late: &mut Latencies) {
    awaited.retain(|&(seat, deadline)| {
        // Whoever was waiting for it may have it already.
        let is_free = matches!(seats.get(seat as usize), Some(b'f' | b's'));
        if is_free {
            let micros = u64::try_from(micros_until(deadline, now).as_micros()).unwrap_or(u64::MAX);
            late.saturating_record(micros.max(1));
        }
        !is_free
    });
}

fn now_micros() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}

/// From one moment to a later one; nothing if it is not later.
fn micros_until(from: i64, to: i64) -> Duration {
    Duration::from_micros(u64::try_from(to.saturating_sub(from)).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_hold_is_as_late_as_it_is_seen_free() {
        let mut awaited = vec![(0, 1_000_000), (1, 1_000_000), (2, 2_000_000)];
        let mut late = new_latencies();
        note_free(&mut awaited, b"hhh", 1_100_000, &mut late);
        assert_eq!((awaited.len(), late.len()), (3, 0));
        note_free(&mut awaited, b"fhh", 1_200_000, &mut late);
        assert_eq!(awaited, [(1, 1_000_000), (2, 2_000_000)]);
        note_free(&mut awaited, b"fsh", 1_400_000, &mut late);
        assert_eq!((awaited.len(), late.len()), (1, 2));
        assert!((199_000..=201_000).contains(&late.min()), "{}", late.min());
        assert!((399_000..=401_000).contains(&late.max()), "{}", late.max());
    }
}
