/** Finding a buyer's orders, cancelling them or some of their tickets, and all of them as a file. */

import { LitElement, type PropertyValues, type TemplateResult, css, html, nothing } from 'lit';
import { asProblem } from '../api/client';
import type { OrderFilter, Organizer } from '../api/organizer';
import type { Order, SaleEvent, Ticket } from '../api/types';
import { money } from '../model/prices';
import { controls, tokens } from '../style/tokens';
import { briefly } from '../text';
import { type Speech, explainTo } from '../text/console';
import { save } from './csv';
import { ordersCsv } from './exports';
import { consoleStyles } from './styles';

const PAGE = 20;
type Field = 'buyer' | 'order' | 'payment_ref' | 'ref' | 'code';

/** What is about to be cancelled, while that is asked back. */
interface Doomed {
  order: Order;
  ticket?: Ticket;
}

export class OrdersPanel extends LitElement {
  static override styles = [
    tokens,
    controls,
    consoleStyles,
    css`
      :host {
        display: block;
      }
      td.id {
        font-size: 12px;
        overflow-wrap: anywhere;
        min-width: 150px;
      }
      ul {
        list-style: none;
        margin: 0;
        padding: 0;
      }
      li {
        display: flex;
        gap: 8px;
        align-items: center;
      }
      li.cancelled {
        text-decoration: line-through;
        color: var(--faint);
      }
      td button {
        min-height: 28px;
        padding: 2px 8px;
        font-size: 13px;
      }
      dialog {
        max-width: 420px;
        border: 1px solid var(--line);
        border-radius: var(--round);
        background: var(--panel);
        color: var(--ink);
      }
      dialog::backdrop {
        background: rgb(0 0 0 / 45%);
      }
    `,
  ];
  static override properties = { client: { attribute: false }, speech: { attribute: false }, event: { attribute: false }, theme: { type: String, reflect: true }, orders: { state: true }, cursor: { state: true }, problem: { state: true }, doomed: { state: true }, isBusy: { state: true }, exported: { state: true } };
  declare client: Organizer;
  declare speech: Speech;
  declare event: SaleEvent;
  declare theme: string;
  declare private orders: Order[] | undefined;
  declare private cursor: string | null;
  declare private problem: string | undefined;
  declare private doomed: Doomed | undefined;
  declare private isBusy: boolean;
  declare private exported: number | undefined;
  private filter: OrderFilter = {};
  private readonly stopper = new AbortController();

  constructor() {
    super();
    this.cursor = null;
    this.isBusy = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.find({});
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stopper.abort();
  }

  protected override updated(changed: PropertyValues): void {
    if (!changed.has('doomed')) return;
    const dialog = this.renderRoot.querySelector('dialog');
    if (this.doomed && !dialog?.open) dialog?.showModal();
    else if (!this.doomed && dialog?.open) dialog.close();
  }

