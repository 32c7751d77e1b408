/** The layer below the seats: stage, areas, the blocks of sections, and when they are far away what is left in each. */

import type { Occupancy } from '../model/occupancy';
import type { Points } from '../model/shapes';
import type { Area, Section, Venue } from '../model/venue';
import { SeatLayer } from './seat-layer';
import { type Theme, inkOn, mix } from './theme';
import type { Viewport } from './viewport';

/** Names of sections are written while seats are smaller than this, in CSS pixels from one to the next. */
const NAMES_UP_TO_PITCH_PX = 11;
/** Rows are named from here on. */
const ROWS_FROM_PITCH_PX = 15;

export interface Scene {
  venue: Venue;
  occupancy: Occupancy;
  theme: Theme;
  viewport: Viewport;
  /** How many are free, in words: "12 free", "sold out". */
  left(free: number): string;
  stage: string;
  /** Whether a category is shown as usual, or stands back because others were asked for. */
  isWanted(category: number): boolean;
}

export function drawBase(context: CanvasRenderingContext2D, scene: Scene): void {
  const { viewport, theme, venue } = scene;
  context.fillStyle = theme.surface;
  context.fillRect(0, 0, viewport.width, viewport.height);
  drawFocal(context, scene);
  for (const area of venue.areas) drawArea(context, scene, area);
  const areSeatsShown = SeatLayer.isShown(viewport, venue);
  for (const [index, section] of venue.sections.entries()) {
    if (!isSeen(section, scene)) continue;
    if (areSeatsShown) drawBlock(context, scene, section, theme.block, theme.blockEdge);
    else drawSummary(context, scene, section, index);
  }
}

/** Names are drawn over the seats, each with an edge of the surface's colour, so that they can be read on anything. */
export function drawNames(context: CanvasRenderingContext2D, scene: Scene): void {
  const { viewport, venue } = scene;
  const pitch = viewport.scale * venue.pitch;
  if (pitch >= ROWS_FROM_PITCH_PX) drawRowNames(context, scene);
  if (pitch < NAMES_UP_TO_PITCH_PX) drawSectionNames(context, scene);
}

function isSeen(section: Section, { viewport }: Scene): boolean {
  const seen = viewport.seen();
  const { box } = section;
  return box.right >= seen.left && box.left <= seen.right && box.bottom >= seen.top && box.top <= seen.bottom;
}

function path(context: CanvasRenderingContext2D, points: Points, viewport: Viewport): void {
  context.beginPath();
  for (const [index, [x, y]] of points.entries()) {
    const at = viewport.toPixels(x, y);
    if (index === 0) context.moveTo(at.x, at.y);
    else context.lineTo(at.x, at.y);
  }
  context.closePath();
}

/** A border as wide as a seat is half of what makes a block: seats stand on it, not over its edge. */
function drawBlock(context: CanvasRenderingContext2D, { venue, viewport }: Scene, section: Section, fill: string, edge: string): void {
  path(context, section.border, viewport);
  context.lineJoin = 'round';
  context.lineWidth = venue.pitch * viewport.scale * 1.15 + 2;
  context.strokeStyle = edge;
  context.stroke();
  context.lineWidth -= 2;
  context.strokeStyle = fill;
  context.stroke();
  context.fillStyle = fill;
  context.fill();
}

/** A section from far: its main category's colour, paler the fewer seats are left. */
function drawSummary(context: CanvasRenderingContext2D, scene: Scene, section: Section, index: number): void {
  const { venue, theme, occupancy } = scene;
  const seats = section.end - section.first;
  const category = venue.category[section.first] ?? 0;
  const color = venue.categories[category]?.color ?? theme.held;
  const free = occupancy.freeBySection[index] ?? 0;
  const share = seats > 0 ? free / seats : 0;
  const isShown = free > 0 && scene.isWanted(category);
  const fill = isShown ? mix(mix(color, theme.gone, 0.7), color, share) : theme.gone;
  drawBlock(context, scene, section, fill, isShown ? mix(color, theme.ink, 0.25) : theme.goneEdge);
}

