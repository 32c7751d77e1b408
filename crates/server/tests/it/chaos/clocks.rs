//! Wall clocks that somebody sets: a node's, which decides nothing, and the database's, by which holds end.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::interval;

use super::{any_node, campaign, deeds};
use crate::campaign::{Dice, check_event, event};
use crate::client::{Answer, Client};
use crate::cluster::{Cluster, NODES, Setup};
use crate::sale::{CLOCK_IS_SET, id_of, metric_of};
use crate::waiting::{bounded, until};

const HOUR: i64 = 3_600;
const THREE_DAYS: i64 = 3 * 24 * HOUR;
/// By how much clocks are set.
const STEPS: [i64; 4] = [HOUR, -HOUR, THREE_DAYS, -THREE_DAYS];
/// How long a hold lasts that nobody says a time for, in seconds.
const HOLD_SECONDS: i64 = 600;
/// How much longer than a step a hold lasts that outlives it.
const BEYOND_SECONDS: i64 = 300;
/// What a node's idea of the time may be off by on a busy machine, in seconds.
const OFF_SECONDS_MAX: i64 = 5;
/// How often a buyer asks in vain before the hold's owner pays, at the most.
const TRIES_MAX: u64 = 1_000;

/// How often a node noticed that the database's clock was set.
async fn steps_noticed(client: &Client) -> f64 {
    metric_of(&client.get("/metrics").await.text(), "flashtix_clock_steps_total")
}

/// A node's wall clock is set under it, and it starts with a wrong one: the others notice nothing, and neither do buyers.
#[tokio::test]
async fn a_nodes_clock_is_set() {
    let setup = Setup { nodes_have_clocks: true, ..Setup::with_gate() };
    campaign(setup, async |cluster, crowd, dice| {
        let at = any_node(dice);
        let event = event(&cluster.clients[0], &cluster.chart, "Clocks").await;
        for step in STEPS {
            cluster.clocks[at].set(step);
            crowd.more(deeds(dice) / 5 + 1).await;
            ends_when_all_say(cluster, &event).await;
        }
        // One that wakes up in another time.
        cluster.nodes[at].kill();
        cluster.clocks[at].set(STEPS[dice.within(0..STEPS.len() as u64)]);
        cluster.restart(at).await;
        crowd.more(deeds(dice) / 3 + 1).await;
        ends_when_all_say(cluster, &event).await;
        cluster.clocks[at].set(0);
        for client in &cluster.clients {
            assert!(steps_noticed(client).await < 1.0, "a node's own clock was taken for the database's");
        }
    })
    .await;
}

/// A hold ends at the same time whichever node made it, and whichever is asked.
async fn ends_when_all_say(cluster: &Cluster, event: &str) {
    let mut ends = Vec::new();
    for client in &cluster.clients {
        let body = json!({ "buyer": "b", "areas": [{ "name": "Floor", "quantity": 1 }] });
        let hold = client.post(format!("/v1/events/{event}/holds"), &body).await.ok(201);
        for other in &cluster.clients {
            let told = other.get(format!("/v1/holds/{}", id_of(&hold))).await.ok(200);
            assert_eq!((&told["status"], &told["expires_at"]), (&json!("active"), &hold["expires_at"]));
        }
        ends.push(hold["expires_at"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_second());
    }
    let span = ends.iter().max().unwrap() - ends.iter().min().unwrap();
    assert!(span <= OFF_SECONDS_MAX, "holds of one moment end {span} s apart");
    let now = cluster.postgres.sql("postgres", "SELECT extract(epoch FROM clock_timestamp())::bigint");
    let off = ends[0] - now.parse::<i64>().unwrap() - HOLD_SECONDS;
    assert!(off.abs() <= OFF_SECONDS_MAX, "a hold of ten minutes ends {off} s off");
}

/// The database's wall clock is set, and set back: holds end as much earlier or later, each with one winner, and every node
/// says so.
#[tokio::test]
async fn the_databases_clock_is_set() {
    let setup = Setup { database_has_clock: true, ..Setup::with_gate() };
    campaign(setup, async |cluster, crowd, dice| {
        let step = STEPS[dice.within(0..STEPS.len() as u64)];
        for (from, to) in [(0, step), (step, 0)] {
            let sale = Sale::begin(cluster, to - from).await;
            let now_or_never = Arc::new(AtomicBool::new(false));
            let duels = sale.duels(dice, &now_or_never);
            crowd.more(deeds(dice) / 3 + 1).await;
            now_or_never.store(true, Ordering::Relaxed);
            let before = Noticed::until_now(cluster).await;
            cluster.postgres.clock().set(to);
            sale.pay_at_once(to - from).await;
            before.until_noticed_again(cluster).await;
            crowd.more(deeds(dice) / 3 + 1).await;
            sale.end(duels, to - from).await;
        }
    })
    .await;
}

/// How often each node has noticed that the database's clock was set.
struct Noticed(Vec<f64>);

impl Noticed {
    async fn until_now(cluster: &Cluster) -> Self {
        let mut counts = Vec::new();
        for client in &cluster.clients {
            counts.push(steps_noticed(client).await);
        }
        Self(counts)
    }

    /// Waits until every node has noticed once more, and has said so.
    async fn until_noticed_again(self, cluster: &Cluster) {
        for ((client, node), before) in cluster.clients.iter().zip(&cluster.nodes).zip(self.0) {
            until("a step is counted", async || (steps_noticed(client).await > before).then_some(())).await;
            until("a step is told", async || node.said().contains(CLOCK_IS_SET).then_some(())).await;
        }
    }
}

/// An event whose holds are at stake when the clock is set.
struct Sale {
    clients: Vec<Client>,
    event: String,
    /// Each of them on a seat of its own, for the usual time: a step forward ends them.
    usual: Vec<(Value, String)>,
    /// Holds that outlive the step, however large it is, and not by much.
    lasting: Vec<Value>,
}

/// How the race for one held seat ended: whether its owner got it, and whether somebody else did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Duel {
    owner_won: bool,
    other_won: bool,
}

