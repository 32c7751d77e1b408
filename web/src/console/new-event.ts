/** Making an event: a chart from a file or from the server, areas, prices, times. */

import { LitElement, type TemplateResult, css, html, nothing } from 'lit';
import { asProblem } from '../api/client';
import type { Organizer } from '../api/organizer';
import type { Category, Chart, ChartSummary, NewEvent } from '../api/types';
import { SEATS_MAX } from '../map/session';
import { seatCount } from '../model/venue';
import { controls, tokens } from '../style/tokens';
import { type Speech, explainTo } from '../text/console';
import './chart-preview';
import { WrongField, priceField, readCount, readPrices, readTime } from './fields';
import { consoleStyles } from './styles';

/** What the server takes, in bytes. */
const CHART_BYTES_MAX = 32 * 1024 * 1024;
/** The ticket type that the server gives an event that names none. */
const STANDARD = 'standard';

interface AreaDraft {
  name: string;
  units: string;
  category: string;
}

export class NewEventForm extends LitElement {
  static override styles = [
    tokens,
    controls,
    consoleStyles,
    css`
      :host {
        display: block;
        max-width: 1000px;
        margin: 0 auto;
      }
      form {
        display: grid;
        gap: 18px;
      }
      section {
        display: grid;
        gap: 12px;
      }
      .fields {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(210px, 1fr));
        gap: 12px 18px;
        align-items: end;
      }
      label {
        min-width: 0;
      }
      .fields :is(select, input) {
        width: 100%;
      }
    `,
  ];
  static override properties = { client: { attribute: false }, speech: { attribute: false }, theme: { type: String, reflect: true }, charts: { state: true }, chart: { state: true }, areas: { state: true }, said: { state: true }, refused: { state: true }, isBusy: { state: true }, currency: { state: true } };
  declare client: Organizer;
  declare speech: Speech;
  declare theme: 'light' | 'dark';
  declare private charts: ChartSummary[];
  declare private chart: Chart | undefined;
  declare private areas: AreaDraft[];
  declare private said: string | undefined;
  declare private refused: string | undefined;
  declare private isBusy: boolean;
  declare private currency: string;

  constructor() {
    super();
    this.charts = [];
    this.areas = [];
    this.isBusy = false;
    this.currency = 'EUR';
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.run(async () => {
      this.charts = (await this.client.charts()).items;
    });
  }

  private async run(action: () => Promise<void>): Promise<void> {
    const { settings } = this.speech.texts;
    this.isBusy = true;
    this.refused = undefined;
    try {
      await action();
    } catch (error) {
      if (error instanceof WrongField) {
        this.refused = error.field.startsWith('price:') ? settings.priceWrong(error.what) : error.field.endsWith('_at') ? settings.timeWrong(error.what) : settings.numberWrong(error.what);
        this.renderRoot.querySelector<HTMLElement>(`[name="${CSS.escape(error.field)}"]`)?.focus();
      } else this.refused = explainTo(asProblem(error), this.speech);
    } finally {
      this.isBusy = false;
      void this.updateComplete.then(() => this.renderRoot.querySelector('.problem')?.scrollIntoView({ block: 'nearest' }));
    }
  }

  /** Categories of the chart, and those that only the areas have. */
  private get categories(): Pick<Category, 'key' | 'name'>[] {
    const known = this.chart?.categories ?? [];
    const keys = new Set(known.map((category) => category.key));
    const added = [...new Set(this.areas.map((area) => area.category.trim()).filter((key) => key !== '' && !keys.has(key)))];
    return [...known, ...added.map((key) => ({ key, name: key }))];
  }

  private show(id: string): Promise<void> {
    return this.run(async () => {
      this.said = undefined;
      this.chart = id === '' ? undefined : await this.client.chart(id);
    });
  }

