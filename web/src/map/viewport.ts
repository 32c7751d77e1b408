/** Which part of the chart is seen: chart units to CSS pixels and back. */

import type { Box } from '../model/shapes';

/** Pixels that stay free around a chart that fits. */
const MARGIN = 24;
/** The nearest view shows seats this many pixels apart. */
const PITCH_PX_MAX = 64;

export class Viewport {
  scale = 1;
  /** The chart's coordinates in the middle of the view. */
  x = 0;
  y = 0;
  width = 1;
  height = 1;
  /** Pixels at the edges that something else covers. */
  inset = { top: 0, right: 0, bottom: 0, left: 0 };
  private box: Box = { left: 0, top: 0, right: 1, bottom: 1 };
  private pitch = 1;
  /** Whether the whole chart is shown, and goes on being shown when the view's size changes. */
  private isFitted = true;

  show(box: Box, pitch: number): void {
    this.box = box;
    this.pitch = pitch;
    this.fit();
  }

  resize(width: number, height: number): void {
    this.width = Math.max(1, width);
    this.height = Math.max(1, height);
    if (this.isFitted) this.fit();
    else this.clamp();
  }

  get scaleMin(): number {
    const width = Math.max(40, this.width - this.inset.left - this.inset.right - 2 * MARGIN);
    const height = Math.max(40, this.height - this.inset.top - this.inset.bottom - 2 * MARGIN);
    // The box is around the seats' middles; half a seat more on either side is theirs.
    return Math.min(width / (this.box.right - this.box.left + this.pitch), height / (this.box.bottom - this.box.top + this.pitch));
  }

  get scaleMax(): number {
    return Math.max(PITCH_PX_MAX / this.pitch, this.scaleMin);
  }

  get isWhole(): boolean {
    return this.isFitted;
  }

  fit(): void {
    this.scale = Math.min(this.scaleMin, this.scaleMax);
    this.center((this.box.left + this.box.right) / 2, (this.box.top + this.box.bottom) / 2);
    this.isFitted = true;
  }

  /** Brings a place to the middle of what nothing covers. */
  center(x: number, y: number): void {
    this.x = x - (this.inset.left - this.inset.right) / 2 / this.scale;
    this.y = y - (this.inset.top - this.inset.bottom) / 2 / this.scale;
    this.clamp();
  }

  /** Shows a rectangle as large as it can be. */
  fitTo(box: Box, margin: number): void {
    const width = Math.max(40, this.width - this.inset.left - this.inset.right);
    const height = Math.max(40, this.height - this.inset.top - this.inset.bottom);
    const scale = Math.min(width / (box.right - box.left + 2 * margin), height / (box.bottom - box.top + 2 * margin));
    this.isFitted = false;
    this.scale = Math.max(this.scaleMin, Math.min(scale, this.scaleMax * 0.6));
    this.center((box.left + box.right) / 2, (box.top + box.bottom) / 2);
  }

  panBy(dx: number, dy: number): void {
    this.isFitted = false;
    this.x -= dx / this.scale;
    this.y -= dy / this.scale;
    this.clamp();
  }

  /** Zooms by a factor and keeps what is under a pixel where it is. */
  zoomAt(px: number, py: number, factor: number): void {
    const before = this.toChart(px, py);
    const scale = Math.max(this.scaleMin, Math.min(this.scaleMax, this.scale * factor));
    if (scale <= this.scaleMin * 1.001 && factor < 1) return this.fit();
    this.isFitted = false;
    this.scale = scale;
    this.x = before.x - (px - this.width / 2) / this.scale;
    this.y = before.y - (py - this.height / 2) / this.scale;
    this.clamp();
  }

  toChart(px: number, py: number): { x: number; y: number } {
    return { x: this.x + (px - this.width / 2) / this.scale, y: this.y + (py - this.height / 2) / this.scale };
  }

  toPixels(x: number, y: number): { x: number; y: number } {
    return { x: (x - this.x) * this.scale + this.width / 2, y: (y - this.y) * this.scale + this.height / 2 };
  }

  /** What is seen, in the chart's units. */
  seen(): Box {
    const a = this.toChart(0, 0);
    const b = this.toChart(this.width, this.height);
    return { left: a.x, top: a.y, right: b.x, bottom: b.y };
  }

  /** The chart cannot be lost out of sight. */
  private clamp(): void {
    this.x = Math.max(this.box.left, Math.min(this.box.right, Number.isFinite(this.x) ? this.x : 0));
    this.y = Math.max(this.box.top, Math.min(this.box.bottom, Number.isFinite(this.y) ? this.y : 0));
  }
}
