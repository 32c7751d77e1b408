/** Calls that need a secret key: an organizer's, never a buyer's. */

import { Client } from './client';
import type { Assigned, ChartSummary, EventPatch, LedgerItem, NewEvent, Order, Page, SaleEvent } from './types';

/** Seats that one block or unblock may name. */
export const PLACES_MAX = 1_000;

/** Which orders are wanted; all filters must fit. */
export interface OrderFilter {
  buyer?: string;
  ref?: string;
  payment_ref?: string;
  code?: string;
  status?: 'confirmed' | 'cancelled';
  limit?: number;
  cursor?: string;
}

export class Organizer extends Client {
  charts(cursor?: string): Promise<Page<ChartSummary>> {
    return this.call(`/v1/charts${query({ limit: 100, cursor })}`);
  }

  /** @param text the file as it is: the server checks it, and names what is wrong with it. */
  createChart(text: string, format: 'flashtix' | 'pretix'): Promise<ChartSummary> {
    return this.call(`/v1/charts${format === 'pretix' ? '?format=pretix' : ''}`, { method: 'POST', body: text, timeoutMs: 120_000 });
  }

  createEvent(event: NewEvent): Promise<SaleEvent> {
    return this.call('/v1/events', { method: 'POST', body: event });
  }

  changeEvent(id: string, patch: EventPatch): Promise<SaleEvent> {
    return this.call(path(id), { method: 'PATCH', body: patch });
  }

  block(id: string, what: { places?: string[]; areas?: { name: string; quantity: number }[]; channel?: string }): Promise<Assigned> {
    return this.call(`${path(id)}/block`, { method: 'POST', body: what });
  }

  unblock(id: string, what: { places?: string[]; areas?: { name: string; quantity: number }[] }): Promise<Assigned> {
    return this.call(`${path(id)}/unblock`, { method: 'POST', body: what });
  }

  orders(event: string, filter: OrderFilter, signal?: AbortSignal): Promise<Page<Order>> {
    return this.call(`${path(event)}/orders${query({ ...filter })}`, signal ? { signal } : {});
  }

  order(id: string): Promise<Order> {
    return this.call(`/v1/orders/${encodeURIComponent(id)}`);
  }

  /** @param tickets which of its tickets; all of them when missing. */
  cancelOrder(id: string, tickets?: string[]): Promise<Order> {
    return this.call(`/v1/orders/${encodeURIComponent(id)}/cancel`, { method: 'POST', body: tickets ? { tickets } : {} });
  }

  /** @param wanted `limit` counts commits, and a commit may have several entries; `wait` is in seconds. */
  ledger(event: string, wanted: { after: number; limit: number; wait?: number }, signal: AbortSignal): Promise<Page<LedgerItem>> {
    return this.call(`${path(event)}/ledger${query({ ...wanted })}`, { signal, timeoutMs: ((wanted.wait ?? 0) + 20) * 1_000 });
  }
}

function path(event: string): string {
  return `/v1/events/${encodeURIComponent(event)}`;
}

function query(values: Record<string, string | number | undefined>): string {
  const wanted = Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return wanted.length > 0 ? `?${new URLSearchParams(wanted)}` : '';
}
