//! Connections: how they are made, what is set on them, and what must be true of the server.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::config::{Host, TargetSessionAttrs};
use tokio_postgres::error::Severity;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{AsyncMessage, Client, Config, Connection, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::error::{Failure, OpenError, told};
use super::options::{CLIENT_CHECK, IDLE_IN_TRANSACTION, PostgresOptions, TCP_USER_TIMEOUT};

/// What the server says of itself in `application_name` lists.
const APPLICATION: &str = "flashtix";

/// What moves a connection's bytes.
pub(super) type Driver = Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>;

/// Where to connect, and how.
#[derive(Clone)]
pub(super) struct Connector {
    pub(super) config: Config,
    tls: MakeRustlsConnect,
    statement_timeout: Duration,
    lock_timeout: Duration,
}

/// A connection that is nobody else's.
pub(super) struct Link {
    pub(super) client: Client,
    /// Warnings that the server sent on it.
    pub(super) warnings: Warnings,
}

/// How many warnings a server has sent on a connection.
#[derive(Debug, Clone, Default)]
pub(super) struct Warnings(Arc<AtomicU64>);

impl Warnings {
    /// As many as came until now. A commit's come before its answer.
    pub(super) fn count(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    fn add(&self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }
}

impl Connector {
    pub(super) fn new(options: &PostgresOptions) -> Result<Self, OpenError> {
        let mut config: Config = options.url.parse().map_err(|error: tokio_postgres::Error| {
            // What is wrong with a URL is told, the URL is not: it has a password in it.
            OpenError::Url(told(&error))
        })?;
        if config.get_hosts().is_empty() {
            return Err(OpenError::Url("it names no host".to_owned()));
        }
        config.connect_timeout(options.connect_timeout);
        config.tcp_user_timeout(TCP_USER_TIMEOUT);
        config.keepalives_idle(TCP_USER_TIMEOUT);
        config.keepalives_interval(CLIENT_CHECK);
        config.keepalives_retries(3);
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        if config.get_application_name().is_none() {
            config.application_name(APPLICATION);
        }
        let tls = MakeRustlsConnect::new(tls(options)?);
        let (statement_timeout, lock_timeout) = (options.statement_timeout, options.lock_timeout);
        Ok(Self { config, tls, statement_timeout, lock_timeout })
    }

    /// The hosts, for messages.
    pub(super) fn hosts(&self) -> String {
        let ports = self.config.get_ports();
        let port = |at: usize| ports.get(at).or(ports.first()).copied().unwrap_or(5432);
        let hosts = self.config.get_hosts().iter().enumerate().map(|(at, host)| match host {
            Host::Tcp(name) => format!("{name}:{}", port(at)),
            Host::Unix(path) => path.display().to_string(),
        });
        hosts.collect::<Vec<_>>().join(", ")
    }

    /// A connection that batches are written on.
    pub(super) async fn writer(&self) -> Result<Link, Failure> {
        let link = self.link().await?;
        link.client.batch_execute(&self.settings()).await?;
        // Statements prepared on empty tables keep the plans of empty tables: leave the planner no bad choice, and then ask it
        // once and not for every batch.
        link.client
            .batch_execute(
                "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; \
                 SET enable_bitmapscan = off; SET jit = off; SET plan_cache_mode = force_generic_plan",
            )
            .await?;
        Ok(link)
    }

    /// A connection that nobody drives yet.
    pub(super) async fn connect(&self) -> Result<(Client, Driver), Failure> {
        Ok(self.config.connect(self.tls.clone()).await?)
    }

    /// A connection without any settings, driven by a task of its own.
    pub(super) async fn link(&self) -> Result<Link, Failure> {
        let (client, mut connection) = self.connect().await?;
        let warnings = Warnings::default();
        let seen = warnings.clone();
        #[expect(
            clippy::disallowed_methods,
            reason = "it ends with its connection, whose end its users notice"
        )]
        tokio::spawn(async move {
            loop {
                match std::future::poll_fn(|context| connection.poll_message(context)).await {
                    Some(Ok(AsyncMessage::Notice(notice))) => {
                        // Not by its name, which is in the server's language.
                        let is_remark = matches!(
                            notice.parsed_severity(),
                            Some(Severity::Notice | Severity::Info | Severity::Log | Severity::Debug)
                        );
                        if !is_remark {
                            seen.add();
                        }
                        tracing::debug!(code = notice.code().code(), "the database sent a notice");
                    }
                    Some(Ok(_)) => {}
                    Some(Err(error)) => {
                        tracing::warn!(error = told(&error), "a connection to the database broke");
                        return;
                    }
                    None => return,
                }
            }
        });
        Ok(Link { client, warnings })
    }

    /// What every session sets.
    fn settings(&self) -> String {
        format!(
            "SET statement_timeout = {}; SET lock_timeout = {}; SET idle_in_transaction_session_timeout = {}; \
             SET tcp_user_timeout = {}; SET client_connection_check_interval = {}; \
             SET default_transaction_isolation = 'read committed'",
            self.statement_timeout.as_millis(),
            self.lock_timeout.as_millis(),
            IDLE_IN_TRANSACTION.as_millis(),
            TCP_USER_TIMEOUT.as_millis(),
            CLIENT_CHECK.as_millis(),
        )
    }

    /// The pool for everything but batches.
    pub(super) fn pool(&self, options: &PostgresOptions) -> Result<Pool, OpenError> {
        let manager_config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(self.config.clone(), self.tls.clone(), manager_config);
        let settings: Arc<str> = self.settings().into();
        let built = Pool::builder(manager)
            .max_size(options.pool_size)
            .wait_timeout(Some(options.checkout_timeout))
            .create_timeout(Some(options.connect_timeout))
            .runtime(Runtime::Tokio1)
            .post_create(Hook::async_fn(move |client, _| {
                let settings = settings.clone();
                Box::pin(async move { client.batch_execute(&settings).await.map_err(HookError::Backend) })
            }))
            .build();
        built.map_err(|error| OpenError::Options(error.to_string()))
    }
}

