//! The `flashtix` command.

mod access_keys;
mod audit;
mod backup;
mod compact;
mod config;
mod demo;
mod gate;
mod import;
mod import_orders;
mod keys;
mod migrate;
mod pages;
mod postgres;
mod restore;
mod serve;
mod store;
mod storm;

use clap::{Parser, Subcommand};

/// How a command ended; the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// 0: fine.
    Well,
    /// 1: a check or a run failed, and said so.
    Badly,
}

/// What was asked for cannot be meant: told like clap's own errors, with exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

const LONG_ABOUT: &str = "\
FlashTix sells scarce places to a crowd: however many people ask for a seat at once, exactly one gets it, \
everyone gets a truthful answer fast, and nothing that was promised is lost.

Start with `flashtix demo`: it puts a 20,000-seat arena on sale on http://127.0.0.1:8080 with nothing else installed, \
and prints keys and calls to try. `flashtix storm` then sends a crowd. For production, `flashtix serve`.";

const AFTER_HELP: &str = "\
Exit codes: 0 fine, 1 a check or a run failed, 2 wrong usage.
Every setting of `serve` can also be an environment variable (FLASHTIX_…) or a line of --config FILE.";

/// The command line.
#[derive(Debug, Parser)]
#[command(name = "flashtix", version, about = "A ticketing engine for the hardest minute of selling tickets", long_about = LONG_ABOUT, after_help = AFTER_HELP)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Put a believable arena on sale, here and now
    Demo(demo::Args),
    /// Serve the API
    Serve(Box<serve::Args>),
    /// Bring a store's schema up to this version
    Migrate(migrate::Args),
    /// Create, list and revoke API keys
    Keys(keys::Args),
    /// Rotate and retire what access tokens are signed with
    AccessKeys(access_keys::Args),
    /// Import a chart from a file
    Import(import::Args),
    /// Take over the orders of another system, such as pretix
    ImportOrders(Box<import_orders::Args>),
    /// Write a consistent copy of a store, while it is in use
    Backup(backup::Args),
    /// Put a backup in a store's place, and begin a new history; the server must be stopped
    Restore(restore::Args),
    /// Rewrite the store's file without what was deleted or erased; the server must be stopped
    Compact(compact::Args),
    /// Send a crowd of buyers, and check every answer they got
    Storm(Box<storm::Args>),
    /// Replay the ledger and compare it with everything that is stored
    Audit(audit::Args),
    /// Print a completion script for a shell
    Completions(pages::CompletionsArgs),
    /// Print the manual page (view it with `flashtix man | man -l -`)
    Man,
    /// Print the OpenAPI document of the HTTP API
    Openapi,
}

/// Runs the command of a command line.
///
/// # Errors
/// What went wrong, and what to do about it.
pub async fn run(cli: Cli) -> anyhow::Result<Ended> {
    match cli.command {
        Command::Demo(args) => Box::pin(demo::run(args)).await,
        Command::Serve(args) => serve::run(*args).await,
        Command::Migrate(args) => migrate::run(args).await,
        Command::Keys(args) => keys::run(args).await,
        Command::AccessKeys(args) => access_keys::run(args).await,
        Command::Import(args) => import::run(args).await,
        Command::ImportOrders(args) => Box::pin(import_orders::run(*args)).await,
        Command::Backup(args) => backup::run(args).await,
        Command::Restore(args) => restore::run(args).await,
        Command::Compact(args) => compact::run(args).await,
        Command::Storm(args) => storm::run(*args).await,
        Command::Audit(args) => audit::run(args).await,
        Command::Completions(args) => pages::completions(&args),
        Command::Man => pages::man(),
        Command::Openapi => pages::openapi(),
    }
}

/// The exit code of an error.
#[must_use]
pub fn exit_code(error: &anyhow::Error) -> u8 {
    if error.is::<Usage>() { 2 } else { 1 }
}

/// Tells a person what went wrong, with its causes.
#[expect(clippy::print_stderr, reason = "the last word of a command goes to the terminal")]
pub fn report(error: &anyhow::Error) {
    eprintln!("flashtix: {error:#}");
}

/// Prints a line of a command's result.
#[expect(clippy::print_stdout, reason = "what a command was asked for goes to standard output")]
pub(crate) fn say(line: impl std::fmt::Display) {
    println!("{line}");
}

/// Tells the person at the terminal something beside the result.
#[expect(clippy::print_stderr, reason = "remarks must not end up in a result that is piped on")]
pub(crate) fn remark(line: impl std::fmt::Display) {
    eprintln!("{line}");
}
