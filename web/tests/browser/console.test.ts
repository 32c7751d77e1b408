/** What an organizer does, in Chromium against the server as it is shipped. */

import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Availability, Order, SaleEvent } from '../../src/api/types';
import { ARTEFACTS, DESKTOP, PHONE, Sale, expectAccessible, launch, openPage } from './harness';

const sale = new Sale();
let browser: Browser;
const PLAN = new URL('../../../crates/server/tests/data/pretix_theatre.json', import.meta.url).pathname;

beforeAll(async () => {
  await sale.start();
  browser = await launch();
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await sale.end();
});

const open = (path: string, options: Parameters<Browser['newContext']>[0] = { viewport: DESKTOP }) => openPage(browser, sale.demo.url + path, options);

/** Signed in by the link that the demo prints. */
async function room(path = `/console/e/${sale.demo.event_id}`, options?: Parameters<Browser['newContext']>[0]): Promise<Page> {
  return open(`${path}#key=${sale.demo.secret_key}`, options);
}

const availability = () => sale.call<Availability>(`/v1/events/${sale.demo.event_id}/availability`);
const book = (buyer: string, quantity: number) => sale.call<Order>(`/v1/events/${sale.demo.event_id}/orders`, { buyer, best_available: { quantity } });

/** A figure of the room, as a number. */
async function figure(page: Page, name: string): Promise<number> {
  return Number((await page.locator(`dd[data-count=${name}]`).innerText()).replaceAll(',', ''));
}

test('signing in takes a secret key, and leaves it nowhere', async () => {
  const page = await open('/console');
  const sign = async (key: string) => {
    await page.getByLabel('Secret key').fill(key);
    await page.getByRole('button', { name: 'Sign in' }).click();
  };
  await sign(sale.demo.publishable_key);
  await page.getByText('This is a publishable key', { exact: false }).waitFor();
  await sign('sk_test_nobody');
  await page.getByText('does not know this key', { exact: false }).waitFor();
  await page.screenshot({ path: `${ARTEFACTS}console-sign-in.png` });
  await sign(sale.demo.secret_key);
  await page.getByText('Opening Night').waitFor();
  await page.getByText('of 2,100 sold', { exact: false }).waitFor();
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href]));
  expect(kept).not.toContain('sk_');
  await page.reload();
  await page.getByLabel('Secret key').waitFor();
  await page.context().close();
});

test('the key of a link leaves the address, and stays for this tab alone', async () => {
  const page = await room('/console');
  await page.getByText('Opening Night').waitFor();
  expect(page.url()).not.toContain('sk_');
  expect(await page.evaluate(() => JSON.stringify({ ...localStorage }))).not.toContain('sk_');
  await page.reload();
  await page.getByText('Opening Night').waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.reload();
  await page.getByLabel('Secret key').waitFor();
  await page.context().close();
});

test('a paused sale is paused on every open map, and goes on', async () => {
  const [page, buyer] = [await room(), await open(`/e/${sale.demo.event_id}`)];
  await page.getByRole('button', { name: 'Pause' }).click();
  await buyer.getByText('The sale is paused.').waitFor();
  await page.getByRole('button', { name: 'Go on selling' }).click();
  await buyer.getByRole('button', { name: 'Find seats' }).waitFor();
  await page.getByRole('button', { name: 'Close the sale' }).click();
  await page.getByRole('button', { name: 'Leave it' }).click();
  expect((await availability()).status).toBe('open');
  await page.context().close();
  await buyer.context().close();
});

