/**
 * The drawn map: three layers, one frame at a time.
 *
 * `base` (sections, areas, stage) and `seats` change when the map moves; `over` (names, focus, hover, frames) is light and drawn on
 * its own. While nothing moves, a commit of the feed costs the pictures of the seats that it changed.
 */

import { FREE, type Occupancy } from '../model/occupancy';
import { Grid } from '../model/grid';
import { contains } from '../model/shapes';
import { type Venue, seatName } from '../model/venue';
import { type Scene, drawBase, drawNames } from './base-layer';
import { Gestures } from './gestures';
import { SeatLayer } from './seat-layer';
import { type Theme, inkOn } from './theme';
import { Viewport } from './viewport';

/** A finger hits within this many CSS pixels. */
const REACH_PX = 14;
/** Seats have their number written on them from this pitch on, in CSS pixels. */
const NUMBERS_FROM_PITCH_PX = 24;
/** Seats nearer than this to each other are not picked one by one: a tap comes closer instead. */
const PICK_FROM_PITCH_PX = 8;
/** A seat's details are shown from this pitch on, in CSS pixels. */
const DETAILS_FROM_PITCH_PX = 5;
/** Device pixels for a CSS pixel, at most: more is not seen, and costs. */
const RATIO_MAX = 2;
/** Summaries and names of sections need not follow every commit, in milliseconds. */
const SLOW_MS = 250;

export interface MapHandlers {
  picked(seat: number): void;
  areaPicked(name: string): void;
  hovered(seat: number | undefined, x: number, y: number): void;
  painted(seats: number[]): void;
  isChosen(seat: number): boolean;
  isMine(seat: number): boolean;
  isWanted(category: number): boolean;
  isPainting(): boolean;
  left(free: number): string;
  stage(): string;
}

export class MapView {
  readonly viewport = new Viewport();
  focused: number | undefined;
  private hovered: number | undefined;
  private frame: { left: number; top: number; right: number; bottom: number } | undefined;
  private readonly seats: SeatLayer;
  private readonly gestures: Gestures;
  private readonly observer: ResizeObserver;
  private grid: Grid;
  private ratio = 1;
  private requested = 0;
  private isMoved = true;
  private isOverDirty = true;
  private isSlowDirty = false;
  private slowAt = 0;
  private readonly again = new Set<number>();
  /** How long the last frames took to draw, in milliseconds; for measuring. */
  readonly drawMs: number[] = [];

  constructor(
    private readonly host: HTMLElement,
    private readonly layers: { base: HTMLCanvasElement; seats: HTMLCanvasElement; over: HTMLCanvasElement },
    private venue: Venue,
    private occupancy: Occupancy,
    private theme: Theme,
    private readonly handlers: MapHandlers,
  ) {
    this.grid = new Grid(venue);
    this.seats = new SeatLayer(layers.seats, venue);
    this.gestures = new Gestures(layers.over, this.viewport, {
      moved: () => this.moved(),
      tapped: (x, y, pointer) => this.tapped(x, y, pointer),
      hovered: (x, y) => this.hover(x, y),
      left: () => this.setHovered(undefined, 0, 0),
      framed: (frame, isDone) => this.framed(frame, isDone),
      isPainting: () => this.handlers.isPainting(),
    });
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(host);
    this.viewport.show(venue.box, venue.pitch);
    this.resize();
  }

  stop(): void {
    this.observer.disconnect();
    this.gestures.stop();
    cancelAnimationFrame(this.requested);
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    this.seats.forget();
    this.moved();
  }

  /** Other seats, or the same with other counts. */
  setVenue(venue: Venue, occupancy: Occupancy): void {
    this.venue = venue;
    this.occupancy = occupancy;
    this.grid = new Grid(venue);
    this.seats.setVenue(venue);
    this.focused = undefined;
    this.hovered = undefined;
    this.viewport.show(venue.box, venue.pitch);
    this.moved();
  }

