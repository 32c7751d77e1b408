/** One event on screen: the event, its chart, who has what, and the feed that keeps it true. */

import { type Client, Problem, asProblem, pause } from '../api/client';
import { Feed } from '../api/feed';
import type { Availability, Commit, Connection, SaleEvent } from '../api/types';
import { Occupancy } from '../model/occupancy';
import { type Venue, layOut, seatCount } from '../model/venue';

/** Seats up to which a map is drawn; larger charts are told of instead of freezing a phone. */
export const SEATS_MAX = 250_000;
/** Between two attempts to load an event that moved, in milliseconds. */
const LOAD_WAIT_MS = 500;
const TOO_LARGE = 'chart_too_large';

export interface SessionHandlers {
  /** Everything is there: event, venue, occupancy. Also when an event changed its chart. */
  ready(session: Session): void;
  /** Seats or areas changed. */
  changed(): void;
  eventChanged(event: SaleEvent): void;
  connection(state: Connection, problem?: Problem): void;
}

export class Session {
  event: SaleEvent | undefined;
  venue: Venue | undefined;
  occupancy: Occupancy | undefined;
  connection: Connection = 'connecting';
  private feed: Feed | undefined;
  private readonly stopper = new AbortController();
  private loading: Promise<void> | undefined;
  /** What the feed says while an event that moved is loaded: it is about the chart that is not there yet. */
  private meanwhile: (Availability | Commit)[] = [];
  private eventMeanwhile: SaleEvent | undefined;

  constructor(
    readonly client: Client,
    readonly eventId: string,
    private readonly handlers: SessionHandlers,
  ) {}

  /** @throws {Problem} when there is no such event, or no such key. */
  async start(): Promise<void> {
    await this.load();
    if (this.stopper.signal.aborted) return;
    this.feed = new Feed(this.client, this.eventId, {
      snapshot: (state) => {
        if (this.loading) {
          this.meanwhile = [state];
          return;
        }
        if (state.chart_id !== (this.event?.chart_id ?? null) || !this.occupancy?.replace(state)) {
          this.meanwhile = [state];
          this.loadAnew();
          return;
        }
        if (this.event && this.event.status !== state.status) this.setEvent({ ...this.event, status: state.status });
        this.handlers.changed();
      },
      commit: (commit) => {
        if (this.loading) {
          this.meanwhile.push(commit);
          return true;
        }
        const isApplied = this.occupancy?.apply(commit) ?? false;
        if (isApplied) this.handlers.changed();
        return isApplied;
      },
      event: (event) => this.setEvent(event),
      connection: (state, problem) => {
        if (state === this.connection) return;
        this.connection = state;
        this.handlers.connection(state, problem);
      },
    });
    this.feed.start();
  }

  stop(): void {
    this.stopper.abort();
    this.feed?.stop();
  }

  private setEvent(event: SaleEvent): void {
    if (event === null || typeof event !== 'object' || event.id !== this.eventId) return;
    if (this.loading) {
      this.eventMeanwhile = event;
      return;
    }
    const isOtherPlace = this.isOfOtherPlace(event);
    this.event = event;
    if (isOtherPlace) this.loadAnew();
    else this.handlers.eventChanged(event);
  }

  private isOfOtherPlace(event: SaleEvent): boolean {
    return event.chart_id !== this.event?.chart_id || JSON.stringify(event.areas) !== JSON.stringify(this.event?.areas);
  }

  /** The map no longer fits the event: everything from the beginning, until what the feed says meanwhile fits too. */
  private loadAnew(): void {
    this.loading ??= this.loadUntilItFits();
  }

  private async loadUntilItFits(): Promise<void> {
    const { signal } = this.stopper;
    while (!signal.aborted) {
      try {
        await this.load();
        if (this.catchUp()) {
          // At once: whatever the feed says from here on is for the new map.
          this.loading = undefined;
          this.handlers.connection(this.connection);
          this.handlers.changed();
          return;
        }
      } catch (error) {
        const problem = asProblem(error);
        this.handlers.connection(problem.code === TOO_LARGE ? 'failed' : 'lost', problem);
        if (problem.code === TOO_LARGE) {
          this.loading = undefined;
          return;
        }
      }
      await pause(LOAD_WAIT_MS, signal).catch(() => undefined);
    }
  }

  /** Applies what the feed said meanwhile; false when a server that is behind gave an older event, or older seats. */
  private catchUp(): boolean {
    const event = this.eventMeanwhile;
    if (event && event.seq > (this.event?.seq ?? 0)) {
      if (this.isOfOtherPlace(event)) return false;
      this.event = event;
      this.handlers.eventChanged(event);
    }
    for (const told of this.meanwhile) {
      const { event, occupancy } = this;
      if (!event || !occupancy) return false;
      if ('from' in told && told.seq <= occupancy.seq) continue;
      if ('from' in told) {
        if (told.from > occupancy.seq + 1 || !occupancy.apply(told)) return false;
      } else if (told.chart_id !== event.chart_id || (told.seq > occupancy.seq && !occupancy.replace(told))) {
        return false;
      }
    }
    this.meanwhile = [];
    this.eventMeanwhile = undefined;
    return true;
  }

  private async load(): Promise<void> {
    const event = await this.client.event(this.eventId);
    const chart = event.chart_id === null ? undefined : await this.client.chart(event.chart_id);
    const seats = seatCount(chart);
    if (seats > SEATS_MAX) {
      throw new Problem({ status: 0, code: TOO_LARGE, title: `${seats} seats are more than a map can show`, detail: '', retryable: false });
    }
    const venue = layOut(chart, event.areas, event.categories);
    const occupancy = new Occupancy(venue);
    // The feed begins with the same; but where something on the way holds streams back, the house is seen all the same.
    const state = await this.client.availability(this.eventId);
    if (!occupancy.replace(state)) throw new Problem({ status: 0, code: 'network', title: 'The chart and the seats do not fit together', detail: '', retryable: true });
    if (this.stopper.signal.aborted) return;
    this.event = event;
    this.venue = venue;
    this.occupancy = occupancy;
    this.handlers.ready(this);
  }
}
