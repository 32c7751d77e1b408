/** The organizer's console: signing in, and which of its pages is shown. */

import { LitElement, type TemplateResult, css, html, nothing } from 'lit';
import { asProblem } from '../api/client';
import { Organizer } from '../api/organizer';
import { controls, prefersDark, tokens } from '../style/tokens';
import { type Speech, explainTo, speechFor } from '../text/console';
import './control-room';
import './event-list';
import './new-event';
import { consoleStyles } from './styles';

/** Where the key is kept for this tab, if at all. */
const KEY_SLOT = 'flashtix:secret';
/** What a secret key looks like; only the server knows whether it is one. */
const SECRET = /^sk_(live|test)_[!-~]+$/;

export class ConsoleApp extends LitElement {
  static override styles = [
    tokens,
    controls,
    consoleStyles,
    css`
      :host {
        display: block;
        min-height: 100vh;
        background: var(--surface);
      }
      header {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 6px 16px;
        padding: 10px clamp(12px, 2vw, 28px);
        background: var(--panel);
        border-bottom: 1px solid var(--line);
      }
      nav.line {
        align-items: center;
      }
      header h1 {
        margin: 0;
        font-size: 18px;
      }
      header h1 a {
        color: inherit;
        text-decoration: none;
      }
      main {
        padding: 16px clamp(12px, 2vw, 28px) 40px;
      }
      form.panel {
        max-width: 460px;
        margin: 8vh auto;
        display: grid;
        gap: 14px;
        padding: 24px;
      }
      form.panel h2 {
        font-size: 19px;
        margin: 0;
      }
    `,
  ];
  static override properties = {
    theme: { type: String, reflect: true },
    client: { state: true },
    path: { state: true },
    refused: { state: true },
    isBusy: { state: true },
  };
  declare theme: 'light' | 'dark';
  declare private client: Organizer | undefined;
  declare private path: string;
  declare private refused: string | undefined;
  declare private isBusy: boolean;
  private readonly speech: Speech = speechFor(new URLSearchParams(location.search).get('lang'), navigator.language);
  private readonly stopper = new AbortController();

  constructor() {
    super();
    this.theme = prefersDark() ? 'dark' : 'light';
    this.path = location.pathname;
    this.isBusy = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const { speech } = this;
    document.documentElement.lang = speech.language;
    document.documentElement.dir = speech.direction;
    document.title = speech.texts.title;
    const { signal } = this.stopper;
    globalThis.addEventListener('popstate', () => (this.path = location.pathname), { signal });
    this.addEventListener('click', (click) => this.follow(click), { signal });
    this.addEventListener('console-go', (go) => this.go((go as CustomEvent<string>).detail), { signal });
    const key = this.keyOfLink() ?? sessionStorage.getItem(KEY_SLOT);
    if (key !== null) void this.signIn(key, sessionStorage.getItem(KEY_SLOT) !== null);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stopper.abort();
  }

  /** The demo's link brings its test key behind `#`, which browsers send to nobody; it leaves the address at once. */
  private keyOfLink(): string | null {
    const found = /^#key=(sk_test_[!-~]+)$/.exec(location.hash)?.[1];
    if (found === undefined) return null;
    history.replaceState(null, '', location.pathname + location.search);
    sessionStorage.setItem(KEY_SLOT, found);
    return found;
  }

  /** Links within the console change the page without loading it anew, since the key may be in memory alone. */
  private follow(click: MouseEvent): void {
    if (click.defaultPrevented || click.button !== 0 || click.ctrlKey || click.metaKey || click.shiftKey || click.altKey) return;
    const link = click.composedPath().find((target): target is HTMLAnchorElement => target instanceof HTMLAnchorElement);
    if (!link || link.target !== '' || link.hasAttribute('download')) return;
    const url = new URL(link.href);
    if (url.origin !== location.origin || !/^\/console(\/|$)/.test(url.pathname)) return;
    click.preventDefault();
    this.go(url.pathname);
  }

  private go(path: string): void {
    history.pushState(null, '', path + location.search);
    this.path = path;
    globalThis.scrollTo(0, 0);
  }

  private async signIn(key: string, isRemembered: boolean): Promise<void> {
    const { texts } = this.speech;
    this.refused = undefined;
    if (key.startsWith('pk_')) this.refused = texts.signIn.publishable;
    else if (!SECRET.test(key)) this.refused = texts.signIn.malformed;
    if (this.refused) return;
    this.isBusy = true;
    try {
      const client = new Organizer('', key);
      await client.events();
      if (isRemembered) sessionStorage.setItem(KEY_SLOT, key);
      this.client = client;
    } catch (error) {
      const problem = asProblem(error);
      if (problem.status === 401) sessionStorage.removeItem(KEY_SLOT);
      this.refused = problem.status === 401 ? texts.signIn.wrong : explainTo(problem, this.speech);
    } finally {
      this.isBusy = false;
    }
  }

  private signOut(): void {
    sessionStorage.removeItem(KEY_SLOT);
    this.client = undefined;
  }

  override render(): TemplateResult {
    const { texts } = this.speech;
    const { client } = this;
    return html`<header>
        <h1><a href="/console">${texts.title}</a></h1>
        ${client ? html`<span class="badge ${client.key.startsWith('sk_test_') ? 'test' : ''}">${client.key.startsWith('sk_test_') ? texts.test : texts.live}</span>
              <nav class="line end">
                <a href="/console">${texts.events}</a><a href="/console/new">${texts.newEvent}</a>
                <button class="plain" @click=${() => this.signOut()}>${texts.out}</button>
              </nav>` : nothing}
      </header>
      <main>${client ? this.page(client) : this.signInForm()}</main>`;
  }

  private page(client: Organizer): TemplateResult {
    // As the server made it: anything else is no event's.
    const event = /^\/console\/e\/([0-9A-Za-z_]+)\/?$/.exec(this.path)?.[1];
    if (event !== undefined) return html`<flashtix-control-room theme=${this.theme} .client=${client} .speech=${this.speech} .eventId=${event}></flashtix-control-room>`;
    if (this.path.startsWith('/console/new')) return html`<flashtix-new-event theme=${this.theme} .client=${client} .speech=${this.speech}></flashtix-new-event>`;
    return html`<flashtix-event-list theme=${this.theme} .client=${client} .speech=${this.speech}></flashtix-event-list>`;
  }

  private signInForm(): TemplateResult {
    const { signIn } = this.speech.texts;
    const submit = (submitted: SubmitEvent) => {
      submitted.preventDefault();
      const form = new FormData(submitted.target as HTMLFormElement);
      void this.signIn(String(form.get('key') ?? '').trim(), form.get('remember') !== null);
    };
    return html`<form class="panel" @submit=${submit}>
      <h2>${signIn.title}</h2>
      <label>${signIn.key}<input name="key" type="password" autocomplete="off" spellcheck="false" required aria-describedby="hint" /></label>
      <span class="quiet" id="hint">${signIn.hint}</span>
      <label class="check"><input name="remember" type="checkbox" />${signIn.remember}</label>
      ${this.refused ? html`<p class="problem" role="alert">${this.refused}</p>` : nothing}
      <button class="primary" ?disabled=${this.isBusy}>${signIn.submit}</button>
      <span class="quiet">${signIn.demo}</span>
    </form>`;
  }
}

customElements.define('flashtix-console', ConsoleApp);