test('seats are blocked by drawing a frame, and freed again', async () => {
  const [page, buyer] = [await room(), await open(`/e/${sale.demo.event_id}`)];
  await page.getByRole('button', { name: 'Draw a frame' }).click();
  const plan = (await page.locator('flashtix-room-map .plan').boundingBox())!;
  const free = (seats: string) => [...seats].filter((state) => state === 'f').length;
  const before = free((await availability()).seats);
  await page.mouse.move(plan.x + plan.width * 0.4, plan.y + plan.height * 0.55);
  await page.mouse.down();
  await page.mouse.move(plan.x + plan.width * 0.6, plan.y + plan.height * 0.9, { steps: 4 });
  await page.screenshot({ path: `${ARTEFACTS}console-painting.png` });
  await page.mouse.up();
  const button = page.getByRole('button', { name: /^Block \d+ free$/ });
  const count = Number((await button.innerText()).replace(/\D/g, ''));
  expect(count).toBeGreaterThan(50);
  await button.click();
  await page.getByText(`${count} blocked.`).waitFor();
  expect(free((await availability()).seats)).toBe(before - count);
  await expect.poll(() => figure(page, 'blocked')).toBe(count);
  await expect.poll(() => buyer.evaluate(() => {
    const map = document.querySelector('flashtix-shop')!.shadowRoot!.querySelector('flashtix-map') as unknown as { session?: { occupancy?: { seats: Uint8Array } } };
    return Array.from(map.session?.occupancy?.seats ?? []).filter((status) => status === 3).length;
  })).toBe(count);
  // The same seats without a mouse: section by section.
  await page.getByText('By section and row').click();
  const sections = await page.getByLabel('Section').locator('option').count();
  for (let section = 0; section < sections; section++) {
    await page.getByLabel('Section').selectOption(String(section));
    await page.getByRole('button', { name: 'Add to the choice' }).click();
  }
  await page.getByRole('button', { name: `Free ${count} blocked` }).click();
  await page.getByText('the public’s again', { exact: false }).waitFor();
  expect(free((await availability()).seats)).toBe(before);
  await page.context().close();
  await buyer.context().close();
});

test('units of an area are blocked and freed by number', async () => {
  const page = await room();
  await page.getByText('Standing areas').click();
  await page.getByLabel('Units').fill('7');
  await page.getByRole('button', { name: 'Block', exact: true }).click();
  await page.getByText('7 blocked.').waitFor();
  expect((await availability()).areas['Floor']).toMatchObject({ blocked: 7 });
  await page.getByRole('button', { name: 'Free', exact: true }).click();
  await page.getByText('7 are the public’s again.').waitFor();
  await page.context().close();
});

test('a buyer’s order is found, a ticket of it and then all of it cancelled', async () => {
  const buyer = '=cmd|calc';
  const order = await book(buyer, 3);
  await book('somebody else', 1);
  const page = await room();
  await page.getByRole('tab', { name: 'Orders' }).click();
  await page.getByLabel('Exactly').fill(buyer);
  await page.getByRole('button', { name: 'Find', exact: true }).click();
  await page.getByText('somebody else').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: `Cancel ${order.tickets[0]!.label}` }).click();
  await page.screenshot({ path: `${ARTEFACTS}console-orders.png`, fullPage: true });
  await page.getByRole('button', { name: 'Yes, cancel' }).click();
  await page.locator('li.cancelled').waitFor();
  const read = () => sale.call<Order>(`/v1/orders/${order.id}`);
  expect((await read()).tickets.map((ticket) => ticket.status)).toEqual(['cancelled', 'valid', 'valid']);
  await page.getByRole('button', { name: 'Cancel order' }).click();
  await page.getByText('with 2 tickets', { exact: false }).waitFor();
  await page.getByRole('button', { name: 'Yes, cancel' }).click();
  await expect.poll(async () => (await read()).status).toBe('cancelled');
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Orders as CSV' }).click()]);
  const lines = readFileSync(await file.path(), 'utf8').split('\r\n');
  expect(lines.filter((line) => line.includes(`,'${buyer},`))).toHaveLength(3);
  expect(lines[0]).toContain('order,created_at,buyer');
  await page.context().close();
});

test('the ledger grows on screen, and is a file', async () => {
  const page = await room();
  const order = await book('ledger', 2);
  await page.locator('flashtix-ledger-panel td.places', { hasText: order.tickets[1]!.label }).first().waitFor();
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Ledger as CSV' }).click()]);
  const text = readFileSync(await file.path(), 'utf8');
  expect(text).toContain(order.id);
  expect(text.split('\r\n').filter((line) => line.includes(order.id))).toHaveLength(2);
  await page.context().close();
});

test('limits are changed, wrong ones named', async () => {
  const page = await room();
  await page.getByRole('tab', { name: 'Settings' }).click();
  await page.getByLabel('Places a buyer may have').fill('none');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('a whole number above zero', { exact: false }).waitFor();
  await page.getByLabel('Places a buyer may have').fill('2');
  await page.getByLabel('premium').fill('99.50');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.').waitFor();
  const event = await sale.call<SaleEvent>(`/v1/events/${sale.demo.event_id}`);
  expect([event.max_per_buyer, event.prices?.['premium'], event.hold_seconds]).toEqual([2, { standard: 9950 }, 600]);
  await page.getByLabel('Places a buyer may have').fill('');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect.poll(async () => (await sale.call<SaleEvent>(`/v1/events/${sale.demo.event_id}`)).max_per_buyer).toBe(null);
  await page.context().close();
});

