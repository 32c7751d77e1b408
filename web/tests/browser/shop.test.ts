/** What a buyer does, in Chromium against the server as it is shipped. */

import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Availability, Hold, SaleEvent } from '../../src/api/types';
import { ARTEFACTS, Sale, launch } from './harness';

const sale = new Sale();
let browser: Browser;
const DESKTOP = { width: 1280, height: 800 };

beforeAll(async () => {
  await sale.start();
  browser = await launch();
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await sale.end();
});

async function open(path = `/e/${sale.demo.event_id}`, options: Parameters<Browser['newContext']>[0] = { viewport: DESKTOP }): Promise<Page> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.on('pageerror', (error) => {
    throw error;
  });
  await page.goto(sale.demo.url + path);
  return page;
}

async function ready(page: Page): Promise<Page> {
  await page.locator('form.best').waitFor();
  return page;
}

/** What the map shows, seat by seat, as the API writes it. */
function shown(page: Page): Promise<string> {
  return page.evaluate(() => {
    const map = document.querySelector('flashtix-shop')!.shadowRoot!.querySelector('flashtix-map') as unknown as { session: { occupancy: { seats: Uint8Array } } };
    return Array.from(map.session.occupancy.seats, (status) => 'fhsb?'[status]).join('');
  });
}

test('the best two, bought, and still there after a reload', async () => {
  const page = await open('/');
  await page.locator('a.button').click();
  await ready(page);
  await page.getByRole('button', { name: 'Find seats' }).click();
  await page.getByRole('timer').waitFor();
  await page.screenshot({ path: `${ARTEFACTS}held.png` });
  await page.reload();
  await page.getByRole('timer').waitFor();
  await page.getByLabel('Your e-mail address').fill('ada@example.org');
  await page.getByRole('button', { name: /^Buy for/ }).click();
  await page.getByText('These places are yours.').waitFor();
  const id = await page.locator('aside code').innerText();
  const order = await sale.call<{ buyer: string; tickets: unknown[] }>(`/v1/orders/${id}`);
  expect([order.buyer, order.tickets.length]).toEqual(['ada@example.org', 2]);
  await page.reload();
  await page.getByText('These places are yours.').waitFor();
  await page.context().close();
});

