/** The pictures of the documents: a demo under a real crowd. `npm run pictures` makes them anew in `docs/images/`. */

import { test } from 'vitest';
import { Sale, launch, openPage } from './harness';

const IMAGES = new URL('../../../docs/images/', import.meta.url).pathname;
/** Large enough to read, and wide enough for the control room's two columns. */
const WINDOW = { width: 1280, height: 860 };
/** How much is sold in the pictures. */
const SOLD_SHARE = 0.4;

test('pictures', async () => {
  const sale = new Sale();
  const { url, event_id, secret_key } = await sale.start(20_000);
  const browser = await launch();
  try {
    const [room, shop] = [await openPage(browser, `${url}/console/e/${event_id}#key=${secret_key}`, { viewport: WINDOW }), await openPage(browser, `${url}/e/${event_id}`, { viewport: WINDOW })];
    await room.getByText('No alarm.').waitFor();
    await shop.getByRole('button', { name: 'Find seats' }).click();
    await shop.getByRole('timer').waitFor();
    await shop.getByRole('button', { name: 'Show everything' }).click();
    await shop.getByRole('button', { name: 'Zoom in' }).click();
    await shop.getByRole('button', { name: 'Close' }).click();
    // It ends with the sale: the pictures need no verdict.
    sale.storm(60_000, ['--rate', '3000', '--arrival', 'ramp']).catch(() => undefined);
    await room.waitForFunction((share) => {
      const figure = document.querySelector('flashtix-console')!.shadowRoot!.querySelector('flashtix-control-room')!.shadowRoot!.querySelector('dd[data-count=sold]');
      return Number(figure?.textContent?.replaceAll(',', '')) > 21_000 * share;
    }, SOLD_SHARE, { timeout: 60_000 });
    await room.screenshot({ path: `${IMAGES}control-room.png` });
    await shop.screenshot({ path: `${IMAGES}seat-map.png` });
  } finally {
    await browser.close();
    await sale.end();
  }
}, 180_000);
