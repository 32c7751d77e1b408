/**
 * How smooth the map is while 1,000 seats a second change, how soon a change is seen, and how large a chart may be.
 *
 * `npm run frames` prints the figures; it judges nothing, since they are the machine's as much as the map's.
 */

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DESKTOP, Sale, launch } from './harness';

const SECONDS = 10;
/** Calls a second, and seats in each. */
const CALLS = 20;
const SEATS = 50;
/** Single seats of which it is measured how soon they are seen. */
const WATCHED = 100;

/** What a measurement reads of the map. */
interface Inside {
  map: { zoomBy(factor: number): void; fit(): void; drawMs: number[] };
  session: { venue: { labels: string[] }; occupancy: { seats: Uint8Array } };
}

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

const at = (values: number[], share: number) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))]?.toFixed(1);

async function open(sale: Sale): Promise<{ page: Page; labels: string[]; readyMs: number }> {
  const page = await browser.newPage({ viewport: DESKTOP });
  const began = Date.now();
  await page.goto(`${sale.demo.url}/e/${sale.demo.event_id}`);
  await page.locator('form.best').waitFor({ timeout: 60_000 });
  const readyMs = Date.now() - began;
  const labels = await page.evaluate(() => {
    const inside = document.querySelector('flashtix-shop')!.shadowRoot!.querySelector('flashtix-map') as unknown as Inside;
    Object.assign(globalThis, { inside });
    return inside.session.venue.labels;
  });
  return { page, labels, readyMs };
}

/** Blocks and frees seats, 1,000 a second; returns how many a second it were. */
async function change(sale: Sale, labels: string[], seconds: number): Promise<number> {
  let changed = 0;
  const began = Date.now();
  for (let call = 0; call < seconds * CALLS; call++) {
    const isBlock = Math.floor((call * SEATS) / labels.length) % 2 === 0;
    const first = (call * SEATS) % labels.length;
    const places = labels.slice(first, first + SEATS);
    await sale.call(`/v1/events/${sale.demo.event_id}/${isBlock ? 'block' : 'unblock'}`, { places });
    changed += places.length;
    const ahead = began + ((call + 1) * 1_000) / CALLS - Date.now();
    if (ahead > 0) await new Promise((resolve) => setTimeout(resolve, ahead));
  }
  await sale.call(`/v1/events/${sale.demo.event_id}/unblock`, { channel: 'house' });
  return Math.round((changed * 1_000) / (Date.now() - began));
}

async function frames(sale: Sale, name: string, zoom: number): Promise<void> {
  const { page, labels } = await open(sale);
  await page.evaluate((factor) => {
    const { inside } = globalThis as unknown as { inside: Inside };
    if (factor > 1) inside.map.zoomBy(factor);
    inside.map.drawMs.length = 0;
    const between: number[] = [];
    Object.assign(globalThis, { between });
    let last = performance.now();
    const tick = (now: number) => {
      between.push(now - last);
      last = now;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  }, zoom);
  const rate = await change(sale, labels, SECONDS);
  const { between, draws } = await page.evaluate(() => {
    const { between: found, inside } = globalThis as unknown as { between: number[]; inside: Inside };
    return { between: found.slice(1), draws: inside.map.drawMs };
  });
  console.log(`${name}: ${rate} seats/s; between frames: median ${at(between, 0.5)} ms, p95 ${at(between, 0.95)} ms, p99 ${at(between, 0.99)} ms (${between.length}); drawing: median ${at(draws, 0.5)} ms, p95 ${at(draws, 0.95)} ms (${draws.length})`);
  expect(between.length).toBeGreaterThan(SECONDS);
  await page.close();
}

test('20,000 seats', async () => {
  const sale = new Sale();
  await sale.start(20_000);
  try {
    await frames(sale, 'whole arena', 1);
    await frames(sale, 'every seat in view', 1.9);
    await seen(sale);
  } finally {
    await sale.end();
  }
}, 180_000);

/** From sending a request to the frame that shows its seat taken: the commit and its answer are in it. */
async function seen(sale: Sale): Promise<void> {
  const { page, labels } = await open(sale);
  const waits: number[] = [];
  for (let number = 0; number < WATCHED; number++) {
    const seat = number * 150;
    const told = page.evaluate(
      (watched) =>
        new Promise<number>((resolve) => {
          const { inside } = globalThis as unknown as { inside: Inside };
          const before = inside.session.occupancy.seats[watched];
          const look = () => (inside.session.occupancy.seats[watched] === before ? requestAnimationFrame(look) : requestAnimationFrame(() => resolve(Date.now())));
          look();
        }),
      seat,
    );
    await page.evaluate(() => new Promise(requestAnimationFrame));
    const sent = Date.now();
    await sale.call(`/v1/events/${sale.demo.event_id}/block`, { places: [labels[seat]!] });
    waits.push((await told) - sent);
  }
  console.log(`from request to screen: median ${at(waits, 0.5)} ms, p95 ${at(waits, 0.95)} ms, most ${at(waits, 1)} ms (${waits.length})`);
  await page.close();
}

for (const seats of [80_000, 200_000]) {
  test(`${seats} seats`, async () => {
    const sale = new Sale();
    await sale.start(seats);
    try {
      const { page, readyMs } = await open(sale);
      // Moves the whole map 40 times, as a hand does: every seat is drawn anew each time.
      const draws = await page.evaluate(async () => {
        const { inside } = globalThis as unknown as { inside: Inside };
        inside.map.drawMs.length = 0;
        for (let move = 0; move < 40; move++) {
          inside.map.zoomBy(move % 2 === 0 ? 1.05 : 1 / 1.05);
          await new Promise(requestAnimationFrame);
        }
        return inside.map.drawMs;
      });
      console.log(`${seats} seats: on screen after ${readyMs} ms; a whole redraw: median ${at(draws, 0.5)} ms, p95 ${at(draws, 0.95)} ms`);
      await page.close();
      await frames(sale, `${seats} seats`, 1);
    } finally {
      await sale.end();
    }
  }, 180_000);
}
