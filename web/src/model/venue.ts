/**
 * A chart laid out for drawing and finding: flat arrays in the chart's order, one number a seat.
 *
 * Coordinates are the chart's own units, shifted to the middle of the chart. Charts come from anywhere: seats may lie on top of
 * each other or a million units away, colours may be no colours, areas may have no shape. All of that is made harmless here, once.
 */

import type { Category, Chart } from '../api/types';
import { type Box, type Points, boxOf, middleOf, outline, readShape } from './shapes';

export interface Section {
  name: string;
  /** Its seats are `first` up to, not including, `end`. */
  first: number;
  end: number;
  rows: Row[];
  box: Box;
  /** The border of its seats, without any margin. */
  border: Points;
  /** Where its name is written. */
  middle: { x: number; y: number };
}

export interface Row {
  label: string;
  first: number;
  end: number;
  section: number;
}

export interface Area {
  name: string;
  capacity: number;
  category: number;
  border: Points;
  box: Box;
  middle: { x: number; y: number };
}

/** What a seat is, in `Venue.flags`. */
export const ACCESSIBLE = 1;
export const COMPANION = 2;
export const RESTRICTED = 4;

export interface Venue {
  name: string;
  size: number;
  x: Float32Array;
  y: Float32Array;
  category: Uint16Array;
  section: Uint16Array;
  row: Uint32Array;
  flags: Uint8Array;
  labels: string[];
  categories: Category[];
  sections: Section[];
  rows: Row[];
  areas: Area[];
  /** How far neighbouring seats are apart, in the chart's units. */
  pitch: number;
  /** Everything worth seeing. */
  box: Box;
  /** Where people look, and from which direction rows are read. */
  focal: { x: number; y: number } | undefined;
}

/** Colours that are told apart with any colour vision (Okabe and Ito, 2008), for categories without a usable one. */
const COLORS = ['#0072B2', '#E69F00', '#009E73', '#CC79A7', '#56B4E9', '#D55E00', '#8C6BB1', '#7A7A00'];
const COLOR = /^#[0-9a-f]{6}$/i;

export function seatCount(chart: Chart | undefined): number {
  return (chart?.sections ?? []).reduce((sum, section) => sum + section.rows.reduce((seats, row) => seats + row.seats.length, 0), 0);
}

/** Lays a chart out; an event without a chart has areas only. */
export function layOut(chart: Chart | undefined, areas: { name: string; capacity: number; category: string }[], categoryKeys: string[]): Venue {
  const categories = colored(chart?.categories ?? [], categoryKeys);
  const numberOf = new Map(categories.map((category, index) => [category.key, index]));
  const size = seatCount(chart);
  const venue: Venue = {
    name: chart?.name ?? '',
    size,
    x: new Float32Array(size),
    y: new Float32Array(size),
    category: new Uint16Array(size),
    section: new Uint16Array(size),
    row: new Uint32Array(size),
    flags: new Uint8Array(size),
    labels: new Array<string>(size),
    categories,
    sections: [],
    rows: [],
    areas: [],
    pitch: 1,
    box: { left: 0, top: 0, right: 1, bottom: 1 },
    focal: undefined,
  };
  const shift = shiftOf(chart);
  if (chart) placeSeats(venue, chart, numberOf, shift);
  venue.pitch = pitchOf(venue);
  for (const section of venue.sections) {
    section.box = boxOf(venue.x, venue.y, section.first, section.end);
    section.border = outline(venue.x, venue.y, section.rows);
    section.middle = middleOf(section.box);
    nudgeOntoASeat(venue, section);
  }
  venue.box = mainBox(venue);
  if (chart?.focal_point && isPlace(chart.focal_point.x) && isPlace(chart.focal_point.y)) {
    venue.focal = { x: chart.focal_point.x - shift.x, y: chart.focal_point.y - shift.y };
  }
  placeAreas(venue, chart, areas, numberOf, shift);
  return venue;
}

function placeSeats(venue: Venue, chart: Chart, numberOf: Map<string, number>, shift: { x: number; y: number }): void {
  let at = 0;
  for (const section of chart.sections) {
    const first = at;
    const rows: Row[] = [];
    for (const row of section.rows) {
      const firstOfRow = at;
      for (const seat of row.seats) {
        venue.x[at] = place(seat.x) - shift.x;
        venue.y[at] = place(seat.y) - shift.y;
        venue.category[at] = numberOf.get(seat.category) ?? 0;
        venue.section[at] = venue.sections.length;
        venue.row[at] = venue.rows.length;
        venue.flags[at] =
          (seat.accessible ? ACCESSIBLE : 0) |
          (seat.attributes?.includes('companion') ? COMPANION : 0) |
          (seat.attributes?.includes('restricted_view') ? RESTRICTED : 0);
        venue.labels[at] = `${section.name}-${row.label}-${seat.label}`;
        at += 1;
      }
      const made = { label: String(row.label), first: firstOfRow, end: at, section: venue.sections.length };
      rows.push(made);
      venue.rows.push(made);
    }
    venue.sections.push({ name: String(section.name), first, end: at, rows, box: { left: 0, top: 0, right: 0, bottom: 0 }, border: [], middle: { x: 0, y: 0 } });
  }
}

/** A seat's own part of its label: labels are `Section-Row-Seat`, and each part may have dashes of its own. */
export function seatName(venue: Venue, seat: number): string {
  const row = venue.rows[venue.row[seat] ?? 0];
  const section = venue.sections[venue.section[seat] ?? 0];
  return (venue.labels[seat] ?? '').slice((section?.name.length ?? 0) + (row?.label.length ?? 0) + 2);
}

