/** Who has what, as the feed tells it: one byte a seat, counts by section, area and category. */

import type { Availability, Commit, Counts } from '../api/types';
import type { Venue } from './venue';

export const FREE = 0;
export const HELD = 1;
export const SOLD = 2;
export const BLOCKED = 3;
/** A kind this version does not know: not free. */
export const TAKEN = 4;
export type Status = 0 | 1 | 2 | 3 | 4;

const NAMES = ['free', 'held', 'sold', 'blocked', 'taken'] as const;
export type StatusName = (typeof NAMES)[number];

const NONE: Counts = { free: 0, held: 0, sold: 0, blocked: 0 };

export function statusOf(character: string): Status {
  return character === 'f' ? FREE : character === 'h' ? HELD : character === 's' ? SOLD : character === 'b' ? BLOCKED : TAKEN;
}

export function statusName(status: number): StatusName {
  return NAMES[status] ?? 'taken';
}

export class Occupancy {
  readonly seats: Uint8Array;
  readonly areas = new Map<string, Counts>();
  /** Seats that changed since the last `drain`. */
  private dirty = new Set<number>();
  private isAllDirty = true;
  /** Free seats by section, kept current. */
  readonly freeBySection: Uint32Array;
  seq = 0;

  constructor(private readonly venue: Venue) {
    this.seats = new Uint8Array(venue.size).fill(TAKEN);
    this.freeBySection = new Uint32Array(venue.sections.length);
  }

  /** Replaces everything. Returns whether the state is of this venue. */
  replace(state: Availability): boolean {
    if (state.seats.length !== this.venue.size) return false;
    for (let seat = 0; seat < this.venue.size; seat++) this.seats[seat] = statusOf(state.seats.charAt(seat));
    this.freeBySection.fill(0);
    for (let seat = 0; seat < this.venue.size; seat++) {
      if (this.seats[seat] === FREE) this.freeBySection[this.venue.section[seat]!]! += 1;
    }
    this.areas.clear();
    for (const [name, counts] of Object.entries(state.areas ?? {})) if (isCounts(counts)) this.areas.set(name, counts);
    this.seq = state.seq;
    this.isAllDirty = true;
    return true;
  }

  /** Applies a commit, all of it or, where it cannot be of this venue, nothing. */
  apply(commit: Commit): boolean {
    const changes = Object.entries(commit.seats ?? {});
    const areas = Object.entries(commit.areas ?? {});
    for (const [number, character] of changes) {
      if (!/^\d{1,9}$/.test(number) || Number(number) >= this.venue.size || typeof character !== 'string') return false;
    }
    if (!areas.every(([, counts]) => isCounts(counts))) return false;
    // Told already, by an availability that was read meanwhile.
    if (commit.seq <= this.seq) return true;
    for (const [number, character] of changes) this.set(Number(number), statusOf(character));
    for (const [name, counts] of areas) this.areas.set(name, counts);
    this.seq = commit.seq;
    return true;
  }

  private set(seat: number, status: Status): void {
    const before = this.seats[seat];
    if (before === status) return;
    const section = this.venue.section[seat]!;
    if (before === FREE) this.freeBySection[section]! -= 1;
    if (status === FREE) this.freeBySection[section]! += 1;
    this.seats[seat] = status;
    this.dirty.add(seat);
  }

  isFree(seat: number): boolean {
    return this.seats[seat] === FREE;
  }

  area(name: string): Counts {
    return this.areas.get(name) ?? NONE;
  }

  /** Seats and areas together. */
  totals(): Counts {
    const counts = { ...NONE };
    for (const status of this.seats) {
      if (status === FREE) counts.free += 1;
      else if (status === SOLD) counts.sold += 1;
      else if (status === BLOCKED) counts.blocked += 1;
      else counts.held += 1;
    }
    for (const area of this.areas.values()) {
      counts.free += area.free;
      counts.held += area.held;
      counts.sold += area.sold;
      counts.blocked += area.blocked;
    }
    return counts;
  }

  /** The seats to draw again: `undefined` means all of them. */
  drain(): Set<number> | undefined {
    const changed = this.isAllDirty ? undefined : this.dirty;
    this.dirty = new Set();
    this.isAllDirty = false;
    return changed;
  }
}

function isCounts(counts: unknown): counts is Counts {
  if (counts === null || typeof counts !== 'object') return false;
  const { free, held, sold, blocked } = counts as Counts;
  return [free, held, sold, blocked].every((count) => Number.isSafeInteger(count) && count >= 0);
}