  /** The feed brought something. */
  changed(): void {
    this.isSlowDirty = true;
    this.request();
  }

  /** Seats look different for another reason: chosen, kept, filtered. */
  restyle(seats?: Iterable<number>): void {
    if (seats) for (const seat of seats) this.again.add(seat);
    else this.isMoved = true;
    this.isOverDirty = true;
    this.request();
  }

  moved(): void {
    this.isMoved = true;
    this.request();
  }

  zoomBy(factor: number): void {
    const { width, height } = this.viewport;
    this.viewport.zoomAt(width / 2, height / 2, factor);
    this.moved();
  }

  fit(): void {
    this.viewport.fit();
    this.moved();
  }

  zoomToSection(index: number): void {
    const section = this.venue.sections[index];
    if (!section) return;
    this.viewport.fitTo(section.box, this.venue.pitch * 3);
    this.moved();
  }

  /** Brings seats into view, near enough to be told apart. */
  reveal(seats: number[]): void {
    const first = seats[0];
    if (first === undefined) return;
    const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
    for (const seat of seats) {
      box.left = Math.min(box.left, this.venue.x[seat]!);
      box.right = Math.max(box.right, this.venue.x[seat]!);
      box.top = Math.min(box.top, this.venue.y[seat]!);
      box.bottom = Math.max(box.bottom, this.venue.y[seat]!);
    }
    this.viewport.fitTo(box, this.venue.pitch * 14);
    this.moved();
  }

  /** Moves the keyboard's focus to a seat, and the map with it. */
  focus(seat: number | undefined): void {
    this.focused = seat;
    this.isOverDirty = true;
    if (seat !== undefined) {
      const { viewport, venue } = this;
      const pitch = viewport.scale * venue.pitch;
      if (pitch < PICK_FROM_PITCH_PX * 1.5) viewport.zoomAt(viewport.width / 2, viewport.height / 2, (PICK_FROM_PITCH_PX * 2.2) / pitch);
      const at = viewport.toPixels(venue.x[seat]!, venue.y[seat]!);
      const margin = 60;
      const isInside = at.x > viewport.inset.left + margin && at.y > viewport.inset.top + margin && at.x < viewport.width - viewport.inset.right - margin && at.y < viewport.height - viewport.inset.bottom - margin;
      if (!isInside) viewport.center(venue.x[seat]!, venue.y[seat]!);
      this.isMoved = true;
    }
    this.request();
  }

  /** The seat nearest to the middle of the view, for the keyboard to begin at. */
  central(): number | undefined {
    const { x, y } = this.viewport.toChart(this.viewport.width / 2, this.viewport.height / 2);
    const reach = Math.max(this.venue.box.right - this.venue.box.left, this.venue.box.bottom - this.venue.box.top);
    let free: number | undefined;
    let best = Infinity;
    for (let seat = 0; seat < this.venue.size; seat++) {
      if (this.occupancy.seats[seat] !== FREE) continue;
      const distance = (this.venue.x[seat]! - x) ** 2 + (this.venue.y[seat]! - y) ** 2;
      if (distance < best) {
        best = distance;
        free = seat;
      }
    }
    return free ?? this.grid.nearest(x, y, reach);
  }

  private resize(): void {
    const width = this.host.clientWidth;
    const height = this.host.clientHeight;
    if (width === 0 || height === 0) return;
    this.ratio = Math.min(RATIO_MAX, globalThis.devicePixelRatio || 1);
    for (const canvas of Object.values(this.layers)) {
      canvas.width = Math.round(width * this.ratio);
      canvas.height = Math.round(height * this.ratio);
    }
    this.viewport.resize(width, height);
    this.moved();
    // Drawn at once: a canvas that was just emptied would flash.
    this.draw(performance.now());
  }

  private request(): void {
    if (this.requested === 0) this.requested = requestAnimationFrame((now) => this.draw(now));
  }

