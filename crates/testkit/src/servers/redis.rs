//! Redis.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use super::free_port;

/// A running server that keeps nothing on disk. It ends when it is dropped.
#[derive(Debug)]
pub struct Redis {
    child: Child,
    port: u16,
}

impl Redis {
    /// Starts a server with further arguments, such as `--requirepass`, `hush`.
    ///
    /// # Panics
    /// When it does not start: these tests need Debian's package redis-server.
    #[must_use]
    pub fn start(arguments: &[&str]) -> Self {
        Self::start_on(free_port(), arguments)
    }

    /// Starts a server on a port that another has left.
    ///
    /// # Panics
    /// As [`Self::start`].
    #[must_use]
    pub fn start_on(port: u16, arguments: &[&str]) -> Self {
        let child = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port", &port.to_string()])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("redis-server can be run: install Debian's package redis-server");
        let mut server = Self { child, port };
        let output = server.child.stdout.take().expect("its output is piped");
        let mut told = String::new();
        for line in BufReader::new(output).lines() {
            let line = line.expect("its output is text");
            if line.contains("Ready to accept connections") {
                return server;
            }
            told += &line;
        }
        panic!("redis-server ended: {told}");
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Runs one command by its client.
    ///
    /// # Panics
    /// When it is refused.
    pub fn command(&self, words: &[&str]) {
        let told = Command::new("redis-cli")
            .args(["-e", "-p", &self.port.to_string()])
            .args(words)
            .stdout(Stdio::null())
            .status();
        assert!(told.expect("redis-cli can be run").success(), "{words:?} was refused");
    }

    /// Stops the process where it stands, or lets it go on.
    ///
    /// # Panics
    /// When it cannot be told.
    pub fn signal(&self, name: &str) {
        let told = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status();
        assert!(told.expect("kill can be run").success(), "the server takes signals");
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
