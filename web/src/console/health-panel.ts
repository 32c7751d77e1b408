/** How the server bears the sale: rates, latencies, store and gate. */

import { LitElement, type TemplateResult, css, html, nothing } from 'lit';
import { tokens } from '../style/tokens';
import type { Speech } from '../text/console';
import type { Beat } from './metrics';
import './plot';
import type { Pulse } from './pulse';
import { consoleStyles } from './styles';

const OUTCOMES = { bookings: ['#0b6b3a', '#9be3b9'], refused: ['#a4161a', '#ffb3b3'] } as const;
const QUANTILES = { p50: ['#1b1f8a', '#aeb6ff'], p99: ['#7a4b00', '#ffd58a'] } as const;

export class HealthPanel extends LitElement {
  static override styles = [
    tokens,
    consoleStyles,
    css`
      :host {
        display: block;
        min-width: 0;
      }
      dl {
        display: grid;
        grid-template-columns: repeat(2, 1fr);
        gap: 4px 18px;
        margin: 10px 0;
        font-size: 14px;
      }
      dl div {
        display: flex;
        justify-content: space-between;
        gap: 8px;
        border-bottom: 1px solid var(--line);
      }
      dt {
        color: var(--faint);
      }
      dd {
        margin: 0;
        font-variant-numeric: tabular-nums;
        text-align: end;
      }
      dd.bad {
        color: var(--danger);
        font-weight: 600;
      }
      h3 {
        margin: 12px 0 2px;
        font-size: 13px;
        font-weight: 600;
      }
      p {
        margin: 8px 0 0;
        font-size: 12px;
      }
    `,
  ];
  static override properties = { speech: { attribute: false }, pulse: { attribute: false }, beatCount: { attribute: false }, theme: { type: String, reflect: true } };
  declare speech: Speech;
  declare pulse: Pulse | undefined;
  /** Counts up with every beat, so that this is drawn again. */
  declare beatCount: number;
  declare theme: 'light' | 'dark';

  override render(): TemplateResult {
    const { room } = this.speech.texts;
    const beats = this.pulse?.beats ?? [];
    const line = (name: 'bookings' | 'refused' | 'p50' | 'p99', [light, dark]: readonly [string, string]) => ({ name: room[name], light, dark });
    const at = beats.map((beat) => beat.at / 1_000);
    const ms = (seconds: number | undefined) => (seconds === undefined ? null : seconds * 1_000);
    return html`<h2>${room.health}</h2>
      ${this.figures(beats.at(-1))}
      <h3>${room.rates}</h3>
      <flashtix-plot theme=${this.theme} language=${this.speech.language} label=${room.rates} .lines=${this.rateLines ??= [line('bookings', OUTCOMES.bookings), line('refused', OUTCOMES.refused)]} .data=${[at, beats.map((beat) => beat.bookings), beats.map((beat) => beat.refused)]}></flashtix-plot>
      <h3>${room.latency}</h3>
      <flashtix-plot theme=${this.theme} language=${this.speech.language} label=${room.latency} .lines=${this.latencyLines ??= [line('p50', QUANTILES.p50), line('p99', QUANTILES.p99)]} .data=${[at, beats.map((beat) => ms(beat.p50)), beats.map((beat) => ms(beat.p99))]}></flashtix-plot>
      <p class="quiet">${room.ofNode}</p>`;
  }

  private rateLines: { name: string; light: string; dark: string }[] | undefined;
  private latencyLines: { name: string; light: string; dark: string }[] | undefined;

  private figures(beat: Beat | undefined): TemplateResult {
    const { language, texts } = this.speech;
    const { room } = texts;
    const number = (value: number | undefined) => (value === undefined ? '–' : value.toLocaleString(language, { maximumFractionDigits: value < 10 ? 1 : 0 }));
    const ms = (seconds: number | undefined) => (seconds === undefined ? '–' : `${number(seconds * 1_000)} ms`);
    const figure = (name: string, value: string | TemplateResult, isBad = false) => html`<div><dt>${name}</dt><dd class=${isBad ? 'bad' : nothing}>${value}</dd></div>`;
    const health = this.pulse?.health ?? 'unknown';
    const gate = beat?.isGateBypassed ? room.gateBypassed : beat?.hasGate ? room.gateOn : room.gateOff;
    const refusals = Object.entries(beat?.refusals ?? {}).sort(([, a], [, b]) => b - a);
    return html`<dl>
        ${figure(room.requests, number(beat?.requests))}${figure(room.refused, number(beat?.refused))}
        ${figure(room.bookings, number(beat?.bookings))}${figure(room.sold, number(beat?.places))}
        ${figure(room.p50, ms(beat?.p50))}${figure(room.p99, ms(beat?.p99))}
        ${figure(room.perCommit, number(beat?.perCommit))}${figure(room.commits, number(beat?.commits))}
        ${figure(room.batch, ms(beat?.batchP99))}${figure(room.watchers, number(beat?.feedClients))}
        ${figure(room.store, room[health], health === 'unready' || health === 'down')}${figure(room.gate, gate, beat?.isGateBypassed ?? false)}
      </dl>
      <h3>${room.refusals}</h3>
      ${refusals.length === 0 ? html`<span class="quiet">${room.noRefusals}</span>` : html`<dl>${refusals.map(([code, rate]) => figure(code, number(rate)))}</dl>`}`;
  }
}

customElements.define('flashtix-health-panel', HealthPanel);
