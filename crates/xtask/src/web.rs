//! The browser's side, `web/`: its types, its tests, and whether the files that the server carries are built from it.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use crate::workspace;

/// The sources, from the workspace's root.
const SOURCES: &str = "web";
/// What the server carries of them.
const BUILT: &str = "crates/server/assets/dist";
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
    if !root.join(SOURCES).join("node_modules").is_dir() {
        println!("NOT CHECKED: the packages are missing; `npm ci` in {SOURCES}/ fetches them");
        return Ok(());
    }
    for script in ["check", "unit"] {
        let arguments = ["--prefix", SOURCES, "run", "--silent", script];
        workspace::run(&mut workspace::program("npm", &arguments))?;
    }
    let again = root.join(AGAIN);
    let target = again.to_str().context("the workspace's path is not text")?;
    workspace::run(&mut workspace::program("node", &[&format!("{SOURCES}/build.mjs"), target]))?;
    compare(&root.join(BUILT), &again)
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
