/** The ledger's end as it grows, and all of it as a file. */

import { LitElement, type PropertyValues, type TemplateResult, css, html, nothing } from 'lit';
import { asProblem, pause } from '../api/client';
import type { Organizer } from '../api/organizer';
import type { LedgerItem, SaleEvent } from '../api/types';
import { money } from '../model/prices';
import { controls, tokens } from '../style/tokens';
import { time } from '../text';
import { type Speech, explainTo } from '../text/console';
import { save } from './csv';
import { ledgerCsv } from './exports';
import { consoleStyles } from './styles';

/** Entries on screen. */
const SHOWN_MAX = 60;
/** How far back it begins, in commits. */
const BEGIN_BEFORE = 40;
/** Commits of one answer. */
const PAGE = 40;
/** How long an answer may wait for news, in seconds. */
const WAIT_SECONDS = 20;
/** The shortest time between two answers, in milliseconds: nobody reads faster. */
const EVERY_MS = 500;
const AFTER_FAILURE_MS = 2_000;

export class LedgerPanel extends LitElement {
  static override styles = [
    tokens,
    controls,
    consoleStyles,
    css`
      :host {
        display: block;
      }
      .table {
        max-height: 420px;
        overflow: auto;
        margin-top: 8px;
      }
      td.at {
        white-space: nowrap;
      }
      td.places {
        min-width: 220px;
      }
    `,
  ];
  static override properties = { client: { attribute: false }, speech: { attribute: false }, event: { attribute: false }, theme: { type: String, reflect: true }, items: { state: true }, isFollowing: { state: true }, problem: { state: true }, exported: { state: true }, skipped: { state: true } };
  declare client: Organizer;
  declare speech: Speech;
  declare event: SaleEvent;
  declare theme: string;
  declare private items: LedgerItem[];
  declare private isFollowing: boolean;
  declare private problem: string | undefined;
  /** Entries of the file so far, while one is made. */
  declare private exported: number | undefined;
  declare private skipped: number;
  /** Ends when following is stopped. */
  private stopper = new AbortController();
  /** Ends with the panel. */
  private readonly life = new AbortController();
  /** The last commit that was read. */
  private seen = 0;

  constructor() {
    super();
    this.items = [];
    this.isFollowing = true;
    this.skipped = 0;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stopper.abort();
    this.life.abort();
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('isFollowing')) {
      this.stopper.abort();
      this.stopper = new AbortController();
      if (this.isFollowing) void this.follow(this.stopper.signal);
    }
  }

  private async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.lookOnce(signal);
        this.problem = undefined;
        await pause(EVERY_MS, signal);
      } catch (error) {
        if (signal.aborted) return;
        this.problem = explainTo(asProblem(error), this.speech);
        await pause(AFTER_FAILURE_MS, signal).catch(() => undefined);
      }
    }
  }

  /** What came since the last look; where that is more than is read, its end. */
  private async lookOnce(signal: AbortSignal): Promise<void> {
    const { seq } = await this.client.event(this.event.id);
    if (seq < this.seen) {
      // Another history: a restore, or a failover.
      this.items = [];
      this.seen = 0;
    }
    if (seq - BEGIN_BEFORE > this.seen) {
      this.seen = seq - BEGIN_BEFORE;
      this.skipped = this.seen;
    }
    const page = await this.client.ledger(this.event.id, { after: this.seen, limit: PAGE, wait: WAIT_SECONDS }, signal);
    const last = page.items.at(-1);
    if (!last) return;
    this.seen = last.seq;
    this.items = [...page.items.reverse(), ...this.items].slice(0, SHOWN_MAX);
  }

  private async download(): Promise<void> {
    if (this.exported !== undefined) return;
    this.exported = 0;
    try {
      const parts = await ledgerCsv(this.client, this.event, this.life.signal, (lines) => (this.exported = lines));
      save(`${this.event.id}-ledger.csv`, parts);
    } catch (error) {
      this.problem = explainTo(asProblem(error), this.speech);
    } finally {
      this.exported = undefined;
    }
  }

  override render(): TemplateResult {
    const { ledger: texts } = this.speech.texts;
    return html`<div class="line">
        <button aria-pressed=${this.isFollowing ? 'true' : 'false'} @click=${() => (this.isFollowing = !this.isFollowing)}>${this.isFollowing ? texts.hold : texts.follow}</button>
        <button class="end" ?disabled=${this.exported !== undefined} @click=${() => void this.download()}>${this.exported === undefined ? texts.download : texts.loading(this.exported)}</button>
      </div>
      ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
      ${this.items.length === 0 ? html`<p class="quiet">${texts.empty}</p>` : this.table()}`;
  }

  private table(): TemplateResult {
    const { ledger: texts } = this.speech.texts;
    return html`<div class="table" tabindex="0" role="region" aria-label=${texts.title}>
      <table>
        <thead><tr><th class="number">seq</th><th>${texts.at}</th><th>${texts.kind}</th><th>${texts.who}</th><th>${texts.places}</th><th class="number">${texts.amount}</th></tr></thead>
        <tbody>${this.items.map((item) => this.row(item))}</tbody>
      </table>
      ${this.skipped > 0 ? html`<p class="quiet">${texts.skipped(this.skipped)}</p>` : nothing}
    </div>`;
  }

  private row(item: LedgerItem): TemplateResult {
    const { ledger: texts } = this.speech.texts;
    const named = item.changes.slice(0, 4).map((change) => change.place ?? `${change.units} × ${change.area}`);
    const more = item.changes.length - named.length;
    const amount = item.changes.reduce((sum, change) => sum + (change.price ?? 0) * (change.units ?? 1), 0);
    return html`<tr>
      <td class="number">${item.seq}</td>
      <td class="at">${time(item.at, this.speech.language)}</td>
      <td>${texts.kinds[item.kind] ?? item.kind}</td>
      <td>${item.buyer ?? item.actor}</td>
      <td class="places">${named.join(', ')} ${more > 0 ? texts.others(more) : ''}</td>
      <td class="number">${amount > 0 ? money(amount, this.event.currency, this.speech.language) : ''}</td>
    </tr>`;
  }
}

customElements.define('flashtix-ledger-panel', LedgerPanel);
