//! `flashtix import`.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use clap::ValueEnum;
use domain::id::ChartId;
use engine::store::{ChartRecord, Store};
use serde_json::json;

use super::store::{StoreArgs, Use, open};
use super::{Ended, say};
use crate::app::charts;

/// The arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The chart's file
    file: PathBuf,
    /// What the file is
    #[arg(long, value_enum, default_value_t = Format::Native)]
    format: Format,
    /// Import for live events rather than for test ones
    #[arg(long)]
    live: bool,
    /// One line of JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: StoreArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The JSON of POST /v1/charts
    Native,
    /// A seating plan as pretix's editor exports it
    Pretix,
}

pub(super) async fn run(args: Args) -> anyhow::Result<Ended> {
    let body =
        std::fs::read(&args.file).with_context(|| format!("{} cannot be read", args.file.display()))?;
    let store: Arc<dyn Store> = open(args.store.target()?, Use::BesideOrNew).await?.store();
    let organization = store.default_organization().await?;
    let created_at = store.now().await?;
    let id = ChartId(rand::random());
    let made = charts::read(&body, args.format == Format::Pretix, id, args.live, created_at)
        .with_context(|| format!("{} is no chart that can be imported", args.file.display()))?;
    let (seats, capacity) = (made.document.seats(), made.document.capacity());
    let record = ChartRecord {
        id,
        organization,
        livemode: args.live,
        name: made.document.plan().name.clone(),
        seats: u32::try_from(seats).unwrap_or(u32::MAX),
        capacity,
        reference: made.document.reference().map(Into::into),
        metadata: made.document.metadata().map(|raw| Arc::from(raw.get())),
        created_at,
    };
    let sections = made.document.plan().sections.len();
    store.create_chart(record, made.packed, None).await?;
    if args.json {
        say(json!({ "id": id.to_string(), "seats": seats, "sections": sections, "capacity": capacity }));
    } else {
        say(format_args!("{id}: {seats} seats in {sections} sections, {capacity} places in all"));
        say(format_args!("Sell it: POST /v1/events {{\"chart_id\":\"{id}\", …}}"));
    }
    Ok(Ended::Well)
}
