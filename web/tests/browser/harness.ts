/** A real server and a real browser: started for a test file, ended with it. */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, type Page, chromium } from 'playwright-core';
import { expect } from 'vitest';

/** The server to test: `FLASHTIX_BIN`, else what `cargo build` left. */
const PROGRAM = process.env.FLASHTIX_BIN ?? new URL('../../../target/debug/flashtix', import.meta.url).pathname;
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
/** Without these, Chromium asks hosts elsewhere at every start. */
const QUIET = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
/** Every page's axe, which looks for what WCAG forbids. */
const AXE = readFileSync(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
export const ARTEFACTS = new URL('../artefacts/', import.meta.url).pathname;

export interface Demo {
  url: string;
  event_id: string;
  secret_key: string;
  publishable_key: string;
}

export class Sale {
  private child: ChildProcess | undefined;
  private readonly crowds: ChildProcess[] = [];
  private readonly folder = mkdtempSync(join(tmpdir(), 'flashtix-web-'));
  private port = 0;
  demo!: Demo;

  async start(seats = 2_000): Promise<Demo> {
    if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is missing: build it, or name it in FLASHTIX_BIN`);
    this.port ||= await freePort();
    const child = spawn(PROGRAM, ['demo', '--json', '--seats', String(seats), '--data-dir', this.folder, '--listen', `127.0.0.1:${this.port}`], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.child = child;
    const line = await new Promise<string>((resolve, reject) => {
      let text = '';
      child.stdout!.on('data', (part: Buffer) => {
        text += part.toString();
        if (text.includes('\n')) resolve(text.split('\n')[0]!);
      });
      child.on('exit', (code) => reject(new Error(`the server ended with ${code}`)));
    });
    this.demo = JSON.parse(line) as Demo;
    return this.demo;
  }

  /** Ends the server as a crash would; `start` goes on with the same data on the same port. */
  async kill(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  /** Sends a crowd, and resolves when it has gone. */
  storm(buyers: number, options: string[] = []): Promise<void> {
    const { url, event_id, secret_key } = this.demo;
    const child = spawn(PROGRAM, ['storm', '--url', url, '--event', event_id, '--key', secret_key, '--scenario', 'arena', '--buyers', String(buyers), ...options], { stdio: 'ignore' });
    this.crowds.push(child);
    return new Promise((resolve, reject) => child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`the storm ended with ${code}`)))));
  }

  async end(): Promise<void> {
    for (const crowd of this.crowds) crowd.kill('SIGKILL');
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A call with the secret key. */
  async call<T>(path: string, body?: unknown, method = body === undefined ? 'GET' : 'POST'): Promise<T> {
    const init: RequestInit = { method, headers: { authorization: `Bearer ${this.demo.secret_key}`, 'idempotency-key': crypto.randomUUID() } };
    if (body !== undefined) init.body = JSON.stringify(body);
    const response = await fetch(this.demo.url + path, init);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }
}

export function launch(): Promise<Browser> {
  mkdirSync(ARTEFACTS, { recursive: true });
  return chromium.launch({ executablePath: CHROMIUM, args: QUIET });
}

/** Scripts of another build than the server's, if wanted: to try one, or to see a planted bug caught. */
const DIST = process.env.FLASHTIX_WEB_DIST;

/** A page of its own browser context; a script that fails there fails the test. */
export async function openPage(browser: Browser, url: string, options: Parameters<Browser['newContext']>[0], prepare?: (context: BrowserContext) => Promise<unknown>): Promise<Page> {
  const context = await browser.newContext(options);
  if (DIST) await context.route(/\/(assets\/\w+|flashtix-map)\.js$/, async (route) => route.fulfill({ response: await route.fetch(), body: readFileSync(join(DIST, new URL(route.request().url()).pathname), 'utf8') }));
  await prepare?.(context);
  const page = await context.newPage();
  page.on('pageerror', (error) => {
    throw error;
  });
  await page.goto(url);
  return page;
}

/** Fails with every rule that a page breaks, and the first element that breaks it. */
export async function expectAccessible(page: Page, name: string): Promise<void> {
  await page.evaluate(AXE);
  const found = await page.evaluate(() => (globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } }).axe.run());
  expect(found.violations.map((rule) => `${rule.id}: ${rule.nodes[0]?.html}`), name).toEqual([]);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}
