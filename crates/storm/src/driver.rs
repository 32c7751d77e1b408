//! The load as a whole: threads of their own that drive the connections, and a pacer that lets
//! buyers in when their time has come.
//!
//! The threads run one single-threaded runtime each: nothing is stolen between cores, and what the
//! generator costs can be read from its own threads' clocks even when the server shares the process.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{Builder, Thread};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Semaphore, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::cpu;
use crate::lane::Lane;
use crate::recorder::Recorder;
use crate::schedule::Schedule;
use crate::script::Script;
use crate::target::Target;
use crate::wire::Wire;
use crate::{Error, Options, limits};

/// What all connections share.
#[derive(Debug)]
pub(crate) struct Load {
    pub(crate) script: Script,
    /// Where connections go, in turn.
    pub(crate) authorities: Vec<String>,
    /// How long holds last that are to end together.
    pub(crate) hold_seconds: Option<u32>,
    pub(crate) schedule: Option<Schedule>,
    pub(crate) buyers: u64,
    pub(crate) next: AtomicU64,
    /// A permit per buyer whose time has come.
    pub(crate) arrivals: Semaphore,
    /// A permit per connection that is ready for the start.
    pub(crate) ready: Semaphore,
    pub(crate) stopped: AtomicBool,
    pub(crate) request_timeout: Duration,
    pub(crate) unknown_patience: Duration,
    pub(crate) duration_max: Option<Duration>,
    connections: usize,
    start: watch::Sender<Option<Instant>>,
}

impl Load {
    pub(crate) fn new(options: &Options, targets: &[Target], script: Script) -> Self {
        Self {
            script,
            authorities: targets.iter().map(|target| target.authority.clone()).collect(),
            hold_seconds: options.holds_end_together.then_some(options.hold_seconds),
            schedule: options.rate.map(|rate| Schedule::new(options.arrival, rate, options.buyers)),
            buyers: options.buyers,
            next: AtomicU64::new(0),
            arrivals: Semaphore::new(0),
            ready: Semaphore::new(0),
            stopped: AtomicBool::new(false),
            request_timeout: options.request_timeout,
            unknown_patience: options.unknown_patience,
            duration_max: options.duration_max,
            connections: options.connections,
            start: watch::Sender::new(None),
        }
    }

    /// No buyer starts any more; those on the way are served to the end.
    pub(crate) fn stop(&self) {
        if !self.stopped.swap(true, Ordering::Relaxed) {
            self.arrivals.close();
        }
    }

    /// Waits for the start; `None` if there will be none.
    pub(crate) async fn started(&self) -> Option<Instant> {
        let mut start = self.start.subscribe();
        let start = start.wait_for(|start| start.is_some() || self.stopped.load(Ordering::Relaxed)).await;
        start.ok().and_then(|start| *start)
    }

    /// How many buyers have started.
    pub(crate) fn buyers_started(&self) -> u64 {
        self.next.load(Ordering::Relaxed).min(self.buyers)
    }
}

/// The thread that lets buyers in.
#[derive(Debug)]
struct Pacer {
    thread: Thread,
    /// The CPU time it took, when it ends.
    ended: oneshot::Receiver<Duration>,
}

/// The running threads. Dropped, it stops them; they end with their last buyer's answer.
#[derive(Debug)]
pub(crate) struct Driver {
    load: Arc<Load>,
    recorders: Vec<Arc<Mutex<Recorder>>>,
    /// Each sends the CPU time it took when it ends.
    threads: Vec<oneshot::Receiver<Duration>>,
    pacer: Option<Pacer>,
    pub(crate) start: Instant,
}

