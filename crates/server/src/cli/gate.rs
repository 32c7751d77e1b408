//! Settings of `serve` for the gate.

use std::sync::Arc;
use std::time::Duration;

use backends::redis::{RedisGate, RedisOptions};
use engine::gate::Gate;

use super::Usage;

/// How long a batch may wait for the gate, in ms.
const BUDGET_MS_MAX: u64 = 1_000;

/// Flags and environment.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct GateArgs {
    /// A Redis or Valkey that spares the losers of a race between nodes a wait, redis:// or rediss://; several
    /// addresses, separated by commas, are a cluster's [default: none]
    #[arg(long, env = "FLASHTIX_REDIS_URL", value_name = "URL", hide_env_values = true)]
    redis_url: Option<String>,
    /// How long a commit waits for it before it goes on without, in ms [default: 20]
    #[arg(long, env = "FLASHTIX_GATE_BUDGET_MS", value_name = "MS")]
    gate_budget_ms: Option<u64>,
}

impl GateArgs {
    /// The gate, if there is to be one. It connects when it is first asked: without it, selling goes on.
    /// Flags win over the file's lines.
    pub(super) fn open(
        self,
        url_of_file: Option<String>,
        budget_of_file: Option<u64>,
    ) -> anyhow::Result<Option<Arc<dyn Gate>>> {
        let Some(url) = self.redis_url.or(url_of_file) else { return Ok(None) };
        let mut options = RedisOptions::new(url);
        if let Some(budget) = self.gate_budget_ms.or(budget_of_file) {
            if budget == 0 || budget > BUDGET_MS_MAX {
                return Err(Usage(format!("--gate-budget-ms must be from 1 to {BUDGET_MS_MAX}")).into());
            }
            options.budget = Duration::from_millis(budget);
        }
        let gate = RedisGate::new(&options).map_err(|error| Usage(error.to_string()))?;
        Ok(Some(Arc::new(gate)))
    }
}
