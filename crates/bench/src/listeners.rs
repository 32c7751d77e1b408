//! Listeners to an event's feed: thousands of connections on one thread, each of which must come to what the store has.
//!
//! They take gzip, as browsers do, and want each frame packed by itself. Most of them hear the same bytes. So a frame is kept, and
//! unpacked, once, and every listener keeps which frames it heard: comparing bytes costs little, and whether a chain of frames
//! gives the seats of the store is found out once for each different chain.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{ErrorKind, Read as _};
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use flate2::read::DeflateDecoder;
use serde::Deserialize;
use storm::cpu;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, oneshot, watch};
use tokio::task::LocalSet;
use tokio::time::Instant;

/// What a frame may be long, in bytes: a snapshot of a million seats fits.
const FRAME_BYTES_MAX: usize = 4 * 1024 * 1024;
/// What a listener reads at once, in bytes.
const READ_BYTES: usize = 64 * 1024;
/// How long a listener that lost its connection waits, as a browser is told to.
const RECONNECT: Duration = Duration::from_secs(1);
/// How long all of them may take until they have their first frame.
const START: Duration = Duration::from_secs(60);
/// Ends a frame.
const END: &[u8] = b"\n\n";
/// Ends a frame that was packed: an empty block, which makes it end at a whole byte.
const PACKED_END: &[u8] = &[0, 0, 0xff, 0xff];
/// What a gzip stream begins with: deflate, and nothing optional. The time, the compressor and the system may be anything.
const GZIP_HEAD: &[u8] = &[0x1f, 0x8b, 8, 0];
const GZIP_HEAD_BYTES: usize = 10;

/// What they came to.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// Listeners whose frames give what the store has.
    pub(crate) converged: usize,
    /// What is wrong with the first of the others.
    pub(crate) first_wrong: Option<String>,
    pub(crate) frames: u64,
    pub(crate) bytes: u64,
    pub(crate) reconnections: u64,
    /// When the last of them had heard of the last commit.
    pub(crate) all_heard: Option<Instant>,
}

/// The end of the sale, as the store has it.
#[derive(Debug, Clone)]
struct Goal {
    seq: u64,
    seats: Rc<str>,
}

/// Listeners at work. Dropped, they end.
#[derive(Debug)]
pub(crate) struct Listeners {
    goal: watch::Sender<Option<(u64, String)>>,
    heard: oneshot::Receiver<anyhow::Result<Heard>>,
    /// The thread that listens, below `/proc`.
    thread: PathBuf,
}

impl Listeners {
    /// Connects so many, and waits until each has its first frame.
    ///
    /// # Errors
    /// When some of them do not get that far.
    pub(crate) async fn start(port: u16, event: &str, key: &str, count: usize) -> anyhow::Result<Self> {
        let (goal, goals) = watch::channel(None);
        let (sender, heard) = oneshot::channel();
        let (ready, is_ready) = oneshot::channel();
        let request = format!(
            "/v1/events/{event}/feed HTTP/1.0\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n\
             Authorization: Bearer {key}\r\n"
        );
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::Builder::new().name("listeners".to_owned()).spawn(move || {
            let local = LocalSet::new();
            let all = local.block_on(&runtime, listen(port, &request, count, goals, ready));
            // Nobody waits any more when the run has failed.
            sender.send(all).ok();
        })?;
        let thread =
            tokio::time::timeout(START, is_ready).await.context("not every listener has a first frame")??;
        Ok(Self { goal, heard, thread })
    }

    /// Time of the thread that listens so far.
    pub(crate) fn cpu(&self) -> Duration {
        cpu::of_thread(&self.thread)
    }

    /// Waits until all have heard of the commit `seq`, and holds what each heard against these seats.
    ///
    /// # Errors
    /// When that takes too long, or something else is sent than frames.
    pub(crate) async fn converge(mut self, seq: u64, seats: &str, within: Duration) -> anyhow::Result<Heard> {
        self.goal.send_replace(Some((seq, seats.to_owned())));
        let heard = tokio::time::timeout(within, &mut self.heard).await;
        heard.context("not every listener came to the end")??
    }
}

