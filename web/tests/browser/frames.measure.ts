/**
 * How smooth the map is while 1,000 seats a second change on 20,000: the time between frames, and what of it the drawing takes.
 *
 * `npm run frames` prints the figures; it judges nothing, since they are the machine's as much as the map's.
 */

import { expect, test } from 'vitest';
import { Sale, launch } from './harness';

const SECONDS = 10;
/** Calls a second, and seats in each. */
const CALLS = 20;
const SEATS = 50;

test('frames', async () => {
  const sale = new Sale();
  await sale.start(20_000);
  const browser = await launch();
  try {
    for (const [name, zoom] of [
      ['whole arena', 1],
      ['every seat in view', 1.9],
    ] as const) {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      await page.goto(`${sale.demo.url}/e/${sale.demo.event_id}`);
      await page.locator('form.best').waitFor();
      const labels = await page.evaluate((factor) => {
        const map = document.querySelector('flashtix-shop')!.shadowRoot!.querySelector('flashtix-map') as unknown as { map: { zoomBy(factor: number): void; drawMs: number[] }; session: { venue: { labels: string[] } } };
        if (factor > 1) map.map.zoomBy(factor);
        map.map.drawMs.length = 0;
        const frames: number[] = [];
        Object.assign(globalThis, { frames, map: map.map });
        let last = performance.now();
        const tick = (now: number) => {
          frames.push(now - last);
          last = now;
          requestAnimationFrame(tick);
        };
        requestAnimationFrame(tick);
        return map.session.venue.labels;
      }, zoom);
      let isBlocked = false;
      let changed = 0;
      const began = Date.now();
      for (let call = 0; call < SECONDS * CALLS; call++) {
        const round = Math.floor((call * SEATS) / labels.length);
        isBlocked = round % 2 === 0;
        const first = (call * SEATS) % labels.length;
        const places = labels.slice(first, first + SEATS);
        await sale.call(`/v1/events/${sale.demo.event_id}/${isBlocked ? 'block' : 'unblock'}`, { places });
        changed += places.length;
        const ahead = began + ((call + 1) * 1_000) / CALLS - Date.now();
        if (ahead > 0) await new Promise((resolve) => setTimeout(resolve, ahead));
      }
      const rate = Math.round((changed * 1_000) / (Date.now() - began));
      const { frames, draws } = await page.evaluate(() => {
        const { frames, map } = globalThis as unknown as { frames: number[]; map: { drawMs: number[] } };
        return { frames: frames.slice(1), draws: map.drawMs };
      });
      const at = (values: number[], share: number) => [...values].sort((a, b) => a - b)[Math.floor(values.length * share)]?.toFixed(1);
      console.log(`${name}: ${rate} seats/s; between frames: median ${at(frames, 0.5)} ms, p95 ${at(frames, 0.95)} ms, p99 ${at(frames, 0.99)} ms (${frames.length}); drawing: median ${at(draws, 0.5)} ms, p95 ${at(draws, 0.95)} ms (${draws.length})`);
      expect(frames.length).toBeGreaterThan(SECONDS);
      await sale.call(`/v1/events/${sale.demo.event_id}/unblock`, { channel: 'house' });
      await page.close();
    }
  } finally {
    await browser.close();
    await sale.end();
  }
}, 120_000);
