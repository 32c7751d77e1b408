//! The committed API contract, `docs/openapi.json`, and the binary that it must be equal to.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};

use crate::workspace;

/// The committed contract, from the workspace's root.
const CONTRACT: &str = "docs/openapi.json";

/// Writes the contract from the binary.
///
/// # Errors
/// When the binary does not build or run, or the file cannot be written.
pub(crate) fn write() -> Result<()> {
    let built = from_binary()?;
    let file = file();
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    let changed = std::fs::read_to_string(&file).ok().as_deref() != Some(built.as_str());
    std::fs::write(&file, &built).with_context(|| format!("cannot write {CONTRACT}"))?;
    println!(
        "{CONTRACT}: {}, {} lines",
        if changed { "changed" } else { "as before" },
        built.lines().count()
    );
    Ok(())
}

/// Compares the committed contract with the binary's.
///
/// # Errors
/// When they differ (naming the first line that does), or there is none, or the binary does not build or run.
pub(crate) fn check() -> Result<()> {
    let built = from_binary()?;
    let committed = std::fs::read_to_string(file()).with_context(|| format!("cannot read {CONTRACT}"))?;
    if let Some(difference) = first_difference(&committed, &built) {
        bail!("{CONTRACT} is not what the binary says; {difference}");
    }
    println!("{CONTRACT} is what the binary says ({} lines)", built.lines().count());
    Ok(())
}

fn file() -> PathBuf {
    workspace::root().join(Path::new(CONTRACT))
}

/// No `--package`: with it, cargo would choose features for the server alone, and compile much of the tree a second
/// time beside what the tests need.
fn from_binary() -> Result<String> {
    let mut command = workspace::cargo(&["run", "--locked", "--bin", "flashtix", "--", "openapi"]);
    println!("$ {}", workspace::spelled(&command));
    let printed = workspace::output(&mut command)?;
    let document = printed.trim();
    ensure!(
        document.starts_with('{') && document.ends_with('}'),
        "`flashtix openapi` printed no JSON object"
    );
    Ok(format!("{document}\n"))
}

fn first_difference(committed: &str, built: &str) -> Option<String> {
    if committed == built {
        return None;
    }
    let mut lines = (1..).zip(committed.lines().zip(built.lines()));
    Some(match lines.find(|(_, (left, right))| left != right) {
        Some((number, (left, right))) => {
            format!("line {number}:\n  committed: {}\n  binary:    {}", left.trim(), right.trim())
        }
        None => format!("one is longer: committed {} bytes, binary {} bytes", committed.len(), built.len()),
    })
}

#[cfg(test)]
mod tests {
    use super::first_difference;

    #[test]
    fn equal_documents_have_no_difference() {
        assert_eq!(first_difference("{\n}\n", "{\n}\n"), None);
    }

    #[test]
    fn the_first_different_line_is_named() {
        let difference = first_difference("{\n  \"a\": 1\n}\n", "{\n  \"a\": 2\n}\n").expect("a difference");
        assert_eq!(difference, "line 2:\n  committed: \"a\": 1\n  binary:    \"a\": 2");
    }

    #[test]
    fn a_missing_tail_is_a_difference() {
        assert!(first_difference("{}\n", "{}\n{}\n").is_some_and(|text| text.contains("longer")));
        assert!(first_difference("{}", "{}\n").is_some(), "the final newline counts");
    }
}
