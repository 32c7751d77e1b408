/**
 * Follows an event's feed for as long as it is wanted: reconnects, resumes from the last commit, and believes nothing that does
 * not fit.
 *
 * Not an `EventSource`: that one cannot send the key in a header, does not see the comments that show a silent line to be alive,
 * and gives up for good on an error that passes.
 */

import { type Client, Problem, asProblem, pause, problemOf } from './client';
import { Frames, type Frame } from './frames';
import type { Availability, Commit, Connection, SaleEvent } from './types';

/** The server says something every 15 seconds; a line that is silent for longer than this is dead, in milliseconds. */
const SILENCE_MS_MAX = 35_000;
/** Waits between attempts, in milliseconds; the last one repeats. */
const WAITS_MS = [300, 700, 1_500, 3_000, 5_000];

export interface FeedHandlers {
  snapshot(state: Availability): void;
  /** Returns false when the commit cannot be true of what is known: the feed then begins anew. */
  commit(commit: Commit): boolean;
  event(event: SaleEvent): void;
  /** `problem` says why, where the server gave a reason. */
  connection(state: Connection, problem?: Problem): void;
}

export class Feed {
  private readonly stopper = new AbortController();
  private lastId = '';
  private seq: number | undefined;

  constructor(
    private readonly client: Client,
    private readonly eventId: string,
    private readonly handlers: FeedHandlers,
    private readonly silenceMs = SILENCE_MS_MAX,
  ) {}

  start(): void {
    void this.run();
  }

  stop(): void {
    this.stopper.abort();
  }

  private async run(): Promise<void> {
    const { signal } = this.stopper;
    this.handlers.connection('connecting');
    for (let failures = 0; !signal.aborted; ) {
      let problem: Problem | undefined;
      try {
        await this.follow(() => {
          failures = 0;
        });
      } catch (error) {
        if (signal.aborted) return;
        problem = asProblem(error);
      }
      if (signal.aborted) return;
      if (problem && isFinal(problem)) {
        this.handlers.connection('failed', problem);
        return;
      }
      this.handlers.connection('lost', problem);
      const wait = WAITS_MS[Math.min(failures, WAITS_MS.length - 1)] ?? 5_000;
      failures += 1;
      try {
        // Spread, so that a hall full of phones does not come back in one instant.
        await pause(wait * (0.7 + 0.6 * Math.random()), signal);
      } catch {
        return;
      }
    }
  }

  /** One connection, until it ends. `begun` is told once something sensible has arrived. */
  private async follow(begun: () => void): Promise<void> {
    const line = new AbortController();
    const drop = () => line.abort();
    this.stopper.signal.addEventListener('abort', drop, { once: true });
    let silence = setTimeout(drop, this.silenceMs);
    try {
      const headers: Record<string, string> = { ...this.client.headers, accept: 'text/event-stream' };
      if (this.lastId !== '') headers['last-event-id'] = this.lastId;
      const response = await fetch(this.client.url(`/v1/events/${encodeURIComponent(this.eventId)}/feed`), {
        headers,
        signal: line.signal,
        credentials: 'omit',
        cache: 'no-store',
      });
      if (!response.ok) throw problemOf(response.status, await response.text());
      if (!response.body) throw new Error('the feed has no body');
      const frames = new Frames();
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(silence);
        silence = setTimeout(drop, this.silenceMs);
        for (const frame of frames.push(value)) {
          if (!this.take(frame)) {
            this.lastId = '';
            this.seq = undefined;
            throw new Error('the feed does not fit together');
          }
          begun();
        }
        // A comment or a frame after resuming: the line stands, and nothing was missed.
        if (this.seq !== undefined) this.handlers.connection('live');
      }
    } finally {
      clearTimeout(silence);
      this.stopper.signal.removeEventListener('abort', drop);
      line.abort();
    }
  }

  /** Whether a frame fits to what came before. */
  private take(frame: Frame): boolean {
    if (!['snapshot', 'commit', 'event'].includes(frame.event)) return true;
    let data: unknown;
    try {
      data = JSON.parse(frame.data);
    } catch {
      return false;
    }
    if (data === null || typeof data !== 'object') return false;
    if (frame.event === 'snapshot') {
      const state = data as Availability;
      if (!isSeq(state.seq) || typeof state.seats !== 'string') return false;
      this.seq = state.seq;
      this.handlers.snapshot(state);
    } else if (frame.event === 'commit') {
      const commit = data as Commit;
      if (this.seq === undefined || !isSeq(commit.from) || !isSeq(commit.seq)) return false;
      if (commit.seq <= this.seq) return true;
      if (commit.from !== this.seq + 1 || !this.handlers.commit(commit)) return false;
      this.seq = commit.seq;
    } else {
      this.handlers.event(data as SaleEvent);
    }
    this.lastId = frame.id;
    return true;
  }
}

function isSeq(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** No later attempt can go better: the key or the event is wrong. */
function isFinal(problem: Problem): boolean {
  return [400, 401, 403, 404].includes(problem.status);
}
