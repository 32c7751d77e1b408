/** A line chart of the last minutes, drawn by uPlot. */

import { LitElement, type PropertyValues, type TemplateResult, css, html, unsafeCSS } from 'lit';
import uPlot from 'uplot';
import plotStyles from 'uplot/dist/uPlot.min.css?inline';
import { tokens } from '../style/tokens';

export interface Line {
  name: string;
  light: string;
  dark: string;
}

const HEIGHT_PX = 150;
/** The shortest time that is shown, in seconds. */
const SPAN_SECONDS_MIN = 60;

export class Plot extends LitElement {
  static override styles = [
    tokens,
    unsafeCSS(plotStyles),
    css`
      :host {
        display: block;
        min-width: 0;
      }
      .place {
        overflow: hidden;
      }
      /* The time is on the axis. */
      .u-legend .u-series:first-child {
        display: none;
      }
      .u-legend {
        font-size: 12px;
        color: var(--ink);
      }
    `,
  ];
  static override properties = { lines: { attribute: false }, data: { attribute: false }, label: { type: String }, language: { type: String }, theme: { type: String, reflect: true } };
  declare lines: Line[];
  /** Seconds since 1970, then one array of values a line. */
  declare data: uPlot.AlignedData;
  declare label: string;
  declare language: string;
  declare theme: 'light' | 'dark';
  private plot: uPlot | undefined;
  private observer: ResizeObserver | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.observer?.disconnect();
    this.plot?.destroy();
    this.plot = undefined;
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('lines') || changed.has('theme')) {
      this.plot?.destroy();
      this.plot = undefined;
    }
    if (this.plot) this.plot.setData(this.data);
    else this.begin();
  }

  private begin(): void {
    const place = this.renderRoot.querySelector<HTMLElement>('.place');
    if (!place || place.clientWidth === 0) {
      // Not laid out yet.
      this.watch(this);
      return;
    }
    const isDark = this.theme === 'dark';
    const ink = isDark ? '#a3b0c0' : '#5a6675';
    const grid = { stroke: isDark ? '#27313d' : '#e6eaef', width: 1 };
    const write = new Intl.NumberFormat(this.language, { maximumSignificantDigits: 3, notation: 'compact' });
    const seconds = new Intl.DateTimeFormat(this.language, { minute: '2-digit', second: '2-digit' });
    this.plot = new uPlot(
      {
        width: place.clientWidth,
        height: HEIGHT_PX,
        cursor: { y: false },
        legend: { live: true },
        scales: {
          x: { range: ({ data: [at] }) => span(at) },
          y: { range: (_, __, max) => [0, Math.max(1, max * 1.1)] },
        },
        axes: [
          { stroke: ink, grid, size: 28, values: (_, at) => at.map((second) => seconds.format(second * 1_000)) },
          { stroke: ink, grid, size: 48, values: (_, at) => at.map((value) => write.format(value)) },
        ],
        series: [
          { value: (_, at) => (at === null ? '' : seconds.format(at * 1_000)), label: ' ' },
          ...this.lines.map((line) => ({ label: line.name, stroke: isDark ? line.dark : line.light, width: 2, spanGaps: false, points: { show: false }, value: (_: uPlot, at: number | null) => (at === null ? '–' : write.format(at)) })),
        ],
      },
      this.data,
      place,
    );
    this.watch(place);
  }

  private watch(element: HTMLElement): void {
    this.observer?.disconnect();
    this.observer = new ResizeObserver(() => {
      const width = this.renderRoot.querySelector('.place')?.clientWidth ?? 0;
      if (width === 0) return;
      if (!this.plot) this.begin();
      else if (this.plot.width !== width) this.plot.setSize({ width, height: HEIGHT_PX });
    });
    this.observer.observe(element);
  }

  override render(): TemplateResult {
    return html`<div class="place" role="img" aria-label=${this.label}></div>`;
  }
}

/** From the first reading to the last, at least a minute. The library's own guess for a single reading is a day. */
function span(at: ArrayLike<number>): [number, number] {
  const last = at[at.length - 1] ?? Date.now() / 1_000;
  return [Math.min(at[0] ?? last, last - SPAN_SECONDS_MIN), last];
}

customElements.define('flashtix-plot', Plot);
