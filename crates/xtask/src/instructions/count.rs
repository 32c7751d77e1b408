//! Counts instructions: a program under valgrind, twice, with everything pinned that would make the counts differ.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result, bail, ensure};

use super::figures::Kernel;
use crate::workspace;

/// The cheapest of valgrind's tools that counts. Without caches to simulate, it counts instructions and nothing else.
const COUNTER: [&str; 3] = ["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"];

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
    // The two are independent, and most machines have two cores.
    let (few, many) = std::thread::scope(|scope| {
        let few = scope.spawn(|| of_a_run(program, kernel, kernel.repetitions));
        let many = of_a_run(program, kernel, 2 * kernel.repetitions);
        (few.join(), many)
    });
    let few = few.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    let more = many?.saturating_sub(few);
    ensure!(more > 0, "{}: twice the repetitions cost no more instructions", kernel.name);
    Ok((more + kernel.repetitions / 2) / kernel.repetitions)
}

/// What a whole run costs, preparing included.
fn of_a_run(program: &Path, kernel: &Kernel, repetitions: u64) -> Result<u64> {
    let mut command = workspace::program("valgrind", &COUNTER);
    command.arg(program).args([&kernel.name, &repetitions.to_string()]);
    // Of the environment nothing but what finds valgrind: the rest may change what libraries do.
    command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path))).envs(ENVIRONMENT);
    let spelled = workspace::spelled(&command);
    let output = command.output().with_context(|| format!("cannot start `{spelled}`"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!("`{spelled}` failed ({}):\n{said}", output.status);
    }
    counted(&said).with_context(|| format!("`{spelled}` did not say what it counted:\n{said}"))
}

/// The count in what valgrind says at the end: `==17== I   refs:      1,234,567`.
fn counted(said: &str) -> Option<u64> {
    let (_, number) = said.lines().find_map(|line| {
        let (who, number) = line.split_once("refs:")?;
        (who.split_whitespace().last() == Some("I")).then_some((who, number))
    })?;
    number.trim().replace(',', "").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_taken_out_of_what_valgrind_says() {
        let said = "==12== Cachegrind, a cache and branch-prediction profiler\n==12== \n\
                    ==12== I   refs:      1,234,567\n";
        assert_eq!(counted(said), Some(1_234_567));
        assert_eq!(counted("==12== D   refs:      1,234,567\n"), None, "data is not what is counted");
        assert_eq!(counted("==12== Cachegrind\n"), None);
    }
}
