//! What campaigns share: buyers that go on whatever breaks, and the checks of everything that they were told.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};

use crate::client::{Answer, Client};
use crate::process::run;
use crate::sale::{id_of, text_of};
use crate::waiting::until;

/// Buyers at a time.
const BUYERS: u64 = 16;
/// Rows of the hall, and seats of a row.
const ROWS: u64 = 20;
const ROW_SEATS: u64 = 50;
/// How long a buyer waits after a server that was not there, or had no time.
const PACE: Duration = Duration::from_millis(10);
/// How often a request is repeated at nodes that have no time.
const REPETITIONS_MAX: u32 = 1_000;
/// How many requests a buyer goes elsewhere with who was not answered.
const LET_DOWN: u32 = 10;
/// How long a calm buyer waits after each deed.
const CALM_PACE: Duration = Duration::from_secs(1);

/// Reproducible randomness (Steele, Lea and Flood's SplitMix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A count of a range.
    pub(crate) fn within(&mut self, range: Range<u64>) -> usize {
        usize::try_from(range.start + self.below(range.end - range.start)).unwrap()
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

/// A number that the environment may say.
pub(crate) fn number_from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

/// What a request is about, beside its path.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Deed {
    Book,
    Hold,
    Confirm { hold: String },
    Cancel { order: String },
}

/// A request, and its answer if it came.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    deed: Deed,
    path: String,
    key: String,
    body: Value,
    answer: Option<(u16, Bytes)>,
    /// When the answer came.
    told_at: Option<Instant>,
}

impl Asked {
    fn new(deed: Deed, path: String, key: String, body: Value) -> Self {
        Self { deed, path, key, body, answer: None, told_at: None }
    }

    /// The answer's body, if it was a yes.
    fn done(&self) -> Option<Value> {
        let (status, body) = self.answer.as_ref()?;
        (*status < 300).then(|| serde_json::from_slice(body).unwrap())
    }
}

/// One buyer of one round: does deeds at any of the nodes until it is told to stop, whatever breaks meanwhile.
struct Buyer {
    clients: Vec<Client>,
    event: String,
    name: String,
    dice: Dice,
    crowd: Arc<Crowd>,
    pace: Interval,
    calm_pace: Interval,
    asked: Vec<Asked>,
    /// What it bought and has not given back.
    orders: Vec<String>,
    /// What it holds and has not paid for, and what that costs.
    holds: Vec<(String, Value)>,
    /// How many requests more go to any node, because one was not answered.
    let_down: u32,
}

/// An acknowledged deed that took free seats: a hold, or an order made in one step.
#[derive(Debug, Clone, Copy)]
struct Taken {
    at: usize,
    asked_at: Instant,
    told_at: Instant,
}

/// What the buyers of a round share with whoever watches them.
#[derive(Debug, Default)]
struct Crowd {
    /// In the order in which they were acknowledged.
    taken: Mutex<Vec<Taken>>,
    turned_away: AtomicUsize,
    /// A node that nobody goes to.
    avoided: Mutex<Option<usize>>,
    /// A node that everybody goes to who was not let down a moment ago.
    preferred: Mutex<Option<usize>>,
    is_calm: AtomicBool,
    is_over: AtomicBool,
}

/// A crowd at work.
pub(crate) struct Round {
    /// Where.
    pub(crate) event: String,
    crowd: Arc<Crowd>,
    buyers: JoinSet<Vec<Asked>>,
    forgiven: Mutex<Option<Range<Instant>>>,
    demands_answers: AtomicBool,
}

/// What the buyers of a round asked, and were told.
pub(crate) struct Told {
    asked: Vec<Vec<Asked>>,
    forgiven: Option<Range<Instant>>,
    /// Whether all that happened was answered.
    demands_answers: bool,
}

