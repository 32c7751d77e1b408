//! Settings of `serve`: flags first, then the environment, then the file, then the defaults.

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;

use super::postgres::PostgresFile;

/// The lines of a configuration file; every one may be left out.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConfigFile {
    pub(super) listen: Option<SocketAddr>,
    pub(super) database_url: Option<String>,
    pub(super) classic_api: Option<bool>,
    pub(super) max_held_per_client: Option<u32>,
    pub(super) trust_proxy: Option<bool>,
    pub(super) connections_max: Option<usize>,
    pub(super) drain_seconds: Option<u64>,
    pub(super) finish_seconds: Option<u64>,
    pub(super) batch_requests_max: Option<usize>,
    pub(super) batch_interval_ms: Option<u64>,
    pub(super) queue_requests_max: Option<usize>,
    pub(super) refuse_from_memory: Option<bool>,
    pub(super) retention_days: Option<u32>,
    #[serde(default)]
    pub(super) postgres: PostgresFile,
    pub(super) redis_url: Option<String>,
    pub(super) relay: Option<bool>,
    pub(super) gate_budget_ms: Option<u64>,
    pub(super) log: Option<String>,
    pub(super) log_json: Option<bool>,
}

/// Reads a configuration file.
pub(super) fn read(path: Option<&Path>) -> anyhow::Result<ConfigFile> {
    let Some(path) = path else { return Ok(ConfigFile::default()) };
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("the configuration file {} cannot be read", path.display()))?;
    toml::from_str(&text).with_context(|| format!("the configuration file {} is not right", path.display()))
}

/// Sends the log to standard error.
pub(super) fn start_log(filter: &str, is_json: bool) -> anyhow::Result<()> {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_new(filter)
        .with_context(|| format!("{filter:?} is no log filter: try info, or engine=debug"))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // Colours are for eyes: in a file they hide what is searched for.
        .with_ansi(std::io::stderr().is_terminal());
    let started = if is_json { builder.json().try_init() } else { builder.try_init() };
    // A log that somebody else has started already serves as well.
    drop(started);
    Ok(())
}
