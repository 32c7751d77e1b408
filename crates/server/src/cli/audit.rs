//! `flashtix audit`.

use super::store::StoreArgs;
use super::Ended;

/// The arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print each event's last commit and hash: keep them elsewhere, and later audits can be held against them
    #[arg(long)]
    head: bool,
    /// One line of JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: StoreArgs,
}

#[expect(clippy::unused_async, reason = "every command has the same shape")]
pub(super) async fn run(args: Args) -> anyhow::Result<Ended> {
    let _ = args;
    Ok(Ended::Badly)
}
