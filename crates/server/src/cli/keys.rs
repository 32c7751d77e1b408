//! `flashtix keys`.

use std::sync::Arc;

use anyhow::bail;
use clap::{Subcommand, ValueEnum};
use domain::id::KeyId;
use engine::store::{KeyRecord, Scope, Store};
use serde_json::json;

use super::store::{StoreArgs, Use, open};
use super::{Ended, remark, say};
use crate::app::keys;
use crate::http::auth::prefix;
use crate::wire::time::rfc3339;

/// The arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    store: StoreArgs,
}

/// Which of the two worlds of an organization.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Mode {
    Live,
    Test,
}

impl Mode {
    fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
        }
    }

    /// Whether a key belongs to this world.
    fn has(self, key: &KeyRecord) -> bool {
        key.livemode == matches!(self, Self::Live)
    }
}

/// What a secret key may do.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum ScopeArg {
    /// Everything; comes with a publishable key
    Integration,
    /// Sell, change, cancel, and see: for the counter
    #[value(name = "box_office")]
    BoxOffice,
    /// See
    Reports,
}

impl From<ScopeArg> for Scope {
    fn from(scope: ScopeArg) -> Self {
        match scope {
            ScopeArg::Integration => Self::Integration,
            ScopeArg::BoxOffice => Self::BoxOffice,
            ScopeArg::Reports => Self::Reports,
        }
    }
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a pair of keys, secret and publishable, or one secret key with less rights; they are shown this once
    Create {
        /// What the keys are for
        #[arg(long, default_value = "")]
        name: String,
        /// Live keys sell for real; test keys never touch live events
        #[arg(long, value_enum, default_value_t = Mode::Test)]
        mode: Mode,
        /// What the secret key may do
        #[arg(long, value_enum, default_value_t = ScopeArg::Integration)]
        scope: ScopeArg,
        /// One line of JSON
        #[arg(long)]
        json: bool,
    },
    /// List the keys, without their secrets
    List {
        /// Only live keys, or only test keys
        #[arg(long, value_enum)]
        mode: Option<Mode>,
        /// One line of JSON
        #[arg(long)]
        json: bool,
    },
    /// Revoke a key by its name (key_…); servers notice within seconds
    Revoke {
        /// The key's name, as `list` shows it
        key: KeyId,
        /// Refuse to revoke a key of the other mode
        #[arg(long, value_enum)]
        mode: Option<Mode>,
        /// One line of JSON
        #[arg(long)]
        json: bool,
    },
}

pub(super) async fn run(args: Args) -> anyhow::Result<Ended> {
    let store: Arc<dyn Store> = open(args.store.target()?, Use::BesideOrNew).await?.store();
    match args.action {
        Action::Create { name, mode, scope: ScopeArg::Integration, json } => {
            create(&store, &name, mode, json).await
        }
        Action::Create { name, mode, scope, json } => {
            create_scoped(&store, &name, mode, scope.into(), json).await
        }
        Action::List { mode, json } => list(&store, mode, json).await,
        Action::Revoke { key, mode, json } => revoke(&store, key, mode, json).await,
    }
}

async fn revoke(
    store: &Arc<dyn Store>,
    key: KeyId,
    mode: Option<Mode>,
    as_json: bool,
) -> anyhow::Result<Ended> {
    let is_meant = match mode {
        None => true,
        Some(mode) => store.keys().await?.iter().any(|known| known.id == key && mode.has(known)),
    };
    if !is_meant || !store.revoke_key(key).await? {
        let kind = mode.map_or("valid", Mode::as_str);
        bail!("there is no {kind} key {key}: see `flashtix keys list`");
    }
    if as_json {
        say(json!({ "id": key.to_string(), "revoked": true }));
    } else {
        say(format_args!("{key} is revoked"));
    }
    Ok(Ended::Well)
}

async fn create(store: &Arc<dyn Store>, name: &str, mode: Mode, as_json: bool) -> anyhow::Result<Ended> {
    let organization = store.default_organization().await?;
    let livemode = matches!(mode, Mode::Live);
    let secret = keys::create(store, organization, true, livemode, name).await?;
    let publishable = keys::create(store, organization, false, livemode, name).await?;
    if as_json {
        say(json!({
            "secret_key": secret.text,
            "secret_key_id": secret.record.id.to_string(),
            "publishable_key": publishable.text,
            "publishable_key_id": publishable.record.id.to_string(),
        }));
    } else {
        say(format_args!("secret key       {}  ({})", secret.text, secret.record.id));
        say(format_args!("publishable key  {}  ({})", publishable.text, publishable.record.id));
        remark("Keep the secret key on your server. Neither is shown again.");
    }
    Ok(Ended::Well)
}

async fn create_scoped(
    store: &Arc<dyn Store>,
    name: &str,
    mode: Mode,
    scope: Scope,
    as_json: bool,
) -> anyhow::Result<Ended> {
    let organization = store.default_organization().await?;
    let livemode = matches!(mode, Mode::Live);
    let secret = keys::create_scoped(store, organization, livemode, scope, name).await?;
    if as_json {
        say(json!({
            "secret_key": secret.text,
            "secret_key_id": secret.record.id.to_string(),
            "scope": scope.as_str(),
        }));
    } else {
        say(format_args!("secret key       {}  ({}, {})", secret.text, secret.record.id, scope.as_str()));
        remark("It is not shown again.");
    }
    Ok(Ended::Well)
}

async fn list(store: &Arc<dyn Store>, mode: Option<Mode>, as_json: bool) -> anyhow::Result<Ended> {
    let mut records = store.keys().await?;
    records.retain(|key| mode.is_none_or(|mode| mode.has(key)));
    if as_json {
        let items = records.iter().map(|key| {
            json!({
                "id": key.id.to_string(),
                "kind": if key.is_secret { "secret" } else { "publishable" },
                "livemode": key.livemode,
                "scope": key.is_secret.then(|| key.scope.as_str()),
                "name": key.name,
                "created_at": rfc3339(key.created_at),
                "revoked_at": key.revoked_at.map(rfc3339),
            })
        });
        say(json!({ "items": items.collect::<Vec<_>>() }));
        return Ok(Ended::Well);
    }
    for key in &records {
        let state =
            key.revoked_at.map_or_else(|| "valid".to_owned(), |at| format!("revoked {}", rfc3339(at)));
        let kind = prefix(key.is_secret, key.livemode);
        let scope = if key.is_secret { key.scope.as_str() } else { "" };
        let made = rfc3339(key.created_at);
        say(format_args!("{}  {kind}…  {scope:11}  {made}  {state}  {}", key.id, key.name));
    }
    Ok(Ended::Well)
}
