/** Colours of the map, for light and dark surroundings. Every text on its background reaches a contrast of 4.5 to 1. */

export interface Theme {
  isDark: boolean;
  surface: string;
  /** Behind the seats of a section. */
  block: string;
  blockEdge: string;
  ink: string;
  faint: string;
  /** A seat that somebody has. */
  gone: string;
  goneEdge: string;
  held: string;
  accent: string;
  onAccent: string;
}

export const LIGHT: Theme = {
  isDark: false,
  surface: '#f6f7f9',
  block: '#ffffff',
  blockEdge: '#d5dae1',
  ink: '#18202b',
  faint: '#5a6675',
  gone: '#e3e7ec',
  goneEdge: '#bcc4ce',
  held: '#aab4c0',
  accent: '#1b1f8a',
  onAccent: '#ffffff',
};

export const DARK: Theme = {
  isDark: true,
  surface: '#11151c',
  block: '#1a212b',
  blockEdge: '#323d4b',
  ink: '#eef2f7',
  faint: '#a3b0c0',
  gone: '#242d39',
  goneEdge: '#3f4c5c',
  held: '#5b6a7c',
  accent: '#aeb6ff',
  onAccent: '#11151c',
};

/** Red, green and blue of `#rrggbb`. */
export function channels(color: string): [number, number, number] {
  const value = Number.parseInt(color.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/** Mixes two colours; 0 gives the first. */
export function mix(a: string, b: string, share: number): string {
  const [from, to] = [channels(a), channels(b)];
  const part = (at: 0 | 1 | 2) => Math.round(from[at] + (to[at] - from[at]) * share).toString(16).padStart(2, '0');
  return `#${part(0)}${part(1)}${part(2)}`;
}

/** Black or white, whichever is read better on a colour (WCAG 2.2, relative luminance). */
export function inkOn(color: string): string {
  return luminance(color) > 0.179 ? '#000000' : '#ffffff';
}

/** WCAG 2.2's relative luminance, from 0 to 1. */
export function luminance(color: string): number {
  const [r, g, b] = channels(color).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
