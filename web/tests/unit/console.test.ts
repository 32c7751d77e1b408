/** What the console makes of metrics, forms and texts of strangers. */

import { expect, test } from 'vitest';
import { alarms } from '../../src/console/alarms';
import { csvRow } from '../../src/console/csv';
import { readAmount, readCount, readPrices, writeAmount, WrongField } from '../../src/console/fields';
import { beatBetween, quantile, readMetrics } from '../../src/console/metrics';
import type { Beat } from '../../src/console/metrics';

const BEFORE = `# HELP flashtix_commits_total Durable commits
# TYPE flashtix_commits_total counter
flashtix_commits_total 10
flashtix_refusals_total{code="sold_out"} 5
flashtix_booking_duration_seconds_bucket{le="0.001"} 0
flashtix_booking_duration_seconds_bucket{le="0.01"} 0
flashtix_booking_duration_seconds_bucket{le="+Inf"} 0
flashtix_booking_duration_seconds_count 0
flashtix_bookings_per_commit_sum 20
flashtix_bookings_per_commit_count 10
`;
const AFTER = `flashtix_commits_total 14
flashtix_refusals_total{code="sold_out"} 25
flashtix_refusals_total{code="a\\"} 1"} 3
flashtix_booking_duration_seconds_bucket{le="0.001"} 60
flashtix_booking_duration_seconds_bucket{le="0.01"} 100
flashtix_booking_duration_seconds_bucket{le="+Inf"} 100
flashtix_booking_duration_seconds_count 100
flashtix_bookings_per_commit_sum 50
flashtix_bookings_per_commit_count 14
flashtix_gate_bypassed 1
nonsense
`;

test('rates, means and percentiles are those of the time between two readings', () => {
  const beat = beatBetween(readMetrics(BEFORE), readMetrics(AFTER), 2, 1_000)!;
  expect(beat).toMatchObject({ requests: 50, bookings: 15, refusals: { sold_out: 10 }, refused: 10, commits: 2, perCommit: 7.5, isGateBypassed: true });
  expect(beat.p50).toBeCloseTo(0.001 * (50 / 60), 9);
  expect(beat.p99).toBeCloseTo(0.001 + 0.009 * (39 / 40), 9);
});

test('a server that began anew gives no rate instead of a wrong one', () => {
  expect(beatBetween(readMetrics(AFTER), readMetrics(BEFORE), 1, 0)).toBeUndefined();
  expect(quantile(readMetrics(AFTER), readMetrics(AFTER), 'flashtix_booking_duration_seconds', 0.5)).toBeUndefined();
});

test('what lies beyond the last bound is given as that bound', () => {
  const slow = readMetrics('h_bucket{le="1"} 1\nh_bucket{le="5"} 2\nh_bucket{le="+Inf"} 10\n');
  expect(quantile(new Map(), slow, 'h', 0.99)).toBe(5);
});

test('alarms are raised by what happened, and forgotten after a minute', () => {
  const quiet: Beat = { ...beatBetween(readMetrics(''), readMetrics(''), 1, 0)! };
  const failed = { ...quiet, storeFailures: 2 };
  expect(alarms([quiet, quiet], 'ready', 'live')).toEqual([]);
  expect(alarms([failed, quiet], 'ready', 'live')).toEqual(['storeFailures']);
  expect(alarms([failed, ...Array.from({ length: 60 }, () => quiet)], 'ready', 'live')).toEqual([]);
  expect(alarms([], 'down', 'lost')).toEqual(['down', 'feedLost']);
  expect(alarms([], 'hidden', 'live')).toEqual([]);
  expect(alarms(Array.from({ length: 5 }, () => ({ ...quiet, p99: 1.5 })), 'ready', 'live')).toEqual(['slow']);
});

test('a file of strangers’ names computes nothing in a spreadsheet', () => {
  expect(csvRow(['=HYPERLINK("http://evil")', '-1', '+49', '@x', 'a,b', 'say "no"', -5, undefined])).toBe('"\'=HYPERLINK(""http://evil"")",\'-1,\'+49,\'@x,"a,b","say ""no""",-5,\r\n');
});

test('amounts are minor units of their currency, or nothing', () => {
  expect(['12.50', '12,5', '7', '0', '12.505', '-1', '1e3', '', '1.2.3'].map((text) => readAmount(text, 'EUR'))).toEqual([1250, 1250, 700, 0, undefined, undefined, undefined, undefined, undefined]);
  expect([readAmount('500', 'JPY'), readAmount('5.5', 'JPY'), readAmount('1.234', 'KWD')]).toEqual([500, undefined, 1234]);
  expect([writeAmount(1250, 'EUR'), writeAmount(500, 'JPY')]).toEqual(['12.50', '500']);
  expect(['5', '0', '-1', '1.5', '9999999999'].map(readCount)).toEqual([5, undefined, undefined, undefined, undefined]);
});

test('a wrong price is named, and an empty one is not sold', () => {
  const form = new FormData();
  form.set('price:0:0', '5');
  form.set('price:1:0', '');
  expect(readPrices(form, ['a', 'b'], ['standard'], 'EUR')).toEqual({ a: { standard: 500 } });
  form.set('price:1:0', 'five');
  expect(() => readPrices(form, ['a', 'b'], ['standard'], 'EUR')).toThrow(WrongField);
});
