/** The archived cards of a board, to be restored or deleted for good. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { deleteCard } from "../model/actions";
import { restoreCard } from "../model/archive";
import { mayEdit } from "../model/may";
import type { Store } from "../model/store";
import type { Card } from "../model/types";
import { api } from "../net/api";
import { serverNow } from "../net/clock";
import { ask } from "../ui/dialog";
import { uptime } from "../ui/time";
import { confirmDelete } from "./card-dialogs";

function when(card: Card): string {
  const passed = uptime(serverNow() - Date.parse(card.archived_at ?? ""));
  return passed === "just now" ? passed : `${passed} ago`;
}

class ArchiveList {
  readonly element = document.createElement("div");
  #cards: Card[] | null = null;
  #failed = "";

  constructor(readonly store: Store) {
    this.element.className = "archive";
    this.element.dataset["testid"] = "archive";
    this.#render();
    api.archive(store.board.id).then(
      (cards) => this.#show(cards),
      (error: unknown) => this.#fail(error),
    );
  }

  #show(cards: Card[]): void {
    this.#cards = cards;
    this.#render();
  }

  #fail(error: unknown): void {
    this.#failed = error instanceof Error ? error.message : String(error);
    this.#render();
  }

  async #leave(card: Card, done: Promise<boolean>): Promise<void> {
    if (await done) this.#show((this.#cards ?? []).filter((each) => each.id !== card.id));
    this.element.querySelector<HTMLElement>("button")?.focus();
  }

  async #remove(card: Card): Promise<void> {
    if (await confirmDelete(card)) await this.#leave(card, deleteCard(this.store, card));
  }

  #row(card: Card): TemplateResult {
    return html`<li>
      <span class="archive-words"><strong>${card.title}</strong><small>Archived ${when(card)}</small></span>
      ${mayEdit(this.store) ? this.#buttons(card) : nothing}
    </li>`;
  }

  #buttons(card: Card): TemplateResult {
    return html`<button type="button" class="button small" aria-label="Restore ${card.title}" @click=${() => void this.#leave(card, restoreCard(this.store, card))}>Restore</button>
      <button type="button" class="button small quiet" aria-label="Delete ${card.title}" @click=${() => void this.#remove(card)}>Delete</button>`;
  }

  #body(): TemplateResult {
    if (this.#failed) return html`<p role="alert">${this.#failed}</p>`;
    if (!this.#cards) return html`<p>Loading…</p>`;
    if (!this.#cards.length) return html`<p>Nothing is archived. A card that you archive leaves the board, stops, and waits here with its files.</p>`;
    return html`<ul>${this.#cards.map((card) => this.#row(card))}</ul>`;
  }

  #render(): void {
    render(this.#body(), this.element);
  }
}

export function showArchive(store: Store): void {
  const list = new ArchiveList(store);
  const body = html`<h2>Archived cards</h2>
    ${list.element}
    <footer><button type="button" class="button primary" data-close autofocus>Close</button></footer>`;
  void ask("Archived cards", body);
}
