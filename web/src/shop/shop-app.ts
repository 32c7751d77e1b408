/** The buyers' pages: what is on sale, one event with its map and basket, and the order once it is bought. */

import { LitElement, type TemplateResult, css, html, nothing } from 'lit';
import { Client, type Problem, asProblem } from '../api/client';
import type { Hold, Order, SaleEvent } from '../api/types';
import '../map/flashtix-map';
import type { FlashtixMapElement } from '../map/element';
import type { BasketState } from '../model/basket-state';
import { lowest, money } from '../model/prices';
import { controls, prefersDark, tokens } from '../style/tokens';
import { type Texts, dateTime, explain, textsFor } from '../text';

/** Where a key that came with the address is kept, for this tab alone. */
const KEY_SLOT = 'flashtix:key';

export class ShopApp extends LitElement {
  static override styles = [
    tokens,
    controls,
    css`
      :host {
        display: block;
        min-height: 100vh;
        background: var(--surface);
      }
      header {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 18px;
        padding: 12px clamp(12px, 3vw, 32px);
        background: var(--panel);
        border-bottom: 1px solid var(--line);
      }
      header h1 {
        font-size: 20px;
        margin: 0;
        letter-spacing: -0.01em;
      }
      header .end {
        margin-inline-start: auto;
        display: flex;
        gap: 16px;
      }
      .badge {
        padding: 2px 9px;
        border-radius: 99px;
        background: var(--warn-soft);
        color: var(--warn);
        font-size: 12px;
        font-weight: 600;
      }
      main.list {
        max-width: 900px;
        margin: 0 auto;
        padding: 24px clamp(12px, 3vw, 32px);
        display: grid;
        gap: 14px;
      }
      .card {
        display: flex;
        flex-wrap: wrap;
        gap: 8px 20px;
        align-items: center;
        padding: 18px 20px;
        border-radius: var(--round);
        background: var(--panel);
        box-shadow: var(--shadow);
      }
      .card h2 {
        margin: 0;
        font-size: 18px;
      }
      .card > div {
        flex: 1 1 260px;
      }
      main.sale {
        display: grid;
        grid-template-columns: minmax(0, 1fr) 340px;
        height: calc(100dvh - 61px);
        min-height: 560px;
      }
      aside {
        padding: 18px;
        background: var(--panel);
        border-inline-start: 1px solid var(--line);
        overflow-y: auto;
      }
      aside h2 {
        margin: 0 0 12px;
        font-size: 17px;
      }
      ul.places {
        list-style: none;
        padding: 0;
        margin: 12px 0;
      }
      ul.places li {
        display: flex;
        align-items: center;
        gap: 8px;
        padding: 7px 0;
        border-bottom: 1px solid var(--line);
      }
      ul.places .price {
        margin-inline-start: auto;
        font-variant-numeric: tabular-nums;
      }
      ul.places button {
        min-height: 28px;
        min-width: 28px;
        padding: 0;
      }
      .clock {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 10px;
        padding: 10px 12px;
        border-radius: 8px;
        background: var(--accent-soft);
      }
      .clock.short {
        background: var(--warn-soft);
        color: var(--warn);
      }
      .clock b {
        font-size: 22px;
        font-variant-numeric: tabular-nums;
      }
      form {
        display: grid;
        gap: 10px;
        margin-top: 14px;
      }
      form label {
        display: grid;
        gap: 4px;
        font-weight: 600;
      }
      .problem {
        padding: 10px 12px;
        border-radius: 8px;
        background: var(--danger-soft);
        color: var(--danger);
      }
      .note {
        padding: 10px 12px;
        border-radius: 8px;
        background: var(--warn-soft);
        color: var(--warn);
        display: grid;
        gap: 10px;
      }
      .done {
        padding: 10px 12px;
        border-radius: 8px;
        background: var(--good-soft);
        color: var(--good);
        font-weight: 600;
      }
      code {
        overflow-wrap: anywhere;
      }
      @media (max-width: 860px) {
        main.sale {
          grid-template-columns: 1fr;
          grid-template-rows: 72vh auto;
          height: auto;
        }
        aside {
          border-inline-start: 0;
          border-top: 1px solid var(--line);
        }
      }
    `,
  ];
  static override properties = {
    theme: { type: String, reflect: true },
    key: { state: true },
    events: { state: true },
    problem: { state: true },
    event: { state: true },
    basket: { state: true },
    refused: { state: true },
    gone: { state: true },
    isBusy: { state: true },
    tick: { state: true },
    isRead: { state: true },
  };
  declare theme: 'light' | 'dark';
  declare private key: string;
  declare private events: SaleEvent[] | undefined;
  declare private problem: Problem | undefined;
  declare private event: SaleEvent | undefined;
  declare private basket: BasketState;
  declare private refused: Problem | undefined;
  declare private gone: string[];
  declare private isBusy: boolean;
  declare private tick: number;
  declare private isRead: boolean;
  private readonly eventId = /^\/e\/([^/]+)\/?$/.exec(location.pathname)?.[1];
  private readonly found = textsFor(new URLSearchParams(location.search).get('lang'), navigator.language);
  private ticker: ReturnType<typeof setInterval> | undefined;

