//! `cargo xtask`: the project's own developer commands.
//!
//! This is a map. [`ci`] is the whole gate, step by step; [`tidy`] holds the house rules that no other tool
//! knows; [`openapi`] keeps the committed API contract equal to the binary's; [`campaigns`] replays simulations,
//! crashes and failures of clusters; [`instructions`] counts what the hot paths cost; [`web`] checks the browser's side; [`setup`] checks
//! the machine; [`workspace`] starts other programs.
//!
//! It depends on no other crate of the workspace and on very few from outside: it must build in seconds, on a
//! checkout whose product does not compile, because that is when its words are needed most.

#![expect(clippy::print_stdout, reason = "a command-line tool: printing is what it is for")]
#![expect(clippy::print_stderr, reason = "a command-line tool: failures go to standard error")]

mod campaigns;
mod ci;
mod instructions;
mod openapi;
mod setup;
mod tidy;
mod web;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// FlashTix's developer commands.
///
/// The whole gate is `cargo xtask ci`; `make test` sets the machine up and calls it. Everything else here is a
/// part of the gate by itself, or a longer version of one of its tests.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the gate: every check that a change must pass, in order, until one fails
    #[command(after_help = "Examples:\n  cargo xtask ci                    the whole gate\n  \
                            cargo xtask ci --list             what the steps do\n  \
                            cargo xtask ci --only fmt tidy    a quick look before a commit")]
    Ci(ci::Options),

    /// Check the house rules: crate edges, file sizes, names, left-overs
    #[command(after_help = "A line that must break a rule says so, on itself or on the line above:\n  \
                            // tidy: allow(rule-name) because …\n\n\
                            `cargo xtask tidy --list` prints every rule with its reason.")]
    Tidy(tidy::Options),

    /// Write docs/openapi.json from the binary (the gate fails when the two differ)
    Openapi,

    /// Count what the hot paths cost, in instructions, and compare with the committed figures
    #[command(after_help = "Examples:\n  cargo xtask instructions                   every kernel\n  \
                            cargo xtask instructions glance read       these alone\n  \
                            cargo xtask instructions --accept          commit to what was counted")]
    Instructions(instructions::Options),

    /// Run the seeded simulation: the real desk and sequencer against a store that fails
    #[command(
        after_help = "Examples:\n  cargo xtask sim --seed 42       replay one failure, byte for byte\n  \
                            cargo xtask sim --seeds 10000 --release    a long hunt with fresh seeds"
    )]
    Sim(campaigns::SimOptions),

    /// Kill a real server under load, again and again, and audit what is left
    Crash(campaigns::CrashOptions),

    /// Break a part of a three-node cluster under load, again and again, and check what every buyer was told
    #[command(
        after_help = "Examples:\n  cargo xtask chaos                         every campaign, ten rounds each\n  \
                            cargo xtask chaos --list                  their names\n  \
                            cargo xtask chaos a_node_is_killed --rounds 100\n  \
                            cargo xtask chaos a_node_is_killed --rounds 1 --seed 7    the same dice again"
    )]
    Chaos(campaigns::ChaosOptions),

    /// Run the production topology on this machine: PostgreSQL, Redis, three nodes, nginx
    #[command(
        after_help = "Examples:\n  cargo xtask cluster                                until Ctrl-C\n  \
                            cargo xtask cluster --storm 200000                 a crowd, the audit, the end\n  \
                            cargo xtask cluster --standby synchronous --gate cluster --prometheus"
    )]
    Cluster(campaigns::ClusterOptions),

    /// Measure FlashTix beside what others would build, on servers of its own, and draw what came of it
    #[command(
        after_help = "Examples:\n  cargo xtask bench                                  every workload, five runs each\n  \
                            cargo xtask bench one-seat --runs 3\n  \
                            cargo xtask bench sustained scaling --store postgres\n  \
                            cargo xtask bench --list                           what there is\n  \
                            cargo xtask bench --quick                          does everything work?"
    )]
    Bench(campaigns::BenchOptions),

    /// Check for what is needed to build and test; install what is missing where that is allowed
    #[command(
        after_help = "The needs are a table in scripts/setup.sh. Missing packages are installed through apt \
                            as root, or, with --yes or CI set, through a sudo that asks for no password. \
                            Otherwise the command to type is printed."
    )]
    Setup(setup::Options),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Ci(options) => ci::run(&options),
        Command::Tidy(options) => tidy::run(&options),
        Command::Openapi => openapi::write(),
        Command::Instructions(options) => instructions::run(&options),
        Command::Sim(options) => campaigns::sim(&options),
        Command::Crash(options) => campaigns::crash(&options),
        Command::Chaos(options) => campaigns::chaos(&options),
        Command::Cluster(options) => campaigns::cluster(&options),
        Command::Bench(options) => campaigns::bench(&options),
        Command::Setup(options) => setup::run(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        super::Arguments::command().debug_assert();
    }
}
