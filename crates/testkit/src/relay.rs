//! A relay in memory that does what it likes with what it is given.

use std::sync::Arc;

use bytes::Bytes;
use engine::relay::{Relay, RelayFuture, RelayKey, Relaying};
use parking_lot::Mutex;
use rand::RngExt as _;
use tokio::sync::{mpsc, watch};

use crate::entropy::seeded;

/// Messages that wait for one node at most; more are lost.
const WAITING_MAX: usize = 1_024;

/// What becomes of a message: those that are delivered in its stead.
pub type Mischief = Box<dyn FnMut(Bytes) -> Vec<Bytes> + Send>;

/// Where messages go through, to every node that has a line.
pub struct Office {
    lines: Mutex<Vec<mpsc::Sender<Bytes>>>,
    mischief: Mutex<Mischief>,
    is_still: watch::Sender<bool>,
}

impl std::fmt::Debug for Office {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Office")
    }
}

/// One node's way to the office.
struct Line {
    office: Arc<Office>,
    waiting: tokio::sync::Mutex<mpsc::Receiver<Bytes>>,
}

impl Office {
    /// An office that delivers what it is given.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Self::with(Box::new(|message| vec![message]))
    }

    /// An office with a mind of its own.
    #[must_use]
    pub fn with(mischief: Mischief) -> Arc<Self> {
        Arc::new(Self {
            lines: Mutex::default(),
            mischief: Mutex::new(mischief),
            is_still: watch::Sender::new(false),
        })
    }

    /// Another mind from now on.
    pub fn now(&self, mischief: Mischief) {
        *self.mischief.lock() = mischief;
    }

    /// Takes no message from now on, or takes them again; who has one waits.
    pub fn stand_still(&self, is_still: bool) {
        self.is_still.send_replace(is_still);
    }

    /// A new node's relay, in the installation of a secret.
    #[must_use]
    pub fn relaying(self: &Arc<Self>, secret: &[u8; 32]) -> Relaying {
        let (line, waiting) = mpsc::channel(WAITING_MAX);
        self.lines.lock().push(line);
        let line = Line { office: self.clone(), waiting: tokio::sync::Mutex::new(waiting) };
        Relaying { relay: Arc::new(line), key: RelayKey::new(secret) }
    }

    /// Delivers a message to every node, without any mischief.
    pub fn deliver(&self, message: &Bytes) {
        self.lines.lock().retain(|line| {
            !matches!(line.try_send(message.clone()), Err(mpsc::error::TrySendError::Closed(_)))
        });
    }
}

impl Relay for Line {
    fn send(&self, message: Bytes) -> RelayFuture<'_, bool> {
        Box::pin(async move {
            let mut still = self.office.is_still.subscribe();
            // The sender lives as long as the office.
            if still.wait_for(|is_still| !is_still).await.is_err() {
                return false;
            }
            let messages = (self.office.mischief.lock())(message);
            messages.iter().for_each(|message| self.office.deliver(message));
            true
        })
    }

    fn hear(&self) -> RelayFuture<'_, Bytes> {
        Box::pin(async move {
            match self.waiting.lock().await.recv().await {
                Some(message) => message,
                // The office is gone.
                None => std::future::pending().await,
            }
        })
    }
}

/// Loses, repeats, delays and garbles messages, as a seed decides.
#[must_use]
pub fn mischief(seed: u64) -> Mischief {
    let mut rng = seeded(seed, 7);
    let mut late = Vec::new();
    Box::new(move |message| match rng.random_range(0..10) {
        0 | 1 => Vec::new(),
        2 => vec![message.clone(), message],
        3 | 4 => {
            late.push(message);
            Vec::new()
        }
        5 => {
            let mut garbled = message.to_vec();
            let at = rng.random_range(0..garbled.len());
            garbled[at] ^= 1 << rng.random_range(0..8);
            vec![garbled.into()]
        }
        _ => {
            // Those that come late come in the wrong order.
            let mut messages = vec![message];
            messages.extend(late.drain(..).rev());
            messages
        }
    })
}
