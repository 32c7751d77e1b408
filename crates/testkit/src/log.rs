//! What a test's own thread logs: a line at ERROR means that a person must look, so no test may cause one that it does not mean to.

use std::io;
use std::sync::Arc;

use parking_lot::Mutex;
use tracing::Level;

thread_local! {
    /// A test runs on one thread, with its server: what is logged there is its own.
    static LOG: Log = Log::start();
}

/// What was logged on one thread, at INFO and above.
#[derive(Debug, Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn start() -> Self {
        let log = Self::default();
        let sink = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(Level::INFO)
            .with_ansi(false)
            .with_writer(move || sink.clone())
            .finish();
        // For as long as the thread lives.
        std::mem::forget(tracing::subscriber::set_default(subscriber));
        log
    }

    /// The log of this thread.
    #[must_use]
    pub fn of_this_thread() -> Self {
        LOG.with(Self::clone)
    }

    /// Everything logged at ERROR so far.
    #[must_use]
    pub fn errors(&self) -> String {
        self.lines(" ERROR ").concat()
    }

    /// Every line so far that contains a text.
    #[must_use]
    pub fn lines(&self, text: &str) -> Vec<String> {
        let logged = String::from_utf8_lossy(&self.0.lock()).into_owned();
        logged.split_inclusive('\n').filter(|line| line.contains(text)).map(str::to_owned).collect()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_on_this_thread_is_seen() {
        let log = Log::of_this_thread();
        tracing::warn!("this is nothing");
        assert_eq!(log.errors(), "");
        tracing::error!("a person must look");
        assert!(log.errors().contains("a person must look"));
        assert_eq!((log.lines("this is nothing").len(), log.lines("a person").len()), (1, 1));
    }
}
