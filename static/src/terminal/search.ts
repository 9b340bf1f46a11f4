/** The search bar over a terminal. */

import type { SearchAddon } from "@xterm/addon-search";
import { html, nothing, render } from "lit-html";
import { icon } from "../ui/icons";
import { matchColours } from "./theme";

export class SearchBar {
  readonly element = document.createElement("div");
  #open = false;
  #words = "";
  #found = { index: -1, count: 0 };

  constructor(
    readonly search: SearchAddon,
    readonly onClose: () => void,
  ) {
    this.element.className = "search-bar";
    this.element.setAttribute("role", "search");
    search.onDidChangeResults(({ resultIndex, resultCount }) => {
      this.#found = { index: resultIndex, count: resultCount };
      this.#render();
    });
    this.#render();
  }

  show(): void {
    this.#open = true;
    this.#render();
    const field = this.element.querySelector("input");
    field?.focus();
    field?.select();
  }

  close(): void {
    this.#open = false;
    this.search.clearDecorations();
    this.#render();
    this.onClose();
  }

  #find(forward: boolean, incremental = false): void {
    const options = { incremental, decorations: matchColours() };
    if (!this.#words) this.search.clearDecorations();
    else if (forward) this.search.findNext(this.#words, options);
    else this.search.findPrevious(this.#words, options);
  }

  #typed(event: InputEvent): void {
    this.#words = (event.target as HTMLInputElement).value;
    if (!this.#words) this.#found = { index: -1, count: 0 };
    this.#find(false, true);
    this.#render();
  }

  #keyed(event: KeyboardEvent): void {
    if (event.key === "Escape") this.close();
    else if (event.key === "Enter") this.#find(event.shiftKey);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Newest first: a search starts at the end, where the eye is, so "previous" is the way on. */
  #render(): void {
    const { index, count } = this.#found;
    const words = !this.#words ? "" : count ? `${index + 1} of ${count}` : "No matches";
    const bar = html`<input
        type="search"
        aria-label="Search the terminal"
        placeholder="Search"
        .value=${this.#words}
        @input=${(event: InputEvent) => this.#typed(event)}
        @keydown=${(event: KeyboardEvent) => this.#keyed(event)}
      />
      <span class="search-count" aria-live="polite">${words}</span>
      <button class="icon-button" aria-label="Previous match" title="Previous (Enter)" @click=${() => this.#find(false)}>${icon("up")}</button>
      <button class="icon-button" aria-label="Next match" title="Next (Shift+Enter)" @click=${() => this.#find(true)}>${icon("down")}</button>
      <button class="icon-button" aria-label="Close search" title="Close (Esc)" @click=${() => this.close()}>${icon("close")}</button>`;
    this.element.hidden = !this.#open;
    render(this.#open ? bar : nothing, this.element);
  }
}
