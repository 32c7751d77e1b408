//! What callers submit, and what they get back.

use bytes::Bytes;
use domain::command::{Actor, Command, Digest};
use domain::event::Event;
use domain::id::{HoldId, OrderId, Seq};
use domain::inventory::{Decided, Inventory, Records};
use domain::money::Amount;
use domain::place::{Place, SeatIndex, Status};
use domain::record::{HoldRecord, OrderRecord};

/// One thing asked of an event, with everything that makes it safe to ask twice.
#[derive(Debug, Clone)]
pub struct Request {
    /// What is asked.
    pub command: Command,
    /// Who asks.
    pub actor: Actor,
    /// The idempotency key.
    pub idempotency: Option<Idempotency>,
    /// The reference that the order takes: its digest, and the fingerprint of the request.
    pub order_ref: Option<(Digest, Digest)>,
    /// Barcodes that the tickets take, with the place each is for.
    pub codes: Vec<(Digest, String)>,
    /// Refuse only from a state at least this new.
    pub at_least: Option<Seq>,
}

impl Request {
    /// A command, and nothing that makes it safe to ask twice.
    #[must_use]
    pub fn new(command: Command, actor: Actor) -> Self {
        Self { command, actor, idempotency: None, order_ref: None, codes: Vec::new(), at_least: None }
    }

    /// The housekeeper's request to end lapsed holds.
    #[must_use]
    pub fn sweep() -> Self {
        Self::new(Command::Sweep, Actor::System)
    }

    /// The seats that it means to take, as far as it names them.
    pub(crate) fn seats_to_take(&self) -> impl Iterator<Item = SeatIndex> + '_ {
        let basket = match &self.command {
            Command::Hold { purchase, .. } | Command::Book { purchase, .. } => Some(&purchase.basket),
            Command::Edit(edit) => edit.add.as_ref(),
            Command::Change(change) => change.add.as_ref(),
            _ => None,
        };
        let swaps = match &self.command {
            Command::Change(change) => &change.swap[..],
            _ => &[],
        };
        let swapped = swaps.iter().filter_map(|swap| match swap.to {
            Place::Seat(seat) => Some(seat),
            Place::Area(_) => None,
        });
        swapped.chain(basket.into_iter().flat_map(|basket| &basket.seats).map(|wanted| wanted.seat))
    }
}

/// An idempotency key, and what it was used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Idempotency {
    /// The digest of the key within its organization, mode and route.
    pub key: Digest,
    /// The digest of the body.
    pub fingerprint: Digest,
}

/// The answer to a request that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Bytes,
    /// Whether it was done before, under the same idempotency key.
    pub is_replay: bool,
}

/// What was done, for a renderer.
#[derive(Debug)]
pub enum Outcome<'a> {
    /// A hold was made.
    HoldMade(&'a HoldRecord),
    /// A hold was changed, released, or found to be as wanted.
    Hold(&'a HoldRecord),
    /// An order was made.
    OrderMade(&'a OrderRecord),
    /// An order was changed, or found to be as wanted.
    Order(&'a OrderRecord),
    /// An order was changed.
    OrderChanged {
        /// As it is now.
        order: &'a OrderRecord,
        /// What is to be paid, or given back.
        difference: Amount,
    },
    /// Places were assigned.
    Assigned {
        /// How many are free.
        moved: u32,
        /// Those that follow later.
        later: &'a [(SeatIndex, Status)],
        /// Whether they went to a channel, rather than to the public.
        is_block: bool,
    },
    /// The event has new settings.
    Configured,
    /// Lapsed holds were ended.
    Swept,
}

/// Turns what was done into the bytes of an answer, which are remembered as they are.
///
/// Called while the batch is decided, so it must be quick, and must not fail.
pub trait Renderer: Send + Sync + 'static {
    /// The status and the body. `seq` is the commit that the answer is true of.
    fn render(&self, event: &Event, seq: Seq, outcome: &Outcome<'_>) -> (u16, Bytes);

    /// The availability of a whole event, as JSON.
    fn availability(&self, inventory: &Inventory) -> Bytes;

    /// What a feed tells when settings changed, as JSON.
    fn event_changed(&self, event: &Event, seq: Seq) -> Bytes;
}

impl<'a> Outcome<'a> {
    /// What a decision came to, with its record.
    ///
    /// # Panics
    /// When a decision names a record that its session does not have.
    #[must_use]
    pub fn of(command: &Command, decided: &'a Decided, records: &'a Records) -> Self {
        match decided {
            Decided::Hold(serial) if matches!(command, Command::Hold { .. }) => {
                Self::HoldMade(&records.holds[serial])
            }
            Decided::Hold(serial) => Self::Hold(&records.holds[serial]),
            Decided::Order(serial) if !matches!(command, Command::Cancel(_)) => {
                Self::OrderMade(&records.orders[serial])
            }
            Decided::Order(serial) | Decided::OrderBefore(serial) => Self::Order(&records.orders[serial]),
            Decided::OrderChanged { order, difference } => {
                Self::OrderChanged { order: &records.orders[order], difference: *difference }
            }
            Decided::Assigned { moved, later } => Self::Assigned {
                moved: *moved,
                later,
                is_block: matches!(command, Command::Assign(assign) if assign.to.channel().is_some()),
            },
            Decided::Configured => Self::Configured,
            Decided::Swept { .. } => Self::Swept,
        }
    }
}

/// The kinds of requests by how much they matter; served, and shed last, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Somebody paid, or gives places back.
    Settle,
    /// Somebody wants to keep what they have.
    Extend,
    /// An order in one step.
    Book,
    /// A new hold.
    Hold,
    /// The organizer's bulk work.
    Staff,
    /// Housekeeping.
    Sweep,
}

impl Class {
    /// Every class, first served first.
    pub const ALL: [Self; 6] = [Self::Settle, Self::Extend, Self::Book, Self::Hold, Self::Staff, Self::Sweep];

    /// The class of a command.
    #[must_use]
    pub fn of(command: &Command) -> Self {
        match command {
            Command::Confirm(_) | Command::Release(_) | Command::Cancel(_) => Self::Settle,
            Command::Edit(_) => Self::Extend,
            Command::Book { .. } | Command::Change(_) => Self::Book,
            Command::Hold { .. } => Self::Hold,
            Command::Assign(_) | Command::Configure(_) => Self::Staff,
            Command::Sweep => Self::Sweep,
        }
    }

    /// The share of a queue, in eighths, that requests of this class may fill.
    ///
    /// Growing shares keep room for those who matter more: when new holds are shed, paid confirms
    /// still find half of the queue empty.
    #[must_use]
    pub fn queue_eighths(self) -> usize {
        match self {
            Self::Settle => 8,
            Self::Extend => 7,
            Self::Book => 6,
            Self::Hold | Self::Sweep => 4,
            Self::Staff => 5,
        }
    }
}

/// The hold that a command names, and the order.
pub(crate) fn named(command: &Command) -> (Option<HoldId>, Option<OrderId>) {
    match command {
        Command::Edit(edit) => (Some(edit.hold), None),
        Command::Release(hold) => (Some(*hold), None),
        Command::Confirm(confirm) => (Some(confirm.hold), None),
        Command::Cancel(cancel) => (None, Some(cancel.order)),
        Command::Change(change) => (None, Some(change.order)),
        Command::Hold { .. }
        | Command::Book { .. }
        | Command::Assign(_)
        | Command::Configure(_)
        | Command::Sweep => (None, None),
    }
}
