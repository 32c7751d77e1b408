//! `flashtix compact`.

use super::store::{StoreArgs, Target};
use super::{Ended, Usage, say};

/// The arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    store: StoreArgs,
}

pub(super) async fn run(args: Args) -> anyhow::Result<Ended> {
    let Target::Sqlite(path) = args.store.target()? else {
        let reason = "PostgreSQL has VACUUM FULL: see docs/operations.md";
        return Err(Usage(reason.to_owned()).into());
    };
    let file = path.clone();
    let bytes = tokio::task::spawn_blocking(move || backends::sqlite::compact_file(&file)).await??;
    say(format_args!("{}: {bytes} bytes; nothing that was deleted or erased is left in it", path.display()));
    Ok(Ended::Well)
}
