//! Baskets on the wire: places by name, area units, best-available.

use std::fmt;

use domain::basket::{NamedBasket, NamedParty, NamedSwap, Terms};
use domain::event::check_text;
use domain::limits;
use domain::money::Amount;
use domain::rejection::Rejection;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use utoipa::ToSchema;

/// A place: its label alone, or with terms.
#[derive(Debug, Clone)]
pub struct PlaceIn {
    place: String,
    terms: TermsIn,
}

#[derive(Debug, Clone, Default, serde::Deserialize)]
struct TermsIn {
    ticket_type: Option<String>,
    price: Option<i64>,
    code: Option<String>,
}

#[derive(serde::Deserialize)]
struct PlaceObject {
    place: String,
    ticket_type: Option<String>,
    price: Option<i64>,
    code: Option<String>,
}

impl<'de> Deserialize<'de> for PlaceIn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PlaceVisitor;

        impl<'de> Visitor<'de> for PlaceVisitor {
            type Value = PlaceIn;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a place's label, or an object with a place")
            }

            fn visit_str<E>(self, label: &str) -> Result<PlaceIn, E> {
                Ok(PlaceIn { place: label.to_owned(), terms: TermsIn::default() })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<PlaceIn, A::Error> {
                let PlaceObject { place, ticket_type, price, code } =
                    PlaceObject::deserialize(MapAccessDeserializer::new(map))?;
                Ok(PlaceIn { place, terms: TermsIn { ticket_type, price, code } })
            }
        }

        deserializer.deserialize_any(PlaceVisitor)
    }
}

/// What a ticket is swapped for.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct SwapToIn {
    place: Option<String>,
    area: Option<String>,
    ticket_type: Option<String>,
    price: Option<i64>,
    code: Option<String>,
}

impl SwapToIn {
    /// The barcode of the new ticket, with the place it is for.
    #[must_use]
    pub fn code(&self) -> Option<(&str, &str)> {
        let place = self.place.as_deref().or(self.area.as_deref()).unwrap_or_default();
        self.code.as_deref().map(|code| (code, place))
    }

    /// The same in the domain's words.
    #[must_use]
    pub fn into_named(self) -> NamedSwap {
        let Self { place, area, ticket_type, price, code } = self;
        NamedSwap { place, area, terms: Terms { ticket_type, price: price.map(Amount), code } }
    }
}

/// Units of one area.
#[derive(Debug, Clone, serde::Deserialize, ToSchema)]
pub struct AreaIn {
    /// The area's name.
    name: String,
    /// How many units.
    quantity: u32,
    /// The event's default when missing.
    ticket_type: Option<String>,
    /// Instead of the list price; for secret keys.
    price: Option<i64>,
    /// Barcodes, one a unit; for secret keys.
    codes: Option<Vec<String>>,
}

/// The best seats there are, for a party.
#[derive(Debug, Clone, serde::Deserialize, ToSchema)]
pub struct BestAvailableIn {
    /// How many seats of the default ticket type; or `ticket_types`.
    quantity: Option<u32>,
    /// A ticket type a seat.
    ticket_types: Option<Vec<String>>,
    /// Only these categories.
    categories: Option<Vec<String>>,
    /// Only these sections.
    sections: Option<Vec<String>>,
    /// Accessible seats (and companions') instead of all others.
    #[serde(default)]
    accessible: bool,
    /// Side by side, or not at all.
    #[serde(default)]
    adjacent: bool,
    /// Only seats that are assigned to this channel, which must be presented.
    channel: Option<String>,
}

/// The three ways to name places, wherever places are asked for.
#[derive(Debug, Clone, Default)]
pub struct BasketIn {
    /// Seats.
    pub places: Option<Vec<PlaceIn>>,
    /// Area units.
    pub areas: Option<Vec<AreaIn>>,
    /// A party.
    pub best_available: Option<BestAvailableIn>,
}

impl BasketIn {
    /// Whether it carries what only a secret key may say: a price, or a code.
    #[must_use]
    pub fn is_privileged(&self) -> bool {
        let places = self.places.iter().flatten();
        let areas = self.areas.iter().flatten();
        places.map(|place| &place.terms).any(|terms| terms.price.is_some() || terms.code.is_some())
            || areas.into_iter().any(|area| area.price.is_some() || area.codes.is_some())
    }

    /// Every barcode, with the place that it is for.
    pub fn codes(&self) -> impl Iterator<Item = (&str, &str)> {
        let places = self.places.iter().flatten();
        let of_places = places.filter_map(|place| Some((place.terms.code.as_deref()?, place.place.as_str())));
        let of_areas = self
            .areas
            .iter()
            .flatten()
            .flat_map(|area| area.codes.iter().flatten().map(|code| (code.as_str(), area.name.as_str())));
        of_places.chain(of_areas)
    }

