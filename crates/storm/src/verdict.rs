//! Was the sale right? A list of checks, each with what was found.

use serde::Serialize;

use crate::audit::Audit;
use crate::buyer::End;
use crate::recorder::Recorder;
use crate::report::grouped;
use crate::suspicions::{Refusals, Suspicions};
use crate::venue::Venue;
use crate::{Options, Outcome, Scenario};

/// The result of a storm: right only if every check is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Verdict {
    /// Whether every check is ok.
    pub ok: bool,
    /// What was checked, in the order in which it should be read.
    pub checks: Vec<Check>,
}

/// One thing that must be true after a storm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Check {
    /// What must be true.
    pub name: &'static str,
    /// Whether it is.
    pub ok: bool,
    /// The figures, or what was found instead.
    pub detail: String,
}

impl Verdict {
    pub(crate) fn of(checks: Vec<Check>) -> Self {
        Self { ok: checks.iter().all(|check| check.ok), checks }
    }
}

pub(crate) fn check(name: &'static str, ok: bool, detail: impl Into<String>) -> Check {
    Check { name, ok, detail: detail.into() }
}

/// Checks that need only what buyers were told.
pub(crate) fn told(options: &Options, recorder: &Recorder, suspicions: &Suspicions) -> Vec<Check> {
    let ended = recorder.buyers_ended();
    let unanswered = recorder.ended_as(End::Unanswered);
    let turned_away = recorder.ended_as(End::TurnedAway);
    // Some scenarios ask once and take a "come back" for an answer.
    let asks_once = match options.scenario {
        Scenario::OneSeat | Scenario::Holds | Scenario::Sustained => true,
        Scenario::Arena | Scenario::Ga | Scenario::BestAvailable => false,
    };
    let mut answered = format!("{} of {} buyers", grouped(ended - unanswered), grouped(ended));
    if unanswered > 0 {
        answered += &format!("; {unanswered} never learnt what became of their request");
    }
    if turned_away > 0 && !asks_once {
        answered += &format!("; {turned_away} were told to come back until their patience ended");
    }
    let errored = recorder.ended_as(End::Errored);
    let mut errors = recorder.errors.clone();
    errors.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let mut met = format!(
        "{} errors among {} requests",
        grouped(recorder.count(Outcome::Error)),
        grouped(recorder.requests())
    );
    if errored > 0 {
        met += &format!("; {errored} buyers went home with one");
    }
    for (word, count) in errors.iter().take(crate::limits::EXAMPLES_MAX) {
        met += &format!("; {count} × {word}");
    }
    let misfits = &suspicions.misfits;
    vec![
        check("every buyer has an answer", unanswered == 0 && (turned_away == 0 || asks_once), answered),
        check("no buyer met an error", errored == 0, met),
        check(
            "orders contain what was asked for",
            misfits.count() == 0,
            match misfits.count() {
                0 => format!("{} orders", grouped(recorder.acknowledged.orders())),
                count => format!("{count} do not: {}", misfits.examples()),
            },
        ),
    ]
}

/// Checks against the server's own account.
pub(crate) fn truth(
    options: &Options,
    venue: &Venue,
    recorder: &Recorder,
    suspicions: &Suspicions,
    audit: &Audit,
) -> Vec<Check> {
    let acknowledged = recorder.acknowledged.orders();
    let found = |findings: &crate::audit::Findings, fine: String| match findings.count {
        0 => fine,
        count => format!("{count}: {}", findings.examples()),
    };
    let sold = audit.availability.total().sold;
    // A buyer that never learnt its outcome may have an order that nobody was told about.
    let unclaimed_possible = recorder.ended_as(End::Unanswered) + recorder.ended_as(End::Errored);
    let mut checks = vec![
        check(
            "no acknowledged order is lost",
            audit.lost.count == 0,
            found(
                &audit.lost,
                format!("all {} are among the server's {}", grouped(acknowledged), grouped(audit.orders)),
            ),
        ),
        check(
            "acknowledged orders have their places",
            audit.changed.count == 0,
            found(&audit.changed, format!("{} places", grouped(recorder.acknowledged.units()))),
        ),
        check(
            "no place is sold twice",
            audit.sold_twice.count == 0,
            found(&audit.sold_twice, format!("{} valid tickets", grouped(audit.units_valid))),
        ),
        check(
            "the sold count agrees with the orders",
            sold == audit.units_valid,
            format!(
                "{} sold in the availability, {} valid tickets in the orders",
                grouped(sold),
                grouped(audit.units_valid)
            ),
        ),
        check(
            "no order that nobody knows of",
            audit.unclaimed.count <= unclaimed_possible,
            found(&audit.unclaimed, "none".to_owned()),
        ),
        capacity(venue, audit),
        refusals(venue, suspicions, audit),
    ];
    match options.scenario {
        Scenario::OneSeat => checks.push(one_winner(venue, options, recorder)),
        Scenario::Arena => checks.push(every_seat_sold(recorder, audit)),
        Scenario::Holds => checks.extend(holds(venue, recorder, audit)),
        Scenario::Ga | Scenario::BestAvailable | Scenario::Sustained => {}
    }
    checks
}

