//! What a storm shall do. Plain data: a command line maps its arguments onto [`Options`].

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::Barrier;

use crate::target::Target;
use crate::{Error, limits};

/// Which of the server's two APIs the buyers speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Api {
    /// The JSON API under `/v1`.
    #[default]
    V1,
    /// The original's `/api/tickets`, one ticket a request.
    Classic,
}

/// What the buyers want.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scenario {
    /// Everybody asks once for the same seat: exactly one may get it.
    #[default]
    OneSeat,
    /// Everybody wants one to four seats of their choice and falls back until told sold out.
    Arena,
    /// Everybody wants one unit of the event's first area.
    Ga,
    /// Pairs and fours, chosen by the server, until sold out.
    BestAvailable,
    /// Everybody holds a seat; 30 % confirm, the rest lapse.
    Holds,
    /// Every buyer books another seat, in random order, without fallback: for throughput.
    Sustained,
}

/// How the buyers arrive when a rate is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Arrival {
    /// Evenly, at the rate.
    #[default]
    Steady,
    /// The doors open: the first half comes at ten times the rate, the others at the rate.
    Spike,
    /// The rate grows evenly from nothing to the given one, reached by the last buyer.
    Ramp,
}

/// A word that names no variant; the message lists those that exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{word:?} is none of {known}")]
pub struct UnknownWord {
    word: String,
    known: String,
}

macro_rules! words {
    ($type:ident: $($variant:ident = $word:literal),+ $(,)?) => {
        impl $type {
            /// Every variant, in the order in which help should list them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word for it on a command line.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.word())
            }
        }

        impl FromStr for $type {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(UnknownWord { word: word.to_owned(), known: [$($word),+].join(", ") }),
                }
            }
        }
    };
}

words!(Api: V1 = "v1", Classic = "classic");
words!(Scenario:
    OneSeat = "one-seat",
    Arena = "arena",
    Ga = "ga",
    BestAvailable = "best-available",
    Holds = "holds",
    Sustained = "sustained",
);
words!(Arrival: Steady = "steady", Spike = "spike", Ramp = "ramp");

impl Scenario {
    /// How many buyers come unless said otherwise.
    #[must_use]
    pub const fn buyers_default(self) -> u64 {
        match self {
            Self::OneSeat => 500,
            Self::Arena => 200_000,
            Self::Ga | Self::Sustained => 100_000,
            Self::BestAvailable | Self::Holds => 20_000,
        }
    }
}

/// What a storm shall do. Start from [`Options::new`] and change what differs.
#[derive(Debug, Clone)]
pub struct Options {
    /// The server, `http://host:port`, with a path in front of the API if there is one.
    pub url: String,
    /// Further servers of the same installation, below the same path: connections are dealt out to all in turn, questions
    /// before and after the load go to `url`. Default: none.
    pub further_urls: Vec<String>,
    /// Which API the buyers speak. Default: v1.
    pub api: Api,
    /// What the buyers want. Default: one-seat.
    pub scenario: Scenario,
    /// The event's id; without it, the first open event that the key can see. v1 only.
    pub event: Option<String>,
    /// Further events on the same chart, without areas of their own: the wishes fall on the seats of all of them alike.
    /// `sustained` only, and beside a named `event`. Default: none.
    pub further_events: Vec<String>,
    /// The organizer's secret key; v1 needs it. The verdict is read with it.
    pub key: Option<String>,
    /// When given, the buyers present this publishable key, as browsers do; the event must then
    /// have `public_confirm`.
    pub publishable_key: Option<String>,
    /// How many buyers come. Default: [`Scenario::buyers_default`].
    pub buyers: u64,
    /// Buyers arriving per second, whatever the server does: open loop, latency counted from the
    /// intended time. A buyer's fallbacks and retries come on top. `None`: closed loop, as fast as
    /// the connections allow, where latency hides the waiting of those who never got to ask.
    /// Default: [`limits::RATE_DEFAULT`].
    pub rate: Option<f64>,
    /// How the buyers arrive, if there is a rate. Default: steady.
    pub arrival: Arrival,
    /// Connections, each with at most one request in flight. Default: 128.
    pub connections: usize,
    /// Threads that drive the connections. One does tens of thousands of requests a second.
    /// Default: 1.
    pub threads: usize,
    /// Decides who wants which places: the same seed asks for the same. Default: 1.
    pub seed: u64,
    /// No buyer starts after this much time; those who started are served to the end. Default:
    /// no limit.
    pub duration_max: Option<Duration>,
    /// The seat of `one-seat`, by label (classic: the ticket's id). Default: the first free seat.
    pub place: Option<String>,
    /// How unevenly the wishes fall on the seats: the exponent of a Zipf distribution, about 1.0
    /// for a real sale. Default: evenly.
    pub zipf: Option<f64>,
    /// How long a hold of `holds` lasts, in whole seconds. Default: 5 s.
    pub hold_seconds: u32,
    /// Whether holds end within one second of each other: whoever comes later asks for as much less, in whole seconds and at
    /// least one. Default: each lasts `hold_seconds`.
    pub holds_end_together: bool,
    /// Where storms on the same event wait for each other before they read what became of it: what one of them reads while
    /// another still buys is no moment's truth. Default: nobody is waited for.
    pub before_the_truth: Option<Arc<Barrier>>,
    /// The longest wait for one answer. Default: 10 s.
    pub request_timeout: Duration,
    /// How long a buyer who does not know whether the purchase happened keeps asking with the same
    /// key, through reconnects. Default: 60 s.
    pub unknown_patience: Duration,
    /// How long a buyer who is told to come back comes back. Default: 120 s.
    pub retry_patience: Duration,
}

