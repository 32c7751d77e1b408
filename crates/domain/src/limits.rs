//! Every bound of the domain, by name.
//!
//! Inputs are hostile: nothing that a client can make larger is without a limit. Sizes of texts are in
//! bytes of UTF-8.

/// Seats of one chart.
pub const CHART_SEATS_MAX: usize = 1_000_000;
/// Charts that one event may sell over, one after the other: all stay in memory with it.
pub const EVENT_CHARTS_MAX: usize = 16;
/// Sections of one chart.
pub const CHART_SECTIONS_MAX: usize = 10_000;
/// Rows of one chart, over all sections.
pub const CHART_ROWS_MAX: usize = 100_000;
/// Seats of one row.
pub const ROW_SEATS_MAX: usize = 10_000;
/// Areas of one event, its chart's included.
pub const AREAS_MAX: usize = 1_000;
/// Units of one area.
pub const AREA_CAPACITY_MAX: u32 = 10_000_000;
/// Categories of one chart or event.
pub const CATEGORIES_MAX: usize = 256;
/// Distinct seat attributes of one chart.
pub const ATTRIBUTES_MAX: usize = 15;
/// The largest coordinate, in the chart's own units, either way from zero.
pub const COORDINATE_MAX: f64 = 1e6;
/// A section's, row's, seat's, area's or category's label.
pub const LABEL_BYTES_MAX: usize = 64;
/// A display name: a chart's, an event's, a category's.
pub const NAME_BYTES_MAX: usize = 200;
/// A seat's global identifier.
pub const GUID_BYTES_MAX: usize = 190;
/// A place as a client names it: section, row and seat with their hyphens, or `guid:` and a guid.
pub const PLACE_NAME_BYTES_MAX: usize = "guid:".len() + GUID_BYTES_MAX;
const _: () = assert!(PLACE_NAME_BYTES_MAX >= 3 * LABEL_BYTES_MAX + 2);

/// Ticket types of one event.
pub const TICKET_TYPES_MAX: usize = 64;
/// A price or an amount, in minor units.
pub const AMOUNT_MAX: i64 = 1_000_000_000_000;

/// Places (area units included) of one request, and so of one hold or order.
pub const BASKET_UNITS_MAX: u32 = 1_000;
/// Tickets of one order over its life, cancelled ones included.
pub const ORDER_TICKETS_MAX: usize = 10_000;
/// Changes of one order over its life.
pub const ORDER_CHANGES_MAX: usize = 1_000;
/// Places that one block or unblock names.
pub const BLOCK_PLACES_MAX: usize = 1_000;
/// Seats of a channel that is unblocked as a whole, in one commit.
pub const CHANNEL_SEATS_MAX: usize = 100_000;
/// Seats of one best-available request.
pub const PARTY_SEATS_MAX: usize = 100;

/// Seconds by which the deadline shown to a buyer precedes the store's: a confirm that was sent in
/// time must not lose the race against expiry on its way.
pub const DEADLINE_GRACE_SECONDS: u32 = 10;
/// What a hold gets back at most, in seconds, when its deadline passed while nobody could do anything.
pub const OUTAGE_SECONDS_MAX: u32 = 120;
/// The shortest hold, in seconds.
pub const HOLD_SECONDS_MIN: u32 = 1;
/// The longest hold that a secret key may ask for, in seconds: 90 days.
pub const HOLD_SECONDS_MAX: u32 = 90 * 24 * 3_600;
/// The default of an event's `hold_seconds`.
pub const HOLD_SECONDS_DEFAULT: u32 = 600;
/// The default of an event's `max_hold_seconds`.
pub const MAX_HOLD_SECONDS_DEFAULT: u32 = 900;
/// The largest `max_per_buyer`.
pub const MAX_PER_BUYER_MAX: u32 = 1_000_000;

/// A buyer's reference.
pub const BUYER_BYTES_MAX: usize = 255;
/// A `ref` of the integrator.
pub const REF_BYTES_MAX: usize = 255;
/// A `payment_ref`.
pub const PAYMENT_REF_BYTES_MAX: usize = 255;
/// A barcode.
pub const CODE_BYTES_MAX: usize = 128;
/// A channel's key.
pub const CHANNEL_BYTES_MAX: usize = 64;
/// `metadata`, as JSON text.
pub const METADATA_BYTES_MAX: usize = 4_096;
/// A note on a block.
pub const NOTE_BYTES_MAX: usize = 1_000;
/// An Idempotency-Key.
pub const IDEMPOTENCY_KEY_BYTES_MAX: usize = 255;
/// The shortest Idempotency-Key from a publishable key: shorter ones can be guessed.
pub const PUBLIC_IDEMPOTENCY_KEY_BYTES_MIN: usize = 22;
/// Limit keys that one hold or order may be counted under.
pub const CLAIMS_MAX: usize = 8;
