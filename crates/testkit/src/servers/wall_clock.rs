//! A wall clock of a server's own, that a test sets: Debian's libfaketime, loaded before the server's own libraries.
//!
//! Monotonic time stays the machine's, as it does when somebody sets a real clock.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// Where Debian keeps the library, below a folder that is named after the machine.
const LIBRARIES: &str = "/usr/lib";
const LIBRARY: &str = "faketime/libfaketime.so.1";

/// A clock that is off by what a test says. It shows the right time until then.
#[derive(Debug)]
pub struct WallClock {
    library: PathBuf,
    folder: TempDir,
}

impl WallClock {
    /// A clock, where the library is installed.
    ///
    /// # Panics
    /// When there is no room for its file.
    #[must_use]
    pub fn find() -> Option<Self> {
        let library = Self::library()?;
        let folder = tempfile::tempdir().expect("a folder");
        // Whoever goes by it may be another user than this one.
        let open = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(folder.path(), open).expect("a folder of one's own can be opened");
        let clock = Self { library, folder };
        clock.set(0);
        Some(clock)
    }

    /// Whether there can be one on this machine.
    #[must_use]
    pub fn is_there() -> bool {
        Self::library().is_some()
    }

    fn library() -> Option<PathBuf> {
        let machines = std::fs::read_dir(LIBRARIES).ok()?;
        machines.filter_map(|machine| Some(machine.ok()?.path().join(LIBRARY))).find(|path| path.exists())
    }

    /// Sets it so many seconds ahead of the machine's, or behind it when negative; whoever reads it next sees that.
    ///
    /// # Panics
    /// When its file cannot be written.
    pub fn set(&self, seconds: i64) {
        // Whole at every moment, for whoever reads it just now.
        let next = self.folder.path().join("next");
        std::fs::write(&next, format!("{seconds:+}\n")).expect("a file can be written");
        std::fs::rename(&next, self.file()).expect("a file can be replaced");
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("offset")
    }

    /// The environment of a process that goes by it.
    #[must_use]
    pub fn environment(&self) -> [(&'static str, PathBuf); 5] {
        let yes = || Path::new("1").to_owned();
        [
            ("LD_PRELOAD", self.library.clone()),
            ("FAKETIME_TIMESTAMP_FILE", self.file()),
            ("FAKETIME_NO_CACHE", yes()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", yes()),
            // The dates of files stay what they are.
            ("NO_FAKE_STAT", yes()),
        ]
    }
}
