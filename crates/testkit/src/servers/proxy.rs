//! A TCP proxy in front of a server, for networks that lose what passes through them.

use std::net::{Ipv4Addr, TcpListener as StdListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};

use parking_lot::Mutex;
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
    /// Every so many times that a client says this word, the server gets it, its answer is lost, and both sides are cut off.
    CutsOffAnswersTo {
        /// As it stands in the bytes, such as `COMMIT`.
        word: &'static str,
        /// How many times.
        every: u64,
    },
    /// From when a client says this word, what it is answered waits until the network is set anew.
    DelaysAnswersTo {
        /// As it stands in the bytes.
        word: &'static str,
    },
    /// From when a client, having said the first word, says the second, all that it says waits until the network is set anew,
    /// the word itself included.
    Delays {
        /// As it stands in the bytes.
        after: &'static str,
        /// As it stands in the bytes, in a later piece.
        word: &'static str,
    },
}

impl Network {
    /// Whether answers may be lost in it, so that whoever did not get one must not get the next.
    fn is_silent(self) -> bool {
        matches!(self, Self::LosesAnswers | Self::LosesAnswersTo { .. })
    }
}

/// A network, and whom it has done something to beside passing things on.
#[derive(Debug, Clone)]
struct Weather {
    network: Network,
    struck: Arc<Mutex<Vec<u16>>>,
}

impl Weather {
    fn calm(network: Network) -> Self {
        Self { network, struck: Arc::default() }
    }

    /// Whether nobody has set the network anew, to the same one or to another.
    fn is_still(&self, since: &Self) -> bool {
        Arc::ptr_eq(&self.struck, &since.struck)
    }

    /// Strikes a connection, which the server knows by its port.
    fn strikes(&self, port: u16) {
        self.struck.lock().push(port);
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
    weather: watch::Sender<Weather>,
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
        let (weather, seen) = watch::channel(Weather::calm(Network::Passes));
        let server = Arc::new(AtomicU16::new(server));
        let leads_to = server.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime can be built").block_on(accept(listener, leads_to, seen));
        });
        Self { port, server, weather }
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
        self.weather.send_replace(Weather::calm(network));
    }

    /// How often the network, since it is what it is, has lost something, had it wait, or cut somebody off.
    #[must_use]
    pub fn strikes(&self) -> usize {
        self.weather.borrow().struck.lock().len()
    }

    /// The ports by which the server knows those to whom that happened.
    #[must_use]
    pub fn struck(&self) -> Vec<u16> {
        self.weather.borrow().struck.lock().clone()
    }
}

async fn accept(listener: StdListener, server: Arc<AtomicU16>, weather: watch::Receiver<Weather>) {
    let listener = TcpListener::from_std(listener).expect("a runtime is around");
    let mut is_over = weather.clone();
    let mut connections = JoinSet::new();
    let counted = Arc::new(AtomicU64::new(0));
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((client, _)) = accepted {
                    let server = server.load(Ordering::Acquire);
                    connections.spawn(relay(client, server, weather.clone(), counted.clone()));
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
    mut weather: watch::Receiver<Weather>,
    counted: Arc<AtomicU64>,
) -> std::io::Result<()> {
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, server)).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut asked, mut answered) = (vec![0; PIECE_BYTES], vec![0; PIECE_BYTES]);
    let mut state = State { port: server.local_addr()?.port(), counted, ..State::default() };
    let mut weather_again = weather.clone();
    loop {
        let has_lost = state.answers == Answers::AreLost;
        let delayed = state.delayed.as_ref().map(|(_, since)| since.clone());
        let is_other = |weather: &Weather| match &delayed {
            Some(since) => !weather.is_still(since),
            None => !weather.network.is_silent(),
        };
        let (length, is_answer) = tokio::select! {
            length = client.read(&mut asked) => (length?, false),
            length = server.read(&mut answered), if delayed.is_none() => (length?, true),
            () = turns(&mut weather_again, is_other), if has_lost || delayed.is_some() => {
                let Some((length, _)) = state.delayed.take() else { return Ok(()) };
                client.write_all(&answered[..length]).await?;
                continue;
            }
        };
        if length == 0 {
            return Ok(());
        }
        let Some(now) = passes(&mut weather, state.port).await else { return Ok(()) };
        if is_answer {
            match state.answer(&now, length) {
                Fate::Passes => client.write_all(&answered[..length]).await?,
                Fate::IsLost => {}
                Fate::IsTheLast => return Ok(()),
            }
            continue;
        }
        let piece = &asked[..length];
        if state.question(now.network, piece) {
            now.strikes(state.port);
            turns(&mut weather, |later| !later.is_still(&now)).await;
        }
        server.write_all(piece).await?;
    }
}

