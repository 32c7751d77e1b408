/** Pointers on the map: pan, wheel, pinch, tap, hover; and rectangles, where seats are painted. */

import type { Viewport } from './viewport';

/** A pointer that moves less than this is a tap, in CSS pixels. */
const TAP_PX = 6;
/** Two taps within this time zoom in, in milliseconds. */
const DOUBLE_TAP_MS = 280;

export interface GestureHandlers {
  moved(): void;
  tapped(x: number, y: number, pointer: string): void;
  hovered(x: number, y: number): void;
  left(): void;
  /** A rectangle in pixels while it is drawn; `isDone` when the pointer is lifted. */
  framed(frame: { left: number; top: number; right: number; bottom: number }, isDone: boolean): void;
  /** Whether dragging draws a rectangle instead of moving the map. */
  isPainting(): boolean;
}

export class Gestures {
  private readonly pointers = new Map<number, { x: number; y: number }>();
  private start: { x: number; y: number } | undefined;
  private isDragging = false;
  private wasPinching = false;
  private lastTap = { at: 0, x: 0, y: 0 };
  private readonly stopper = new AbortController();

  constructor(
    private readonly element: HTMLElement,
    private readonly viewport: Viewport,
    private readonly handlers: GestureHandlers,
  ) {
    const options = { signal: this.stopper.signal };
    element.addEventListener('pointerdown', this.down, options);
    element.addEventListener('pointermove', this.move, options);
    element.addEventListener('pointerup', this.up, options);
    element.addEventListener('pointercancel', this.cancel, options);
    element.addEventListener('pointerleave', () => this.handlers.left(), options);
    element.addEventListener('wheel', this.wheel, { ...options, passive: false });
  }

  stop(): void {
    this.stopper.abort();
  }

  private place(event: { clientX: number; clientY: number }): { x: number; y: number } {
    const box = this.element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  private readonly down = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    const at = this.place(event);
    this.pointers.set(event.pointerId, at);
    try {
      this.element.setPointerCapture(event.pointerId);
    } catch {
      // A pointer that is gone already, or one that a script made up.
    }
    if (this.pointers.size === 1) {
      this.start = at;
      this.isDragging = false;
      this.wasPinching = false;
    } else {
      this.wasPinching = true;
    }
  };

  private readonly move = (event: PointerEvent): void => {
    const at = this.place(event);
    const before = this.pointers.get(event.pointerId);
    if (!before) {
      if (event.pointerType !== 'touch') this.handlers.hovered(at.x, at.y);
      return;
    }
    if (this.pointers.size === 1) this.drag(before, at);
    else if (this.pointers.size === 2) this.pinch(event.pointerId, before, at);
    this.pointers.set(event.pointerId, at);
  };

  private drag(before: { x: number; y: number }, at: { x: number; y: number }): void {
    const { start } = this;
    if (!start || this.wasPinching) return;
    if (!this.isDragging && Math.hypot(at.x - start.x, at.y - start.y) < TAP_PX) return;
    const isFirst = !this.isDragging;
    this.isDragging = true;
    if (this.handlers.isPainting()) {
      this.handlers.framed(frameOf(start, at), false);
      return;
    }
    const from = isFirst ? start : before;
    this.viewport.panBy(at.x - from.x, at.y - from.y);
    this.handlers.moved();
  }

  private pinch(id: number, before: { x: number; y: number }, at: { x: number; y: number }): void {
    const other = [...this.pointers].find(([candidate]) => candidate !== id)?.[1];
    if (!other) return;
    const [distance, distanceBefore] = [Math.hypot(at.x - other.x, at.y - other.y), Math.hypot(before.x - other.x, before.y - other.y)];
    this.viewport.panBy((at.x - before.x) / 2, (at.y - before.y) / 2);
    if (distanceBefore > 1) this.viewport.zoomAt((at.x + other.x) / 2, (at.y + other.y) / 2, distance / distanceBefore);
    this.handlers.moved();
  }

  private readonly up = (event: PointerEvent): void => {
    const at = this.place(event);
    const wasKnown = this.pointers.delete(event.pointerId);
    const { start } = this;
    if (!wasKnown || this.pointers.size > 0 || !start || this.wasPinching) return;
    this.start = undefined;
    if (this.isDragging) {
      if (this.handlers.isPainting()) this.handlers.framed(frameOf(start, at), true);
      return;
    }
    const isDouble = event.timeStamp - this.lastTap.at < DOUBLE_TAP_MS && Math.hypot(at.x - this.lastTap.x, at.y - this.lastTap.y) < 30;
    this.lastTap = { at: isDouble ? 0 : event.timeStamp, ...at };
    this.handlers.tapped(at.x, at.y, isDouble ? 'double' : event.pointerType);
  };

  private readonly cancel = (event: PointerEvent): void => {
    this.pointers.delete(event.pointerId);
    this.start = undefined;
  };

  private readonly wheel = (event: WheelEvent): void => {
    event.preventDefault();
    const at = this.place(event);
    // Lines and pages instead of pixels, as some mice count.
    const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
    const amount = Math.max(-200, Math.min(200, event.deltaY * unit));
    this.viewport.zoomAt(at.x, at.y, Math.exp(-amount * (event.ctrlKey ? 0.01 : 0.0022)));
    this.handlers.moved();
  };
}

function frameOf(a: { x: number; y: number }, b: { x: number; y: number }): { left: number; top: number; right: number; bottom: number } {
  return { left: Math.min(a.x, b.x), top: Math.min(a.y, b.y), right: Math.max(a.x, b.x), bottom: Math.max(a.y, b.y) };
}
