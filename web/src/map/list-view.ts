/** The same seats as a list: sections, then rows of buttons. For screen readers, small screens, and whoever prefers it. */

import { LitElement, type TemplateResult, html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { SaleEvent } from '../api/types';
import { FREE, type Occupancy, statusName } from '../model/occupancy';
import { lowest, money } from '../model/prices';
import { ACCESSIBLE, COMPANION, RESTRICTED, type Venue, seatName } from '../model/venue';
import { controls, tokens } from '../style/tokens';
import { type Texts, textsFor } from '../text';
import { listStyles } from './styles';

/** Rows and seats shown at once; more come on request, so that no chart freezes the page. */
const ROWS_SHOWN = 60;
const SEATS_SHOWN = 300;

export interface ListHost {
  isChosen(seat: number): boolean;
  isMine(seat: number): boolean;
  toggle(seat: number): void;
}

export class SeatList extends LitElement {
  static override styles = [tokens, controls, listStyles];
  static override properties = {
    venue: { attribute: false },
    occupancy: { attribute: false },
    event: { attribute: false },
    texts: { attribute: false },
    language: { type: String },
    host: { attribute: false },
    version: { type: Number },
    section: { state: true },
    rowsShown: { state: true },
    seatsShown: { state: true },
  };
  declare venue: Venue | undefined;
  declare occupancy: Occupancy | undefined;
  declare event: SaleEvent | undefined;
  declare texts: Texts;
  declare language: string;
  declare host: ListHost | undefined;
  /** Changes whenever what is shown has. */
  declare version: number;
  declare section: number | undefined;
  declare rowsShown: number;
  declare seatsShown: number;

  constructor() {
    super();
    this.texts = textsFor('en').texts;
    this.language = 'en';
    this.version = 0;
    this.rowsShown = ROWS_SHOWN;
    this.seatsShown = SEATS_SHOWN;
  }

  override render(): TemplateResult | typeof nothing {
    const { venue } = this;
    if (!venue || !this.occupancy || !this.event) return nothing;
    return this.section === undefined || !venue.sections[this.section] ? this.sections(venue) : this.rows(venue, this.section);
  }

  private sections(venue: Venue): TemplateResult {
    const { texts } = this;
    return html`<h2 id="title" tabindex="-1">${texts.chooseSection}</h2>
      <ul aria-labelledby="title">
        ${venue.sections.slice(0, this.rowsShown * 4).map((section, index) => {
          const free = this.occupancy!.freeBySection[index] ?? 0;
          return html`<li>
            <button @click=${() => this.open(index)}>
              <span>${texts.section} ${section.name}</span><span class="quiet">${texts.left(free)}</span>
            </button>
          </li>`;
        })}
      </ul>
      ${this.moreRows(venue.sections.length - this.rowsShown * 4)}`;
  }

  private rows(venue: Venue, index: number): TemplateResult {
    const { texts } = this;
    const section = venue.sections[index]!;
    const rows = section.rows.slice(0, this.rowsShown);
    return html`<button @click=${() => this.open(undefined)}>← ${texts.back}</button>
      <h2 id="title" tabindex="-1">${texts.section} ${section.name} <span class="quiet">${texts.left(this.occupancy!.freeBySection[index] ?? 0)}</span></h2>
      ${rows.map((row) => {
        const end = Math.min(row.end, row.first + this.seatsShown);
        const seats = Array.from({ length: end - row.first }, (_, at) => row.first + at);
        return html`<h3>${texts.row} ${row.label}</h3>
          <ul class="seats" aria-label="${texts.row} ${row.label}">
            ${repeat(seats, (seat) => seat, (seat) => html`<li>${this.seat(venue, seat)}</li>`)}
          </ul>
          ${row.end > end ? html`<button @click=${() => (this.seatsShown += SEATS_SHOWN)}>${texts.more(row.end - end)}</button>` : nothing}`;
      })}
      ${this.moreRows(section.rows.length - this.rowsShown)}`;
  }

  private moreRows(count: number): TemplateResult | typeof nothing {
    return count > 0 ? html`<p><button @click=${() => (this.rowsShown += ROWS_SHOWN)}>${this.texts.more(count)}</button></p>` : nothing;
  }

  private seat(venue: Venue, seat: number): TemplateResult {
    const { texts, host } = this;
    const category = venue.categories[venue.category[seat]!];
    const isMine = host?.isMine(seat) ?? false;
    const isChosen = host?.isChosen(seat) ?? false;
    const status = this.occupancy!.seats[seat]!;
    const price = category ? lowest(this.event!, category.key) : undefined;
    const flags = venue.flags[seat]!;
    const words = [
      seatName(venue, seat),
      category?.name,
      price === undefined ? texts.notSold : money(price, this.event!.currency, this.language),
      isMine ? texts.mine : isChosen ? texts.chosen : texts.status[statusName(status)],
      flags & ACCESSIBLE ? texts.accessible : '',
      flags & COMPANION ? texts.companion : '',
      flags & RESTRICTED ? texts.restricted : '',
    ].filter(Boolean);
    return html`<button
      aria-pressed=${isChosen || isMine ? 'true' : 'false'}
      ?disabled=${(status !== FREE && !isChosen) || isMine || price === undefined}
      aria-label="${texts.seat} ${words.join(', ')}"
      @click=${() => host?.toggle(seat)}
    >
      <span>${seatName(venue, seat)}${flags & ACCESSIBLE ? ' ♿︎' : ''}</span>
      <svg class="swatch" viewBox="0 0 2 2" aria-hidden="true"><circle cx="1" cy="1" r="1" fill=${category?.color ?? 'gray'} /></svg>
    </button>`;
  }

  private open(section: number | undefined): void {
    this.section = section;
    this.rowsShown = ROWS_SHOWN;
    this.seatsShown = SEATS_SHOWN;
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>('#title')?.focus());
  }
}

if (!customElements.get('flashtix-seat-list')) customElements.define('flashtix-seat-list', SeatList);
