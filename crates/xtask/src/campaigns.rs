//! `cargo xtask sim`, `crash` and `chaos`: the gate's own campaigns, replayed or made longer by hand; `cluster`: what they run on,
//! to look at.

use anyhow::Result;

use crate::workspace;

/// What `cargo xtask sim` can be told. The simulation itself prints every seed it uses.
#[derive(clap::Args)]
pub(crate) struct SimOptions {
    /// Replay this seed; the same seed gives the same run, byte for byte
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// How many seeds to run
    #[arg(long, value_name = "K")]
    seeds: Option<u64>,

    /// Build in release mode: slower to start, faster for thousands of seeds, without overflow checks
    #[arg(long)]
    release: bool,
}

/// Runs the simulation with the flags passed through.
///
/// The default is the profile that the tests use: a seed that failed there must fail here.
///
/// # Errors
/// When a seed fails.
pub(crate) fn sim(options: &SimOptions) -> Result<()> {
    let mut command = workspace::cargo(&["run", "--locked", "--package", "testkit", "--bin", "sim"]);
    if options.release {
        command.arg("--release");
    }
    command.arg("--");
    for (flag, value) in [("--seed", options.seed), ("--seeds", options.seeds)] {
        if let Some(value) = value {
            command.args([flag, &value.to_string()]);
        }
    }
    workspace::run(&mut command)
}

/// What `cargo xtask crash` can be told.
#[derive(clap::Args)]
pub(crate) struct CrashOptions {
    /// How many times the server is killed; each is followed by an audit
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
}

/// Runs the `kill -9` campaign of the server's tests.
///
/// # Errors
/// When an acknowledged order was lost, or an audit found a difference.
pub(crate) fn crash(options: &CrashOptions) -> Result<()> {
    let arguments = ["test", "--locked", "--package", "server", "--test", "it", "--", "crash", "--nocapture"];
    workspace::run(workspace::cargo(&arguments).env("FLASHTIX_CRASH_ROUNDS", options.rounds.to_string()))
}

/// What `cargo xtask cluster` can be told.
#[derive(clap::Args)]
#[command(disable_help_flag = true)]
pub(crate) struct ClusterOptions {
    /// Everything after it; `cargo xtask cluster --help` lists it
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Builds the release binary, and runs the production topology with it.
///
/// # Errors
/// When something cannot be started, or a storm or its audit found a difference.
pub(crate) fn cluster(options: &ClusterOptions) -> Result<()> {
    workspace::run(&mut workspace::cargo(&["build", "--locked", "--release", "--package", "server"]))?;
    let mut command =
        workspace::cargo(&["run", "--locked", "--quiet", "--package", "testkit", "--bin", "cluster", "--"]);
    workspace::run(command.args(["--flashtix", "target/release/flashtix"]).args(&options.arguments))
}

/// What `cargo xtask bench` can be told.
#[derive(clap::Args)]
pub(crate) struct BenchOptions {
    /// Handed on; `cargo xtask bench -- --help` lists them
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Builds what is measured and what measures, and runs it.
///
/// # Errors
/// When something cannot be built or started, or a sale was wrong.
pub(crate) fn bench(options: &BenchOptions) -> Result<()> {
    let release = ["build", "--locked", "--release", "--package"];
    for built in [&["server", "--package", "bench"][..], &["domain", "--example", "best_available_bench"]] {
        workspace::run(&mut workspace::cargo(&[&release[..], built].concat()))?;
    }
    let arguments = options.arguments.iter().map(String::as_str).collect::<Vec<_>>();
    workspace::run(&mut workspace::program("target/release/bench", &arguments))
}

/// What `cargo xtask chaos` can be told.
#[derive(clap::Args)]
pub(crate) struct ChaosOptions {
    /// The campaigns whose names begin so; all when missing
    #[arg(default_value = "")]
    name: String,

    /// How many times each breaks something
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,

    /// Roll the same dice as the campaign that said so
    #[arg(long, value_name = "S")]
    seed: Option<u64>,

    /// Print the campaigns' names
    #[arg(long)]
    list: bool,
}

/// Runs the failure campaigns of the server's tests, one after the other.
///
/// # Errors
/// When something acknowledged was lost, something was sold twice, or an audit found a difference.
pub(crate) fn chaos(options: &ChaosOptions) -> Result<()> {
    let filter = format!("chaos::{}", options.name);
    let mut arguments = vec!["test", "--locked", "--package", "server", "--test", "it", "--", &filter];
    arguments.extend(if options.list { &["--list"][..] } else { &["--nocapture", "--test-threads=1"] });
    let mut command = workspace::cargo(&arguments);
    command.env("FLASHTIX_CHAOS_ROUNDS", options.rounds.to_string());
    if let Some(seed) = options.seed {
        command.env("FLASHTIX_CHAOS_SEED", seed.to_string());
    }
    workspace::run(&mut command)
}