/// How often whoever pays looks whether his moment has come.
const LOOK_INTERVAL: Duration = Duration::from_millis(1);
/// Holds of the usual time; half of them are fought for, and some are paid as soon as the clock is set.
const USUAL: usize = 12;
const AT_ONCE: usize = 3;
const LASTING: usize = 3;

impl Sale {
    async fn begin(cluster: &Cluster, step: i64) -> Self {
        let clients = cluster.clients.clone();
        let event = event(&clients[0], &cluster.chart, "Deadlines").await;
        let mut sale = Self { clients, event, usual: Vec::new(), lasting: Vec::new() };
        for at in 0..USUAL {
            let seat = format!("A-1-{}", at + 1);
            let hold = sale.hold(at, json!({ "buyer": "owner", "places": [seat] })).await;
            sale.usual.push((hold, seat));
        }
        for at in 0..LASTING {
            let seconds = step.max(0) + BEYOND_SECONDS;
            let seat = format!("A-2-{}", at + 1);
            let body = json!({ "buyer": "owner", "places": [seat], "seconds": seconds });
            sale.lasting.push(sale.hold(at, body).await);
        }
        sale
    }

    fn client(&self, at: usize) -> Client {
        self.clients[at % NODES].clone()
    }

    async fn hold(&self, at: usize, body: Value) -> Value {
        let (client, path) = (self.client(at), format!("/v1/events/{}/holds", self.event));
        let key = format!("holds-{}-{}", self.event, body["places"]);
        settled(async || client.post(&path, &body).key(&key).await).await.ok(201)
    }

    /// For half of the usual holds: somebody else asks for the seat again and again, and the owner pays at some moment.
    /// At the latest when it is now or never.
    fn duels(&self, dice: &mut Dice, now_or_never: &Arc<AtomicBool>) -> JoinSet<Duel> {
        let mut duels = JoinSet::new();
        for (at, (hold, seat)) in self.usual.iter().enumerate().take(USUAL / 2) {
            let (owner, other) = (self.client(at), self.client(at + 1));
            let (event, hold, seat) = (self.event.clone(), id_of(hold), seat.clone());
            let (patience, now_or_never) = (dice.within(0..TRIES_MAX), now_or_never.clone());
            duels.spawn(async move {
                let seen =
                    Seen { tries: AtomicUsize::new(0), is_decided: AtomicBool::new(false), now_or_never };
                let asks = ask_for(&other, &event, &seat, &seen);
                let pays = pay_for(&owner, &hold, patience, &seen);
                let (other_won, owner_won) = tokio::join!(asks, pays);
                Duel { owner_won, other_won }
            });
        }
        duels
    }

    /// Pays for some holds before anybody has swept them.
    async fn pay_at_once(&self, step: i64) {
        self.pay(USUAL / 2..USUAL / 2 + AT_ONCE, step).await;
    }