/// One listener's way: the frames that it heard, by their numbers in the table, and when it had heard each of them.
#[derive(Debug, Default)]
struct Way {
    chain: Vec<u32>,
    heard_at: Vec<Instant>,
    bytes: u64,
    reconnections: u64,
}

async fn listen(
    port: u16,
    request: &str,
    count: usize,
    mut goals: watch::Receiver<Option<(u64, String)>>,
    ready: oneshot::Sender<PathBuf>,
) -> anyhow::Result<Heard> {
    let table = Rc::new(RefCell::new(Table::default()));
    let begun = Rc::new(Semaphore::new(0));
    let (reached, reaches) = watch::channel(None);
    let mut listening = Vec::with_capacity(count);
    for _ in 0..count {
        let listener = Listener {
            port,
            request: request.to_owned(),
            table: Rc::clone(&table),
            begun: Some(Rc::clone(&begun)),
            buffer: Vec::new(),
            way: Way::default(),
        };
        listening.push(tokio::task::spawn_local(listener.follow(reaches.clone())));
    }
    drop(begun.acquire_many(u32::try_from(count)?).await?);
    ready.send(cpu::this_thread()?).ok();
    // The sender goes when the run has failed.
    let goal = match goals.wait_for(Option::is_some).await {
        Ok(goal) => goal.clone().unwrap_or_default(),
        Err(_) => bail!("nobody waits for the listeners"),
    };
    let goal = Goal { seq: goal.0, seats: goal.1.into() };
    reached.send_replace(Some(goal.seq));
    let mut ways = Vec::with_capacity(count);
    for listener in listening {
        ways.push(listener.await??);
    }
    let heard = compare(&table.borrow(), &ways, &goal);
    Ok(heard)
}

/// What the ways come to, each different chain looked at once.
fn compare(table: &Table, ways: &[Way], goal: &Goal) -> Heard {
    let mut verdicts: HashMap<&[u32], Option<String>> = HashMap::new();
    let mut heard = Heard::default();
    for way in ways {
        let verdict = verdicts
            .entry(&way.chain)
            .or_insert_with(|| table.arrives(&way.chain, goal).err().map(|error| format!("{error:#}")));
        match verdict {
            None => heard.converged += 1,
            Some(wrong) => {
                heard.first_wrong.get_or_insert_with(|| wrong.clone());
            }
        }
        let reached = way.chain.iter().position(|frame| table.frames[*frame as usize].seq >= goal.seq);
        heard.all_heard = heard.all_heard.max(reached.map(|at| way.heard_at[at]));
        heard.frames += way.chain.len() as u64;
        heard.bytes += way.bytes;
        heard.reconnections += way.reconnections;
    }
    heard
}

struct Listener {
    port: u16,
    request: String,
    table: Rc<RefCell<Table>>,
    /// Given a permit with the first frame.
    begun: Option<Rc<Semaphore>>,
    buffer: Vec<u8>,
    way: Way,
}

impl Listener {
    /// Listens until it has heard of the commit that is reached, through lost connections.
    async fn follow(mut self, mut reached: watch::Receiver<Option<u64>>) -> anyhow::Result<Way> {
        loop {
            let mut stream = self.connect().await?;
            loop {
                if reached.borrow().is_some_and(|seq| self.seq() >= seq) {
                    return Ok(self.way);
                }
                self.buffer.reserve(READ_BYTES);
                let read = tokio::select! {
                    read = stream.read_buf(&mut self.buffer) => read,
                    changed = reached.changed() => match changed {
                        Ok(()) => continue,
                        Err(_) => bail!("nobody waits for the listeners"),
                    },
                };
                match read {
                    Ok(0) | Err(_) => break,
                    Ok(bytes) => self.way.bytes += bytes as u64,
                }
                self.take_frames()?;
            }
            // Too slow, and dropped for it: it comes back where it was.
            self.way.reconnections += 1;
            self.buffer.clear();
            tokio::time::sleep(RECONNECT).await;
        }
    }

