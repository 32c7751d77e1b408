//! How many bookings a second the embedded store takes, and where the time goes.
//!
//! `cargo run --release -p backends --example sqlite_bookings -- [seats] [batch] [runs]`: every run sells half of the
//! seats, drawn at random, in batches, one buyer a seat, each with an idempotency key and a reply of an
//! order's usual size. Deciding is part of it; HTTP and the desk's queues are not.
#![expect(clippy::print_stdout, reason = "an example tells what it found")]
#![expect(clippy::disallowed_methods, reason = "what is measured is real time")]
#![expect(clippy::unwrap_used, reason = "an example may stop at the first fault")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use backends::sqlite::{SqliteOptions, SqliteStore};
use bytes::Bytes;
use domain::id::{ChartId, EventId};
use engine::store::{Catalog, Decider, Journal, Locked, Waits};
use parking_lot::Mutex;
use rand::seq::SliceRandom;
use teller::{Batch, GridReader, Teller, book, chart_record, event};

#[allow(dead_code, reason = "shared with the tests, which use more of it")]
#[path = "../tests/it/teller.rs"]
mod teller;

/// A batch that measures how long its decision took, and what the writer's thread has used so far.
struct Timed {
    batch: Batch,
    used: Mutex<Used>,
}

/// Time on a processor, of the writer's thread.
#[derive(Default, Clone, Copy)]
struct Used {
    deciding: Duration,
    all: Duration,
}

impl Decider for Timed {
    fn decide(&self, at: usize, locked: Locked) -> Option<Arc<engine::store::CommitWrite>> {
        let before = thread_time();
        let write = self.batch.decide(at, locked);
        let after = thread_time();
        *self.used.lock() = Used { deciding: after.saturating_sub(before), all: after };
        write
    }
}

/// How long this thread was on a processor; nothing where Linux does not tell.
fn thread_time() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0))
}

/// Bytes that this process has written so far, to whatever kind of file.
fn bytes_written() -> u64 {
    let text = std::fs::read_to_string("/proc/self/io").unwrap_or_default();
    let written = text.lines().find_map(|line| line.strip_prefix("wchar: ")?.parse().ok());
    written.unwrap_or(0)
}

fn argument(at: usize, default: usize) -> usize {
    std::env::args().nth(at).map_or(default, |text| text.parse().unwrap())
}

#[tokio::main]
async fn main() {
    let (seats, batch, runs) = (argument(1, 200_000), argument(2, 512), argument(3, 5));
    println!("{seats} seats, half of them sold at random, {batch} bookings a batch");
    let mut rates = Vec::new();
    for _ in 0..runs {
        rates.push(run(seats, batch).await);
    }
    rates.sort_by(f64::total_cmp);
    println!("median {:.0} bookings/s", rates[rates.len() / 2]);
}

async fn run(seats: usize, batch: usize) -> f64 {
    let folder = tempfile::tempdir_in(std::env::args().nth(4).unwrap_or_else(|| ".".to_owned())).unwrap();
    let path = folder.path().join("flashtix.db");
    let store = SqliteStore::open(SqliteOptions::exclusive(&path), Arc::new(GridReader)).unwrap();
    let document = Bytes::from(format!("{}x100", seats / 100));
    let (chart, id) = (ChartId(1), EventId(rand::random()));
    store.create_chart(chart_record(chart), document.clone(), None).await.unwrap();
    store.create_event(Arc::new(event(id, chart, &document)), None).await.unwrap();
    let teller = Teller::new(store.load(id, 1).await.unwrap().unwrap());
    let mut order: Vec<u32> = (0..u32::try_from(seats).unwrap()).collect();
    order.shuffle(&mut rand::rng());
    order.truncate(seats / 2);
    let body = Bytes::from(vec![b'x'; 620]);
    let mut times = Vec::new();
    let (mut first, mut last, mut deciding) = (None, Duration::ZERO, Duration::ZERO);
    let written_before = bytes_written();
    let started = Instant::now();
    for part in order.chunks(batch) {
        let asked = part.iter().map(|seat| {
            let buyer = format!("buyer-{seat:06}@example.org");
            let mut asked = book(&buyer, &[*seat]).keyed(&buyer);
            asked.body = body.clone();
            asked
        });
        let work = teller.work(asked.collect());
        let timed = Arc::new(Timed { batch: Batch(vec![teller.clone()]), used: Mutex::default() });
        let began = Instant::now();
        store.transact(vec![work], Waits::ForEvents, timed.clone()).await.unwrap();
        times.push(began.elapsed());
        let used = *timed.used.lock();
        first.get_or_insert(used.all);
        last = used.all;
        deciding += used.deciding;
        teller.beliefs.lock().commits.clear();
    }
    let total = started.elapsed();
    times.sort();
    let in_store: Duration = times.iter().sum();
    let per_second = order.len() as f64 / in_store.as_secs_f64();
    let booked = u32::try_from(order.len()).unwrap();
    let writer = last.saturating_sub(first.unwrap_or_default());
    println!(
        "{per_second:.0}/s in the store, {:.0}/s with the double; batch p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms; \
         writer {:.1} µs of processor a booking, {:.1} of them deciding; {} bytes written a booking",
        order.len() as f64 / total.as_secs_f64(),
        times[times.len() / 2].as_secs_f64() * 1e3,
        times[times.len() * 99 / 100].as_secs_f64() * 1e3,
        times[times.len() - 1].as_secs_f64() * 1e3,
        writer.as_secs_f64() * 1e6 / f64::from(booked),
        deciding.as_secs_f64() * 1e6 / f64::from(booked),
        (bytes_written() - written_before) / u64::from(booked),
    );
    per_second
}
