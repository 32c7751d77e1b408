//! A server that speaks Redis' protocol and lies: what a gate on it says is not so.

use std::net::{Ipv4Addr, TcpListener as StdListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// The longest word of a command that it reads.
const WORD_BYTES_MAX: usize = 64 * 1024;
/// How late a late answer comes: long after nobody waits for it any more.
const LATE: Duration = Duration::from_secs(2);

/// What it answers to whoever asks for a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lie {
    /// Everybody gets every lock.
    Grants,
    /// Nobody gets any.
    Refuses,
    /// Every other lock is somebody else's, whoever asks.
    Wavers,
    /// It has no memory left.
    Fails,
    /// A number, which is no answer to that question.
    Confuses,
    /// Bytes that are no answer to any question.
    Garbles,
    /// It hangs up.
    HangsUp,
    /// Everybody gets every lock, when nobody waits for it any more.
    IsLate,
    /// Nothing at all.
    IsSilent,
}

impl Lie {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Grants,
        Self::Refuses,
        Self::Wavers,
        Self::Fails,
        Self::Confuses,
        Self::Garbles,
        Self::HangsUp,
        Self::IsLate,
        Self::IsSilent,
    ];
}

/// A lie, and how often somebody was told it.
#[derive(Debug, Clone)]
struct Told {
    lie: Lie,
    times: Arc<AtomicU64>,
}

impl Told {
    fn never(lie: Lie) -> Self {
        Self { lie, times: Arc::default() }
    }
}

/// A running one. It ends when it is dropped.
#[derive(Debug)]
pub struct FakeRedis {
    port: u16,
    /// Its end is the server's.
    told: watch::Sender<Told>,
}

impl FakeRedis {
    /// Starts one on a free port.
    ///
    /// # Panics
    /// When there is no free port.
    #[must_use]
    pub fn start(lie: Lie) -> Self {
        let listener = StdListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("the loopback has a free port");
        listener.set_nonblocking(true).expect("a listener can be asked without waiting");
        let port = listener.local_addr().expect("a listener has an address").port();
        let (told, heard) = watch::channel(Told::never(lie));
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime can be built").block_on(accept(listener, heard));
        });
        Self { port, told }
    }

    /// Has it tell another lie from now on.
    pub fn tell(&self, lie: Lie) {
        self.told.send_replace(Told::never(lie));
    }

    /// How many locks it was asked for since it tells this lie.
    #[must_use]
    pub fn times_told(&self) -> u64 {
        self.told.borrow().times.load(Ordering::Acquire)
    }

    /// The URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }
}

async fn accept(listener: StdListener, told: watch::Receiver<Told>) {
    let listener = TcpListener::from_std(listener).expect("a runtime is around");
    let mut is_over = told.clone();
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((client, _)) = accepted {
                    connections.spawn(serve(client, told.clone()));
                }
            }
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            _ = is_over.wait_for(|_| false) => return,
        }
    }
}

/// Answers one connection until it ends; `None` ends it.
async fn serve(client: TcpStream, told: watch::Receiver<Told>) -> Option<()> {
    client.set_nodelay(true).ok()?;
    let mut client = BufReader::new(client);
    for asked in 0_u64.. {
        let command = command(&mut client).await?;
        let Told { lie: now, times } = told.borrow().clone();
        if command == "SET" {
            times.fetch_add(1, Ordering::AcqRel);
        }
        let answer: &[u8] = match (&*command, now) {
            ("SET", Lie::Grants) => b"+OK\r\n",
            ("SET", Lie::Wavers) if asked % 2 == 0 => b"+OK\r\n",
            ("SET", Lie::Refuses | Lie::Wavers) => b"$-1\r\n",
            ("SET", Lie::Fails) => b"-OOM command not allowed when used memory > 'maxmemory'.\r\n",
            ("SET", Lie::Confuses) => b":7\r\n",
            ("SET", Lie::Garbles) => b"\x00\xff% no answer\r\n",
            ("SET", Lie::HangsUp) => return None,
            ("SET", Lie::IsLate) => {
                tokio::time::sleep(LATE).await;
                b"+OK\r\n"
            }
            ("SET", Lie::IsSilent) => continue,
            // Whatever is released was there.
            ("EVAL", _) => b":1\r\n",
            ("HELLO", _) => b"-ERR unknown command 'HELLO'\r\n",
            _ => b"+OK\r\n",
        };
        client.get_mut().write_all(answer).await.ok()?;
    }
    None
}

/// The next command's name; `None` when there is none, or it is not understood.
async fn command(client: &mut BufReader<TcpStream>) -> Option<String> {
    let words = number(client, '*').await?;
    let mut name = None;
    for _ in 0..words {
        let length = number(client, '$').await?;
        if length > WORD_BYTES_MAX {
            return None;
        }
        // With the line's end.
        let mut word = vec![0; length + 2];
        client.read_exact(&mut word).await.ok()?;
        word.truncate(length);
        name.get_or_insert(word);
    }
    Some(String::from_utf8(name?).ok()?.to_ascii_uppercase())
}

/// A line that is a number behind this sign.
async fn number(client: &mut BufReader<TcpStream>, sign: char) -> Option<usize> {
    let mut line = String::new();
    client.read_line(&mut line).await.ok()?;
    line.trim_end().strip_prefix(sign)?.parse().ok()
}