  private draw(now: number): void {
    cancelAnimationFrame(this.requested);
    this.requested = 0;
    const began = performance.now();
    const { viewport, ratio, theme } = this;
    const scene = this.scene();
    const isSlowDue = this.isSlowDirty && now - this.slowAt >= SLOW_MS;
    if (this.isMoved || isSlowDue) {
      const base = this.layers.base.getContext('2d', { alpha: false })!;
      base.setTransform(ratio, 0, 0, ratio, 0, 0);
      drawBase(base, scene);
    }
    const changed = this.occupancy.drain();
    if (this.isMoved || !changed) {
      this.seats.drawAll(viewport, ratio, theme, this.looks);
    } else {
      for (const seat of this.again) changed.add(seat);
      if (changed.size > 0) this.seats.drawSome(changed, viewport, ratio, theme, this.looks);
    }
    this.again.clear();
    if (this.isMoved || isSlowDue || this.isOverDirty) this.drawOver(scene);
    if (isSlowDue || this.isMoved) {
      this.slowAt = now;
      this.isSlowDirty = false;
    }
    this.isMoved = false;
    this.isOverDirty = false;
    if (this.isSlowDirty) setTimeout(() => this.request(), SLOW_MS);
    this.drawMs.push(performance.now() - began);
    if (this.drawMs.length > 2_000) this.drawMs.splice(0, 1_000);
  }

  private scene(): Scene {
    const { venue, occupancy, theme, viewport, handlers } = this;
    return { venue, occupancy, theme, viewport, left: (free) => handlers.left(free), stage: handlers.stage(), isWanted: (category) => handlers.isWanted(category) };
  }

  private readonly looks = (seat: number, into: { status: number; category: number; flags: number; isChosen: boolean; isMine: boolean; isFaded: boolean }): void => {
    const category = this.venue.category[seat]!;
    into.status = this.occupancy.seats[seat]!;
    into.category = category;
    into.flags = this.venue.flags[seat]!;
    into.isChosen = this.handlers.isChosen(seat);
    into.isMine = this.handlers.isMine(seat);
    into.isFaded = !this.handlers.isWanted(category);
  };

