//! What is for sale: the event's seats and areas, and how many of them were to be had at the start.

use std::collections::HashMap;

use serde::Deserialize;

use crate::enquiry::Enquirer;
use crate::{Error, Options, Scenario, limits};

/// Free, held, sold and blocked units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Counts {
    pub(crate) free: u64,
    #[serde(default)]
    pub(crate) held: u64,
    #[serde(default)]
    pub(crate) sold: u64,
    #[serde(default)]
    pub(crate) blocked: u64,
}

impl Counts {
    /// What a buyer may still hope for: only sold and blocked units are gone for good.
    pub(crate) fn obtainable(self) -> u64 {
        self.free + self.held
    }

    pub(crate) fn capacity(self) -> u64 {
        self.free + self.held + self.sold + self.blocked
    }
}

/// The server's picture of who has what.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Availability {
    /// One letter a seat: f, h, s, b.
    #[serde(default)]
    pub(crate) seats: String,
    #[serde(default)]
    pub(crate) areas: HashMap<String, Counts>,
}

impl Availability {
    /// Counts the seats among those for which `included` holds.
    pub(crate) fn seats_counted(&self, included: impl Fn(usize) -> bool) -> Counts {
        let mut counts = Counts::default();
        for (_, state) in self.seats.bytes().enumerate().filter(|&(index, _)| included(index)) {
            match state {
                b'f' => counts.free += 1,
                b's' => counts.sold += 1,
                b'b' => counts.blocked += 1,
                // Any other letter is a seat that is not free, for now.
                _ => counts.held += 1,
            }
        }
        counts
    }

    /// Everything together.
    pub(crate) fn total(&self) -> Counts {
        self.areas.values().fold(self.seats_counted(|_| true), |sum, area| Counts {
            free: sum.free + area.free,
            held: sum.held + area.held,
            sold: sum.sold + area.sold,
            blocked: sum.blocked + area.blocked,
        })
    }
}

/// An event and what it sells.
#[derive(Debug, Default)]
pub(crate) struct Venue {
    pub(crate) event: String,
    pub(crate) event_name: String,
    /// Further events on the same chart.
    pub(crate) further_events: Vec<String>,
    /// `Section-Row-Seat`, in chart order; the same again for each further event.
    pub(crate) seats: Vec<Box<str>>,
    /// Which seats are sold only on request.
    pub(crate) accessible: Vec<bool>,
    /// The areas' names; the first one is what `ga` sells.
    pub(crate) areas: Vec<String>,
    /// The state when the storm began.
    pub(crate) at_start: Availability,
}

impl Venue {
    /// Reads an event, the named one or the first open one.
    pub(crate) async fn read(enquirer: &mut Enquirer, options: &Options) -> Result<Self, Error> {
        let event = match &options.event {
            Some(id) => read_event(enquirer, id).await?,
            None => first_open(enquirer).await?,
        };
        let mut venue = Self {
            at_start: read_availability(enquirer, &event.id).await?,
            event: event.id,
            event_name: event.name.unwrap_or_default(),
            ..Self::default()
        };
        let mut areas: Vec<AreaWire> = Vec::new();
        if let Some(chart) = event.chart_id {
            let chart: ChartWire = enquirer.get(&format!("/v1/charts/{chart}"), "show the chart").await?;
            venue.take_seats(chart.sections);
            areas = chart.areas;
        }
        areas.extend(event.areas);
        let mut others: Vec<&String> = venue.at_start.areas.keys().collect();
        others.sort_unstable();
        for name in areas.iter().map(|area| &area.name).chain(others) {
            if !venue.areas.contains(name) && venue.at_start.areas.contains_key(name) {
                venue.areas.push(name.clone());
            }
        }
        if venue.seats.len() != venue.at_start.seats.len() {
            return Err(Error::Unreadable {
                what: "show the availability",
                reason: format!(
                    "the chart has {} seats, the availability {}",
                    venue.seats.len(),
                    venue.at_start.seats.len()
                ),
            });
        }
        venue.take_further(enquirer, &options.further_events).await?;
        venue.suits(options)?;
        Ok(venue)
    }

    /// Adds the seats of further events behind those of the first.
    async fn take_further(&mut self, enquirer: &mut Enquirer, events: &[String]) -> Result<(), Error> {
        let seats = self.seats.len();
        for event in events {
            let availability = read_availability(enquirer, event).await?;
            let what = match (availability.seats.len() == seats, self.areas.is_empty()) {
                (false, _) => "another number of seats than the first event",
                (true, false) => "areas, and several events are stormed by their seats alone",
                (true, true) => {
                    self.seats.extend_from_within(..seats);
                    self.accessible.extend_from_within(..seats);
                    self.at_start.seats += &availability.seats;
                    self.further_events.push(event.clone());
                    continue;
                }
            };
            return Err(Error::Unsuitable { event: event.clone(), what: what.to_owned() });
        }
        Ok(())
    }

    /// All of its events, in the order of their seats.
    pub(crate) fn events(&self) -> Vec<String> {
        std::iter::once(&self.event).chain(&self.further_events).cloned().collect()
    }

    pub(crate) fn seats_per_event(&self) -> usize {
        self.seats.len() / (self.further_events.len() + 1)
    }