  private async run(action: () => Promise<void>): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    this.problem = undefined;
    try {
      await action();
    } catch (error) {
      this.problem = explainTo(asProblem(error), this.speech);
    } finally {
      this.isBusy = false;
    }
  }

  private find(filter: OrderFilter): Promise<void> {
    return this.run(async () => {
      this.filter = filter;
      const page = await this.client.orders(this.event.id, { ...filter, limit: PAGE });
      this.orders = page.items;
      this.cursor = page.next_cursor;
    });
  }

  private findOne(id: string): Promise<void> {
    return this.run(async () => {
      this.cursor = null;
      this.orders = [];
      const order = await this.client.order(id);
      if (order.event_id === this.event.id) this.orders = [order];
    });
  }

  private more(): Promise<void> {
    return this.run(async () => {
      const page = await this.client.orders(this.event.id, { ...this.filter, limit: PAGE, ...(this.cursor === null ? {} : { cursor: this.cursor }) });
      this.orders = [...(this.orders ?? []), ...page.items];
      this.cursor = page.next_cursor;
    });
  }

  private cancel({ order, ticket }: Doomed): Promise<void> {
    this.doomed = undefined;
    return this.run(async () => {
      const changed = await this.client.cancelOrder(order.id, ticket ? [ticket.id] : undefined);
      this.orders = this.orders?.map((known) => (known.id === changed.id ? changed : known));
    });
  }

  private async download(): Promise<void> {
    if (this.exported !== undefined) return;
    this.exported = 0;
    try {
      const parts = await ordersCsv(this.client, this.event, this.stopper.signal, (lines) => (this.exported = lines));
      save(`${this.event.id}-orders.csv`, parts);
    } catch (error) {
      this.problem = explainTo(asProblem(error), this.speech);
    } finally {
      this.exported = undefined;
    }
  }

  override render(): TemplateResult {
    const { texts } = this.speech;
    const { orders } = texts;
    const submit = (submitted: SubmitEvent) => {
      submitted.preventDefault();
      const form = new FormData(submitted.target as HTMLFormElement);
      const [field, value] = [form.get('field') as Field, String(form.get('value') ?? '').trim()];
      if (value === '') void this.find({});
      else if (field === 'order') void this.findOne(value);
      else void this.find({ [field]: value });
    };
    return html`<form class="line" @submit=${submit}>
        <label>${orders.by}<select name="field">${Object.entries(orders.fields).map(([field, name]) => html`<option value=${field}>${name}</option>`)}</select></label>
        <label>${orders.value}<input name="value" maxlength="255" autocomplete="off" /></label>
        <button class="primary" ?disabled=${this.isBusy}>${orders.find}</button>
        <button type="button" class="end" ?disabled=${this.exported !== undefined} @click=${() => void this.download()}>${this.exported === undefined ? orders.download : orders.loading(this.exported)}</button>
      </form>
      ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
      <div aria-live="polite">${this.orders?.length === 0 ? html`<p class="quiet">${orders.none}</p>` : nothing}</div>
      ${this.orders && this.orders.length > 0 ? this.table(this.orders) : nothing}
      ${this.cursor !== null ? html`<button @click=${() => void this.more()} ?disabled=${this.isBusy}>${texts.more}</button>` : nothing}
      ${this.sure()}`;
  }

  private table(found: Order[]): TemplateResult {
    const { orders } = this.speech.texts;
    return html`<div class="scroll" tabindex="0" role="region" aria-label=${orders.title}>
      <table>
        <thead><tr><th>${orders.fields.order}</th><th>${orders.buyer}</th><th>${orders.made}</th><th>${orders.places}</th><th class="number">${orders.amount}</th><th><span class="hidden">${orders.cancelAll}</span></th></tr></thead>
        <tbody>${found.map((order) => this.row(order))}</tbody>
      </table>
    </div>`;
  }

  private row(order: Order): TemplateResult {
    const { orders } = this.speech.texts;
    const isValid = order.status === 'confirmed';
    return html`<tr>
      <td class="id">${order.id}<br /><span class="quiet">${orders.status[order.status] ?? order.status}${order.payment_ref ? ` · ${order.payment_ref}` : ''}</span></td>
      <td>${order.buyer}</td>
      <td>${briefly(order.created_at, this.speech.language)}</td>
      <td><ul>${order.tickets.map((ticket) => html`<li class=${ticket.status}>${ticket.label}
          ${ticket.status === 'valid' && order.tickets.length > 1 ? html`<button class="plain" aria-label=${orders.cancelTicket(ticket.label)} @click=${() => (this.doomed = { order, ticket })}>✕</button>` : nothing}</li>`)}</ul></td>
      <td class="number">${money(order.amount - order.amount_cancelled, order.currency, this.speech.language)}</td>
      <td>${isValid ? html`<button class="danger" ?disabled=${this.isBusy} @click=${() => (this.doomed = { order })}>${orders.cancelAll}</button>` : nothing}</td>
    </tr>`;
  }

  private sure(): TemplateResult {
    const { texts } = this.speech;
    const { doomed } = this;
    const valid = doomed?.order.tickets.filter((ticket) => ticket.status === 'valid').length ?? 0;
    const question = !doomed ? '' : doomed.ticket ? texts.orders.sureTicket(doomed.ticket.label, doomed.order.buyer) : texts.orders.sureAll(doomed.order.buyer, valid);
    return html`<dialog aria-labelledby="question" @close=${() => (this.doomed = undefined)}>
      <p id="question">${question}</p>
      <div class="line">
        <button @click=${() => (this.doomed = undefined)}>${texts.cancel}</button>
        <button class="danger" @click=${() => doomed && void this.cancel(doomed)}>${texts.orders.yes}</button>
      </div>
    </dialog>`;
  }
}

customElements.define('flashtix-orders-panel', OrdersPanel);
