/** One event while it is on sale: the map, the figures, what goes wrong, and everything an organizer can do about it. */

import { LitElement, type PropertyValues, type TemplateResult, css, html, nothing } from 'lit';
import { asProblem } from '../api/client';
import type { Organizer } from '../api/organizer';
import type { Connection, Counts, EventStatus, SaleEvent } from '../api/types';
import { controls, tokens } from '../style/tokens';
import { dateTime } from '../text';
import { type Speech, explainTo } from '../text/console';
import { alarms } from './alarms';
import { bar, totalOf } from './bar';
import './health-panel';
import './ledger-panel';
import './orders-panel';
import { Pulse } from './pulse';
import './room-map';
import './settings-panel';
import { consoleStyles } from './styles';

type Tab = 'ledger' | 'orders' | 'settings';
const TABS: Tab[] = ['ledger', 'orders', 'settings'];

export class ControlRoom extends LitElement {
  static override styles = [
    tokens,
    controls,
    consoleStyles,
    css`
      :host {
        display: grid;
        gap: 14px;
      }
      .top {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px 14px;
      }
      .top h2 {
        margin: 0;
        font-size: 20px;
      }
      .top .line {
        align-items: center;
      }
      .room {
        display: grid;
        grid-template-columns: minmax(0, 1fr) minmax(320px, 420px);
        gap: 14px;
        align-items: start;
      }
      flashtix-room-map {
        height: 640px;
        border-radius: var(--round);
        overflow: hidden auto;
        box-shadow: var(--shadow);
      }
      .strip {
        display: grid;
        grid-template-columns: repeat(2, minmax(0, 1fr));
        gap: 14px;
      }
      .main {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 14px;
      }
      .figures {
        display: grid;
        grid-template-columns: repeat(4, 1fr);
        gap: 8px;
        margin: 0 0 10px;
      }
      .figures div {
        display: grid;
      }
      .figures dt {
        font-size: 12px;
        color: var(--faint);
      }
      .figures dd {
        margin: 0;
        font-size: 20px;
        font-weight: 650;
        font-variant-numeric: tabular-nums;
      }
      ul.alarms {
        list-style: none;
        margin: 0;
        padding: 0;
        display: grid;
        gap: 6px;
      }
      ul.alarms .problem {
        margin: 0;
      }
      .tabs {
        display: flex;
        gap: 4px;
        margin-bottom: 12px;
      }
      dialog {
        max-width: 440px;
        border: 1px solid var(--line);
        border-radius: var(--round);
        background: var(--panel);
        color: var(--ink);
      }
      dialog::backdrop {
        background: rgb(0 0 0 / 45%);
      }
      @media (max-width: 980px) {
        .room,
        .strip {
          grid-template-columns: minmax(0, 1fr);
        }
        flashtix-room-map {
          height: 520px;
        }
      }
    `,
  ];
  static override properties = { client: { attribute: false }, speech: { attribute: false }, eventId: { attribute: false }, theme: { type: String, reflect: true }, event: { state: true }, counts: { state: true }, feed: { state: true }, tab: { state: true }, refused: { state: true }, asked: { state: true }, isBusy: { state: true }, beatCount: { state: true } };
  declare client: Organizer;
  declare speech: Speech;
  declare eventId: string;
  declare theme: 'light' | 'dark';
  declare private event: SaleEvent | undefined;
  declare private counts: Counts | undefined;
  declare private feed: Connection;
  declare private tab: Tab;
  declare private refused: string | undefined;
  /** The status that is about to be set, while that is asked back. */
  declare private asked: 'closed' | 'cancelled' | undefined;
  declare private isBusy: boolean;
  declare private beatCount: number;
  private pulse: Pulse | undefined;

  constructor() {
    super();
    this.feed = 'connecting';
    this.tab = 'ledger';
    this.isBusy = false;
    this.beatCount = 0;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.pulse = new Pulse(this.client);
    this.pulse.addEventListener('beat', () => (this.beatCount += 1));
    this.pulse.start();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.pulse?.stop();
  }

  protected override updated(changed: PropertyValues): void {
    if (!changed.has('asked')) return;
    const dialog = this.renderRoot.querySelector('dialog');
    if (this.asked && !dialog?.open) dialog?.showModal();
    else if (!this.asked && dialog?.open) dialog.close();
  }

