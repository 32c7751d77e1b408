/** The map as the organizer sees it: who has what, live, and a choice of seats to block or to free. */

import { LitElement, type PropertyValues, type TemplateResult, css, html, nothing } from 'lit';
import { type Problem, asProblem } from '../api/client';
import { type Organizer, PLACES_MAX } from '../api/organizer';
import type { Connection, Counts, SaleEvent } from '../api/types';
import { MapView } from '../map/map-view';
import { Session } from '../map/session';
import { mapStyles } from '../map/styles';
import { DARK, LIGHT } from '../map/theme';
import { BLOCKED, FREE, statusName } from '../model/occupancy';
import { seatName } from '../model/venue';
import { controls, tokens } from '../style/tokens';
import { textsFor } from '../text';
import { type Speech, explainTo } from '../text/console';
import { consoleStyles } from './styles';

/** How often counts beside the map follow, in milliseconds. */
const COUNTS_EVERY_MS = 200;

/** What the room hears of the map, as `detail` of its events. */
export interface RoomEvents {
  'room-counts': Counts;
  'room-event': SaleEvent;
  'room-connection': Connection;
}

export class RoomMap extends LitElement {
  static override styles = [
    tokens,
    controls,
    mapStyles,
    consoleStyles,
    css`
      :host {
        display: grid;
        grid-template-rows: auto minmax(300px, 1fr) auto;
        background: var(--panel);
      }
      .stage {
        background: var(--surface);
      }
      .tools {
        display: flex;
        align-items: center;
        gap: 12px;
        padding: 8px 14px;
        border-bottom: 1px solid var(--line);
      }
      .below {
        display: grid;
        gap: 8px;
        padding: 12px 14px;
        border-top: 1px solid var(--line);
      }
      .below input[type='number'] {
        width: 90px;
      }
      .below input[name='channel'] {
        width: 130px;
      }
      details > form {
        margin-top: 8px;
      }
      summary {
        cursor: pointer;
      }
    `,
  ];
  static override properties = {
    client: { attribute: false },
    speech: { attribute: false },
    eventId: { attribute: false },
    theme: { type: String, reflect: true },
    failure: { state: true },
    isPainting: { state: true },
    chosen: { state: true },
    isBusy: { state: true },
    said: { state: true },
    refused: { state: true },
    version: { state: true },
    tip: { state: true },
    section: { state: true },
    connection: { state: true },
  };
  declare client: Organizer;
  declare speech: Speech;
  declare eventId: string;
  declare theme: 'light' | 'dark';
  declare private failure: Problem | undefined;
  declare private isPainting: boolean;
  declare private chosen: ReadonlySet<number>;
  declare private isBusy: boolean;
  declare private said: string | undefined;
  declare private refused: string | undefined;
  declare private version: number;
  declare private tip: { seat: number; x: number; y: number } | undefined;
  declare private section: number;
  declare private connection: Connection;
  private session: Session | undefined;
  private map: MapView | undefined;
  private isPending = false;