    fn seq(&self) -> u64 {
        let table = self.table.borrow();
        self.way.chain.last().map_or(0, |frame| table.frames[*frame as usize].seq)
    }

    async fn connect(&mut self) -> anyhow::Result<TcpStream> {
        let last = self.way.chain.last().map(|frame| self.table.borrow().frames[*frame as usize].id());
        let last = last.map(|id| format!("Last-Event-ID: {id}\r\n")).unwrap_or_default();
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await?;
        stream.write_all(format!("GET {}{last}\r\n", self.request).as_bytes()).await?;
        let head = loop {
            if let Some(at) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            ensure!(stream.read_buf(&mut self.buffer).await? > 0, "a feed without a head");
        };
        let told = String::from_utf8_lossy(&self.buffer[..head]).into_owned();
        ensure!(told.split(' ').nth(1) == Some("200"), "no feed: {told}");
        self.buffer.drain(..head);
        let is_packed = told.lines().any(|line| line.eq_ignore_ascii_case("content-encoding: gzip"));
        ensure!(is_packed, "a feed that is not sent as gzip: {told}");
        while self.buffer.len() < GZIP_HEAD_BYTES {
            ensure!(stream.read_buf(&mut self.buffer).await? > 0, "a gzip stream without a head");
        }
        ensure!(self.buffer.starts_with(GZIP_HEAD), "what does not begin as gzip does");
        self.buffer.drain(..GZIP_HEAD_BYTES);
        self.take_frames()?;
        Ok(stream)
    }

    /// Takes the whole frames out of what came.
    fn take_frames(&mut self) -> anyhow::Result<()> {
        let mut taken = 0;
        let mut table = self.table.borrow_mut();
        loop {
            let rest = &self.buffer[taken..];
            let expected = self.way.chain.last().and_then(|last| table.successor(*last));
            let (frame, length) = match expected {
                // What most hear is compared, and not searched for its end.
                Some(frame) if rest.starts_with(&table.frames[frame as usize].sent) => {
                    (Some(frame), table.frames[frame as usize].sent.len())
                }
                Some(frame) if table.frames[frame as usize].sent.starts_with(rest) => break,
                _ => {
                    let Some((length, text)) = first(rest)? else { break };
                    (table.keep(&rest[..length], &text)?, length)
                }
            };
            taken += length;
            let Some(frame) = frame else { continue };
            if let Some(last) = self.way.chain.last() {
                table.follows(*last, frame);
            }
            self.way.chain.push(frame);
            self.way.heard_at.push(Instant::now());
            if let Some(begun) = self.begun.take() {
                begun.add_permits(1);
            }
        }
        ensure!(self.buffer.len() - taken <= FRAME_BYTES_MAX, "a frame that does not end");
        self.buffer.drain(..taken);
        Ok(())
    }
}

/// How many bytes the first frame has, and its text; `None` if it has not come whole.
fn first(sent: &[u8]) -> anyhow::Result<Option<(usize, Vec<u8>)>> {
    let ends = sent.windows(PACKED_END.len()).enumerate().filter(|(_, window)| *window == PACKED_END);
    for length in ends.map(|(at, _)| at + PACKED_END.len()) {
        let mut text = Vec::new();
        match DeflateDecoder::new(&sent[..length]).take(FRAME_BYTES_MAX as u64).read_to_end(&mut text) {
            // No block is the last one, so that what comes next is missing, after all that there is.
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {}
            Err(error) => return Err(error).context("a frame that cannot be unpacked"),
            Ok(_) => {}
        }
        if text.ends_with(END) {
            return Ok(Some((length, text)));
        }
    }
    Ok(None)
}