impl Round {
    /// Lets buyers at an event, each at any of the nodes.
    pub(crate) fn begin(clients: &[Client], event: &str, dice: &mut Dice) -> Self {
        let crowd = Arc::new(Crowd::default());
        let mut buyers = JoinSet::new();
        for at in 0..BUYERS {
            let [mut pace, mut calm_pace] = [PACE, CALM_PACE].map(interval);
            pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
            calm_pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let buyer = Buyer {
                clients: clients.to_vec(),
                event: event.to_owned(),
                name: format!("buyer-{at}"),
                dice: Dice(dice.next()),
                crowd: crowd.clone(),
                pace,
                calm_pace,
                asked: Vec::new(),
                orders: Vec::new(),
                holds: Vec::new(),
                let_down: 0,
            };
            buyers.spawn(buyer.go());
        }
        Self {
            event: event.to_owned(),
            crowd,
            buyers,
            forgiven: Mutex::default(),
            demands_answers: AtomicBool::default(),
        }
    }

    /// Has the buyers take their time, or be in a hurry again.
    pub(crate) fn calm(&self, is_calm: bool) {
        self.crowd.is_calm.store(is_calm, Ordering::Relaxed);
    }

    /// Has nobody go to a node any more, or everybody to all again.
    pub(crate) fn avoid(&self, node: Option<usize>) {
        *self.crowd.avoided.lock() = node;
    }

    /// Has everybody go to one node, for as long as it answers.
    pub(crate) fn prefer(&self, node: usize) {
        *self.crowd.preferred.lock() = Some(node);
    }

    /// Whatever is not answered must not have happened.
    pub(crate) fn demand_answers(&self) {
        self.demands_answers.store(true, Ordering::Relaxed);
    }

    /// What is told in this time may be lost, and nothing else.
    pub(crate) fn forgive(&self, time: Range<Instant>) {
        *self.forgiven.lock() = Some(time);
    }

    /// How many deeds are done. Only those that took free seats count here and below: whatever stops the sale stops them, and
    /// a payment or a cancellation says nothing of it.
    pub(crate) fn acknowledged(&self) -> usize {
        self.crowd.taken.lock().len()
    }

    /// Waits until so many more requests are turned away because nothing can be sold.
    pub(crate) async fn turned_away(&self, requests: usize) {
        let enough = self.crowd.turned_away.load(Ordering::Relaxed) + requests;
        let are = async || (self.crowd.turned_away.load(Ordering::Relaxed) >= enough).then_some(());
        until("more requests that are turned away", are).await;
    }

    /// Waits until each of these nodes has done so many more deeds, all of them asked for from now on; when the last of
    /// these was acknowledged.
    pub(crate) async fn more_at(&self, nodes: &[usize], deeds: usize) -> Instant {
        let since = Instant::now();
        let done = async || {
            let taken = self.crowd.taken.lock();
            let last = |node: &usize| {
                let mut own = taken.iter().filter(|taken| taken.at == *node && taken.asked_at >= since);
                own.nth(deeds - 1).map(|taken| taken.told_at)
            };
            nodes.iter().map(last).collect::<Option<Vec<_>>>()?.into_iter().max()
        };
        until("more deeds at every node", done).await
    }

    /// Waits until so many more deeds are done.
    pub(crate) async fn more(&self, deeds: usize) {
        let enough = self.acknowledged() + deeds;
        let done = async || (self.acknowledged() >= enough).then_some(());
        until("more deeds", done).await;
    }

    /// Sends the buyers home; returns what each asked.
    pub(crate) async fn end(self) -> Told {
        self.crowd.is_over.store(true, Ordering::Relaxed);
        let demands_answers = self.demands_answers.into_inner();
        Told { asked: self.buyers.join_all().await, forgiven: self.forgiven.into_inner(), demands_answers }
    }
}

impl Buyer {
    async fn go(mut self) -> Vec<Asked> {
        while !self.crowd.is_over.load(Ordering::Relaxed) {
            if self.deed().await.is_none() {
                self.pace.tick().await;
            }
            if self.crowd.is_calm.load(Ordering::Relaxed) {
                self.calm_pace.tick().await;
            }
        }
        self.asked
    }

    fn seats(&mut self) -> Vec<String> {
        let (row, seat) = (self.dice.below(ROWS) + 1, self.dice.below(ROW_SEATS - 2) + 1);
        (0..=self.dice.below(3)).map(|next| format!("A-{row}-{}", seat + next)).collect()
    }