test('by keyboard alone', async () => {
  const page = await ready(await open());
  await page.locator('.plan').focus();
  for (const key of ['ArrowRight', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
  const keep = page.getByRole('button', { name: 'Keep 1 place for me' });
  await keep.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('timer').waitFor();
  await page.getByRole('button', { name: 'Give everything back' }).click();
  await page.getByText('Nothing is kept for you yet.').waitFor();
  await page.context().close();
});

test('in the list, in German', async () => {
  const page = await ready(await open(`/e/${sale.demo.event_id}?lang=de`));
  await page.getByRole('button', { name: 'Liste' }).click();
  await page.locator('flashtix-seat-list li button').first().click();
  const seat = page.locator('flashtix-seat-list .seats button:not([disabled])').first();
  await seat.click();
  await page.getByRole('button', { name: '1 Platz zurücklegen' }).click();
  await page.getByText('1 Platz ist für Sie zurückgelegt.').first().waitFor();
  await page.context().close();
});

test('who comes second is told, and offered what is near', async () => {
  const page = await ready(await open());
  const { seats } = await sale.call<Availability>(`/v1/events/${sale.demo.event_id}/availability`);
  const seat = seats.lastIndexOf('ff');
  const label = await page.evaluate((at) => {
    const map = document.querySelector('flashtix-shop')!.shadowRoot!.querySelector('flashtix-map') as unknown as { session: { venue: { labels: string[] } }; select(labels: string[]): string[] };
    const wanted = map.session.venue.labels[at]!;
    map.select([wanted]);
    return wanted;
  }, seat);
  await sale.call(`/v1/events/${sale.demo.event_id}/holds`, { buyer: 'somebody else', places: [label] });
  await page.getByText(`${label} is gone`, { exact: false }).first().waitFor();
  await page.getByRole('button', { name: /^Take these/ }).click();
  await page.getByRole('button', { name: 'Keep 1 place for me' }).click();
  await page.getByRole('timer').waitFor();
  await page.context().close();
});

test('a basket in one tab is the basket in the other', async () => {
  const page = await ready(await open());
  const other = await page.context().newPage();
  await other.goto(page.url());
  await ready(other);
  await page.getByRole('button', { name: 'Find seats' }).click();
  await other.getByRole('timer').waitFor();
  await other.getByRole('button', { name: 'Give everything back' }).click();
  await page.getByText('Nothing is kept for you yet.').waitFor();
  await page.context().close();
});

test('a hold that lapses is told, and its seats are offered again', async () => {
  await sale.call<SaleEvent>(`/v1/events/${sale.demo.event_id}`, { hold_seconds: 12, max_hold_seconds: 900 }, 'PATCH');
  const page = await ready(await open());
  await page.getByRole('button', { name: 'Find seats' }).click();
  await page.getByText('Your time ran out', { exact: false }).first().waitFor({ timeout: 40_000 });
  await page.getByRole('button', { name: 'Try to get the same places again' }).waitFor();
  await sale.call<SaleEvent>(`/v1/events/${sale.demo.event_id}`, { hold_seconds: 600 }, 'PATCH');
  await page.context().close();
}, 60_000);

test('a server that dies and comes back: the map says so, and ends equal to the store', async () => {
  const page = await ready(await open());
  await sale.kill();
  await page.getByText('The connection is lost', { exact: false }).waitFor();
  await sale.start();
  const hold = await sale.call<Hold>(`/v1/events/${sale.demo.event_id}/holds`, { buyer: 'after the crash', best_available: { quantity: 5 } });
  expect(hold.places).toHaveLength(5);
  await page.getByText('Connected again', { exact: false }).first().waitFor();
  const { seats } = await sale.call<Availability>(`/v1/events/${sale.demo.event_id}/availability`);
  await expect.poll(() => shown(page), { timeout: 10_000 }).toBe(seats);
  await page.context().close();
}, 60_000);

test('the map follows a storm, and ends equal to the store', async () => {
  const crowd = new Sale();
  await crowd.start(1_000);
  try {
    const page = await browser.newPage({ viewport: DESKTOP });
    await page.goto(`${crowd.demo.url}/e/${crowd.demo.event_id}`);
    await ready(page);
    await crowd.storm(4_000);
    await page.screenshot({ path: `${ARTEFACTS}storm.png` });
    const { seats } = await crowd.call<Availability>(`/v1/events/${crowd.demo.event_id}/availability`);
    expect(seats).toContain('s');
    await expect.poll(() => shown(page), { timeout: 10_000 }).toBe(seats);
    await page.close();
  } finally {
    await crowd.end();
  }
}, 120_000);

test('markup in a chart is text, and a wrong key or event is said', async () => {
  const evil = '<img src=x onerror=document.title="hit">';
  const chart = await sale.call<{ id: string }>('/v1/charts', {
    name: evil,
    categories: [{ key: 'c', name: evil, color: '"><script>' }],
    sections: [{ name: evil, rows: [{ label: '<b>', seats: [{ label: '<i>', x: -1e6, y: 1e6, category: 'c' }, { label: '2', x: 1e6, y: -1e6, category: 'c' }] }] }],
  });
  const event = await sale.call<SaleEvent>('/v1/events', { name: evil, chart_id: chart.id, status: 'open' });
  const page = await ready(await open(`/e/${event.id}`));
  await page.getByRole('button', { name: 'List' }).click();
  await page.locator('flashtix-seat-list li button').first().click();
  await page.locator('flashtix-seat-list .seats button').first().waitFor();
  expect(await page.title()).toContain(evil);
  expect(await page.locator('img').count()).toBe(0);
  await page.goto(`${sale.demo.url}/e/evt_0000000000000`);
  await page.getByText('There is no such event', { exact: false }).waitFor();
  await page.goto(`${sale.demo.url}/?key=pk_test_nobody`);
  await page.getByText('not valid', { exact: false }).waitFor();
  await page.context().close();
});

test('no page breaks a rule of accessibility that axe knows', async () => {
  const axe = readFileSync(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
  for (const [name, options] of [
    ['desktop', { viewport: DESKTOP }],
    ['phone', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
    ['dark', { viewport: DESKTOP, colorScheme: 'dark' as const }],
  ] as const) {
    for (const [what, path] of [
      ['events', '/'],
      ['sale', `/e/${sale.demo.event_id}`],
    ] as const) {
      const page = await open(path, options);
      await page.locator(what === 'sale' ? 'form.best' : '.card').first().waitFor();
      await page.screenshot({ path: `${ARTEFACTS}${what}-${name}.png` });
      await page.evaluate(axe);
      const found = await page.evaluate(() => (globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } }).axe.run());
      expect(found.violations.map((rule) => `${rule.id}: ${rule.nodes[0]?.html}`), `${what} ${name}`).toEqual([]);
      await page.context().close();
    }
  }
}, 60_000);
