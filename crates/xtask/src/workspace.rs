//! Where the workspace is, and how other programs are started in it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

/// The folder of the workspace's `Cargo.toml`.
///
/// Cargo says at run time where this package is. The place it was compiled in is only the fallback, because a
/// build directory may be shared between clones.
pub(crate) fn root() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    package.ancestors().nth(2).map(Path::to_path_buf).unwrap_or(package)
}

/// A program, to be started in the workspace's root, without standard input: nothing here asks questions.
pub(crate) fn program(name: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
    let mut command = Command::new(name);
    command.args(arguments).current_dir(root()).stdin(Stdio::null());
    command
}

/// The same cargo that runs this xtask, so that one gate never mixes two toolchains.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    program(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()), arguments)
}

/// The command as a person would type it.
pub(crate) fn spelled(command: &Command) -> String {
    let name = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let variables = command
        .get_envs()
        .filter_map(|(name, value)| Some((name.to_string_lossy(), value?.to_string_lossy())))
        .map(|(name, value)| format!("{name}={}", quoted(&value)));
    let words = std::iter::once(name).chain(command.get_args()).map(|word| quoted(&word.to_string_lossy()));
    variables.chain(words).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    if !word.is_empty() && word.chars().all(|letter| letter.is_alphanumeric() || "-_=./:,+@".contains(letter))
    {
        word.to_owned()
    } else {
        format!("'{word}'")
    }
}

/// Prints the command and runs it with its output passed through.
///
/// # Errors
/// When it cannot be started or does not end with success.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    println!("$ {}", spelled(command));
    let status = command.status().with_context(|| format!("cannot start `{}`", spelled(command)))?;
    ensure!(status.success(), "`{}` failed ({status})", spelled(command));
    Ok(())
}

/// Runs the command and returns what it printed; what it says on standard error is passed through.
///
/// # Errors
/// When it cannot be started, does not end with success, or prints something that is not UTF-8.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start `{}`", spelled(command)))?;
    if !output.status.success() {
        bail!("`{}` failed ({})", spelled(command), output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{}` printed no UTF-8", spelled(command)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_holds_the_workspace() {
        let manifest = std::fs::read_to_string(root().join("Cargo.toml")).expect("a manifest at the root");
        assert!(manifest.contains("[workspace]"));
    }

    #[test]
    fn a_command_is_spelled_so_that_it_can_be_pasted() {
        let mut command = program("/usr/bin/env", &["one", "-D warnings"]);
        command.env("FLAGS", "-D warnings");
        assert_eq!(spelled(&command), "FLAGS='-D warnings' env one '-D warnings'");
    }

    #[test]
    fn a_failing_command_is_an_error_that_names_it() {
        let error = run(&mut program("sh", &["-c", "exit 3"])).expect_err("exit 3 is a failure");
        let text = format!("{error:#}");
        assert!(text.contains("exit 3") && text.contains("exit status: 3"), "{text}");
    }
}
