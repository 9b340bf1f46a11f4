/** The board: its columns, and the cards in them. */

import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { isFiltering } from "../model/filter";
import { mayEdit, myRole } from "../model/may";
import type { Store } from "../model/store";
import type { Column, ColumnRole } from "../model/types";
import { addColumnButton, columnHead } from "./column-menu";
import { cardView, type BoardActions } from "./card";
import { addCard } from "./composer";

const TEACH: Record<ColumnRole, { title: string; text: string }> = {
  backlog: { title: "Nothing planned", text: "Add a card for each thing you want to try. A card costs nothing until it is started." },
  active: { title: "Drag a card here to start it", text: "It becomes a workspace of its own, and its terminal opens beside the board." },
  done: { title: "Finished work rests here", text: "A card dropped here is kept as a snapshot, without a container. Drag it back to go on." },
};

function emptyState(store: Store, column: Column): TemplateResult {
  if (isFiltering(store.ui.filter)) return html`<li class="no-match">No card here matches.</li>`;
  if (!mayEdit(store)) return html`<li class="no-match">No card here.</li>`;
  const teach = TEACH[column.role];
  return html`<li class="empty" data-testid="empty"><strong>${teach.title}</strong><span>${teach.text}</span></li>`;
}

function columnView(store: Store, actions: BoardActions, column: Column): TemplateResult {
  const current = column.cards.find((card) => card.id === store.ui.current[column.id]) ?? column.cards[0];
  return html`<section class="column" data-column=${column.id} data-role=${column.role} aria-labelledby="column-${column.id}">
    ${columnHead(store, column)}
    <div class="column-body">
      <ol class="cards" aria-labelledby="column-${column.id}">
        ${repeat(column.cards, (card) => card.id, (card) => cardView(store, actions, column, card, card === current))}
        ${column.cards.length || store.ui.composing === column.id ? nothing : emptyState(store, column)}
      </ol>
      ${addCard(store, column)}
      <div class="drop-line" aria-hidden="true"></div>
    </div>
  </section>`;
}

/** Said once, below the head, to whoever may not change what they see. */
export function lookingOnly(store: Store): TemplateResult | typeof nothing {
  if (myRole(store) !== "viewer") return nothing;
  return html`<aside class="looking" aria-label="Your role" data-testid="looking">You can look at this board. One of its owners can make you an editor.</aside>`;
}

export function boardView(store: Store, actions: BoardActions): TemplateResult {
  return html`<main id="board" class="board" tabindex="-1" aria-label="Board ${store.board.name}">
    <p id="card-keys" class="visually-hidden">Enter opens the card, ${mayEdit(store) ? "Space lifts it to move it, " : ""}arrow keys go to other cards.</p>
    ${repeat(store.shown.columns, (column) => column.id, (column) => columnView(store, actions, column))}
    ${mayEdit(store) ? addColumnButton(store) : nothing}
  </main>`;
}

/** The first thing that Tab reaches, and seen only then: past the head of the page, to the cards. */
export function skipLink(): TemplateResult {
  const skip = (event: Event): void => {
    event.preventDefault();
    (document.querySelector<HTMLElement>('.card[tabindex="0"]') ?? document.getElementById("board"))?.focus();
  };
  return html`<a class="button skip" href="#board" @click=${skip}>Go to the cards</a>`;
}
