//! The clients: they want something, ask for it, lose replies, leave, come back with the same key, on any node.

use std::sync::Arc;
use std::time::Duration;

use domain::rejection::Rejection;
use engine::Error;
use engine::request::Reply;
use rand::RngExt as _;
use tokio::task::JoinSet;

use super::errand::{Belongings, Errand, Wishes, describe};
use super::judge;
use super::world::{KeyUse, World};
use crate::ask;
use crate::entropy::{SeededRng, seeded};
use crate::memory::Violation;
use crate::renderer::{hold_of, order_of};

/// No answer takes so long.
const ANSWER_MAX: Duration = Duration::from_secs(60);
/// How often a client asks for one thing.
const ATTEMPTS_MAX: u32 = 8;

/// What a client learns of one attempt.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It was done.
    Done(Reply),
    /// It was refused; nothing was changed.
    Refused(Rejection),
    /// Nothing was changed, for this reason.
    Failed(&'static str),
    /// It may have been done.
    Maybe(&'static str),
}

/// Starts every client of the plan.
pub(super) fn start_all(world: &Arc<World>) -> JoinSet<()> {
    let mut clients = JoinSet::new();
    for number in 0..world.plan.clients {
        clients.spawn(live(world.clone(), number));
    }
    clients
}

async fn live(world: Arc<World>, number: u32) {
    let mut client = Client {
        rng: seeded(world.plan.seed, 100 + u64::from(number)),
        node: number as usize % world.nodes.len(),
        belongings: Belongings::default(),
        world,
        number,
        asked: 0,
    };
    for _ in 0..client.rng.random_range(1..=client.world.plan.errands_max) {
        match client.rng.random_range(0..10) {
            0 => client.pause(12_000).await,
            1..5 => client.pause(1_500).await,
            _ => {}
        }
        client.run_errand().await;
    }
}

struct Client {
    world: Arc<World>,
    rng: SeededRng,
    number: u32,
    node: usize,
    belongings: Belongings,
    /// Errands so far.
    asked: u64,
}

impl Client {
    async fn pause(&mut self, millis_max: u64) {
        let millis = self.rng.random_range(0..=millis_max);
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }

    async fn run_errand(&mut self) {
        self.asked += 1;
        let plan = &self.world.plan;
        let mut wishes = Wishes {
            buyer: format!("buyer {}", self.number % (plan.clients / 2 + 1)),
            events: &plan.events,
            is_organizer: plan.organizer && self.number == 0,
            number: u64::from(self.number) * 1_000 + self.asked,
            rng: &mut self.rng,
        };
        let mut errand = wishes.next(&mut self.belongings);
        if self.rng.random_bool(0.9) {
            errand.request = ask::keyed(errand.request, &format!("{}-{}", self.number, self.asked));
        }
        let key_at = self.note_key(&errand);
        let reply = self.insist(&errand, key_at).await;
        let Some(reply) = reply else { return };
        self.belongings
            .holds
            .extend(hold_of(&reply).filter(|_| errand.name == "hold").map(|id| (errand.event, id)));
        self.belongings
            .orders
            .extend(order_of(&reply).filter(|_| errand.name != "cancel").map(|id| (errand.event, id)));
        if self.rng.random_bool(0.25) {
            self.ask_again(&errand, &reply).await;
        }
    }

    /// Registers the errand's key, so that whether it had an effect is checked in the end.
    fn note_key(&self, errand: &Errand) -> Option<usize> {
        let digest = errand.request.idempotency?.key;
        let mut keys = self.world.keys.lock();
        let event = self.world.plan.events[errand.event].id;
        keys.push(KeyUse { event, digest, may_have_effect: false });
        Some(keys.len() - 1)
    }

    /// Asks until there is an answer that stands, as a careful client does.
    async fn insist(&mut self, errand: &Errand, key_at: Option<usize>) -> Option<Reply> {
        for _ in 0..ATTEMPTS_MAX {
            match self.attempt(errand, true).await {
                Outcome::Done(reply) => {
                    self.may_have_effect(key_at);
                    return Some(reply);
                }
                Outcome::Refused(Rejection::IdempotencyInFlight) => {}
                Outcome::Refused(rejection) => {
                    if !rejection.is_retryable() || self.rng.random_bool(0.5) {
                        return None;
                    }
                }
                Outcome::Failed(_) if self.rng.random_bool(0.3) => return None,
                Outcome::Failed(_) => {}
                Outcome::Maybe(_) => {
                    self.may_have_effect(key_at);
                    key_at?;
                }
            }
            if self.rng.random_bool(0.7) {
                self.pause(800).await;
            }
            if self.rng.random_bool(0.5) {
                self.node = self.rng.random_range(0..self.world.nodes.len());
            }
        }
        None
    }

    fn may_have_effect(&self, key_at: Option<usize>) {
        if let Some(at) = key_at {
            self.world.keys.lock()[at].may_have_effect = true;
        }
    }

    /// Asks once more for what was done: the same answer must come, and nothing else happen.
    async fn ask_again(&mut self, errand: &Errand, first: &Reply) {
        let Some(idempotency) = errand.request.idempotency else { return };
        let event = self.world.plan.events[errand.event].id;
        // An answer that changed nothing is not remembered: there is nothing to do twice.
        let remembered = self.world.store.look(event, |table| {
            let reply = table.keys.get(&idempotency.key).and_then(|serial| table.replies.get(serial));
            reply.map(|reply| reply.body.clone())
        });
        if remembered.flatten().as_ref() != Some(&first.body) {
            return;
        }
        self.node = self.rng.random_range(0..self.world.nodes.len());
        let asks_otherwise = self.rng.random_bool(0.2);
        let mut errand = errand.clone();
        if asks_otherwise && let Some(idempotency) = &mut errand.request.idempotency {
            idempotency.fingerprint.0[0] ^= 1;
        }
        match self.attempt(&errand, false).await {
            Outcome::Done(reply) if asks_otherwise => {
                let text = format!("another body under a used key is answered {:?}", reply.body);
                self.world.fail(Violation::new("once", text));
            }
            Outcome::Done(reply) => {
                let is_same = reply.is_replay && (reply.status, &reply.body) == (first.status, &first.body);
                if !is_same {
                    let text =
                        format!("{:?} was answered, then {:?} ({})", first.body, reply.body, reply.is_replay);
                    self.world.fail(Violation::new("once", text));
                }
            }
            Outcome::Refused(Rejection::IdempotencyMismatch) if !asks_otherwise => {
                self.world.fail(Violation::new("once", "the same body is taken for another"));
            }
            _ => {}
        }
    }

    async fn attempt(&mut self, errand: &Errand, may_leave: bool) -> Outcome {
        let patience = match may_leave && self.rng.random_bool(0.1) {
            true => Duration::from_micros(self.rng.random_range(0..=12_000)),
            false => ANSWER_MAX,
        };
        let is_impatient = self.rng.random_bool(0.05);
        let Some(idempotency) = errand.request.idempotency.filter(|_| is_impatient) else {
            return self.ask(self.node, errand, patience).await;
        };
        // With two windows open, either may have had the effect that the other reports.
        let mark = |key: &mut KeyUse| key.may_have_effect |= key.digest == idempotency.key;
        self.world.keys.lock().iter_mut().for_each(mark);
        let other = (self.node + 1) % self.world.nodes.len();
        let (first, second) = futures_util::future::join(
            self.ask(self.node, errand, patience),
            self.ask(other, errand, patience),
        )
        .await;
        match (first, second) {
            (Outcome::Done(reply), _) | (_, Outcome::Done(reply)) => Outcome::Done(reply),
            (Outcome::Maybe(why), _) | (_, Outcome::Maybe(why)) => Outcome::Maybe(why),
            (first, _) => first,
        }
    }

    /// Asks one node once, and has the answer judged.
    async fn ask(&self, node: usize, errand: &Errand, patience: Duration) -> Outcome {
        let started = self.world.store.clock().elapsed();
        let outcome = submit(&self.world, node, errand, patience).await;
        let text = match &outcome {
            Outcome::Done(reply) => {
                let replay = if reply.is_replay { " (again)" } else { "" };
                format!("{}{replay} {}", reply.status, String::from_utf8_lossy(&reply.body))
            }
            Outcome::Refused(rejection) => format!("{}: {rejection}", rejection.code()),
            Outcome::Failed(why) | Outcome::Maybe(why) => (*why).to_owned(),
        };
        let name = match &outcome {
            Outcome::Done(reply) if reply.is_replay => "done: again".to_owned(),
            Outcome::Done(_) => format!("done: {}", errand.name),
            Outcome::Refused(rejection) => format!("refused: {}", rejection.code()),
            Outcome::Failed(why) => format!("failed: {why}"),
            Outcome::Maybe(why) => format!("maybe: {why}"),
        };
        self.world.count(name);
        let event = self.world.plan.events[errand.event].id;
        let (number, asked) = (self.number, self.asked);
        let what = describe(errand);
        self.world.say(format!("client {number}-{asked} node {node} {event} {what} -> {text}"));
        self.world.check(judge::judge(&self.world, errand, &outcome, started));
        outcome
    }
}

/// Asks a node, and waits for its answer, its death, or the end of the client's patience.
async fn submit(world: &World, at: usize, errand: &Errand, patience: Duration) -> Outcome {
    let Some((engine, life)) = world.engine(at) else { return Outcome::Failed("no such node") };
    let event = world.plan.events[errand.event].id;
    let answer = engine.submit(event, errand.request.clone());
    let result = tokio::select! {
        biased;
        () = life.ended() => return Outcome::Maybe("the node died"),
        result = tokio::time::timeout(patience, answer) => result,
    };
    match result {
        Err(_) if patience == ANSWER_MAX => {
            world.fail(Violation::new("liveness", format!("no answer within {ANSWER_MAX:?}")));
            Outcome::Maybe("no answer")
        }
        Err(_) => Outcome::Maybe("the client left"),
        Ok(Ok(reply)) => Outcome::Done(reply),
        Ok(Err(Error::Rejected(rejection))) => Outcome::Refused(rejection),
        Ok(Err(Error::Overloaded { .. })) => Outcome::Failed("overloaded"),
        Ok(Err(Error::Unavailable)) => Outcome::Failed("unavailable"),
        Ok(Err(Error::NewerSchema(_))) => Outcome::Failed("newer schema"),
        Ok(Err(Error::ShuttingDown)) => Outcome::Failed("shutting down"),
        Ok(Err(Error::OutcomeUnknown { .. })) => Outcome::Maybe("unknown"),
    }
}
