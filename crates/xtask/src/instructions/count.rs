//! Counts instructions: a program under valgrind, with everything pinned that would make the counts differ.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result, bail, ensure};

use super::figures::Kernel;
use crate::workspace;

/// The tool that counts, and the one function of the example in which it does.
const COUNTER: [&str; 3] =
    ["--tool=callgrind", "--toggle-collect=kernels::counted*", "--callgrind-out-file=/dev/null"];

/// What valgrind needs of the real processor to pretend to the one whose figures are committed: an Intel Haswell, whatever else the
/// real one can do. Without it the standard library and memchr would take other ways.
const FEATURE: &str = "avx2";

/// The allocator gives memory back by the clock, and a slow minute must not add instructions.
const ENVIRONMENT: [(&str, &str); 1] = [("MIMALLOC_PURGE_DELAY", "-1")];

/// Why this machine cannot count, if it cannot.
pub(super) fn obstacle() -> Option<String> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Some("the figures are those of Linux on x86-64".to_owned());
    }
    let version = workspace::program("valgrind", &["--version"]).stderr(Stdio::null()).output();
    if !version.is_ok_and(|output| output.status.success()) {
        return Some("valgrind is missing; install it (`cargo xtask setup` does)".to_owned());
    }
    let processor = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let has_feature = processor.split_whitespace().any(|word| word == FEATURE);
    (!has_feature).then(|| format!("the figures are those of a processor with {FEATURE}"))
}

/// What one repetition of a kernel costs, in instructions.
///
/// # Errors
/// When the kernel fails, or valgrind does not say what it counted.
pub(super) fn a_repetition(program: &Path, kernel: &Kernel) -> Result<u64> {
    let Kernel { name, repetitions, .. } = kernel;
    let mut command = workspace::program("valgrind", &COUNTER);
    command.arg(program).args([name, &repetitions.to_string()]);
    // Of the environment nothing but what finds valgrind: the rest may change what libraries do.
    command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path))).envs(ENVIRONMENT);
    let spelled = workspace::spelled(&command);
    let output = command.output().with_context(|| format!("cannot start `{spelled}`"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!("`{spelled}` failed ({}):\n{said}", output.status);
    }
    let all = counted(&said).with_context(|| format!("`{spelled}` did not say what it counted:\n{said}"))?;
    ensure!(
        all >= *repetitions,
        "{name}: next to nothing was counted; is there a function `kernels::counted`?"
    );
    Ok((all + repetitions / 2) / repetitions)
}

/// The count in what valgrind says at the end: `==17== Collected : 1234567`.
fn counted(said: &str) -> Option<u64> {
    let (_, number) = said.lines().find_map(|line| line.split_once("Collected :"))?;
    number.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_taken_out_of_what_valgrind_says() {
        let said = "==12== Callgrind, a call-graph generating cache profiler\n==12== \n\
                    ==12== Events    : Ir\n==12== Collected : 1234567\n";
        assert_eq!(counted(said), Some(1_234_567));
        assert_eq!(counted("==12== Events    : Ir\n"), None);
        assert_eq!(counted("==12== Collected : many\n"), None);
    }
}