    /// One text for one basket, to tell whether two requests under a `ref` ask for the same.
    #[must_use]
    pub fn canonical(&self) -> String {
        use std::fmt::Write as _;
        let mut text = String::new();
        let mut put = |args: fmt::Arguments<'_>| {
            let written = text.write_fmt(args);
            debug_assert!(written.is_ok(), "writing to memory");
        };
        for PlaceIn { place, terms } in self.places.iter().flatten() {
            put(format_args!("p{place:?}{:?}{:?}{:?};", terms.ticket_type, terms.price, terms.code));
        }
        for area in self.areas.iter().flatten() {
            let AreaIn { name, quantity, ticket_type, price, codes } = area;
            put(format_args!("a{name:?}{quantity}{ticket_type:?}{price:?}{codes:?};"));
        }
        if let Some(best) = &self.best_available {
            let BestAvailableIn {
                quantity,
                ticket_types,
                categories,
                sections,
                accessible,
                adjacent,
                channel,
            } = best;
            put(format_args!(
                "b{quantity:?}{ticket_types:?}{categories:?}{sections:?}{accessible}{adjacent};"
            ));
            if let Some(channel) = channel {
                put(format_args!("c{channel:?};"));
            }
        }
        text
    }

    /// In the domain's words. `at` is the JSON pointer of the basket.
    ///
    /// # Errors
    /// A list over its limit, a duplicate code, or a party without a size.
    pub fn into_named(self, at: &str) -> Result<NamedBasket, Rejection> {
        check_len(self.places.as_deref(), at, "places")?;
        check_len(self.areas.as_deref(), at, "areas")?;
        let mut codes: Vec<&str> = self.codes().map(|(code, _)| code).collect();
        codes.sort_unstable();
        if let Some(twice) = codes.windows(2).find(|pair| pair[0] == pair[1]) {
            let reason = format!("use the code {:?} twice", twice[0]);
            return Err(Rejection::invalid(format!("{at}/places"), reason));
        }
        let best_available = self.best_available.map(|party| named_party(party, at)).transpose()?;
        Ok(NamedBasket {
            places: self.places.unwrap_or_default().into_iter().map(named_place).collect(),
            areas: self.areas.unwrap_or_default().into_iter().map(named_area).collect(),
            best_available,
        })
    }
}

fn check_len<T>(list: Option<&[T]>, at: &str, name: &str) -> Result<(), Rejection> {
    let len_max = limits::BASKET_UNITS_MAX as usize;
    match list {
        Some(list) if list.len() > len_max => {
            let reason = format!("has {} entries; at most {len_max} are allowed", list.len());
            Err(Rejection::invalid(format!("{at}/{name}"), reason))
        }
        _ => Ok(()),
    }
}

fn named_place(place: PlaceIn) -> (String, Terms) {
    let TermsIn { ticket_type, price, code } = place.terms;
    (place.place, Terms { ticket_type, price: price.map(Amount), code })
}

fn named_area(area: AreaIn) -> (String, u32, Terms, Vec<String>) {
    let terms = Terms { ticket_type: area.ticket_type, price: area.price.map(Amount), code: None };
    (area.name, area.quantity, terms, area.codes.unwrap_or_default())
}

fn named_party(party: BestAvailableIn, at: &str) -> Result<NamedParty, Rejection> {
    let pointer = |field: &str| format!("{at}/best_available/{field}");
    let seats_max = limits::PARTY_SEATS_MAX;
    let ticket_types = match (party.quantity, party.ticket_types) {
        (Some(_), Some(_)) => {
            return Err(Rejection::invalid(pointer("quantity"), "cannot be combined with ticket_types"));
        }
        (None, None) => return Err(Rejection::invalid(pointer("quantity"), "is missing")),
        (Some(quantity), None) => {
            if quantity == 0 || quantity as usize > seats_max {
                return Err(Rejection::invalid(
                    pointer("quantity"),
                    format!("must be from 1 to {seats_max}"),
                ));
            }
            vec![None; quantity as usize]
        }
        (None, Some(types)) => {
            if types.is_empty() || types.len() > seats_max {
                let reason = format!("must have 1 to {seats_max} entries");
                return Err(Rejection::invalid(pointer("ticket_types"), reason));
            }
            types.into_iter().map(Some).collect()
        }
    };
    for (names, field) in [(&party.categories, "categories"), (&party.sections, "sections")] {
        if names.as_ref().is_some_and(|names| names.len() > limits::CATEGORIES_MAX) {
            let reason = format!("has more than {} entries", limits::CATEGORIES_MAX);
            return Err(Rejection::invalid(pointer(field), reason));
        }
    }
    Ok(NamedParty {
        ticket_types,
        categories: party.categories,
        sections: party.sections,
        accessible: party.accessible,
        adjacent: party.adjacent,
        channel: party.channel,
    })
}

/// A list of place labels, as a domain list of names.
///
/// # Errors
/// A label over its limit, or too many.
pub fn check_labels(labels: &[String], pointer: &str, len_max: usize) -> Result<(), Rejection> {
    if labels.len() > len_max {
        let reason = format!("has {} entries; at most {len_max} are allowed", labels.len());
        return Err(Rejection::invalid(pointer, reason));
    }
    labels.iter().enumerate().try_for_each(|(at, label)| {
        check_text(&format!("{pointer}/{at}"), label, limits::PLACE_NAME_BYTES_MAX)
    })
}
