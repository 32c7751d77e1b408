//! How long choosing takes over a whole sale, to the last seat: a 20,000-seat arena, and houses of about a million seats.
//!
//! `cargo run --release -p domain --example best_available_bench`
//!
//! Parties are singles, pairs and fours by a fixed sequence; when fewer seats are left than a party wants, it takes
//! what is left. Choosing and marking the chosen seats as taken are timed apart.

use std::error::Error;
use std::f64::consts::TAU;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use domain::best_available::{Shortage, Wish, choose};
use domain::chart::Chart;
use domain::chart::plan::{CategoryPlan, ChartPlan, RowPlan, SeatPlan, SectionPlan};
use domain::inventory::FreeMap;

/// A ring of sections around the stage.
struct Tier {
    sections: usize,
    rows: usize,
    seats: usize,
    /// Seats between aisles.
    aisle_every: usize,
}

fn seat(number: usize, x: f64, y: f64, category: usize, accessible: bool) -> SeatPlan {
    let label = (number + 1).to_string();
    SeatPlan { label, x, y, category: format!("C{category}"), accessible, ..SeatPlan::default() }
}

fn plan(name: &str, categories: usize, sections: Vec<SectionPlan>) -> ChartPlan {
    let category = |at| CategoryPlan { key: format!("C{at}"), name: format!("C{at}"), color: String::new() };
    ChartPlan {
        name: name.to_owned(),
        categories: (0..categories).map(category).collect(),
        sections,
        focal_point: Some((0.0, 0.0)),
        ..ChartPlan::default()
    }
}

/// Tiers around a stage, each a category; the last seats of every fourth section's back row are accessible.
#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn bowl(name: &str, tiers: &[Tier]) -> ChartPlan {
    let mut sections = Vec::new();
    let mut radius = 30.0;
    for (tier_at, tier) in tiers.iter().enumerate() {
        for section_at in 0..tier.sections {
            let width = TAU / tier.sections as f64;
            let rows = (0..tier.rows).map(|row_at| {
                let columns = tier.seats + (tier.seats - 1) / tier.aisle_every;
                let seats = (0..tier.seats).map(|at| {
                    let column = (at + at / tier.aisle_every) as f64 + 1.5;
                    let angle = width * (section_at as f64 + column / (columns as f64 + 2.0));
                    let distance = radius + 0.9 * row_at as f64;
                    let accessible = section_at % 4 == 0 && row_at + 1 == tier.rows && at + 2 >= tier.seats;
                    seat(at, distance * angle.sin(), distance * angle.cos(), tier_at, accessible)
                });
                RowPlan { label: (row_at + 1).to_string(), seats: seats.collect() }
            });
            sections.push(SectionPlan { name: format!("{tier_at}.{section_at}"), rows: rows.collect() });
        }
        radius += 0.9 * tier.rows as f64 + 3.0;
    }
    plan(name, tiers.len(), sections)
}

/// One field of straight rows in front of a stage, with an aisle every 25 seats.
#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn field(name: &str, rows: usize, seats: usize) -> ChartPlan {
    let row = |row_at: usize| RowPlan {
        label: (row_at + 1).to_string(),
        seats: (0..seats)
            .map(|at| {
                let x = (at + at / 25) as f64 - seats as f64 * 0.52;
                seat(at, x * 0.55, 10.0 + row_at as f64, row_at * 4 / rows, false)
            })
            .collect(),
    };
    plan(name, 4, vec![SectionPlan { name: "Field".to_owned(), rows: (0..rows).map(row).collect() }])
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn now() -> Instant {
    Instant::now()
}

fn quantiles(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |part: usize| times[(times.len() - 1) * part / 1000].as_secs_f64() * 1e6;
    format!("p50 {:.1} µs, p99 {:.1} µs, p99.9 {:.1} µs, max {:.1} µs", at(500), at(990), at(999), at(1000))
}

