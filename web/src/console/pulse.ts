/** Reads a server's metrics and readiness once a second, and keeps the last minutes of them. */

import { type Client, type Problem, asProblem, pause } from '../api/client';
import { type Beat, type Reading, beatBetween, readMetrics } from './metrics';

/** How often it looks, in milliseconds. */
const EVERY_MS = 1_000;
/** How long an answer may take, in milliseconds. */
const ANSWER_MS_MAX = 5_000;
/** Beats that are kept. */
export const BEATS_MAX = 180;

/** `down`: nobody answers. `unready`: it answers, and does not sell. `hidden`: what stands before it keeps such questions to itself. */
export type Health = 'unknown' | 'ready' | 'unready' | 'down' | 'hidden';

export class Pulse extends EventTarget {
  readonly beats: Beat[] = [];
  health: Health = 'unknown';
  /** Why it is not ready. */
  problem: Problem | undefined;
  private readonly stopper = new AbortController();
  private last: { reading: Reading; at: number } | undefined;

  constructor(private readonly client: Client) {
    super();
  }

  get latest(): Beat | undefined {
    return this.beats.at(-1);
  }

  start(): void {
    void this.run();
  }

  stop(): void {
    this.stopper.abort();
  }

  private async run(): Promise<void> {
    const { signal } = this.stopper;
    while (!signal.aborted) {
      const began = performance.now();
      await this.look();
      this.dispatchEvent(new Event('beat'));
      await pause(Math.max(100, EVERY_MS - (performance.now() - began)), signal).catch(() => undefined);
    }
  }

  private async look(): Promise<void> {
    const once = { signal: this.stopper.signal, attempts: 1, timeoutMs: ANSWER_MS_MAX };
    try {
      await this.client.call('/readyz', once);
      this.health = 'ready';
      this.problem = undefined;
    } catch (error) {
      if (this.stopper.signal.aborted) return;
      this.problem = asProblem(error);
      this.health = this.problem.status === 0 ? 'down' : this.problem.status === 404 ? 'hidden' : 'unready';
      if (this.health === 'down') {
        this.last = undefined;
        return;
      }
    }
    try {
      const reading = readMetrics(await this.client.text('/metrics', once));
      const at = performance.now();
      const beat = this.last && beatBetween(this.last.reading, reading, (at - this.last.at) / 1_000, Date.now());
      this.last = { reading, at };
      if (beat) this.beats.push(beat);
      if (this.beats.length > BEATS_MAX) this.beats.shift();
    } catch {
      this.last = undefined;
    }
  }
}
