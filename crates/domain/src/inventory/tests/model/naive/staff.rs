//! What the organizer does: assign places, change settings, move to another chart.

use super::{Answer, Model, Owner, Unit};
use crate::command::{Assign, Assignment};
use crate::event::{EventPatch, EventStatus, NewChart};
use crate::place::{AreaIndex, ChannelKey, Place};

impl Model {
    pub(super) fn reassign(&mut self, unit: usize, to: &Assignment) {
        self.units[unit].channel = to.channel().cloned();
        if let (Place::Area(area), Some(key)) = (self.units[unit].place, to.channel())
            && !self.channels[area.at()].contains(key)
        {
            self.channels[area.at()].push(key.clone());
        }
    }

    pub(super) fn assign(&mut self, assign: &Assign) -> Answer {
        if let Some(channel) = &assign.whole_channel {
            for at in 0..self.units.len() {
                let unit = &self.units[at];
                let is_seat = matches!(unit.place, Place::Seat(_));
                if unit.channel.as_ref() == Some(channel) && (is_seat || unit.owner == Owner::Nobody) {
                    self.reassign(at, &assign.to);
                }
            }
            return Ok(());
        }
        let gone = assign.seats.iter().filter(|seat| !self.units[seat.at()].is_there);
        let gone: Vec<String> =
            gone.map(|seat| format!(" {} unknown", self.event.seat_name(*seat))).collect();
        if !gone.is_empty() {
            return Err(format!("place_unavailable{}", gone.join(",")));
        }
        for seat in &assign.seats {
            if assign.from.channel().is_none_or(|key| self.units[seat.at()].channel.as_ref() == Some(key)) {
                self.reassign(seat.at(), &assign.to);
            }
        }
        let mut moves: Vec<usize> = Vec::new();
        for (position, (area, quantity)) in assign.areas.iter().enumerate() {
            if assign.areas[..position].iter().any(|(known, _)| known == area) {
                return Err(format!("validation /areas/{position}/name"));
            }
            if *quantity == 0 {
                return Err(format!("validation /areas/{position}/quantity"));
            }
            let quantity = *quantity as usize;
            let of_area = |unit: &Unit| unit.place == Place::Area(*area);
            let free = |channel: Option<&ChannelKey>| -> Vec<usize> {
                let is_free = |at: &usize| {
                    let unit = &self.units[*at];
                    of_area(unit) && unit.owner == Owner::Nobody && unit.channel.as_ref() == channel
                };
                (0..self.units.len()).filter(is_free).collect()
            };
            let mut source = free(assign.from.channel());
            if assign.to == Assignment::Public && assign.from == Assignment::Public {
                let mut of_channels = self.channels[area.at()].iter().map(|key| free(Some(key)));
                source = of_channels.find(|source| source.len() >= quantity).unwrap_or_default();
            }
            if source.len() < quantity {
                let is_held = |unit: &Unit| of_area(unit) && matches!(unit.owner, Owner::Hold(_));
                let is_blocked =
                    |unit: &Unit| of_area(unit) && unit.owner == Owner::Nobody && unit.channel.is_some();
                let reason = match assign.to {
                    Assignment::Public => "blocked",
                    Assignment::Channel(_) if self.units.iter().any(is_held) => "held",
                    Assignment::Channel(_) if self.units.iter().any(is_blocked) => "blocked",
                    Assignment::Channel(_) => "sold",
                };
                return Err(format!("place_unavailable {} {reason}", self.event.name_of(Place::Area(*area))));
            }
            moves.extend(&source[..quantity]);
        }
        moves.into_iter().for_each(|unit| self.reassign(unit, &assign.to));
        Ok(())
    }

    pub(super) fn configure(&mut self, patch: &EventPatch) -> Answer {
        let mut event = self.event.patched(patch);
        if let Some(areas) = &patch.areas {
            event = event.with_areas(areas).map_err(|rejection| super::super::refusal(&rejection))?;
        }
        if let Some(new) = patch.chart.as_ref().filter(|new| Some(new.id) != self.event.chart_id()) {
            if self.is_cancelled() {
                return Err("event_cancelled".to_owned());
            }
            event = event.with_chart(new).map_err(|rejection| super::super::refusal(&rejection))?;
            self.seats_stay(new)?;
        }
        event.check_settings().map_err(|rejection| super::super::refusal(&rejection))?;
        if self.is_cancelled() && event.status != EventStatus::Cancelled {
            return Err("event_cancelled".to_owned());
        }
        for (at, area) in event.areas.iter().enumerate() {
            let place = Place::Area(AreaIndex(u16::try_from(at).expect("few areas")));
            let known = self.units.iter().filter(|unit| unit.place == place).count();
            let unit = Unit { place, label: None, is_there: false, owner: Owner::Nobody, channel: None };
            self.units.extend((known..area.capacity as usize).map(|_| unit.clone()));
        }
        self.event = event;
        self.take_seats();
        Ok(())
    }

    fn seats_stay(&self, new: &NewChart) -> Answer {
        let chart = self.event.chart().expect("a chart");
        let labels = chart.seats().map(|at| chart.label(at));
        let gone = labels.filter(|label| !new.chart.seats().any(|at| new.chart.label(at) == *label));
        let refused: Vec<String> = gone
            .filter_map(|label| {
                let unit = self.unit_of(&label)?;
                let reason = match unit.owner {
                    Owner::Hold(_) => "held",
                    Owner::Order(_) => "sold",
                    Owner::Nobody => unit.channel.as_ref().map(|_| "blocked")?,
                };
                Some(format!(" {label} {reason}"))
            })
            .collect();
        if refused.is_empty() { Ok(()) } else { Err(format!("place_unavailable{}", refused.join(","))) }
    }

    /// Gives every seat of the chart its unit: the one that has its label, or else the next that has none.
    pub(super) fn take_seats(&mut self) {
        self.units.iter_mut().for_each(|unit| unit.is_there = false);
        let chart = self.event.chart().expect("a chart");
        let labels: Vec<String> = chart.seats().map(|at| chart.label(at)).collect();
        for label in labels {
            let known = self.units.iter().position(|unit| unit.label.as_ref() == Some(&label));
            let next = self.units.iter().position(|unit| unit.label.is_none());
            let unit = &mut self.units[known.or(next).expect("room for a seat")];
            (unit.label, unit.is_there) = (Some(label), true);
        }
    }

    /// The unit of a seat on the chart.
    pub(super) fn unit_of(&self, label: &str) -> Option<&Unit> {
        self.units.iter().find(|unit| unit.is_there && unit.label.as_deref() == Some(label))
    }
}
