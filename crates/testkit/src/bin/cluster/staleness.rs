//! How long another node's desk takes to show what one node has answered.
//!
//! Under a load of half of what the nodes can do together, a buyer more books at one node, and from his answer on another node is asked what
//! is left until it shows that commit. Once with the relay and once without: then nodes only have the database's word.

use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};
use testkit::servers::flashtix::Node;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::{Arguments, Sale, Topology};

/// What may be stale at most, for 99 of 100 commits.
const P99_MAX: Duration = Duration::from_millis(100);
/// How long as much as possible is sold, to find the peak, in seconds.
const PEAK_SECONDS: u32 = 8;
/// How long each measurement takes, in seconds.
const MEASURED_SECONDS: u32 = 20;
/// What is not counted at the begin of one, while the load begins, in seconds.
const WARM_UP_SECONDS: u32 = 3;
/// How much longer the crowd comes than is measured: it must be there to the end.
const CROWD_BEYOND_SECONDS: u32 = 4;
/// The least part of the crowd's rate that must have come.
const ACHIEVED_SHARE_MIN: f64 = 0.9;
/// The pause between two questions to a node, and between two bookings.
const ASK_PAUSE: Duration = Duration::from_millis(1);
const BOOK_PAUSE: Duration = Duration::from_millis(10);
/// A commit that is not seen for so long ends the measurement.
const SEEN_MAX: Duration = Duration::from_secs(10);

/// One floor, so large that it is not sold out: what is left of it is told in a few bytes.
fn floor() -> Sale {
    Sale {
        chart: None,
        event: json!({
            "name": "Staleness",
            "areas": [{ "name": "Floor", "category": "floor", "capacity": 1_000_000 }],
            "prices": { "floor": 4_500 },
        }),
    }
}

/// Where the crowd goes, who books, and who is asked.
struct Course {
    name: &'static str,
    front: String,
    books_at: Vec<u16>,
    asked: Vec<u16>,
}

impl Course {
    fn all(topology: &Topology) -> [Self; 2] {
        let ports: Vec<u16> = topology.nodes.iter().map(Node::port).collect();
        let one = format!("http://127.0.0.1:{}", ports[0]);
        [
            Self {
                name: "all nodes sell",
                front: topology.front(),
                books_at: ports.clone(),
                asked: ports.clone(),
            },
            Self {
                name: "one node sells",
                front: one,
                books_at: ports[..1].to_vec(),
                asked: ports[1..].to_vec(),
            },
        ]
    }
}

/// Measures both ways, and says whether both keep the bar.
pub(super) fn measure(arguments: &Arguments, folder: &Path) -> anyhow::Result<bool> {
    ensure!(arguments.nodes >= 2, "staleness is between nodes: start at least two");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (mut is_kept, mut rate) = (true, None);
    println!(
        "{:<16} {:<10} {:>8} {:>8} {:>9} {:>9} {:>9}",
        "course", "relay", "crowd/s", "commits", "p50 ms", "p99 ms", "max ms"
    );
    for has_relay in [true, false] {
        let more = ["--relay", if has_relay { "true" } else { "false" }];
        let topology = Topology::start(arguments, folder, &floor(), &more)?;
        let half = match rate {
            Some(half) => half,
            None => {
                let peak = peak(&arguments.flashtix, &topology)?;
                eprintln!("the peak is {peak:.0} bookings a second; measuring at half of it");
                *rate.insert(peak / 2.0)
            }
        };
        for course in Course::all(&topology) {
            let crowd = Crowd::start(&arguments.flashtix, &topology, &course.front, half)?;
            let mut seen = runtime.block_on(probe(&topology, &course))?;
            let achieved = crowd.end(half)?;
            ensure!(!seen.is_empty(), "nothing was booked in {MEASURED_SECONDS} s");
            seen.sort_unstable();
            let of = |part: f64| seen[((seen.len() - 1) as f64 * part).round() as usize];
            let ms = |time: Duration| format!("{:.1}", time.as_secs_f64() * 1e3);
            println!(
                "{:<16} {:<10} {:>8.0} {:>8} {:>9} {:>9} {:>9}",
                course.name,
                if has_relay { "on" } else { "off" },
                achieved,
                seen.len(),
                ms(of(0.5)),
                ms(of(0.99)),
                ms(of(1.0))
            );
            is_kept &= of(0.99) <= P99_MAX;
        }
        let audit =
            Command::new(&arguments.flashtix).args(["audit", "--database-url", &topology.url]).status()?;
        ensure!(audit.success(), "the audit found a difference");
    }
    println!("bar: p99 of at most {} ms: {}", P99_MAX.as_millis(), if is_kept { "kept" } else { "missed" });
    Ok(is_kept)
}

fn storm(flashtix: &Path, topology: &Topology, front: &str) -> Command {
    let mut command = Command::new(flashtix);
    command.args(["storm", "--scenario", "ga", "--connections", "512", "--json", "--url", front]);
    command.args(["--key", &topology.key, "--event", &topology.event]).stdin(Stdio::null());
    command.stderr(Stdio::null());
    command
}

/// Bookings a second that all nodes do together when nobody waits for his turn to come.
fn peak(flashtix: &Path, topology: &Topology) -> anyhow::Result<f64> {
    let seconds = PEAK_SECONDS.to_string();
    let mut command = storm(flashtix, topology, &topology.front());
    let output = command.args(["--rate", "0", "--buyers", "900000", "--duration", &seconds]).output()?;
    let told = right(&output.stdout)?;
    told["rates"]["bookings_per_second"].as_f64().filter(|rate| *rate > 0.0).context("the storm sold nothing")
}

