//! `flashtix restore`.

use std::path::{Path, PathBuf};

use backends::sqlite::Restoring;
use engine::fleet::{Beat, Fleet};
use engine::restore::{Restored, begin_history};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::store::{StoreArgs, Target, Use, open, open_sqlite};
use super::{Ended, Usage, say};
use crate::app::AnyStore;

/// The arguments.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Sales that were open come up paused, every commit number is far ahead of any that was told, and feeds start over. What was \
sold after the backup is unknown to it: send your shop's orders again, with the `ref`, `code` and `created_at` that they \
have, and `\"ignore\":[\"sale_window\"]`. Those that the backup has are answered with 200, the others are made anew. Then open \
the sales again.

PostgreSQL restores by its own means (see docs/operations.md). Afterwards, and before a server is started, run this \
without a file.")]
pub(super) struct Args {
    /// The backup, as `flashtix backup` wrote it; none for PostgreSQL
    file: Option<PathBuf>,
    /// Replace the store that is there; it is kept under another name
    #[arg(long)]
    replace: bool,
    /// One line of JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: StoreArgs,
}

pub(super) async fn run(args: Args) -> anyhow::Result<Ended> {
    let target = args.store.target()?;
    let (restored, replaced) = match (target, &args.file) {
        (Target::Sqlite(path), Some(backup)) => restore_file(backup, &path, args.replace).await?,
        (Target::Sqlite(_), None) => {
            return Err(Usage("name the backup: flashtix restore FILE".to_owned()).into());
        }
        (target @ Target::Postgres(_), None) => (begin(open(target, Use::Beside).await?).await?, None),
        (Target::Postgres(_), Some(_)) => {
            let reason = "PostgreSQL restores by its own means: see docs/operations.md; afterwards run \
                          `flashtix restore` without a file";
            return Err(Usage(reason.to_owned()).into());
        }
    };
    let Restored { events, paused } = restored;
    if args.json {
        say(json!({ "events": events, "paused": paused, "replaced": replaced }));
        return Ok(Ended::Well);
    }
    say(format_args!("{events} events begin a new history; {paused} sales are paused"));
    if let Some(replaced) = replaced {
        say(format_args!("The store that was there is kept as {}", replaced.display()));
    }
    say("Start the server, send your orders since the backup again, and open the sales: docs/operations.md");
    Ok(Ended::Well)
}

async fn restore_file(
    backup: &Path,
    database: &Path,
    replace: bool,
) -> anyhow::Result<(Restored, Option<PathBuf>)> {
    let (backup, database) = (backup.to_owned(), database.to_owned());
    let copied = tokio::task::spawn_blocking(move || Restoring::begin(&backup, &database, replace));
    let restoring = copied.await??;
    let restored = begin(AnyStore::Sqlite(open_sqlite(restoring.path(), Use::Migrates)?)).await?;
    // Begun anew and closed, the copy takes the store's place.
    let replaced = tokio::task::spawn_blocking(move || restoring.finish()).await??;
    Ok((restored, replaced))
}

/// Begins the new history, and closes the store.
async fn begin(store: AnyStore) -> anyhow::Result<Restored> {
    let bar = ProgressBar::new(0);
    bar.set_style(ProgressStyle::with_template("{bar:40} {pos} of {len} events")?);
    let store = store.store();
    // As any node does, before anything is written: this binary must be able to read the ledger that is there.
    let fleet = Fleet::join(&*store, Beat::of_this_binary(rand::random())).await?;
    let told = |done, of| {
        bar.set_length(of as u64);
        bar.set_position(done as u64);
    };
    let restored = begin_history(&*store, &fleet, told).await?;
    bar.finish_and_clear();
    Ok(restored)
}
