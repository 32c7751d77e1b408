//! `flashtix serve`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use engine::options::Options;
use engine::store::Store;

use super::gate::GateArgs;
use super::postgres::PostgresArgs;
use super::store::{DATABASE_URL_DEFAULT, Target, Use, open, target};
use super::{Ended, Usage, config, remark};
use crate::app::{Server, ServerOptions, Threads, asked_to_stop, assemble, forget, keys};
use crate::front;
use crate::http::HttpOptions;

/// Where `serve` and `demo` listen by default: on this machine alone.
pub(super) const LISTEN_DEFAULT: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8080);

/// How long `serve` serves on after SIGTERM: a few rounds of a load balancer's questions.
const DRAIN_DEFAULT: Duration = Duration::from_secs(5);

/// The arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A TOML file with settings; flags and the environment win over it
    #[arg(long, env = "FLASHTIX_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// The address to listen on [default: 127.0.0.1:8080]
    #[arg(long, env = "FLASHTIX_LISTEN", value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// The store: sqlite:PATH, or postgres://USER:PASSWORD@HOST/DATABASE [default: sqlite:flashtix.db]
    #[arg(long, env = "FLASHTIX_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    database_url: Option<String>,
    #[command(flatten)]
    postgres: PostgresArgs,
    #[command(flatten)]
    gate: GateArgs,
    /// Serve the original engine's wire as well
    #[arg(long, env = "FLASHTIX_CLASSIC_API", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    classic_api: Option<bool>,
    /// Units that one client's address may hold in one event through publishable keys; 0 turns it off [default: 200]
    #[arg(long, env = "FLASHTIX_MAX_HELD_PER_CLIENT", value_name = "UNITS")]
    max_held_per_client: Option<u32>,
    /// Believe the last address of X-Forwarded-For: only behind a proxy of your own
    #[arg(long, env = "FLASHTIX_TRUST_PROXY", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    trust_proxy: Option<bool>,
    /// Connections at most [default: 10000]
    #[arg(long, env = "FLASHTIX_CONNECTIONS_MAX", value_name = "COUNT")]
    connections_max: Option<usize>,
    /// How long to serve on after SIGTERM, while /readyz says no: until load balancers have noticed [default: 5]
    #[arg(long, env = "FLASHTIX_DRAIN_SECONDS", value_name = "SECONDS")]
    drain_seconds: Option<u64>,
    /// How long requests may take to finish after that, in seconds [default: 30]
    #[arg(long, env = "FLASHTIX_FINISH_SECONDS", value_name = "SECONDS")]
    finish_seconds: Option<u64>,
    /// Requests of one commit at most [default: 1024]
    #[arg(long, env = "FLASHTIX_BATCH_REQUESTS_MAX", value_name = "COUNT")]
    batch_requests_max: Option<usize>,
    /// How long after one commit was begun the next one is, while requests come fast; 0 for at once [default: 2]
    #[arg(long, env = "FLASHTIX_BATCH_INTERVAL_MS", value_name = "MS")]
    batch_interval_ms: Option<u64>,
    /// Requests that may wait on one event [default: 8192]
    #[arg(long, env = "FLASHTIX_QUEUE_REQUESTS_MAX", value_name = "COUNT")]
    queue_requests_max: Option<usize>,
    /// Whether final refusals are given from memory; otherwise every request is decided under the store's lock, which is
    /// slower, and as right [default: true]
    #[arg(long, env = "FLASHTIX_REFUSE_FROM_MEMORY", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    refuse_from_memory: Option<bool>,
    /// After how many days the buyers of an event are forgotten, counted from its start, its sale's end and its last commit,
    /// whichever is last; 0 keeps them [default: 0]
    #[arg(long, env = "FLASHTIX_RETENTION_DAYS", value_name = "DAYS")]
    retention_days: Option<u32>,
    /// What to log, such as info or engine=debug [default: info]
    #[arg(long, env = "FLASHTIX_LOG", value_name = "FILTER")]
    log: Option<String>,
    /// Log as JSON
    #[arg(long, env = "FLASHTIX_LOG_JSON", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    log_json: Option<bool>,
    /// The first secret key (sk_live_… or sk_test_…), stored hashed at the start
    #[arg(long, env = "FLASHTIX_SECRET_KEY", hide_env_values = true, hide = true)]
    secret_key: Option<String>,
    /// The first publishable key, of the same mode
    #[arg(long, env = "FLASHTIX_PUBLISHABLE_KEY", hide_env_values = true, hide = true)]
    publishable_key: Option<String>,
}

