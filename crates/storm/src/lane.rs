//! One connection's loop: takes the next buyer that is due, asks for it, and lets those who were told
//! to come back wait aside, so that a waiting buyer never keeps a connection idle.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

use crate::answer::{Answer, ClassicTicket, Hold, Order};
use crate::buyer::{Buyer, End, Next, Step};
use crate::connection::{Connection, NoReply};
use crate::driver::Load;
use crate::recorder::Recorder;
use crate::script::MALFORMED;
use crate::wire::Wire;
use crate::{Api, Outcome, limits};

/// A connection and the buyers that wait on it.
#[derive(Debug)]
pub(crate) struct Lane {
    load: Arc<Load>,
    recorder: Arc<Mutex<Recorder>>,
    connection: Connection,
    wire: Wire,
    request: Vec<u8>,
    waiting: BinaryHeap<Reverse<Waiting>>,
    start: Instant,
    /// Whether new buyers may still come.
    accepting: bool,
    /// Since when nothing at all has come back from the server.
    silent_since: Option<Instant>,
}

/// A buyer that was told to come back, ordered by when.
#[derive(Debug)]
struct Waiting {
    due: Instant,
    buyer: Buyer,
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.due, self.buyer.number).cmp(&(other.due, other.buyer.number))
    }
}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Waiting {}

/// A buyer and when its question was meant to be asked.
struct Turn {
    buyer: Buyer,
    intended: Instant,
}

impl Lane {
    pub(crate) fn new(load: Arc<Load>, authority: &str, recorder: Arc<Mutex<Recorder>>, wire: Wire) -> Self {
        let connection = Connection::new(authority, load.request_timeout, limits::BODY_BYTES_MAX);
        Self {
            load,
            recorder,
            connection,
            wire,
            request: Vec::with_capacity(1_024),
            waiting: BinaryHeap::new(),
            start: Instant::now(),
            accepting: true,
            silent_since: None,
        }
    }

    /// Connects, waits for the start, and serves buyers until there are no more.
    pub(crate) async fn run(mut self) {
        // If it fails, the first buyer's turn will connect, with patience.
        let connected = self.connection.open().await.is_ok();
        self.load.ready.add_permits(1);
        match self.load.started().await {
            Some(start) => self.start = start,
            None => return,
        }
        if !connected {
            self.recorder.lock().connections_failed += 1;
        }
        while let Some(turn) = self.next_turn().await {
            self.serve(turn).await;
        }
        self.recorder.lock().connections_opened += self.connection.opened;
    }

    async fn next_turn(&mut self) -> Option<Turn> {
        loop {
            let due = self.waiting.peek().map(|Reverse(waiting)| waiting.due);
            if let Some(due) = due
                && due <= Instant::now()
            {
                let Reverse(Waiting { buyer, .. }) = self.waiting.pop()?;
                // Without a schedule nobody means to come at a certain time.
                let intended = if self.load.schedule.is_some() { due } else { Instant::now() };
                return Some(Turn { buyer, intended });
            }
            let takes = self.accepting && self.waiting.len() < limits::WAITING_PER_CONNECTION_MAX;
            match (takes, due) {
                (false, None) => return None,
                (false, Some(due)) => self.wait_for_retry(due).await,
                (true, None) => {
                    let taken = self.load.take(self.start).await;
                    if let Some(turn) = self.arrived(taken) {
                        return Some(turn);
                    }
                }
                (true, Some(due)) => {
                    let load = Arc::clone(&self.load);
                    tokio::select! {
                        biased;
                        taken = load.take(self.start) => {
                            if let Some(turn) = self.arrived(taken) {
                                return Some(turn);
                            }
                        }
                        () = self.wait_for_retry(due) => {}
                    }
                }
            }
        }
    }

    /// Sleeps until a retry is due. Timers of the runtime are as coarse as a millisecond, and this
    /// buyer's lateness is not the server's: it is moved to when the sleep ended.
    async fn wait_for_retry(&mut self, due: Instant) {
        tokio::time::sleep_until(due).await;
        if let Some(Reverse(mut waiting)) = self.waiting.pop() {
            waiting.due = Instant::now();
            self.waiting.push(Reverse(waiting));
        }
    }

