/**
 * The pictures of seats: one for each look, size and sub-pixel place, drawn once and copied from then on.
 *
 * All pictures of one shape cover the same pixels with the same strength. A seat that changes is therefore drawn over its old
 * picture, and nothing has to be wiped away first.
 */

import { BLOCKED, FREE, SOLD } from '../model/occupancy';
import { ACCESSIBLE } from '../model/venue';
import { type Theme, inkOn, mix } from './theme';

/** Places within a pixel, each way: coarse enough to be few, fine enough that rows look evenly spaced. */
export const PHASES = 4;
/** From this diameter on, in device pixels, a fraction of a pixel is not seen any more. */
const PHASES_UP_TO = 14;
/** From this diameter on, in device pixels, seats have marks and not only colours. */
const MARKS_FROM = 7;

export interface Sprite {
  /** Width and height in device pixels. */
  size: number;
  /** ABGR, row by row. */
  pixels: Uint32Array;
}

/** A seat's look; `mine` is held by this buyer, `chosen` selected. */
export interface Look {
  status: number;
  category: number;
  flags: number;
  isChosen: boolean;
  isMine: boolean;
  isFaded: boolean;
}

export class Sprites {
  private readonly made = new Map<number, Sprite>();
  private readonly canvas = document.createElement('canvas');

  /** @param diameter of a seat, in device pixels. */
  constructor(
    readonly diameter: number,
    private readonly colors: string[],
    private readonly theme: Theme,
  ) {}

  get hasPhases(): boolean {
    return this.diameter <= PHASES_UP_TO;
  }

  get(look: Look, phaseX: number, phaseY: number): Sprite {
    const key =
      ((((((look.category * 8 + look.status) * 2 + (look.isChosen ? 1 : 0)) * 2 + (look.isMine ? 1 : 0)) * 2 + (look.isFaded ? 1 : 0)) * 2 + (look.flags & ACCESSIBLE)) * PHASES + phaseX) * PHASES + phaseY;
    let sprite = this.made.get(key);
    if (!sprite) {
      sprite = this.draw(look, phaseX / PHASES, phaseY / PHASES);
      this.made.set(key, sprite);
    }
    return sprite;
  }

  private draw(look: Look, dx: number, dy: number): Sprite {
    const { diameter, canvas, theme } = this;
    const size = Math.ceil(diameter) + 2;
    canvas.width = size;
    canvas.height = size;
    const context = canvas.getContext('2d', { willReadFrequently: true })!;
    const middle = { x: size / 2 + dx, y: size / 2 + dy };
    const radius = diameter / 2;
    const color = this.colors[look.category] ?? '#0072B2';
    const hasMarks = diameter >= MARKS_FROM;
    const faded = look.isFaded && !look.isMine && !look.isChosen;
    const free = faded ? mix(color, theme.surface, 0.72) : color;
    let fill = theme.held;
    if (look.isMine || look.isChosen) fill = theme.accent;
    else if (look.status === FREE) fill = free;
    else if (look.status === SOLD || look.status === BLOCKED) fill = hasMarks ? theme.goneEdge : theme.gone;
    context.fillStyle = fill;
    this.shape(context, look, middle, radius);
    context.fill();
    if (hasMarks) this.mark(context, look, middle, radius, fill);
    const image = context.getImageData(0, 0, size, size);
    return { size, pixels: new Uint32Array(image.data.buffer.slice(0)) };
  }

  /** Accessible places are square, all others round. */
  private shape(context: CanvasRenderingContext2D, look: Look, { x, y }: { x: number; y: number }, radius: number): void {
    context.beginPath();
    if (look.flags & ACCESSIBLE) context.roundRect(x - radius, y - radius, 2 * radius, 2 * radius, radius * 0.3);
    else context.arc(x, y, radius, 0, 2 * Math.PI);
  }

  /** What tells a status without its colour, drawn inside of the shape. */
  private mark(context: CanvasRenderingContext2D, look: Look, middle: { x: number; y: number }, radius: number, fill: string): void {
    const { theme } = this;
    const { x, y } = middle;
    context.globalCompositeOperation = 'source-atop';
    context.lineWidth = Math.max(1, radius * 0.24);
    context.lineCap = 'round';
    context.lineJoin = 'round';
    if (look.isMine || look.isChosen) {
      context.strokeStyle = theme.onAccent;
      context.beginPath();
      context.moveTo(x - radius * 0.42, y + radius * 0.04);
      context.lineTo(x - radius * 0.1, y + radius * 0.38);
      context.lineTo(x + radius * 0.46, y - radius * 0.34);
      context.stroke();
    } else if (look.status === SOLD) {
      context.fillStyle = theme.gone;
      this.shape(context, look, middle, radius - Math.max(1, radius * 0.14));
      context.fill();
    } else if (look.status === BLOCKED) {
      context.fillStyle = theme.gone;
      this.shape(context, look, middle, radius - Math.max(1, radius * 0.14));
      context.fill();
      context.strokeStyle = theme.goneEdge;
      context.beginPath();
      context.moveTo(x - radius * 0.45, y - radius * 0.45);
      context.lineTo(x + radius * 0.45, y + radius * 0.45);
      context.moveTo(x + radius * 0.45, y - radius * 0.45);
      context.lineTo(x - radius * 0.45, y + radius * 0.45);
      context.stroke();
    } else if (look.status === FREE) {
      if (look.flags & ACCESSIBLE && radius >= 5) {
        context.fillStyle = inkOn(fill);
        context.font = `${Math.round(radius * 1.5)}px system-ui, sans-serif`;
        context.textAlign = 'center';
        context.textBaseline = 'middle';
        context.fillText('♿︎', x, y + radius * 0.08);
      }
    } else {
      // Held: a clock's hands, for somebody's time is running.
      context.strokeStyle = theme.surface;
      context.beginPath();
      context.moveTo(x, y - radius * 0.5);
      context.lineTo(x, y);
      context.lineTo(x + radius * 0.36, y + radius * 0.2);
      context.stroke();
    }
    context.globalCompositeOperation = 'source-over';
  }
}
