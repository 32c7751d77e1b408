/** What places cost, by category and ticket type, and how amounts are written. */

import type { Minor, SaleEvent } from '../api/types';

export interface Offer {
  ticketType: string;
  name: string;
  price: Minor;
}

/** What a buyer may ask for in a category; empty where it is not sold. */
export function offers(event: SaleEvent, category: string): Offer[] {
  const offered: Offer[] = [];
  for (const type of event.ticket_types) {
    const price = priceOf(event, category, type.key);
    if (type.public && price !== undefined) offered.push({ ticketType: type.key, name: type.name ?? type.key, price });
  }
  return offered;
}

/** `undefined` where a ticket type is not sold; an event without prices gives everything away. */
export function priceOf(event: SaleEvent, category: string, ticketType: string): Minor | undefined {
  if (event.prices === null) return 0;
  const price = Object.hasOwn(event.prices, category) ? event.prices[category] : undefined;
  if (typeof price === 'number' || price === undefined) return price;
  return Object.hasOwn(price, ticketType) ? price[ticketType] : undefined;
}

/** The lowest price of a category. */
export function lowest(event: SaleEvent, category: string): Minor | undefined {
  const prices = offers(event, category).map((offer) => offer.price);
  return prices.length > 0 ? Math.min(...prices) : undefined;
}

const formats = new Map<string, Intl.NumberFormat>();

/** An amount as people of a language write it: `12,50 €`. */
export function money(amount: Minor, currency: string, language: string): string {
  const key = `${language} ${currency}`;
  let format = formats.get(key);
  if (!format) {
    try {
      format = new Intl.NumberFormat(language, { style: 'currency', currency });
    } catch {
      format = new Intl.NumberFormat(language, { minimumFractionDigits: 2 });
    }
    formats.set(key, format);
  }
  return format.format(amount / 10 ** digits(currency));
}

/** How many decimal digits a currency's minor unit is: 2 for EUR, 0 for JPY, 3 for KWD. */
export function digits(currency: string): number {
  try {
    return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    return 2;
  }
}
