/**
 * `<flashtix-map>`: the live seat map that a shop embeds.
 *
 * ```html
 * <script type="module" src="https://tickets.example/flashtix-map.js"></script>
 * <flashtix-map server="https://tickets.example" event="evt_…" publishable-key="pk_…"></flashtix-map>
 * ```
 *
 * Its attributes, methods and events are described in `docs/seat-map.md`.
 */

import { LitElement, type PropertyValues, type TemplateResult, html, nothing } from 'lit';
import { Client, Problem, asProblem } from '../api/client';
import type { BestAvailable, Connection, Hold, SaleEvent, Wanted } from '../api/types';
import { Basket, unitsOf } from '../model/basket';
import { alternative, seatTowards } from '../model/neighbours';
import { FREE, statusName } from '../model/occupancy';
import { lowest, money, offers } from '../model/prices';
import { Selection } from '../model/selection';
import { ACCESSIBLE, COMPANION, RESTRICTED, seatName } from '../model/venue';
import { controls, prefersDark, tokens } from '../style/tokens';
import { type Texts, explain, textsFor } from '../text';
import type { FlashtixMapElement, FlashtixMapEvents } from './element';
import './list-view';
import { MapView } from './map-view';
import { Session } from './session';
import { mapStyles } from './styles';
import { DARK, LIGHT, type Theme } from './theme';

/** Places that may be chosen at once unless `max-selection` says otherwise. */
const CHOSEN_MAX = 20;

interface Notice {
  text: string;
  kind: 'bad' | 'warn' | 'good';
  action?: { label: string; run: () => void };
}

export class FlashtixMap extends LitElement implements FlashtixMapElement {
  static override styles = [tokens, controls, mapStyles];
  static override properties = {
    event: { type: String },
    publishableKey: { type: String, attribute: 'publishable-key' },
    accessToken: { type: String, attribute: 'access-token' },
    server: { type: String },
    lang: { type: String },
    buyer: { type: String },
    maxSelection: { type: Number, attribute: 'max-selection' },
    mode: { type: String },
    remember: { type: Boolean },
    theme: { type: String, reflect: true },
    failure: { state: true },
    notice: { state: true },
    isBusy: { state: true },
    view: { state: true },
    wanted: { state: true },
    tip: { state: true },
    version: { state: true },
    connection: { state: true },
    said: { state: true },
  };
  /** The event's identifier. */
  declare event: string;
  /** A `pk_…` key. */
  declare publishableKey: string;
  /** What lets the buyer in, as your server made it; empty for none. */
  declare accessToken: string;
  /** Where FlashTix is; empty for the page's own origin. */
  declare server: string;
  declare buyer: string;
  declare maxSelection: number;
  /** `choose` to buy, `view` to look on. */
  declare mode: 'choose' | 'view';
  /** Keeps the basket over a reload and in every tab of this browser. */
  declare remember: boolean;
  declare theme: 'light' | 'dark';
  declare private failure: Problem | undefined;
  declare private notice: Notice | undefined;
  declare private isBusy: boolean;
  declare private view: 'map' | 'list';
  declare private wanted: number | undefined;
  declare private tip: { seat: number; x: number; y: number } | undefined;
  declare private version: number;
  declare private connection: Connection;
  declare private said: string;

  private client: Client | undefined;
  private session: Session | undefined;
  private map: MapView | undefined;
  private selection: Selection | undefined;
  private ownBasket: Basket | undefined;
  private mine = new Set<number>();
  private seatOf = new Map<string, number>();
  private isPending = false;
  private wasLost = false;

  constructor() {
    super();
    this.event = '';
    this.publishableKey = '';
    this.accessToken = '';
    this.server = '';
    this.buyer = '';
    this.maxSelection = CHOSEN_MAX;
    this.mode = 'choose';
    this.remember = false;
    this.theme = prefersDark() ? 'dark' : 'light';
    this.isBusy = false;
    this.view = 'map';
    this.version = 0;
    this.connection = 'connecting';
    this.said = '';
  }

  // What a shop's own script may use.

  /** The labels of the chosen seats. */
  get selected(): string[] {
    return (this.selection?.chosenSeats ?? []).map(({ seat }) => this.session!.venue!.labels[seat]!);
  }

