#!/usr/bin/env python3
"""Plants the bugs of docs/correctness.md, one at a time, in a copy of the tree, and prints which tests notice.

    scripts/planted_bugs.py [PACKAGE | PART OF A GUARD'S NAME]
    scripts/planted_bugs.py --check     plants nothing; says which bugs could not be planted any more

The copy is target/planted, and is compiled apart, so that no test of the tree ever runs a planted bug. Prints the rows of the document's table and
exits 1 when a bug goes unnoticed, or when the code that a bug replaces is no longer there.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
COPY = ROOT / "target" / "planted"
TESTS_NAMED_MAX = 3
SECONDS_MAX = 1_800

DOMAIN = "crates/domain/src/"
DECIDE = DOMAIN + "inventory/decide/"
ENGINE = "crates/engine/src/"
SQLITE = "crates/backends/src/sqlite/"
POSTGRES = "crates/backends/src/postgres/"
HTTP = "crates/server/src/http/"

# Package, guard, bug, file, what stands there, what is planted. Of a package, "package:part of names" runs the tests with such names alone:
# a campaign that notices at once, and not after some rounds.
BUGS = [
    ("domain", "a hold is over at its deadline", "over only after it", DOMAIN + "inventory/glance.rs",
     "hold.deadline <= now)", "hold.deadline < now)"),
    ("domain", "ten seconds between what buyers are told and the deadline", "none", DOMAIN + "limits.rs",
     "DEADLINE_GRACE_SECONDS: u32 = 10", "DEADLINE_GRACE_SECONDS: u32 = 0"),
    ("domain", "an extension ends at the cap", "it does not", DECIDE + "edit.rs",
     "let deadline = wished.min(cap);", "let _ = cap; let deadline = wished;"),
    ("domain", "a browser's hold ends at the event's cap", "it does not", DECIDE + "purchase.rs",
     "Ok(if is_public { seconds.min(self.event().max_hold_seconds) } else { seconds })",
     "let _ = is_public; Ok(seconds)"),
    ("domain", "a late confirm changes nothing", "it is taken", DECIDE + "confirm.rs",
     "if self.expire_if_lapsed(serial) {", "if false {"),
    ("domain", "a hold is paid once", "another payment is told the first one's order", DECIDE + "confirm.rs",
     "Some(known) if known.payment_ref == confirm.payment_ref =>", "Some(_) =>"),
    ("domain", "what was charged is what it costs", "any amount will do", DECIDE + "confirm.rs",
     "confirm.amount.is_some_and(|expected| expected != amount)", "false"),
    ("domain", "a cancelled event confirms nothing", "it does", DECIDE + "confirm.rs",
     "_ if self.event().status == EventStatus::Cancelled =>", "_ if false =>"),
    ("domain", "whoever pays is under the buyer's limit", "whoever pays is not", DECIDE + "confirm.rs",
     "self.check_claim(&claim, if counted_as.is_some() { 0 } else { units })?;", ""),
    ("domain", "limits on holding do not count what is bought", "they do", DECIDE + "purchase.rs",
     "counted.retain(|counted| !counted.held_only);", "let _ = &mut counted;"),
    ("domain", "sold out is said when nothing can come back", "also while others hold", DOMAIN + "inventory/glance.rs",
     "counts.free + counts.held >= wanted", "false && counts.held >= wanted"),
    ("domain", "one commit ends a bounded number of holds", "any number", DECIDE + "expire.rs",
     "if places > SWEEP_PLACES_MAX {", "if false && places > SWEEP_PLACES_MAX {"),
    ("domain", "no orphan where it can be avoided", "orphans are no matter", DOMAIN + "best_available/bits.rs",
     "    !(orphan_before | orphan_after)", "    let _ = (orphan_before, orphan_after); !0"),
    ("domain", "accessible seats only on request", "always", DOMAIN + "best_available/mod.rs",
     "chart.is_accessible(seat) == accessible || accessible && chart.is_companion(seat)",
     "let _ = (chart, seat, accessible); true"),
    ("domain", "a party is seated where its tickets have a price", "anywhere", DECIDE + "find.rs",
     "let categories = priced.as_deref().or(party.categories.as_deref());", "let categories = priced.as_deref().filter(|_| false).or(party.categories.as_deref());"),
    ("domain", "a ticket is exchanged once", "a cancelled one again", DECIDE + "change.rs",
     "        if known.is_cancelled {", "        if false {"),
    ("domain", "what an order gives up goes where it is said", "to the public", DECIDE + "change.rs",
     "self.given_up(ticket, change.then.as_ref().filter(|_| !is_taken_anew))", "{ let _ = is_taken_anew; self.given_up(ticket, Some(&crate::command::Assignment::Public)) }"),
    ("domain", "a change counts the difference", "nothing", DECIDE + "change.rs",
     "let units = i64::from(added) - i64::from(ended);", "let units = 0 * (i64::from(added) - i64::from(ended));"),
    ("domain", "a change keeps to the buyer's limit", "it does not", DECIDE + "change.rs",
     "if more > 0 && !change.ignored.limits {", "if false && more > 0 {"),
    ("domain", "whose version is old is told", "he is not", DECIDE + "change.rs",
     "change.version.is_some_and(|version| version != order.version)", "false"),
    ("domain", "whoever adds names all limits", "may leave some out", DECIDE + "mod.rs",
     "if keys.iter().any(|key| *key != buyer && !surrogates", "if false && keys.iter().any(|key| *key != buyer && !surrogates"),
    ("domain", "an access token ends", "it does not", DOMAIN + "event.rs",
     "pass.is_some_and(|pass| pass.expires_at <= now)", "false"),
    ("domain", "an access token is its buyer's", "anybody's", DECIDE + "edit.rs",
     "self.limits.surrogate(&pass.buyer) != Some(self.records.holds[&serial].buyer_surrogate)", "false"),
    ("domain", "a hold keeps to the limits it was made with", "to others", DECIDE + "edit.rs",
     "if edit.pass.is_some() && !(granted", "if false && !(granted"),
    ("domain", "seats of another channel stay", "they go too", DECIDE + "assign.rs",
     "Some(channel) => self.inventory.seat_channel(*seat) == Some(channel),", "Some(_) => { let _ = seat; true }"),
    ("domain", "the best seats of a channel are of it", "any free ones", DECIDE + "find.rs",
     "            self.inventory.seat_channel(seat) == Some(channel)\n", "            { let _ = channel; true }\n"),
    ("domain", "an event moves with every seat that somebody has", "without them", DECIDE + "configure.rs",
     "self.seats_stay(seating)?;", "let _ = seating;"),
    ("domain", "a seat keeps its number when its event moves", "the number of its place", DOMAIN + "seating.rs",
     "self.seat_like(&chart, at).unwrap_or_else(|| {", "self.seat_like(&chart, at).map(|_| SeatIndex(at.0)).unwrap_or_else(|| {"),
    ("domain", "a party's filters are of the chart that it is seated on", "of any", DECIDE + "find.rs",
     "if !party.is_for(&event) {", "if false {"),
    ("domain", "a seat that is gone is not sold", "it is", DOMAIN + "inventory/glance.rs",
     "if !self.is_on_chart(seat) {", "if false {"),
    ("engine", "the availability is that of the last commit", "of the one that was asked for first", ENGINE + "desk/mod.rs",
     "        self.shown.take();\n", ""),
    ("engine", "a crowd shares commits", "every batch begins at once", ENGINE + "sequencer.rs",
     "            tokio::time::sleep(left.min(interval / PACE_STEPS)).await;", "            break;"),
    ("engine", "few buyers do not wait for more", "they do", ENGINE + "sequencer.rs",
     "const PACED_REQUESTS_MIN: usize = 8;", "const PACED_REQUESTS_MIN: usize = 1;"),
    ("engine", "clients who wait for their answers do not wait for the clock", "they do", ENGINE + "sequencer.rs",
     "            enough = waiting + PACED_REQUESTS_MIN;", "            enough = PACED_REQUESTS_MIN;"),
    ("domain", "a large map grows in parts", "keys fall where their low bits say", DOMAIN + "spread.rs",
     "(mixed ^ (mixed >> 31)).to_be_bytes()[0]", "let _ = mixed;\n        self.0.to_le_bytes()[0]"),
    ("domain", "the parts of a large map are full at different times", "in turns", DOMAIN + "spread.rs",
     "(mixed ^ (mixed >> 31)).to_be_bytes()[0]", "let _ = mixed;\n        self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes()[0]"),
    ("domain", "a map that is split keeps what it has", "it starts empty", DOMAIN + "spread.rs",
     "        for (key, value) in whole {\n", "        for (key, value) in whole.into_iter().take(0) {\n"),
    ("engine", "who does not know a chart loads the event anew", "reads on over the old one", ENGINE + "ledger/settings.rs",
     "Ok(Some(Arc::new(earlier.ok_or(Unreadable::LaterChart)?)))", "Ok(Some(earlier.map_or_else(|| newest.clone(), Arc::new)))"),
    ("engine", "open maps are told everything when an event moves", "what changed", ENGINE + "feed.rs",
     "if is_moved || has_settings", "if { let _ = is_moved; false } || has_settings"),
    ("engine", "the feed names seats by their place on the chart", "by their number", ENGINE + "feed.rs",
     '{comma}\\"{}\\":\\"{state}\\"", position.0));', '{comma}\\"{}\\":\\"{state}\\"", { let _ = position; seat.0 }));'),
    ("engine", "a failed batch leaves the desk as it was", "its limits stay counted", ENGINE + "desk/settle.rs",
     "            revert_limits(&mut draft.limits, &write.entries, &write.mappings);\n", "            drop(write);\n"),
    ("engine", "a failed batch is taken back", "the draft keeps it", ENGINE + "desk/settle.rs",
     "        draft.inventory = settled.inventory.clone();\n        draft.position = settled.position;\n        attempt.answers.clear();",
     "        attempt.answers.clear();"),
    ("engine", "an unknown outcome is looked up", "it is believed to have failed", ENGINE + "sequencer.rs",
     "self.find_out(asked, started).await.and_alone(alone)", "Left::default().and_alone({\n                    self.fail(asked);\n                    alone\n                })"),
    ("engine", "one key, one request at a time", "two at once", ENGINE + "desk/admit.rs",
     "if waiting.digests().any(|digest| front.is_in_flight(&digest)) {", "if false {"),
    ("engine", "a key that another node used meanwhile is used", "it is not looked for", ENGINE + "desk/settle.rs",
     "        in_news.or_else(|| self.recent.get(&key))", "        in_news.filter(|_| false)"),
    ("engine", "another body under a key is refused", "it gets the first one's answer", ENGINE + "engine.rs",
     "idempotency.is_none_or(|idempotency| idempotency.fingerprint != stored.fingerprint)", "idempotency.is_none()"),
    ("engine", "one ref, one order", "refs are not looked at", ENGINE + "desk/settle.rs",
     "self.same_ref(session, request, renderer) {", "self.same_ref(session, request, renderer).filter(|_| false) {"),
    ("engine", "a ref that memory has forgotten is looked up", "it is refused from memory", ENGINE + "desk/recent.rs",
     "self.has_forgotten |= !forgotten.is_empty();", "drop(forgotten);"),
    ("engine", "a desk that is loaded late has forgotten refs", "it believes to know all", ENGINE + "desk/load.rs",
     "now.0.saturating_sub(event.created_at.0) < keep_ms", "keep_ms > 0"),
    ("engine", "one barcode, one ticket, in a batch too", "a batch is not looked at", ENGINE + "desk/settle.rs",
     "self.found.codes.contains_key(digest) || self.codes.iter().any(|(known, _)| known == digest)",
     "self.found.codes.contains_key(digest)"),
    ("engine", "one ref, one running hold, in a batch too", "a batch is not looked at", ENGINE + "desk/settle.rs",
     ".chain(made.map(|hold| hold.id))", ".chain(made.map(|hold| hold.id).filter(|_| false))"),
    ("engine", "memory that is not fresh refuses nothing", "it does", ENGINE + "desk/admit.rs",
     " && self.is_fresh(monotonic, options)", ""),
    ("engine", "a desk of another history is loaded anew", "it sells on", ENGINE + "desk/settle.rs",
     "    (draft.position != position).then_some(Resync::Reload)", "    None"),
    ("engine", "new holds are shed before paid confirms", "all alike", ENGINE + "desk/queue.rs",
     "self.queued < requests_max * class.queue_eighths() / 8", "self.queued < requests_max * class.queue_eighths().min(8) / class.queue_eighths().min(8)"),
    ("engine", "who stops waiting in the queue was not served", "he is served later", ENGINE + "engine.rs",
     "Err(_) if desk.front().withdraw(&prospect) => {", "Err(_) if false => {"),
    ("backends", "the event's head is guarded", "it is not", SQLITE + "journal/write.rs",
     "WHERE event = ?1 AND seq = ?2 AND head = ?3", "WHERE event = ?1"),
    ("backends", "a seat's version is guarded", "it is not", SQLITE + "journal/recent.rs",
     "if version != *version_before {", "if false {"),
    ("backends", "seats that are not in their table yet are read", "they are not", SQLITE + "journal/recent.rs",
     "Ok(Self { recent: unfiled(connection, event)?.1 })",
     "Ok(Self { recent: unfiled(connection, event).map(|_| Seats::new())? })"),
    ("backends", "a round files what was there when it began", "all that is there when it ends", SQLITE + "journal/recent.rs",
     "None => (round.began, None),", "None => (change.after.seq, None),"),
    ("backends", "a round goes on with the next seat", "it passes one over", SQLITE + "journal/recent.rs",
     "Some((&next, _)) => (change.filed, Some(Round { next, ..round })),",
     "Some((&next, _)) => (change.filed, Some(Round { next: next + 1, ..round })),"),
    ("backends", "what is remembered of seats counts at its position", "at any", SQLITE + "journal/recent.rs",
     "is_some_and(|unfiled| unfiled.at == at)", "is_some_and(|unfiled| unfiled.at == at || unfiled.at != at)"),
    ("backends", "a recent seat does not hide a newer row", "it does", SQLITE + "journal/recent.rs",
     "if newer.version > row.version =>", "if newer.version > 0 =>"),
    ("backends", "seats are remembered within bounds", "without", SQLITE + "journal/recent.rs",
     "if self.seats > self.seats_of_event * EVENTS_FULL * 2 {", "if false {"),
    ("backends", "a round ends that was broken off again and again", "it begins anew for ever", SQLITE + "journal/recent.rs",
     "if late < ROUNDS_LATE {", "if late < u64::MAX {"),
    ("backends", "a commit files some neighbours, however few seats it changes", "as many as it changes and half", SQLITE + "journal/recent.rs",
     "(unfiled.seats.len().max(seats_of_event) / PARTS_OF_ROUND).max(1)", "1"),
    ("backends", "a crowd has the room that nobody needs", "its share of it", SQLITE + "journal/recent.rs",
     "if self.seats <= full {", "if false {"),
    ("backends", "a short count ends the batch", "it does not", SQLITE + "journal/guard.rs",
     "if changed == 1 { Ok(()) }", "if changed <= 1 { Ok(()) }"),
    ("backends", "commits are flushed", "synchronous=NORMAL", SQLITE + "options.rs",
     "Self::Full => (\"FULL\", 2)", "Self::Full => (\"NORMAL\", 1)"),
    ("backends", "an I/O error at COMMIT is unknown", "it is taken for a no", SQLITE + "error.rs",
     "            ErrorCode::DiskFull\n", "            ErrorCode::SystemIoFailure | ErrorCode::DiskFull\n"),
    ("backends", "a standby that took over begins another history", "it goes on with its primary's", POSTGRES + "identity.rs",
     "        hash.update(epoch);\n", "        let _ = epoch;\n"),
    ("backends", "a copy of a database is another history", "it is the same", POSTGRES + "identity.rs",
     "        hash.update(self.place);\n", ""),
    ("backends", "rows that another node was deleting are found again", "they are left behind", POSTGRES + "purge.rs",
     "        sql += &format!(\" AND NOT EXISTS (SELECT FROM {table} WHERE event = $1)\");\n", "        let _ = (&mut sql, table);\n"),
    ("engine", "a desk that is never idle hears of a failover too", "it waits for an idle moment", ENGINE + "engine/follow.rs",
     "let Ok(_turn) = tokio::time::timeout(TURN_PATIENCE, desk.turn.lock()).await else { return };",
     "let Ok(_turn) = desk.turn.try_lock() else { return };"),
    ("engine", "what the relay brings has a seal", "any will do", ENGINE + "relay/message.rs",
     "    if key.over(message).verify_slice(&message[SEAL_AT..BODY_AT]).is_err() {", "    if false && key.over(message).verify_slice(&message[SEAL_AT..BODY_AT]).is_err() {"),
    ("engine", "the relay: a commit of another history is ignored", "it is taken", ENGINE + "desk/inbox.rs",
     "        if told.history != history {", "        if false && told.history != history {"),
    ("engine", "the relay: what is heard makes no desk fresh", "it does", ENGINE + "desk/inbox.rs",
     "self.follow_until(rows, Duration::ZERO, monotonic, options)", "self.follow_until(rows, monotonic, monotonic, options)"),
    ("engine", "the relay: what was not heard is read", "the next question to the store is waited for", ENGINE + "engine/follow.rs",
     "        if is_announced || desk.lacks_commits() {", "        if false && (is_announced || desk.lacks_commits()) {"),
    ("engine", "a desk that went on since the store was asked is fresh", "it is not", ENGINE + "engine/follow.rs",
     "            Some(position) if is_known(position) => {", "            Some(position) if is_known(position) && *position == desk.position() => {"),
    ("engine", "a store that is behind a desk is found out", "the desk has been there", ENGINE + "engine/follow.rs",
     "|seq| position.seq >= *seq)", "|seq| position.seq >= *seq || true)"),
    ("engine", "a node that its store has outgrown decides nothing", "it goes on", ENGINE + "sequencer.rs",
     "if let Some(newer) = self.fleet.newer_schema() {", "if let Some(newer) = self.fleet.newer_schema().filter(|_| false) {"),
    ("backends", "a node is told that the schema was migrated past it", "it is not", POSTGRES + "migrate.rs",
     "    if oldest > known {\n        let [", "    if false && oldest > known {\n        let ["),
    ("server", "a node that its database has outgrown is not ready", "it is", HTTP + "routes/operations.rs",
     "if let Some(newer) = app.engine.fleet().newer_schema() {", "if let Some(newer) = app.engine.fleet().newer_schema().filter(|_| false) {"),
    ("engine", "an event that cannot be loaded anew keeps no other waiting", "its lane waits", ENGINE + "sequencer.rs",
     "Left { again: parts, alone: to_mend, has_culprit: true, ..Left::default() }",
     "for broken in &to_mend {\n                    self.mend(broken).await;\n                }\n                Left { again: parts, has_culprit: true, ..Left::default() }"),
    ("engine", "an event that cannot be read is refused at once", "its buyers wait", ENGINE + "desk/admit.rs",
     "if front.quarantine.is_some() {", "if false {"),
    ("engine", "an event that cannot be read is tried now and then", "all the time", ENGINE + "desk/quarantine.rs",
     "(before.pause * 2).min(pause_max)", "before.pause.min(pause_max)"),
    ("engine", "an event that is not in memory and cannot be read is tried now and then", "by whoever asks", ENGINE + "engine.rs",
     "if retry_in.is_some_and(|pause| !pause.is_zero()) {", "if false && retry_in.is_some_and(|pause| !pause.is_zero()) {"),
    ("engine", "rows that contradict each other are damage", "they end the process", ENGINE + "desk/load.rs",
     "let inventory = catch_unwind(restored)", "let inventory = Ok::<_, ()>(restored())"),
    ("engine", "a damaged event is told once", "each time", ENGINE + "desk/quarantine.rs",
     "if unread.is_damage() && !was_told {", "if unread.is_damage() {"),
    ("engine", "a position that cannot be read is not followed", "its event is gone", ENGINE + "engine/follow.rs",
     "None if damaged.contains(&desk.id()) => {", "None if false && damaged.contains(&desk.id()) => {"),
    ("engine", "an event that cannot be read is not tried by halves", "it is", ENGINE + "sequencer/culprit.rs",
     "let read = match self.find(&part.desk).await {", "let read = match Ok::<_, Unread>(()) {"),
    ("engine", "a lane does not wait for many culprits", "for each", ENGINE + "sequencer.rs",
     "if culprits == CULPRITS_MAX && waits", "if false && culprits == CULPRITS_MAX && waits"),
    ("backends:fails_no_other", "what cannot be written is tried by halves", "all of it is refused", POSTGRES + "journal/transact.rs",
     "[(_, write)] if is_damage(error) => {", "[(_, write)] if false && is_damage(error) => {"),
    ("engine", "a desk that broke is not asked again", "it is, by itself", ENGINE + "sequencer.rs",
     "parts.into_iter().partition(|part| part.attempt.lock().is_broken);", "parts.into_iter().partition(|_| false);"),
    ("engine", "an unknown outcome is looked up where it can be read", "in the first event alone", ENGINE + "sequencer/unknown.rs",
     "Err(error @ StoreError::Damaged(_)) => damaged = Some(error),", "Err(error @ StoreError::Damaged(_)) => return Err(error),"),
    ("engine", "an unknown outcome that cannot be read keeps no other waiting", "its lane waits", ENGINE + "sequencer/unknown.rs",
     "Err(error @ StoreError::Damaged(_)) => return self.leave_unknown(parts, &error),", ""),
    ("backends:fails_no_other", "what one event has wrong fails no other: SQLite", "it fails the batch", SQLITE + "journal/transact.rs",
     "failure.is_of_part().then_some(Culprit::Undecidable(event))", "None"),
    ("backends:fails_no_other", "what one event has wrong fails no other: PostgreSQL", "it fails the batch", POSTGRES + "journal/transact.rs",
     "failure if failure.is_damage() => {", "failure if false && failure.is_damage() => {"),
    ("backends:fails_no_other", "whose row cannot be read is named", "each event is tried alone", POSTGRES + "error.rs",
     "if self.is_damage() { Self::Undecidable(event, self.into()) } else { self }", "{\n        let _ = event;\n        self\n    }"),
    ("backends:fails_no_other", "a torn page is damage", "the store is away", POSTGRES + "error.rs",
     "Self::Postgres(error) => is_damage(error),", "Self::Postgres(_) => false,"),
    ("backends:hides_no_other", "a position that cannot be read hides no other: SQLite", "it hides all", SQLITE + "journal/read.rs",
     "Err(failure) if failure.is_of_row() => damaged.push(event),", "Err(failure) if false && failure.is_of_row() => damaged.push(event),"),
    ("backends:hides_no_other", "a position that cannot be read hides no other: PostgreSQL", "it hides all", POSTGRES + "journal/read.rs",
     "Err(_) => damaged.push(event),", "Err(failure) => return Err(failure),"),
    ("backends:hides_no_other", "a restore that cannot read a position says so", "it passes the event over", ENGINE + "store.rs",
     "if self.damaged.contains(&event) {", "if false && self.damaged.contains(&event) {"),
    ("server:audit", "the audit sees two orders of one barcode", "the last of them", "crates/server/src/audit/uniques.rs",
     "for (digest, owner) in &owners {", "for (digest, owner) in &owners.iter().copied().collect::<HashMap<_, _>>() {"),
    ("engine", "a node that cannot read on ends", "it goes on", ENGINE + "fleet.rs",
     "        if roll.payload_version > own.reads {", "        if false && roll.payload_version > own.reads {"),
    ("engine", "an outage is made up for once", "by every node", ENGINE + "desk/outage.rs",
     "if committed_at > since.plus_millis(millis(EDGE)).0 {", "if false && committed_at > since.0 {"),
    ("engine", "what was committed just before an outage was not done meanwhile", "it was", ENGINE + "desk/outage.rs",
     "if committed_at > since.plus_millis(millis(EDGE)).0 {", "if committed_at > since.0 {"),
    ("engine", "what came in passing was done meanwhile too", "only what the lock brings", ENGINE + "desk/outage.rs",
     "news.last().map_or(self.committed_at.load(Ordering::Acquire), |(row, _)| row.at.0)", "news.last().map_or(i64::MIN, |(row, _)| row.at.0)"),
    ("engine", "a follower that is busy is no outage", "it is", ENGINE + "engine.rs",
     "            if self.pulse.is_quiet() && ", "            if false && self.pulse.is_quiet() && "),
    ("engine", "a desk that is loaded anew remembers an outage", "it forgets", ENGINE + "sequencer.rs",
     "desk.note_commit(row.at)", "desk.note_commit(snapshot.now)"),
    ("engine", "a store that commits nothing is an outage", "it is not", ENGINE + "pulse.rs",
     "        let failing = felt.failing.filter(Silence::is_long);\n        (now,", "        let failing = felt.failing.filter(|_| false);\n        (now,"),
    ("engine", "silences that touch are one", "the failing time counts alone", ENGINE + "pulse.rs",
     "(Some(one), Some(other)) => Some(one.joined(other)),", "(Some(one), Some(_)) => Some(one),"),
    ("engine", "one batch's trouble is no outage", "it is", ENGINE + "pulse.rs",
     "if felt.committed.is_some_and(|committed| committed >= started) {", "if false {"),
    ("domain", "no sweep ends what is owed time", "it does", DOMAIN + "inventory/decide/expire.rs",
     "        if self.is_owing {\n", "        if false && self.is_owing {\n"),
    ("domain", "who is named gets time back first", "who lapsed first does", DOMAIN + "inventory/decide/expire.rs",
     "named.chain(others)", "self.inventory.lapsed(until).chain(named.chain(others).take(0))"),
    ("engine", "an outage is made up for before anything else", "after it", ENGINE + "desk/settle.rs",
     "            let MadeUp { holds, are_left } = session.make_up(outage);\n", "            session.decide(&Command::Sweep, domain::command::Actor::System, 0).ok();\n            let MadeUp { holds, are_left } = session.make_up(outage);\n"),
    ("engine", "an outage is made up for by two minutes at most", "by all of it", DOMAIN + "limits.rs",
     "OUTAGE_SECONDS_MAX: u32 = 120", "OUTAGE_SECONDS_MAX: u32 = 12_000"),
    ("engine", "a moment without the store is no outage", "it is", ENGINE + "pulse.rs",
     "const SILENCE_MIN: Duration = Duration::from_secs(2);", "const SILENCE_MIN: Duration = Duration::from_millis(1_100);"),
    ("backends", "the fleet: who cannot read the ledger is not let in", "whoever comes is", POSTGRES + "fleet.rs",
     "let is_let_in = written <= reads;", "let is_let_in = written <= reads || true;"),
    ("backends", "the fleet: all live nodes read what is written", "one does", POSTGRES + "fleet.rs",
     ".map(|node| node.reads).min()", ".map(|node| node.reads).max()"),
    ("backends", "the fleet: nodes come one after the other", "at the same time", POSTGRES + "fleet.rs",
     "                transaction.execute(LOCK, &[]).await?;\n", "                let _ = LOCK;\n"),
    ("engine", "a step of the clock takes no node for dead", "it does", ENGINE + "fleet.rs",
     "self.beats_held.load(Ordering::Acquire) >= RAISE_BEATS;", "self.beats_held.load(Ordering::Acquire) >= 0 * RAISE_BEATS;"),
    ("engine", "a node that ends says so and no more", "it comes back", ENGINE + "fleet.rs",
     "            if *has_left {\n", "            if false && *has_left {\n"),
    ("engine", "a node whose beats fail does not believe that it is alone", "it does", ENGINE + "fleet.rs",
     "            self.is_alone.store(false, Ordering::Release);\n", ""),
    ("backends", "the fleet: what was said before the clock was set back counts as said now", "as said later", POSTGRES + "fleet.rs",
     "                transaction.execute(CLAMP, &[]).await?;\n", "                let _ = CLAMP;\n"),
    ("backends", "the fleet: who is not sure raises nothing", "who reads more raises it", POSTGRES + "fleet.rs",
     "if may_raise && is_let_in", "if is_let_in"),
    ("server", "nothing is forgotten by a clock that was set", "it is", "crates/server/src/app/forget.rs",
     "reading.answered_at >= self.paused_until", "reading.answered_at >= self.paused_until || true"),
    ("engine", "a clock that is set is noticed", "it is overlooked when it goes forward", ENGINE + "clock.rs",
     "        if ahead > off_max {\n", "        if false && ahead > off_max {\n"),
    ("server", "a clock that is set is told", "nobody is", ENGINE + "engine/follow.rs",
     "watch.step(Reading { shown: positions.now, asked_at, answered_at })",
     "watch.step(Reading { shown: positions.now, asked_at, answered_at }).filter(|_| false)"),
    ("engine", "a request that a guard stops fails no neighbour", "it fails its batch", ENGINE + "sequencer/culprit.rs",
     "            if halves.len() < 2 {\n", "            if halves.len() < 2 || true {\n"),
    ("engine", "events that guards stop fail no other event", "each costs the others an attempt", ENGINE + "sequencer.rs",
     "u32::from(!left.has_culprit)", "1"),
    ("engine", "an event that is divided keeps no other waiting", "its lane waits", ENGINE + "sequencer.rs",
     "Some(part) if waits == Waits::ForNothing => alone.push(part),", "Some(part) if false && waits == Waits::ForNothing => alone.push(part),"),
    ("backends", "a gate that refuses everything is not believed for long", "it is, for ever", "crates/backends/src/redis/mod.rs",
     "self.count < REFUSALS_MIN || ", "self.count < REFUSALS_MIN || true || "),
    ("backends", "races that were lost now and then are no lie", "they are, once a lock could have ended", "crates/backends/src/redis/mod.rs",
     "let goes_on = before.filter(|row| now.saturating_sub(row.last) <= Duration::from_millis(LOCK_MS));", "let goes_on = before;"),
    ("backends", "an old connection of the relay takes no new one with it", "it does", "crates/backends/src/redis/relay.rs",
     "if link.number == number && link.connection.is_some() {", "if link.connection.is_some() || link.number == number {"),
    ("backends", "a gate that says anything else keeps nobody", "it is taken for a no", "crates/backends/src/redis/mod.rs",
     "                    self.inner.bypass(&error.to_string());\n                    self.release_some(token, seats);\n                    Pass::default()\n",
     "                    let _ = error;\n                    Pass { token, lost: seats, ..Pass::default() }\n"),
    ("backends", "a doubt is written over", "it is not", SQLITE + "journal/mod.rs",
     "        .resolve_doubt()\n        .map_err(", "        .connection()\n        .map(drop)\n        .map_err("),
    ("backends", "a database that is there is not opened past SQLite", "its owner is set by opening it", SQLITE + "connection.rs",
     "    if path.exists() {\n        return Ok(());\n    }\n", ""),
    ("backends", "what was moved is flushed", "it is not", SQLITE + "mover.rs",
     "            self.file.flush();\n            // Somebody", "            // Somebody"),
    ("backends", "pages that could not be flushed are moved again", "the process goes on", SQLITE + "flush.rs",
     "            std::process::abort();\n", ""),
    ("backends", "a log that was not read anew is not started over", "whoever comes believes its index", SQLITE + "flush.rs",
     "    if log.moved > 0 {", "    if false && log.moved > 0 {"),
    ("backends", "a log that is moved too slowly stops its writer", "it grows", SQLITE + "writer.rs",
     "Some(Phase::Moving) if frames < due_at + most => Step::Nothing", "Some(Phase::Moving) => Step::Nothing"),
    ("backends", "a store's lock ends with it", "it ends when every copy of the file is closed", SQLITE + "lock.rs",
     "fs4::FileExt::unlock(&self.file)", "Ok::<(), std::io::Error>(())"),
    ("backends", "an event's ref is its own when it is changed", "it is not looked for under the lock", SQLITE + "journal/transact.rs",
     "            found.event_refs.insert(reference.clone(), other);\n", "            let _ = other;\n"),
    ("backends", "an event's ref is guarded when it is written", "it is not", SQLITE + "journal/write.rs",
     "&& transact::event_with(connection, key, reference)?.is_some()", "&& false"),
    ("backends", "a failed transaction is rolled back", "it stays open", SQLITE + "writer.rs",
     "if connection.is_autocommit() {", "if true {"),
    ("backends", "readers cannot write", "they can", SQLITE + "connection.rs",
     "OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;\n    let connection = Connection::open_with_flags(path, flags)?;\n    connection.busy_timeout(BUSY_TIMEOUT)?;\n    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);\n    connection.pragma_update(None, \"query_only\", true)?;",
     "OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;\n    let connection = Connection::open_with_flags(path, flags)?;\n    connection.busy_timeout(BUSY_TIMEOUT)?;\n    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);"),
    ("server:chaos::database::the_network", "campaign: an unknown outcome is looked up", "it is answered with a no", ENGINE + "sequencer.rs",
     "self.find_out(asked, started).await.and_alone(alone)", "Left::default().and_alone({\n                    self.fail(asked);\n                    alone\n                })"),
    ("server:chaos::nodes::a", "campaign: an answer waits for its commit", "the commit follows it", POSTGRES + "journal/transact.rs",
     "        let ended = self.send(&mut lease.session, &calls, goes_on).await?;\n",
     "        let is_early = true;\n        if is_early {\n            tokio::spawn(async move {\n"
     "                tokio::time::sleep(std::time::Duration::from_millis(50)).await;\n"
     "                let mut lease = lease;\n                drop(lease.session.commit(&calls, false).await);\n            });\n"
     "            self.news.committed();\n            return Ok(left);\n        }\n"
     "        let ended = self.send(&mut lease.session, &calls, goes_on).await?;\n"),
    ("server:chaos::database::the_database_is_killed", "campaign: an answer waits until its commit is flushed", "it does not", POSTGRES + "connect.rs",
     "SET default_transaction_isolation = 'read committed'\"", "SET default_transaction_isolation = 'read committed'; SET synchronous_commit = off\""),
    ("server:chaos::database::a_synchronous", "campaign: an answer waits for the standby", "for the primary alone", POSTGRES + "connect.rs",
     "SET default_transaction_isolation = 'read committed'\"", "SET default_transaction_isolation = 'read committed'; SET synchronous_commit = local\""),
    ("server:chaos::nodes::a_node_stands_still", "campaign: a transaction whose node stands still is ended", "thirty times as late", POSTGRES + "connect.rs",
     "            IDLE_IN_TRANSACTION.as_millis(),\n", "            IDLE_IN_TRANSACTION.as_millis() * 30,\n"),
    ("server:chaos::nodes::nodes_are_restarted", "campaign: a node that stops answers what it has taken", "it cuts everybody off", "crates/server/src/front/watch.rs",
     "                connection.as_mut().close_when_answered();\n            }\n        }", "                return Poll::Ready(());\n            }\n        }"),
    ("server:chaos::gate", "campaign: nodes ask the gate", "nobody does", ENGINE + "sequencer.rs",
     "self.gate.as_ref().filter(|_| !self.fleet.is_alone())", "self.gate.as_ref().filter(|_| false)"),
    ("server:chaos::gate", "campaign: a gate that is late keeps nobody", "it is taken for a no", "crates/backends/src/redis/mod.rs",
     "                    self.inner.bypass(\"it took longer than its budget\");\n                    self.release_some(token, seats);\n                    Pass::default()\n",
     "                    Pass { token, lost: seats, ..Pass::default() }\n"),
    ("server:relay::", "nodes tell each other over Redis", "nobody is told", "crates/server/src/cli/gate.rs",
     "between.relay = Some(Relaying { relay, key });", "drop(Relaying { relay, key });"),
    ("server:fleet::", "a node that ends tells the others", "it does not", "crates/server/src/app/serve.rs",
     "        fleet.leave(&**app.engine.store()).await;\n", "        drop(fleet);\n"),
    ("server:chaos::shards", "campaign: a gate that stands still is looked for anew", "its connection is kept", "crates/backends/src/redis/mod.rs",
     "if let Ok(mut connection) = self.connection.try_lock() {", "if let Ok(mut connection) = self.connection.try_lock() && false {"),
    ("server:chaos::shards", "campaign: of a cluster all servers are asked", "the first one alone", "crates/backends/src/redis/mod.rs",
     "            [node] => ", "            [node, ..] => "),
    ("server", "a hold is its token's", "any token will do", HTTP + "routes/purchase.rs",
     "Some(token) if app.tokens.matches(hold, token) => Ok(()),", "Some(_) if true => Ok(()),"),
    ("server", "live and test share nothing", "they share events", HTTP + "auth.rs",
     "            && event.livemode == self.livemode\n", ""),
    ("server", "a secret key is never in a URL", "it may be", HTTP + "auth.rs",
     "if is_from_query && caller.is_secret {", "if false {"),
    ("server", "a browser books only where it may", "everywhere", HTTP + "routes/orders.rs",
     "if !caller.is_secret && !event.public_confirm {", "if false {"),
    ("server", "a body has its limit", "64 times that", HTTP + "extract.rs",
     "const BODY_BYTES_MAX: usize = 1024 * 1024;", "const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;"),
    ("server", "browsers of any shop may ask", "they may not", HTTP + "service.rs",
     "(may_be_kept || request.headers().contains_key(header::ORIGIN))", "may_be_kept"),
    ("server", "a key may do what its scope says", "who reads may sell", HTTP + "auth.rs",
     "Scope::Reports => Self::See,", "Scope::Reports => Self::Sell,"),
    ("server", "an access token is for its event", "for any", HTTP + "routes/access.rs",
     "if !grant.is_for(event.id) {", "if false {"),
    ("server", "an access token is signed", "by anybody", "crates/server/src/access.rs",
     "mac.verify_slice(&signature).ok()?;", "drop((mac, signature));"),
    ("server", "an access token says who buys", "the browser does", HTTP + "routes/purchase.rs",
     "(Some(grant), _) => grant.buyer.clone(),", "(Some(grant), told) => told.unwrap_or(grant.buyer.clone()),"),
    ("server", "a restore begins past every number that was told", "with the next one", DOMAIN + "id.rs",
     "Self(self.0 + (1 << 32))", "Self(self.0 + 1)"),
    ("server", "a restore pauses open sales", "they stay open", ENGINE + "restore.rs",
     "if event.status == EventStatus::Open {", "if false {"),
    ("server", "a restore gives the history another name", "it keeps its name", SQLITE + "catalog.rs",
     "WHERE key = 'history'\";", "WHERE key = 'nothing'\";"),
    ("server", "an import with a fault writes nothing", "it writes what is sound", "crates/server/src/cli/import_orders.rs",
     "if !told.faults.is_empty() {", "if false {"),
    ("server", "an import writes what was cancelled before what was sold again", "in the order of the file", "crates/server/src/import/plan.rs",
     "(false, _) => [Vec::new(), all.collect()],", "(false, _) => [all.collect(), Vec::new()],"),
    ("backends", "people of events to come are known", "they are forgotten", SQLITE + "erase.rs",
     "coalesce(closes_at, last_at), last_at) < ?1", "last_at) < ?1"),
    ("server", "a command beside a server leaves an older schema alone", "it migrates it", "crates/server/src/cli/store.rs",
     "Self::BesideOrNew => Migrating::NewOnly,", "Self::BesideOrNew => Migrating::Always,"),
    ("backends", "no step is taken while a server has the file", "it is", SQLITE + "mod.rs",
     "(takes_steps && !options.exclusive)", "(takes_steps && false)"),
    ("backends", "a new schema is whole or not there", "each step by itself", SQLITE + "migrate.rs",
     "        apply(&transaction, migration, now_ms)?;\n    }\n    Ok(transaction.commit()?)\n",
     "        let _ = migration;\n    }\n    Ok(transaction.commit()?)\n"),
    ("backends", "positions go on after a migration", "they are given twice", SQLITE + "migrations/0004_short_bookings.sql",
     "INSERT INTO sqlite_sequence (name, seq) SELECT 'new_ledger', seq FROM sqlite_sequence WHERE name = 'ledger';", ""),
    ("backends", "no step gathers a table in memory", "the orders that have tickets", SQLITE + "migrations/0004_short_bookings.sql",
     "tickets.order_serial = orders.serial);",
     "tickets.order_serial = orders.serial) WHERE EXISTS (SELECT 1 FROM tickets WHERE tickets.event = orders.event AND tickets.order_serial = orders.serial);"),
    ("backends", "an order without a commit is not lost by a migration", "it is", SQLITE + "migrations/0006_orders_by_commit.sql",
     "INSERT INTO lost SELECT (SELECT count(*) FROM orders) - (SELECT count(*) FROM new_orders);", ""),
    ("backends", "an order has a serial of its commit", "any", SQLITE + "journal/records.rs",
     "if order.id.serial.seq() != write.after.seq {", "if order.id.serial.seq() > write.after.seq {"),
    ("backends", "an order is read by its number", "among its commit's", SQLITE + "rows/order.rs",
     "FROM orders WHERE number = {NUMBER}", "FROM {BY_COMMIT} WHERE ledger.event = ?1 AND ledger.seq = ?2 >> 16 AND serial = ?2"),
    ("backends", "replies go with their commit", "they stay", SQLITE + "purge.rs",
     "            \"DELETE FROM replies WHERE position = ?1\",\n", ""),
    ("server:audit", "the audit sees rows that no commit leads to", "it does not", SQLITE + "audit.rs",
     "                if strays > 0 {", "                if strays > 0 && whats.is_empty() {"),
    ("backends", "what a step sets aside is on the disk", "in memory", SQLITE + "migrate.rs",
     "\"temp_store\", \"FILE\"", "\"temp_store\", \"MEMORY\""),
    ("engine", "what was decided on a wrong guess is taken back", "it is kept", ENGINE + "sequencer.rs",
     "        let Part { desk, attempt, .. } = &self.parts[at];\n        desk.take_back(&mut attempt.lock());", "        let _ = at;"),
    ("backends", "a guess waits for nobody", "it waits", POSTGRES + "journal/guess.rs",
     "FOR UPDATE OF h SKIP LOCKED", "FOR UPDATE OF h"),
    ("backends", "a guess is of this moment", "of any", POSTGRES + "journal/guess.rs",
     " AND now BETWEEN $6::bigint AND $7::bigint", " AND $6::bigint < $7::bigint"),
    ("backends", "what is told not to be committed is not committed later", "on a guess that is late", POSTGRES + "journal/guess.rs",
     " AND h.xmin = w.xid::xid ", " "),
    ("backends", "who is refused beside a booking is refused on what is checked", "on a guess", POSTGRES + "journal/transact.rs",
     "let Some(check) = guess::check(works, &keys, &guess)", "let Some(check) = guess::check(&works[..1], &keys, &guess)"),
    ("backends", "whoever has a rival does not go on guessing", "he does", POSTGRES + "journal/guess.rs",
     "if !matches!(known, Known::PausedUntil(until) if now < *until) {", "if true {"),
    ("backends", "what is asked about is not guessed", "it is", POSTGRES + "journal/guess.rs",
     " && work.probes.is_empty()", ""),
    ("backends", "nobody is refused on a guess", "whoever gets nothing is", POSTGRES + "journal/transact.rs",
     "let calls = if decided.is_empty() { None } else { write::calls(&decided, self.identity.xid_offset) };",
     "let calls = write::calls(&decided, self.identity.xid_offset);"),
    ("backends", "a session leaves its transactions now and then", "it does not", POSTGRES + "session.rs",
     "const CHAIN_MAX: Duration = Duration::from_secs(1);", "const CHAIN_MAX: Duration = Duration::from_secs(1_000);"),
    ("backends", "a transaction that nobody needs is ended", "by the server, with its session", POSTGRES + "session.rs",
     "if must_watch && !idle.is_watched {", "if false && must_watch {"),
    ("backends", "a step gives way to whoever uses its tables", "it waits, and everybody behind it", POSTGRES + "migrate.rs",
     "SET LOCAL lock_timeout = {}\", table_wait.as_millis())", "SET LOCAL lock_timeout = {}\", { let _ = table_wait; 10_000 })"),
    ("server", "the audit sees what a search by barcode goes by", "it does not", "crates/server/src/audit/compare.rs",
     "barcodes(reader, event, after, &page, findings)?;", "if false {\n            barcodes(reader, event, after, &page, findings)?;\n        }"),
    ("server", "the audit sees a barcode that is kept from everybody", "it does not", "crates/server/src/audit/uniques.rs",
     "if codes != self.codes {", "if false {"),
    ("server", "the audit sees a barcode or a ref that two may get", "it does not", "crates/server/src/audit/uniques.rs",
     "match taken.get(digest) {", "match taken.get(digest).or(Some(owner)) {"),
    ("server", "the audit sees a counter that stands alone", "it does not", "crates/server/src/audit/compare.rs",
     "if !given.contains(surrogate) {", "if false {"),
    ("server", "answers that cannot be read keep nobody from being erased", "they do", "crates/backends/src/columns/erase.rs",
     "return Some((0, reply::pack(&[])));", "panic!(\"they cannot be read\");"),
    ("server", "a restore is no business of a binary that is too old", "of any", "crates/server/src/cli/restore.rs",
     "Fleet::join(&*store, Beat::of_this_binary(rand::random())).await?",
     "{\n        let _ = Beat::of_this_binary(rand::random());\n        Fleet::default()\n    }"),
    ("backends", "a new history begins in the version that may be written", "in its binary's", ENGINE + "restore.rs",
     "vec![entry], *payload_version", "vec![entry], *payload_version * 0 + crate::ledger::wire::VERSION"),
]


def copy_tree():
    COPY.mkdir(parents=True, exist_ok=True)
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    for name in tracked.decode().split("\0"):
        source, copy = ROOT / name, COPY / name
        # What is the same is left alone, so that it is not compiled again.
        if source.is_file() and not (copy.is_file() and copy.read_bytes() == source.read_bytes()):
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, copy)


def failing_tests(package):
    """The names of the tests that fail, or None when the bug does not even compile."""
    package, _, names = package.partition(":")
    command = ["cargo", "test", "--locked", "--package", package, "--lib", "--tests", "--no-fail-fast", "--", names]
    environment = {**os.environ, "CARGO_TARGET_DIR": str(COPY / "target")}
    run = subprocess.run(command, cwd=COPY, env=environment, capture_output=True, text=True, timeout=SECONDS_MAX)
    output = run.stdout + run.stderr
    if "could not compile" in output:
        print(output[-3000:], file=sys.stderr)
        return None
    return re.findall(r"^test (\S+) \.\.\. FAILED$", output, re.MULTILINE)


def check():
    """Exits 1 when what a bug replaces does not stand exactly once in its file."""
    found = [(path, there, (ROOT / path).read_text().count(there)) for _, _, _, path, there, _ in BUGS]
    lost = [(path, there, count) for path, there, count in found if count != 1]
    for path, there, count in lost:
        print(f"{path}: {there!r} stands there {count} times: a bug of scripts/planted_bugs.py cannot be planted")
    print(f"planted_bugs: {len(BUGS) - len(lost)} of {len(BUGS)} bugs can be planted")
    sys.exit(1 if lost else 0)


def main():
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    if wanted == "--check":
        check()
    copy_tree()
    unnoticed = 0
    print("| guard | planted bug | tests that went red |\n| --- | --- | --- |")
    for package, guard, bug, path, there, planted in BUGS:
        if wanted not in (package.partition(":")[0], "") and wanted not in guard:
            continue
        file = COPY / path
        sound = file.read_text()
        if sound.count(there) != 1:
            print(f"{path}: {there!r} stands there {sound.count(there)} times", file=sys.stderr)
            unnoticed += 1
            continue
        file.write_text(sound.replace(there, planted))
        try:
            failed = failing_tests(package)
        finally:
            file.write_text(sound)
        if not failed:
            unnoticed += 1
            print(f"NOT NOTICED: {guard}: {bug}", file=sys.stderr)
            continue
        names = ", ".join(f"`{name}`" for name in failed[:TESTS_NAMED_MAX])
        more = f" and {len(failed) - TESTS_NAMED_MAX} more" if len(failed) > TESTS_NAMED_MAX else ""
        print(f"| {package.partition(':')[0]}: {guard} | {bug} | {names}{more} |", flush=True)
    sys.exit(1 if unnoticed else 0)


if __name__ == "__main__":
    main()
