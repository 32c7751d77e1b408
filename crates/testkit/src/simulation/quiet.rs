//! When everybody is done: every desk agrees with the store, the store with its ledger, and nothing is left over.

use std::sync::Arc;
use std::time::Duration;

use domain::inventory::{AreaRow, SeatRow};
use domain::time::Timestamp;
use engine::desk::SharedDesk;
use engine::digest::Kind;

use super::errand::{PROMOTION, PROMOTION_MAX};
use super::world::World;
use crate::ask;
use crate::memory::{EventTable, Violation, demand};

const SAME: &str = "every desk is as the store";
const NO_EFFECT: &str = "what failed had no effect";

/// How long it takes at most until everything is settled and swept.
const QUIET_MAX: Duration = Duration::from_secs(60);

/// Waits until it is quiet, lets all holds lapse, and checks everything.
pub(super) async fn look_around(world: &Arc<World>) -> Result<(), Violation> {
    agree(world).await?;
    check_all(world)?;
    // Past every deadline: the sweepers have to end all holds.
    let last = world.plan.events.iter().filter_map(|event| last_deadline(world, event.id)).max();
    if let Some(last) = last {
        world.jump_clock(last.millis_since(world.store.clock().now()).max(0) + 1);
    }
    settle_until(world, "every lapsed hold is swept", |world| {
        world.plan.events.iter().all(|event| last_deadline(world, event.id).is_none())
    })
    .await?;
    agree(world).await?;
    check_all(world)
}

fn last_deadline(world: &World, event: domain::id::EventId) -> Option<Timestamp> {
    world.store.look(event, |table| table.running.values().map(|hold| hold.deadline).max()).flatten()
}

/// Waits for a condition, keeping every event's desk in memory.
async fn settle_until(
    world: &Arc<World>,
    what: &str,
    condition: impl Fn(&World) -> bool,
) -> Result<(), Violation> {
    let started = world.store.clock().elapsed();
    loop {
        for at in 0..world.nodes.len() {
            world.start(at);
            desks(world, at).await;
        }
        if condition(world) {
            return Ok(());
        }
        let waited = world.store.clock().elapsed().saturating_sub(started);
        demand!(waited < QUIET_MAX, "liveness", "after {QUIET_MAX:?} it is not so that {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn desks(world: &World, at: usize) -> Vec<SharedDesk> {
    let mut desks = Vec::new();
    if let Some((engine, _)) = world.engine(at) {
        for event in &world.plan.events {
            desks.extend(engine.desk(event.id).await);
        }
    }
    desks
}

/// Waits until every desk of every node is where the store is, and compares them.
async fn agree(world: &Arc<World>) -> Result<(), Violation> {
    for at in 0..world.nodes.len() {
        let started = world.store.clock().elapsed();
        loop {
            let desks = desks(world, at).await;
            let is_there = |desk: &SharedDesk| {
                desk.position() == world.store.position(desk.id()) && desk.is_settled_equal_to_draft()
            };
            if desks.len() == world.plan.events.len() && desks.iter().all(is_there) {
                desks.iter().try_for_each(|desk| compare(world, desk))?;
                break;
            }
            let waited = world.store.clock().elapsed().saturating_sub(started);
            let behind = desks.iter().find(|desk| !is_there(desk)).map(|desk| {
                (
                    desk.id(),
                    desk.position().seq,
                    world.store.position(desk.id()).seq,
                    desk.is_settled_equal_to_draft(),
                )
            });
            demand!(waited < QUIET_MAX, "liveness", "node {at} does not catch up: {behind:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    Ok(())
}

fn compare(world: &World, desk: &SharedDesk) -> Result<(), Violation> {
    let differs = desk.read(|inventory| {
        let compared = world.store.look(desk.id(), |table| {
            let seats: Vec<SeatRow> = inventory.seat_rows().collect();
            let kept: Vec<SeatRow> = table.seats.values().cloned().collect();
            demand!(seats == kept, SAME, "seats {seats:?} are kept as {kept:?}");
            for row in inventory.area_rows() {
                let AreaRow { area, channel, pool } = row;
                let kept = table.pool(&(area, channel));
                demand!(pool == kept, SAME, "area {} has {pool:?}, kept as {kept:?}", area.0);
            }
            let mut holds: Vec<_> = inventory.holds().cloned().collect();
            holds.sort_by_key(|hold| hold.id.serial);
            let kept: Vec<_> = table.running.values().cloned().collect();
            let brief = |holds: &[domain::inventory::Hold]| -> Vec<_> {
                holds.iter().map(|h| (h.id, h.deadline, h.units(), h.buyer, h.claims.clone())).collect()
            };
            demand!(brief(&holds) == brief(&kept), SAME, "holds {holds:?} are kept as {kept:?}");
            demand!(inventory.event().status == table.event.status, SAME, "the status differs");
            Ok(())
        });
        compared.unwrap_or(Ok(()))
    });
    differs.map_err(|violation| {
        Violation::new(violation.invariant, format!("{}: {}", desk.id(), violation.detail))
    })
}

fn check_all(world: &World) -> Result<(), Violation> {
    world.store.audit()?;
    let failures = world.store.guard_failures();
    demand!(failures == 0, SAME, "{failures} commits met a guard: a desk believed what was not so");
    for key in world.keys.lock().iter().filter(|key| !key.may_have_effect) {
        let has_effect = world.store.has_key(key.event, &key.digest);
        demand!(!has_effect, NO_EFFECT, "every attempt under {:?} failed, but it was used", key.digest);
    }
    for event in &world.plan.events {
        world.store.look(event.id, check_promotion).unwrap_or(Ok(()))?;
    }
    Ok(())
}

/// A promotion's uses never exceeded its cap.
fn check_promotion(table: &EventTable) -> Result<(), Violation> {
    let Some(key) = table.surrogate(&ask::digest(Kind::LimitKey, PROMOTION)) else { return Ok(()) };
    let most = table.past.iter().filter_map(|past| past.used.get(&key)).max().copied().unwrap_or(0);
    // Staff may leave limits aside, and their units count.
    let is_staff_free =
        table.ledger.iter().all(|row| !row.payload.windows(8).any(|part| part == b"\"limits\""));
    demand!(!is_staff_free || most <= PROMOTION_MAX, "limits", "a promotion was used {most} times");
    Ok(())
}
