/**
 * Calls of the API: one key, one server, errors as problems.
 *
 * A request that changes something carries an `Idempotency-Key`, so that it may be sent again whenever its answer was lost: a
 * network that fails in the middle never costs a buyer two orders.
 */

import type {
  Availability,
  Chart,
  Hold,
  Order,
  Page,
  ProblemBody,
  SaleEvent,
  Wanted,
} from './types';

/** How often a call is sent in all when the server says that it may be sent again. */
const ATTEMPTS_MAX = 4;
/** The longest wait between two attempts, in milliseconds. */
const WAIT_MS_MAX = 4_000;
/** How long an answer may take before the connection counts as lost, in milliseconds. */
const ANSWER_MS_MAX = 20_000;

/** A "no" of the server, or of the network. `code` is `network` when no answer came. */
export class Problem extends Error {
  override readonly name = 'Problem';
  constructor(readonly body: ProblemBody) {
    super(body.detail || body.title);
  }
  get code(): string {
    return this.body.code;
  }
  get status(): number {
    return this.body.status;
  }
  /** Whether nobody knows yet if it happened: the same request with the same key settles it. */
  get isUnsettled(): boolean {
    return this.code === 'network' || this.code === 'outcome_unknown';
  }
}

/** What went wrong, as a problem, whatever was thrown. */
export function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : unreachable(error);
}

function unreachable(error: unknown): Problem {
  const detail = error instanceof Error ? error.message : String(error);
  return new Problem({ status: 0, code: 'network', title: 'No answer', detail, retryable: true });
}

export interface Options {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** The key under which the server remembers the answer; made afresh for each call unless given. */
  idempotencyKey?: string;
  /** 1 asks once and hands every problem on. */
  attempts?: number;
  /** How long an answer may take, in milliseconds. */
  timeoutMs?: number;
}