    fn arrived(&mut self, taken: Option<(u64, Instant)>) -> Option<Turn> {
        match taken {
            Some((number, intended)) => {
                let mut buyer = self.load.script.arrives(number, intended);
                if let Some(seconds) = self.load.hold_seconds {
                    let since_start = intended.saturating_duration_since(self.start).as_secs();
                    let passed = u32::try_from(since_start).unwrap_or(u32::MAX);
                    buyer.hold_seconds = seconds.saturating_sub(passed).max(1);
                }
                Some(Turn { buyer, intended })
            }
            None => {
                self.accepting = false;
                None
            }
        }
    }

    /// Asks for a buyer until it goes home or is told to come back.
    async fn serve(&mut self, turn: Turn) {
        let Turn { mut buyer, mut intended } = turn;
        let mut first = buyer.asks == 0
            && buyer.errors == 0
            && buyer.retrying_since.is_none()
            && buyer.unknown_since.is_none();
        loop {
            self.wire.write(&self.load.script, &buyer, &mut self.request);
            if !self.reach_server().await {
                self.go_home(&mut buyer, End::Unanswered, Instant::now());
                return;
            }
            if buyer.claimed == 0 {
                buyer.claimed = self.load.script.units_asked(&buyer);
                self.load.script.suspicions.claim(buyer.claimed);
            }
            if std::mem::take(&mut first) {
                let now = Instant::now();
                let lag = now.saturating_duration_since(intended);
                self.recorder.lock().started(lag, now.saturating_duration_since(self.start));
            }
            let next = self.ask(&mut buyer, intended).await;
            let now = Instant::now();
            match next {
                Next::Done(end) => return self.go_home(&mut buyer, end, now),
                Next::Ask => intended = now,
                Next::Retry(wait) => {
                    self.recorder.lock().retries += 1;
                    self.waiting.push(Reverse(Waiting { due: now + wait, buyer }));
                    return;
                }
            }
        }
    }

