import type { Hold, Order } from '../api/types';

/**
 * What a buyer has in an event. `lapsed` keeps the last hold, so that the same places can be offered again; `bought` has no order
 * where another window bought.
 */
export type BasketState =
  | { kind: 'empty' }
  | { kind: 'held'; hold: Hold }
  | { kind: 'lapsed'; hold: Hold }
  | { kind: 'bought'; hold: Hold; order: Order | undefined };