    /// Pays for some of the usual holds after a step, which ended them if it went forward.
    async fn pay(&self, which: Range<usize>, step: i64) {
        for at in which {
            let paid = self.confirm(at, &self.usual[at].0).await;
            if step > 0 {
                assert_eq!(paid, (409, "hold_expired".to_owned()), "a payment after the deadline");
            } else {
                assert_eq!(paid.0, 201, "a step back ended a hold: {paid:?}");
            }
        }
    }

    /// Checks what the step did: to those that fought, to those that waited, and to those that it must not reach.
    async fn end(self, duels: JoinSet<Duel>, step: i64) {
        for Duel { owner_won, other_won } in bounded("the ends of the duels", duels.join_all()).await {
            assert!(owner_won != other_won, "a held seat has two winners, or none");
            assert!(step > 0 || owner_won, "a step back ended a hold");
        }
        self.pay(USUAL / 2 + AT_ONCE..USUAL, step).await;
        for (at, hold) in self.lasting.iter().enumerate() {
            let (client, path) = (self.client(at + 1), format!("/v1/holds/{}", id_of(hold)));
            let now = settled(async || client.get(&path).await).await.ok(200);
            assert_eq!(now, *hold, "a deadline moved by more than the step");
            assert_eq!(self.confirm(at, hold).await.0, 201, "a deadline moved by more than the step");
        }
        for client in &self.clients {
            check_event(client, &self.event).await;
        }
    }

    async fn confirm(&self, at: usize, hold: &Value) -> (u16, String) {
        let (client, path) = (self.client(at), format!("/v1/holds/{}/confirm", id_of(hold)));
        let key = format!("pays-{}", id_of(hold));
        let answer = settled(async || client.post(&path, &json!({})).key(&key).await).await;
        (answer.status, answer.code())
    }
}

/// Asks until the answer is no 503. PostgreSQL counts the time of a statement by its wall clock, so whatever is under way when that
/// goes forward has run out of time: nothing was changed, and the buyer is told so.
async fn settled(ask: impl AsyncFn() -> Answer) -> Answer {
    let answered = async {
        let mut was_refused = false;
        loop {
            let answer = ask().await;
            if answer.status != 503 {
                assert!(
                    !(was_refused && answer.is_replay()),
                    "what was refused had happened: {}",
                    answer.text()
                );
                return answer;
            }
            was_refused |= answer.code() != "outcome_unknown";
        }
    };
    bounded("an answer that is no 503", answered).await
}

/// What those who fight for a seat see of each other.
struct Seen {
    tries: AtomicUsize,
    is_decided: AtomicBool,
    now_or_never: Arc<AtomicBool>,
}

/// Asks for a held seat until somebody has it; whether that is who asks.
async fn ask_for(other: &Client, event: &str, seat: &str, seen: &Seen) -> bool {
    let path = format!("/v1/events/{event}/orders");
    let body = json!({ "buyer": "other", "places": [seat] });
    loop {
        let at = seen.tries.fetch_add(1, Ordering::Relaxed);
        let answer = other.post(&path, &body).key(&format!("{event}-{seat}-{at}")).await;
        assert!(matches!(answer.status, 201 | 409 | 503), "{}", answer.text());
        let has_won = answer.status == 201;
        if has_won || seen.is_decided.load(Ordering::Relaxed) {
            seen.is_decided.store(true, Ordering::Relaxed);
            return has_won;
        }
    }
}

/// Pays for a hold at some moment; whether that was in time.
async fn pay_for(owner: &Client, hold: &str, patience: usize, seen: &Seen) -> bool {
    let mut ticks = interval(LOOK_INTERVAL);
    let is_late = || seen.now_or_never.load(Ordering::Relaxed) || seen.is_decided.load(Ordering::Relaxed);
    while !is_late() && seen.tries.load(Ordering::Relaxed) < patience {
        ticks.tick().await;
    }
    let path = format!("/v1/holds/{hold}/confirm");
    loop {
        let answer = owner.post(&path, &json!({})).key(&format!("pays-{hold}")).await;
        assert!(matches!(answer.status, 201 | 409 | 503), "{}", answer.text());
        if answer.status != 503 {
            let has_won = answer.status == 201;
            seen.is_decided.fetch_or(has_won, Ordering::Relaxed);
            return has_won;
        }
    }
}
