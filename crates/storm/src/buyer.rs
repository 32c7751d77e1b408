//! One buyer: what it is asking for now, and how it ended.

use tokio::time::Instant;

use crate::answer::Hold;

/// What a buyer asks for at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// The seats it wished for, by label.
    Wish,
    /// Any seats, chosen by the server.
    Best {
        /// How many.
        quantity: u8,
    },
    /// An accessible seat; those are sold only on request.
    Accessible,
    /// A unit of an area, by position among the event's areas.
    Area(usize),
    /// To keep the wished seat for a while.
    Hold,
    /// To buy what it holds.
    Confirm,
}

/// A buyer on the way. Small, since those who were told to come back wait in memory.
#[derive(Debug)]
pub(crate) struct Buyer {
    /// Its number, from 0; decides its wishes.
    pub(crate) number: u64,
    pub(crate) step: Step,
    /// How many different questions it has asked; each has its own idempotency key.
    pub(crate) asks: u32,
    /// When it meant to come.
    pub(crate) arrived: Instant,
    /// Since when it has not known whether its question had an effect.
    pub(crate) unknown_since: Option<Instant>,
    /// Since when it has been told to come back.
    pub(crate) retrying_since: Option<Instant>,
    /// How often its question was answered by an internal error.
    pub(crate) errors: u8,
    /// Units that its unanswered question may already have taken.
    pub(crate) claimed: u64,
    pub(crate) hold: Option<Box<Hold>>,
    /// How long the hold that it asks for is to last; 0 for as long as everybody's.
    pub(crate) hold_seconds: u32,
    /// Was told that what it wants is held by others, and looked for something else.
    pub(crate) heard_held: bool,
}

impl Buyer {
    pub(crate) fn new(number: u64, step: Step, arrived: Instant) -> Self {
        Self {
            number,
            step,
            asks: 0,
            arrived,
            unknown_since: None,
            retrying_since: None,
            errors: 0,
            claimed: 0,
            hold: None,
            hold_seconds: 0,
            heard_held: false,
        }
    }

    /// Turns to another question, under a new key.
    pub(crate) fn turn_to(&mut self, step: Step) {
        self.step = step;
        self.asks += 1;
        self.retrying_since = None;
        self.errors = 0;
    }
}

/// What kind of question it asks, for counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Question {
    /// An order in one step.
    Order,
    /// A new hold.
    Hold,
    /// To buy what is held.
    Confirm,
}

impl Question {
    pub(crate) const ALL: [Self; 3] = [Self::Order, Self::Hold, Self::Confirm];
    pub(crate) const COUNT: usize = Self::ALL.len();

    /// The stable name in JSON.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Hold => "hold",
            Self::Confirm => "confirm",
        }
    }
}

impl Step {
    pub(crate) const fn question(self) -> Question {
        match self {
            Self::Wish | Self::Best { .. } | Self::Accessible | Self::Area(_) => Question::Order,
            Self::Hold => Question::Hold,
            Self::Confirm => Question::Confirm,
        }
    }
}

/// How a buyer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Has an order.
    Booked,
    /// Has a hold and lets it lapse.
    Lapsing,
    /// Was told that nothing is left.
    SoldOut,
    /// Was told that others hold all that is left.
    AllHeld,
    /// Was refused for good for another reason.
    Refused,
    /// Was told to come back, and did not or not any more.
    TurnedAway,
    /// Got an answer that no buyer should get.
    Errored,
    /// Never learnt what became of its question.
    Unanswered,
}

impl End {
    pub(crate) const ALL: [Self; 8] = [
        Self::Booked,
        Self::Lapsing,
        Self::SoldOut,
        Self::AllHeld,
        Self::Refused,
        Self::TurnedAway,
        Self::Errored,
        Self::Unanswered,
    ];
    pub(crate) const COUNT: usize = Self::ALL.len();
}

/// What a buyer does after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// Goes home.
    Done(End),
    /// Asks its new question at once.
    Ask,
    /// Asks the same question again, under the same key, after a while.
    Retry(std::time::Duration),
}
