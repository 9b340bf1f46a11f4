/** One of a session's terminals in the page: it lives on while another one is shown. */

import { TerminalClient, type ClientOptions } from "./client";

/** What happened in it since it was last seen. */
export type Unseen = "" | "output" | "bell";

const SETTLE_MS = 1500; // a terminal that is attached to paints itself: no news

export class Pane {
  readonly element = document.createElement("div");
  readonly client: TerminalClient;
  unseen: Unseen = "";
  #shown = false;
  #news = performance.now() + SETTLE_MS;

  constructor(
    readonly card: string,
    readonly number: number,
    deck: HTMLElement,
    readonly changed: () => void,
    options: ClientOptions,
  ) {
    const host = document.createElement("div");
    host.className = "terminal-host";
    this.element.className = "terminal-pane";
    this.element.id = `terminal-${number}`;
    this.element.append(host);
    deck.append(this.element); // first: letters are measured in the page
    this.client = new TerminalClient(card, host, () => this.#changed(), options);
    this.client.terminal.onWriteParsed(() => this.#happened("output"));
    this.client.terminal.onBell(() => this.#happened("bell"));
  }

  get shown(): boolean {
    return this.#shown;
  }

  set shown(shown: boolean) {
    this.#shown = shown;
    this.element.inert = !shown;
    if (shown) {
      this.unseen = "";
      this.element.dataset["testid"] = "terminal";
      this.client.cameForward();
    } else delete this.element.dataset["testid"];
    this.element.toggleAttribute("data-shown", shown);
  }

  dispose(): void {
    this.client.dispose();
    this.element.remove();
  }

  #changed(): void {
    const { attached, drawn } = this.client?.state ?? {}; // called by the client's constructor, too
    if (!attached || !drawn) this.#news = performance.now() + SETTLE_MS;
    this.changed();
  }

  #happened(what: "output" | "bell"): void {
    if (this.#shown || !this.client.state.drawn || performance.now() < this.#news) return;
    if (this.unseen === what || this.unseen === "bell") return;
    this.unseen = what;
    this.changed();
  }
}
