//! The original's API: seeded before, judged by the answers alone, since it has no way to read them.

use std::collections::HashMap;

use crate::enquiry::Enquirer;
use crate::recorder::Recorder;
use crate::suspicions::Suspicions;
use crate::verdict::{Check, check, winners};
use crate::{Error, Options, Scenario, limits};

/// Whether the tickets were made just now, so that none can have been sold before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seeded {
    pub(crate) fresh: bool,
}

/// Makes sure that there are tickets.
pub(crate) async fn seed(enquirer: &mut Enquirer) -> Result<Seeded, Error> {
    let what = "seed the tickets";
    let told = enquirer.post_empty("/api/tickets/seed", what).await?;
    if told.status == 404 {
        return Err(Error::NoClassicApi);
    }
    Ok(Seeded { fresh: told.expected(what)?.body.starts_with(b"Created") })
}

/// The tickets that the scenario's buyers want.
pub(crate) fn tickets(options: &Options) -> Result<Vec<u32>, Error> {
    if options.scenario == Scenario::Arena {
        return Ok((1..=limits::CLASSIC_TICKETS as u32).collect());
    }
    let place = options.place.as_deref().unwrap_or("1");
    let ticket = place.parse().ok().filter(|&ticket: &u32| ticket > 0);
    let reason = || format!("{place:?} is no ticket id of the classic API; give a number such as 1");
    Ok(vec![ticket.ok_or_else(|| Error::Option { option: "place", reason: reason() })?])
}

/// At most one winner a ticket, and exactly one where that can be known.
pub(crate) fn checks(
    options: &Options,
    recorder: &Recorder,
    suspicions: &Suspicions,
    seeded: Seeded,
) -> Vec<Check> {
    let mut winners_of: HashMap<&str, u64> = HashMap::new();
    let orders: Vec<_> = recorder.acknowledged.iter().collect();
    for order in &orders {
        *winners_of.entry(order.id).or_default() += 1;
    }
    let mut twice: Vec<&str> = winners_of.iter().filter(|(_, n)| **n > 1).map(|(id, _)| *id).collect();
    twice.sort_unstable();
    let detail = match twice.first() {
        None => format!("{} tickets sold, each to one buyer", winners_of.len()),
        Some(first) => format!("{} tickets have several winners, ticket {first} among them", twice.len()),
    };
    let mut checks = vec![check("no place is sold twice", twice.is_empty(), detail)];
    let sold = winners_of.len() as u64;
    let note = if seeded.fresh { "" } else { "; the tickets existed before and may have been sold" };
    match options.scenario {
        Scenario::OneSeat => {
            let free = seeded.fresh || sold > 0;
            checks.push(winners(recorder, free, note));
        }
        _ => {
            let unsold = |id: &u64| {
                suspicions.was_told_gone(*id as usize) && !winners_of.contains_key(id.to_string().as_str())
            };
            let wrong: Vec<u64> = (1..=limits::CLASSIC_TICKETS).filter(unsold).collect();
            checks.push(check(
                "no wrong refusal",
                wrong.is_empty() || !seeded.fresh,
                match wrong.first() {
                    Some(first) if seeded.fresh => format!(
                        "{} tickets were refused as sold and have no winner, ticket {first} among them",
                        wrong.len()
                    ),
                    _ => format!("{sold} of {} tickets sold{note}", limits::CLASSIC_TICKETS),
                },
            ));
        }
    }
    checks
}
