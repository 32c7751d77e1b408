/** Finds seats by place: a uniform grid over the chart, seats sorted by cell. */

import type { Venue } from './venue';

/** Cells along the longer side, at most. */
const CELLS_MAX = 512;

export class Grid {
  private readonly cell: number;
  private readonly columns: number;
  private readonly rows: number;
  private readonly starts: Uint32Array;
  private readonly order: Uint32Array;
  private readonly left: number;
  private readonly top: number;

  constructor(private readonly venue: Venue) {
    const { box } = venue;
    const across = Math.max(box.right - box.left, box.bottom - box.top, venue.pitch);
    this.cell = Math.max(venue.pitch * 2, across / CELLS_MAX);
    this.left = box.left;
    this.top = box.top;
    this.columns = Math.max(1, Math.ceil((box.right - box.left) / this.cell) + 1);
    this.rows = Math.max(1, Math.ceil((box.bottom - box.top) / this.cell) + 1);
    this.starts = new Uint32Array(this.columns * this.rows + 1);
    this.order = new Uint32Array(venue.size);
    const cells = new Uint32Array(venue.size);
    for (let seat = 0; seat < venue.size; seat++) {
      const cell = this.row(venue.y[seat]!) * this.columns + this.column(venue.x[seat]!);
      cells[seat] = cell;
      this.starts[cell + 1]! += 1;
    }
    for (let cell = 0; cell < this.columns * this.rows; cell++) this.starts[cell + 1]! += this.starts[cell]!;
    const next = this.starts.slice();
    for (let seat = 0; seat < venue.size; seat++) this.order[next[cells[seat]!]!++] = seat;
  }

  /** The seat nearest to a place, no further away than `radius`. */
  nearest(x: number, y: number, radius: number): number | undefined {
    let best: number | undefined;
    let bestDistance = radius * radius;
    this.within(x - radius, y - radius, x + radius, y + radius, (seat) => {
      const distance = (this.venue.x[seat]! - x) ** 2 + (this.venue.y[seat]! - y) ** 2;
      if (distance <= bestDistance) {
        bestDistance = distance;
        best = seat;
      }
    });
    return best;
  }

  /** Calls `take` with every seat of a rectangle. */
  within(left: number, top: number, right: number, bottom: number, take: (seat: number) => void): void {
    const { x, y } = this.venue;
    for (let row = this.row(top); row <= this.row(bottom); row++) {
      const from = this.starts[row * this.columns + this.column(left)]!;
      const to = this.starts[row * this.columns + this.column(right) + 1]!;
      for (let at = from; at < to; at++) {
        const seat = this.order[at]!;
        if (x[seat]! >= left && x[seat]! <= right && y[seat]! >= top && y[seat]! <= bottom) take(seat);
      }
    }
  }

  /** Seats beyond the box that is shown lie in the outermost cells. */
  private column(x: number): number {
    return Math.max(0, Math.min(this.columns - 1, Math.floor((x - this.left) / this.cell)));
  }

  private row(y: number): number {
    return Math.max(0, Math.min(this.rows - 1, Math.floor((y - this.top) / this.cell)));
  }
}
