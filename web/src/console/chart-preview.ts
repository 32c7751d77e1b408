/** A chart, drawn with every seat free: what an event would look like. */

import { LitElement, type PropertyValues, type TemplateResult, css, html } from 'lit';
import type { Chart } from '../api/types';
import { MapView } from '../map/map-view';
import { mapStyles } from '../map/styles';
import { DARK, LIGHT } from '../map/theme';
import { Occupancy } from '../model/occupancy';
import { layOut, seatCount } from '../model/venue';
import { tokens } from '../style/tokens';
import { textsFor } from '../text';

export class ChartPreview extends LitElement {
  static override styles = [
    tokens,
    mapStyles,
    css`
      :host {
        height: 420px;
        border: 1px solid var(--line);
        border-radius: 8px;
      }
    `,
  ];
  static override properties = { chart: { attribute: false }, label: { type: String }, language: { type: String }, theme: { type: String, reflect: true } };
  declare chart: Chart;
  declare label: string;
  declare language: string;
  declare theme: 'light' | 'dark';
  private map: MapView | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.map?.stop();
    this.map = undefined;
  }

  protected override updated(changed: PropertyValues): void {
    if (!changed.has('chart') && !changed.has('theme')) return;
    this.map?.stop();
    const { texts } = textsFor(this.language);
    const venue = layOut(this.chart, this.chart.areas, this.chart.categories.map((category) => category.key));
    const occupancy = new Occupancy(venue);
    occupancy.replace({ seq: 0, chart_id: this.chart.id, status: 'draft', seats: 'f'.repeat(seatCount(this.chart)), areas: Object.fromEntries(this.chart.areas.map((area) => [area.name, { free: area.capacity, held: 0, sold: 0, blocked: 0 }])), categories: {} });
    const layer = (name: string) => this.renderRoot.querySelector<HTMLCanvasElement>(`canvas.${name}`)!;
    this.map = new MapView(this.renderRoot.querySelector<HTMLElement>('.plan')!, { base: layer('base'), seats: layer('seats'), over: layer('over') }, venue, occupancy, this.theme === 'dark' ? DARK : LIGHT, {
      picked: () => undefined,
      areaPicked: () => undefined,
      hovered: () => undefined,
      painted: () => undefined,
      isChosen: () => false,
      isMine: () => false,
      isWanted: () => true,
      isPainting: () => false,
      left: (free) => texts.left(free),
      stage: () => texts.stage,
    });
  }

  override render(): TemplateResult {
    return html`<div class="plan" role="img" aria-label=${this.label}><canvas class="base" aria-hidden="true"></canvas><canvas class="seats" aria-hidden="true"></canvas><canvas class="over" aria-hidden="true"></canvas></div>`;
  }
}

customElements.define('flashtix-chart-preview', ChartPreview);
