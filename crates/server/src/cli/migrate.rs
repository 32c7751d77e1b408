//! `flashtix migrate`.

use super::store::{StoreArgs, Target, Use, open};
use super::{Ended, say};

/// The arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    store: StoreArgs,
}

pub(super) async fn run(args: Args) -> anyhow::Result<Ended> {
    let target = args.store.target()?;
    let name = match &target {
        Target::Sqlite(path) => path.display().to_string(),
        Target::Postgres(_) => "the database".to_owned(),
    };
    // Opening applies what is missing, each migration in a transaction of its own.
    let (from, to) = open(target, Use::Migrates).await?.migrated();
    say(format_args!("{name} is at schema version {to} (it was at {from})"));
    Ok(Ended::Well)
}