/// Waits until the network is such a one, or the proxy ends.
async fn turns(weather: &mut watch::Receiver<Weather>, is_such: impl Fn(&Weather) -> bool) {
    drop(weather.wait_for(is_such).await);
}

/// Waits while the network stands still; what it is then. `None` when the proxy ends.
async fn passes(weather: &mut watch::Receiver<Weather>, port: u16) -> Option<Weather> {
    let stands = |weather: &Weather| weather.network == Network::StandsStill;
    let now = weather.borrow_and_update().clone();
    if !stands(&now) {
        return Some(now);
    }
    now.strikes(port);
    let moves = weather.wait_for(|now| !stands(now)).await;
    moves.ok().map(|now| now.clone())
}

/// What becomes of a piece that the server says.
enum Fate {
    Passes,
    IsLost,
    /// And nothing comes after it.
    IsTheLast,
}

/// What becomes of the answers on a connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Answers {
    #[default]
    Pass,
    /// Until the network passes again, which ends the connection.
    AreLost,
    /// The next one is, and ends it.
    AreCutOff,
    /// The next one waits.
    AreDelayed,
}

/// What one connection has been through.
#[derive(Default)]
struct State {
    /// By which the server knows it.
    port: u16,
    /// Pieces, or words, that were counted on all connections.
    counted: Arc<AtomicU64>,
    answers: Answers,
    /// How long an answer is that waits, and since what network.
    delayed: Option<(usize, Weather)>,
    /// The end of what the client said.
    said: Vec<u8>,
    has_said_first: bool,
}

impl State {
    /// Whether it is the turn of what happens every so many times.
    fn is_due(&self, every: u64) -> bool {
        self.counted.fetch_add(1, Ordering::Relaxed) % every == every - 1
    }

    /// Takes note of what the client says; whether it has to wait.
    fn question(&mut self, network: Network, piece: &[u8]) -> bool {
        match network {
            Network::LosesAnswersTo { word } => {
                if says(&mut self.said, piece, word.as_bytes()) {
                    self.answers = Answers::AreLost;
                }
            }
            Network::CutsOffAnswersTo { word, every } => {
                if says(&mut self.said, piece, word.as_bytes()) && self.is_due(every) {
                    self.answers = Answers::AreCutOff;
                }
            }
            Network::DelaysAnswersTo { word } => {
                if says(&mut self.said, piece, word.as_bytes()) {
                    self.answers = Answers::AreDelayed;
                }
            }
            Network::Delays { after, word } => {
                if self.has_said_first {
                    return says(&mut self.said, piece, word.as_bytes());
                }
                if says(&mut self.said, piece, after.as_bytes()) {
                    self.has_said_first = true;
                    self.said.clear();
                }
            }
            Network::Passes | Network::StandsStill | Network::LosesAnswers | Network::CutsOff { .. } => {}
        }
        false
    }

    /// Decides what becomes of a piece of this length that the server says.
    fn answer(&mut self, now: &Weather, length: usize) -> Fate {
        let fate = match (self.answers, now.network) {
            (_, Network::LosesAnswers) => {
                self.answers = Answers::AreLost;
                Fate::IsLost
            }
            (Answers::AreLost, Network::LosesAnswersTo { .. }) => Fate::IsLost,
            (Answers::AreLost, _) => Fate::IsTheLast,
            (Answers::AreCutOff, Network::CutsOffAnswersTo { .. }) => Fate::IsTheLast,
            (Answers::AreDelayed, Network::DelaysAnswersTo { .. }) => {
                self.answers = Answers::Pass;
                self.delayed = Some((length, now.clone()));
                Fate::IsLost
            }
            (_, Network::CutsOff { every }) if self.is_due(every) => Fate::IsTheLast,
            (Answers::AreCutOff | Answers::AreDelayed | Answers::Pass, _) => {
                self.answers = Answers::Pass;
                return Fate::Passes;
            }
        };
        now.strikes(self.port);
        fate
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
