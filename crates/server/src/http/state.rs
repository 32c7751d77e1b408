//! What handlers share.

use std::net::IpAddr;
use std::sync::Arc;

use domain::command::{Claim, LimitKey};
use engine::Engine;
use engine::digest::{Digester, Kind};
use tokio::sync::watch;

use super::auth::Keys;
use crate::access::AccessTokens;
use crate::token::Tokens;

/// How the HTTP API behaves.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// Whether the classic API answers.
    pub classic_api: bool,
    /// Units that one client's address may hold in one event through publishable keys; 0 for no limit.
    pub max_held_per_client: u32,
    /// Whether `X-Forwarded-For` of a loopback or private peer says who the client is.
    pub trust_proxy: bool,
    /// The publishable key that the buyers' pages are given; without one their address must bring it.
    pub pages_key: Option<String>,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self { classic_api: false, max_held_per_client: 200, trust_proxy: false, pages_key: None }
    }
}

/// The whole application, as handlers see it.
#[derive(Debug)]
pub struct App {
    /// The engine.
    pub engine: Arc<Engine>,
    /// The keys.
    pub keys: Keys,
    /// Digests of people's texts.
    pub digester: Digester,
    /// Tokens of holds.
    pub tokens: Tokens,
    /// Access tokens.
    pub access: AccessTokens,
    /// Behaviour.
    pub options: HttpOptions,
    /// How long purchases take, from admission to answer.
    pub booking_duration: metrics::Histogram,
    /// Renders the metrics page.
    pub metrics: metrics_exporter_prometheus::PrometheusHandle,
    /// Turns true when the server is asked to stop: it serves on, and load balancers are to send nobody any more.
    pub draining: watch::Receiver<bool>,
    /// Turns true when the server stops: streams end themselves.
    pub stopping: watch::Receiver<bool>,
    /// The link that `/` shows for the demo, if this is one.
    pub demo: Option<serde_json::Value>,
}

/// The application, shared by every connection.
pub type SharedApp = Arc<App>;

impl App {
    /// The key of a buyer, or of another counted text.
    #[must_use]
    pub fn limit_key(&self, text: &str) -> LimitKey {
        self.digester.limit_key(text)
    }

    /// The limit that keeps one script from holding the house; `None` when it is off.
    #[must_use]
    pub fn client_claim(&self, address: IpAddr) -> Option<Claim> {
        let max = self.options.max_held_per_client;
        // One household has one IPv6 network of 64 bits.
        let network = match address {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets()[..8].to_vec(),
        };
        (max > 0).then(|| Claim {
            key: LimitKey {
                text: "client".to_owned(),
                digest: self.digester.digest(Kind::LimitKey, &[b"client address", &network]),
            },
            max: Some(max),
            held_only: true,
        })
    }
}
