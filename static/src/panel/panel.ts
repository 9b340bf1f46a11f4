/** The open card's panel: owns its terminal, which is loaded when the first card is opened. */

import type { Store } from "../model/store";
import type { TerminalClient, TerminalState } from "../terminal/client";
import { inTerminal } from "../ui/focus";

/** What tests and extensions may reach: the xterm.js terminal of the open panel, the text on a card's miniature. */
declare global {
  interface Window {
    vibenv: { terminal: TerminalClient["terminal"] | null; miniature?(card: string): string | null };
  }
}

const AGAIN_MS = 300;

/** Browsers drop requests when a network interface appears, which a container that starts on this machine makes: try again. */
const loadTerminal = (): Promise<typeof import("../terminal/client")> =>
  import("../terminal/client").catch(() => new Promise((resolve) => setTimeout(resolve, AGAIN_MS)).then(() => import("../terminal/client")));

export class Panel {
  /** The terminal's place in the page: rendered as it is, never rebuilt while a card stays open. */
  host: HTMLElement | null = null;
  client: TerminalClient | null = null;
  loadFailed = false;
  #card: string | null = null;

  constructor(
    readonly store: Store,
    readonly render: () => void,
  ) {
    window.vibenv = { terminal: null };
  }

  get terminalState(): TerminalState | null {
    return this.client?.state ?? null;
  }

  /** True while somebody types in the terminal of another card than `card`. */
  busyElsewhere(card: string): boolean {
    return this.#card !== null && this.#card !== card && inTerminal(document.activeElement);
  }

  /** Fetch the terminal's code before it is needed. */
  preload(): void {
    void import("../terminal/client").catch(() => undefined);
  }

  /** Before rendering: a place for the open card's terminal. */
  prepare(): void {
    const open = this.store.ui.open;
    if (open === this.#card) return;
    this.#leave();
    this.#card = open;
    if (open === null) return;
    this.host = document.createElement("div");
    this.host.className = "terminal-host";
    this.host.dataset["testid"] = "terminal";
  }

  /** After rendering: the place is in the page, so a terminal can be opened in it. */
  async fill(): Promise<void> {
    const [card, host] = [this.#card, this.host];
    if (card === null || !host || host.dataset["filled"]) return;
    host.dataset["filled"] = "true";
    try {
      const { TerminalClient } = await loadTerminal();
      if (this.host !== host) return;
      this.client = new TerminalClient(card, host, this.render);
      window.vibenv.terminal = this.client.terminal;
      this.render();
    } catch (error) {
      this.loadFailed = true;
      this.render();
      console.error(error);
    }
  }

  #leave(): void {
    this.client?.dispose();
    this.client = null;
    this.host = null;
    this.loadFailed = false;
    window.vibenv.terminal = null;
  }
}
