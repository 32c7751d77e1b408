/** The server's metrics as a page shows them: rates, shares and percentiles of the time between two readings. */

/** Every sample of a `/metrics` page, by name and labels as they stand there. */
export type Reading = ReadonlyMap<string, number>;

/** Samples that a page may have; more is not ours. */
const SAMPLES_MAX = 20_000;

/** Takes Prometheus' text format apart (version 0.0.4); lines that are none are left out. */
export function readMetrics(text: string): Reading {
  const samples = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const end = line.lastIndexOf('}');
    const space = line.indexOf(' ', Math.max(0, end));
    if (space < 0) continue;
    const value = Number(line.slice(space + 1).split(' ')[0]);
    if (Number.isFinite(value)) samples.set(line.slice(0, space), value);
    if (samples.size >= SAMPLES_MAX) break;
  }
  return samples;
}

/** What happened between two readings of one server. Rates are per second, times in seconds. */
export interface Beat {
  /** When it was read, in milliseconds. */
  at: number;
  /** Requests that wanted places, whatever became of them. */
  requests: number;
  /** Orders that became durable. */
  bookings: number;
  /** Places that were sold. */
  places: number;
  refusals: Record<string, number>;
  refused: number;
  commits: number;
  /** Orders a commit, on average; undefined where nothing was committed. */
  perCommit: number | undefined;
  /** From a request to its answer; undefined where nobody asked. */
  p50: number | undefined;
  p99: number | undefined;
  /** From a batch's begin to its commit. */
  batchP99: number | undefined;
  /** How often it happened since the reading before: counts, not rates. */
  shed: number;
  conflicts: number;
  storeFailures: number;
  reloads: number;
  /** What is so now. */
  isGateBypassed: boolean;
  hasGate: boolean;
  feedClients: number;
  poolWaiting: number;
}

/** Undefined where the readings are not of one run of one server: its counters begin again at zero. */
export function beatBetween(before: Reading, after: Reading, seconds: number, at: number): Beat | undefined {
  if (seconds <= 0) return undefined;
  const grown = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0);
  const counters = ['flashtix_commits_total', 'flashtix_booking_duration_seconds_count', 'flashtix_places_sold_total'];
  if (counters.some((name) => grown(name) < 0)) return undefined;
  const refusals: Record<string, number> = {};
  let refused = 0;
  for (const name of after.keys()) {
    const code = /^flashtix_refusals_total\{code="([a-z_]+)"\}$/.exec(name)?.[1];
    if (code === undefined) continue;
    const rate = grown(name) / seconds;
    if (rate > 0) refusals[code] = rate;
    refused += rate;
  }
  const commits = grown('flashtix_bookings_per_commit_count');
  const orders = grown('flashtix_bookings_per_commit_sum');
  return {
    at,
    requests: grown('flashtix_booking_duration_seconds_count') / seconds,
    bookings: orders / seconds,
    places: grown('flashtix_places_sold_total') / seconds,
    refusals,
    refused,
    commits: grown('flashtix_commits_total') / seconds,
    perCommit: commits > 0 ? orders / commits : undefined,
    p50: quantile(before, after, 'flashtix_booking_duration_seconds', 0.5),
    p99: quantile(before, after, 'flashtix_booking_duration_seconds', 0.99),
    batchP99: quantile(before, after, 'flashtix_batch_seconds', 0.99),
    shed: grown('flashtix_shed_total'),
    conflicts: grown('flashtix_conflicts_total'),
    storeFailures: grown('flashtix_store_failures_total'),
    reloads: grown('flashtix_desk_reloads_total'),
    isGateBypassed: (after.get('flashtix_gate_bypassed') ?? 0) > 0,
    hasGate: after.has('flashtix_gate_lost_total') || after.has('flashtix_gate_failures_total'),
    feedClients: after.get('flashtix_feed_clients') ?? 0,
    poolWaiting: after.get('flashtix_pool_waiting') ?? 0,
  };
}

/**
 * A quantile of what a histogram took in between two readings, straight lines within a bucket, as Prometheus'
 * `histogram_quantile` has it. What lies beyond the last bound is given as that bound.
 */
export function quantile(before: Reading, after: Reading, name: string, share: number): number | undefined {
  const buckets: { bound: number; count: number }[] = [];
  const prefix = `${name}_bucket{le="`;
  for (const key of after.keys()) {
    if (!key.startsWith(prefix)) continue;
    const text = key.slice(prefix.length, -2);
    const bound = text === '+Inf' ? Infinity : Number(text);
    if (!Number.isNaN(bound)) buckets.push({ bound, count: (after.get(key) ?? 0) - (before.get(key) ?? 0) });
  }
  buckets.sort((a, b) => a.bound - b.bound);
  const all = buckets.at(-1)?.count ?? 0;
  if (all <= 0) return undefined;
  const rank = share * all;
  const at = buckets.findIndex((bucket) => bucket.count >= rank);
  const found = buckets[at];
  if (!found) return undefined;
  const floor = buckets[at - 1] ?? { bound: 0, count: 0 };
  if (found.bound === Infinity) return floor.bound;
  const within = found.count - floor.count;
  return within <= 0 ? found.bound : floor.bound + ((found.bound - floor.bound) * (rank - floor.count)) / within;
}
