//! What could not be checked on this machine. A test that lacks something passes, and its output is swallowed: so it adds a line
//! to a file that is named to it, and the gate prints the lines where everybody looks.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::workspace;

/// Names the file to the tests.
const VARIABLE: &str = "FLASHTIX_UNCHECKED";

/// The file, while tests add to it.
pub(super) struct Collection {
    file: PathBuf,
}

/// Has the tests of a command say what they could not check.
///
/// # Errors
/// When the file cannot be made.
pub(super) fn collect(command: &mut Command) -> Result<Collection> {
    let file = workspace::root().join("target").join("unchecked");
    std::fs::write(&file, "").with_context(|| format!("cannot write {}", file.display()))?;
    command.env(VARIABLE, &file);
    Ok(Collection { file })
}

impl Collection {
    /// What was said, each thing once.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) fn read(self) -> Result<Vec<String>> {
        let text = std::fs::read_to_string(&self.file)
            .with_context(|| format!("cannot read {}", self.file.display()))?;
        let lines: BTreeSet<&str> = text.lines().filter(|line| !line.is_empty()).collect();
        Ok(lines.into_iter().map(str::to_owned).collect())
    }
}

/// The lines under a heading; nothing when there are none.
pub(super) fn list(unchecked: &[String]) -> String {
    if unchecked.is_empty() {
        return String::new();
    }
    let lines = unchecked.iter().map(|line| format!("  {line}\n"));
    std::iter::once("\nNOT CHECKED on this machine:\n".to_owned()).chain(lines).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tests_say_is_told_once() {
        let folder = std::env::temp_dir().join(format!("flashtix-unchecked-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder for the test");
        let file = folder.join("unchecked");
        std::fs::write(&file, "b: no nginx\na: no Valkey\n\nb: no nginx\n").expect("a file for the test");
        let read = Collection { file }.read().expect("it can be read");
        std::fs::remove_dir_all(&folder).expect("the folder is the test's");
        assert_eq!(read, ["a: no Valkey", "b: no nginx"]);
        assert_eq!(list(&read), "\nNOT CHECKED on this machine:\n  a: no Valkey\n  b: no nginx\n");
        assert_eq!(list(&[]), "");
    }
}
