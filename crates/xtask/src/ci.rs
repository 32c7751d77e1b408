//! `cargo xtask ci`: the whole gate. Its steps run in order, each under a heading and on the clock, until one fails;
//! a table sums them up, and a failure says what to do next.
//!
//! The order is by cost: what takes a second speaks before what takes minutes.

mod deny;
mod totals;
mod unchecked;

use std::io::IsTerminal as _;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use clap::ValueEnum;

use crate::{instructions, openapi, tidy, web, workspace};
use totals::Totals;

/// What `cargo xtask ci` can be told.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Run these steps alone, in the gate's order
    #[arg(long, value_name = "STEP", num_args = 1.., value_delimiter = ',')]
    only: Vec<Step>,

    /// Print the steps and what each runs, and run none
    #[arg(long)]
    list: bool,

    /// Fail when something could not be checked on this machine, instead of only saying so
    #[arg(long)]
    complete: bool,
}

/// One step of the gate. The order here is the order they run in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Step {
    Fmt,
    Tidy,
    Deny,
    Clippy,
    Docs,
    Openapi,
    Instructions,
    Web,
    Browser,
    Test,
}

impl Step {
    fn name(self) -> &'static str {
        match self {
            Self::Fmt => "fmt",
            Self::Tidy => "tidy",
            Self::Deny => "deny",
            Self::Clippy => "clippy",
            Self::Docs => "docs",
            Self::Openapi => "openapi",
            Self::Instructions => "instructions",
            Self::Web => "web",
            Self::Browser => "browser",
            Self::Test => "test",
        }
    }

    fn what(self) -> &'static str {
        match self {
            Self::Fmt => "every file is formatted",
            Self::Tidy => "the house rules hold: crate edges, sizes, names, left-overs; bugs can be planted",
            Self::Deny => "dependencies: licences, bans, sources",
            Self::Clippy => "no warning of the compiler or of clippy, in any target",
            Self::Docs => "the documentation builds without a warning, private items too",
            Self::Openapi => "the committed API contract is the binary's",
            Self::Instructions => "the hot paths cost as many instructions as is committed",
            Self::Web => "the pages' types and tests; the built files are of these sources",
            Self::Browser => "buyers and organizers walk the pages in a real browser",
            Self::Test => "every test of the workspace",
        }
    }

    /// What to do when the step fails.
    fn advice(self) -> &'static str {
        match self {
            Self::Fmt => "run `cargo fmt --all`",
            Self::Tidy => {
                "mend what is listed above; `cargo xtask tidy --list` gives the reason of every rule"
            }
            Self::Deny => "drop the dependency, or change deny.toml and say there why",
            Self::Clippy => {
                "mend it, or at the one place where it is right: `#[expect(clippy::…, reason = \"…\")]`"
            }
            Self::Docs => {
                "mend the link or the text; `cargo doc --workspace --no-deps --open` shows the pages"
            }
            Self::Openapi => "run `cargo xtask openapi`, and look at the difference: clients will see it",
            Self::Instructions => {
                "find what costs more (\"The guard\" in docs/benchmarks.md says how); if it is meant, or costs less, \
                 run `cargo xtask instructions --accept` and say in the commit why"
            }
            Self::Web => "run `npm test` and `npm run build` in web/, and commit what was built",
            Self::Browser => {
                "run `npm run browser` in web/, and look at the pictures in web/tests/artefacts/"
            }
            Self::Test => {
                "run the failing test alone: `cargo test --package CRATE NAME`; a seed, if one was printed, replays it"
            }
        }
    }

    fn run(self) -> Result<Told> {
        let mut told = Told::default();
        match self {
            Self::Fmt => workspace::run(&mut workspace::cargo(&["fmt", "--all", "--check"]))?,
            Self::Tidy => {
                tidy::check()?;
                workspace::run(&mut workspace::program("python3", &["scripts/planted_bugs.py", "--check"]))?;
            }
            Self::Deny => deny::check()?,
            Self::Clippy => workspace::run(&mut workspace::cargo(&[
                "clippy",
                "--workspace",
                "--all-targets",
                "--locked",
                "--",
                "-D",
                "warnings",
            ]))?,
            Self::Docs => docs()?,
            Self::Openapi => openapi::check()?,
            Self::Instructions => told.unchecked.extend(instructions::check()?),
            Self::Web => web::check()?,
            Self::Browser => web::walk()?,
            Self::Test => return tests(),
        }
        Ok(told)
    }
}

/// What a step that passed has to tell.
#[derive(Default)]
struct Told {
    totals: Option<Totals>,
    /// What it could not check on this machine, and why.
    unchecked: Vec<String>,
}

/// How a step ended, for the table.
enum Outcome {
    Passed(Duration),
    Failed(Duration),
    NotRun,
}

