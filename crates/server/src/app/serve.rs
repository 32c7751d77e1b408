//! Runs an application on a socket until it is told to stop.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::Assembled;
use crate::{front, http};

/// Where and how to listen.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// The address.
    pub listen: SocketAddr,
    /// The front's limits.
    pub front: front::Options,
}

/// A server that has its socket.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    front: front::Options,
    assembled: Assembled,
}

impl Server {
    /// Takes the socket.
    ///
    /// # Errors
    /// The address is taken, or not one of this machine.
    pub async fn bind(assembled: Assembled, options: ServerOptions) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(options.listen).await.with_context(|| {
            format!("cannot listen on {}: choose another address with --listen", options.listen)
        })?;
        Ok(Self { listener, front: options.front, assembled })
    }

    /// The address, with the port that the system chose where none was asked for.
    ///
    /// # Errors
    /// The socket is gone.
    pub fn address(&self) -> anyhow::Result<SocketAddr> {
        Ok(self.listener.local_addr()?)
    }

    /// Serves until `stop` is done, then finishes what was accepted.
    ///
    /// # Errors
    /// A task that must never end has ended.
    pub async fn run(self, stop: impl Future<Output = ()> + Send) -> anyhow::Result<()> {
        let Self { listener, mut front, assembled } = self;
        front.refusal = http::refusal;
        let Assembled { app, fleet, mut supervisor, stopping, .. } = assembled;
        let service = http::service(app.clone());
        let told = async {
            stop.await;
            // Streams end and readiness fails first; whoever is in the middle of a request is served.
            stopping.send_replace(true);
        };
        tokio::select! {
            served = front::serve(listener, service, front, told) => {
                let drained = served.context("the HTTP front failed")?;
                if drained.cut > 0 {
                    tracing::warn!(connections = drained.cut, "connections were cut because they did not finish in time");
                }
            }
            reason = supervisor.first_end() => bail!("{reason}; stopping, so that a supervisor starts a whole process"),
        }
        app.engine.stop();
        fleet.leave(&**app.engine.store()).await;
        Ok(())
    }
}

/// What completes when the process is to end. On SIGTERM readiness fails first, and everybody is served for `drain` longer,
/// until load balancers have noticed; Ctrl-C, or a second signal, does not wait.
///
/// Signals are watched from the call on, so call it before anybody is told that the server is there.
///
/// # Errors
/// Signals cannot be watched.
pub fn asked_to_stop(
    draining: watch::Sender<bool>,
    drain: Duration,
) -> anyhow::Result<impl Future<Output = ()> + Send> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM cannot be watched")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("SIGINT cannot be watched")?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => return,
        }
        draining.send_replace(true);
        tracing::info!(
            seconds = drain.as_secs(),
            "asked to stop: not ready any more, and serving on for a while"
        );
        tokio::select! {
            () = tokio::time::sleep(drain) => {}
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
