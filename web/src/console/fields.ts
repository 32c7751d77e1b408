/** What is typed into forms, as the wire wants it: amounts, numbers, times. */

import type { Minor, Prices } from '../api/types';
import { digits } from '../model/prices';

/** `12.50` or `12,50` as minor units; undefined where it is no amount of this currency. */
export function readAmount(text: string, currency: string): Minor | undefined {
  const places = digits(currency);
  const found = /^(\d{1,10})(?:[.,](\d+))?$/.exec(text.trim());
  const fraction = found?.[2] ?? '';
  if (!found || fraction.length > places) return undefined;
  return Number(found[1]) * 10 ** places + Number(fraction.padEnd(places, '0') || 0);
}

export function writeAmount(amount: Minor, currency: string): string {
  const places = digits(currency);
  return (amount / 10 ** places).toFixed(places);
}

/** A whole number above zero; undefined for anything else. */
export function readCount(text: string): number | undefined {
  const number = /^\d{1,9}$/.test(text.trim()) ? Number(text) : 0;
  return number > 0 ? number : undefined;
}

/** The value of a `datetime-local` field, which is in the browser's own time, as the wire writes it. */
export function readTime(text: string): string | undefined {
  const time = new Date(text);
  return text === '' || Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

/** For a `datetime-local` field. */
export function writeTime(iso: string | null): string {
  if (iso === null) return '';
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return '';
  const two = (value: number) => String(value).padStart(2, '0');
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}T${two(time.getHours())}:${two(time.getMinutes())}`;
}

/** A field of a price: `price:<category>:<ticket type>`. Texts of a chart may have colons, so its parts are numbers of lists. */
export function priceField(category: number, ticketType: number): string {
  return `price:${category}:${ticketType}`;
}

/**
 * All price fields of a form. Empty ones are not sold.
 *
 * @throws {WrongField} naming the first that is no amount.
 */
export function readPrices(form: FormData, categories: string[], ticketTypes: string[], currency: string): Prices {
  const entries = categories.flatMap((category, at): [string, Record<string, Minor>][] => {
    const byType = ticketTypes.flatMap((type, index): [string, Minor][] => {
      const text = String(form.get(priceField(at, index)) ?? '').trim();
      if (text === '') return [];
      const amount = readAmount(text, currency);
      if (amount === undefined) throw new WrongField(priceField(at, index), ticketTypes.length > 1 ? `${category}, ${type}` : category);
      return [[type, amount]];
    });
    return byType.length > 0 ? [[category, Object.fromEntries(byType)]] : [];
  });
  return Object.fromEntries(entries);
}

/** A field that cannot be read; `what` is its name for people. */
export class WrongField extends Error {
  constructor(
    readonly field: string,
    readonly what: string,
  ) {
    super(`${field} cannot be read`);
  }
}
