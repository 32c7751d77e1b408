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
use engine::store::{Catalog, Decider, Journal, Locked};
use parking_lot::Mutex;
use rand::seq::SliceRandom;
use teller::{Batch, GridReader, Teller, book, chart_record, event};

#[allow(dead_code, reason = "shared with the tests, which use more of it")]
#[path = "../tests/it/teller.rs"]
mod teller;

/// A batch that measures how long its decision took.
struct Timed {
    batch: Batch,
    decided: Mutex<Duration>,
}

impl Decider for Timed {
    fn decide(&self, at: usize, locked: Locked) -> Option<Arc<engine::store::CommitWrite>> {
        let started = Instant::now();
        let write = self.batch.decide(at, locked);
        *self.decided.lock() += started.elapsed();
        write
    }
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
    let mut deciding = Duration::ZERO;
    let started = Instant::now();
    for part in order.chunks(batch) {
        let asked = part.iter().map(|seat| {
            let buyer = format!("buyer-{seat:06}@example.org");
            let mut asked = book(&buyer, &[*seat]).keyed(&buyer);
            asked.body = body.clone();
            asked
        });
        let work = teller.work(asked.collect());
        let timed =
            Arc::new(Timed { batch: Batch(vec![teller.clone()]), decided: Mutex::new(Duration::ZERO) });
        let began = Instant::now();
        store.transact(vec![work], timed.clone()).await.unwrap();
        times.push(began.elapsed());
        deciding += *timed.decided.lock();
        teller.beliefs.lock().commits.clear();
    }
    let total = started.elapsed();
    times.sort();
    let in_store: Duration = times.iter().sum();
    let per_second = order.len() as f64 / in_store.as_secs_f64();
    let bytes = std::fs::metadata(&path).unwrap().len();
    println!(
        "{per_second:.0}/s in the store ({:.0}/s with the double), deciding {:.0} %, batch p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms, {} bytes a booking",
        order.len() as f64 / total.as_secs_f64(),
        100.0 * deciding.as_secs_f64() / in_store.as_secs_f64(),
        times[times.len() / 2].as_secs_f64() * 1e3,
        times[times.len() * 99 / 100].as_secs_f64() * 1e3,
        times[times.len() - 1].as_secs_f64() * 1e3,
        bytes / order.len() as u64,
    );
    per_second
}
