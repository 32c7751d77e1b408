//! Measures FlashTix beside what others would build: every workload against every subject, one after the other and over again, on
//! servers that it starts and ends itself.
//!
//! In reading order: `hall` (what is sold), `front` and `peers` (what others would build), `subject` (starting one), `workload`
//! (the load), `results` and `plot` (what came of it).
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command speaks to whoever runs it")]

mod front;
mod hall;
mod peers;
mod pgbench;
mod plot;
mod results;
mod subject;
mod workload;

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};

use hall::Hall;
use results::Results;
use subject::{Servers, Store};
use workload::Workload;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures FlashTix beside what others would build.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench", bin_name = "cargo xtask bench", args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    peer: Option<Command>,
    #[command(flatten)]
    bench: Bench,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves one of the peers, as a process of its own
    #[command(hide = true)]
    Peer(PeerArguments),
}

#[derive(Debug, Args)]
struct Bench {
    /// Which workloads; all of them when none is named
    #[arg(value_enum)]
    workloads: Vec<Workload>,
    /// The store that FlashTix runs on
    #[arg(long, value_enum, default_value_t = Store::Sqlite)]
    store: Store,
    /// How often each subject runs
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..=20))]
    runs: u8,
    /// A tenth of the load, for a look whether everything works: its figures say nothing
    #[arg(long)]
    quick: bool,
    /// Where the results go: results.json, table.md, and a plot for each workload
    #[arg(long, value_name = "DIR", default_value = "target/bench")]
    out: PathBuf,
    /// The binary that is measured
    #[arg(long, value_name = "FILE", default_value = "target/release/flashtix")]
    flashtix: PathBuf,
}

#[derive(Debug, Args)]
struct PeerArguments {
    #[arg(value_enum)]
    name: peers::Name,
    #[arg(long)]
    port: u16,
    #[arg(long)]
    seats: u32,
    #[arg(long)]
    database: Option<String>,
    #[arg(long)]
    redis: Option<String>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    match arguments.peer {
        Some(Command::Peer(peer)) => serve(peer).await,
        None => measure(arguments.bench).await,
    }
}

async fn serve(arguments: PeerArguments) -> anyhow::Result<()> {
    let hall = Hall { seats: arguments.seats };
    let peer =
        peers::open(arguments.name, hall, arguments.database.as_deref(), arguments.redis.as_deref()).await?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", arguments.port)).await?;
    front::serve(listener, hall, peer).await
}

async fn measure(bench: Bench) -> anyhow::Result<()> {
    let binary = bench
        .flashtix
        .canonicalize()
        .with_context(|| format!("{} is not built", bench.flashtix.display()))?;
    let workloads = if bench.workloads.is_empty() { Workload::ALL.to_vec() } else { bench.workloads };
    eprintln!("starting PostgreSQL and Redis");
    let servers = Servers::start();
    let mut results = Results::new(bench.store, bench.runs, bench.quick, &servers);
    for workload in workloads {
        for run in 1..=bench.runs {
            for subject in workload.subjects(bench.store) {
                eprintln!("{workload}, run {run} of {}: {subject}", bench.runs);
                let figures = workload.run(subject, &servers, &binary, bench.quick).await;
                results.add(workload, subject, figures.with_context(|| format!("{workload} on {subject}"))?);
            }
        }
    }
    std::fs::create_dir_all(&bench.out)?;
    results.write(&bench.out)?;
    println!("{}", results.table());
    println!("results.json, table.md and the plots are in {}", bench.out.display());
    Ok(())
}