function drawSectionNames(context: CanvasRenderingContext2D, scene: Scene): void {
  const { venue, viewport, theme, occupancy } = scene;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.lineJoin = 'round';
  const taken: { x: number; y: number; w: number }[] = [];
  // Larger sections first: where names would lie on each other, the smaller one goes without.
  const order = [...venue.sections.entries()].sort(([, a], [, b]) => b.end - b.first - (a.end - a.first));
  for (const [index, section] of order) {
    if (!isSeen(section, scene)) continue;
    const across = Math.max(section.box.right - section.box.left, section.box.bottom - section.box.top) * viewport.scale;
    if (across < 22) continue;
    const at = viewport.toPixels(section.middle.x, section.middle.y);
    context.font = '600 12px system-ui, sans-serif';
    const width = context.measureText(section.name).width + 8;
    if (taken.some((other) => Math.abs(other.x - at.x) < (other.w + width) / 2 && Math.abs(other.y - at.y) < 15)) continue;
    taken.push({ x: at.x, y: at.y, w: width });
    const free = occupancy.freeBySection[index] ?? 0;
    const isRoomy = across > 70;
    halo(context, section.name, at.x, at.y - (isRoomy ? 7 : 0), free > 0 ? theme.ink : theme.faint, theme);
    if (isRoomy) {
      context.font = '11px system-ui, sans-serif';
      halo(context, scene.left(free), at.x, at.y + 8, free > 0 ? theme.ink : theme.faint, theme);
    }
  }
}

function drawRowNames(context: CanvasRenderingContext2D, scene: Scene): void {
  const { venue, viewport, theme } = scene;
  context.font = '11px system-ui, sans-serif';
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  for (const section of venue.sections) {
    if (!isSeen(section, scene)) continue;
    for (const row of section.rows) {
      if (row.end - row.first < 2) continue;
      for (const [end, next] of [
        [row.first, row.first + 1],
        [row.end - 1, row.end - 2],
      ] as const) {
        // One seat further out than the last one.
        const x = 2 * venue.x[end]! - venue.x[next]!;
        const y = 2 * venue.y[end]! - venue.y[next]!;
        const at = viewport.toPixels(x, y);
        if (at.x < -20 || at.y < -20 || at.x > viewport.width + 20 || at.y > viewport.height + 20) continue;
        halo(context, row.label, at.x, at.y, theme.faint, theme);
      }
    }
  }
}

function halo(context: CanvasRenderingContext2D, text: string, x: number, y: number, color: string, theme: Theme): void {
  context.lineWidth = 3.5;
  context.lineJoin = 'round';
  context.strokeStyle = theme.block;
  context.strokeText(text, x, y);
  context.fillStyle = color;
  context.fillText(text, x, y);
}

function drawArea(context: CanvasRenderingContext2D, scene: Scene, area: Area): void {
  const { venue, viewport, theme, occupancy } = scene;
  const counts = occupancy.area(area.name);
  const color = venue.categories[area.category]?.color ?? theme.held;
  const share = area.capacity > 0 ? counts.free / area.capacity : 0;
  const isShown = counts.free > 0 && scene.isWanted(area.category);
  const fill = isShown ? mix(mix(color, theme.block, 0.82), mix(color, theme.block, 0.25), share) : theme.gone;
  path(context, area.border, viewport);
  context.fillStyle = fill;
  context.fill();
  context.lineWidth = 1.5;
  context.strokeStyle = isShown ? color : theme.goneEdge;
  context.stroke();
  const width = (area.box.right - area.box.left) * viewport.scale;
  if (width < 40) return;
  const at = viewport.toPixels(area.middle.x, area.middle.y);
  const ink = inkOn(fill);
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillStyle = ink;
  context.font = '600 14px system-ui, sans-serif';
  context.fillText(area.name.slice(0, Math.max(4, Math.floor(width / 8))), at.x, at.y - 8);
  context.font = '12px system-ui, sans-serif';
  context.fillText(scene.left(counts.free), at.x, at.y + 9);
}

/** Where people look: the stage, or the middle of the field. Inside of an area, the area itself says it. */
function drawFocal(context: CanvasRenderingContext2D, { venue, viewport, theme, stage }: Scene): void {
  const { focal } = venue;
  if (!focal) return;
  const isInArea = venue.areas.some(({ box }) => focal.x >= box.left && focal.x <= box.right && focal.y > box.top && focal.y <= box.bottom);
  if (isInArea) return;
  const at = viewport.toPixels(focal.x, focal.y);
  const width = Math.max(70, venue.pitch * 16 * viewport.scale);
  const height = Math.max(22, venue.pitch * 3.5 * viewport.scale);
  context.beginPath();
  context.roundRect(at.x - width / 2, at.y - height, width, height, Math.min(10, height / 3));
  context.fillStyle = theme.isDark ? '#39465a' : '#2b3544';
  context.fill();
  context.fillStyle = '#ffffff';
  context.font = `600 ${Math.min(18, Math.max(11, height * 0.4))}px system-ui, sans-serif`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillText(stage, at.x, at.y - height / 2);
}