  private drawOver(scene: Scene): void {
    const context = this.layers.over.getContext('2d')!;
    const { viewport, venue, theme, ratio } = this;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, viewport.width, viewport.height);
    const pitch = viewport.scale * venue.pitch;
    if (pitch >= NUMBERS_FROM_PITCH_PX) this.drawNumbers(context, pitch);
    drawNames(context, scene);
    if (this.hovered !== undefined && this.hovered !== this.focused) this.ring(context, this.hovered, theme.ink, 1.5);
    if (this.focused !== undefined) {
      this.ring(context, this.focused, theme.block, 6);
      this.ring(context, this.focused, theme.ink, 3);
    }
    if (this.frame) {
      const { left, top, right, bottom } = this.frame;
      context.strokeStyle = theme.accent;
      context.lineWidth = 2;
      context.setLineDash([6, 4]);
      context.strokeRect(left, top, right - left, bottom - top);
      context.setLineDash([]);
      context.globalAlpha = 0.12;
      context.fillStyle = theme.accent;
      context.fillRect(left, top, right - left, bottom - top);
      context.globalAlpha = 1;
    }
  }

  private ring(context: CanvasRenderingContext2D, seat: number, color: string, width: number): void {
    const { viewport, venue } = this;
    const at = viewport.toPixels(venue.x[seat]!, venue.y[seat]!);
    context.beginPath();
    context.arc(at.x, at.y, Math.max(6, viewport.scale * venue.pitch * 0.5 + 1), 0, 2 * Math.PI);
    context.strokeStyle = color;
    context.lineWidth = width;
    context.stroke();
  }

  private drawNumbers(context: CanvasRenderingContext2D, pitch: number): void {
    const { viewport, venue, occupancy } = this;
    const seen = viewport.seen();
    context.font = `600 ${Math.min(14, Math.round(pitch * 0.32))}px system-ui, sans-serif`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    this.grid.within(seen.left, seen.top, seen.right, seen.bottom, (seat) => {
      if (occupancy.seats[seat] !== FREE || venue.flags[seat]! & 1 || this.handlers.isChosen(seat) || this.handlers.isMine(seat)) return;
      const category = venue.category[seat]!;
      if (!this.handlers.isWanted(category)) return;
      const at = viewport.toPixels(venue.x[seat]!, venue.y[seat]!);
      context.fillStyle = inkOn(venue.categories[category]?.color ?? '#0072B2');
      context.fillText(seatName(venue, seat).slice(0, 4), at.x, at.y + 0.5);
    });
  }

  private seatAt(px: number, py: number): number | undefined {
    const { viewport, venue } = this;
    const at = viewport.toChart(px, py);
    const reach = Math.min(REACH_PX / viewport.scale, venue.pitch * 1.2);
    return this.grid.nearest(at.x, at.y, Math.max(reach, venue.pitch * 0.5));
  }

  private areaAt(px: number, py: number): string | undefined {
    const { x, y } = this.viewport.toChart(px, py);
    return this.venue.areas.find((area) => contains(area.border, x, y))?.name;
  }

  private tapped(px: number, py: number, pointer: string): void {
    const { viewport, venue } = this;
    const isNear = viewport.scale * venue.pitch >= (pointer === 'touch' ? PICK_FROM_PITCH_PX * 1.8 : PICK_FROM_PITCH_PX);
    const seat = this.seatAt(px, py);
    if (seat !== undefined && isNear) return this.handlers.picked(seat);
    const area = seat === undefined ? this.areaAt(px, py) : undefined;
    if (area !== undefined) return this.handlers.areaPicked(area);
    const at = viewport.toChart(px, py);
    const section = seat !== undefined ? venue.section[seat]! : venue.sections.findIndex((candidate) => contains(candidate.border, at.x, at.y));
    if (section >= 0 && !isNear) return this.comeCloser(section, px, py);
    if (pointer === 'double') {
      viewport.zoomAt(px, py, 2);
      this.moved();
    }
  }

  /** To the section that was tapped; where that does not bring seats near enough, to the place itself. */
  private comeCloser(section: number, px: number, py: number): void {
    const { viewport, venue } = this;
    const place = viewport.toChart(px, py);
    this.zoomToSection(section);
    const pitch = viewport.scale * venue.pitch;
    const wanted = PICK_FROM_PITCH_PX * 2;
    if (pitch < wanted) {
      viewport.zoomAt(viewport.width / 2, viewport.height / 2, wanted / pitch);
      viewport.center(place.x, place.y);
      this.moved();
    }
  }

  private hover(px: number, py: number): void {
    const isNear = this.viewport.scale * this.venue.pitch >= DETAILS_FROM_PITCH_PX;
    this.setHovered(isNear ? this.seatAt(px, py) : undefined, px, py);
    const isPickable = this.hovered !== undefined || this.areaAt(px, py) !== undefined;
    this.layers.over.style.cursor = this.handlers.isPainting() ? 'crosshair' : isPickable ? 'pointer' : 'grab';
  }

  private setHovered(seat: number | undefined, px: number, py: number): void {
    if (seat !== this.hovered) {
      this.hovered = seat;
      this.isOverDirty = true;
      this.request();
    }
    this.handlers.hovered(seat, px, py);
  }

  private framed(frame: { left: number; top: number; right: number; bottom: number }, isDone: boolean): void {
    this.frame = isDone ? undefined : frame;
    this.isOverDirty = true;
    this.request();
    if (!isDone) return;
    const a = this.viewport.toChart(frame.left, frame.top);
    const b = this.viewport.toChart(frame.right, frame.bottom);
    const seats: number[] = [];
    this.grid.within(a.x, a.y, b.x, b.y, (seat) => seats.push(seat));
    if (seats.length > 0) this.handlers.painted(seats.sort((one, other) => one - other));
  }
}