/// What a storm tells, if it found the sale right.
fn right(told: &[u8]) -> anyhow::Result<Value> {
    let told: Value = serde_json::from_slice(told).context("the storm told nothing")?;
    let checks = told["verdict"]["checks"].as_array().map(Vec::as_slice).unwrap_or_default();
    let wrong: Vec<&Value> = checks.iter().filter(|check| check["ok"] != true).collect();
    ensure!(told["verdict"]["ok"] == true, "the storm found the sale wrong: {wrong:?}");
    Ok(told)
}

/// A crowd that comes at a rate, whatever the nodes do, and somewhat longer than is measured. Dropped, it ends.
struct Crowd(Child);

impl Drop for Crowd {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Crowd {
    fn start(flashtix: &Path, topology: &Topology, front: &str, rate: f64) -> anyhow::Result<Self> {
        let seconds = WARM_UP_SECONDS + MEASURED_SECONDS + CROWD_BEYOND_SECONDS;
        let buyers = (rate * f64::from(seconds) * 2.0).ceil().to_string();
        let mut command = storm(flashtix, topology, front);
        command.args(["--rate", &rate.to_string(), "--buyers", &buyers, "--duration", &seconds.to_string()]);
        Ok(Self(command.stdout(Stdio::piped()).spawn()?))
    }

    /// Waits for its report, and gives the buyers a second who came.
    ///
    /// # Errors
    /// When it ended before the measurement did, came at another rate than this, or found the sale wrong.
    fn end(mut self, rate: f64) -> anyhow::Result<f64> {
        if let Some(ended) = self.0.try_wait()? {
            bail!("the crowd was gone before the measurement was over: {ended}");
        }
        let mut told = Vec::new();
        self.0.stdout.take().context("the crowd has no output")?.read_to_end(&mut told)?;
        let told = right(&told)?;
        let achieved = told["rates"]["achieved_per_second"].as_f64().unwrap_or(0.0);
        ensure!(
            achieved >= ACHIEVED_SHARE_MIN * rate,
            "the crowd did not come: {achieved:.0} instead of {rate:.0} buyers a second"
        );
        Ok(achieved)
    }
}

/// Books at one node after the other, and times when others show it.
async fn probe(topology: &Topology, course: &Course) -> anyhow::Result<Vec<Duration>> {
    let mut at = Vec::new();
    for port in topology.nodes.iter().map(Node::port) {
        at.push((port, Line::connect(port, &topology.key).await?));
    }
    let event = &topology.event;
    let began = Instant::now();
    let warm_up = Duration::from_secs(WARM_UP_SECONDS.into());
    let mut pauses = interval(BOOK_PAUSE);
    pauses.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut seen = Vec::new();
    let pairs = course.books_at.iter().flat_map(|from| course.asked.iter().map(move |to| (*from, *to)));
    let pairs: Vec<(u16, u16)> = pairs.filter(|(from, to)| from != to).collect();
    for (number, (from, to)) in pairs.iter().cycle().enumerate() {
        if began.elapsed() > warm_up + Duration::from_secs(MEASURED_SECONDS.into()) {
            break;
        }
        pauses.tick().await;
        let wish =
            json!({ "buyer": format!("probe-{number}"), "areas": [{ "name": "Floor", "quantity": 1 }] });
        let body = wish.to_string();
        let line = line_of(&mut at, *from)?;
        let (status, sold) = line.ask("POST", &format!("/v1/events/{event}/orders"), &body).await?;
        let answered = Instant::now();
        if status != 201 {
            // Shed, as others may be.
            continue;
        }
        let seq = sold["seq"].as_u64().context("an order without a seq")?;
        let other = line_of(&mut at, *to)?;
        let mut asks = interval(ASK_PAUSE);
        asks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let (_, left) = other.ask("GET", &format!("/v1/events/{event}/availability"), "").await?;
            if left["seq"].as_u64().is_some_and(|known| known >= seq) {
                break;
            }
            ensure!(answered.elapsed() < SEEN_MAX, "commit {seq} is not shown by another node");
            asks.tick().await;
        }
        if began.elapsed() > warm_up {
            seen.push(answered.elapsed());
        }
    }
    Ok(seen)
}

fn line_of(lines: &mut [(u16, Line)], port: u16) -> anyhow::Result<&mut Line> {
    lines.iter_mut().find(|(known, _)| *known == port).map(|(_, line)| line).context("an unknown node")
}

/// A connection to one node that is kept.
struct Line {
    stream: BufReader<TcpStream>,
    key: String,
}

impl Line {
    async fn connect(port: u16, key: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect((std::net::Ipv4Addr::LOCALHOST, port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::new(stream), key: key.to_owned() })
    }

    async fn ask(&mut self, method: &str, path: &str, body: &str) -> anyhow::Result<(u16, Value)> {
        let question = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {}\r\n\
             Idempotency-Key: {:032x}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.key,
            rand::random::<u128>(),
            body.len()
        );
        self.stream.get_mut().write_all(question.as_bytes()).await?;
        let (mut status, mut length, mut line) = (0, 0, String::new());
        loop {
            line.clear();
            ensure!(self.stream.read_line(&mut line).await? > 0, "a node closed the connection");
            let text = line.trim_end().to_ascii_lowercase();
            if let Some(rest) = text.strip_prefix("http/1.1 ") {
                status = rest.split(' ').next().and_then(|status| status.parse().ok()).unwrap_or(0);
            } else if let Some(rest) = text.strip_prefix("content-length:") {
                length = rest.trim().parse().context("a length that is none")?;
            } else if text.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).await?;
        Ok((status, serde_json::from_slice(&body).unwrap_or_default()))
    }
}
