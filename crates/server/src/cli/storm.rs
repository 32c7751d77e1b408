//! `flashtix storm`.

use std::path::PathBuf;
use std::time::Duration;

use ::storm::{Api, Arrival, Options, Progress, Report, Scenario};

use super::{Ended, remark, say};

/// Buyers a second that the demo's own crowd grows to. It comes slowly at first, so that who looks sees the arena fill, and
/// so fast in the end that most of it comes too late.
const DEMO_RATE: f64 = 6_000.0;

/// The arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The server
    #[arg(long, env = "FLASHTIX_URL", default_value = "http://127.0.0.1:8080", value_name = "URL")]
    url: String,
    /// Which API the buyers speak: v1 or classic
    #[arg(long, default_value_t = Api::V1, value_name = "API")]
    api: Api,
    /// What the buyers want: one-seat, arena, ga, best-available, holds or sustained
    #[arg(long, default_value_t = Scenario::OneSeat, value_name = "SCENARIO")]
    scenario: Scenario,
    /// The event [default: the first open one]
    #[arg(long, value_name = "ID")]
    event: Option<String>,
    /// The organizer's secret key; the verdict is read with it
    #[arg(long, env = "FLASHTIX_SECRET_KEY", hide_env_values = true, value_name = "KEY")]
    key: Option<String>,
    /// Let the buyers use this publishable key, as browsers do
    #[arg(long, value_name = "KEY")]
    publishable_key: Option<String>,
    /// How many buyers come [default: depends on the scenario]
    #[arg(long, value_name = "COUNT")]
    buyers: Option<u64>,
    /// Buyers that arrive a second, whatever the server does; 0 for as fast as the connections allow
    #[arg(long, value_name = "RATE")]
    rate: Option<f64>,
    /// How they arrive: steady, spike or ramp
    #[arg(long, default_value_t = Arrival::Steady, value_name = "CURVE")]
    arrival: Arrival,
    /// Connections, each with one request at a time
    #[arg(long, value_name = "COUNT")]
    connections: Option<usize>,
    /// Threads that drive the connections
    #[arg(long, value_name = "COUNT")]
    threads: Option<usize>,
    /// The same seed asks for the same places
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How unevenly wishes fall on seats: about 1.0 for a real sale [default: evenly]
    #[arg(long, value_name = "EXPONENT")]
    zipf: Option<f64>,
    /// The seat of one-seat [default: the first free one]
    #[arg(long, value_name = "LABEL")]
    place: Option<String>,
    /// No buyer starts after so many seconds
    #[arg(long, value_name = "SECONDS")]
    duration: Option<f64>,
    /// How long a hold of the scenario holds lasts
    #[arg(long, value_name = "SECONDS")]
    hold_seconds: Option<u32>,
    /// One line of JSON instead of a summary
    #[arg(long)]
    json: bool,
    /// Write a report with plots
    #[arg(long, value_name = "FILE.html")]
    report: Option<PathBuf>,
}

impl Args {
    fn options(&self) -> Options {
        let mut options = Options::new(self.url.clone(), self.scenario);
        options.api = self.api;
        options.event.clone_from(&self.event);
        options.key.clone_from(&self.key);
        options.publishable_key.clone_from(&self.publishable_key);
        options.arrival = self.arrival;
        options.seed = self.seed;
        options.zipf = self.zipf;
        options.place.clone_from(&self.place);
        options.duration_max = self.duration.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        options.buyers = self.buyers.unwrap_or(options.buyers);
        options.connections = self.connections.unwrap_or(options.connections);
        options.threads = self.threads.unwrap_or(options.threads);
        options.hold_seconds = self.hold_seconds.unwrap_or(options.hold_seconds);
        options.rate = match self.rate {
            None => options.rate,
            Some(rate) => Some(rate).filter(|rate| *rate != 0.0),
        };
        options
    }
}

pub(super) async fn run(args: Args) -> anyhow::Result<Ended> {
    let report = ::storm::run(args.options(), Progress::terminal()).await?;
    if let Some(path) = &args.report {
        report.write_html(path)?;
        remark(format_args!("The report is {}", path.display()));
    }
    say(if args.json { serde_json::to_string(&report)? } else { report.to_text() });
    Ok(verdict(&report))
}

fn verdict(report: &Report) -> Ended {
    if report.verdict.ok { Ended::Well } else { Ended::Badly }
}

/// Lets a crowd sell the demo's arena out, and shows it.
pub(super) async fn show(url: &str, event: &str, key: &str, buyers: u64) {
    let mut options = Options::new(url, Scenario::Arena);
    options.event = Some(event.to_owned());
    options.key = Some(key.to_owned());
    options.buyers = buyers;
    options.rate = Some(DEMO_RATE);
    options.arrival = Arrival::Ramp;
    match ::storm::run(options, Progress::terminal()).await {
        Ok(report) => say(report.to_text()),
        Err(error) => remark(format_args!("the storm could not be run: {error}")),
    }
}