fn capacity(venue: &Venue, audit: &Audit) -> Check {
    let (start, end) = (venue.at_start.total().capacity(), audit.availability.total().capacity());
    let oversold = venue.areas.iter().find(|name| {
        let capacity = |availability: &crate::venue::Availability| {
            availability.areas.get(*name).map_or(0, |counts| counts.capacity())
        };
        capacity(&venue.at_start) != capacity(&audit.availability)
    });
    let detail = match oversold {
        None => format!("free + held + sold + blocked = {}, at the start {}", grouped(end), grouped(start)),
        Some(area) => format!("the area {area:?} has another sum than at the start"),
    };
    check("nothing appeared or vanished", start == end && oversold.is_none(), detail)
}

/// Final refusals that the truth contradicts.
fn refusals(venue: &Venue, suspicions: &Suspicions, audit: &Audit) -> Check {
    let mut wrong: Vec<String> = Vec::new();
    let end = &audit.availability;
    let seats = |accessible| end.seats_counted(|seat| venue.accessible.get(seat) == Some(&accessible));
    let mut pools: Vec<(String, &Refusals, u64)> = vec![
        ("seats".to_owned(), &suspicions.standard, seats(false).obtainable()),
        ("accessible seats".to_owned(), &suspicions.accessible, seats(true).obtainable()),
    ];
    for (name, refusals) in venue.areas.iter().zip(&suspicions.areas) {
        let left = end.areas.get(name).copied().unwrap_or_default().obtainable();
        pools.push((format!("units of {name}"), refusals, left));
    }
    for (what, refusals, left) in pools {
        if let Some(least) = refusals.least_refused()
            && left >= least
        {
            wrong.push(format!("{least} was refused as sold out while {left} {what} are left"));
        }
    }
    let states = end.seats.as_bytes();
    let told_gone = (0..venue.seats.len()).filter(|&seat| suspicions.was_told_gone(seat));
    let still_there = told_gone.filter(|&seat| !matches!(states.get(seat), Some(b's' | b'b')));
    if let Some((first, count)) = still_there.fold(None, |seen: Option<(usize, u64)>, seat| {
        Some(seen.map_or((seat, 1), |(first, count)| (first, count + 1)))
    }) {
        wrong.push(format!("{count} seats were called sold and are not, {} among them", venue.seats[first]));
    }
    let sold_here = end.total().sold.saturating_sub(venue.at_start.total().sold);
    let others_bought = sold_here > audit.units_ours;
    if suspicions.wrong.count() > 0 && !others_bought {
        wrong.push(format!(
            "{} were wrong when given: {}",
            suspicions.wrong.count(),
            suspicions.wrong.examples()
        ));
    }
    let detail = match (wrong.is_empty(), others_bought) {
        (true, false) => "none found".to_owned(),
        (true, true) => "none left over; others bought too, so each moment cannot be judged".to_owned(),
        (false, _) => wrong.join("; "),
    };
    check("no wrong refusal", wrong.is_empty(), detail)
}

fn one_winner(venue: &Venue, options: &Options, recorder: &Recorder) -> Check {
    let free = match options.place.as_deref().and_then(|place| venue.seat_index(place)) {
        // Without a named seat the first free one was taken.
        None => true,
        Some(seat) => venue.at_start.seats.as_bytes().get(seat) == Some(&b'f'),
    };
    winners(recorder, free, if free { "" } else { " (the seat was taken before the storm)" })
}

/// Exactly one of all buyers may win, if the place was free.
pub(crate) fn winners(recorder: &Recorder, free: bool, note: &str) -> Check {
    let expected = u64::from(free);
    let booked = recorder.acknowledged.orders();
    let refused = recorder.ended_as(End::SoldOut)
        + recorder.ended_as(End::Refused)
        + recorder.ended_as(End::TurnedAway);
    let others = recorder.buyers_ended() - refused;
    check(
        "exactly one winner",
        booked == expected && others == expected,
        format!(
            "{booked} booked, {} refused of {} buyers{note}",
            grouped(refused),
            grouped(recorder.buyers_ended())
        ),
    )
}

fn every_seat_sold(recorder: &Recorder, audit: &Audit) -> Check {
    let total = audit.availability.total();
    let sold_out = recorder.ended_as(End::SoldOut);
    let detail = format!(
        "{} of {} places sold, {} left; {} buyers were told that everything is sold out",
        grouped(total.sold),
        grouped(total.capacity() - total.blocked),
        grouped(total.obtainable()),
        grouped(sold_out)
    );
    check("sold out means everything is sold", sold_out == 0 || total.obtainable() == 0, detail)
}

fn holds(venue: &Venue, recorder: &Recorder, audit: &Audit) -> [Check; 2] {
    let (start, end) = (venue.at_start.total(), audit.availability.total());
    let confirmed = recorder.acknowledged.units();
    // Others may have bought meanwhile.
    let sold = audit.units_ours;
    let lapsing = recorder.ended_as(End::Lapsing);
    [
        check(
            "what was confirmed is sold, and no more",
            sold == confirmed,
            format!("{confirmed} confirmed, {sold} sold to these buyers"),
        ),
        check(
            "holds that lapsed are free again",
            end.held <= start.held,
            format!("{lapsing} lapsed; {} held at the end, {} at the start", end.held, start.held),
        ),
    ]
}
