/** Searching in one recording: the server finds, the player goes there. */

import { html, nothing, type TemplateResult } from "lit-html";
import { api } from "../net/api";
import type { Hit } from "../model/recordings";
import { icon } from "../ui/icons";

const WAIT_MS = 250;

export class Find {
  open = false;
  hits: Hit[] = [];
  index = -1;
  #words = "";
  #asked = "";
  #state: "idle" | "asking" | "failed" = "idle";
  #problem = "";
  #more = false;
  #timer = 0;

  constructor(
    readonly card: string,
    readonly recording: string,
    readonly go: (hit: Hit) => void,
    readonly changed: () => void,
  ) {}

  show(): void {
    this.open = true;
    this.changed();
    const field = document.querySelector<HTMLInputElement>(".recording-find input");
    field?.focus();
    field?.select();
  }

  close(): void {
    this.open = false;
    this.changed();
  }

  /** To another hit; from the last on to the first. */
  step(direction: 1 | -1): void {
    const count = this.hits.length;
    if (!count) return;
    this.index = (this.index + direction + count) % count;
    const hit = this.hits[this.index];
    if (hit) this.go(hit);
    this.changed();
  }

  view(): TemplateResult | typeof nothing {
    if (!this.open) return nothing;
    const none = !this.hits.length;
    return html`<div class="recording-find" role="search">
      <input type="search" aria-label="Search this recording" placeholder="Search the output" .value=${this.#words}
        @input=${(event: Event) => this.#typed((event.target as HTMLInputElement).value)} @keydown=${(event: KeyboardEvent) => this.#keyed(event)} />
      <span class="search-count" role="status">${this.#count()}</span>
      <button type="button" class="icon-button" aria-label="Previous match" title="Previous (Shift+Enter)" ?disabled=${none} @click=${() => this.step(-1)}>${icon("up")}</button>
      <button type="button" class="icon-button" aria-label="Next match" title="Next (Enter)" ?disabled=${none} @click=${() => this.step(1)}>${icon("down")}</button>
      <button type="button" class="icon-button" aria-label="Close search" title="Close (Esc)" @click=${() => this.close()}>${icon("close")}</button>
    </div>`;
  }

  #count(): string {
    if (!this.#words.trim()) return "";
    if (this.#state === "failed") return this.#problem;
    if (this.#state === "asking") return "Searching…";
    if (!this.hits.length) return "No matches";
    return `${this.index + 1} of ${this.hits.length}${this.#more ? "+" : ""}`;
  }

  #typed(words: string): void {
    this.#words = words;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#ask(), WAIT_MS);
    this.#state = words.trim() ? "asking" : "idle";
    this.hits = [];
    this.changed();
  }

  #keyed(event: KeyboardEvent): void {
    if (event.key === "Escape") this.close();
    else if (event.key === "Enter") this.step(event.shiftKey ? -1 : 1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  async #ask(): Promise<void> {
    const words = this.#words.trim();
    this.#asked = words;
    if (!words) return;
    try {
      const { hits, more } = await api.searchRecordings(this.card, words, { recording: this.recording, limit: 200 });
      if (words !== this.#asked) return;
      [this.hits, this.#more, this.#state, this.index] = [hits, more, "idle", -1];
      this.step(1);
    } catch (error) {
      this.#state = "failed";
      this.#problem = error instanceof Error ? error.message : String(error);
    }
    this.changed();
  }
}