  private async setStatus(status: EventStatus): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    this.asked = undefined;
    this.refused = undefined;
    try {
      this.event = await this.client.changeEvent(this.eventId, { status });
    } catch (error) {
      this.refused = explainTo(asProblem(error), this.speech);
    } finally {
      this.isBusy = false;
    }
  }

  override render(): TemplateResult {
    const { event } = this;
    return html`${event ? this.top(event) : nothing}
      ${this.refused ? html`<p class="problem" role="alert">${this.refused}</p>` : nothing}
      <div class="strip">${this.figures()}${this.alarmPanel()}</div>
      <div class="room">
        <div class="main">
        <flashtix-room-map
          theme=${this.theme}
          .client=${this.client}
          .speech=${this.speech}
          .eventId=${this.eventId}
          @room-event=${(told: CustomEvent<SaleEvent>) => (this.event = told.detail)}
          @room-counts=${(told: CustomEvent<Counts>) => (this.counts = told.detail)}
          @room-connection=${(told: CustomEvent<Connection>) => (this.feed = told.detail)}
        ></flashtix-room-map>
        ${event ? this.tabs(event) : nothing}
        </div>
        <flashtix-health-panel class="panel" theme=${this.theme} .speech=${this.speech} .pulse=${this.pulse} .beatCount=${this.beatCount}></flashtix-health-panel>
      </div>
      ${this.sure()}`;
  }

  private top(event: SaleEvent): TemplateResult {
    const { texts, language } = this.speech;
    const { room } = texts;
    const isFinal = event.status === 'closed' || event.status === 'cancelled';
    const go = event.status === 'open' ? { to: 'paused' as const, label: room.pause } : { to: 'open' as const, label: event.status === 'paused' ? room.resume : room.open };
    return html`<div class="top">
      <h2>${event.name}</h2>
      <span class="badge ${event.status}" role="status">${texts.status[event.status] ?? event.status}</span>
      ${event.starts_at ? html`<span class="quiet">${texts.begins(dateTime(event.starts_at, language))}</span>` : nothing}
      <a href="/e/${event.id}" target="_blank" rel="noopener">${texts.openPage}</a>
      <span class="line end" role="group" aria-label=${room.controls}>
        ${event.status === 'cancelled' ? nothing : html`<button class="primary" ?disabled=${this.isBusy} @click=${() => void this.setStatus(go.to)}>${go.label}</button>`}
        ${isFinal || event.status === 'draft' ? nothing : html`<button ?disabled=${this.isBusy} @click=${() => (this.asked = 'closed')}>${room.close}</button>`}
        ${event.status === 'cancelled' ? nothing : html`<button class="danger" ?disabled=${this.isBusy} @click=${() => (this.asked = 'cancelled')}>${room.cancel}</button>`}
      </span>
    </div>`;
  }

  private alarmPanel(): TemplateResult {
    const { alarms: texts } = this.speech.texts;
    const raised = alarms(this.pulse?.beats ?? [], this.pulse?.health ?? 'unknown', this.feed);
    return html`<section class="panel" aria-label=${texts.title}>
      <div role="status">
        ${raised.length === 0 ? html`<span class="quiet">${texts.none}</span>` : html`<ul class="alarms">${raised.map((alarm) => html`<li class="problem">${texts[alarm]}</li>`)}</ul>`}
      </div>
    </section>`;
  }

  private figures(): TemplateResult {
    const { texts, language } = this.speech;
    const { counts } = this;
    // Nothing is said before it is known: a zero would be a figure.
    const figure = (name: keyof Counts) => html`<div><dt>${texts.counts[name]}</dt><dd data-count=${name}>${counts ? counts[name].toLocaleString(language) : '–'}</dd></div>`;
    const said = counts ? texts.soldOf(counts.sold.toLocaleString(language), totalOf(counts).toLocaleString(language)) : '';
    return html`<section class="panel" aria-label=${texts.room.figures}>
      <dl class="figures">${figure('sold')}${figure('held')}${figure('free')}${figure('blocked')}</dl>
      ${counts ? bar(counts, said) : html`<div class="bar"></div>`}
    </section>`;
  }

  private tabs(event: SaleEvent): TemplateResult {
    const { texts } = this.speech;
    const shared = { client: this.client, speech: this.speech };
    const inside = {
      ledger: () => html`<flashtix-ledger-panel theme=${this.theme} .client=${shared.client} .speech=${shared.speech} .event=${event}></flashtix-ledger-panel>`,
      orders: () => html`<flashtix-orders-panel theme=${this.theme} .client=${shared.client} .speech=${shared.speech} .event=${event}></flashtix-orders-panel>`,
      settings: () => html`<flashtix-settings-panel theme=${this.theme} .client=${shared.client} .speech=${shared.speech} .event=${event} @settings-saved=${(saved: CustomEvent<SaleEvent>) => (this.event = saved.detail)}></flashtix-settings-panel>`,
    };
    return html`<section class="panel">
      <div class="tabs" role="tablist" @keydown=${this.keyed}>
        ${TABS.map((tab) => html`<button role="tab" id="tab-${tab}" aria-controls="inside" aria-selected=${this.tab === tab ? 'true' : 'false'} tabindex=${this.tab === tab ? 0 : -1} @click=${() => (this.tab = tab)}>${texts[tab].title}</button>`)}
      </div>
      <div id="inside" role="tabpanel" aria-labelledby="tab-${this.tab}">${inside[this.tab]()}</div>
    </section>`;
  }

  /** Arrows move between tabs, as the ARIA authoring practices have it. */
  private readonly keyed = (key: KeyboardEvent): void => {
    const step = key.key === 'ArrowRight' ? 1 : key.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    const inLine = this.speech.direction === 'rtl' ? -step : step;
    this.tab = TABS[(TABS.indexOf(this.tab) + inLine + TABS.length) % TABS.length]!;
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>(`#tab-${this.tab}`)?.focus());
  };

  private sure(): TemplateResult {
    const { texts } = this.speech;
    const { asked } = this;
    const label = asked === 'cancelled' ? texts.room.cancel : texts.room.close;
    return html`<dialog aria-labelledby="question" @close=${() => (this.asked = undefined)}>
      <h2 id="question">${label}?</h2>
      <p>${asked === 'cancelled' ? texts.room.cancelSure : texts.room.closeSure}</p>
      <div class="line">
        <button @click=${() => (this.asked = undefined)}>${texts.cancel}</button>
        <button class="danger" @click=${() => asked && void this.setStatus(asked)}>${label}</button>
      </div>
    </dialog>`;
  }
}

customElements.define('flashtix-control-room', ControlRoom);
