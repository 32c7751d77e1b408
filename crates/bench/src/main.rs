//! Measures FlashTix beside what others would build: every workload against every subject, one after the other and over again, on
//! servers that it starts and ends itself.
//!
//! In reading order: `workload` (what is done, to whom, and the bars), `sale` (one storm and what it cost), `running` and `servers`
//! (starting, ending and auditing), `hall`, `front`, `peers`, `tuning` and `pgbench` (what others would build), `listeners` and `wrk` (what
//! else loads a server), `machine` and `disk` (what it runs on), `results`, `plot` and `model` (what came of it),
//! `profile` (where the time went).
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command speaks to whoever runs it")]

mod disk;
mod front;
mod hall;
mod listeners;
mod machine;
mod model;
mod peers;
mod pgbench;
mod plot;
mod profile;
mod results;
mod running;
mod sale;
mod servers;
mod tuning;
mod workload;
mod wrk;

use std::cell::RefCell;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::{Args, Parser, Subcommand};
use tokio::time::Instant;

use hall::Ware;
use machine::Machine;
use profile::{Profiler, Profiles};
use results::{Measured, Results};
use running::{Ground, store_folder};
use servers::{Servers, Store};
use workload::Workload;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures FlashTix beside what others would build.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench", bin_name = "cargo xtask bench", args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    bench: Bench,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves one of the peers, as a process of its own
    #[command(hide = true)]
    Peer(PeerArguments),
    /// Derives what bounds the figures from what was measured before, of one store
    Model {
        /// results.json, as often as there is one; the later of two figures counts
        #[arg(value_name = "FILE", required = true)]
        results: Vec<PathBuf>,
    },
}

#[derive(Debug, Args)]
struct Bench {
    /// Which workloads, by name, or scaling for all sweeps; everything when none is named
    #[arg(value_name = "WORKLOAD", value_parser = named)]
    workloads: Vec<Named>,
    /// The store that FlashTix runs on
    #[arg(long, value_enum, default_value_t = Store::Sqlite)]
    store: Store,
    /// How often each subject runs
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..=20))]
    runs: u8,
    /// One run of a small part of the load, for a look whether everything works: its figures say nothing
    #[arg(long)]
    quick: bool,
    /// Where the results go: results.json, table.md, and plots for each workload [default: target/bench/STORE]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// The binary that is measured
    #[arg(long, value_name = "FILE", default_value = "target/release/flashtix")]
    flashtix: PathBuf,
    /// The program that measures choosing seats alone
    #[arg(long, value_name = "FILE", default_value = "target/release/examples/best_available_bench")]
    choosing: PathBuf,
    /// Draw where the servers' time goes, by Linux's perf: one run of FlashTix alone, which has no figures; into
    /// target/bench/profile-STORE unless told otherwise
    #[arg(long, conflicts_with = "runs")]
    profile: bool,
    /// Print the workloads and what each does
    #[arg(long)]
    list: bool,
}

/// The workloads of one word.
#[derive(Debug, Clone)]
struct Named(Vec<Workload>);

fn named(word: &str) -> Result<Named, String> {
    workload::named(word).map(Named)
}

/// PostgreSQL has 400 connections, and some are others'.
const POOL_SIZE_MAX: i64 = 300;

#[derive(Debug, Args)]
struct PeerArguments {
    #[arg(value_enum)]
    name: peers::Name,
    #[arg(long)]
    port: u16,
    #[arg(long, required_unless_present = "units")]
    seats: Option<u32>,
    #[arg(long)]
    units: Option<u32>,
    #[arg(long, default_value_t = peers::POOL_SIZE, value_parser = clap::value_parser!(u32).range(1..=POOL_SIZE_MAX))]
    pool: u32,
    #[arg(long)]
    database: Option<String>,
    #[arg(long)]
    redis: Option<String>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    // As `flashtix` does, so that the generator keeps nobody waiting and no peer has it otherwise: it goes over to what is started.
    #[cfg(target_os = "linux")]
    rustix::thread::disable_transparent_huge_pages(true).ok();
    let arguments = Arguments::parse();
    match arguments.command {
        Some(Command::Peer(peer)) => serve(peer).await,
        Some(Command::Model { results }) => {
            let read = |path: &PathBuf| -> anyhow::Result<serde_json::Value> {
                let text =
                    std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
                serde_json::from_slice(&text).with_context(|| format!("{} is no JSON", path.display()))
            };
            print!("{}", model::told(&results.iter().map(read).collect::<anyhow::Result<Vec<_>>>()?));
            Ok(())
        }
        None if arguments.bench.list => {
            list(arguments.bench.store);
            Ok(())
        }
        // Dropped, everything that it started ends.
        None => tokio::select! {
            done = measure(arguments.bench) => done,
            _ = tokio::signal::ctrl_c() => bail!("interrupted; what was measured so far is written"),
        },
    }
}

