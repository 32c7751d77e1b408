/** Colours, sizes and the look of buttons and fields: one place for the map, the shop and the console. */

import { css } from 'lit';

export const tokens = css`
  :host {
    --ink: #18202b;
    --faint: #5a6675;
    --surface: #f6f7f9;
    --panel: #ffffff;
    --line: #d5dae1;
    --accent: #1b1f8a;
    --accent-soft: #eceefb;
    --on-accent: #ffffff;
    --danger: #a4161a;
    --danger-soft: #fdecec;
    --warn: #7a4b00;
    --warn-soft: #fff3d9;
    --good: #0b6b3a;
    --good-soft: #e2f5ea;
    --round: 10px;
    --shadow: 0 1px 2px rgb(16 24 40 / 8%), 0 4px 16px rgb(16 24 40 / 8%);
    color: var(--ink);
    font: 15px/1.45 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif;
    color-scheme: light;
  }
  :host([theme='dark']) {
    --ink: #eef2f7;
    --faint: #a3b0c0;
    --surface: #11151c;
    --panel: #1a212b;
    --line: #364252;
    --accent: #aeb6ff;
    --accent-soft: #262c4d;
    --on-accent: #11151c;
    --danger: #ffb3b3;
    --danger-soft: #4a1f24;
    --warn: #ffd58a;
    --warn-soft: #43330f;
    --good: #9be3b9;
    --good-soft: #143626;
    --shadow: 0 1px 2px rgb(0 0 0 / 40%), 0 4px 18px rgb(0 0 0 / 40%);
    color-scheme: dark;
  }
  * {
    box-sizing: border-box;
  }
  [hidden] {
    display: none !important;
  }
`;

export const controls = css`
  button,
  .button,
  select,
  input,
  textarea {
    font: inherit;
    color: inherit;
  }
  button,
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 6px;
    min-height: 36px;
    padding: 6px 14px;
    border: 1px solid var(--line);
    border-radius: 8px;
    background: var(--panel);
    color: var(--ink);
    text-decoration: none;
    cursor: pointer;
    white-space: nowrap;
  }
  button:hover:not(:disabled),
  .button:hover {
    border-color: var(--faint);
  }
  button:disabled {
    opacity: 0.55;
    cursor: default;
  }
  button.primary,
  .button.primary {
    background: var(--accent);
    border-color: var(--accent);
    color: var(--on-accent);
    font-weight: 600;
  }
  button.plain {
    border-color: transparent;
    background: none;
  }
  button.danger {
    color: var(--danger);
    border-color: currentColor;
  }
  button[aria-pressed='true'],
  button[aria-selected='true'] {
    background: var(--accent-soft);
    border-color: var(--accent);
    color: var(--accent);
  }
  :is(button, a, select, input, textarea, summary, [tabindex]):focus-visible {
    outline: 3px solid var(--accent);
    outline-offset: 2px;
  }
  select,
  input:not([type='checkbox'], [type='radio'], [type='file']),
  textarea {
    min-height: 36px;
    padding: 6px 10px;
    border: 1px solid var(--faint);
    border-radius: 8px;
    background: var(--panel);
  }
  a {
    color: var(--accent);
  }
  .quiet {
    color: var(--faint);
  }
  .hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`;

/** What is prefered where the page says nothing: dark or light. */
export function prefersDark(): boolean {
  return globalThis.matchMedia?.('(prefers-color-scheme: dark)').matches ?? false;
}
