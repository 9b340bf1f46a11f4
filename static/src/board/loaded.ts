/** Something of a card that the server is asked for when its details are opened, and again when the card changes. */

import { html, type TemplateResult } from "lit-html";
import type { Card } from "../model/types";

const REFETCH_MS = 250;

export class Loaded<T> {
  value: T | null = null;
  #failed = "";
  #version: number;
  #timer = 0;

  constructor(
    card: Card,
    readonly fetch: () => Promise<T>,
    readonly render: () => void,
  ) {
    this.#version = card.version;
  }

  follow(card: Card): void {
    if (card.version === this.#version) return;
    this.#version = card.version;
    this.#timer ||= setTimeout(() => void this.load(), REFETCH_MS);
  }

  async load(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = 0;
    try {
      this.value = await this.fetch();
      this.#failed = "";
    } catch (error) {
      this.#failed = error instanceof Error ? error.message : String(error);
    }
    this.render();
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  /** What stands in its place until it is there. What was loaded before stays while it can't be loaded anew. */
  view(body: (value: T) => TemplateResult): TemplateResult {
    if (this.value !== null) return body(this.value);
    if (!this.#failed) return html`<p class="sheet-none">Loading…</p>`;
    return html`<p class="sheet-failed" role="alert">${this.#failed} <button type="button" class="button small" @click=${() => void this.load()}>Try again</button></p>`;
  }
}
