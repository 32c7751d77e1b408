/** How full a house is, as one bar: sold, held, blocked, and the rest. */

import { type TemplateResult, svg, html } from 'lit';
import type { Counts } from '../api/types';

export function totalOf(counts: Counts): number {
  return counts.free + counts.held + counts.sold + counts.blocked;
}

/** @param label says the same in words. Widths are attributes of a drawing: a strict content policy refuses styles. */
export function bar(counts: Counts, label: string): TemplateResult {
  const all = Math.max(1, totalOf(counts));
  let x = 0;
  const part = (name: 'sold' | 'held' | 'blocked') => {
    const width = (counts[name] / all) * 1_000;
    const drawn = svg`<rect class=${name} x=${x} y="0" width=${width} height="10" />`;
    x += width;
    return drawn;
  };
  return html`<div class="bar"><svg viewBox="0 0 1000 10" preserveAspectRatio="none" role="img" aria-label=${label}>${part('sold')}${part('held')}${part('blocked')}</svg></div>`;
}
