//! Settings of `serve` for what stands between nodes: the gate and the relay, both on one Redis.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use backends::redis::relay::RedisRelay;
use backends::redis::{RedisGate, RedisOptions};
use engine::relay::{RelayKey, Relaying};
use engine::store::Store;

use super::Usage;
use crate::app::Between;

/// How long a batch may wait for the gate, in ms.
const BUDGET_MS_MAX: u64 = 1_000;

/// Flags and environment.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct GateArgs {
    /// A Redis or Valkey that spares the losers of a race between nodes a wait, and carries commits between nodes; redis://
    /// or rediss://; several addresses, separated by commas, are a cluster's [default: none]
    #[arg(long, env = "FLASHTIX_REDIS_URL", value_name = "URL", hide_env_values = true)]
    redis_url: Option<String>,
    /// How long a commit waits for it before it goes on without, in ms [default: 20]
    #[arg(long, env = "FLASHTIX_GATE_BUDGET_MS", value_name = "MS")]
    gate_budget_ms: Option<u64>,
    /// Whether commits go over it to other nodes; otherwise those read them from the database [default: true]
    #[arg(long, env = "FLASHTIX_RELAY", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    relay: Option<bool>,
}

/// Which Redis is used, and for what.
pub(super) struct Redis {
    options: Option<RedisOptions>,
    has_relay: bool,
}

impl GateArgs {
    /// What the settings come to; flags win over the file's lines.
    pub(super) fn settled(
        self,
        url_of_file: Option<String>,
        budget_of_file: Option<u64>,
        relay_of_file: Option<bool>,
    ) -> anyhow::Result<Redis> {
        let has_relay = self.relay.or(relay_of_file).unwrap_or(true);
        let Some(url) = self.redis_url.or(url_of_file) else { return Ok(Redis { options: None, has_relay }) };
        let mut options = RedisOptions::new(url);
        if let Some(budget) = self.gate_budget_ms.or(budget_of_file) {
            if budget == 0 || budget > BUDGET_MS_MAX {
                return Err(Usage(format!("--gate-budget-ms must be from 1 to {BUDGET_MS_MAX}")).into());
            }
            options.budget = Duration::from_millis(budget);
        }
        // A URL that is none is told before anything is opened.
        RedisGate::new(&options).map_err(|error| Usage(error.to_string()))?;
        Ok(Redis { options: Some(options), has_relay })
    }
}

impl Redis {
    /// What there is to be. It connects when it is first used: without it, selling goes on.
    pub(super) async fn open(self, store: &Arc<dyn Store>) -> anyhow::Result<Between> {
        let Some(options) = self.options else { return Ok(Between::default()) };
        let usage = |error: backends::redis::BadUrl| Usage(error.to_string());
        let mut between =
            Between { gate: Some(Arc::new(RedisGate::new(&options).map_err(usage)?)), relay: None };
        if self.has_relay {
            let secret = store.secret().await.context("the installation's secret cannot be read")?;
            let key = RelayKey::new(&secret);
            let relay = Arc::new(RedisRelay::new(&options, &key).map_err(usage)?);
            between.relay = Some(Relaying { relay, key });
        }
        Ok(between)
    }
}