  constructor() {
    super();
    this.theme = prefersDark() ? 'dark' : 'light';
    this.key = '';
    this.basket = { kind: 'empty' };
    this.gone = [];
    this.isBusy = false;
    this.tick = 0;
    this.isRead = false;
  }

  private get texts(): Texts {
    return this.found.texts;
  }

  private get map(): FlashtixMapElement | null {
    return this.renderRoot.querySelector('flashtix-map');
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.documentElement.lang = this.found.language;
    document.documentElement.dir = this.texts.direction;
    document.title = this.texts.shop.title;
    this.ticker = setInterval(() => {
      if (this.basket.kind === 'held') this.tick += 1;
    }, 500);
    void this.begin();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.ticker);
  }

  private async begin(): Promise<void> {
    try {
      this.key = await publishableKey();
      this.isRead = true;
      if (this.key !== '' && this.eventId === undefined) {
        this.events = (await new Client('', this.key).events()).items;
      }
    } catch (error) {
      this.isRead = true;
      this.problem = asProblem(error);
    }
  }

  override render(): TemplateResult {
    const { shop } = this.texts;
    const isTest = this.key.startsWith('pk_test_');
    return html`<header>
        <h1>${this.event?.name ?? shop.title}</h1>
        ${this.event?.starts_at ? html`<span class="quiet">${shop.startsAt(dateTime(this.event.starts_at, this.found.language))}</span>` : nothing}
        ${isTest ? html`<span class="badge">${shop.testSale}</span>` : nothing}
        <nav class="end">${this.eventId !== undefined ? html`<a href="/">${shop.allEvents}</a>` : html`<a href="/developers">${shop.api}</a>`}</nav>
      </header>
      ${this.eventId === undefined || this.key === '' ? this.list() : this.sale(this.eventId)}`;
  }

  private list(): TemplateResult {
    const { shop } = this.texts;
    let inside: TemplateResult | TemplateResult[];
    if (this.problem) inside = html`<p class="problem" role="alert">${this.problem.status === 401 ? shop.wrongKey : explain(this.problem, this.texts, this.found.language)}</p>`;
    else if (this.isRead && this.key === '') inside = html`<div class="note"><strong>${shop.noKey}</strong><span>${shop.noKeyHow}</span></div>`;
    else if (!this.events) inside = html`<p role="status">${shop.loading}</p>`;
    else if (this.events.length === 0) inside = html`<p>${shop.noEvents}</p>`;
    else inside = this.events.map((event) => this.card(event));
    return html`<main class="list"><h2>${shop.events}</h2>${inside}</main>`;
  }

  private card(event: SaleEvent): TemplateResult {
    const { shop, notOnSale } = this.texts;
    const prices = event.categories.flatMap((category) => lowest(event, category) ?? []);
    return html`<section class="card">
      <div>
        <h2>${event.name}</h2>
        <span class="quiet">${event.starts_at ? dateTime(event.starts_at, this.found.language) : nothing} ${notOnSale[event.status]}</span>
      </div>
      ${prices.length > 0 ? html`<span>${shop.from(money(Math.min(...prices), event.currency, this.found.language))}</span>` : nothing}
      <a class="button primary" href="/e/${event.id}">${shop.choose}</a>
    </section>`;
  }

  private sale(id: string): TemplateResult {
    return html`<main class="sale">
      <flashtix-map
        event=${id}
        publishable-key=${this.key}
        lang=${this.found.language}
        theme=${this.theme}
        remember
        @flashtix-ready=${(ready: CustomEvent<{ event: SaleEvent }>) => this.know(ready.detail.event)}
        @flashtix-event=${(changed: CustomEvent<SaleEvent>) => this.know(changed.detail)}
        @flashtix-basket=${(changed: CustomEvent<BasketState>) => (this.basket = changed.detail)}
      ></flashtix-map>
      <aside aria-label=${this.texts.shop.basket}>${this.side()}</aside>
    </main>`;
  }

  private know(event: SaleEvent): void {
    this.event = event;
    document.title = `${event.name} · ${this.texts.shop.title}`;
  }

  private side(): TemplateResult {
    const { shop } = this.texts;
    const { basket } = this;
    if (basket.kind === 'held') return this.held(basket.hold);
    if (basket.kind === 'bought') return this.bought(basket.hold, basket.order);
    return html`<h2>${shop.basket}</h2>
      ${basket.kind === 'lapsed' ? html`<div class="note" role="alert"><span>${shop.lapsed}</span><button @click=${() => void this.again(basket.hold)} ?disabled=${this.isBusy}>${shop.again}</button></div>` : html`<p class="quiet">${shop.emptyBasket}</p>`}
      ${this.gone.length > 0 ? html`<p class="problem" role="alert">${shop.someGone(this.gone.join(', '))}</p>` : nothing} ${this.refusal()}`;
  }

  private refusal(): TemplateResult | typeof nothing {
    return this.refused ? html`<p class="problem" role="alert">${explain(this.refused, this.texts, this.found.language)}</p>` : nothing;
  }

  private held(hold: Hold): TemplateResult {
    const { texts } = this;
    const { shop } = texts;
    const price = (amount: number) => money(amount, hold.currency, this.found.language);
    const left = Math.ceil((this.map?.basket?.leftMs ?? 0) / 1_000);
    const canBuy = this.event?.public_confirm ?? false;
    return html`<h2>${shop.basket}</h2>
      <div class="clock ${left <= 60 ? 'short' : ''}" role="timer">
        <span>${shop.keptFor}<br /><b>${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}</b></span>
        <button @click=${() => void this.run(() => this.map!.basket!.extend(this.event?.hold_seconds ?? 600))} ?disabled=${this.isBusy}>${shop.moreTime}</button>
      </div>
      <ul class="places">
        ${hold.places.map((place) => html`<li><span>${texts.seatTitle(place.section, place.row, place.seat)}</span><span class="price">${price(place.price)}</span>
              <button aria-label=${texts.remove(place.label)} ?disabled=${this.isBusy} @click=${() => void this.run(() => this.map!.basket!.remove({ places: [place.label] }))}>✕</button></li>`)}
        ${hold.areas.map((area) => html`<li><span>${area.quantity} × ${area.name}</span><span class="price">${price(area.price * area.quantity)}</span>
              <button aria-label=${texts.remove(area.name)} ?disabled=${this.isBusy} @click=${() => void this.run(() => this.map!.basket!.remove({ areas: [{ name: area.name, quantity: area.quantity, ticket_type: area.ticket_type }] }))}>✕</button></li>`)}
        <li><b>${texts.total}</b><b class="price">${price(hold.amount)}</b></li>
      </ul>
      ${this.refusal()}
      ${canBuy ? html`<form @submit=${this.buy} novalidate>
            <label>${shop.email}<input name="email" type="email" autocomplete="email" required maxlength="200" /></label>
            <button class="primary" ?disabled=${this.isBusy}>${this.isBusy ? texts.busy : hold.amount > 0 ? shop.buy(price(hold.amount)) : shop.buyFree}</button>
            ${this.event?.livemode ? nothing : html`<span class="quiet">${shop.demoPayment}</span>`}
          </form>` : html`<p class="quiet">${shop.payElsewhere}</p>`}
      <p><button class="plain" ?disabled=${this.isBusy} @click=${() => void this.run(() => this.map!.basket!.release())}>${shop.giveBack}</button></p>`;
  }

  private bought(hold: Hold, order: Order | undefined): TemplateResult {
    const { shop } = this.texts;
    const price = (amount: number) => money(amount, hold.currency, this.found.language);
    const tickets = order?.tickets ?? [];
    return html`<h2>${shop.order}</h2>
      <p class="done" role="status">${order ? shop.thanks : shop.orderElsewhere}</p>
      <p>${shop.orderNumber}<br /><code>${order?.id ?? hold.order_id ?? ''}</code></p>
      <ul class="places">
        ${tickets.map((ticket) => html`<li><span>${ticket.section !== undefined ? this.texts.seatTitle(ticket.section, ticket.row ?? '', ticket.seat ?? '') : ticket.label}</span><span class="price">${price(ticket.price)}</span></li>`)}
        <li><b>${this.texts.total}</b><b class="price">${price(order?.amount ?? hold.amount)}</b></li>
      </ul>
      <button @click=${() => this.map?.basket?.forget()}>${shop.another}</button>`;
  }

  private readonly buy = (submitted: SubmitEvent): void => {
    submitted.preventDefault();
    const form = submitted.target as HTMLFormElement;
    const email = form.querySelector<HTMLInputElement>('[name=email]')!;
    email.setCustomValidity('');
    if (!email.checkValidity()) {
      email.setCustomValidity(this.texts.shop.emailMissing);
      email.reportValidity();
      return;
    }
    void this.run(() => this.map!.basket!.confirm(email.value.trim()));
  };

  /** The places of a hold that lapsed, as far as they are free. */
  private async again(hold: Hold): Promise<void> {
    const { map } = this;
    if (!map?.basket) return;
    const places = hold.places.map((place) => place.label);
    map.basket.forget();
    const free = map.select(places);
    this.gone = places.filter((place) => !free.includes(place));
    if (free.length > 0) await map.hold();
  }

  /** One thing at a time, and every "no" in words. */
  private async run(action: () => Promise<unknown>): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    this.refused = undefined;
    this.gone = [];
    try {
      await action();
    } catch (error) {
      this.refused = asProblem(error);
      if (this.refused.code === 'hold_changed' || this.refused.code === 'already_confirmed') await this.map?.basket?.restore().catch(() => undefined);
    } finally {
      this.isBusy = false;
    }
  }
}

/** The key in the address, the one this tab was given before, or the one that the server gives to everybody. */
async function publishableKey(): Promise<string> {
  const given = new URLSearchParams(location.search).get('key');
  if (given !== null) {
    sessionStorage.setItem(KEY_SLOT, given);
    return given;
  }
  const kept = sessionStorage.getItem(KEY_SLOT);
  if (kept !== null) return kept;
  const settings = await new Client('', '').call<{ publishable_key: string | null }>('/web.json');
  return settings.publishable_key ?? '';
}

customElements.define('flashtix-shop', ShopApp);