  /** A pretix plan has zones where an own chart has sections. */
  private upload(file: File | undefined): Promise<void> {
    const { create } = this.speech.texts;
    return this.run(async () => {
      this.said = undefined;
      if (!file) return;
      if (file.size > CHART_BYTES_MAX) {
        this.refused = create.tooLarge(CHART_BYTES_MAX / 1024 / 1024);
        return;
      }
      this.said = create.uploading;
      try {
        const text = await file.text();
        const isPretix = isPretixPlan(text);
        if (isPretix === undefined) {
          this.refused = create.notJson;
          this.said = undefined;
          return;
        }
        const made = await this.client.createChart(text, isPretix ? 'pretix' : 'flashtix');
        this.charts = [...this.charts.filter((known) => known.id !== made.id), made];
        this.chart = await this.client.chart(made.id);
        const renamed = made.renamed?.length ?? 0;
        this.said = `${create.uploaded(made.name, made.seats)}${renamed > 0 ? ` ${create.renamed(renamed)}` : ''}`;
      } catch (error) {
        this.said = undefined;
        throw error;
      }
    });
  }

  private submit(form: FormData): Promise<void> {
    const { create, settings } = this.speech.texts;
    return this.run(async () => {
      const text = (name: string) => String(form.get(name) ?? '').trim();
      if (!this.chart && this.areas.length === 0) {
        this.refused = create.needsPlaces;
        return;
      }
      const time = (name: string, what: string) => {
        if (text(name) === '') return undefined;
        const read = readTime(text(name));
        if (read === undefined) throw new WrongField(name, what);
        return read;
      };
      const areas = this.areas.map((area, at) => {
        const capacity = readCount(area.units);
        if (capacity === undefined) throw new WrongField(`units:${at}`, create.areaUnits);
        return { name: area.name.trim(), capacity, category: area.category.trim() };
      });
      const perBuyer = text('per_buyer') === '' ? undefined : readCount(text('per_buyer'));
      if (text('per_buyer') !== '' && perBuyer === undefined) throw new WrongField('per_buyer', settings.perBuyer);
      const [startsAt, opensAt, closesAt] = [time('starts_at', settings.startsAt), time('opens_at', settings.opensAt), time('closes_at', settings.closesAt)];
      const event: NewEvent = {
        name: text('name'),
        currency: this.currency,
        status: text('status') === 'draft' ? 'draft' : 'open',
        prices: readPrices(form, this.categories.map((category) => category.key), [STANDARD], this.currency),
        public_confirm: form.get('public_confirm') !== null,
        ...(this.chart ? { chart_id: this.chart.id } : {}),
        ...(areas.length > 0 ? { areas } : {}),
        ...(startsAt ? { starts_at: startsAt } : {}),
        ...(opensAt || closesAt ? { sale: { opens_at: opensAt ?? null, closes_at: closesAt ?? null } } : {}),
        ...(perBuyer === undefined ? {} : { max_per_buyer: perBuyer }),
      };
      const made = await this.client.createEvent(event);
      this.dispatchEvent(new CustomEvent('console-go', { detail: `/console/e/${made.id}`, bubbles: true, composed: true }));
    });
  }

  override render(): TemplateResult {
    const { create } = this.speech.texts;
    const submit = (submitted: SubmitEvent) => {
      submitted.preventDefault();
      void this.submit(new FormData(submitted.target as HTMLFormElement));
    };
    return html`<h2>${create.title}</h2>
      <form @submit=${submit}>
        <section class="panel">${this.chartPart()}</section>
        <section class="panel"><h2>${create.areas}</h2>${this.areaPart()}</section>
        <section class="panel">${this.eventPart()}</section>
      </form>`;
  }