    /// One deed; `None` when a server was not there.
    async fn deed(&mut self) -> Option<()> {
        let event = self.event.clone();
        let kind = self.dice.below(10);
        let mut basket = json!({ "buyer": self.name, "places": self.seats() });
        if kind % 5 == 4 {
            basket["areas"] = json!([{ "name": "Floor", "quantity": self.dice.below(3) + 1 }]);
        }
        if kind < 5 {
            let mut body = basket;
            if kind < 2 {
                body["ref"] = json!(format!("{}-{}", self.name, self.asked.len()));
            }
            let order = self.ask(Deed::Book, format!("/v1/events/{event}/orders"), body).await?;
            self.orders.extend(order.as_ref().map(id_of));
            if order.is_none() || self.dice.below(4) == 0 {
                self.give_back().await?;
            }
        } else {
            let hold = self.ask(Deed::Hold, format!("/v1/events/{event}/holds"), basket).await?;
            let Some(hold) = hold else { return self.give_back().await };
            self.holds.push((id_of(&hold), hold["amount"].clone()));
            if self.dice.below(3) > 0 {
                self.pay().await?;
            }
        }
        Some(())
    }

    /// Cancels an order, the last one. Where others have everything, something comes back: the sale goes on for as long as
    /// the crowd stays.
    async fn give_back(&mut self) -> Option<()> {
        if self.orders.is_empty() {
            self.pay().await?;
        }
        if let Some(order) = self.orders.pop() {
            let path = format!("/v1/orders/{order}/cancel");
            self.ask(Deed::Cancel { order }, path, json!({})).await?;
        }
        Some(())
    }

    /// Pays for a hold, the last one, if there is any.
    async fn pay(&mut self) -> Option<()> {
        let Some((hold, amount)) = self.holds.pop() else { return Some(()) };
        let body = json!({ "payment_ref": format!("pay-{}", self.asked.len()), "amount": amount });
        let path = format!("/v1/holds/{hold}/confirm");
        let order = self.ask(Deed::Confirm { hold }, path, body).await?;
        self.orders.extend(order.as_ref().map(id_of));
        Some(())
    }

    /// The one that is preferred, or any node but one that is avoided.
    fn node(&mut self) -> usize {
        let avoided = *self.crowd.avoided.lock();
        let preferred = *self.crowd.preferred.lock();
        if self.let_down == 0
            && let Some(at) = preferred.filter(|at| avoided != Some(*at))
        {
            return at;
        }
        self.let_down = self.let_down.saturating_sub(1);
        loop {
            let at = self.dice.within(0..self.clients.len() as u64);
            if avoided != Some(at) {
                return at;
            }
        }
    }

    /// Asks, and notes the answer: `None` when there is none or no time, `Some(None)` when it is a no.
    async fn ask(&mut self, deed: Deed, path: String, body: Value) -> Option<Option<Value>> {
        let key = format!("{}-{}", self.name, self.asked.len());
        let takes_seats = matches!(deed, Deed::Book | Deed::Hold);
        let asked = Asked::new(deed, path, key, body);
        let at = self.node();
        let asked_at = Instant::now();
        let answer = self.clients[at].post(&asked.path, &asked.body).key(&asked.key).attempt().await;
        self.asked.push(asked);
        if !matches!(&answer, Ok(answer) if answer.status != 503) {
            self.let_down = LET_DOWN;
        }
        let answer = answer.ok()?;
        assert!(answer.status < 500 || answer.status == 503, "{}", answer.text());
        if answer.status == 503 {
            assert_ne!(answer.header("retry-after"), "", "{}", answer.text());
            self.crowd.turned_away.fetch_add(1, Ordering::Relaxed);
        }
        // Whether that happened is not known, as without an answer.
        if answer.code() == "outcome_unknown" {
            return None;
        }
        let asked = self.asked.last_mut().unwrap();
        asked.answer = Some((answer.status, answer.body));
        let told_at = Instant::now();
        asked.told_at = Some(told_at);
        let done = asked.done();
        if takes_seats && done.is_some() {
            self.crowd.taken.lock().push(Taken { at, asked_at, told_at });
        }
        (answer.status != 503).then_some(done)
    }
}