  /** The buyer's hold: made, changed, extended, confirmed here. */
  get basket(): Basket | undefined {
    return this.ownBasket;
  }

  get saleEvent(): SaleEvent | undefined {
    return this.session?.event;
  }

  /** Chooses seats by label; returns those that could be. */
  select(labels: string[]): string[] {
    const done = labels.filter((label) => {
      const seat = this.seatOf.get(label);
      return seat !== undefined && this.session!.occupancy!.isFree(seat) && this.selection!.add(seat);
    });
    this.map?.restyle();
    this.tellSelection();
    return done;
  }

  clear(): void {
    this.selection?.clear();
    this.map?.restyle();
    this.tellSelection();
  }

  /** Holds what is chosen. Resolves to the hold, or to nothing after a refusal, which `flashtix-refused` tells. */
  async hold(): Promise<Hold | undefined> {
    const { selection } = this;
    if (!selection || selection.size === 0) return undefined;
    const chosen = selection.chosenSeats.map(({ seat }) => seat);
    const hold = await this.take(selection.wanted, (problem) => this.offerOthers(problem, chosen));
    if (hold) this.clear();
    return hold;
  }

  /** Holds the best seats there are. `maxPrice` is in minor units and for each seat. */
  async bestAvailable(wish: BestAvailable & { maxPrice?: number }): Promise<Hold | undefined> {
    const { maxPrice, ...best } = wish;
    const { event, venue } = this.session ?? {};
    if (!event || !venue) return undefined;
    if (maxPrice !== undefined) {
      best.categories = venue.categories.map((category) => category.key).filter((key) => (lowest(event, key) ?? Infinity) <= maxPrice);
      if (best.categories.length === 0) {
        this.tell({ text: this.texts.problems.sold_out!, kind: 'warn' });
        return undefined;
      }
    }
    return this.take({ best_available: { adjacent: true, ...best } }, (problem) => {
      if (problem.code !== 'not_enough_adjacent') return false;
      this.tell({ text: this.texts.apart, kind: 'warn', action: { label: this.texts.takeApart, run: () => void this.bestAvailable({ ...wish, adjacent: false }) } });
      return true;
    });
  }

  zoomTo(section: string): void {
    this.map?.zoomToSection(this.session?.venue?.sections.findIndex((candidate) => candidate.name === section) ?? -1);
  }

  // Its life.

  private get found(): { texts: Texts; language: string } {
    return textsFor(this.lang, document.documentElement.lang, navigator.language);
  }

  private get texts(): Texts {
    return this.found.texts;
  }

  private get language(): string {
    return this.found.language;
  }

