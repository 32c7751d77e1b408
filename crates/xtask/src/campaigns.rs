//! `cargo xtask sim`, `crash` and `chaos`: the gate's own campaigns, replayed or made longer by hand; `cluster`: what they run on,
//! to look at.

use anyhow::{Result, ensure};

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
    let test = ["test", "--locked", "--package", "server", "--test", "it", "--"];
    let all = workspace::output(workspace::cargo(&test).args(["chaos::", "--list"]))?;
    let campaigns = campaigns(&all, &options.name);
    ensure!(!campaigns.is_empty(), "no campaign's name begins with {}", options.name);
    if options.list {
        for campaign in campaigns {
            println!("{}", name_of(campaign));
        }
        return Ok(());
    }
    let mut command = workspace::cargo(&test);
    command.args(campaigns).args(["--exact", "--nocapture", "--test-threads=1"]);
    command.env("FLASHTIX_CHAOS_ROUNDS", options.rounds.to_string());
    if let Some(seed) = options.seed {
        command.env("FLASHTIX_CHAOS_SEED", seed.to_string());
    }
    workspace::run(&mut command)
}

/// The campaigns of a list of tests whose names begin so.
fn campaigns<'a>(list: &'a str, begin: &str) -> Vec<&'a str> {
    let tests = list.lines().filter_map(|line| line.strip_suffix(": test"));
    tests.filter(|test| test.starts_with("chaos::") && name_of(test).starts_with(begin)).collect()
}

fn name_of(test: &str) -> &str {
    test.rsplit("::").next().unwrap_or(test)
}

#[cfg(test)]
mod tests {
    use super::campaigns;

    #[test]
    fn campaigns_are_found_by_how_their_names_begin() {
        let list = "chaos::gate::the_gate_lies: test\nchaos::nodes::a_node_is_killed: test\n\
                    chaos::nodes::all_nodes_are_killed: test\ncrash::the_gate: test\n\n4 tests, 0 benchmarks\n";
        assert_eq!(campaigns(list, "the_gate"), ["chaos::gate::the_gate_lies"]);
        assert_eq!(campaigns(list, "a").len(), 2);
        assert_eq!(campaigns(list, "").len(), 3);
        assert!(campaigns(list, "gate").is_empty());
    }
}
