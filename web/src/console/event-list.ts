/** All events of the key's organization, each with how far it is sold. */

import { LitElement, type TemplateResult, css, html, nothing } from 'lit';
import { type Problem, asProblem, pause } from '../api/client';
import type { Organizer } from '../api/organizer';
import type { Counts, SaleEvent } from '../api/types';
import { controls, tokens } from '../style/tokens';
import { dateTime } from '../text';
import { type Speech, explainTo } from '../text/console';
import { bar, totalOf } from './bar';
import { consoleStyles } from './styles';

/** How often counts are read anew, in milliseconds, after the last one was. */
const EVERY_MS = 2_000;

export class EventList extends LitElement {
  static override styles = [
    tokens,
    controls,
    consoleStyles,
    css`
      :host {
        display: grid;
        gap: 12px;
        max-width: 1100px;
        margin: 0 auto;
      }
      a.panel {
        display: grid;
        grid-template-columns: minmax(200px, 1fr) minmax(200px, 1fr);
        gap: 6px 24px;
        align-items: center;
        color: inherit;
        text-decoration: none;
      }
      a.panel:hover {
        outline: 2px solid var(--accent);
      }
      h2 {
        font-size: 17px;
        margin: 0;
      }
      @media (max-width: 640px) {
        a.panel {
          grid-template-columns: 1fr;
        }
      }
    `,
  ];
  static override properties = { client: { attribute: false }, speech: { attribute: false }, theme: { type: String, reflect: true }, events: { state: true }, problem: { state: true }, counts: { state: true }, cursor: { state: true } };
  declare client: Organizer;
  declare speech: Speech;
  declare theme: string;
  declare private events: SaleEvent[] | undefined;
  declare private problem: Problem | undefined;
  declare private counts: ReadonlyMap<string, Counts>;
  declare private cursor: string | null;
  private readonly stopper = new AbortController();

  constructor() {
    super();
    this.counts = new Map();
    this.cursor = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.run();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stopper.abort();
  }

  private async run(): Promise<void> {
    const { signal } = this.stopper;
    while (!signal.aborted) {
      if (!this.events) await this.readMore();
      for (const event of this.events ?? []) {
        if (signal.aborted) return;
        await this.count(event);
      }
      await pause(EVERY_MS, signal).catch(() => undefined);
    }
  }

  private async readMore(): Promise<void> {
    try {
      const page = await this.client.events(this.cursor ?? undefined);
      this.events = [...(this.events ?? []), ...page.items];
      this.cursor = page.next_cursor;
      this.problem = undefined;
    } catch (error) {
      this.problem = asProblem(error);
    }
  }

  private async count(event: SaleEvent): Promise<void> {
    try {
      const state = await this.client.availability(event.id);
      const sum = { free: 0, held: 0, sold: 0, blocked: 0 };
      for (const counts of Object.values(state.categories)) {
        for (const name of ['free', 'held', 'sold', 'blocked'] as const) sum[name] += counts[name];
      }
      this.counts = new Map(this.counts).set(event.id, sum);
      if (state.status !== event.status) this.events = this.events?.map((known) => (known.id === event.id ? { ...known, status: state.status } : known));
      this.problem = undefined;
    } catch (error) {
      this.problem = asProblem(error);
    }
  }

  override render(): TemplateResult {
    const { texts } = this.speech;
    return html`${this.problem ? html`<p class="problem" role="alert">${explainTo(this.problem, this.speech)}</p>` : nothing}
      ${this.events === undefined ? html`<p role="status">${texts.loading}</p>` : nothing}
      ${this.events?.length === 0 ? html`<p>${texts.noEvents} <a href="/console/new">${texts.newEvent}</a></p>` : nothing}
      ${this.events?.map((event) => this.card(event))}
      ${this.cursor !== null ? html`<button @click=${() => void this.readMore()}>${texts.more}</button>` : nothing}`;
  }

  private card(event: SaleEvent): TemplateResult {
    const { texts, language } = this.speech;
    const counts = this.counts.get(event.id);
    const said = counts ? texts.soldOf(counts.sold.toLocaleString(language), totalOf(counts).toLocaleString(language)) : '';
    const when = [event.starts_at ? texts.begins(dateTime(event.starts_at, language)) : '', event.sale.opens_at ? texts.opens(dateTime(event.sale.opens_at, language)) : ''].filter(Boolean).join(' · ');
    return html`<a class="panel" href="/console/e/${event.id}">
      <span><h2>${event.name}</h2><span class="quiet">${when}</span></span>
      <span class="line"><span class="badge ${event.status}">${texts.status[event.status] ?? event.status}</span><span class="end">${said}</span></span>
      <span></span>${counts ? bar(counts, said) : html`<span class="bar"></span>`}
    </a>`;
  }
}

customElements.define('flashtix-event-list', EventList);
