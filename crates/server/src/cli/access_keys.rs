//! `flashtix access-keys`.

use std::sync::Arc;

use anyhow::bail;
use clap::Subcommand;
use engine::store::Store;
use serde_json::json;

use super::store::{StoreArgs, Use, open};
use super::{Ended, remark, say};
use crate::wire::time::rfc3339;

/// The arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    store: StoreArgs,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Sign new access tokens with a new key; those that are out stay valid
    Rotate {
        /// One line of JSON
        #[arg(long)]
        json: bool,
    },
    /// List the keys, without their secrets
    List {
        /// One line of JSON
        #[arg(long)]
        json: bool,
    },
    /// Retire a key: every token that it signed ends to be valid, within seconds
    Retire {
        /// The key's number, as `list` shows it
        number: u32,
        /// One line of JSON
        #[arg(long)]
        json: bool,
    },
}

pub(super) async fn run(args: Args) -> anyhow::Result<Ended> {
    let store: Arc<dyn Store> = open(args.store.target()?, Use::BesideOrNew).await?.store();
    match args.action {
        Action::Rotate { json } => rotate(&store, json).await,
        Action::List { json } => list(&store, json).await,
        Action::Retire { number, json } => retire(&store, number, json).await,
    }
}

async fn rotate(store: &Arc<dyn Store>, as_json: bool) -> anyhow::Result<Ended> {
    let number = store.add_access_key(rand::random()).await?;
    if as_json {
        say(json!({ "number": number }));
    } else {
        say(format_args!("access key {number} signs from now on"));
        remark("Tokens of the keys before it stay valid until `flashtix access-keys retire`.");
    }
    Ok(Ended::Well)
}

async fn list(store: &Arc<dyn Store>, as_json: bool) -> anyhow::Result<Ended> {
    let keys = store.access_keys().await?;
    // The first key follows from the installation's secret, and has a row only once it is retired.
    let mut items = Vec::new();
    if !keys.iter().any(|key| key.number == 0) {
        items.push((0, None, None));
    }
    items.extend(keys.iter().map(|key| {
        (key.number, (key.number > 0).then(|| rfc3339(key.created_at)), key.retired_at.map(rfc3339))
    }));
    if as_json {
        let items = items.iter().map(|(number, created_at, retired_at)| {
            json!({ "number": number, "created_at": created_at, "retired_at": retired_at })
        });
        say(json!({ "items": items.collect::<Vec<_>>() }));
        return Ok(Ended::Well);
    }
    for (number, created_at, retired_at) in items {
        let state = retired_at.map_or_else(|| "valid".to_owned(), |at| format!("retired {at}"));
        say(format_args!("{number:3}  {:24}  {state}", created_at.unwrap_or_else(|| "the first".to_owned())));
    }
    Ok(Ended::Well)
}

async fn retire(store: &Arc<dyn Store>, number: u32, as_json: bool) -> anyhow::Result<Ended> {
    let keys = store.access_keys().await?;
    let first_is_valid = number != 0 && !keys.iter().any(|key| key.number == 0);
    let others = keys.iter().any(|key| key.number != number && key.retired_at.is_none());
    if !first_is_valid && !others {
        bail!("key {number} is the only one that signs: run `flashtix access-keys rotate` first");
    }
    if !store.retire_access_key(number).await? {
        bail!("there is no valid access key {number}: see `flashtix access-keys list`");
    }
    if as_json {
        say(json!({ "number": number, "retired": true }));
    } else {
        say(format_args!("access key {number} is retired"));
    }
    Ok(Ended::Well)
}
