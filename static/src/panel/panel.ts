/** The open card's panel: owns its terminals, whose code is loaded when the first card is opened. */

import type { Store } from "../model/store";
import { frontOf, furtherOf } from "../model/terminals";
import type { TerminalClient, TerminalState } from "../terminal/client";
import type { Deck } from "../terminal/deck";
import { inTerminal } from "../ui/focus";
import { later } from "../ui/later";
import { showTerminal } from "./route";

/** What tests and extensions may reach: the xterm.js terminal of the open panel, the text on a card's miniature. */
declare global {
  interface Window {
    vibenv: { terminal: TerminalClient["terminal"] | null; miniature?(card: string): string | null };
  }
}

const loadDeck = (): Promise<typeof import("../terminal/deck")> => later(() => import("../terminal/deck"));

export const socketOf = (card: string, number: number): string =>
  `/ws/cards/${encodeURIComponent(card)}/${number === 0 ? "terminal" : `terminals/${number}`}`;

export function deckElement(): HTMLElement {
  const element = document.createElement("div");
  element.className = "terminal-deck";
  return element;
}

export class Panel {
  /** The terminals' place in the page: rendered as it is, never rebuilt while a card stays open. */
  host: HTMLElement | null = null;
  deck: Deck | null = null;
  loadFailed = false;
  #card: string | null = null;

  constructor(
    readonly store: Store,
    readonly render: () => void,
  ) {
    window.vibenv = { terminal: null };
  }

  /** The terminal in front. */
  get client(): TerminalClient | null {
    return this.deck?.client ?? null;
  }

  get terminalState(): TerminalState | null {
    return this.client?.state ?? null;
  }

  /** True while somebody types in the terminal of another card than `card`. */
  busyElsewhere(card: string): boolean {
    return this.#card !== null && this.#card !== card && inTerminal(document.activeElement);
  }

  /** Fetch the terminals' code before it is needed. */
  preload(): void {
    void loadDeck().catch(() => undefined);
  }

  /** Another of the card's terminals comes forward; with `focus` the keyboard goes along. */
  choose(number: number, focus: boolean): void {
    showTerminal(this.store, number);
    if (focus) setTimeout(() => this.client?.focus());
  }

  /** Before rendering: a place for the open card's terminals. */
  prepare(): void {
    const open = this.store.ui.open;
    if (open === this.#card) return;
    this.#leave();
    this.#card = open;
    if (open !== null) this.host = deckElement();
  }

  /** After rendering: the place is in the page, so terminals can be opened in it. */
  async fill(): Promise<void> {
    const [card, host] = [this.#card, this.host];
    if (card === null || !host) return;
    if (host.dataset["filled"]) return this.#sync();
    host.dataset["filled"] = "true";
    try {
      const { Deck } = await loadDeck();
      if (this.host !== host) return;
      this.deck = new Deck(card, host, {
        changed: this.render,
        choose: (number) => this.choose(number, true),
        gone: () => showTerminal(this.store, null),
        socket: (number) => socketOf(card, number),
      });
      this.#sync();
      this.render();
    } catch (error) {
      this.loadFailed = true;
      this.render();
      console.error(error);
    }
  }

  /** What nobody chose stays with the card's own idea of it, until somebody types. */
  #sync(): void {
    const card = this.store.card(this.#card);
    if (!this.deck || !card) return;
    const wanted = this.store.ui.terminal ?? (this.deck.client.typed ? this.deck.front : frontOf(card));
    this.deck.sync(furtherOf(card.session), wanted);
    window.vibenv.terminal = this.deck.client.terminal;
  }

  #leave(): void {
    this.deck?.dispose();
    this.deck = null;
    this.host = null;
    this.loadFailed = false;
    window.vibenv.terminal = null;
  }
}
