/** What a buyer does, in Chromium against the server as it is shipped. */

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Availability, Hold, SaleEvent } from '../../src/api/types';
import { ARTEFACTS, DESKTOP, PHONE, Sale, expectAccessible, launch, openPage } from './harness';

const sale = new Sale();
let browser: Browser;

beforeAll(async () => {
  await sale.start();
  browser = await launch();
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await sale.end();
});

const open = (path = `/e/${sale.demo.event_id}`, options: Parameters<Browser['newContext']>[0] = { viewport: DESKTOP }) => openPage(browser, sale.demo.url + path, options);

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

/** Waits until the map shows what the store has, seat by seat; holds of other tests may lapse meanwhile. */
async function expectEqual(page: Page, at: Sale): Promise<void> {
  const differences = async () => {
    const [{ seats }, map] = [await at.call<Availability>(`/v1/events/${at.demo.event_id}/availability`), await shown(page)];
    return [...seats].filter((status, seat) => map[seat] !== status).length + Math.abs(map.length - seats.length);
  };
  await expect.poll(differences, { timeout: 10_000 }).toBe(0);
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

/** Where a seat is in the window, once the map is near enough for it to be picked. */
function placeOf(page: Page, seat: number): Promise<{ x: number; y: number }> {
  return page.evaluate((at) => {
    const element = document.querySelector('flashtix-shop')!.shadowRoot!.querySelector('flashtix-map')!;
    const { session, map } = element as unknown as { session: { venue: { x: Float32Array; y: Float32Array } }; map: { viewport: { toPixels(x: number, y: number): { x: number; y: number } } } };
    const box = element.shadowRoot!.querySelector('.plan')!.getBoundingClientRect();
    const pixels = map.viewport.toPixels(session.venue.x[at]!, session.venue.y[at]!);
    return { x: box.left + pixels.x, y: box.top + pixels.y };
  }, seat);
}

/** A free seat in the middle of the house. */
async function someSeat(): Promise<number> {
  const { seats } = await sale.call<Availability>(`/v1/events/${sale.demo.event_id}/availability`);
  return seats.indexOf('f', Math.floor(seats.length / 2));
}

test('by mouse: closer to a section, a seat of it, and the map dragged away and back', async () => {
  const page = await ready(await open());
  const seat = await someSeat();
  let at = await placeOf(page, seat);
  await page.mouse.click(at.x, at.y);
  at = await placeOf(page, seat);
  await page.mouse.move(at.x, at.y);
  await page.locator('.tip').waitFor();
  await page.mouse.down();
  await page.mouse.move(at.x + 120, at.y + 60, { steps: 5 });
  await page.mouse.up();
  const moved = await placeOf(page, seat);
  // As far as the pointer, unless the map's own edge comes first.
  expect(moved.x - at.x).toBeGreaterThan(100);
  expect(moved.y - at.y).toBeGreaterThan(50);
  await page.mouse.click(moved.x, moved.y);
  await page.getByRole('button', { name: 'Keep 1 place for me' }).click();
  await page.getByRole('timer').waitFor();
  await page.getByRole('button', { name: 'Give everything back' }).click();
  await page.mouse.move(moved.x, moved.y);
  const scale = () => page.evaluate(() => (document.querySelector('flashtix-shop')!.shadowRoot!.querySelector('flashtix-map') as unknown as { map: { viewport: { scale: number } } }).map.viewport.scale);
  const before = await scale();
  await page.mouse.wheel(0, 400);
  await expect.poll(scale).toBeLessThan(before);
  await page.context().close();
});

test('by touch: two taps for a seat, two fingers to come closer', async () => {
  const page = await ready(await open(undefined, PHONE));
  const seat = await someSeat();
  let at = await placeOf(page, seat);
  await page.touchscreen.tap(at.x, at.y);
  at = await placeOf(page, seat);
  await page.touchscreen.tap(at.x, at.y);
  await page.getByRole('button', { name: 'Keep 1 place for me' }).tap();
  await page.getByRole('timer').waitFor();
  await page.getByRole('button', { name: 'Give everything back' }).tap();
  await page.getByText('Nothing is kept for you yet.').waitFor();
  const fingers = await page.context().newCDPSession(page);
  const plan = (await page.locator('flashtix-map .plan').boundingBox())!;
  const [x, y] = [plan.x + plan.width / 2, plan.y + plan.height / 2];
  const spread = (by: number) => [{ x: x - by, y, id: 0 }, { x: x + by, y, id: 1 }];
  const width = async () => {
    const [one, other] = [await placeOf(page, 0), await placeOf(page, 100)];
    return Math.hypot(one.x - other.x, one.y - other.y);
  };
  const before = await width();
  await fingers.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: spread(40) });
  for (const by of [60, 80, 100]) await fingers.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: spread(by) });
  await fingers.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  expect((await width()) / before).toBeGreaterThan(1.8);
  await page.context().close();
});

