//! A stateful stand-in for Stripe (PyPI `localstripe`), with its payments, refunds and webhooks.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::{FETCHED, free_port, until};

/// Its own way to start listens on every address of the machine, and it keeps what it was told in a file of a fixed name.
const PROGRAM: &str = "import sys\nfrom aiohttp import web\nfrom localstripe.resources import store\n\
     from localstripe.server import app\ntype(store).dump_to_disk = lambda self: None\nweb.run_app(app, host='127.0.0.1', port=int(sys.argv[1]), print=None)\n";

/// A running one. It ends when it is dropped.
#[derive(Debug)]
pub struct Stripe {
    child: Child,
    url: String,
    _folder: TempDir,
}

impl Stripe {
    /// Starts one and waits until it listens; `None` where it was not fetched.
    ///
    /// # Panics
    /// When it was fetched and does not start.
    #[must_use]
    pub fn start() -> Option<Self> {
        let packages = Path::new(FETCHED).join("localstripe");
        if !packages.exists() {
            return None;
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        let port = free_port();
        let child = Command::new("python3")
            .args(["-c", PROGRAM, &port.to_string()])
            .env("PYTHONPATH", packages.canonicalize().expect("the folder is there"))
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("python3 can be run");
        let mut stripe = Self { child, url: format!("http://127.0.0.1:{port}"), _folder: folder };
        until("localstripe listens", || {
            let ended = stripe.child.try_wait().expect("a child can be asked after");
            assert!(ended.is_none(), "localstripe ended: {ended:?}");
            std::net::TcpStream::connect(("127.0.0.1", port)).is_ok().then_some(())
        });
        Some(stripe)
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Stripe {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