function isPlace(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function place(value: unknown): number {
  return isPlace(value) ? Math.max(-1e7, Math.min(1e7, value)) : 0;
}

/** 32-bit coordinates are exact near zero only, so that is where a chart is moved. */
function shiftOf(chart: Chart | undefined): { x: number; y: number } {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const section of chart?.sections ?? []) {
    for (const row of section.rows) {
      for (const seat of row.seats) {
        box.left = Math.min(box.left, place(seat.x));
        box.right = Math.max(box.right, place(seat.x));
        box.top = Math.min(box.top, place(seat.y));
        box.bottom = Math.max(box.bottom, place(seat.y));
      }
    }
  }
  return Number.isFinite(box.left) ? middleOf(box) : { x: 0, y: 0 };
}

/** The median distance of seats that follow each other in a row; of all seats, where rows have one seat each. */
function pitchOf(venue: Venue): number {
  const distances: number[] = [];
  const step = Math.max(1, Math.floor(venue.size / 5_000));
  for (let seat = step; seat < venue.size; seat += step) {
    if (venue.row[seat] !== venue.row[seat - 1]) continue;
    const distance = Math.hypot((venue.x[seat] ?? 0) - (venue.x[seat - 1] ?? 0), (venue.y[seat] ?? 0) - (venue.y[seat - 1] ?? 0));
    if (distance > 1e-6) distances.push(distance);
  }
  if (distances.length > 0) {
    distances.sort((a, b) => a - b);
    return distances[Math.floor(distances.length / 2)] ?? 1;
  }
  const box = boxOf(venue.x, venue.y, 0, venue.size);
  const across = Math.max(box.right - box.left, box.bottom - box.top);
  return across > 0 ? across / Math.max(2, Math.sqrt(venue.size)) : 1;
}

/** The middle of a ring is nowhere in it: a name is written at the seat that is nearest. */
function nudgeOntoASeat(venue: Venue, section: Section): void {
  let best = Infinity;
  let at = section.middle;
  for (let seat = section.first; seat < section.end; seat++) {
    const x = venue.x[seat] ?? 0;
    const y = venue.y[seat] ?? 0;
    const distance = (x - section.middle.x) ** 2 + (y - section.middle.y) ** 2;
    if (distance < best) {
      best = distance;
      at = { x, y };
    }
  }
  if (best > (venue.pitch * 3) ** 2) section.middle = at;
}

/** What is seen first. Where a few seats lie absurdly far away, they do not shrink all others to a dot. */
function mainBox(venue: Venue): Box {
  const all = boxOf(venue.x, venue.y, 0, venue.size);
  if (venue.size < 100) return all;
  const inner = {
    left: quantile(venue.x, 0.01),
    right: quantile(venue.x, 0.99),
    top: quantile(venue.y, 0.01),
    bottom: quantile(venue.y, 0.99),
  };
  const width = Math.max(inner.right - inner.left, venue.pitch);
  const height = Math.max(inner.bottom - inner.top, venue.pitch);
  const isAbsurd = all.right - all.left > 8 * width || all.bottom - all.top > 8 * height;
  return isAbsurd ? { left: inner.left - width / 4, right: inner.right + width / 4, top: inner.top - height / 4, bottom: inner.bottom + height / 4 } : all;
}

function quantile(values: Float32Array, share: number): number {
  const sorted = Float32Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Areas lie where their shape says; those without one are set in a row below the seats. */
function placeAreas(venue: Venue, chart: Chart | undefined, areas: { name: string; capacity: number; category: string }[], numberOf: Map<string, number>, shift: { x: number; y: number }): void {
  const shapes = new Map((chart?.areas ?? []).map((area) => [area.name, area.shape]));
  const unit = venue.size > 0 ? Math.max((venue.box.right - venue.box.left) / 5, venue.pitch * 8) : 100;
  let x = venue.size > 0 ? venue.box.left : 0;
  let y = venue.size > 0 ? venue.box.bottom + unit * 0.2 : 0;
  let count = 0;
  for (const area of areas) {
    let border = readShape(shapes.get(area.name), shift);
    if (!border) {
      border = [
        [x, y],
        [x + unit * 0.94, y],
        [x + unit * 0.94, y + unit * 0.5],
        [x, y + unit * 0.5],
      ];
      count += 1;
      x += unit;
      if (count % 5 === 0) {
        x = venue.size > 0 ? venue.box.left : 0;
        y += unit * 0.56;
      }
    }
    const xs = border.map((point) => point[0]);
    const ys = border.map((point) => point[1]);
    const box = boxOf(xs, ys, 0, border.length);
    venue.areas.push({ name: area.name, capacity: area.capacity, category: numberOf.get(area.category) ?? 0, border, box, middle: middleOf(box) });
  }
  const boxes = venue.areas.map((area) => area.box);
  if (venue.size > 0) boxes.push(venue.box);
  if (boxes.length === 0) return;
  venue.box = {
    left: Math.min(...boxes.map((box) => box.left)),
    top: Math.min(...boxes.map((box) => box.top)),
    right: Math.max(...boxes.map((box) => box.right)),
    bottom: Math.max(...boxes.map((box) => box.bottom)),
  };
}

/** Every category of the event with a colour that can be drawn. */
function colored(categories: Category[], keys: string[]): Category[] {
  const known = new Set(categories.map((category) => category.key));
  const all = [...categories, ...keys.filter((key) => !known.has(key)).map((key) => ({ key, name: key, color: '' }))];
  return all.map((category, index) => ({
    key: category.key,
    name: category.name || category.key,
    color: COLOR.test(category.color ?? '') ? category.color : (COLORS[index % COLORS.length] ?? '#0072B2'),
  }));
}