test('two browsers want one seat at once: one has it, the other is told', async () => {
  const pages = await Promise.all([open(), open()]);
  await Promise.all(pages.map(ready));
  const seat = await someSeat();
  for (const page of pages) {
    await page.evaluate((at) => {
      const map = document.querySelector('flashtix-shop')!.shadowRoot!.querySelector('flashtix-map') as unknown as { session: { venue: { labels: string[] } }; select(labels: string[]): string[] };
      map.select([map.session.venue.labels[at]!]);
    }, seat);
  }
  // Whoever is told before the click finds no button any more.
  await Promise.all(pages.map((page) => page.getByRole('button', { name: 'Keep 1 place for me' }).click({ timeout: 3_000 }).catch(() => undefined)));
  const ends = await Promise.all(
    pages.map((page) =>
      Promise.race([
        page.getByRole('timer').waitFor().then(() => 'has it'),
        page.locator('.notice', { hasText: /Somebody was faster|is gone|at the same moment/ }).waitFor().then(() => 'told'),
      ]),
    ),
  );
  expect(ends.sort()).toEqual(['has it', 'told']);
  for (const page of pages) await page.context().close();
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
  await page.getByRole('timer').waitFor();
  const heldAt = Date.now();
  // The organizer gives more time: the page must not say that it ran out when it first told it would.
  await sale.call(`/v1/events/${sale.demo.event_id}/grace`, { seconds: 6 });
  await page.getByText('Your time ran out', { exact: false }).first().waitFor({ timeout: 40_000 });
  expect(Date.now() - heldAt).toBeGreaterThan(16_000);
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
  await expectEqual(page, sale);
  await page.context().close();
}, 60_000);

