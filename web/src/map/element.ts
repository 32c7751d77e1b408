/** What a shop's own script may rely on: the types of `<flashtix-map>`, which `docs/seat-map.md` describes. Shipped as `/flashtix-map.d.ts`. */

import type { AreaWanted, BestAvailable, Connection, Hold, Minor, Order, ProblemBody, SaleEvent } from '../api/types';
import type { BasketState } from '../model/basket-state';

/** The buyer's hold, and what can be done with it. Every method rejects with an `Error` that has the problem as `body`. */
export interface FlashtixBasket extends EventTarget {
  readonly state: BasketState;
  readonly hold: Hold | undefined;
  /** Milliseconds until the hold's deadline, by the server's clock. */
  readonly leftMs: number;
  /** Asks for a deadline that many seconds from now; never shortens. */
  extend(seconds: number): Promise<void>;
  remove(part: { places?: string[]; areas?: AreaWanted[] }): Promise<void>;
  release(): Promise<void>;
  /** Only in events with `public_confirm`; elsewhere your server confirms. */
  confirm(buyer: string): Promise<Order>;
  /** Reads the hold anew, as after a refusal that says that it was changed elsewhere. */
  restore(): Promise<void>;
  /** Forgets what was bought or lapsed, so that the buyer can begin anew. */
  forget(): void;
}

export interface FlashtixMapElement extends HTMLElement {
  /** The event's identifier. */
  event: string;
  publishableKey: string;
  /** What lets the buyer into a presale, as your server made it; empty for none. */
  accessToken: string;
  /** Where FlashTix is; empty for the page's own origin. */
  server: string;
  /** What holds are made for; empty for a random name of this browser. */
  buyer: string;
  maxSelection: number;
  mode: 'choose' | 'view';
  /** Keeps the basket over a reload and in every tab of the browser. */
  remember: boolean;
  theme: 'light' | 'dark';
  /** The labels of the chosen seats. */
  readonly selected: string[];
  readonly basket: FlashtixBasket | undefined;
  readonly saleEvent: SaleEvent | undefined;
  /** Chooses seats; returns those that could be. */
  select(labels: string[]): string[];
  clear(): void;
  /** Holds what is chosen; nothing after a refusal, which `flashtix-refused` tells. */
  hold(): Promise<Hold | undefined>;
  /** Holds the best there are; `maxPrice` is for each seat. */
  bestAvailable(wish: BestAvailable & { maxPrice?: Minor }): Promise<Hold | undefined>;
  zoomTo(section: string): void;
}

export interface FlashtixMapEvents {
  'flashtix-ready': CustomEvent<{ event: SaleEvent }>;
  'flashtix-selection': CustomEvent<{ places: string[]; areas: AreaWanted[]; amount: Minor }>;
  'flashtix-hold': CustomEvent<Hold>;
  'flashtix-refused': CustomEvent<ProblemBody>;
  'flashtix-basket': CustomEvent<BasketState>;
  'flashtix-event': CustomEvent<SaleEvent>;
  'flashtix-connection': CustomEvent<{ state: Connection; problem: ProblemBody | undefined }>;
}

declare global {
  interface HTMLElementTagNameMap {
    'flashtix-map': FlashtixMapElement;
  }
  interface HTMLElementEventMap extends FlashtixMapEvents {}
}
