/** What a shop's script may write, compiled against the types as they are shipped. It is never run. */

import type { FlashtixMapElement, Hold } from '../../../crates/server/assets/dist/flashtix-map';

const map: FlashtixMapElement = document.querySelector('flashtix-map')!;
map.addEventListener('flashtix-hold', ({ detail }) => {
  const hold: Hold = detail;
  void fetch('/pay', { method: 'POST', body: JSON.stringify({ id: hold.id, token: hold.token, amount: hold.amount }) });
});
document.body.addEventListener('flashtix-refused', ({ detail }) => console.log(detail.code, detail.retryable, detail.reasons));
map.addEventListener('flashtix-basket', ({ detail }) => {
  if (detail.kind === 'bought') console.log(detail.order?.tickets.length);
});
map.maxSelection = 4;
const chosen: string[] = map.select(['A-1-1']);
void map.bestAvailable({ quantity: chosen.length, maxPrice: 6000 }).then((hold) => map.basket?.extend(hold?.amount ?? 0));
// @ts-expect-error: there is no such mode.
map.mode = 'sell';
