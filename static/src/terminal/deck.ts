/** All terminals of a session in the page, one of them in front. */

import type { FurtherTerminal } from "../model/types";
import type { ClientOptions, TerminalClient } from "./client";
import { Pane, type Unseen } from "./pane";
import { ledTo, tabKey } from "./tab-keys";

export interface DeckActions {
  /** A terminal's state, or which are there, has changed. */
  changed(): void;
  /** A key asks for another terminal. */
  choose(number: number): void;
  /** The one that was wanted is there no longer. */
  gone(): void;
  /** The path of a terminal's socket. */
  socket(number: number): string;
}

export class Deck {
  readonly #panes = new Map<number, Pane>();
  readonly #main: Pane;
  #front = 0;

  /** `element` must be in the page. */
  constructor(
    readonly card: string,
    readonly element: HTMLElement,
    readonly actions: DeckActions,
  ) {
    this.#main = this.#add(0);
    this.#main.shown = true;
  }

  /** The one in front. */
  get client(): TerminalClient {
    return (this.#panes.get(this.#front) ?? this.#main).client;
  }

  /** The session's own terminal, which is there as long as the session is. */
  get main(): TerminalClient {
    return this.#main.client;
  }

  get front(): number {
    return this.#front;
  }

  unseen(number: number): Unseen {
    return this.#panes.get(number)?.unseen ?? "";
  }

  /** What is on its screen now is a whole-screen program's. */
  fullScreen(number: number): boolean {
    return this.#panes.get(number)?.client.terminal.buffer.active.type === "alternate";
  }

  /** Have those in the page that the session has, and `wanted` in front as soon as it is there; the main one once it is gone. */
  sync(terminals: FurtherTerminal[], wanted: number): void {
    const there = new Set([0, ...terminals.map((each) => each.number)]);
    const ended = this.#panes.has(wanted) && !there.has(wanted);
    const typing = this.element.contains(document.activeElement);
    for (const [number, pane] of this.#panes) if (!there.has(number)) this.#remove(number, pane);
    for (const number of there) if (!this.#panes.has(number)) this.#add(number);
    this.#bringForward(there.has(wanted) ? wanted : this.#panes.has(this.#front) ? this.#front : 0);
    if (!ended) return;
    if (typing) this.client.focus();
    this.actions.gone();
  }

  /** New connections, which take up where these are. */
  reconnect(): void {
    for (const pane of this.#panes.values()) pane.client.reconnect();
  }

  dispose(): void {
    for (const pane of this.#panes.values()) pane.dispose();
    this.#panes.clear();
  }

  #add(number: number): Pane {
    const further: Partial<ClientOptions> = number === 0 ? {} : { chat: this.#main.client.room.chat };
    const pane = new Pane(this.card, number, this.element, () => this.#changed(number), {
      path: this.actions.socket(number),
      keys: (event) => this.#keyed(event),
      leave: () => this.client.focus(),
      ...further,
    });
    this.#panes.set(number, pane);
    pane.shown = false;
    return pane;
  }

  #remove(number: number, pane: Pane): void {
    pane.dispose();
    this.#panes.delete(number);
  }

  #bringForward(number: number): void {
    if (number === this.#front && this.#panes.get(number)?.shown) return;
    const before = this.#panes.get(this.#front);
    if (before) before.shown = false;
    this.#front = number;
    const now = this.#panes.get(number);
    if (now) now.shown = true;
    this.actions.changed();
  }

  /** The chat is everybody's in the session: the main terminal carries it, whichever is in front. */
  #changed(number: number): void {
    const front = this.#panes.get(this.#front);
    if (number === 0 && this.#front !== 0) front?.client.showFoot();
    this.actions.changed();
  }

  #keyed(event: KeyboardEvent): boolean {
    const key = this.#panes.size > 1 ? tabKey(event) : null;
    if (!key) return false;
    const number = ledTo(key, [...this.#panes.keys()].sort((one, other) => one - other), this.#front);
    if (number !== null) this.actions.choose(number);
    return true;
  }
}
