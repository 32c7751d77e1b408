/** The console's texts: apart from the buyers', so that shops do not carry them along. */

import type { Problem } from '../api/client';
import { consoleDe } from './console-de';
import { type ConsoleTexts, consoleEn } from './console-en';
import { explain, textsFor } from './index';

export type { ConsoleTexts };

const LANGUAGES: Record<string, ConsoleTexts> = { en: consoleEn, de: consoleDe };

export interface Speech {
  texts: ConsoleTexts;
  language: string;
  direction: 'ltr' | 'rtl';
}

/** The languages are those of the buyers' pages; where one has no texts for organizers, English stands in. */
export function speechFor(...languages: (string | null | undefined)[]): Speech {
  const { texts, language } = textsFor(...languages);
  const found = LANGUAGES[language.toLowerCase().split('-')[0] ?? ''];
  return found ? { texts: found, language, direction: texts.direction } : { texts: consoleEn, language: 'en', direction: 'ltr' };
}

/** What no server said: a buyer's words are an organizer's too. */
const UNANSWERED = ['network', 'outcome_unknown', 'unavailable', 'overloaded', 'chart_too_large'];

/** A refusal in an organizer's words: what the server itself says, with the field that it names. */
export function explainTo(problem: Problem, { language, texts }: Speech): string {
  const { pointer, reason, detail, title } = problem.body;
  if (UNANSWERED.includes(problem.code)) return explain(problem, textsFor(language).texts, language);
  if (pointer !== undefined && reason !== undefined) return texts.refused(pointer, reason);
  return detail || title;
}
