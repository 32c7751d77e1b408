/** Languages. To add one: a file like `de.ts`, and a line here. */

import type { Problem } from '../api/client';
import { ar } from './ar';
import { de } from './de';
import { en, type Texts } from './en';

export type { Texts };

const LANGUAGES: Record<string, Texts> = { en, de, ar };

/** The texts of the first language that there is: `de-AT` finds `de`. English when nothing fits. */
export function textsFor(...languages: (string | null | undefined)[]): { texts: Texts; language: string } {
  for (const language of languages) {
    if (!language) continue;
    const base = language.toLowerCase().split('-')[0] ?? '';
    const texts = Object.hasOwn(LANGUAGES, base) ? LANGUAGES[base] : undefined;
    if (texts) return { texts, language: isUsable(language) ? language : base };
  }
  return { texts: en, language: 'en' };
}

function isUsable(language: string): boolean {
  try {
    return Intl.getCanonicalLocales(language).length > 0;
  } catch {
    return false;
  }
}

/** A refusal in a buyer's words. */
export function explain(problem: Problem, texts: Texts, language: string): string {
  const { body } = problem;
  if (body.code === 'limit_exceeded' && body.max !== undefined) return texts.limitExceeded(body.max);
  if (body.code === 'sale_not_open' && body.opens_at) return `${texts.problems.sale_not_open} ${texts.opensAt(dateTime(body.opens_at, language))}`;
  const known = Object.hasOwn(texts.problems, body.code) ? texts.problems[body.code] : undefined;
  const reasons = Object.entries(body.reasons ?? {}).slice(0, 4);
  const said = known ?? texts.problemElse(body.title);
  if (reasons.length === 0) return said;
  return `${said} ${reasons.map(([place, reason]) => `${place}: ${texts.reasons[reason] ?? reason}.`).join(' ')}`;
}

export function dateTime(iso: string, language: string): string {
  return inWords(iso, language, { dateStyle: 'full', timeStyle: 'short' });
}

/** As `dateTime`, for tables. */
export function briefly(iso: string, language: string): string {
  return inWords(iso, language, { dateStyle: 'short', timeStyle: 'medium' });
}

export function time(iso: string, language: string): string {
  return inWords(iso, language, { timeStyle: 'medium' });
}

function inWords(iso: string, language: string, format: Intl.DateTimeFormatOptions): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : new Intl.DateTimeFormat(language, format).format(date);
}
