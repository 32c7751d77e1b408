/** Orders and ledger of an event as files, read page by page. */

import type { Organizer } from '../api/organizer';
import type { LedgerItem, Order, SaleEvent } from '../api/types';
import { digits } from '../model/prices';
import { type Cell, csvRow } from './csv';

/** Orders of one page; the most that the server gives. */
const ORDERS_OF_A_PAGE = 1_000;
/** Commits of one page: each may have hundreds of changes. */
const COMMITS_OF_A_PAGE = 100;

/** One line a ticket. `told` hears how many lines there are so far. */
export async function ordersCsv(client: Organizer, event: SaleEvent, signal: AbortSignal, told: (lines: number) => void): Promise<string[]> {
  const parts = [csvRow(['order', 'created_at', 'buyer', 'order_status', 'ref', 'payment_ref', 'ticket', 'ticket_status', 'place', 'section', 'row', 'seat', 'category', 'ticket_type', 'code', 'price', 'currency'])];
  const price = (minor: number) => (minor / 10 ** digits(event.currency)).toFixed(digits(event.currency));
  let cursor: string | null = null;
  do {
    const page = await client.orders(event.id, { limit: ORDERS_OF_A_PAGE, ...(cursor === null ? {} : { cursor }) }, signal);
    for (const order of page.items) parts.push(linesOf(order, price));
    told(parts.length - 1);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return parts;
}

function linesOf(order: Order, price: (minor: number) => string): string {
  const common: Cell[] = [order.id, order.created_at, order.buyer, order.status, order.ref, order.payment_ref];
  return order.tickets
    .map((ticket) => csvRow([...common, ticket.id, ticket.status, ticket.label, ticket.section, ticket.row, ticket.seat, ticket.category, ticket.ticket_type, ticket.code, price(ticket.price), order.currency]))
    .join('');
}

/** One line a change of a place; entries without one have a line of their own. */
export async function ledgerCsv(client: Organizer, event: SaleEvent, signal: AbortSignal, told: (lines: number) => void): Promise<string[]> {
  const parts = [csvRow(['seq', 'at', 'kind', 'actor', 'buyer', 'ignored', 'place', 'area', 'units', 'from', 'to', 'channel', 'ticket_type', 'price', 'hold', 'order', 'ticket', 'hash'])];
  let after = 0;
  for (;;) {
    const page = await client.ledger(event.id, { after, limit: COMMITS_OF_A_PAGE }, signal);
    for (const item of page.items) parts.push(changesOf(item));
    told(parts.length - 1);
    const last = page.items.at(-1)?.seq;
    if (page.next_cursor === null || last === undefined || last <= after) return parts;
    after = last;
  }
}

function changesOf(item: LedgerItem): string {
  const common: Cell[] = [item.seq, item.at, item.kind, item.actor, item.buyer, item.ignored.join(' ')];
  const changes = item.changes.length > 0 ? item.changes : [{}];
  return changes
    .map((change: LedgerItem['changes'][number]) => csvRow([...common, change.place, change.area, change.units, change.from, change.to, change.channel, change.ticket_type, change.price, change.hold_id, change.order_id, change.ticket_id, item.hash]))
    .join('');
}