fn tls(options: &PostgresOptions) -> Result<ClientConfig, OpenError> {
    let wrong = |error: &dyn std::fmt::Display| OpenError::Certificates(error.to_string());
    let mut roots = RootCertStore::empty();
    match &options.ca_file {
        Some(file) => {
            let named = |error: &dyn std::fmt::Display| wrong(&format!("{}: {error}", file.display()));
            let certificates = CertificateDer::pem_file_iter(file).map_err(|error| named(&error))?;
            for certificate in certificates {
                roots.add(certificate.map_err(|error| named(&error))?).map_err(|error| named(&error))?;
            }
            if roots.is_empty() {
                return Err(named(&"it holds no certificate"));
            }
        }
        None => {
            // A machine without any is told so by the first connection that needs one.
            let found = rustls_native_certs::load_native_certs();
            roots.add_parsable_certificates(found.certs);
        }
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(&error))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// What the server said about how durable its commits are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Durability {
    /// Its version, such as `15.4`.
    pub version: String,
    /// `fsync`.
    pub fsync: String,
    /// `synchronous_commit`.
    pub synchronous_commit: String,
    /// `full_page_writes`.
    pub full_page_writes: String,
    /// `synchronous_standby_names`; empty when no standby is waited for.
    pub synchronous_standby_names: String,
}

/// Asks a server what it is, and refuses one that would not keep what it is told.
pub(super) async fn examine(client: &Client, allow_unsafe: bool) -> Result<Durability, OpenError> {
    let unusable = |error: tokio_postgres::Error| OpenError::Unusable(told(&error));
    let row = client
        .query_one(
            "SELECT current_setting('server_version_num')::int4, current_setting('server_version'), \
             current_setting('fsync'), current_setting('synchronous_commit'), current_setting('full_page_writes'), \
             current_setting('synchronous_standby_names')",
            &[],
        )
        .await
        .map_err(unusable)?;
    let durability = Durability {
        version: row.get(1),
        fsync: row.get(2),
        synchronous_commit: row.get(3),
        full_page_writes: row.get(4),
        synchronous_standby_names: row.get(5),
    };
    if row.get::<_, i32>(0) < 150_000 {
        return Err(OpenError::TooOld { found: durability.version });
    }
    let wanted = [
        ("fsync", &durability.fsync, durability.fsync == "on"),
        ("full_page_writes", &durability.full_page_writes, durability.full_page_writes == "on"),
        (
            "synchronous_commit",
            &durability.synchronous_commit,
            !matches!(&*durability.synchronous_commit, "off" | "local")
                || (durability.synchronous_commit == "local"
                    && durability.synchronous_standby_names.is_empty()),
        ),
    ];
    for (setting, found, is_safe) in wanted {
        if is_safe {
            continue;
        }
        if !allow_unsafe {
            return Err(OpenError::NotDurable { setting, found: found.clone() });
        }
        tracing::warn!(setting, found, "commits may be lost: this server does not flush them");
    }
    Ok(durability)
}