/// What a buyer's acknowledged deeds come to: orders and running holds, as they were last told.
fn expected(asked: &[Asked]) -> (BTreeMap<String, Value>, BTreeMap<String, Value>) {
    let (mut orders, mut holds) = (BTreeMap::new(), BTreeMap::new());
    for asked in asked {
        match (asked.done(), &asked.deed) {
            (Some(order), Deed::Book | Deed::Cancel { .. }) => drop(orders.insert(id_of(&order), order)),
            (Some(hold), Deed::Hold) => drop(holds.insert(id_of(&hold), hold)),
            (Some(order), Deed::Confirm { hold }) => {
                holds.remove(hold);
                orders.insert(id_of(&order), order);
            }
            (None, _) => {}
        }
        // What a request without an answer was about may be either.
        if asked.answer.is_none() {
            match &asked.deed {
                Deed::Confirm { hold } => drop(holds.remove(hold)),
                Deed::Cancel { order } => drop(orders.remove(order)),
                Deed::Book | Deed::Hold => {}
            }
        }
    }
    (orders, holds)
}

/// How much of what buyers were told is not so.
async fn lost(clients: &[Client], asked: &[Vec<Asked>]) -> usize {
    let mut counts = JoinSet::new();
    for (at, asked) in asked.iter().enumerate() {
        let (client, asked) = (clients[at % clients.len()].clone(), asked.clone());
        counts.spawn(async move { count_lost(&client, &asked).await });
    }
    counts.join_all().await.into_iter().sum()
}

/// How much of what was acknowledged is not there, or is not as it was told.
async fn count_lost(client: &Client, asked: &[Asked]) -> usize {
    let (orders, holds) = expected(asked);
    let mut lost = 0;
    for (kind, told) in [("orders", &orders), ("holds", &holds)] {
        for (id, thing) in told {
            let answer = client.get(format!("/v1/{kind}/{id}")).await;
            assert!(answer.status == 200 || answer.status == 404, "{}", answer.text());
            lost += usize::from(answer.status == 404 || answer.ok(200) != *thing);
        }
    }
    lost
}

/// Everything that was acknowledged is there, and asking again gets the same answer. Where the clock was set, a hold may be over
/// before its time, and is what it was told in everything else.
async fn check_buyer(client: &Client, asked: &[Asked], demands_answers: bool, clock_was_set: bool) {
    let (orders, holds) = expected(asked);
    for (id, order) in &orders {
        assert_eq!(
            &client.get(format!("/v1/orders/{id}")).await.ok(200),
            order,
            "an order is not as it was told"
        );
    }
    for (id, hold) in &holds {
        let now = client.get(format!("/v1/holds/{id}")).await.ok(200);
        let is_over = clock_was_set && now["status"] == "expired";
        let is_told = |name: &str| matches!(name, "status" | "version") || hold[name] == now[name];
        let is_same =
            if is_over { hold.as_object().unwrap().keys().all(|name| is_told(name)) } else { now == *hold };
        assert!(is_same, "a hold is not as it was told: {hold} is {now}");
    }
    for asked in asked {
        let again = repeat(client, asked).await;
        match &asked.answer {
            Some((status, body)) if *status < 300 => {
                assert_eq!((again.status, &again.body), (*status, body), "{asked:?}");
                assert!(again.is_replay(), "{asked:?}");
            }
            // It was decided before the crash or just now; the second time it is the first time's answer.
            None if again.status < 300 => {
                assert!(
                    !demands_answers || !again.is_replay(),
                    "it happened and was not answered: {asked:?}"
                );
                let once_more = repeat(client, asked).await;
                assert_eq!((once_more.status, &once_more.body), (again.status, &again.body), "{asked:?}");
                assert!(once_more.is_replay(), "{asked:?}");
            }
            // Whoever is told no is promised that nothing happened, whatever the reason.
            _ => {
                assert!(again.status < 500, "{asked:?}: {}", again.text());
                assert!(asked.answer.is_none() || !again.is_replay(), "a no had happened: {asked:?}");
            }
        }
    }
}

/// The answer to a request that is asked again. A node that has no time decides nothing, and is asked once more.
async fn repeat(client: &Client, asked: &Asked) -> Answer {
    let mut pace = interval(PACE);
    let mut answer = client.post(&asked.path, &asked.body).key(&asked.key).await;
    for _ in 0..REPETITIONS_MAX {
        if answer.status != 503 {
            break;
        }
        pace.tick().await;
        answer = client.post(&asked.path, &asked.body).key(&asked.key).await;
    }
    answer
}

