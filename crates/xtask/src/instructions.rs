//! `cargo xtask instructions`: what the paths cost that a sale spends its time on, in instructions, held against what is committed.
//!
//! Time depends on the machine and its neighbours; instructions do not, if the program, its input and the processor
//! that it sees are the same. valgrind counts them, on a processor of its own making. What is counted are the kernels of the server's
//! example `kernels`, each by itself and without what prepares it.

mod count;
mod figures;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};

use crate::workspace;
use figures::{Kernel, Verdict};

/// The committed figures, from the workspace's root.
const FIGURES: &str = "crates/server/examples/kernels/instructions.toml";
/// The example that holds the kernels.
const EXAMPLE: &str = "kernels";

/// What `cargo xtask instructions` can be told.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Count these kernels alone
    #[arg(value_name = "KERNEL")]
    kernels: Vec<String>,

    /// Commit to what was counted: rewrite the figures of the kernels that are out of their band
    #[arg(long)]
    accept: bool,
}

/// Counts, prints a table, and rewrites the figures if asked to.
///
/// # Errors
/// When a kernel is out of its band and that is not accepted, when this machine cannot count, or nothing goes by a name.
pub(crate) fn run(options: &Options) -> Result<()> {
    if let Some(reason) = count::obstacle() {
        bail!("nothing can be counted here: {reason}");
    }
    let program = built()?;
    let mut kernels = kernels(&program)?;
    if let Some(unknown) =
        options.kernels.iter().find(|name| !kernels.iter().any(|known| known.name == **name))
    {
        bail!("there is no kernel {unknown:?}: the table of `cargo xtask instructions` names them");
    }
    let is_all = options.kernels.is_empty();
    kernels.retain(|kernel| is_all || options.kernels.contains(&kernel.name));
    let mut committed = committed()?;
    let counted = counted(&program, &kernels, &committed)?;
    let gone = if is_all { figures::gone(&kernels, &committed) } else { Vec::new() };
    if !options.accept {
        return judged(&counted, &gone);
    }
    for (kernel, count, verdict) in &counted {
        if *verdict != Verdict::Within {
            committed.insert(kernel.name.clone(), *count);
        }
    }
    committed.retain(|name, _| !gone.contains(name));
    let file = workspace::root().join(FIGURES);
    std::fs::write(&file, figures::written(&committed)).with_context(|| format!("cannot write {FIGURES}"))?;
    println!("\n{FIGURES} is written: commit it with what changed the figures, and say there why");
    Ok(())
}

/// The step of the gate.
///
/// Where there is no valgrind, or the processor is not one whose figures are committed, nothing can be said, and why not is
/// returned.
///
/// # Errors
/// When a kernel is out of its band.
pub(crate) fn check() -> Result<Option<String>> {
    if let Some(reason) = count::obstacle() {
        println!("NOT CHECKED: {reason}");
        return Ok(Some(format!("instructions: {reason}")));
    }
    run(&Options { kernels: Vec::new(), accept: false })?;
    Ok(None)
}

/// The example, built as the tests will build it, so that they need not do so again.
///
/// No `--package`: with it, cargo would choose features for the server alone, and compile much of the tree a second time.
fn built() -> Result<PathBuf> {
    workspace::run(&mut workspace::cargo(&["build", "--locked", "--example", EXAMPLE]))?;
    // Beside this very program, wherever the build directory is.
    let own = std::env::current_exe().context("this program does not know where it is")?;
    let program = own.with_file_name("examples").join(EXAMPLE);
    ensure!(program.is_file(), "{} was built, and is not there", program.display());
    Ok(program)
}

fn kernels(program: &Path) -> Result<Vec<Kernel>> {
    let listed = workspace::output(&mut workspace::program(program, &["list"]))?;
    listed.lines().map(|line| Kernel::listed(line).with_context(|| format!("no kernel: {line:?}"))).collect()
}

fn committed() -> Result<BTreeMap<String, u64>> {
    match std::fs::read_to_string(workspace::root().join(FIGURES)) {
        Ok(text) => figures::read(&text).with_context(|| format!("{FIGURES} cannot be understood")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(error).with_context(|| format!("{FIGURES} cannot be read")),
    }
}

/// Counts each kernel, and prints its line of the table as soon as it is counted.
fn counted<'a>(
    program: &Path,
    kernels: &'a [Kernel],
    committed: &BTreeMap<String, u64>,
) -> Result<Vec<(&'a Kernel, u64, Verdict)>> {
    println!("\n{}", figures::HEADING);
    let one = |kernel: &'a Kernel| -> Result<_> {
        let count = count::a_repetition(program, kernel)?;
        let before = committed.get(&kernel.name).copied();
        println!("{}", figures::line(kernel, before, count));
        Ok((kernel, count, Verdict::of(before, count)))
    };
    kernels.iter().map(one).collect()
}

/// Fails when something is not as it is committed, and says what.
fn judged(counted: &[(&Kernel, u64, Verdict)], gone: &[String]) -> Result<()> {
    let mut faults = String::new();
    for (kernel, count, verdict) in counted {
        if let Some(fault) = verdict.fault(kernel, *count) {
            write!(faults, "\n  {fault}")?;
        }
    }
    for name in gone {
        write!(faults, "\n  {name}: a figure is committed, and there is no such kernel any more")?;
    }
    ensure!(faults.is_empty(), "not as {FIGURES} has it:{faults}");
    println!("\nevery kernel is within {} % of its committed figure", figures::BAND_PERCENT);
    Ok(())
}
