/** Charts from anywhere, counts that stay true, seats that lie near. */

import { expect, test } from 'vitest';
import type { Chart, SaleEvent } from '../../src/api/types';
import { Grid } from '../../src/model/grid';
import { alternative, seatTowards } from '../../src/model/neighbours';
import { Occupancy } from '../../src/model/occupancy';
import { money, offers, priceOf } from '../../src/model/prices';
import { Selection } from '../../src/model/selection';
import { layOut, seatName } from '../../src/model/venue';

function chart(rows: number, seats: number, place = (row: number, seat: number) => ({ x: seat * 10, y: row * 12 })): Chart {
  return {
    id: 'cht_1',
    name: 'Hall',
    categories: [{ key: 'a', name: 'A', color: 'url(javascript:alert(1))' }],
    sections: [
      {
        name: 'S-1',
        rows: Array.from({ length: rows }, (_, row) => ({
          label: String(row + 1),
          seats: Array.from({ length: seats }, (_, seat) => ({ label: String(seat + 1), category: 'a', accessible: false, attributes: [], ...place(row, seat) })),
        })),
      },
    ],
    areas: [{ name: 'Floor', capacity: 10, category: 'b', shape: '<script>' }],
  };
}

const AREAS = [{ name: 'Floor', capacity: 10, category: 'b' }];
const state = (seq: number, seats: string) => ({ seq, chart_id: 'cht_1', status: 'open' as const, seats, areas: { Floor: { free: 10, held: 0, sold: 0, blocked: 0 } }, categories: {} });
const sale = { prices: { a: { adult: 1250, child: 500, staff: 0 }, b: 700 }, currency: 'EUR', ticket_types: [{ key: 'adult', name: 'Adult', public: true }, { key: 'child', name: null, public: true }, { key: 'staff', name: 'Staff', public: false }] } as unknown as SaleEvent;

test('a chart is laid out around its middle, with colours that can be drawn', () => {
  const venue = layOut(chart(3, 4), AREAS, ['a', 'b']);
  expect(venue.size).toBe(12);
  expect(venue.pitch).toBe(10);
  expect(venue.x[0]).toBe(-15);
  expect(venue.labels[5]).toBe('S-1-2-2');
  expect(seatName(venue, 5)).toBe('2');
  expect(venue.categories.every((category) => /^#[0-9a-f]{6}$/i.test(category.color))).toBe(true);
  expect(venue.areas[0]?.border).toHaveLength(4);
});

test('absurd coordinates do not shrink the hall, and are still found', () => {
  const venue = layOut(chart(20, 50, (row, seat) => (row === 0 && seat === 0 ? { x: 1e6, y: -1e6 } : { x: seat, y: row })), [], ['a']);
  expect(venue.box.right - venue.box.left).toBeLessThan(200);
  expect(new Grid(venue).nearest(venue.x[0]!, venue.y[0]!, 1)).toBe(0);
});

test('seats on one spot and no seats at all are laid out', () => {
  const stacked = layOut(chart(5, 5, () => ({ x: Number.NaN, y: 7 })), [], ['a']);
  expect(Number.isFinite(stacked.box.left) && stacked.pitch > 0).toBe(true);
  expect(new Grid(stacked).nearest(0, 0, 1)).toBeDefined();
  expect(layOut(undefined, AREAS, ['b']).areas).toHaveLength(1);
});

test('a commit is applied whole or not at all', () => {
  const venue = layOut(chart(1, 4), AREAS, ['a', 'b']);
  const occupancy = new Occupancy(venue);
  expect(occupancy.replace(state(5, 'fff'))).toBe(false);
  expect(occupancy.replace(state(5, 'fffx'))).toBe(true);
  expect(occupancy.isFree(3)).toBe(false);
  expect(occupancy.freeBySection[0]).toBe(3);
  expect(occupancy.apply({ from: 6, seq: 6, seats: { 0: 'h', 4: 's' } })).toBe(false);
  expect(occupancy.apply({ from: 6, seq: 6, seats: { '-1': 's' } })).toBe(false);
  expect(occupancy.apply({ from: 6, seq: 6, areas: { Floor: { free: -1, held: 0, sold: 0, blocked: 0 } } })).toBe(false);
  expect(occupancy.isFree(0)).toBe(true);
  expect(occupancy.apply({ from: 6, seq: 6, seats: { 0: 'h', 1: '?' } })).toBe(true);
  expect(occupancy.freeBySection[0]).toBe(1);
  expect(occupancy.apply({ from: 5, seq: 5, seats: { 0: 'f' } })).toBe(true);
  expect(occupancy.isFree(0)).toBe(false);
  expect(occupancy.totals()).toEqual({ free: 11, held: 3, sold: 0, blocked: 0 });
});

test('arrows walk along rows and from row to row', () => {
  const venue = layOut(chart(3, 4), [], ['a']);
  expect(seatTowards(venue, 5, 'right')).toBe(6);
  expect(seatTowards(venue, 5, 'up')).toBe(1);
  expect(seatTowards(venue, 5, 'down')).toBe(9);
  expect(seatTowards(venue, 4, 'left')).toBeUndefined();
});

test('an alternative is as many free seats side by side, nearby, and never over the end of a row', () => {
  const venue = layOut(chart(2, 4), [], ['a']);
  const free = new Set([2, 4, 5, 3]);
  expect(alternative(venue, [0, 1], (seat) => free.has(seat))).toEqual([4, 5]);
  free.delete(5);
  expect(alternative(venue, [0, 1], (seat) => free.has(seat))).toEqual([2, 3]);
  free.delete(2);
  expect(alternative(venue, [0, 1], (seat) => free.has(seat))).toBeUndefined();
});

test('prices go by category and ticket type, and what is not for everybody is not offered', () => {
  expect(offers(sale, 'a').map((offer) => [offer.ticketType, offer.price])).toEqual([
    ['adult', 1250],
    ['child', 500],
  ]);
  expect(priceOf(sale, 'constructor', 'adult')).toBeUndefined();
  expect(priceOf({ ...sale, prices: null }, 'a', 'adult')).toBe(0);
  expect(money(1250, 'EUR', 'de')).toMatch(/12,50/);
  expect(money(1250, 'JPY', 'en')).toMatch(/1,250/);
});

test('a choice keeps to its limit and knows its sum', () => {
  const venue = layOut(chart(1, 4), AREAS, ['a', 'b']);
  const selection = new Selection(venue, sale, 3);
  expect(selection.add(0) && selection.add(1, 'child')).toBe(true);
  expect(selection.setUnits('Floor', 'adult', 5, 10)).toBe(1);
  expect(selection.add(2)).toBe(false);
  expect(selection.amount).toBe(1250 + 500 + 700);
  expect(selection.wanted).toEqual({
    places: [
      { place: 'S-1-1-1', ticket_type: 'adult' },
      { place: 'S-1-1-2', ticket_type: 'child' },
    ],
    areas: [{ name: 'Floor', quantity: 1, ticket_type: 'adult' }],
  });
  expect(selection.setUnits('Floor', 'adult', 2, 0)).toBe(0);
});
