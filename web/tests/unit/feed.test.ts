/** The feed against a server that breaks off, lies and comes back. */

import { afterEach, expect, test, vi } from 'vitest';
import { Client } from '../../src/api/client';
import { Feed } from '../../src/api/feed';
import { Frames } from '../../src/api/frames';
import type { Availability, Commit, Connection } from '../../src/api/types';

afterEach(() => {
  vi.unstubAllGlobals();
});

const SNAPSHOT = 'event: snapshot\nid: 1.5\ndata: {"seq":5,"chart_id":null,"status":"open","seats":"ff","areas":{},"categories":{}}\n\n';
const commit = (from: number, seq: number) => `event: commit\nid: 1.${seq}\ndata: {"from":${from},"seq":${seq},"seats":{"0":"h"}}\n\n`;

/** Answers each connection with the next text; the last one stays open. Resolves with what the feed made of it. */
async function follow(answers: string[], isDone: (seen: { commits: number[]; snapshots: number }) => boolean) {
  const asked: (string | null)[] = [];
  const seen = { commits: [] as number[], snapshots: 0, states: [] as Connection[] };
  let finish: () => void = () => undefined;
  const done = new Promise<void>((resolve) => (finish = resolve));
  vi.stubGlobal('fetch', (_url: string, init: RequestInit) => {
    asked.push(new Headers(init.headers).get('last-event-id'));
    const text = answers[Math.min(asked.length, answers.length) - 1]!;
    const isLast = asked.length >= answers.length;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(text));
        if (!isLast) controller.close();
      },
    });
    return Promise.resolve(new Response(body, { status: 200 }));
  });
  const check = () => {
    if (isDone(seen)) finish();
  };
  const feed = new Feed(new Client('http://x', 'pk_test_1'), 'evt_1', {
    snapshot: (_state: Availability) => {
      seen.snapshots += 1;
      check();
    },
    commit: (change: Commit) => {
      seen.commits.push(change.seq);
      check();
      return true;
    },
    event: () => undefined,
    connection: (state) => {
      if (seen.states.at(-1) !== state) seen.states.push(state);
    },
  });
  feed.start();
  await done;
  feed.stop();
  return { ...seen, asked };
}

test('it resumes after the last commit', async () => {
  const { asked, states } = await follow([SNAPSHOT + commit(6, 7), commit(8, 8)], (seen) => seen.commits.at(-1) === 8);
  expect(asked).toEqual([null, '1.7']);
  expect(states).toContain('lost');
});

test('a gap makes it begin anew', async () => {
  const { asked, commits, snapshots } = await follow([SNAPSHOT + commit(7, 7), SNAPSHOT], (seen) => seen.snapshots === 2);
  expect(asked).toEqual([null, null]);
  expect(commits).toEqual([]);
  expect(snapshots).toBe(2);
});

test('what was told already is not told again', async () => {
  const { commits } = await follow([SNAPSHOT + commit(6, 6) + commit(6, 6) + commit(7, 7)], (seen) => seen.commits.at(-1) === 7);
  expect(commits).toEqual([6, 7]);
});

test('what cannot be read makes it begin anew', async () => {
  const { asked } = await follow([`${SNAPSHOT}event: commit\nid: 1.6\ndata: {"from":6,\n\n`, SNAPSHOT], (seen) => seen.snapshots === 2);
  expect(asked).toEqual([null, null]);
});

test('frames may come in any pieces', () => {
  const whole = `: hello\r\nretry: 1000\n\n${SNAPSHOT}${commit(6, 6)}`;
  for (let size = 1; size < 40; size++) {
    const frames = new Frames();
    const found = [];
    for (let at = 0; at < whole.length; at += size) found.push(...frames.push(whole.slice(at, at + size)));
    expect(found.map((frame) => [frame.event, frame.id])).toEqual([
      ['snapshot', '1.5'],
      ['commit', '1.6'],
    ]);
  }
});

test('a frame without an end is refused', () => {
  const frames = new Frames();
  expect(() => {
    for (let count = 0; count < 20; count++) frames.push('x'.repeat(1_000_000));
  }).toThrow('too large');
});
