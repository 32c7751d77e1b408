/** Comma-separated values (RFC 4180), safe to open in a spreadsheet. */

export type Cell = string | number | null | undefined;

/** Characters with which a spreadsheet begins to compute instead of to show. */
const FORMULA = /^[=+\-@\t\r]/;

export function csvRow(cells: Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/** Buyers write their own names: a text that would be a formula is kept a text by an apostrophe before it. */
function csvCell(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'number') return String(cell);
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Hands a file to the browser's downloads. */
export function save(name: string, parts: string[]): void {
  // The mark at the beginning lets spreadsheets see that it is UTF-8.
  const url = URL.createObjectURL(new Blob(['\ufeff', ...parts], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
