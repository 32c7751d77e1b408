//! Running holds, and which of them lapses next.

use std::collections::{BTreeSet, HashMap};

use crate::basket::Line;
use crate::id::{HoldId, Serial, Surrogate};
use crate::place::Place;
use crate::time::Timestamp;

/// A running hold, as the ledger tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Its identifier.
    pub id: HoldId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its places become free, by the store's clock.
    pub deadline: Timestamp,
    /// What it keeps.
    pub lines: Vec<Line>,
    /// The buyer's pseudonym.
    pub buyer: Surrogate,
    /// The pseudonyms that its units are counted under, the buyer's included, and whether only
    /// while held.
    pub claims: Vec<(Surrogate, bool)>,
}

impl Hold {
    /// All of its units.
    #[must_use]
    pub fn units(&self) -> u32 {
        self.lines.iter().map(|line| line.units).sum()
    }

    /// Adds a line, or its units to a line on the same terms.
    pub(crate) fn add(&mut self, line: Line) {
        add_line(&mut self.lines, line);
    }

    /// Takes `units` from the line of this place on these terms.
    pub(crate) fn remove(&mut self, line: &Line) {
        remove_line(&mut self.lines, line);
    }
}

fn is_same_line(a: &Line, b: &Line) -> bool {
    a.place == b.place
        && (matches!(a.place, Place::Seat(_))
            || (a.ticket_type == b.ticket_type && a.price == b.price && a.channel == b.channel))
}

/// Where the first line on the same terms is.
pub(crate) fn position_of(lines: &[Line], line: &Line) -> Option<usize> {
    lines.iter().position(|known| is_same_line(known, line))
}

/// Adds a line, or its units to a line on the same terms.
pub(crate) fn add_line(lines: &mut Vec<Line>, line: Line) {
    match position_of(lines, &line) {
        Some(at) => lines[at].units += line.units,
        None => lines.push(line),
    }
}

/// Takes a line's units away from the line on the same terms.
pub(crate) fn remove_line(lines: &mut Vec<Line>, line: &Line) {
    if let Some(at) = position_of(lines, line) {
        lines[at].units = lines[at].units.saturating_sub(line.units);
        if lines[at].units == 0 {
            lines.remove(at);
        }
    }
}

/// Running holds by serial and by deadline.
#[derive(Debug, Clone, Default)]
pub(super) struct Holds {
    by_serial: HashMap<Serial, Hold>,
    deadlines: BTreeSet<(Timestamp, Serial)>,
}

impl Holds {
    pub(super) fn get(&self, serial: Serial) -> Option<&Hold> {
        self.by_serial.get(&serial)
    }

    pub(super) fn get_mut(&mut self, serial: Serial) -> Option<&mut Hold> {
        self.by_serial.get_mut(&serial)
    }

    pub(super) fn insert(&mut self, hold: Hold) {
        self.deadlines.insert((hold.deadline, hold.id.serial));
        self.by_serial.insert(hold.id.serial, hold);
    }

    pub(super) fn remove(&mut self, serial: Serial) -> Option<Hold> {
        let hold = self.by_serial.remove(&serial)?;
        self.deadlines.remove(&(hold.deadline, serial));
        Some(hold)
    }

    pub(super) fn set_deadline(&mut self, serial: Serial, deadline: Timestamp) {
        if let Some(hold) = self.by_serial.get_mut(&serial) {
            self.deadlines.remove(&(hold.deadline, serial));
            hold.deadline = deadline;
            self.deadlines.insert((deadline, serial));
        }
    }

    pub(super) fn by_deadline(&self) -> impl Iterator<Item = &Hold> {
        self.deadlines.iter().filter_map(|(_, serial)| self.by_serial.get(serial))
    }

    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }
}
