/** Moving from seat to seat by arrow key, and finding other seats where those that were wanted are gone. */

import type { Venue } from './venue';

export type Direction = 'left' | 'right' | 'up' | 'down';

/**
 * The seat that lies nearest in a direction, with distance across counted three times, so that walking along a row stays in it.
 * `undefined` at the edge.
 */
export function seatTowards(venue: Venue, seat: number, direction: Direction): number | undefined {
  const [dx, dy] = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] }[direction] as [number, number];
  const [x, y] = [venue.x[seat]!, venue.y[seat]!];
  let best: number | undefined;
  let bestCost = Infinity;
  for (let other = 0; other < venue.size; other++) {
    const [ox, oy] = [venue.x[other]! - x, venue.y[other]! - y];
    const along = ox * dx + oy * dy;
    const across = Math.abs(ox * dy - oy * dx);
    // Within 50 degrees of the direction: everything else lies another way.
    if (along <= venue.pitch * 0.05 || across > along * 1.2) continue;
    const cost = along + across * 3;
    if (cost < bestCost) {
      bestCost = cost;
      best = other;
    }
  }
  return best;
}

/**
 * Free seats side by side in one row of the same category, as near as can be to seats that are gone; `undefined` where there is no
 * such run. `isFree` says which seats count.
 */
export function alternative(venue: Venue, wanted: number[], isFree: (seat: number) => boolean): number[] | undefined {
  const first = wanted[0];
  if (first === undefined) return undefined;
  const categories = new Set(wanted.map((seat) => venue.category[seat]!));
  const x = wanted.reduce((sum, seat) => sum + venue.x[seat]!, 0) / wanted.length;
  const y = wanted.reduce((sum, seat) => sum + venue.y[seat]!, 0) / wanted.length;
  const flags = venue.flags[first]!;
  let best: number | undefined;
  let bestDistance = Infinity;
  let run = 0;
  for (let seat = 0; seat < venue.size; seat++) {
    const follows = seat > 0 && venue.row[seat] === venue.row[seat - 1] && run > 0;
    const fits = isFree(seat) && categories.has(venue.category[seat]!) && venue.flags[seat] === flags;
    run = fits ? (follows ? run + 1 : 1) : 0;
    if (run < wanted.length) continue;
    const middle = seat - (wanted.length - 1) / 2;
    const mx = (venue.x[Math.floor(middle)]! + venue.x[Math.ceil(middle)]!) / 2;
    const my = (venue.y[Math.floor(middle)]! + venue.y[Math.ceil(middle)]!) / 2;
    const distance = (mx - x) ** 2 + (my - y) ** 2;
    if (distance < bestDistance) {
      bestDistance = distance;
      best = seat - wanted.length + 1;
    }
  }
  return best === undefined ? undefined : wanted.map((_, index) => best + index);
}