    /// Connects, with patience; false when the server is given up.
    async fn reach_server(&mut self) -> bool {
        let mut pause = limits::RECONNECT_WAIT_MIN;
        loop {
            if self.connection.open().await.is_ok() {
                return true;
            }
            self.recorder.lock().connections_failed += 1;
            if self.server_is_given_up(Instant::now()) {
                return false;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(limits::RECONNECT_WAIT_MAX);
        }
    }

    /// Called when nothing came back. A server that stays silent for longer than a buyer's patience
    /// is not coming back; without this every further buyer would wait as long again.
    fn server_is_given_up(&mut self, now: Instant) -> bool {
        let since = *self.silent_since.get_or_insert(now);
        let given_up = now.duration_since(since) >= self.load.unknown_patience;
        if given_up {
            self.load.stop();
        }
        given_up
    }

    async fn ask(&mut self, buyer: &mut Buyer, intended: Instant) -> Next {
        let script = &self.load.script;
        let result = self.connection.exchange(&self.request).await;
        let now = Instant::now();
        let mut answer = match &result {
            Ok(reply) => {
                self.silent_since = None;
                Answer::read(script.api, reply, self.connection.body(reply), script.success(buyer))
            }
            Err(no_reply) => no_answer(no_reply),
        };
        let mut recorder = self.recorder.lock();
        match answer.outcome {
            Outcome::Booked if !self.acknowledge(buyer, &answer, &mut recorder) => {
                (answer.outcome, answer.code, answer.status) = (Outcome::Error, "unreadable_order", 0);
            }
            Outcome::Held => match serde_json::from_slice::<Hold>(answer.body) {
                // It becomes part of a path.
                Ok(hold) if hold.id.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b)) => {
                    buyer.hold = Some(Box::new(hold));
                }
                _ => (answer.outcome, answer.code, answer.status) = (Outcome::Error, "unreadable_hold", 0),
            },
            _ => {}
        }
        recorder.request(
            answer.outcome,
            now.saturating_duration_since(intended),
            now.saturating_duration_since(self.start),
        );
        recorder.asked(buyer.step.question(), answer.outcome, answer.retry_after.is_some());
        match answer.outcome {
            Outcome::Refused => recorder.refusal(answer.code),
            Outcome::Error => recorder.error(&format!("{} {}", answer.status, answer.code)),
            _ => {}
        }
        drop(recorder);
        let next = script.react(buyer, &answer, now);
        let silent = result.is_err();
        // Until it is known, what was asked for may have been taken.
        if !silent && next != Next::Done(End::Unanswered) && buyer.unknown_since.is_none() {
            self.settle(buyer, answer_units(&answer, buyer));
        }
        if silent && self.server_is_given_up(now) {
            return Next::Done(End::Unanswered);
        }
        next
    }

    fn settle(&self, buyer: &mut Buyer, booked: u64) {
        self.load.script.suspicions.settle(std::mem::take(&mut buyer.claimed), booked);
    }

    /// Keeps an acknowledged order; false if it cannot be read.
    fn acknowledge(&self, buyer: &Buyer, answer: &Answer<'_>, recorder: &mut Recorder) -> bool {
        let script = &self.load.script;
        if script.api == Api::Classic {
            let Ok(ticket) = serde_json::from_slice::<ClassicTicket>(answer.body) else { return false };
            let wished = u64::from(script.wish(buyer.number).seats()[0]);
            let user = self.wire.classic_user(buyer.number);
            if (ticket.id, ticket.user_id) != (wished, user) {
                script.suspicions.misfits.add(|| {
                    format!(
                        "user {user} asked for ticket {wished} and was told of ticket {} of user {}",
                        ticket.id, ticket.user_id
                    )
                });
            }
            let name = ticket.id.to_string();
            recorder.acknowledged.push(buyer.number, &name, [name.as_str()].into_iter());
            return true;
        }
        let Ok(order) = serde_json::from_slice::<Order<'_>>(answer.body) else { return false };
        let fits = match buyer.step {
            Step::Wish => {
                let wish = script.wish(buyer.number);
                let wished = |label: &str| {
                    wish.seats().iter().any(|&seat| *script.venue.seats[seat as usize] == *label)
                };
                order.tickets.len() == wish.seats().len() && order.tickets.iter().all(|t| wished(&t.label))
            }
            Step::Area(index) => {
                order.tickets.len() == 1 && order.tickets[0].label == script.venue.areas[index]
            }
            _ => order.tickets.len() as u64 == script.units_asked(buyer),
        };
        if !fits {
            script.suspicions.misfits.add(|| {
                format!("order {} of buyer {} is not what {:?} asked for", order.id, buyer.number, buyer.step)
            });
        }
        let places = order.tickets.iter().map(|ticket| &*ticket.label);
        recorder.acknowledged.push(buyer.number, &order.id, places);
        true
    }

    fn go_home(&self, buyer: &mut Buyer, end: End, now: Instant) {
        // An unanswered buyer's claim stays: its units may be sold.
        if end != End::Unanswered {
            self.settle(buyer, 0);
        }
        let mut recorder = self.recorder.lock();
        recorder.ended(end, now.saturating_duration_since(buyer.arrived));
        if end == End::Lapsing
            && let Some(deadline) = buyer.hold.as_ref().and_then(|hold| hold.deadline_micros())
        {
            recorder.lapsing.push((self.load.script.wish(buyer.number).seats()[0], deadline));
        }
    }
}

/// The units that an answer sells.
fn answer_units(answer: &Answer<'_>, buyer: &Buyer) -> u64 {
    if answer.outcome == Outcome::Booked { buyer.claimed } else { 0 }
}

fn no_answer(no_reply: &NoReply) -> Answer<'static> {
    let (outcome, code) = match no_reply {
        NoReply::NotSent(_) | NoReply::Lost(_) => (Outcome::Lost, ""),
        NoReply::Timeout => (Outcome::Timeout, ""),
        NoReply::Malformed(_) => (Outcome::Error, MALFORMED),
    };
    Answer { outcome, status: 0, code, retry_after: None::<Duration>, replay: false, body: b"" }
}

impl Load {
    /// The next buyer and when it means to come; `None` when there are no more.
    ///
    /// Cancel-safe: a buyer is taken after the last wait.
    async fn take(&self, start: Instant) -> Option<(u64, Instant)> {
        if self.schedule.is_some() {
            self.arrivals.acquire().await.ok()?.forget();
        }
        if self.stopped.load(Ordering::Relaxed) {
            return None;
        }
        let now = Instant::now();
        if self.duration_max.is_some_and(|limit| now.duration_since(start) >= limit) {
            return None;
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        if number >= self.buyers {
            return None;
        }
        let intended = match &self.schedule {
            Some(schedule) => start + schedule.at(number),
            None => now,
        };
        Some((number, intended))
    }
}
