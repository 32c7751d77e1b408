//! `cargo xtask setup`: what the machine needs.
//!
//! The table of needs is in `scripts/setup.sh`, because a machine without a C compiler cannot link this program;
//! here is only a front door to it, and the proof that it works.

use anyhow::Result;

use crate::workspace;

/// What `cargo xtask setup` can be told.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Install without asking through a sudo that needs no password (as root that is always so)
    #[arg(long)]
    yes: bool,
}

/// Checks every need, prints what it found, installs what is missing where that is allowed.
///
/// # Errors
/// When something is missing and may not be installed.
pub(crate) fn run(options: &Options) -> Result<()> {
    let mut command = workspace::program("sh", &["scripts/setup.sh", "--tests", "--verbose"]);
    if options.yes {
        command.arg("--yes");
    }
    workspace::run(&mut command)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::path::{Path, PathBuf};

    use crate::workspace;

    /// A `PATH` of its own for one test: the tools that the script itself needs, and stand-ins for apt and id.
    struct Machine {
        folder: PathBuf,
    }

    impl Machine {
        fn without_a_compiler(name: &str, user_id: u32) -> Self {
            let folder = std::env::temp_dir().join(format!("flashtix-setup-{name}-{}", std::process::id()));
            std::fs::create_dir_all(&folder).expect("a folder for the test");
            let machine = Self { folder };
            for tool in ["sed", "cat", "env", "git", "make"] {
                symlink(find(tool), machine.folder.join(tool)).expect("a link to a tool");
            }
            machine.stand_in("id", &format!("echo {user_id}"));
            machine.stand_in("apt-get", &format!("echo \"apt-get $*\" >> {}/log", machine.folder.display()));
            machine
        }

        fn stand_in(&self, name: &str, body: &str) {
            let path = self.folder.join(name);
            std::fs::write(&path, format!("#!/bin/sh\n{body}\n")).expect("a stand-in");
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("an executable");
        }

        /// Exit code and everything that was printed.
        fn run(&self) -> (Option<i32>, String) {
            let output = workspace::program("/bin/sh", &["scripts/setup.sh"])
                .env_clear()
                .env("PATH", &self.folder)
                .output()
                .expect("the script starts");
            let printed = [output.stdout, output.stderr].concat();
            (output.status.code(), String::from_utf8_lossy(&printed).into_owned())
        }

        fn apt_calls(&self) -> String {
            std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
        }
    }

    impl Drop for Machine {
        fn drop(&mut self) {
            // A left-over folder in the temporary directory does no harm.
            drop(std::fs::remove_dir_all(&self.folder));
        }
    }

    fn find(tool: &str) -> PathBuf {
        let path = std::env::var_os("PATH").expect("a PATH");
        std::env::split_paths(&path)
            .map(|folder| folder.join(tool))
            .find(|file| Path::is_file(file))
            .unwrap_or_else(|| panic!("{tool} is on the PATH"))
    }

    #[test]
    fn a_person_without_root_is_told_the_exact_command() {
        let machine = Machine::without_a_compiler("person", 1000);
        let (code, printed) = machine.run();
        assert_eq!(code, Some(1), "{printed}");
        assert!(printed.contains("apt-get install -y --no-install-recommends gcc libc6-dev"), "{printed}");
        assert_eq!(machine.apt_calls(), "", "nothing may be installed");
    }

    #[test]
    fn root_gets_what_is_missing_and_nothing_else() {
        let machine = Machine::without_a_compiler("root", 0);
        let (code, printed) = machine.run();
        // The stand-in for apt installs nothing, so the second look must still find the compiler missing.
        assert_eq!(code, Some(1), "{printed}");
        assert!(printed.contains("still missing after the installation"), "{printed}");
        let calls = machine.apt_calls();
        assert_eq!(calls.matches("update").count(), 1, "{calls}");
        assert!(calls.contains("install") && calls.contains(" gcc libc6-dev"), "{calls}");
        assert!(!calls.contains(" git") && !calls.contains(" make"), "{calls}");
    }

    #[test]
    fn a_machine_with_everything_is_left_alone() {
        let machine = Machine::without_a_compiler("complete", 0);
        machine.stand_in("cc", "exit 0");
        let (code, printed) = machine.run();
        assert_eq!(machine.apt_calls(), "", "{printed}");
        assert_eq!((code, printed.as_str()), (Some(0), ""));
    }
}
