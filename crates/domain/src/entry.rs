//! What was decided, as the ledger keeps it.
//!
//! An entry names places, owners and pseudonyms and nothing that an integrator wrote about people.
//! Replaying the entries of an event from the first on yields its inventory, whole.

use std::sync::Arc;

use crate::command::{Actor, Digest, Ignored};
use crate::event::Event;
use crate::id::{HoldId, OrderId, Seq, Surrogate};
use crate::money::Amount;
use crate::place::{AreaIndex, ChannelKey, Place, Status};
use crate::time::Timestamp;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A hold was made.
    Hold,
    /// A hold got or lost places.
    Edit,
    /// A hold got a later deadline.
    Extend,
    /// A hold was ended by its owner, or because its event was cancelled.
    Release,
    /// A hold lapsed.
    Expire,
    /// A hold became an order.
    Confirm,
    /// An order was made in one step.
    Book,
    /// An order was changed.
    Change,
    /// Tickets of an order were cancelled.
    Cancel,
    /// Places were assigned to a channel.
    Block,
    /// Places were assigned to the public.
    Unblock,
    /// The event's settings changed.
    Event,
    /// A new history begins from a backup.
    Restored,
    /// The event moved to another chart.
    Chart,
}

impl Kind {
    /// Every kind with its name in the ledger and on the wire.
    pub const ALL: [(Self, &'static str); 14] = [
        (Self::Hold, "hold"),
        (Self::Edit, "edit"),
        (Self::Extend, "extend"),
        (Self::Release, "release"),
        (Self::Expire, "expire"),
        (Self::Confirm, "confirm"),
        (Self::Book, "book"),
        (Self::Change, "change"),
        (Self::Cancel, "cancel"),
        (Self::Block, "block"),
        (Self::Unblock, "unblock"),
        (Self::Event, "event"),
        (Self::Restored, "restored"),
        (Self::Chart, "chart"),
    ];

    /// The name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// The kind of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }
}

/// One place, or some units of an area, going from one owner to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Which.
    pub place: Place,
    /// How many units; 1 for a seat.
    pub units: u32,
    /// Who had it.
    pub from: Status,
    /// Who has it now.
    pub to: Status,
    /// The channel it was assigned to.
    pub channel_from: Option<ChannelKey>,
    /// The channel it is assigned to now.
    pub channel_to: Option<ChannelKey>,
    /// The seat's version after this; 0 for areas, which are guarded by their counters.
    pub version: u32,
    /// On what terms, where somebody holds or buys.
    pub terms: Option<(Arc<str>, Amount)>,
    /// The first of the tickets that this made or cancelled, `units` of them in a row.
    pub ticket: Option<u16>,
}

/// Units that a key has more (or fewer) than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// The key's pseudonym.
    pub key: Surrogate,
    /// How many more; negative for fewer.
    pub units: i64,
    /// See [`crate::command::Claim::held_only`].
    pub held_only: bool,
}

/// One decided request.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What happened.
    pub kind: Kind,
    /// Who asked.
    pub actor: Actor,
    /// What staff left aside.
    pub ignored: Ignored,
    /// The hold that it is about.
    pub hold: Option<HoldId>,
    /// The order that it is about.
    pub order: Option<OrderId>,
    /// The pseudonym of the buyer, where one is counted.
    pub buyer: Option<Surrogate>,
    /// The hold's new deadline, by the store's clock.
    pub deadline: Option<Timestamp>,
    /// The places.
    pub changes: Vec<Change>,
    /// The counters.
    pub counted: Vec<Counted>,
    /// The event's new settings.
    pub settings: Option<Arc<Event>>,
    /// The areas that have more units with them.
    pub grown: Vec<AreaIndex>,
}

impl Entry {
    /// An entry without places.
    #[must_use]
    pub fn new(kind: Kind, actor: Actor) -> Self {
        Self {
            kind,
            actor,
            ignored: Ignored::default(),
            hold: None,
            order: None,
            buyer: None,
            deadline: None,
            changes: Vec::new(),
            counted: Vec::new(),
            settings: None,
            grown: Vec::new(),
        }
    }

    /// The areas whose units it moves, or adds to.
    pub fn areas(&self) -> impl Iterator<Item = AreaIndex> {
        let changed = self.changes.iter().filter_map(|change| match change.place {
            Place::Area(area) => Some(area),
            Place::Seat(_) => None,
        });
        changed.chain(self.grown.iter().copied())
    }
}

/// The number of the commit of these entries, if it is the one after `before`.
pub fn number_after<'a>(before: Seq, entries: impl IntoIterator<Item = &'a Entry>) -> Seq {
    match entries.into_iter().next() {
        Some(entry) if entry.kind == Kind::Restored => before.restored(),
        _ => before.next(),
    }
}

/// What a pseudonym stands for; kept beside the ledger, never in it. The text itself is kept nowhere but with what its owner
/// holds and buys, so that it can be erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The pseudonym.
    pub surrogate: Surrogate,
    /// The keyed digest by which it is found.
    pub digest: Digest,
}
