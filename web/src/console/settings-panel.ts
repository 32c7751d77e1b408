/** What may be changed about an event while it is on sale: limits, times, prices. */

import { LitElement, type TemplateResult, css, html, nothing } from 'lit';
import { asProblem } from '../api/client';
import type { Organizer } from '../api/organizer';
import type { EventPatch, SaleEvent } from '../api/types';
import { priceOf } from '../model/prices';
import { controls, tokens } from '../style/tokens';
import { type Speech, explainTo } from '../text/console';
import { WrongField, priceField, readCount, readPrices, readTime, writeAmount, writeTime } from './fields';
import { consoleStyles } from './styles';

export class SettingsPanel extends LitElement {
  static override styles = [
    tokens,
    controls,
    consoleStyles,
    css`
      form {
        display: grid;
        gap: 14px;
      }
      .fields {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(210px, 1fr));
        gap: 12px 18px;
      }
      fieldset {
        border: 1px solid var(--line);
        border-radius: 8px;
      }
    `,
  ];
  static override properties = { client: { attribute: false }, speech: { attribute: false }, event: { attribute: false }, theme: { type: String, reflect: true }, said: { state: true }, refused: { state: true }, isBusy: { state: true } };
  declare client: Organizer;
  declare speech: Speech;
  declare event: SaleEvent;
  declare theme: string;
  declare private said: string | undefined;
  declare private refused: string | undefined;
  declare private isBusy: boolean;

  /** Only what was changed here is sent, so that two who work at once undo nothing of each other. */
  private async save(form: HTMLFormElement): Promise<void> {
    const { settings } = this.speech.texts;
    this.said = undefined;
    this.refused = undefined;
    this.isBusy = true;
    try {
      const patch = this.patchOf(new FormData(form));
      if (Object.keys(patch).length > 0) {
        const event = await this.client.changeEvent(this.event.id, patch);
        this.dispatchEvent(new CustomEvent('settings-saved', { detail: event }));
      }
      this.said = this.speech.texts.saved;
    } catch (error) {
      if (error instanceof WrongField) {
        this.refused = error.field.startsWith('price:') ? settings.priceWrong(error.what) : error.field.endsWith('_at') ? settings.timeWrong(error.what) : settings.numberWrong(error.what);
        (form.elements.namedItem(error.field) as HTMLElement | null)?.focus();
      } else this.refused = explainTo(asProblem(error), this.speech);
    } finally {
      this.isBusy = false;
    }
  }

  private patchOf(form: FormData): EventPatch {
    const { settings } = this.speech.texts;
    const { event } = this;
    const text = (name: string) => String(form.get(name) ?? '').trim();
    const patch: EventPatch = {};
    if (text('name') !== event.name) patch.name = text('name');
    if (text('per_buyer') !== String(event.max_per_buyer ?? '')) patch.max_per_buyer = text('per_buyer') === '' ? null : count('per_buyer', settings.perBuyer);
    for (const [field, name] of [['hold_seconds', settings.hold], ['max_hold_seconds', settings.holdMax]] as const) {
      if (text(field) !== minutes(event[field])) patch[field] = seconds(field, name);
    }
    const sale: Partial<SaleEvent['sale']> = {};
    for (const [field, name] of [['opens_at', settings.opensAt], ['closes_at', settings.closesAt]] as const) {
      if (text(field) !== writeTime(event.sale[field])) sale[field] = moment(field, name);
    }
    if (Object.keys(sale).length > 0) patch.sale = { ...event.sale, ...sale };
    if (text('starts_at') !== writeTime(event.starts_at)) patch.starts_at = moment('starts_at', settings.startsAt);
    const isPublic = form.get('public_confirm') !== null;
    if (isPublic !== event.public_confirm) patch.public_confirm = isPublic;
    if (event.categories.some((category, at) => event.ticket_types.some((type, index) => text(priceField(at, index)) !== this.price(category, type.key)))) {
      patch.prices = readPrices(form, event.categories, event.ticket_types.map((type) => type.key), event.currency);
    }
    return patch;

    function count(field: string, name: string): number {
      const number = readCount(text(field));
      if (number === undefined) throw new WrongField(field, name);
      return number;
    }
    function seconds(field: string, name: string): number {
      const value = Number(text(field).replace(',', '.')) * 60;
      if (!Number.isFinite(value) || Math.round(value) < 1) throw new WrongField(field, name);
      return Math.round(value);
    }
    function moment(field: string, name: string): string | null {
      if (text(field) === '') return null;
      const time = readTime(text(field));
      if (time === undefined) throw new WrongField(field, name);
      return time;
    }
  }

  private price(category: string, ticketType: string): string {
    const price = priceOf(this.event, category, ticketType);
    return price === undefined ? '' : writeAmount(price, this.event.currency);
  }

  override render(): TemplateResult {
    const { settings } = this.speech.texts;
    const { event } = this;
    const submit = (submitted: SubmitEvent) => {
      submitted.preventDefault();
      void this.save(submitted.target as HTMLFormElement);
    };
    return html`<form @submit=${submit} novalidate>
      <div class="fields">
        <label>${settings.name}<input name="name" maxlength="200" .value=${event.name} required /></label>
        <label>${settings.perBuyer}<input name="per_buyer" inputmode="numeric" placeholder=${settings.perBuyerHint} .value=${String(event.max_per_buyer ?? '')} /></label>
        <label>${settings.hold}<input name="hold_seconds" inputmode="decimal" .value=${minutes(event.hold_seconds)} /></label>
        <label>${settings.holdMax}<input name="max_hold_seconds" inputmode="decimal" .value=${minutes(event.max_hold_seconds)} /></label>
        <label>${settings.opensAt}<input name="opens_at" type="datetime-local" .value=${writeTime(event.sale.opens_at)} /></label>
        <label>${settings.closesAt}<input name="closes_at" type="datetime-local" .value=${writeTime(event.sale.closes_at)} /></label>
        <label>${settings.startsAt}<input name="starts_at" type="datetime-local" .value=${writeTime(event.starts_at)} /></label>
      </div>
      <fieldset>
        <legend>${settings.prices} (${event.currency})</legend>
        <div class="fields">${event.categories.flatMap((category, at) => event.ticket_types.map((type, index) => html`<label>${category}${event.ticket_types.length > 1 ? `, ${type.name ?? type.key}` : ''}<input name=${priceField(at, index)} inputmode="decimal" placeholder=${settings.notSold} .value=${this.price(category, type.key)} /></label>`))}</div>
      </fieldset>
      <label class="check"><input type="checkbox" name="public_confirm" .checked=${event.public_confirm} />${settings.publicConfirm}</label>
      <div aria-live="polite">
        ${this.said ? html`<p class="done">${this.said}</p>` : nothing}${this.refused ? html`<p class="problem" role="alert">${this.refused}</p>` : nothing}
      </div>
      <div><button class="primary" ?disabled=${this.isBusy}>${settings.save}</button></div>
    </form>`;
  }
}

/** Seconds as minutes, with as many digits as it takes. */
function minutes(seconds: number): string {
  return String(Math.round((seconds / 60) * 1_000) / 1_000);
}

customElements.define('flashtix-settings-panel', SettingsPanel);
