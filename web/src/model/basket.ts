/**
 * The hold that a buyer has in an event: made, changed, extended, kept over a reload and shared between tabs, until it is bought,
 * given back or lapses.
 */

import { type Client, Problem, asProblem, newKey } from '../api/client';
import type { Hold, Order, Wanted } from '../api/types';
import type { BasketState } from './basket-state';

/** What a browser remembers: enough to find the hold again, and to repeat a confirm that was not answered. */
interface Kept {
  id: string;
  token: string;
  confirmKey: string;
  /** Set once a confirm was sent: it is repeated with the same words. */
  payment?: { buyer: string; payment_ref: string; amount: number };
  order?: Order;
}

/** How many places: seats and units of areas. */
export function unitsOf({ places = [], areas = [] }: { places?: unknown[]; areas?: { quantity: number }[] }): number {
  return places.length + areas.reduce((sum, area) => sum + area.quantity, 0);
}

export class Basket extends EventTarget {
  private current: BasketState = { kind: 'empty' };
  private kept: Kept | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly stopper = new AbortController();

  /** @param storage where the basket survives a reload; none forgets it with the page. */
  constructor(
    private readonly client: Client,
    private readonly eventId: string,
    private readonly storage: Storage | undefined,
  ) {
    super();
    if (storage) {
      globalThis.addEventListener?.(
        'storage',
        (change) => {
          if (change.key === this.storageKey) void this.restore();
        },
        { signal: this.stopper.signal },
      );
    }
  }

  stop(): void {
    this.stopper.abort();
    clearTimeout(this.timer);
  }

  get state(): BasketState {
    return this.current;
  }

  get hold(): Hold | undefined {
    return this.current.kind === 'held' ? this.current.hold : undefined;
  }

  /** Milliseconds until the hold's deadline, by the server's clock; never negative. */
  get leftMs(): number {
    return this.hold ? Math.max(0, Date.parse(this.hold.expires_at) - this.client.now()) : 0;
  }

  private get storageKey(): string {
    return `flashtix:basket:${this.eventId}`;
  }

  /** Takes up what an earlier page, or another tab, has left. A server that cannot be asked now leaves the basket as it is. */
  async restore(): Promise<void> {
    let kept: Kept | undefined;
    try {
      kept = JSON.parse(this.storage?.getItem(this.storageKey) ?? 'null') as Kept | undefined;
    } catch {
      kept = undefined;
    }
    if (!kept || typeof kept.id !== 'string' || typeof kept.token !== 'string') {
      this.kept = undefined;
      this.become({ kind: 'empty' });
      return;
    }
    this.kept = kept;
    try {
      this.know({ ...(await this.client.readHold(kept.id, kept.token)), token: kept.token });
    } catch (error) {
      const problem = asProblem(error);
      if (problem.status === 404 || problem.status === 403) this.forget();
      else throw problem;
    }
  }

  /** Holds places: in the hold that there is, else in a new one. */
  async take(wanted: Wanted, buyer: string, ifSeq?: number): Promise<Hold> {
    const before = this.hold;
    if (before) {
      try {
        const hold = await this.client.changeHold(before.id, before.token, { add: wanted });
        return this.know({ ...hold, token: before.token });
      } catch (error) {
        const problem = asProblem(error);
        if (problem.code !== 'hold_expired' && problem.status !== 404) throw problem;
        // It lapsed without our noticing: what is wanted now goes into a new hold.
      }
    }
    const hold = await this.client.hold(this.eventId, { ...wanted, buyer }, ifSeq);
    this.kept = { id: hold.id, token: hold.token, confirmKey: newKey() };
    this.keep();
    return this.know(hold);
  }

  async remove(part: { places?: string[]; areas?: { name: string; quantity: number; ticket_type?: string }[] }): Promise<void> {
    const hold = this.hold;
    if (!hold) return;
    if (unitsOf(part) >= unitsOf(hold)) return this.release();
    this.know({ ...(await this.client.changeHold(hold.id, hold.token, { remove: part })), token: hold.token });
  }

  /** Asks for more time; the server says how much there is to give. */
  async extend(seconds: number): Promise<void> {
    const hold = this.hold;
    if (!hold) return;
    this.know({ ...(await this.client.changeHold(hold.id, hold.token, { seconds })), token: hold.token });
  }

  async release(): Promise<void> {
    const hold = this.hold;
    if (!hold) return;
    await this.client.releaseHold(hold.id, hold.token);
    this.forget();
  }

  /**
   * Buys what is held. May be called again after whatever went wrong: it repeats the first request word for word, and the server
   * answers with the one order there is.
   */
  async confirm(buyer: string): Promise<Order> {
    const hold = this.hold;
    if (!hold || !this.kept) throw new Problem({ status: 409, code: 'hold_expired', title: '', detail: '', retryable: false });
    const payment = (this.kept.payment ??= { buyer, payment_ref: `web-${newKey()}`, amount: hold.amount });
    this.keep();
    let order: Order;
    try {
      order = await this.client.confirm(hold.id, hold.token, payment, this.kept.confirmKey);
    } catch (error) {
      const problem = asProblem(error);
      if (!problem.isUnsettled) {
        // A clear no: another attempt is another request.
        delete this.kept.payment;
        this.kept.confirmKey = newKey();
        this.keep();
      }
      if (problem.code === 'hold_expired') this.become({ kind: 'lapsed', hold });
      throw problem;
    }
    this.kept.order = order;
    this.keep();
    this.become({ kind: 'bought', hold: { ...hold, status: 'confirmed' }, order });
    return order;
  }

  /** Begins anew: after an order was shown, or a lapse was told. */
  forget(): void {
    this.kept = undefined;
    try {
      this.storage?.removeItem(this.storageKey);
    } catch {
      // A browser that keeps nothing has nothing to forget.
    }
    this.become({ kind: 'empty' });
  }

  private keep(): void {
    try {
      this.storage?.setItem(this.storageKey, JSON.stringify(this.kept));
    } catch {
      // Private windows may keep nothing: the basket then lives as long as the page.
    }
  }

  private know(hold: Hold): Hold {
    clearTimeout(this.timer);
    if (hold.status === 'confirmed') this.become({ kind: 'bought', hold, order: this.kept?.order });
    else if (hold.status === 'active' && Date.parse(hold.expires_at) > this.client.now()) {
      this.become({ kind: 'held', hold });
      this.timer = setTimeout(() => this.lapse(), Math.min(this.leftMs + 20, 2 ** 31 - 1));
    } else if (hold.status === 'released') this.forget();
    else this.become({ kind: 'lapsed', hold });
    return hold;
  }

  private lapse(): void {
    if (this.current.kind !== 'held') return;
    if (this.leftMs > 0) {
      this.timer = setTimeout(() => this.lapse(), Math.min(this.leftMs + 20, 2 ** 31 - 1));
      return;
    }
    void this.askWhetherLapsed(this.current.hold);
  }

  /** The organizer may have given more time since the deadline was told. */
  private async askWhetherLapsed(hold: Hold): Promise<void> {
    let known: Hold | undefined;
    try {
      known = { ...(await this.client.readHold(hold.id, hold.token)), token: hold.token };
    } catch {
      // Nobody answers: then what was told counts.
    }
    if (this.current.kind !== 'held' || this.current.hold.id !== hold.id) return;
    if (known) this.know(known);
    else this.become({ kind: 'lapsed', hold });
  }

  private become(state: BasketState): void {
    this.current = state;
    this.dispatchEvent(new Event('change'));
  }
}