test('the map follows a storm, and ends equal to the store', async () => {
  const crowd = new Sale();
  await crowd.start(1_000);
  try {
    const page = await ready(await openPage(browser, `${crowd.demo.url}/e/${crowd.demo.event_id}`, { viewport: DESKTOP }));
    await crowd.storm(4_000);
    await page.screenshot({ path: `${ARTEFACTS}storm.png` });
    expect((await crowd.call<Availability>(`/v1/events/${crowd.demo.event_id}/availability`)).seats).toContain('s');
    await expectEqual(page, crowd);
    await page.context().close();
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
  const section = page.locator('flashtix-seat-list li button').first();
  await section.waitFor();
  expect(await page.locator('img').count()).toBe(0);
  expect(await section.innerText()).toContain(evil);
  await section.click();
  await page.locator('flashtix-seat-list .seats button').first().waitFor();
  expect(await page.title()).toContain(evil);
  expect(await page.locator('img').count()).toBe(0);
  await page.goto(`${sale.demo.url}/e/evt_0000000000000`);
  await page.getByText('There is no such event', { exact: false }).waitFor();
  await page.goto(`${sale.demo.url}/?key=pk_test_nobody`);
  await page.getByText('not valid', { exact: false }).waitFor();
  await page.context().close();
});

test('from right to left: the page is mirrored, and sells', async () => {
  const page = await ready(await open(`/e/${sale.demo.event_id}?lang=ar`));
  expect(await page.evaluate(() => document.documentElement.dir)).toBe('rtl');
  const [basket, map] = [(await page.locator('aside').boundingBox())!, (await page.locator('flashtix-map').boundingBox())!];
  expect(basket.x + basket.width).toBeLessThanOrEqual(map.x + 1);
  await page.locator('form.best button.primary').click();
  await page.getByRole('timer').waitFor();
  await page.screenshot({ path: `${ARTEFACTS}held-rtl.png` });
  await expectAccessible(page, 'from right to left');
  await page.getByRole('button', { name: 'إعادة كل شيء' }).click();
  await page.getByText('لا شيء محجوز لك بعد.').waitFor();
  await page.context().close();
});

test('the six lines of the README put the map into a page of another origin', async () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  const snippet = /```html\n([\s\S]*?)```/.exec(readme)![1]!;
  expect(snippet.trim().split('\n').length).toBe(6);
  const { url, event_id, publishable_key } = sale.demo;
  const html = snippet.replaceAll('http://127.0.0.1:8080', url).replace('evt_…', event_id).replace('pk_test_…', publishable_key);
  const shop = createServer((_, response) => response.setHeader('content-type', 'text/html').end(html));
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = shop.address() as AddressInfo;
    const page = await openPage(browser, `http://127.0.0.1:${port}/`, { viewport: DESKTOP });
    const held = page.evaluate(() => new Promise<string>((resolve) => document.body.addEventListener('flashtix-hold', ({ detail }) => resolve(detail.id))));
    await (await ready(page)).getByRole('button', { name: 'Find seats' }).click();
    expect((await sale.call<Hold>(`/v1/holds/${await held}`)).places).toHaveLength(2);
    await page.context().close();
  } finally {
    shop.close();
  }
});

test('a feed that lies makes the map begin anew, and end equal to the store', async () => {
  await sale.call<Hold>(`/v1/events/${sale.demo.event_id}/holds`, { buyer: 'somebody', best_available: { quantity: 3 } });
  const { seq, ...state } = await sale.call<Availability>(`/v1/events/${sale.demo.event_id}/availability`);
  // The first feed is one that cannot be: everything is free, then a commit whose predecessors are missing; and it never ends.
  const everythingFree = { ...state, seq, seats: 'f'.repeat(state.seats.length) };
  const gap = { from: seq + 5, seq: seq + 5, seats: { 0: 'f' } };
  const liar = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'access-control-allow-origin': '*' });
    response.write(`event: snapshot\nid: lie.${seq}\ndata: ${JSON.stringify(everythingFree)}\n\nevent: commit\nid: lie.${seq + 5}\ndata: ${JSON.stringify(gap)}\n\n`);
  });
  await new Promise<void>((resolve) => liar.listen(0, '127.0.0.1', resolve));
  try {
    const url = `http://127.0.0.1:${(liar.address() as AddressInfo).port}/`;
    let asked = 0;
    const lie = (context: BrowserContext) => context.route('**/feed', (route) => (asked++ > 0 ? route.continue() : route.continue({ url })));
    const page = await ready(await openPage(browser, `${sale.demo.url}/e/${sale.demo.event_id}`, { viewport: DESKTOP }, lie));
    await expectEqual(page, sale);
    expect(asked).toBeGreaterThan(1);
    await page.context().close();
  } finally {
    liar.closeAllConnections();
    liar.close();
  }
});