/** A name nobody else uses: the server asks for at least 22 characters. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(18));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export class Client {
  /** The server's clock minus this machine's, in milliseconds, as the last answer told it. */
  private skewMs = 0;
  /** What lets the buyer into a presale, or to places that others may not have; empty for none. */
  accessToken = '';

  /**
   * @param server where the API is, such as `https://tickets.example`; empty for the page's own.
   * @param key a publishable or a secret key.
   */
  constructor(
    readonly server: string,
    readonly key: string,
  ) {}

  /** The server's time, in milliseconds: deadlines are the server's, and clocks of buyers are wrong. */
  now(): number {
    return Date.now() + this.skewMs;
  }

  url(path: string): string {
    return `${this.server.replace(/\/+$/, '')}${path}`;
  }

  get headers(): Record<string, string> {
    return this.key === '' ? {} : { authorization: `Bearer ${this.key}` };
  }

  private get access(): Record<string, string> {
    return this.accessToken === '' ? {} : { 'access-token': this.accessToken };
  }

  events(cursor?: string): Promise<Page<SaleEvent>> {
    return this.call(`/v1/events?limit=100${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`);
  }

  event(id: string): Promise<SaleEvent> {
    return this.call(`/v1/events/${encodeURIComponent(id)}`);
  }

  chart(id: string): Promise<Chart> {
    return this.call(`/v1/charts/${encodeURIComponent(id)}`, { timeoutMs: 120_000 });
  }

  availability(event: string): Promise<Availability> {
    return this.call(`/v1/events/${encodeURIComponent(event)}/availability`);
  }

  hold(event: string, wanted: Wanted & { buyer: string }, ifSeq: number | undefined, idempotencyKey?: string): Promise<Hold> {
    return this.call(`/v1/events/${encodeURIComponent(event)}/holds`, {
      method: 'POST',
      body: wanted,
      headers: { ...this.access, ...(ifSeq === undefined ? {} : { 'if-seq': String(ifSeq) }) },
      ...(idempotencyKey ? { idempotencyKey } : {}),
    });
  }

  readHold(id: string, token: string): Promise<Hold> {
    return this.call(`/v1/holds/${encodeURIComponent(id)}`, { headers: { 'hold-token': token } });
  }

  changeHold(id: string, token: string, change: { add?: Wanted; remove?: { places?: string[]; areas?: { name: string; quantity: number; ticket_type?: string }[] }; seconds?: number }): Promise<Hold> {
    return this.call(`/v1/holds/${encodeURIComponent(id)}`, { method: 'PATCH', body: change, headers: { ...this.access, 'hold-token': token } });
  }

  releaseHold(id: string, token: string): Promise<Hold> {
    return this.call(`/v1/holds/${encodeURIComponent(id)}`, { method: 'DELETE', headers: { 'hold-token': token } });
  }

  confirm(id: string, token: string, body: { amount: number; payment_ref: string; buyer?: string }, idempotencyKey: string): Promise<Order> {
    return this.call(`/v1/holds/${encodeURIComponent(id)}/confirm`, { method: 'POST', body, headers: { 'hold-token': token }, idempotencyKey });
  }

  /**
   * Sends a request until it has an answer that is worth handing on, and reads it as JSON.
   *
   * @throws {Problem} always, and nothing else, but for an abort through `signal`.
   */
  async call<T>(path: string, options: Options = {}): Promise<T> {
    const text = await this.text(path, options);
    try {
      return (text === '' ? undefined : JSON.parse(text)) as T;
    } catch {
      throw new Problem({ status: 0, code: 'network', title: 'An answer that cannot be read', detail: `${path} did not answer with JSON`, retryable: false });
    }
  }

  /** As `call`, for an answer that is no JSON. */
  async text(path: string, options: Options = {}): Promise<string> {
    const method = options.method ?? 'GET';
    const changes = method === 'POST' || method === 'PATCH';
    const headers: Record<string, string> = { ...this.headers, ...options.headers };
    if (changes) headers['idempotency-key'] = options.idempotencyKey ?? newKey();
    if (options.body !== undefined) headers['content-type'] = 'application/json';
    const init: RequestInit = { method, headers, credentials: 'omit' };
    if (options.body !== undefined) init.body = typeof options.body === 'string' ? options.body : JSON.stringify(options.body);
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.once(path, init, options);
      } catch (error) {
        if (options.signal?.aborted) throw error;
        const problem = asProblem(error);
        // A contended place is the buyer's to decide on, and a hold-up that lasts is to be shown, not waited out.
        const again = problem.isUnsettled || ['overloaded', 'unavailable', 'idempotency_in_flight'].includes(problem.code);
        if (!again || attempt >= (options.attempts ?? ATTEMPTS_MAX)) throw problem;
        await pause(Math.min(problem.body.retry_after_ms ?? 250 * 2 ** attempt, WAIT_MS_MAX), options.signal);
      }
    }
  }

  private async once(path: string, init: RequestInit, options: Options): Promise<string> {
    const limit = AbortSignal.timeout(options.timeoutMs ?? ANSWER_MS_MAX);
    const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit;
    let response: Response;
    let text: string;
    try {
      response = await fetch(this.url(path), { ...init, signal });
      text = await response.text();
    } catch (error) {
      if (options.signal?.aborted) throw error;
      throw unreachable(error);
    }
    this.readClock(response);
    if (!response.ok) throw problemOf(response.status, text);
    return text;
  }

  private readClock(response: Response): void {
    const date = Date.parse(response.headers.get('date') ?? '');
    // `Date` counts whole seconds, so it is half a second behind on average.
    if (Number.isFinite(date)) this.skewMs = date + 500 - Date.now();
  }
}

/** A refusal's body, also where something in between answered in its own words. */
export function problemOf(status: number, text: string): Problem {
  try {
    const body = JSON.parse(text) as ProblemBody;
    if (body !== null && typeof body === 'object' && typeof body.code === 'string') return new Problem({ ...body, status });
  } catch {
    // A proxy's own page, for one.
  }
  const code = status === 401 ? 'unauthorized' : status === 404 ? 'not_found' : status >= 500 ? 'unavailable' : 'unexpected';
  return new Problem({ status, code, title: `HTTP ${status}`, detail: `HTTP ${status}`, retryable: status >= 500 });
}

/** Waits, or rejects as soon as `signal` is aborted. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', stop, { once: true });
  });
}