test('a pretix plan becomes an event on sale', async () => {
  const page = await room('/console/new');
  const upload = page.locator('input[type=file]');
  await upload.setInputFiles({ name: 'torn.json', mimeType: 'application/json', buffer: Buffer.from('{"zones": [') });
  await page.getByText('This file is not JSON.').waitFor();
  const evil = '<img src=x onerror=document.title="hit">';
  await upload.setInputFiles({ name: 'bad.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify({ name: evil, categories: [{ key: 'a', name: 'A', color: 'red' }], sections: [] })) });
  await page.getByRole('alert').waitFor();
  await upload.setInputFiles(PLAN);
  await page.getByText('1134 seats.', { exact: false }).waitFor();
  await page.locator('flashtix-chart-preview canvas.seats').waitFor();
  await page.getByLabel('Name of the event').fill('Don Giovanni');
  await page.getByLabel('Preisgruppe 1').fill('48,00');
  await page.getByLabel('At first').selectOption('open');
  await page.getByRole('button', { name: 'Add an area' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Stehparkett');
  await page.getByLabel('Units').fill('40');
  await page.getByLabel('Category').fill('Stehplatz');
  await page.getByLabel('Category').blur();
  await page.getByLabel('Stehplatz').fill('8');
  await page.screenshot({ path: `${ARTEFACTS}console-new.png`, fullPage: true });
  await page.getByRole('button', { name: 'Make the event' }).click();
  await page.getByRole('heading', { name: 'Don Giovanni' }).waitFor();
  await page.locator('flashtix-room-map canvas.seats').waitFor();
  const id = new URL(page.url()).pathname.split('/').at(-1)!;
  const event = await sale.call<SaleEvent>(`/v1/events/${id}`);
  expect([event.status, event.capacity, event.prices?.['Preisgruppe 1'], event.prices?.['Stehplatz']]).toEqual(['open', 1_174, { standard: 4800 }, { standard: 800 }]);
  expect(await page.title()).not.toBe('hit');
  await page.context().close();
});

test('the figures follow a storm and end equal to the store; a dead server raises an alarm', async () => {
  const crowd = new Sale();
  await crowd.start(1_000);
  try {
    const page = await openPage(browser, `${crowd.demo.url}/console/e/${crowd.demo.event_id}#key=${crowd.demo.secret_key}`, { viewport: DESKTOP });
    await page.getByText('No alarm.').waitFor();
    await crowd.storm(4_000);
    const { categories } = await crowd.call<Availability>(`/v1/events/${crowd.demo.event_id}/availability`);
    const sold = Object.values(categories).reduce((sum, counts) => sum + counts.sold, 0);
    expect(sold).toBeGreaterThan(500);
    await expect.poll(() => figure(page, 'sold'), { timeout: 10_000 }).toBe(sold);
    await page.screenshot({ path: `${ARTEFACTS}console-storm.png`, fullPage: true });
    await crowd.kill();
    await page.getByText('This page cannot reach the server', { exact: false }).waitFor();
    await crowd.start();
    await page.getByText('No alarm.').waitFor();
    await page.context().close();
  } finally {
    await crowd.end();
  }
}, 120_000);

test('no page of the console breaks a rule of accessibility that axe knows', async () => {
  for (const [name, options] of [
    ['desktop', { viewport: DESKTOP }],
    ['phone', PHONE],
    ['dark', { viewport: DESKTOP, colorScheme: 'dark' as const }],
  ] as const) {
    const page = await room('/console', options);
    const show = async (what: string, settled: string) => {
      await page.locator(settled).first().waitFor();
      await page.screenshot({ path: `${ARTEFACTS}console-${what}-${name}.png`, fullPage: true });
      await expectAccessible(page, `${what} ${name}`);
    };
    await show('events', 'flashtix-event-list .bar svg');
    await page.getByText('Opening Night').click();
    await show('room', 'flashtix-ledger-panel');
    await page.getByRole('tab', { name: 'Orders' }).click();
    await show('orders', 'flashtix-orders-panel td');
    await page.getByRole('tab', { name: 'Settings' }).click();
    await show('settings', 'flashtix-settings-panel input');
    await page.getByRole('link', { name: 'New event' }).click();
    await page.getByLabel('One that is here').selectOption({ index: 1 });
    await show('new', 'flashtix-chart-preview canvas');
    await page.context().close();
  }
}, 120_000);
