//! `flashtix backup`.

use std::path::PathBuf;

use super::store::{StoreArgs, Target};
use super::{Ended, Usage, say};

/// The arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where to write the copy; must not exist yet
    file: PathBuf,
    #[command(flatten)]
    store: StoreArgs,
}

pub(super) async fn run(args: Args) -> anyhow::Result<Ended> {
    let Target::Sqlite(source) = args.store.target()? else {
        let reason = "PostgreSQL has backups of its own: see docs/operations.md for pg_basebackup and point-in-time recovery";
        return Err(Usage(reason.to_owned()).into());
    };
    let target = args.file.clone();
    tokio::task::spawn_blocking(move || backends::sqlite::backup_file(&source, &target, false)).await??;
    let bytes = std::fs::metadata(&args.file)?.len();
    say(format_args!("{}: {bytes} bytes, complete and consistent", args.file.display()));
    Ok(Ended::Well)
}