    fn take_seats(&mut self, sections: Vec<SectionWire>) {
        for section in sections {
            for row in section.rows {
                for seat in row.seats {
                    let label = format!("{}-{}-{}", section.name, row.label, seat.label);
                    self.seats.push(label.into_boxed_str());
                    self.accessible.push(seat.accessible);
                }
            }
        }
    }

    fn suits(&self, options: &Options) -> Result<(), Error> {
        let unsuitable =
            |what: &str| Err(Error::Unsuitable { event: self.event.clone(), what: what.to_owned() });
        match options.scenario {
            Scenario::Ga if self.areas.is_empty() => unsuitable("no general-admission area"),
            Scenario::Ga => Ok(()),
            Scenario::OneSeat if options.place.is_some() => {
                let place = options.place.as_deref().unwrap_or_default();
                if self.seat_index(place).is_some() {
                    Ok(())
                } else {
                    unsuitable(&format!("no seat {place}, and labels read Section-Row-Seat"))
                }
            }
            _ if self.seats.is_empty() => unsuitable("no seats"),
            Scenario::OneSeat | Scenario::Sustained if !self.at_start.seats.contains('f') => {
                unsuitable("no free seat left")
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn seat_index(&self, label: &str) -> Option<usize> {
        self.seats.iter().position(|seat| **seat == *label)
    }

    /// The seats that were free at the start, in chart order.
    pub(crate) fn free_at_start(&self) -> impl Iterator<Item = usize> + '_ {
        self.at_start.seats.bytes().enumerate().filter(|&(_, state)| state == b'f').map(|(index, _)| index)
    }
}

async fn read_event(enquirer: &mut Enquirer, id: &str) -> Result<EventWire, Error> {
    let what = "show the event";
    let told = enquirer.get_any(&format!("/v1/events/{id}"), what).await?;
    if told.status == 404 {
        return Err(Error::EventUnknown { event: id.to_owned() });
    }
    crate::enquiry::parse(told.expected(what)?.body, what)
}

async fn first_open(enquirer: &mut Enquirer) -> Result<EventWire, Error> {
    let (mut cursor, mut looked_at) = (None::<String>, 0);
    while looked_at < limits::EVENTS_LISTED_MAX {
        let path = match &cursor {
            None => "/v1/events".to_owned(),
            Some(cursor) => format!("/v1/events?cursor={}", query_escaped(cursor)),
        };
        let page: EventsWire = enquirer.get(&path, "list the events").await?;
        looked_at += page.items.len();
        if let Some(open) = page.items.into_iter().find(|event| event.status.as_deref() == Some("open")) {
            // The list may be a summary; the event itself names its chart and areas.
            return read_event(enquirer, &open.id).await;
        }
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    Err(Error::NoOpenEvent)
}

/// Reads the state of every place.
pub(crate) async fn read_availability(enquirer: &mut Enquirer, event: &str) -> Result<Availability, Error> {
    enquirer.get(&format!("/v1/events/{event}/availability"), "show the availability").await
}

/// Reads the state of every place of all of a venue's events.
pub(crate) async fn read_all(enquirer: &mut Enquirer, venue: &Venue) -> Result<Availability, Error> {
    let mut all = read_availability(enquirer, &venue.event).await?;
    for event in &venue.further_events {
        all.seats += &read_availability(enquirer, event).await?.seats;
    }
    Ok(all)
}

/// Makes a value safe inside a query.
pub(crate) fn query_escaped(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

#[derive(Debug, Deserialize)]
struct EventsWire {
    items: Vec<EventWire>,
    #[serde(default)]
    next_cursor: Option<String>,
}

#[derive(Debug, Deserialize)]
struct EventWire {
    id: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    chart_id: Option<String>,
    #[serde(default)]
    areas: Vec<AreaWire>,
}

#[derive(Debug, Deserialize)]
struct AreaWire {
    name: String,
}

#[derive(Debug, Deserialize)]
struct ChartWire {
    #[serde(default)]
    sections: Vec<SectionWire>,
    #[serde(default)]
    areas: Vec<AreaWire>,
}

#[derive(Debug, Deserialize)]
struct SectionWire {
    name: String,
    #[serde(default)]
    rows: Vec<RowWire>,
}

#[derive(Debug, Deserialize)]
struct RowWire {
    label: String,
    #[serde(default)]
    seats: Vec<SeatWire>,
}

#[derive(Debug, Deserialize)]
struct SeatWire {
    label: String,
    #[serde(default)]
    accessible: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_by_letter() {
        let availability: Availability = serde_json::from_str(
            r#"{"seq":9,"seats":"fhsbfx","areas":{"Floor":{"free":5,"held":1,"sold":2,"blocked":0}}}"#,
        )
        .unwrap();
        let seats = availability.seats_counted(|_| true);
        assert_eq!(seats, Counts { free: 2, held: 2, sold: 1, blocked: 1 });
        assert_eq!(availability.seats_counted(|index| index == 2).obtainable(), 0);
        assert_eq!(availability.total().sold, 3);
        assert_eq!(availability.total().capacity(), 14);
    }

    #[test]
    fn cursors_are_escaped() {
        assert_eq!(query_escaped("a+b/c=&d"), "a%2Bb%2Fc%3D%26d");
    }
}
