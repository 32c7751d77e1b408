//! `flashtix migrate`.

use super::store::{StoreArgs, Use, open, sqlite_path};
use super::{Ended, say};

/// The arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    store: StoreArgs,
}

#[expect(clippy::unused_async, reason = "every command has the same shape")]
pub(super) async fn run(args: Args) -> anyhow::Result<Ended> {
    let path = sqlite_path(&args.store.database_url)?;
    // Opening applies what is missing, each migration in a transaction of its own.
    let store = open(&path, Use::BesideOrNew)?;
    let migrated = store.migrated();
    say(format_args!(
        "{} is at schema version {} (it was at {})",
        path.display(),
        migrated.to,
        migrated.from
    ));
    Ok(Ended::Well)
}