  private get colors(): Theme {
    return this.theme === 'dark' ? DARK : LIGHT;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.end();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) void this.begin();
  }

  protected override updated(changed: PropertyValues): void {
    if (['event', 'publishableKey', 'server'].some((name) => changed.has(name))) void this.begin();
    if (changed.has('accessToken') && this.client) this.client.accessToken = this.accessToken;
    if (changed.has('theme')) this.map?.setTheme(this.colors);
    if (changed.has('wanted')) this.map?.restyle();
    if (this.tip) this.placeTip(this.tip);
  }

  /** Beside the pointer, towards the middle. Through the object model: a strict content policy refuses style attributes. */
  private placeTip({ x, y }: { x: number; y: number }): void {
    const stage = this.renderRoot.querySelector<HTMLElement>('.stage');
    const tip = this.renderRoot.querySelector<HTMLElement>('.tip');
    if (!stage || !tip) return;
    const { clientWidth: width, clientHeight: height } = stage;
    tip.style.left = x > width / 2 ? 'auto' : `${x + 14}px`;
    tip.style.right = x > width / 2 ? `${width - x + 14}px` : 'auto';
    tip.style.top = y > height / 2 ? 'auto' : `${y + 14}px`;
    tip.style.bottom = y > height / 2 ? `${height - y + 14}px` : 'auto';
  }

  private end(): void {
    this.session?.stop();
    this.map?.stop();
    this.ownBasket?.stop();
    this.session = undefined;
    this.map = undefined;
    this.selection = undefined;
  }

  private async begin(): Promise<void> {
    this.end();
    this.failure = undefined;
    if (this.event === '') return;
    const client = new Client(this.server, this.publishableKey);
    client.accessToken = this.accessToken;
    this.client = client;
    const basket = new Basket(client, this.event, this.remember ? localStorageIfAny() : undefined);
    this.ownBasket = basket;
    basket.addEventListener('change', () => this.basketChanged());
    const session = new Session(client, this.event, {
      ready: (ready) => this.ready(ready),
      changed: () => this.seatsChanged(),
      eventChanged: (event) => {
        this.selection?.setEvent(event);
        this.redraw();
        this.fire('flashtix-event', event);
      },
      connection: (state, problem) => this.connected(state, problem),
    });
    this.session = session;
    try {
      await session.start();
      await basket.restore();
    } catch (error) {
      if (this.session !== session) return;
      this.failure = asProblem(error);
      this.fire('flashtix-connection', { state: 'failed', problem: this.failure.body });
    }
  }

  private ready(session: Session): void {
    const { venue, occupancy, event } = session;
    if (!venue || !occupancy || !event) return;
    this.seatOf = new Map(venue.labels.map((label, seat) => [label, seat]));
    const before = this.selection;
    this.selection = new Selection(venue, event, Math.max(1, this.maxSelection || CHOSEN_MAX));
    this.markMine();
    const gone = before === undefined ? [] : this.selection.takeOver(before, (seat) => occupancy.isFree(seat) || this.mine.has(seat));
    if (gone.length > 0) this.tell({ text: this.texts.seatGone(gone.join(', '), this.texts.notSold), kind: 'warn' });
    if (before) this.tellSelection();
    this.redraw();
    void this.updateComplete.then(() => {
      if (this.map) this.map.setVenue(venue, occupancy);
      else this.drawFirst();
      this.fire('flashtix-ready', { event });
    });
  }

  private drawFirst(): void {
    const { venue, occupancy } = this.session ?? {};
    const plan = this.renderRoot.querySelector<HTMLElement>('.plan');
    if (!plan || !venue || !occupancy) return;
    const layer = (name: string) => plan.querySelector<HTMLCanvasElement>(`canvas.${name}`)!;
    this.map = new MapView(plan, { base: layer('base'), seats: layer('seats'), over: layer('over') }, venue, occupancy, this.colors, {
      picked: (seat) => this.toggle(seat),
      areaPicked: (name) => this.renderRoot.querySelector<HTMLElement>(`[data-area="${CSS.escape(name)}"]`)?.focus(),
      hovered: (seat, x, y) => (this.tip = seat === undefined ? undefined : { seat, x, y }),
      painted: () => undefined,
      isChosen: (seat) => this.isChosen(seat),
      isMine: (seat) => this.isMine(seat),
      isWanted: (category) => this.wanted === undefined || this.wanted === category,
      isPainting: () => false,
      left: (free) => this.texts.left(free),
      stage: () => this.texts.stage,
    });
  }

  private connected(state: Connection, problem: Problem | undefined): void {
    this.connection = state;
    if (state === 'lost') this.wasLost = true;
    if (state === 'failed' && problem) this.failure = problem;
    if (state === 'live' && this.wasLost) {
      this.wasLost = false;
      this.tell({ text: this.texts.reconnected, kind: 'good' });
    }
    this.fire('flashtix-connection', { state, problem: problem?.body });
  }

  /** The map follows at once; panels follow at most a few times a second. */
  private seatsChanged(): void {
    this.map?.changed();
    const { occupancy, venue } = this.session ?? {};
    if (!occupancy || !venue || !this.selection) return;
    for (const { seat } of this.selection.chosenSeats) {
      const status = occupancy.seats[seat]!;
      // The feed can tell of the buyer's own hold before the answer to it has been dealt with.
      if (status === FREE || this.isBusy || this.mine.has(seat)) continue;
      this.selection.remove(seat);
      this.tell({ text: this.texts.seatGone(venue.labels[seat]!, this.texts.status[statusName(status)]), kind: 'warn', ...this.others([seat]) });
      this.tellSelection();
    }
    if (this.isPending) return;
    this.isPending = true;
    setTimeout(() => {
      this.isPending = false;
      this.redraw();
    }, 250);
  }

  private redraw(): void {
    this.version += 1;
  }

  private fire<Name extends keyof FlashtixMapEvents>(name: Name, detail: FlashtixMapEvents[Name]['detail']): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  private tell(notice: Notice | undefined): void {
    this.notice = notice;
    if (notice) this.said = notice.text;
  }

  // Choosing and holding.

  isChosen(seat: number): boolean {
    return this.selection?.has(seat) ?? false;
  }

  isMine(seat: number): boolean {
    return this.mine.has(seat);
  }

  toggle(seat: number): void {
    const { occupancy, venue, event } = this.session ?? {};
    const { selection, texts } = this;
    if (!occupancy || !venue || !event || !selection || this.mode !== 'choose') return;
    this.notice = undefined;
    if (selection.remove(seat)) {
      this.said = `${venue.labels[seat]}: ${texts.status.free}`;
    } else if (this.mine.has(seat)) {
      this.said = `${venue.labels[seat]}: ${texts.mine}`;
      return;
    } else if (!occupancy.isFree(seat)) {
      this.tell({ text: `${venue.labels[seat]}: ${texts.status[statusName(occupancy.seats[seat]!)]}`, kind: 'warn', ...this.others([seat]) });
      return;
    } else if (!selection.add(seat)) {
      const isSold = offers(event, venue.categories[venue.category[seat]!]?.key ?? '').length > 0;
      this.tell({ text: isSold ? texts.limitReached(selection.max) : texts.notSold, kind: 'warn' });
      return;
    } else {
      this.said = `${this.describe(seat)}: ${texts.chosen}`;
    }
    this.map?.restyle([seat]);
    this.tellSelection();
  }

  private tellSelection(): void {
    const { selection } = this;
    this.redraw();
    this.fire('flashtix-selection', { places: this.selected, areas: selection?.wanted.areas ?? [], amount: selection?.amount ?? 0 });
  }

  private async take(wanted: Wanted, onRefusal: (problem: Problem) => boolean): Promise<Hold | undefined> {
    const { ownBasket, session } = this;
    if (!ownBasket || !session || this.isBusy) return undefined;
    this.isBusy = true;
    this.notice = undefined;
    const before = ownBasket.hold;
    try {
      const hold = await ownBasket.take(wanted, this.buyer || anonymous(), session.occupancy?.seq);
      const had = new Set(before?.id === hold.id ? before.places.map((place) => place.label) : []);
      const seats = hold.places.filter((place) => !had.has(place.label)).flatMap((place) => this.seatOf.get(place.label) ?? []);
      if (wanted.best_available) this.map?.reveal(seats);
      this.tell({ text: this.texts.held(unitsOf(hold)), kind: 'good' });
      this.fire('flashtix-hold', hold);
      return hold;
    } catch (error) {
      const problem = asProblem(error);
      this.fire('flashtix-refused', problem.body);
      if (!onRefusal(problem)) this.tell({ text: explain(problem, this.texts, this.language), kind: 'bad' });
      return undefined;
    } finally {
      this.isBusy = false;
      this.seatsChanged();
    }
  }

  /** What was refused is explained, what is near is offered. */
  private offerOthers(problem: Problem, chosen: number[]): boolean {
    if (problem.code !== 'place_unavailable') return false;
    const gone = new Set((problem.body.places ?? []).flatMap((label) => this.seatOf.get(label) ?? []));
    for (const seat of gone) this.selection?.remove(seat);
    this.map?.restyle();
    this.tell({ text: explain(problem, this.texts, this.language), kind: 'bad', ...this.others(chosen, gone) });
    return true;
  }

  private others(wanted: number[], gone = new Set<number>()): { action?: { label: string; run: () => void } } {
    const { venue, occupancy } = this.session ?? {};
    if (!venue || !occupancy || this.mode !== 'choose') return {};
    const found = alternative(venue, wanted, (seat) => occupancy.isFree(seat) && !gone.has(seat) && !this.isChosen(seat));
    if (!found) return {};
    const labels = found.map((seat) => venue.labels[seat]!);
    return {
      action: {
        label: `${this.texts.takeSuggestion}: ${labels.slice(0, 3).join(', ')}${labels.length > 3 ? ' …' : ''}`,
        run: () => {
          for (const seat of wanted) this.selection?.remove(seat);
          this.notice = undefined;
          this.select(labels);
          this.map?.reveal(found);
        },
      },
    };
  }

  private basketChanged(): void {
    this.markMine();
    this.map?.restyle();
    this.redraw();
    if (!this.ownBasket) return;
    // What was bought is found again by its mark; the rest of the house is worth seeing.
    if (this.ownBasket.state.kind === 'bought') this.map?.fit();
    this.fire('flashtix-basket', this.ownBasket.state);
  }

  private markMine(): void {
    const state = this.ownBasket?.state;
    const hold = state?.kind === 'held' || state?.kind === 'bought' ? state.hold : undefined;
    this.mine = new Set((hold?.places ?? []).flatMap((place) => this.seatOf.get(place.label) ?? []));
  }

  // What is seen.

  private describe(seat: number): string {
    const { venue, occupancy, event } = this.session!;
    const { texts } = this;
    const row = venue!.rows[venue!.row[seat]!]!;
    const category = venue!.categories[venue!.category[seat]!];
    const price = category ? lowest(event!, category.key) : undefined;
    const flags = venue!.flags[seat]!;
    const state = this.mine.has(seat) ? texts.mine : this.isChosen(seat) ? texts.chosen : texts.status[statusName(occupancy!.seats[seat]!)];
    return [
      texts.seatTitle(venue!.sections[row.section]!.name, row.label, seatName(venue!, seat)),
      category?.name,
      price === undefined ? texts.notSold : money(price, event!.currency, this.language),
      state,
      flags & ACCESSIBLE ? texts.accessible : '',
      flags & COMPANION ? texts.companion : '',
      flags & RESTRICTED ? texts.restricted : '',
    ]
      .filter(Boolean)
      .join(', ');
  }

  private readonly keyed = (key: KeyboardEvent): void => {
    const { map } = this;
    const { venue } = this.session ?? {};
    if (!map || !venue || key.ctrlKey || key.metaKey || key.altKey) return;
    const direction = ({ ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' } as const)[key.key];
    if (direction) {
      const next = map.focused === undefined ? map.central() : (seatTowards(venue, map.focused, direction) ?? map.focused);
      map.focus(next);
      if (next !== undefined) this.said = this.describe(next);
    } else if ((key.key === 'Enter' || key.key === ' ') && map.focused !== undefined) this.toggle(map.focused);
    else if (key.key === '+' || key.key === '=') map.zoomBy(1.5);
    else if (key.key === '-') map.zoomBy(1 / 1.5);
    else if (key.key === '0') map.fit();
    else if (key.key === 'Escape') {
      map.focus(undefined);
      this.notice = undefined;
    } else return;
    key.preventDefault();
  };

  override render(): TemplateResult {
    const { texts } = this;
    const { event, venue } = this.session ?? {};
    const isReady = event !== undefined && venue !== undefined && this.session?.occupancy !== undefined && !this.failure;
    const isStale = this.connection === 'lost';
    return html`<div class="frame" dir=${texts.direction} lang=${this.language}>
      ${isReady ? this.header(event) : html`<header hidden></header>`}
      <div class="stage ${isStale ? 'stale' : ''}">
        <div class="plan" tabindex=${isReady && this.view === 'map' ? 0 : -1} role="application" aria-label=${texts.map(event?.name ?? '')} aria-describedby="help" ?hidden=${!isReady || this.view === 'list'} @keydown=${this.keyed}>
          <canvas class="base" aria-hidden="true"></canvas><canvas class="seats" aria-hidden="true"></canvas><canvas class="over" aria-hidden="true"></canvas>
        </div>
        <p id="help" class="hidden">${texts.mapHelp}</p>
        ${isReady && this.view === 'list' ? this.list() : nothing}
        ${isReady && this.view === 'map' ? this.mapControls() : nothing}
        <div class="notices">
          ${isStale && isReady ? html`<div class="notice warn" role="alert">${texts.lost}</div>` : nothing}
          ${this.notice ? this.noticeCard(this.notice) : nothing}
        </div>
        ${isReady ? nothing : this.instead()}
      </div>
      ${isReady && this.mode === 'choose' ? this.footer(event) : html`<footer hidden></footer>`}
      <div class="hidden" aria-live="polite">${this.said}</div>
    </div>`;
  }

  private instead(): TemplateResult {
    const { failure, texts } = this;
    if (!failure) return html`<div class="whole" role="status"><div class="spin"></div>${texts.loading}</div>`;
    return html`<div class="whole" role="alert">
      <p>${explain(failure, texts, this.language)}</p>
      <button @click=${() => void this.begin()}>${texts.retry}</button>
    </div>`;
  }

  private header(event: SaleEvent): TemplateResult {
    const { texts } = this;
    const venue = this.session!.venue!;
    const button = (view: 'map' | 'list', label: string) => html`<button aria-pressed=${this.view === view ? 'true' : 'false'} @click=${() => (this.view = view)}>${label}</button>`;
    return html`<header>
      <div class="legend" role="group" aria-label=${texts.categories}>
        ${venue.categories.map((category, index) => {
          const price = lowest(event, category.key);
          return html`<button aria-pressed=${this.wanted === index ? 'true' : 'false'} @click=${() => (this.wanted = this.wanted === index ? undefined : index)}>
            <svg class="swatch" viewBox="0 0 2 2" aria-hidden="true"><circle cx="1" cy="1" r="1" fill=${category.color} /></svg>
            ${category.name}${price === undefined ? '' : ` · ${money(price, event.currency, this.language)}`}
          </button>`;
        })}
      </div>
      <div class="group" role="group" aria-label=${texts.showAs}>${button('map', texts.asMap)}${button('list', texts.asList)}</div>
    </header>`;
  }

  private mapControls(): TemplateResult {
    const { texts, tip } = this;
    const mark = (name: string, label: string) => html`<span><i class=${name}></i>${label}</span>`;
    return html`<div class="zoom">
        <button aria-label=${texts.zoomIn} @click=${() => this.map?.zoomBy(1.6)}>+</button>
        <button aria-label=${texts.zoomOut} @click=${() => this.map?.zoomBy(1 / 1.6)}>−</button>
        <button aria-label=${texts.zoomFit} @click=${() => this.map?.fit()}>⤢</button>
      </div>
      <div class="marks">${mark('free', texts.key.free)}${mark('held', texts.key.held)}${mark('sold', texts.key.sold)}${mark('mine', texts.key.mine)}${mark('free square', texts.key.accessible)}</div>
      ${tip ? html`<div class="tip" >${this.describe(tip.seat)}</div>` : nothing}`;
  }

  private noticeCard({ text, kind, action }: Notice): TemplateResult {
    return html`<div class="notice ${kind}" role=${kind === 'bad' ? 'alert' : 'status'}>
      <span>${text}</span>
      ${action ? html`<button class="primary" @click=${action.run}>${action.label}</button>` : nothing}
      <button class="plain" aria-label=${this.texts.close} @click=${() => (this.notice = undefined)}>✕</button>
    </div>`;
  }

  private list(): TemplateResult {
    return html`<flashtix-seat-list theme=${this.theme} .venue=${this.session!.venue} .occupancy=${this.session!.occupancy} .event=${this.session!.event} .texts=${this.texts} .language=${this.language} .host=${this} .version=${this.version}></flashtix-seat-list>`;
  }

  private footer(event: SaleEvent): TemplateResult {
    const { texts, selection } = this;
    const venue = this.session!.venue!;
    const size = selection?.size ?? 0;
    const isOpen = event.status === 'open';
    return html`<footer>
      ${isOpen ? nothing : html`<strong role="status">${texts.notOnSale[event.status] ?? ''}</strong>`}
      ${size === 0 && venue.size > 0 && isOpen ? this.bestForm(event) : nothing}
      ${venue.areas.length > 0 && isOpen ? html`<div class="areas">${venue.areas.map((area) => this.units(event, area.name, venue.categories[area.category]?.key ?? ''))}</div>` : nothing}
      ${size > 0 ? html`<ul class="choice" aria-label=${texts.yourChoice}>${selection!.chosenSeats.map(({ seat, ticketType }) => this.chip(event, seat, ticketType))}</ul>
            <div class="buy">
              <span class="sum">${texts.total} ${money(selection!.amount, event.currency, this.language)}</span>
              <button class="plain" @click=${() => this.clear()}>${texts.clear}</button>
              <button class="primary" ?disabled=${this.isBusy || !isOpen} @click=${() => void this.hold()}>${this.isBusy ? texts.busy : texts.hold(size)}</button>
            </div>` : nothing}
    </footer>`;
  }

  private chip(event: SaleEvent, seat: number, ticketType: string): TemplateResult {
    const venue = this.session!.venue!;
    const label = venue.labels[seat]!;
    const offered = offers(event, venue.categories[venue.category[seat]!]?.key ?? '');
    const change = (input: Event) => {
      this.selection!.add(seat, (input.target as HTMLSelectElement).value);
      this.tellSelection();
    };
    return html`<li>
      <span>${label}</span>
      ${offered.length > 1 ? html`<select aria-label=${this.texts.ticketTypeFor(label)} @change=${change}>
            ${offered.map((offer) => html`<option value=${offer.ticketType} ?selected=${offer.ticketType === ticketType}>${offer.name} ${money(offer.price, event.currency, this.language)}</option>`)}
          </select>` : html`<span class="quiet">${offered[0] ? money(offered[0].price, event.currency, this.language) : ''}</span>`}
      <button aria-label=${this.texts.remove(label)} @click=${() => this.toggle(seat)}>✕</button>
    </li>`;
  }

  private units(event: SaleEvent, area: string, category: string): TemplateResult {
    const { free } = this.session!.occupancy!.area(area);
    return html`${offers(event, category).map((offer, index) => {
      const what = `${area}, ${offer.name}`;
      const count = this.selection?.unitsOf(area, offer.ticketType) ?? 0;
      const set = (quantity: number) => {
        this.selection!.setUnits(area, offer.ticketType, quantity, free);
        this.tellSelection();
      };
      return html`<div class="units" role="group" aria-label=${this.texts.quantityFor(what)}>
        <span class="name"><b>${area}</b> ${offer.name} · ${money(offer.price, event.currency, this.language)} <span class="quiet">${this.texts.left(free)}</span></span>
        <button aria-label=${this.texts.fewer(what)} ?disabled=${count === 0} @click=${() => set(count - 1)}>−</button>
        <output>${count}</output>
        <button data-area=${index === 0 ? area : nothing} aria-label=${this.texts.oneMore(what)} ?disabled=${free <= count} @click=${() => set(count + 1)}>+</button>
      </div>`;
    })}`;
  }

  private bestForm(event: SaleEvent): TemplateResult {
    const { texts } = this;
    const venue = this.session!.venue!;
    const prices = [...new Set(venue.categories.flatMap((category) => lowest(event, category.key) ?? []))].sort((a, b) => a - b);
    const submit = (submitted: SubmitEvent) => {
      submitted.preventDefault();
      const form = new FormData(submitted.target as HTMLFormElement);
      const quantity = Math.max(1, Math.min(this.maxSelection, Number(form.get('people')) || 2));
      const price = Number(form.get('price'));
      void this.bestAvailable({ quantity, ...(price >= 0 && form.get('price') !== '' ? { maxPrice: price } : {}), ...(form.get('accessible') ? { accessible: true } : {}) });
    };
    return html`<form class="best" aria-label=${texts.best} @submit=${submit}>
      <label>${texts.people}<input name="people" type="number" min="1" max=${this.maxSelection} .value=${'2'} required /></label>
      <label>${texts.upTo}<select name="price"><option value="">${texts.anyPrice}</option>${prices.map((price) => html`<option value=${price}>${texts.priceUpTo(money(price, event.currency, this.language))}</option>`)}</select></label>
      ${venue.flags.some((flags) => flags & ACCESSIBLE) ? html`<label class="check"><input type="checkbox" name="accessible" />${texts.wheelchairOnly}</label>` : nothing}
      <button class="primary" ?disabled=${this.isBusy}>${this.isBusy ? texts.busy : texts.findBest}</button>
    </form>`;
  }
}

function localStorageIfAny(): Storage | undefined {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined;
  }
}

/** A name for a buyer who has told none: the same for every hold of this browser. */
function anonymous(): string {
  const storage = localStorageIfAny();
  const known = storage?.getItem('flashtix:buyer');
  if (known) return known;
  const made = `web-${crypto.getRandomValues(new Uint32Array(3)).join('-')}`;
  try {
    storage?.setItem('flashtix:buyer', made);
  } catch {
    // Then it is another one after a reload.
  }
  return made;
}

if (!customElements.get('flashtix-map')) customElements.define('flashtix-map', FlashtixMap);
