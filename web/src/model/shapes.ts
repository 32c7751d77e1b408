/** Plane geometry of charts: boxes, borders of blocks of seats, points in polygons. */

export type Points = [number, number][];

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Corners that a shape may have; more is no drawing of a hall. */
const CORNERS_MAX = 2_000;

export function boxOf(x: ArrayLike<number>, y: ArrayLike<number>, first: number, end: number): Box {
  if (end <= first) return { left: 0, top: 0, right: 0, bottom: 0 };
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (let at = first; at < end; at++) {
    box.left = Math.min(box.left, x[at] ?? 0);
    box.right = Math.max(box.right, x[at] ?? 0);
    box.top = Math.min(box.top, y[at] ?? 0);
    box.bottom = Math.max(box.bottom, y[at] ?? 0);
  }
  return box;
}

export function middleOf(box: Box): { x: number; y: number } {
  return { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 };
}

/** The convex hull (Andrew's monotone chain), counter-clockwise. */
export function hull(points: Points): Points {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  if (sorted.length < 3) return sorted;
  const half = (input: Points): Points => {
    const chain: Points = [];
    for (const point of input) {
      while (chain.length > 1 && turn(chain[chain.length - 2]!, chain[chain.length - 1]!, point) <= 0) chain.pop();
      chain.push(point);
    }
    chain.pop();
    return chain;
  };
  return [...half(sorted), ...half(sorted.reverse())];
}

function turn(a: [number, number], b: [number, number], c: [number, number]): number {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

/**
 * The border of rows that lie behind each other, following their curve: along the first row, down the right ends, back along the
 * last row, up the left ends. Rows that are no such block get their convex hull.
 */
export function outline(x: Float32Array, y: Float32Array, rows: { first: number; end: number }[]): Points {
  const at = (seat: number): [number, number] => [x[seat] ?? 0, y[seat] ?? 0];
  const full = rows.filter((row) => row.end > row.first);
  const ends = full.map((row) => {
    const [a, b] = [at(row.first), at(row.end - 1)];
    return { a, b, row };
  });
  const first = ends[0];
  const last = ends[ends.length - 1];
  if (!first || !last) return [];
  const direction = [first.b[0] - first.a[0], first.b[1] - first.a[1]] as const;
  const isBlock = ends.every(({ a, b, row }) => row.end - row.first > 1 && (b[0] - a[0]) * direction[0] + (b[1] - a[1]) * direction[1] > 0);
  if (!isBlock) {
    const points: Points = [];
    for (const { row } of ends) for (let seat = row.first; seat < row.end; seat++) points.push(at(seat));
    return hull(points);
  }
  const along = (row: { first: number; end: number }): Points => {
    const points: Points = [];
    const step = Math.max(1, Math.floor((row.end - row.first) / 24));
    for (let seat = row.first; seat < row.end - 1; seat += step) points.push(at(seat));
    points.push(at(row.end - 1));
    return points;
  };
  const inner = ends.slice(1, -1);
  return [...along(first.row), ...inner.map((end) => end.b), ...(ends.length > 1 ? along(last.row).reverse() : []), ...inner.map((end) => end.a).reverse()];
}

/** Even-odd rule. */
export function contains(points: Points, x: number, y: number): boolean {
  let inside = false;
  for (let i = 0, j = points.length - 1; i < points.length; j = i++) {
    const [xi, yi] = points[i]!;
    const [xj, yj] = points[j]!;
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

/** The corners of `{"type":"polygon","points":[[x, y], …]}`; nothing for whatever else a chart's maker put there. */
export function readShape(shape: unknown, shift: { x: number; y: number }): Points | undefined {
  if (shape === null || typeof shape !== 'object') return undefined;
  const { points } = shape as { points?: unknown };
  if (!Array.isArray(points) || points.length < 3 || points.length > CORNERS_MAX) return undefined;
  const read: Points = [];
  for (const point of points as unknown[]) {
    if (!Array.isArray(point)) return undefined;
    const [px, py] = point as unknown[];
    if (typeof px !== 'number' || typeof py !== 'number' || !(Math.abs(px) <= 1e7) || !(Math.abs(py) <= 1e7)) return undefined;
    read.push([px - shift.x, py - shift.y]);
  }
  return read;
}
