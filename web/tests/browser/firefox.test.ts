/** The same pages in Firefox, as Debian ships it: a purchase, the live map, the console. */

import { existsSync } from 'node:fs';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Availability, Hold, Order } from '../../src/api/types';
import { ARTEFACTS, DESKTOP, Sale } from './harness';

const FIREFOX = process.env.FIREFOX ?? '/usr/bin/firefox-esr';
const sale = new Sale();
let browser: Browser | undefined;

beforeAll(async () => {
  await sale.start();
  // Playwright drives a Firefox of its own making only; this one is what people have.
  if (existsSync(FIREFOX)) browser = await puppeteer.launch({ browser: 'firefox', executablePath: FIREFOX, headless: true });
  else console.warn(`NOT CHECKED in Firefox: ${FIREFOX} is missing (FIREFOX names another)`);
}, 90_000);

afterAll(async () => {
  await browser?.close();
  await sale.end();
});

async function open(path: string): Promise<Page | undefined> {
  const page = await browser?.newPage();
  await page?.setViewport(DESKTOP);
  await page?.goto(sale.demo.url + path);
  return page;
}

/** The first element that a path of selectors finds, shadow roots pierced. */
const within = (page: Page, selector: string) => page.locator(selector).setTimeout(15_000);

test('Firefox: the best two are bought', async () => {
  const page = await open(`/e/${sale.demo.event_id}`);
  if (!page) return;
  await within(page, '>>> form.best button.primary').click();
  await within(page, '>>> input[type=email]').fill('ada@example.org');
  await within(page, '>>> aside form button.primary').click();
  await within(page, '>>> aside .done').wait();
  const orders = await sale.call<{ items: Order[] }>(`/v1/events/${sale.demo.event_id}/orders?buyer=ada@example.org`);
  expect(orders.items.map((order) => order.tickets.length)).toEqual([2]);
  await page.screenshot({ path: `${ARTEFACTS}firefox-bought.png` });
  await page.close();
});

test('Firefox: a seat taken elsewhere is taken on the map', async () => {
  const page = await open(`/e/${sale.demo.event_id}`);
  if (!page) return;
  await within(page, '>>> form.best').wait();
  await sale.call<Hold>(`/v1/events/${sale.demo.event_id}/holds`, { buyer: 'somebody', best_available: { quantity: 4 } });
  const { seats } = await sale.call<Availability>(`/v1/events/${sale.demo.event_id}/availability`);
  const shown = () =>
    page.evaluate(() => {
      const map = document.querySelector('flashtix-shop')!.shadowRoot!.querySelector('flashtix-map') as unknown as { session: { occupancy: { seats: Uint8Array } } };
      return Array.from(map.session.occupancy.seats, (status) => 'fhsb?'[status]).join('');
    });
  await expect.poll(shown, { timeout: 10_000 }).toBe(seats);
  await page.close();
});

test('Firefox: the console shows the sale', async () => {
  const page = await open(`/console/e/${sale.demo.event_id}#key=${sale.demo.secret_key}`);
  if (!page) return;
  await within(page, '>>> flashtix-ledger-panel >>> td').wait();
  await expect.poll(() => page.locator('>>> dd[data-count=sold]').map((figure) => figure.textContent).wait(), { timeout: 10_000 }).toBe('2');
  await page.screenshot({ path: `${ARTEFACTS}firefox-console.png` });
  await page.close();
});