/// No seat is in two valid tickets, and the map comes to show what the orders say.
pub(crate) async fn check_event(client: &Client, event: &str) -> usize {
    let mut seats = BTreeSet::new();
    let mut units = 0;
    let mut cursor = String::new();
    let mut count = 0;
    loop {
        let page = client.get(format!("/v1/events/{event}/orders?limit=200{cursor}")).await.ok(200);
        for order in page["items"].as_array().unwrap() {
            count += 1;
            for ticket in order["tickets"].as_array().unwrap() {
                if ticket["status"] == "valid" && ticket["seat"].is_string() {
                    let label = text_of(&ticket["label"]);
                    assert!(seats.insert(label), "{} was sold twice", ticket["label"]);
                } else if ticket["status"] == "valid" {
                    units += 1;
                }
            }
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    // The orders are the store's, the map is the node's: it may be another node's commit behind, and not for long.
    until("the map shows what the orders say", async || {
        let availability = client.get(format!("/v1/events/{event}/availability")).await.ok(200);
        let sold = text_of(&availability["seats"]).matches('s').count();
        let is_same = sold == seats.len() && availability["areas"]["Floor"]["sold"] == json!(units);
        is_same.then_some(())
    })
    .await;
    count
}

pub(crate) fn chart() -> Value {
    let rows: Vec<Value> = (1..=ROWS)
        .map(|row| {
            let seat = |seat: u64| json!({ "label": seat.to_string(), "x": seat, "y": row, "category": "c" });
            json!({ "label": row.to_string(), "seats": (1..=ROW_SEATS).map(seat).collect::<Vec<_>>() })
        })
        .collect();
    json!({
        "name": "Crash Hall",
        "categories": [{ "key": "c" }],
        "sections": [{ "name": "A", "rows": rows }],
        "areas": [{ "name": "Floor", "capacity": 200, "category": "c" }],
    })
}

/// What a round came to.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) orders: usize,
    pub(crate) unanswered: usize,
    /// What was acknowledged and is not there: not one thing where nothing may be lost.
    pub(crate) lost: usize,
}

impl Tally {
    /// Checks everything that the buyers of a round were told, at any of the nodes; or counts what is lost of it.
    pub(crate) async fn check(&mut self, clients: &[Client], event: &str, told: Told, clock_was_set: bool) {
        let Told { mut asked, forgiven, demands_answers } = told;
        let unanswered = asked.iter().flatten().filter(|asked| asked.answer.is_none());
        self.unanswered += unanswered.count();
        if let Some(time) = forgiven {
            self.lost += lost(clients, &asked).await;
            // From here on they are requests whose outcome nobody knows.
            let may_be_lost = |asked: &&mut Asked| asked.told_at.is_some_and(|at| time.contains(&at));
            asked.iter_mut().flatten().filter(may_be_lost).for_each(|asked| asked.answer = None);
        }
        let mut checks = JoinSet::new();
        for (at, asked) in asked.into_iter().enumerate() {
            let client = clients[at % clients.len()].clone();
            checks.spawn(async move { check_buyer(&client, &asked, demands_answers, clock_was_set).await });
        }
        checks.join_all().await;
        let mut counts = BTreeSet::new();
        for client in clients {
            counts.insert(check_event(client, event).await);
        }
        assert_eq!(counts.len(), 1, "nodes count different orders: {counts:?}");
        self.orders += counts.first().copied().unwrap_or_default();
    }
}

/// Demands that the audit of a store finds nothing.
pub(crate) async fn audit(url: &str) {
    let audit = run(&["audit", "--database-url", url, "--json"]).await;
    assert_eq!(audit.code, Some(0), "{audit:?}");
}

/// A new event of the campaigns' hall.
pub(crate) async fn event(client: &Client, chart: &str, name: &str) -> String {
    let settings = json!({ "chart_id": chart, "name": name, "prices": { "c": 1_000 } });
    id_of(&client.post("/v1/events", &settings).await.ok(201))
}

/// The dice of a campaign, whose seed is said so that they can be rolled again.
pub(crate) fn dice(campaign: &str, variable: &str) -> Dice {
    let seed = number_from_environment(variable).unwrap_or_else(rand::random);
    eprintln!("{campaign}: {variable}={seed} rolls the same dice");
    Dice(seed)
}
