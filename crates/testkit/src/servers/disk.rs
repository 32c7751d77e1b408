//! A disk that a test fills: a small file system in memory, mounted by root.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// What fills it.
const BALLAST: &str = "ballast";
/// Pieces in which it is filled, the last ones small.
const PIECES_BYTES: [usize; 2] = [1024 * 1024, 4096];

/// A mounted file system. It is gone, with everything on it, when it is dropped.
#[derive(Debug)]
pub struct Disk {
    folder: TempDir,
}

impl Disk {
    /// Mounts one of so many MiB.
    ///
    /// # Errors
    /// Why this machine does not let it be mounted.
    ///
    /// # Panics
    /// When there is no folder for it.
    pub fn mount(mebibytes: u32) -> Result<Self, String> {
        let disk = Self { folder: tempfile::tempdir().expect("a folder") };
        let options = format!("size={mebibytes}m,mode=0755");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(disk.path());
        let told = mount.stdin(Stdio::null()).output().map_err(|error| format!("mount: {error}"))?;
        if told.status.success() {
            return Ok(disk);
        }
        Err(String::from_utf8_lossy(&told.stderr).trim().to_owned())
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    fn ballast(&self) -> PathBuf {
        self.path().join(BALLAST)
    }

    /// Fills it to the last block.
    ///
    /// # Panics
    /// When it cannot be written for another reason than that it is full.
    pub fn fill(&self) {
        let open = OpenOptions::new().create(true).append(true).open(self.ballast());
        let mut ballast: File = match open {
            Ok(file) => file,
            // Not even room for a name.
            Err(error) if error.kind() == ErrorKind::StorageFull => return,
            Err(error) => panic!("the ballast cannot be written: {error}"),
        };
        for bytes in PIECES_BYTES {
            let piece = vec![0; bytes];
            loop {
                match ballast.write_all(&piece) {
                    Ok(()) => {}
                    Err(error) if error.kind() == ErrorKind::StorageFull => break,
                    Err(error) => panic!("the ballast cannot be written: {error}"),
                }
            }
        }
    }

    /// Gives back what filled it.
    ///
    /// # Panics
    /// When it was not filled.
    pub fn empty(&self) {
        std::fs::remove_file(self.ballast()).expect("the ballast can be removed");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Somebody may be in it still; then it goes with the last one. Where nothing is mounted, it fails.
        let unmount = Command::new("umount").arg("--lazy").arg(self.path()).stderr(Stdio::null()).status();
        drop(unmount);
    }
}
