//! The dependency check: cargo-deny, at one pinned version, with `deny.toml`.

use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};

use crate::workspace;

/// The version that is installed where there is none. Its rules for `deny.toml` change between versions.
const VERSION: &str = "0.20.2";

/// Where it is installed: a build product like any other, found again by the next run and by a CI's cache.
const TOOLS: &str = "target/tools";

/// Checks bans, licences and sources, offline.
///
/// Not the advisories: their database is another download, and a new entry in it would turn yesterday's green
/// commit red.
///
/// # Errors
/// When a dependency breaks a rule, or cargo-deny can neither be found nor installed.
pub(super) fn check() -> Result<()> {
    let tool = match find() {
        Some(tool) => tool,
        None => install()?,
    };
    // The check itself is offline, but judges the crates of every platform in deny.toml, more than a build downloads.
    workspace::run(&mut workspace::cargo(&["fetch", "--locked"]))?;
    let arguments = ["--locked", "--offline", "check", "bans", "licenses", "sources"];
    workspace::run(&mut workspace::program(tool, &arguments))
}

fn installed() -> PathBuf {
    workspace::root().join(TOOLS).join("bin").join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX))
}

/// Our own installation, or the machine's, if it is the pinned version.
fn find() -> Option<PathBuf> {
    [installed(), PathBuf::from("cargo-deny")].into_iter().find(|candidate| {
        let version = workspace::program(candidate, &["--version"]).stderr(Stdio::null()).output();
        version.is_ok_and(|output| is_pinned(&String::from_utf8_lossy(&output.stdout)))
    })
}

fn is_pinned(printed: &str) -> bool {
    printed.split_whitespace().last() == Some(VERSION)
}

fn install() -> Result<PathBuf> {
    println!(
        "cargo-deny {VERSION} is not here yet: building it into {TOOLS}, once. Unoptimised, because that takes\n\
         about 2 minutes on 2 cores instead of 5, and the check itself then takes 4 seconds."
    );
    let arguments =
        ["install", "--locked", "cargo-deny", "--version", VERSION, "--debug", "--force", "--root", TOOLS];
    workspace::run(workspace::cargo(&arguments).env("CARGO_PROFILE_DEV_DEBUG", "false"))
        .context("cargo-deny cannot be installed; without a network, put that version on the PATH")?;
    let tool = installed();
    ensure!(tool.is_file(), "cargo install succeeded, but {} is not there", tool.display());
    Ok(tool)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_pinned_version_is_taken() {
        assert!(is_pinned(&format!("cargo-deny {VERSION}\n")));
        assert!(!is_pinned("cargo-deny 0.1.0\n"));
        assert!(!is_pinned(""));
    }
}
