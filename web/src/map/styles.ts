/** The look of the map's own controls. */

import { css } from 'lit';

export const mapStyles = css`
  :host {
    display: block;
    position: relative;
    min-height: 320px;
    height: 100%;
    background: var(--surface);
    overflow: hidden;
    container-type: inline-size;
  }
  .frame {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    grid-template-rows: auto minmax(180px, 1fr) auto;
    height: 100%;
  }
  header {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px;
    padding: 8px 12px;
    border-bottom: 1px solid var(--line);
    background: var(--panel);
  }
  .legend {
    display: flex;
    flex: 1 1 300px;
    gap: 6px;
    overflow-x: auto;
    scrollbar-width: thin;
    padding: 3px;
  }
  .legend button {
    min-height: 32px;
    padding: 3px 10px;
    font-size: 13px;
    flex: none;
  }
  .swatch {
    width: 12px;
    height: 12px;
    border-radius: 50%;
    flex: none;
  }
  .group {
    display: inline-flex;
  }
  .group button {
    border-radius: 0;
    min-height: 34px;
    padding: 4px 12px;
    font-size: 14px;
  }
  .group button:first-child {
    border-start-start-radius: 8px;
    border-end-start-radius: 8px;
  }
  .group button:last-child {
    border-start-end-radius: 8px;
    border-end-end-radius: 8px;
    border-inline-start-width: 0;
  }
  .stage {
    position: relative;
    overflow: hidden;
    min-height: 0;
  }
  .plan {
    position: absolute;
    inset: 0;
    touch-action: none;
    user-select: none;
    -webkit-user-select: none;
    outline: none;
  }
  .plan:focus-visible {
    box-shadow: inset 0 0 0 3px var(--accent);
  }
  canvas {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
  }
  .stale canvas.seats {
    opacity: 0.35;
  }
  .zoom {
    position: absolute;
    inset-block-start: 12px;
    inset-inline-end: 12px;
    display: grid;
    gap: 6px;
  }
  .zoom button {
    width: 40px;
    height: 40px;
    padding: 0;
    font-size: 20px;
    box-shadow: var(--shadow);
  }
  .marks {
    position: absolute;
    inset-block-end: 10px;
    inset-inline-start: 10px;
    display: flex;
    gap: 12px;
    padding: 4px 10px;
    border-radius: 8px;
    background: var(--panel);
    border: 1px solid var(--line);
    font-size: 12px;
    color: var(--faint);
    pointer-events: none;
  }
  .marks span {
    display: inline-flex;
    align-items: center;
    gap: 5px;
  }
  .marks i {
    width: 11px;
    height: 11px;
    border-radius: 50%;
    display: inline-block;
    border: 1.5px solid transparent;
  }
  .marks .free {
    background: #0072b2;
  }
  .marks .held {
    background: #8793a3;
  }
  .marks .sold {
    border-color: #8793a3;
  }
  .marks .mine {
    background: var(--accent);
  }
  .marks .square {
    border-radius: 3px;
    background: #0072b2;
  }
  .tip {
    position: absolute;
    max-width: 260px;
    padding: 8px 12px;
    border-radius: 8px;
    background: var(--ink);
    color: var(--panel);
    font-size: 13px;
    line-height: 1.35;
    pointer-events: none;
    box-shadow: var(--shadow);
    z-index: 2;
  }
  .tip b {
    display: block;
    font-size: 14px;
  }
  .notices {
    position: absolute;
    inset-block-start: 10px;
    inset-inline: 10px 64px;
    display: grid;
    gap: 8px;
    justify-items: center;
    pointer-events: none;
    z-index: 3;
  }
  .notice {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px;
    max-width: 560px;
    padding: 9px 14px;
    border-radius: 8px;
    background: var(--panel);
    border: 1px solid var(--line);
    border-inline-start: 4px solid var(--accent);
    box-shadow: var(--shadow);
    font-size: 14px;
    pointer-events: auto;
  }
  .notice.bad {
    border-inline-start-color: var(--danger);
  }
  .notice.warn {
    border-inline-start-color: #c77700;
  }
  .notice button {
    min-height: 30px;
    padding: 3px 10px;
    font-size: 13px;
  }
  .whole {
    position: absolute;
    inset: 0;
    display: grid;
    place-content: center;
    justify-items: center;
    gap: 12px;
    padding: 24px;
    text-align: center;
  }
  .whole .spin {
    width: 28px;
    height: 28px;
    border-radius: 50%;
    border: 3px solid var(--line);
    border-top-color: var(--accent);
    animation: turn 0.9s linear infinite;
  }
  @keyframes turn {
    to {
      transform: rotate(1turn);
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .whole .spin {
      animation: none;
    }
  }
  footer {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 10px 18px;
    padding: 10px 12px;
    border-top: 1px solid var(--line);
    background: var(--panel);
    max-height: 46cqh;
    overflow-y: auto;
  }
  .choice {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
    flex: 1 1 240px;
    list-style: none;
    margin: 0;
    padding: 0;
  }
  .choice li {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    padding: 3px 4px 3px 10px;
    border: 1px solid var(--line);
    border-radius: 999px;
    font-size: 13px;
    background: var(--surface);
  }
  .choice select {
    min-height: 28px;
    padding: 1px 4px;
    font-size: 13px;
  }
  .choice button {
    min-height: 26px;
    min-width: 26px;
    padding: 0;
    border-radius: 50%;
  }
  .sum {
    font-size: 18px;
    font-weight: 650;
    font-variant-numeric: tabular-nums;
  }
  form.best {
    display: flex;
    flex-wrap: wrap;
    align-items: end;
    gap: 8px;
  }
  form.best label {
    display: grid;
    font-size: 12px;
    color: var(--faint);
    gap: 2px;
  }
  form.best input[type='number'] {
    width: 64px;
  }
  form.best .check {
    display: inline-flex;
    grid-auto-flow: column;
    align-items: center;
    gap: 5px;
    min-height: 36px;
  }
  .areas {
    display: grid;
    gap: 6px;
    flex-basis: 100%;
  }
  .units {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px;
    font-size: 14px;
  }
  .units .name {
    min-width: 90px;
  }
  .units button {
    min-height: 32px;
    min-width: 32px;
    padding: 0;
  }
  .units output {
    min-width: 2ch;
    text-align: center;
    font-variant-numeric: tabular-nums;
  }
  @container (max-width: 560px) {
    .marks {
      display: none;
    }
    form.best {
      width: 100%;
    }
    .buy {
      width: 100%;
    }
    .buy .primary {
      flex: 1;
    }
  }
  .buy {
    display: flex;
    align-items: center;
    gap: 10px;
  }
`;

export const listStyles = css`
  :host {
    display: block;
    height: 100%;
    overflow-y: auto;
    padding: 14px;
    background: var(--surface);
  }
  h2,
  h3 {
    margin: 0 0 8px;
    font-size: 17px;
  }
  h3 {
    font-size: 14px;
    color: var(--faint);
    margin-block: 14px 6px;
  }
  ul {
    list-style: none;
    margin: 0;
    padding: 0;
    display: grid;
    gap: 6px;
    grid-template-columns: repeat(auto-fill, minmax(150px, 1fr));
  }
  ul.seats {
    grid-template-columns: repeat(auto-fill, minmax(76px, 1fr));
  }
  li button {
    width: 100%;
    justify-content: space-between;
  }
  .seats button {
    padding: 4px 8px;
    font-variant-numeric: tabular-nums;
  }
  .seats button[disabled] {
    text-decoration: line-through;
  }
  .swatch {
    width: 12px;
    height: 12px;
    border-radius: 50%;
    flex: none;
  }
  .square {
    border-radius: 3px;
  }
`;