pub(super) async fn run(args: Args) -> anyhow::Result<Ended> {
    let file = config::read(args.config.as_deref())?;
    let filter = args.log.or(file.log).unwrap_or_else(|| "info".to_owned());
    config::start_log(&filter, args.log_json.or(file.log_json).unwrap_or(false))?;
    let url = args.database_url.or(file.database_url).unwrap_or_else(|| DATABASE_URL_DEFAULT.to_owned());
    let target = args.postgres.apply(&file.postgres, target(&url)?);
    let defaults = (Options::default(), HttpOptions::default(), front::Options::default());
    let engine_options = Options {
        lanes: match &target {
            Target::Sqlite(_) => 1,
            Target::Postgres(options) => options.writers.div_ceil(2),
        },
        batch_requests_max: args
            .batch_requests_max
            .or(file.batch_requests_max)
            .unwrap_or(defaults.0.batch_requests_max),
        batch_interval: args
            .batch_interval_ms
            .or(file.batch_interval_ms)
            .map_or(defaults.0.batch_interval, std::time::Duration::from_millis),
        queue_requests_max: args
            .queue_requests_max
            .or(file.queue_requests_max)
            .unwrap_or(defaults.0.queue_requests_max),
        desk_refuses: args.refuse_from_memory.or(file.refuse_from_memory).unwrap_or(defaults.0.desk_refuses),
        ..defaults.0
    };
    engine_options.validate().map_err(anyhow::Error::msg).context("the settings contradict each other")?;
    let first_keys = keys::first_pair(args.secret_key, args.publishable_key).map_err(Usage)?;
    let http_options = HttpOptions {
        classic_api: args.classic_api.or(file.classic_api).unwrap_or(defaults.1.classic_api),
        max_held_per_client: args
            .max_held_per_client
            .or(file.max_held_per_client)
            .unwrap_or(defaults.1.max_held_per_client),
        trust_proxy: args.trust_proxy.or(file.trust_proxy).unwrap_or(defaults.1.trust_proxy),
        pages_key: first_keys.as_ref().map(|(_, publishable)| publishable.clone()),
    };
    let front_options = front::Options {
        connections_max: args.connections_max.or(file.connections_max).unwrap_or(defaults.2.connections_max),
        finish_grace: args
            .finish_seconds
            .or(file.finish_seconds)
            .map_or(defaults.2.finish_grace, std::time::Duration::from_secs),
        ..defaults.2
    };
    front_options.validate().context("the settings contradict each other")?;
    let days = args.retention_days.or(file.retention_days).filter(|days| *days > 0);
    let retention = days.map(|days| Duration::from_secs(u64::from(days) * 86_400));
    let redis = args.gate.settled(file.redis_url, file.gate_budget_ms, file.relay)?;
    let opened = open(target, Use::Serves).await?;
    tracing::info!(durability = opened.durability(), "the store is open");
    let store: Arc<dyn Store> = opened.store();
    if let Some(pair) = first_keys {
        keys::bootstrap(&store, pair).await?;
    }
    let between = redis.open(&store).await?;
    let threads = Threads::start(engine_options.lanes).context("the engine gets no threads")?;
    let supervisor = threads.supervisor();
    let mut assembled =
        assemble(store, between, engine_options.clone(), http_options, None, supervisor).await?;
    assembled.supervisor.critical(
        "forgetting",
        forget::run(opened.clone(), assembled.fleet.clone(), engine_options, retention),
    );
    opened.start(&mut assembled.supervisor);
    let listen = args.listen.or(file.listen).unwrap_or(LISTEN_DEFAULT);
    let draining = assembled.draining.clone();
    let server = Server::bind(assembled, ServerOptions { listen, front: front_options }).await?;
    let drain = args.drain_seconds.or(file.drain_seconds).map_or(DRAIN_DEFAULT, Duration::from_secs);
    let asked_to_stop = asked_to_stop(draining, drain)?;
    remark(format_args!("flashtix serves http://{}", server.address()?));
    server.run(asked_to_stop).await?;
    Ok(Ended::Well)
}