impl Options {
    /// The defaults for a scenario on a server.
    #[must_use]
    pub fn new(url: impl Into<String>, scenario: Scenario) -> Self {
        Self {
            url: url.into(),
            further_urls: Vec::new(),
            api: Api::V1,
            scenario,
            event: None,
            further_events: Vec::new(),
            key: None,
            publishable_key: None,
            buyers: scenario.buyers_default(),
            rate: Some(limits::RATE_DEFAULT),
            arrival: Arrival::Steady,
            connections: limits::CONNECTIONS_DEFAULT,
            threads: 1,
            seed: 1,
            duration_max: None,
            place: None,
            zipf: None,
            hold_seconds: 5,
            holds_end_together: false,
            before_the_truth: None,
            request_timeout: Duration::from_secs(10),
            unknown_patience: Duration::from_secs(60),
            retry_patience: Duration::from_secs(120),
        }
    }

    /// Checks every field that can be checked without the server.
    ///
    /// # Errors
    /// [`Error::Option`], [`Error::KeyMissing`] or [`Error::NotClassic`], naming what to change.
    pub fn validate(&self) -> Result<(), Error> {
        let wrong = |option, reason: String| Err(Error::Option { option, reason });
        if self.buyers == 0 || self.buyers > limits::BUYERS_MAX {
            return wrong("buyers", format!("must be 1 to {}", limits::BUYERS_MAX));
        }
        if self.connections == 0 || self.connections > limits::CONNECTIONS_MAX {
            return wrong("connections", format!("must be 1 to {}", limits::CONNECTIONS_MAX));
        }
        if self.threads == 0 || self.threads > limits::THREADS_MAX {
            return wrong("threads", format!("must be 1 to {}", limits::THREADS_MAX));
        }
        if let Some(rate) = self.rate
            && !(rate > 0.0 && rate <= limits::RATE_MAX)
        {
            return wrong("rate", format!("must be above 0 and at most {} a second", limits::RATE_MAX));
        }
        if let Some(zipf) = self.zipf
            && !(0.0..=limits::ZIPF_MAX).contains(&zipf)
        {
            return wrong("zipf", format!("must be 0 to {}", limits::ZIPF_MAX));
        }
        if self.hold_seconds == 0 || self.hold_seconds > limits::HOLD_SECONDS_MAX {
            return wrong("hold_seconds", format!("must be 1 to {}", limits::HOLD_SECONDS_MAX));
        }
        if self.request_timeout < limits::REQUEST_TIMEOUT_MIN {
            return wrong("request_timeout", format!("must be at least {:?}", limits::REQUEST_TIMEOUT_MIN));
        }
        for (option, key) in [("key", &self.key), ("publishable_key", &self.publishable_key)] {
            if key.as_ref().is_some_and(|key| key.is_empty() || !key.bytes().all(|b| b.is_ascii_graphic())) {
                return wrong(option, "must be printable ASCII without spaces".to_owned());
            }
        }
        self.validate_targets()?;
        match self.api {
            Api::V1 if self.key.is_none() => Err(Error::KeyMissing),
            Api::Classic if !matches!(self.scenario, Scenario::OneSeat | Scenario::Arena) => {
                Err(Error::NotClassic { scenario: self.scenario })
            }
            Api::V1 | Api::Classic => Ok(()),
        }
    }

