/** The dialogs about one card. */

import { html, type TemplateResult } from "lit-html";
import { deleteCard } from "../model/actions";
import type { Place } from "../model/board";
import type { Store } from "../model/store";
import type { Card, Column } from "../model/types";
import { api } from "../net/api";
import { ask, confirmDanger, showText } from "../ui/dialog";

/** Say what deleting loses, and ask. */
export function confirmDelete(card: Card): Promise<boolean> {
  const container = card.session?.container;
  const lost = container
    ? html`<p>This deletes the container <code>${container}</code> with <strong>all files in it</strong>, and ends everything that runs there.</p>`
    : html`<p>The card has never been started: no container and no files are lost.</p>`;
  return confirmDanger({
    title: `Delete “${card.title}”?`,
    body: html`${lost}<p>It can’t be undone.</p>`,
    action: container ? "Delete card and files" : "Delete card",
  });
}

/** Resolves with true when the card is gone or going. */
export async function deleteDialog(store: Store, card: Card): Promise<boolean> {
  return (await confirmDelete(card)) && deleteCard(store, card);
}

export function logDialog(card: Card): void {
  const load = api.cardLog(card.id).then((answer) => answer.log);
  showText(`Log of “${card.title}”`, load, "Nothing was logged.");
}

/** Choose a column, for those who can't drag. The card goes to its top. */
export async function moveDialog(store: Store, card: Card, move: (card: string, place: Place) => void): Promise<void> {
  const choice = (column: Column): TemplateResult =>
    html`<button type="submit" class="button" name="column" value=${column.id} ?disabled=${column.id === card.column}>${column.name}</button>`;
  const fields = await ask(
    "Move card",
    html`<h2>Move “${card.title}” to</h2>
      <div class="choices">${store.board.columns.map(choice)}</div>
      <footer><button type="button" class="button quiet" data-close>Cancel</button></footer>`,
  );
  const column = store.board.columns.find((each) => each.id === fields?.get("column"));
  if (column) move(card.id, { column: column.id, before: column.cards[0]?.id ?? null });
}