test('an event that moves to another chart: the map follows, and keeps what was chosen', async () => {
  const rows = (labels: string[], seats: number) =>
    labels.map((label, y) => ({ label, seats: Array.from({ length: seats }, (_, x) => ({ label: String(x + 1), x: x * 20, y: y * 20, category: 'a', guid: `${label}.${x + 1}` })) }));
  const chart = async (labels: string[], seats: number) =>
    (await sale.call<{ id: string }>('/v1/charts', { name: 'Hall', categories: [{ key: 'a', name: 'All' }], sections: [{ name: 'S', rows: rows(labels, seats) }] })).id;
  const { id } = await sale.call<SaleEvent>('/v1/events', { name: 'On television', chart_id: await chart(['B', 'C'], 9), prices: { a: 1000 } });
  await sale.call(`/v1/events/${id}/orders`, { buyer: 'b', places: ['S-C-2'] });
  const page = await ready(await open(`/e/${id}`));
  await page.evaluate(() => {
    const map = document.querySelector('flashtix-shop')!.shadowRoot!.querySelector('flashtix-map') as unknown as { select(labels: string[]): string[] };
    map.select(['S-B-1', 'S-B-9']);
  });
  await page.getByRole('button', { name: 'Keep 2 places for me' }).waitFor();
  // The camera takes the ninth seats, and a row is added in front.
  await sale.call(`/v1/events/${id}/chart`, { chart_id: await chart(['A', 'B', 'C'], 8) });
  await page.getByText('S-B-9 is gone', { exact: false }).first().waitFor();
  await page.getByRole('button', { name: 'Keep 1 place for me' }).waitFor();
  expect(await shown(page)).toBe('f'.repeat(17) + 's' + 'f'.repeat(6));
  await sale.call(`/v1/events/${id}/orders`, { buyer: 'b', places: ['S-A-1'] });
  await expect.poll(() => shown(page)).toBe('s' + 'f'.repeat(16) + 's' + 'f'.repeat(6));
  await page.screenshot({ path: `${ARTEFACTS}moved.png` });
  await page.getByRole('button', { name: 'Keep 1 place for me' }).click();
  await page.getByRole('timer').waitFor();
  await expect.poll(() => shown(page)).toBe('s' + 'f'.repeat(7) + 'h' + 'f'.repeat(8) + 's' + 'f'.repeat(6));
  await page.context().close();
});

test('a presale lets those in who have a token', async () => {
  const areas = [{ name: 'Floor', capacity: 5, category: 'floor' }];
  const { id } = await sale.call<SaleEvent>('/v1/events', { name: 'Presale', areas, access: 'token', sale: { opens_at: '2099-01-01T00:00:00Z' } });
  const { token } = await sale.call<{ token: string }>(`/v1/events/${id}/access`, { buyer: 'fan 7', opens_at: '2020-01-01T00:00:00Z' });
  const { url, publishable_key } = sale.demo;
  const shop = createServer((_, response) => response.setHeader('content-type', 'text/html').end(`<!doctype html><script type="module" src="${url}/flashtix-map.js"></script><flashtix-map style="height:600px" server="${url}" event="${id}" publishable-key="${publishable_key}"></flashtix-map>`));
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
  try {
    const page = await openPage(browser, `http://127.0.0.1:${(shop.address() as AddressInfo).port}/`, { viewport: DESKTOP });
    const hold = () =>
      page.evaluate(async () => {
        const map = document.querySelector('flashtix-map') as unknown as { hold(): Promise<Hold | undefined> };
        return (await map.hold())?.buyer;
      });
    await page.getByRole('button', { name: 'One more', exact: false }).first().click();
    expect(await hold()).toBeUndefined();
    await page.getByRole('alert').getByText('holders of an access code', { exact: false }).waitFor();
    await page.evaluate((text) => document.querySelector('flashtix-map')!.setAttribute('access-token', text), token);
    expect(await hold()).toBe('fan 7');
    await page.context().close();
  } finally {
    shop.close();
  }
});

test('no page breaks a rule of accessibility that axe knows', async () => {
  for (const [name, options] of [
    ['desktop', { viewport: DESKTOP }],
    ['phone', PHONE],
    ['dark', { viewport: DESKTOP, colorScheme: 'dark' as const }],
  ] as const) {
    for (const [what, path] of [
      ['events', '/'],
      ['sale', `/e/${sale.demo.event_id}`],
    ] as const) {
      const page = await open(path, options);
      await page.locator(what === 'sale' ? 'form.best' : '.card').first().waitFor();
      await page.screenshot({ path: `${ARTEFACTS}${what}-${name}.png` });
      await expectAccessible(page, `${what} ${name}`);
      await page.context().close();
    }
  }
}, 60_000);
