//! What happened in a run, line by line, and a hash over it.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

/// One thing that happened.
#[derive(Debug, Clone)]
pub(super) struct Line {
    at: Duration,
    text: String,
}

impl Line {
    pub(super) fn new(at: Duration, text: String) -> Self {
        Self { at, text }
    }
}

/// A run's lines.
#[derive(Debug, Clone, Default)]
pub(super) struct Trace(Arc<Mutex<Vec<Line>>>);

impl Trace {
    pub(super) fn add(&self, line: Line) {
        self.0.lock().push(line);
    }

    /// The lines in the order of their times.
    pub(super) fn texts(&self) -> Vec<String> {
        let mut lines = self.0.lock().clone();
        lines.sort_by_key(|line| line.at);
        lines.iter().map(|line| format!("{:>10.3} {}", line.at.as_secs_f64(), line.text)).collect()
    }

    /// FNV-1a over the lines as they were added.
    pub(super) fn hash(&self) -> u64 {
        let lines = self.0.lock();
        let bytes = lines.iter().flat_map(|line| {
            let nanos = line.at.as_nanos().to_le_bytes();
            nanos.into_iter().chain(line.text.bytes()).chain([b'\n'])
        });
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
    }
}
