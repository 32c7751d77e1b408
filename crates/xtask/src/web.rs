//! The browser's side, `web/`: its types, its tests, and whether the files that the server carries are built from it.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use crate::workspace;

/// The sources, from the workspace's root.
const SOURCES: &str = "web";
/// What the server carries of them.
const BUILT: &str = "crates/server/assets/dist";
/// The browser that Debian's package installs; the walks look for it there as well.
const BROWSER: &str = "/usr/bin/chromium";
/// Where they are built once more, to be compared.
const AGAIN: &str = "target/web";

/// Checks the sources and compares what is built from them with what is committed.
///
/// Without the packages of `web/package-lock.json` nothing can be said, and that is what is printed: a machine without their
/// registry can still check everything else.
///
/// # Errors
/// When types or tests fail, or a built file is not of these sources (naming it).
pub(crate) fn check() -> Result<()> {
    let root = workspace::root();
    if !has_packages() {
        return Ok(());
    }
    script("check")?;
    script("unit")?;
    let again = root.join(AGAIN);
    let target = again.to_str().context("the workspace's path is not text")?;
    workspace::run(&mut workspace::program("node", &[&format!("{SOURCES}/build.mjs"), target]))?;
    compare(&root.join(BUILT), &again)
}

/// Walks the pages in a real browser, against the server as `cargo build` leaves it.
///
/// Without a browser, or without the packages that drive it, nothing can be said, and that is what is printed.
///
/// # Errors
/// When the server cannot be built, or a walk fails.
pub(crate) fn walk() -> Result<()> {
    if !has_packages() {
        return Ok(());
    }
    if !Path::new(BROWSER).exists() && std::env::var_os("CHROMIUM").is_none() {
        println!("NOT CHECKED: {BROWSER} is missing; install Chromium, or name one in CHROMIUM");
        return Ok(());
    }
    workspace::run(&mut workspace::cargo(&["build", "--locked", "--bin", "flashtix"]))?;
    script("browser")
}

/// Whether what drives the checks is there; says so when it is not.
fn has_packages() -> bool {
    let is_there = workspace::root().join(SOURCES).join("node_modules").is_dir();
    if !is_there {
        println!("NOT CHECKED: the packages are missing; `npm ci` in {SOURCES}/ fetches them");
    }
    is_there
}

fn script(name: &str) -> Result<()> {
    workspace::run(&mut workspace::program("npm", &["--prefix", SOURCES, "run", "--silent", name]))
}

/// Compares two folders file by file.
fn compare(committed: &Path, built: &Path) -> Result<()> {
    let names = |folder: &Path| -> Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
    };
    let (there, wanted) = (names(committed)?, names(built)?);
    ensure!(there == wanted, "{} holds {there:?}, and the sources make {wanted:?}", committed.display());
    for name in there {
        let (one, other) = (committed.join(&name), built.join(&name));
        if one.is_dir() {
            compare(&one, &other)?;
        } else {
            let is_same = std::fs::read(&one)? == std::fs::read(&other)?;
            ensure!(is_same, "{} is not built from these sources", one.display());
        }
    }
    Ok(())
}