  constructor() {
    super();
    this.theme = 'light';
    this.isPainting = false;
    this.chosen = new Set();
    this.isBusy = false;
    this.version = 0;
    this.section = 0;
    this.connection = 'connecting';
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.end();
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('client') || changed.has('eventId')) void this.begin();
    if (changed.has('theme')) this.map?.setTheme(this.theme === 'dark' ? DARK : LIGHT);
    this.placeTip();
  }

  private end(): void {
    this.session?.stop();
    this.map?.stop();
    this.session = undefined;
    this.map = undefined;
  }

  private async begin(): Promise<void> {
    this.end();
    this.failure = undefined;
    this.chosen = new Set();
    const session = new Session(this.client, this.eventId, {
      ready: (ready) => this.ready(ready),
      changed: () => this.changed(),
      eventChanged: (event) => this.tell('room-event', event),
      connection: (state, problem) => {
        this.connection = state;
        if (state === 'failed') this.failure = problem;
        this.tell('room-connection', state);
      },
    });
    this.session = session;
    try {
      await session.start();
    } catch (error) {
      if (this.session === session) this.failure = asProblem(error);
    }
  }

  private ready(session: Session): void {
    const { venue, occupancy, event } = session;
    if (!venue || !occupancy || !event) return;
    this.tell('room-event', event);
    // Seats have other numbers on another chart.
    if (this.map) this.choose([]);
    this.changed();
    void this.updateComplete.then(() => {
      const plan = this.renderRoot.querySelector<HTMLElement>('.plan');
      if (this.map) return this.map.setVenue(venue, occupancy);
      if (!plan) return undefined;
      const layer = (name: string) => plan.querySelector<HTMLCanvasElement>(`canvas.${name}`)!;
      const { texts } = textsFor(this.speech.language);
      this.map = new MapView(plan, { base: layer('base'), seats: layer('seats'), over: layer('over') }, venue, occupancy, this.theme === 'dark' ? DARK : LIGHT, {
        picked: (seat) => this.choose(this.chosen.has(seat) ? [...this.chosen].filter((other) => other !== seat) : [...this.chosen, seat]),
        areaPicked: () => undefined,
        hovered: (seat, x, y) => (this.tip = seat === undefined ? undefined : { seat, x, y }),
        painted: (seats) => this.choose([...this.chosen, ...seats]),
        isChosen: (seat) => this.chosen.has(seat),
        isMine: () => false,
        isWanted: () => true,
        isPainting: () => this.isPainting,
        left: (free) => texts.left(free),
        stage: () => texts.stage,
      });
      return undefined;
    });
  }

  private changed(): void {
    this.map?.changed();
    if (this.isPending) return;
    this.isPending = true;
    setTimeout(() => {
      this.isPending = false;
      this.version += 1;
      const counts = this.session?.occupancy?.totals();
      if (counts) this.tell('room-counts', counts);
    }, COUNTS_EVERY_MS);
  }

  private tell<Name extends keyof RoomEvents>(name: Name, detail: RoomEvents[Name]): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  private choose(seats: Iterable<number>): void {
    this.chosen = new Set(seats);
    this.said = undefined;
    this.refused = undefined;
    this.map?.restyle();
  }

  private withStatus(status: number): number[] {
    return [...this.chosen].filter((seat) => this.session?.occupancy?.seats[seat] === status);
  }

  /** Some thousand seats at a time: each part is one commit, and a refusal says how far it came. */
  private async inParts(seats: number[], act: (places: string[]) => Promise<number>): Promise<number> {
    const labels = seats.map((seat) => this.session!.venue!.labels[seat]!);
    let done = 0;
    let named = 0;
    try {
      for (; named < labels.length; named += PLACES_MAX) done += await act(labels.slice(named, named + PLACES_MAX));
      this.choose([]);
    } catch (error) {
      const why = explainTo(asProblem(error), this.speech);
      this.refused = named > 0 ? `${this.speech.texts.map.partly(named, labels.length)} ${why}` : why;
    }
    return done;
  }

  private async run(action: () => Promise<void>): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    this.said = undefined;
    this.refused = undefined;
    try {
      await action();
    } catch (error) {
      this.refused = explainTo(asProblem(error), this.speech);
    } finally {
      this.isBusy = false;
    }
  }

  private block(channel: string): Promise<void> {
    return this.run(async () => {
      let later = 0;
      const blocked = await this.inParts(this.withStatus(FREE), async (places) => {
        const answer = await this.client.block(this.eventId, { places, ...(channel === '' ? {} : { channel }) });
        later += answer.later.length;
        return answer.blocked ?? 0;
      });
      if (!this.refused) this.said = this.speech.texts.map.blocked(blocked, later);
    });
  }

  private free(): Promise<void> {
    return this.run(async () => {
      const freed = await this.inParts(this.withStatus(BLOCKED), async (places) => (await this.client.unblock(this.eventId, { places })).unblocked ?? 0);
      if (!this.refused) this.said = this.speech.texts.map.freed(freed);
    });
  }

  private placeTip(): void {
    const tip = this.renderRoot.querySelector<HTMLElement>('.tip');
    const stage = this.renderRoot.querySelector<HTMLElement>('.stage');
    if (!tip || !stage || !this.tip) return;
    const isRight = this.tip.x > stage.clientWidth / 2;
    tip.style.left = isRight ? 'auto' : `${this.tip.x + 14}px`;
    tip.style.right = isRight ? `${stage.clientWidth - this.tip.x + 14}px` : 'auto';
    tip.style.top = `${Math.min(this.tip.y + 14, stage.clientHeight - 70)}px`;
  }

  override render(): TemplateResult {
    const { map: texts } = this.speech.texts;
    const { event, venue } = this.session ?? {};
    const isReady = event !== undefined && venue !== undefined && !this.failure;
    const tool = (isPainting: boolean, label: string) => html`<button aria-pressed=${this.isPainting === isPainting ? 'true' : 'false'} @click=${() => (this.isPainting = isPainting)}>${label}</button>`;
    return html`<div class="tools" ?hidden=${!isReady}>
        <div class="group" role="group" aria-label=${texts.tool}>${tool(false, texts.move)}${tool(true, texts.paint)}</div>
        <span class="quiet">${texts.paintHint}</span>
      </div>
      <div class="stage ${this.connection === 'lost' ? 'stale' : ''}">
        <div class="plan" role="img" aria-label=${texts.label(event?.name ?? '')} aria-description=${texts.help} ?hidden=${!isReady}>
          <canvas class="base" aria-hidden="true"></canvas><canvas class="seats" aria-hidden="true"></canvas><canvas class="over" aria-hidden="true"></canvas>
        </div>
        ${isReady ? this.zoom() : this.instead()}
        ${isReady && this.tip && !this.isPainting ? html`<div class="tip">${this.describe(this.tip.seat)}</div>` : nothing}
      </div>
      ${isReady ? html`<div class="below">${this.actions()}${this.bySection()}${venue.areas.length > 0 ? this.byArea() : nothing}</div>` : nothing}`;
  }

  private instead(): TemplateResult {
    const { texts } = this.speech;
    if (!this.failure) return html`<div class="whole" role="status"><div class="spin"></div>${texts.loading}</div>`;
    return html`<div class="whole" role="alert"><p>${explainTo(this.failure, this.speech)}</p><button @click=${() => void this.begin()}>${texts.retry}</button></div>`;
  }

  private zoom(): TemplateResult {
    const { texts } = textsFor(this.speech.language);
    return html`<div class="zoom">
      <button aria-label=${texts.zoomIn} @click=${() => this.map?.zoomBy(1.6)}>+</button>
      <button aria-label=${texts.zoomOut} @click=${() => this.map?.zoomBy(1 / 1.6)}>−</button>
      <button aria-label=${texts.zoomFit} @click=${() => this.map?.fit()}>⤢</button>
    </div>`;
  }

  private describe(seat: number): string {
    const { venue, occupancy } = this.session!;
    const { texts } = textsFor(this.speech.language);
    const row = venue!.rows[venue!.row[seat]!]!;
    const status = statusName(occupancy!.seats[seat]!);
    const state = status === 'taken' ? texts.status.taken : this.speech.texts.counts[status];
    return `${texts.seatTitle(venue!.sections[row.section]!.name, row.label, seatName(venue!, seat))}, ${venue!.categories[venue!.category[seat]!]?.name ?? ''}, ${state}`;
  }

  private actions(): TemplateResult {
    const { map: texts } = this.speech.texts;
    const [free, blocked] = [this.withStatus(FREE).length, this.withStatus(BLOCKED).length];
    const all = this.chosen.size;
    const submit = (submitted: SubmitEvent) => {
      submitted.preventDefault();
      void this.block(String(new FormData(submitted.target as HTMLFormElement).get('channel') ?? '').trim());
    };
    return html`<div aria-live="polite">
        ${this.said ? html`<p class="done">${this.said}</p>` : nothing}
        ${this.refused ? html`<p class="problem" role="alert">${this.refused}</p>` : nothing}
        ${all === 0 ? nothing : html`<span>${texts.chosen(all, free, blocked, all - free - blocked)}</span>`}
      </div>
      ${all === 0 ? nothing : html`<form class="line" @submit=${submit}>
            <label>${texts.channel}<input name="channel" value="house" maxlength="64" /></label>
            <button class="primary" ?disabled=${this.isBusy || free === 0}>${texts.block(free)}</button>
            <button type="button" ?disabled=${this.isBusy || blocked === 0} @click=${() => void this.free()}>${texts.free(blocked)}</button>
            <button type="button" class="plain" @click=${() => this.choose([])}>${texts.clear}</button>
          </form>`}`;
  }

  private bySection(): TemplateResult | typeof nothing {
    const { map: texts } = this.speech.texts;
    const venue = this.session!.venue!;
    const section = venue.sections[this.section];
    if (!section) return nothing;
    const submit = (submitted: SubmitEvent) => {
      submitted.preventDefault();
      const row = section.rows[Number(new FormData(submitted.target as HTMLFormElement).get('row') ?? '')];
      const { first, end } = row ?? section;
      this.choose([...this.chosen, ...Array.from({ length: end - first }, (_, at) => first + at)]);
      this.map?.zoomToSection(this.section);
    };
    return html`<details>
      <summary>${texts.bySection}</summary>
      <form class="line" @submit=${submit}>
        <label>${texts.section}<select @change=${(change: Event) => (this.section = Number((change.target as HTMLSelectElement).value))}>${venue.sections.map((known, at) => html`<option value=${at} ?selected=${at === this.section}>${known.name}</option>`)}</select></label>
        <label>${texts.row}<select name="row"><option value="all">${texts.allRows}</option>${section.rows.map((row, at) => html`<option value=${at}>${row.label}</option>`)}</select></label>
        <button>${texts.choose}</button>
      </form>
    </details>`;
  }

  private byArea(): TemplateResult {
    const { map: texts, counts: names } = this.speech.texts;
    const { venue, occupancy } = this.session!;
    const submit = (submitted: SubmitEvent) => {
      submitted.preventDefault();
      const form = new FormData(submitted.target as HTMLFormElement);
      const areas = [{ name: String(form.get('area')), quantity: Number(form.get('units')) }];
      const isBlock = (submitted.submitter as HTMLButtonElement | null)?.value !== 'free';
      void this.run(async () => {
        const answer = isBlock ? await this.client.block(this.eventId, { areas }) : await this.client.unblock(this.eventId, { areas });
        this.said = isBlock ? texts.blocked(answer.blocked ?? 0, answer.later.length) : texts.freed(answer.unblocked ?? 0);
      });
    };
    return html`<details>
      <summary>${texts.areas}</summary>
      <form class="line" @submit=${submit}>
        <label>${texts.area}<select name="area">${venue!.areas.map((area) => {
          const counts = occupancy!.area(area.name);
          return html`<option value=${area.name}>${area.name}: ${counts.free} ${names.free}, ${counts.blocked} ${names.blocked}</option>`;
        })}</select></label>
        <label>${texts.units}<input name="units" type="number" min="1" max="10000000" value="1" required /></label>
        <button value="block" ?disabled=${this.isBusy}>${texts.blockUnits}</button><button value="free" ?disabled=${this.isBusy}>${texts.freeUnits}</button>
      </form>
    </details>`;
  }
}

customElements.define('flashtix-room-map', RoomMap);