fn list(store: Store) {
    for workload in Workload::ALL {
        println!("{workload}: {}", workload.plan(store, false).what);
    }
}

async fn serve(arguments: PeerArguments) -> anyhow::Result<()> {
    let ware = match (arguments.units, arguments.seats) {
        (Some(units), _) => Ware::Units(units),
        (None, seats) => Ware::Seats(seats.unwrap_or_default()),
    };
    let (database, redis) = (arguments.database.as_deref(), arguments.redis.as_deref());
    let peer = peers::open(arguments.name, ware, arguments.pool, database, redis).await?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", arguments.port)).await?;
    front::serve(listener, ware, peer).await
}

async fn measure(bench: Bench) -> anyhow::Result<()> {
    let found =
        |path: &PathBuf| path.canonicalize().with_context(|| format!("{} is not built", path.display()));
    let (binary, choosing) = (found(&bench.flashtix)?, found(&bench.choosing)?);
    let mut workloads: Vec<Workload> = bench.workloads.into_iter().flat_map(|named| named.0).collect();
    if workloads.is_empty() {
        workloads = Workload::ALL.to_vec();
    }
    workloads.sort_unstable();
    workloads.dedup();
    let out = bench.out.unwrap_or_else(|| {
        let store = if bench.store == Store::Sqlite { "sqlite" } else { "postgres" };
        PathBuf::from("target/bench").join(if bench.profile {
            format!("profile-{store}")
        } else {
            store.to_owned()
        })
    });
    let folder = |store| store_folder(store, &binary);
    let machine = Machine::read(&folder(Store::Sqlite)?, &folder(Store::Postgres)?)?;
    eprintln!("starting PostgreSQL and Redis");
    let servers = Servers::start();
    let mut results = Results {
        store: bench.store,
        runs: bench.runs,
        quick: bench.quick,
        machine,
        postgres: servers.durability()?,
        has_wrk: wrk::is_installed(),
        workloads: Vec::new(),
    };
    let ground = Ground {
        store: bench.store,
        quick: bench.quick,
        servers,
        binary,
        choosing,
        bests: RefCell::default(),
        profiler: bench.profile.then(Profiler::default),
    };
    let runs = if bench.quick || bench.profile { 1 } else { bench.runs };
    let mut profiles = Profiles::default();
    for workload in workloads {
        results.workloads.extend(rounds(workload, runs, &ground, &mut profiles).await);
        // After each, so that an hour is not lost with the last of them.
        match &ground.profiler {
            Some(_) => profiles.write(&out)?,
            None => results.write(&out)?,
        }
    }
    if ground.profiler.is_some() {
        println!("{}\nprofiles.md and the pictures are in {}", profiles.table(), out.display());
        return Ok(());
    }
    println!("{}", results.table());
    println!("results.json, table.md and the plots are in {}", out.display());
    let failures = results.failures();
    if !failures.is_empty() {
        bail!("{} runs have no figure:\n{}", failures.len(), failures.join("\n"));
    }
    Ok(())
}

/// All runs of a workload, each case in turn; nothing where it says nothing about the store.
async fn rounds(workload: Workload, runs: u8, ground: &Ground, profiles: &mut Profiles) -> Option<Measured> {
    let plan = workload.plan(ground.store, ground.quick);
    if plan.cases.is_empty() {
        eprintln!("{workload} says nothing about {}, or wants what is not installed", ground.store.name());
        return None;
    }
    let mut measured = Measured::new(workload, plan, runs);
    let start = Instant::now();
    for run in 1..=runs {
        for case in 0..measured.plan().cases.len() {
            let told = &measured.plan().cases[case];
            if ground.profiler.is_some() && !told.name.starts_with("FlashTix") {
                continue;
            }
            eprintln!("{workload}, run {run} of {runs}: {}", told.name);
            let came = told.run(ground).await;
            if let Err(error) = &came {
                eprintln!("{workload}, {}, run {run} has no figure: {error:#}", told.name);
            }
            if let Some(profiler) = &ground.profiler {
                match profiler.take() {
                    Some(profile) => profiles.add(&workload.to_string(), &told.name, &profile),
                    None => eprintln!(
                        "{workload}, {}: no profile: its loads overlap or were over too soon, or perf may not sample \
                         (kernel.perf_event_paranoid)",
                        told.name
                    ),
                }
            }
            measured.add(case, run, came);
        }
    }
    measured.seconds = start.elapsed().as_secs_f64();
    Some(measured)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        super::Arguments::command().debug_assert();
    }
}
