/** The look that the console's parts share. */

import { css } from 'lit';

export const consoleStyles = css`
  h2 {
    margin: 0 0 10px;
    font-size: 15px;
  }
  .panel {
    padding: 14px 16px;
    border-radius: var(--round);
    background: var(--panel);
    box-shadow: var(--shadow);
  }
  .badge {
    padding: 2px 10px;
    border-radius: 99px;
    font-size: 13px;
    font-weight: 600;
    background: var(--accent-soft);
    color: var(--accent);
    white-space: nowrap;
  }
  .badge.open {
    background: var(--good-soft);
    color: var(--good);
  }
  .badge.paused,
  .badge.test {
    background: var(--warn-soft);
    color: var(--warn);
  }
  .badge.cancelled {
    background: var(--danger-soft);
    color: var(--danger);
  }
  .problem,
  .note,
  .done {
    margin: 8px 0;
    padding: 10px 12px;
    border-radius: 8px;
    overflow-wrap: anywhere;
  }
  .problem {
    background: var(--danger-soft);
    color: var(--danger);
  }
  .note {
    background: var(--warn-soft);
    color: var(--warn);
  }
  .done {
    background: var(--good-soft);
    color: var(--good);
  }
  .line {
    display: flex;
    flex-wrap: wrap;
    align-items: end;
    gap: 8px 12px;
  }
  .end {
    margin-inline-start: auto;
  }
  label {
    display: grid;
    gap: 3px;
    font-size: 13px;
    color: var(--faint);
  }
  label.check {
    display: flex;
    align-items: center;
    gap: 8px;
  }
  table {
    width: 100%;
    border-collapse: collapse;
    font-size: 14px;
  }
  th {
    text-align: start;
    font-size: 12px;
    font-weight: 600;
    color: var(--faint);
  }
  th,
  td {
    padding: 6px 10px 6px 0;
    border-bottom: 1px solid var(--line);
    vertical-align: top;
  }
  td.number,
  th.number {
    text-align: end;
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  .scroll {
    overflow-x: auto;
  }
  .bar {
    display: flex;
    height: 10px;
    border-radius: 99px;
    overflow: hidden;
    background: var(--line);
  }
  .bar svg {
    width: 100%;
    height: 100%;
    display: block;
  }
  .sold {
    fill: var(--accent);
  }
  .held {
    fill: var(--held);
  }
  .blocked {
    fill: var(--faint);
  }
  :host {
    --held: #b26a00;
  }
  :host([theme='dark']) {
    --held: #ffb454;
  }
`;
