/**
 * The layer of seats: pictures copied into one buffer of pixels.
 *
 * A canvas call for each of 20,000 seats costs more than a frame has time, with or without a graphics card. Copying a few words a
 * seat does not: a whole view is composed in one or two milliseconds, and a change of one seat touches that seat's pixels only.
 */

import type { Venue } from '../model/venue';
import { PHASES, type Look, Sprites } from './sprites';
import type { Theme } from './theme';
import type { Viewport } from './viewport';

/** Seats this many CSS pixels apart are worth drawing; nearer ones are shown as their section. */
export const SEATS_FROM_PITCH_PX = 2.6;
/** A seat's diameter, as a share of the distance to its neighbour. */
const DIAMETER = 0.8;

/** How a seat looks now. */
export type Looks = (seat: number, into: Look) => void;

export class SeatLayer {
  private image: ImageData | undefined;
  private words = new Uint32Array(0);
  private sprites: Sprites | undefined;
  private readonly look: Look = { status: 0, category: 0, flags: 0, isChosen: false, isMine: false, isFaded: false };
  private readonly context: CanvasRenderingContext2D;
  private isEmpty = true;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private venue: Venue,
  ) {
    this.context = canvas.getContext('2d')!;
  }

  setVenue(venue: Venue): void {
    this.venue = venue;
    this.sprites = undefined;
  }

  /** Pictures drawn for other colours are of no use any more. */
  forget(): void {
    this.sprites = undefined;
  }

  static isShown(viewport: Viewport, venue: Venue): boolean {
    return viewport.scale * venue.pitch >= SEATS_FROM_PITCH_PX;
  }

  /** Draws all that is seen. */
  drawAll(viewport: Viewport, ratio: number, theme: Theme, looks: Looks): void {
    const { width, height } = this.canvas;
    if (!SeatLayer.isShown(viewport, this.venue)) {
      if (!this.isEmpty) this.context.clearRect(0, 0, width, height);
      this.isEmpty = true;
      return;
    }
    this.isEmpty = false;
    if (!this.image || this.image.width !== width || this.image.height !== height) {
      this.image = new ImageData(width, height);
      this.words = new Uint32Array(this.image.data.buffer);
    } else {
      this.words.fill(0);
    }
    this.fitSprites(viewport, ratio, theme);
    const { x, y, size } = this.venue;
    const seen = viewport.seen();
    const margin = this.venue.pitch;
    for (let seat = 0; seat < size; seat++) {
      const sx = x[seat]!;
      const sy = y[seat]!;
      if (sx < seen.left - margin || sx > seen.right + margin || sy < seen.top - margin || sy > seen.bottom + margin) continue;
      this.copy(seat, viewport, ratio, looks);
    }
    this.context.putImageData(this.image, 0, 0);
  }

  /** Draws some seats again where nothing else has moved. */
  drawSome(seats: Iterable<number>, viewport: Viewport, ratio: number, theme: Theme, looks: Looks): void {
    if (this.isEmpty || !this.image) return;
    this.fitSprites(viewport, ratio, theme);
    const dirty = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
    for (const seat of seats) {
      const spot = this.copy(seat, viewport, ratio, looks);
      if (!spot) continue;
      dirty.left = Math.min(dirty.left, spot.x);
      dirty.top = Math.min(dirty.top, spot.y);
      dirty.right = Math.max(dirty.right, spot.x + spot.size);
      dirty.bottom = Math.max(dirty.bottom, spot.y + spot.size);
    }
    if (dirty.right <= dirty.left) return;
    const left = Math.max(0, dirty.left);
    const top = Math.max(0, dirty.top);
    this.context.putImageData(this.image, 0, 0, left, top, dirty.right - left, dirty.bottom - top);
  }

  /** A seat's diameter in device pixels; quarter pixels are fine enough to look continuous, and few enough to keep pictures. */
  private fitSprites(viewport: Viewport, ratio: number, theme: Theme): void {
    const diameter = Math.max(2, Math.round(viewport.scale * this.venue.pitch * DIAMETER * ratio * 4) / 4);
    if (this.sprites?.diameter !== diameter) {
      this.sprites = new Sprites(diameter, this.venue.categories.map((category) => category.color), theme);
    }
  }

  private copy(seat: number, viewport: Viewport, ratio: number, looks: Looks): { x: number; y: number; size: number } | undefined {
    const sprites = this.sprites!;
    const scale = viewport.scale * ratio;
    const cx = (this.venue.x[seat]! - viewport.x) * scale + (viewport.width * ratio) / 2;
    const cy = (this.venue.y[seat]! - viewport.y) * scale + (viewport.height * ratio) / 2;
    const half = (Math.ceil(sprites.diameter) + 2) / 2;
    let px = Math.floor(cx - half);
    let py = Math.floor(cy - half);
    let phaseX = 0;
    let phaseY = 0;
    if (sprites.hasPhases) {
      phaseX = Math.floor((cx - half - px) * PHASES);
      phaseY = Math.floor((cy - half - py) * PHASES);
    } else {
      px = Math.round(cx - half);
      py = Math.round(cy - half);
    }
    const { width, height } = this.canvas;
    const look = this.look;
    looks(seat, look);
    const { size, pixels } = sprites.get(look, phaseX, phaseY);
    if (px + size <= 0 || py + size <= 0 || px >= width || py >= height) return undefined;
    const words = this.words;
    const firstColumn = Math.max(0, -px);
    const endColumn = Math.min(size, width - px);
    const endRow = Math.min(size, height - py);
    for (let row = Math.max(0, -py); row < endRow; row++) {
      let from = row * size + firstColumn;
      let to = (py + row) * width + px + firstColumn;
      for (let column = firstColumn; column < endColumn; column++, from++, to++) {
        const word = pixels[from]!;
        // Where two pictures touch, the stronger covers: drawing one of them again leaves the other's edge alone.
        if (word >>> 24 !== 0 && word >>> 24 >= words[to]! >>> 24) words[to] = word;
      }
    }
    return { x: px, y: py, size };
  }
}