/// Sells a house out, and prints what choosing took.
fn sell_out(
    out: &mut impl Write,
    chart: &Chart,
    sizes: &[usize],
    wish: Wish<'_>,
) -> Result<(), Box<dyn Error>> {
    let started = now();
    let mut free = FreeMap::new(chart, |_| true);
    let made = started.elapsed();
    let total = free.ordinary_free();
    let (mut choosing, mut flipping, mut sold) = (Vec::new(), Vec::new(), 0);
    let mut random = 1_u64;
    loop {
        random = next_random(random);
        let mut wish = Wish { seats: sizes[usize::try_from(random >> 33)? % sizes.len()], ..wish };
        let started = now();
        let chosen = choose(chart, &free, &wish);
        choosing.push(started.elapsed());
        let seats = match chosen {
            Ok(seats) => seats,
            Err(Shortage::TooFew { free: 0 }) => break,
            Err(Shortage::TooFew { free: left }) => {
                wish.seats = left;
                choose(chart, &free, &wish)?
            }
            Err(shortage) => return Err(shortage.into()),
        };
        sold += seats.len();
        let started = now();
        for seat in seats {
            free.set(chart, seat, false);
        }
        flipping.push(started.elapsed());
    }
    writeln!(out, "{}, parties of {sizes:?}, {} choices", chart.name(), choosing.len())?;
    writeln!(out, "  sold {sold} of {total} ordinary seats ({:.2} %)", percent(sold, total))?;
    writeln!(out, "  map of {} bytes, made in {:.1} ms", free.bytes(), made.as_secs_f64() * 1e3)?;
    writeln!(out, "  choosing {}", quantiles(choosing))?;
    writeln!(out, "  marking  {}", quantiles(flipping))?;
    Ok(())
}

/// Chooses in a house where one seat of `one_free_in` is free, here and there, as after many cancellations: parties
/// mostly have to be parted. Nothing is sold.
fn scattered(
    out: &mut impl Write,
    chart: &Chart,
    one_free_in: u64,
    size: usize,
) -> Result<(), Box<dyn Error>> {
    let mut free = FreeMap::new(chart, |_| false);
    let mut random = 1_u64;
    let mut next = |below: u64| {
        random = next_random(random);
        (random >> 33) % below
    };
    for seat in chart.seats() {
        free.set(chart, seat, next(one_free_in) == 0);
    }
    let sections = u64::try_from(chart.sections().len())?;
    let mut choosing = Vec::new();
    for _ in 0..2_000 {
        // Another section closed each time, so that not all choices are the same.
        let closed = u32::try_from(next(sections))?;
        let open: Vec<u32> = (0..u32::try_from(sections)?).filter(|&at| at != closed).collect();
        let any = Wish { seats: size, categories: None, sections: None, accessible: false, adjacent: false };
        let wish = Wish { sections: Some(&open), ..any };
        let started = now();
        let chosen = choose(chart, &free, &wish);
        choosing.push(started.elapsed());
        chosen?;
    }
    writeln!(out, "{}, one seat in {one_free_in} free at random, parties of {size}", chart.name())?;
    writeln!(out, "  choosing {}", quantiles(choosing))?;
    Ok(())
}

/// Knuth's MMIX linear congruential generator: any fixed sequence would do.
fn next_random(random: u64) -> u64 {
    random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407)
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn percent(part: usize, whole: usize) -> f64 {
    part as f64 * 100.0 / whole as f64
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout().lock();
    let lower = Tier { sections: 24, rows: 15, seats: 20, aisle_every: 20 };
    let upper = Tier { sections: 32, rows: 20, seats: 20, aisle_every: 10 };
    let arena = Chart::new(&bowl("arena of 20,000", &[lower, upper]))?;
    let ring = |at: usize| Tier { sections: 40 + 8 * at, rows: 25, seats: 20, aisle_every: 20 };
    let million = Chart::new(&bowl("bowl of 972,000", &(0..18).map(ring).collect::<Vec<_>>()))?;
    let field = Chart::new(&field("field of 1,000,000", 1_000, 1_000))?;
    let any = Wish { seats: 0, categories: None, sections: None, accessible: false, adjacent: false };
    for sizes in [&[2, 4][..], &[1, 2, 4], &[2], &[4], &[1, 2, 3, 4, 5, 6, 8, 10]] {
        for chart in [&arena, &million, &field] {
            writeln!(out, "{} seats, {} blocks", chart.seats_len(), chart.blocks().len())?;
            sell_out(&mut out, chart, sizes, any)?;
        }
    }
    let categories = [1];
    let last = u32::try_from(arena.sections().len() - 1)?;
    let sections = [last];
    sell_out(&mut out, &arena, &[1, 2, 4], Wish { categories: Some(&categories), ..any })?;
    sell_out(&mut out, &arena, &[1, 2, 4], Wish { sections: Some(&sections), ..any })?;
    let far = [17];
    sell_out(&mut out, &million, &[1, 2, 4], Wish { categories: Some(&far), ..any })?;
    let sections = [u32::try_from(million.sections().len() - 1)?];
    sell_out(&mut out, &million, &[1, 2, 4], Wish { sections: Some(&sections), ..any })?;
    for size in [2, 4, 8, 40, 100] {
        scattered(&mut out, &arena, 20, size)?;
        scattered(&mut out, &million, 20, size)?;
        scattered(&mut out, &million, 200, size)?;
    }
    Ok(())
}
