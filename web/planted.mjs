// Plants bugs in a copy of the sources, one at a time, and says which walk in the browser notices: `npm run planted [PART OF A NAME]`.
// A walk that no bug turns red proves nothing. Exits 1 when a bug goes unnoticed, or when what it replaces is no longer there.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.url));
/** The bug, the walk that must notice, the file, what stands there, what is planted. */
const BUGS = [
  ['a basket is not taken up again', 'still there after a reload', 'model/basket.ts', 'this.kept = kept;\n', 'return this.forget();\n'],
  ['a tab does not hear of the other', 'a basket in one tab', 'model/basket.ts', 'if (change.key === this.storageKey) void this.restore();', ''],
  ['a lapse is not told', 'a hold that lapses', 'model/basket.ts', 'void this.askWhetherLapsed(this.current.hold);', ''],
  ['more time is not noticed', 'a hold that lapses', 'model/basket.ts', 'if (known) this.know(known);', 'if (known && known.id === "") this.know(known);'],
  ['dragging pans half as far', 'by mouse', 'map/gestures.ts', 'at.x - from.x, at.y - from.y', '(at.x - from.x) / 2, (at.y - from.y) / 2'],
  ['two fingers do not zoom', 'by touch', 'map/gestures.ts', 'if (distanceBefore > 1)', 'if (distanceBefore < 0)'],
  ['arrows do not move', 'by keyboard alone', 'map/flashtix-map.ts', 'map.focus(next);', ''],
  ['nobody is told of a seat that is gone', 'who comes second', 'map/flashtix-map.ts', 'this.selection.remove(seat);\n      this.tell(', 'this.selection.remove(seat);\n      void ('],
  ['a gap in the feed is no matter', 'a feed that lies', 'api/feed.ts', 'if (commit.from !== this.seq + 1 || !this.handlers.commit(commit)) return false;', 'this.handlers.commit(commit);'],
  ['a lost connection is not told', 'a server that dies', 'map/flashtix-map.ts', 'const isStale = this.connection === \'lost\';', 'const isStale = false;'],
  ['every second commit is dropped', 'the map follows a storm', 'model/occupancy.ts', 'for (const [number, character] of changes) this.set(', 'if (commit.seq % 2 === 0) for (const [number, character] of changes) this.set('],
  ['texts of a chart are markup', 'markup in a chart', 'map/list-view.ts', '<span>${texts.section} ${section.name}</span>', '<span .innerHTML=${section.name}></span>'],
  ['every language runs from left to right', 'from right to left', 'text/ar.ts', "direction: 'rtl'", "direction: 'ltr'"],
  ['a button has no name', 'no page breaks', 'map/flashtix-map.ts', '<button aria-label=${texts.zoomFit} @click=${() => this.map?.fit()}>⤢</button>', '<button></button>'],
  ['what was chosen is forgotten on a move', 'moves to another chart', 'map/flashtix-map.ts', 'before === undefined ? []', 'before !== undefined ? []'],
  ['a move is not followed', 'moves to another chart', 'map/session.ts', 'private loadAnew(): void {\n', 'private loadAnew(): void {\n    if (this.event) return;\n'],
  ['a token is not sent', 'a presale', 'api/client.ts', "{ 'access-token': this.accessToken }", '{}'],
  ['the secret key is kept for good', 'signing in', 'console/console-app.ts', 'if (isRemembered) sessionStorage', 'localStorage'],
  ['the key stays in the address', 'the key of a link', 'console/console-app.ts', "history.replaceState(null, '', location.pathname + location.search);", ''],
  ['a pause is not sent', 'a paused sale', 'console/control-room.ts', 'this.event = await this.client.changeEvent(this.eventId, { status });', ''],
  ['only the first part of a choice is blocked', 'drawing a frame', 'console/room-map.ts', 'labels.slice(named, named + PLACES_MAX)', 'labels.slice(named, named + 10)'],
  ['all tickets are cancelled instead of one', 'order is found', 'console/orders-panel.ts', 'ticket ? [ticket.id] : undefined', 'undefined'],
  ['a name is a formula', 'order is found', 'console/csv.ts', "FORMULA.test(cell) ? `'${cell}` : cell", 'cell'],
  ['what was not changed is sent as well', 'limits are changed', 'console/settings-panel.ts', 'if (text(field) !== minutes(event[field])) patch[field] = seconds(field, name);', 'patch[field] = seconds(field, name) + 1;'],
  ['a plan of pretix is sent as our own', 'pretix plan', 'console/new-event.ts', "isPretix ? 'pretix' : 'flashtix'", "'flashtix'"],
  ['a dead server raises no alarm', 'raises an alarm', 'console/alarms.ts', "if (health === 'down') raised.push('down');", ''],
];

const wanted = BUGS.filter(([name]) => name.includes(process.argv[2] ?? ''));
const copy = mkdtempSync(join(tmpdir(), 'flashtix-planted-'));
let unnoticed = 0;
try {
  for (const name of ['src', 'index.html', 'console.html', 'build.mjs', 'tsconfig.json', 'package.json']) cpSync(join(root, name), join(copy, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  if (walk('') > 0) throw new Error('a walk is red without any bug');
  for (const [bug, name, file, from, to] of wanted) {
    const path = join(copy, 'src', file);
    const sound = readFileSync(path, 'utf8');
    if (sound.split(from).length !== 2) throw new Error(`${file}: what "${bug}" replaces is not there, or there twice`);
    writeFileSync(path, sound.replace(from, () => to));
    const red = walk(name);
    writeFileSync(path, sound);
    if (red === 0) unnoticed += 1;
    console.log(`${red > 0 ? 'noticed  ' : 'UNNOTICED'}  ${bug}: ${red} of the walks "${name}" red`);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
process.exitCode = unnoticed > 0 ? 1 : 0;

/** Walks the pages as the copy makes them; returns how many of the walks that are called so are red. */
function walk(name) {
  execFileSync('node', ['build.mjs', join(copy, 'dist'), '--no-types'], { cwd: copy });
  const filter = name === '' ? [] : ['-t', name];
  const run = spawnSync('npx', ['vitest', 'run', '--dir', 'tests/browser', '--testTimeout', '20000', ...filter, '--reporter', 'json'], { cwd: root, encoding: 'utf8', env: { ...process.env, FLASHTIX_WEB_DIST: join(copy, 'dist') } });
  const { numFailedTests, numPassedTests } = JSON.parse(run.stdout.slice(run.stdout.indexOf('{')));
  if (numFailedTests + numPassedTests === 0) throw new Error(`no walk is called "${name}"`);
  return numFailedTests;
}