impl Driver {
    /// Connects everything and lets the first buyer in.
    pub(crate) async fn start(load: Arc<Load>, wire: &Wire, threads: usize) -> Result<Self, Error> {
        let threads = threads.min(load.connections);
        let mut driver = Self {
            load: Arc::clone(&load),
            recorders: Vec::new(),
            threads: Vec::new(),
            pacer: None,
            start: Instant::now(),
        };
        for index in 0..threads {
            let connections = load.connections / threads + usize::from(index < load.connections % threads);
            let recorder = Arc::new(Mutex::new(Recorder::default()));
            let lanes = (0..connections).map(|lane| {
                let authority = &load.authorities[(lane * threads + index) % load.authorities.len()];
                Lane::new(Arc::clone(&load), authority, Arc::clone(&recorder), wire.clone())
            });
            let receiver =
                spawn_lanes(index, lanes.collect()).map_err(|source| Error::Generator { source })?;
            driver.threads.push(receiver);
            driver.recorders.push(recorder);
        }
        let connections = u32::try_from(load.connections).unwrap_or(u32::MAX);
        // Nothing closes it, so it cannot fail.
        drop(load.ready.acquire_many(connections).await);
        driver.start = Instant::now();
        load.start.send_replace(Some(driver.start));
        if let Some(schedule) = load.schedule {
            let pacer = spawn_pacer(Arc::clone(&load), schedule, driver.start);
            driver.pacer = Some(pacer.map_err(|source| Error::Generator { source })?);
        }
        Ok(driver)
    }

    /// Waits until all threads have ended, calling `sample` with their recorders now and then.
    /// Returns everything recorded and the CPU time of the threads.
    pub(crate) async fn finish(
        mut self,
        mut sample: impl FnMut(&Load, &[Arc<Mutex<Recorder>>], Duration),
    ) -> Result<(Recorder, Duration), Error> {
        let mut cpu = Duration::ZERO;
        let mut ticks = tokio::time::interval(limits::SERIES_STEP);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        for mut thread in std::mem::take(&mut self.threads) {
            loop {
                tokio::select! {
                    ended = &mut thread => {
                        cpu += ended.map_err(|_| Error::Generator {
                            source: io::Error::other("a thread ended before its work was done"),
                        })?;
                        break;
                    }
                    _ = ticks.tick() => sample(&self.load, &self.recorders, self.start.elapsed()),
                }
            }
        }
        sample(&self.load, &self.recorders, self.start.elapsed());
        // When the connections have given up, it may still wait for a buyer that nobody would serve.
        self.load.stop();
        if let Some(Pacer { thread, ended }) = self.pacer.take() {
            thread.unpark();
            cpu += ended.await.unwrap_or_default();
        }
        let mut merged = Recorder::default();
        for recorder in &self.recorders {
            merged.merge(std::mem::take(&mut *recorder.lock()));
        }
        Ok((merged, cpu))
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.load.stop();
        self.load.start.send_modify(|_| {});
        if let Some(pacer) = &self.pacer {
            pacer.thread.unpark();
        }
    }
}

fn spawn_lanes(index: usize, lanes: Vec<Lane>) -> io::Result<oneshot::Receiver<Duration>> {
    let (sender, receiver) = oneshot::channel();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Builder::new().name(format!("storm-{index}")).spawn(move || {
        runtime.block_on(async {
            let mut running = JoinSet::new();
            for lane in lanes {
                running.spawn(lane.run());
            }
            // A lane that panics takes the thread down: its buyers would be missing unnoticed.
            running.join_all().await;
        });
        // Nobody listens any more when the storm was cancelled.
        sender.send(cpu::of_this_thread()).ok();
    })?;
    Ok(receiver)
}

/// Lets buyers in. A thread of its own, because a runtime's timers are as coarse as a millisecond.
fn spawn_pacer(load: Arc<Load>, schedule: Schedule, start: Instant) -> io::Result<Pacer> {
    let (sender, receiver) = oneshot::channel();
    let work = move || {
        let mut released = 0;
        while released < load.buyers && !load.stopped.load(Ordering::Relaxed) {
            let elapsed = start.elapsed();
            if load.duration_max.is_some_and(|limit| elapsed >= limit) {
                break;
            }
            let due = schedule.due(elapsed);
            if due > released {
                // More than fit into a semaphore come with the next ticks.
                let more =
                    usize::try_from(due - released).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS / 2);
                load.arrivals.add_permits(more);
                released += more as u64;
            }
            let until_next = schedule.at(released).saturating_sub(start.elapsed());
            let mut pause = until_next.max(limits::PACER_TICK);
            if let Some(limit) = load.duration_max {
                pause = pause.min(limit.saturating_sub(start.elapsed()));
            }
            std::thread::park_timeout(pause);
        }
        // Every connection comes once more to learn that nobody is left.
        load.arrivals.add_permits(load.connections);
        sender.send(cpu::of_this_thread()).ok();
    };
    let thread = Builder::new().name("storm-pacer".to_owned()).spawn(work)?.thread().clone();
    Ok(Pacer { thread, ended: receiver })
}