    fn validate_targets(&self) -> Result<(), Error> {
        let wrong = |option, reason: String| Err(Error::Option { option, reason });
        let is_id = |event: &str| {
            !event.is_empty() && event.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
        };
        for (option, events) in
            [("event", self.event.as_slice()), ("further_events", &self.further_events[..])]
        {
            if let Some(event) = events.iter().find(|event| !is_id(event)) {
                return wrong(option, format!("{event:?} is no event id; one looks like evt_…"));
            }
        }
        if self.further_events.len() > limits::FURTHER_EVENTS_MAX {
            return wrong("further_events", format!("must be at most {}", limits::FURTHER_EVENTS_MAX));
        }
        if !self.further_events.is_empty() && (self.scenario != Scenario::Sustained || self.event.is_none()) {
            return wrong("further_events", "need a named event, and the scenario sustained".to_owned());
        }
        if self.further_urls.len() > limits::FURTHER_URLS_MAX {
            return wrong("further_urls", format!("must be at most {}", limits::FURTHER_URLS_MAX));
        }
        let first = Target::parse(&self.url)?;
        for url in &self.further_urls {
            if Target::parse(url)?.prefix != first.prefix {
                return wrong("further_urls", format!("{url} has another path than {}", self.url));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_go_both_ways() {
        for scenario in Scenario::ALL {
            assert_eq!(scenario.to_string().parse::<Scenario>().as_ref(), Ok(scenario));
        }
        for arrival in Arrival::ALL {
            assert_eq!(arrival.to_string().parse::<Arrival>().as_ref(), Ok(arrival));
        }
        let refused = "tsunami".parse::<Scenario>().unwrap_err().to_string();
        assert!(refused.contains("tsunami") && refused.contains("best-available"), "{refused}");
        assert_eq!("classic".parse::<Api>(), Ok(Api::Classic));
    }

    #[test]
    fn a_scenario_is_the_same_word_in_json() {
        for scenario in Scenario::ALL {
            assert_eq!(serde_json::to_string(scenario).unwrap(), format!("\"{scenario}\""));
        }
    }

    #[test]
    fn senseless_options_are_refused_by_name() {
        type Spoil = fn(&mut Options);
        let spoils: [(&str, Spoil); 14] = [
            ("buyers", |o| o.buyers = 0),
            ("connections", |o| o.connections = 0),
            ("connections", |o| o.connections = usize::MAX),
            ("threads", |o| o.threads = 0),
            ("rate", |o| o.rate = Some(f64::NAN)),
            ("rate", |o| o.rate = Some(-1.0)),
            ("zipf", |o| o.zipf = Some(f64::INFINITY)),
            ("hold_seconds", |o| o.hold_seconds = 0),
            ("request_timeout", |o| o.request_timeout = Duration::ZERO),
            ("key", |o| o.key = Some("sk\r\nX: y".to_owned())),
            ("event", |o| o.event = Some("../admin".to_owned())),
            ("further_events", |o| o.further_events = vec!["../admin".to_owned()]),
            ("further_events", |o| o.further_events = vec!["evt_2".to_owned()]),
            ("further_urls", |o| o.further_urls = vec!["http://127.0.0.1:2/shop".to_owned()]),
        ];
        for (named, spoil) in spoils {
            let mut options = Options::new("http://127.0.0.1:1", Scenario::Arena);
            options.key = Some("sk_test_1".to_owned());
            assert!(options.validate().is_ok());
            spoil(&mut options);
            let error = options.validate().unwrap_err().to_string();
            assert!(error.contains(named), "{named}: {error}");
        }
    }

    #[test]
    fn v1_needs_a_key_and_classic_a_simple_scenario() {
        let mut options = Options::new("http://127.0.0.1:1", Scenario::Holds);
        assert!(matches!(options.validate(), Err(Error::KeyMissing)));
        options.api = Api::Classic;
        assert!(matches!(options.validate(), Err(Error::NotClassic { scenario: Scenario::Holds })));
    }
}
