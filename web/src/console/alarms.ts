/** What somebody who watches a sale must not overlook. */

import type { Connection } from '../api/types';
import type { Beat } from './metrics';
import type { Health } from './pulse';

/** How far back something that happened once is still told, in beats of a second. */
const MEMORY_BEATS = 60;
/** From this 99th percentile on, buyers feel it, in seconds. */
const SLOW_SECONDS = 1;
/** In how many of the last beats it must have been slow. */
const SLOW_BEATS = 5;

export type Alarm = 'down' | 'unready' | 'feedLost' | 'gateBypassed' | 'storeFailures' | 'shed' | 'reloads' | 'slow' | 'poolWaiting';

/** The worst first. */
export function alarms(beats: Beat[], health: Health, feed: Connection): Alarm[] {
  const raised: Alarm[] = [];
  const recent = beats.slice(-MEMORY_BEATS);
  const latest = beats.at(-1);
  const happened = (count: (beat: Beat) => number) => recent.some((beat) => count(beat) > 0);
  if (health === 'down') raised.push('down');
  if (health === 'unready') raised.push('unready');
  if (feed === 'lost' || feed === 'failed') raised.push('feedLost');
  if (happened((beat) => beat.storeFailures)) raised.push('storeFailures');
  if (happened((beat) => beat.reloads)) raised.push('reloads');
  if (happened((beat) => beat.shed)) raised.push('shed');
  if (beats.slice(-SLOW_BEATS * 2).filter((beat) => (beat.p99 ?? 0) >= SLOW_SECONDS).length >= SLOW_BEATS) raised.push('slow');
  if (latest?.isGateBypassed) raised.push('gateBypassed');
  if ((latest?.poolWaiting ?? 0) > 0) raised.push('poolWaiting');
  return raised;
}