/// Every different frame that anybody heard.
#[derive(Debug, Default)]
struct Table {
    frames: Vec<Frame>,
    /// Frames by the commit that they end with; different ones of one commit are rare.
    by_seq: HashMap<u64, Vec<u32>>,
    /// What came after a frame for whoever heard it first.
    successors: HashMap<u32, u32>,
}

/// A frame that tells of seats.
#[derive(Debug)]
struct Frame {
    /// As it came.
    sent: Vec<u8>,
    text: Vec<u8>,
    /// The first commit in it; nothing for a snapshot, which needs none before it.
    from: Option<u64>,
    seq: u64,
}

#[derive(Deserialize)]
struct Data {
    #[serde(default)]
    from: Option<u64>,
    seq: u64,
}

#[derive(Deserialize)]
struct Snapshot<'a> {
    seats: &'a str,
}

#[derive(Deserialize)]
struct Commit {
    #[serde(default)]
    seats: HashMap<usize, String>,
}

impl Frame {
    fn line<'a>(text: &'a [u8], name: &str) -> Option<&'a str> {
        let text = std::str::from_utf8(text).ok()?;
        text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    fn id(&self) -> String {
        Self::line(&self.text, "id").unwrap_or_default().to_owned()
    }
}

impl Table {
    fn successor(&self, frame: u32) -> Option<u32> {
        self.successors.get(&frame).copied()
    }

    fn follows(&mut self, frame: u32, next: u32) {
        self.successors.entry(frame).or_insert(next);
    }

    /// The number of a frame, known or new; `None` for one that tells of no seats.
    fn keep(&mut self, sent: &[u8], text: &[u8]) -> anyhow::Result<Option<u32>> {
        let kind = Frame::line(text, "event");
        if !matches!(kind, Some("snapshot" | "commit")) {
            return Ok(None);
        }
        let data = Frame::line(text, "data").context("a frame without data")?;
        let Data { from, seq } = serde_json::from_str(data).context("a frame that is no JSON")?;
        ensure!(from.is_some() == (kind == Some("commit")), "a frame of another kind than it says");
        let same = self.by_seq.entry(seq).or_default();
        if let Some(known) = same.iter().find(|known| self.frames[**known as usize].sent == sent) {
            return Ok(Some(*known));
        }
        let number = u32::try_from(self.frames.len())?;
        same.push(number);
        self.frames.push(Frame { sent: sent.to_vec(), text: text.to_vec(), from, seq });
        Ok(Some(number))
    }

    /// Whether a chain of frames has no gap, and gives the seats of the store.
    fn arrives(&self, chain: &[u32], goal: &Goal) -> anyhow::Result<()> {
        let mut seats: Vec<u8> = Vec::new();
        let mut seq = None;
        for frame in chain.iter().map(|frame| &self.frames[*frame as usize]) {
            let data = Frame::line(&frame.text, "data").unwrap_or_default();
            match frame.from {
                None => seats = serde_json::from_str::<Snapshot<'_>>(data)?.seats.as_bytes().to_vec(),
                Some(from) => {
                    ensure!(seq == Some(from - 1), "a gap between {seq:?} and {from}");
                    for (seat, state) in serde_json::from_str::<Commit>(data)?.seats {
                        let known = seats.get_mut(seat).context("a seat that is not there")?;
                        *known = *state.as_bytes().first().context("a state without a letter")?;
                    }
                }
            }
            seq = Some(frame.seq);
        }
        ensure!(seq == Some(goal.seq), "it ended at {seq:?} instead of {}", goal.seq);
        let wrong = seats.iter().zip(goal.seats.bytes()).position(|(heard, stored)| *heard != stored);
        ensure!(seats.len() == goal.seats.len() && wrong.is_none(), "seat {wrong:?} is another in the store");
        Ok(())
    }
}

#[cfg(test)]
mod tests;
