//! `flashtix backup`.

use std::path::PathBuf;

use super::store::{StoreArgs, sqlite_path};
use super::{Ended, say};

/// The arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where to write the copy; must not exist yet
    file: PathBuf,
    #[command(flatten)]
    store: StoreArgs,
}

pub(super) async fn run(args: Args) -> anyhow::Result<Ended> {
    let source = sqlite_path(&args.store.database_url)?;
    let target = args.file.clone();
    tokio::task::spawn_blocking(move || backends::sqlite::backup_file(&source, &target, false)).await??;
    let bytes = std::fs::metadata(&args.file)?.len();
    say(format_args!("{}: {bytes} bytes, complete and consistent", args.file.display()));
    Ok(Ended::Well)
}