/// Runs the gate.
///
/// # Errors
/// When a step fails; the steps after it are not run.
pub(crate) fn run(options: &Options) -> Result<()> {
    let all = Step::value_variants();
    if options.list {
        for step in all {
            println!("{:<14}{}", step.name(), step.what());
        }
        return Ok(());
    }
    let steps = all.iter().copied().filter(|step| options.only.is_empty() || options.only.contains(step));
    let steps = steps.collect::<Vec<_>>();
    let mut outcomes = Vec::new();
    let mut all_told = Told::default();
    let mut failure = None;
    for (index, step) in steps.iter().copied().enumerate() {
        if failure.is_some() {
            outcomes.push(Outcome::NotRun);
            continue;
        }
        heading(&format!("{}/{} {}: {}", index + 1, steps.len(), step.name(), step.what()));
        let (result, took) = timed(|| step.run());
        match result {
            Ok(told) => {
                all_told.totals = all_told.totals.or(told.totals);
                all_told.unchecked.extend(told.unchecked);
                outcomes.push(Outcome::Passed(took));
            }
            Err(error) => {
                failure = Some((step, error));
                outcomes.push(Outcome::Failed(took));
            }
        }
    }
    heading("summary");
    print!("{}", table(&steps, &outcomes));
    if let Some((step, error)) = failure {
        let name = step.name();
        let advice = step.advice();
        bail!("{name}: {error:#}\n\nwhat to do: {advice}\nthen alone:  cargo xtask ci --only {name}");
    }
    print!("{}", unchecked::list(&all_told.unchecked));
    ensure!(
        !options.complete || all_told.unchecked.is_empty(),
        "not everything could be checked on this machine; what it lacks is listed above"
    );
    if let Some(totals) = all_told.totals {
        // The plain line that a machine reads, last and alone.
        println!("\n{totals}");
    }
    Ok(())
}

fn heading(text: &str) {
    let (on, off) = if std::io::stdout().is_terminal() { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
    println!("\n{on}==== {text} ===={off}");
}

#[expect(clippy::disallowed_methods, reason = "a stopwatch for people: nothing is decided by it")]
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = std::time::Instant::now();
    let result = work();
    (result, start.elapsed())
}

fn table(steps: &[Step], outcomes: &[Outcome]) -> String {
    let mut text = String::new();
    let mut total = Duration::ZERO;
    for (step, outcome) in steps.iter().zip(outcomes) {
        let (word, took) = match outcome {
            Outcome::Passed(took) => ("ok", *took),
            Outcome::Failed(took) => ("FAILED", *took),
            Outcome::NotRun => ("not run", Duration::ZERO),
        };
        total += took;
        text += &format!("{:<14}{word:<9}{:>8.1} s\n", step.name(), took.as_secs_f64());
    }
    text + &format!("{:<23}{:>8.1} s\n", "total", total.as_secs_f64())
}

fn docs() -> Result<()> {
    let arguments = ["doc", "--workspace", "--no-deps", "--document-private-items", "--locked"];
    workspace::run(workspace::cargo(&arguments).env("RUSTDOCFLAGS", "-D warnings"))
}

/// Runs every test, passing the runner's lines on as they come, and adds up what each test binary reported.
fn tests() -> Result<Told> {
    // Without --no-fail-fast the first failing binary would hide what the others have to say.
    let mut command = workspace::cargo(&["test", "--workspace", "--locked", "--no-fail-fast"]);
    let unchecked = unchecked::collect(&mut command)?;
    println!("$ {}", workspace::spelled(&command));
    let mut runner = command.stdout(Stdio::piped()).spawn().context("cannot start the tests")?;
    let lines = runner.stdout.take().context("the test runner has no output")?;
    let totals = totals::copy(std::io::BufReader::new(lines), &mut std::io::stdout());
    let status = runner.wait().context("the test runner cannot be waited for")?;
    let totals = totals?;
    ensure!(status.success(), "the tests failed ({status}): {totals}");
    ensure!(totals.failed == 0, "{totals}");
    ensure!(totals.passed > 0, "no test ran: a gate without tests proves nothing");
    Ok(Told { totals: Some(totals), unchecked: unchecked.read()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_goes_by_the_name_that_only_takes() {
        for step in Step::value_variants() {
            let value = step.to_possible_value().expect("no step is hidden");
            assert_eq!(value.get_name(), step.name());
        }
    }

    #[test]
    fn the_table_tells_what_ran_and_what_did_not() {
        let steps = [Step::Fmt, Step::Tidy, Step::Test];
        let outcomes = [
            Outcome::Passed(Duration::from_millis(1200)),
            Outcome::Failed(Duration::from_millis(300)),
            Outcome::NotRun,
        ];
        let expected = "fmt           ok            1.2 s\n\
                        tidy          FAILED        0.3 s\n\
                        test          not run       0.0 s\n\
                        total                       1.5 s\n";
        assert_eq!(table(&steps, &outcomes), expected);
    }
}