  private chartPart(): TemplateResult {
    const { create } = this.speech.texts;
    const isDrawable = this.chart !== undefined && seatCount(this.chart) <= SEATS_MAX;
    return html`<h2>${create.chart}</h2>
      <div class="fields">
        <label>${create.known}<select name="chart" @change=${(change: Event) => void this.show((change.target as HTMLSelectElement).value)}>
          <option value="">${create.noChart}</option>
          ${this.charts.map((known) => html`<option value=${known.id} ?selected=${known.id === this.chart?.id}>${known.name} (${known.seats})</option>`)}
        </select></label>
        <label>${create.upload}<input type="file" accept=".json,application/json" ?disabled=${this.isBusy} @change=${(change: Event) => void this.upload((change.target as HTMLInputElement).files?.[0])} /></label>
      </div>
      <div aria-live="polite">
        ${this.said ? html`<p class="done">${this.said}</p>` : nothing}${this.refused ? html`<p class="problem" role="alert">${this.refused}</p>` : nothing}
      </div>
      ${isDrawable ? html`<flashtix-chart-preview theme=${this.theme} language=${this.speech.language} label=${create.preview} .chart=${this.chart}></flashtix-chart-preview>` : nothing}
      ${this.chart && !isDrawable ? html`<p class="note">${create.previewTooLarge}</p>` : nothing}`;
  }

  private areaPart(): TemplateResult {
    const { create } = this.speech.texts;
    const set = (at: number, change: Partial<AreaDraft>) => (this.areas = this.areas.map((area, index) => (index === at ? { ...area, ...change } : area)));
    const value = (input: Event) => (input.target as HTMLInputElement).value;
    return html`${this.areas.map((area, at) => html`<div class="line">
        <label>${create.areaName}<input maxlength="64" required .value=${area.name} @input=${(input: Event) => set(at, { name: value(input) })} /></label>
        <label>${create.areaUnits}<input name="units:${at}" inputmode="numeric" required .value=${area.units} @input=${(input: Event) => set(at, { units: value(input) })} /></label>
        <label>${create.areaCategory}<input maxlength="64" required list="categories" .value=${area.category} @change=${(input: Event) => set(at, { category: value(input) })} /></label>
        <button type="button" class="plain" aria-label=${create.removeArea(area.name)} @click=${() => (this.areas = this.areas.filter((_, index) => index !== at))}>✕</button>
      </div>`)}
      <datalist id="categories">${this.categories.map((category) => html`<option value=${category.key}></option>`)}</datalist>
      <div><button type="button" @click=${() => (this.areas = [...this.areas, { name: '', units: '', category: '' }])}>${create.addArea}</button></div>`;
  }

  private eventPart(): TemplateResult {
    const { create, settings } = this.speech.texts;
    return html`<div class="fields">
        <label>${create.name}<input name="name" maxlength="200" required /></label>
        <label>${create.currency}<input name="currency" maxlength="3" pattern="[A-Z]{3}" required .value=${this.currency} @change=${(change: Event) => (this.currency = (change.target as HTMLInputElement).value.trim().toUpperCase())} /></label>
        <label>${settings.startsAt}<input name="starts_at" type="datetime-local" /></label>
        <label>${settings.opensAt}<input name="opens_at" type="datetime-local" /></label>
        <label>${settings.closesAt}<input name="closes_at" type="datetime-local" /></label>
        <label>${settings.perBuyer}<input name="per_buyer" inputmode="numeric" placeholder=${settings.perBuyerHint} /></label>
        <label>${create.status}<select name="status"><option value="draft">${create.draft}</option><option value="open">${create.open}</option></select></label>
      </div>
      <h2>${settings.prices} (${this.currency})</h2>
      <div class="fields">${this.categories.map((category, at) => html`<label>${category.name}<input name=${priceField(at, 0)} inputmode="decimal" placeholder=${settings.notSold} /></label>`)}</div>
      <label class="check"><input type="checkbox" name="public_confirm" />${settings.publicConfirm}</label>
      <div><button class="primary" ?disabled=${this.isBusy}>${create.submit}</button></div>`;
  }
}

/** Whether a file is a pretix plan; undefined where it is no JSON object. */
function isPretixPlan(text: string): boolean | undefined {
  try {
    const read: unknown = JSON.parse(text);
    return read !== null && typeof read === 'object' && !Array.isArray(read) ? Array.isArray((read as { zones?: unknown }).zones) : undefined;
  } catch {
    return undefined;
  }
}

customElements.define('flashtix-new-event', NewEventForm);
