//! A TCP proxy in front of a server, for networks that lose what passes through them.

use std::net::{Ipv4Addr, TcpListener as StdListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Bytes that are passed on at a time.
const PIECE_BYTES: usize = 16 * 1024;

/// What a proxy does with what passes through it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// It passes.
    Passes,
    /// It stands still, in both directions, until it passes again.
    StandsStill,
    /// What clients say passes. What the server says is lost, and never comes: when the network passes again, whoever
    /// was to hear it is cut off, since nobody gets a later answer in the place of an earlier one.
    LosesAnswers,
    /// From when a client says this word, what it is answered is lost as with [`Self::LosesAnswers`].
    LosesAnswersTo {
        /// As it stands in the bytes, such as `COMMIT`.
        word: &'static str,
    },
    /// Every so many pieces that the server sends, one is lost, and both sides are cut off.
    CutsOff {
        /// How many.
        every: u64,
    },
}

impl Network {
    /// Whether answers may be lost in it, so that whoever did not get one must not get the next.
    fn is_silent(self) -> bool {
        matches!(self, Self::LosesAnswers | Self::LosesAnswersTo { .. })
    }
}

/// A proxy to a server on the loopback. Dropping it cuts every connection.
///
/// It has a thread of its own: a test may block, and what passes through goes on.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    server: Arc<AtomicU16>,
    /// Its end is the proxy's.
    network: watch::Sender<Network>,
}

impl Proxy {
    /// Starts one to a port of the loopback; it passes what it gets.
    ///
    /// # Panics
    /// When there is no free port.
    #[must_use]
    pub fn start(server: u16) -> Self {
        let listener = StdListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("the loopback has a free port");
        listener.set_nonblocking(true).expect("a listener can be asked without waiting");
        let port = listener.local_addr().expect("a listener has an address").port();
        let (network, seen) = watch::channel(Network::Passes);
        let server = Arc::new(AtomicU16::new(server));
        let leads_to = server.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime can be built").block_on(accept(listener, leads_to, seen));
        });
        Self { port, server, network }
    }

    /// Leads whoever connects from now on to another server.
    pub fn lead_to(&self, server: u16) {
        self.server.store(server, Ordering::Release);
    }

    /// Where it listens.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Changes the network, for connections that there are as well.
    pub fn set(&self, network: Network) {
        self.network.send_replace(network);
    }
}

async fn accept(listener: StdListener, server: Arc<AtomicU16>, network: watch::Receiver<Network>) {
    let listener = TcpListener::from_std(listener).expect("a runtime is around");
    let mut is_over = network.clone();
    let mut connections = JoinSet::new();
    let pieces = Arc::new(AtomicU64::new(0));
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((client, _)) = accepted {
                    let server = server.load(Ordering::Acquire);
                    connections.spawn(relay(client, server, network.clone(), pieces.clone()));
                }
            }
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            _ = is_over.wait_for(|_| false) => return,
        }
    }
}

/// Passes on what both sides say until one of them ends, or is cut off.
async fn relay(
    mut client: TcpStream,
    server: u16,
    mut network: watch::Receiver<Network>,
    pieces: Arc<AtomicU64>,
) -> std::io::Result<()> {
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, server)).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut asked, mut answered) = (vec![0; PIECE_BYTES], vec![0; PIECE_BYTES]);
    let mut has_lost = false;
    let mut network_again = network.clone();
    let mut said = Vec::new();
    loop {
        let (length, is_answer) = tokio::select! {
            length = client.read(&mut asked) => (length?, false),
            length = server.read(&mut answered) => (length?, true),
            _ = network_again.wait_for(|network| !network.is_silent()), if has_lost => return Ok(()),
        };
        if length == 0 {
            return Ok(());
        }
        // The sender is there as long as the proxy is, and with it this connection.
        let passes = network.wait_for(|network| *network != Network::StandsStill).await;
        let Ok(now) = passes.map(|now| *now) else { return Ok(()) };
        match now {
            _ if !is_answer => {
                if let Network::LosesAnswersTo { word } = now {
                    has_lost |= says(&mut said, &asked[..length], word.as_bytes());
                }
                server.write_all(&asked[..length]).await?;
            }
            Network::LosesAnswers => has_lost = true,
            Network::LosesAnswersTo { .. } if has_lost => {}
            _ if has_lost => return Ok(()),
            Network::CutsOff { every } if pieces.fetch_add(1, Ordering::Relaxed) % every == every - 1 => {
                return Ok(());
            }
            _ => client.write_all(&answered[..length]).await?,
        }
    }
}

/// Whether a word is said in this piece, or began at the end of what was said before.
fn says(said: &mut Vec<u8>, piece: &[u8], word: &[u8]) -> bool {
    said.extend_from_slice(piece);
    let is_said = said.windows(word.len()).any(|window| window == word);
    said.drain(..said.len().saturating_sub(word.len() - 1));
    is_said
}

#[cfg(test)]
mod tests {
    use super::says;

    #[test]
    fn a_word_is_heard_whole_and_in_pieces() {
        let hears = |pieces: &[&str]| {
            let mut said = Vec::new();
            pieces.iter().filter(|piece| says(&mut said, piece.as_bytes(), b"COMMIT")).count()
        };
        assert_eq!(hears(&["BEGIN", "a COMMIT;", "b"]), 1);
        assert_eq!(hears(&["COM", "M", "IT", "COMIT"]), 1);
        assert_eq!(hears(&["COMMI", "COMMIT", "COMMIT"]), 2);
        assert_eq!(hears(&["commit", ""]), 0);
    }
}
