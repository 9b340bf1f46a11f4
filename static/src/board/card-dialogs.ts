/** The dialogs about one card, or several. */

import { html, nothing, type TemplateResult } from "lit-html";
import { deleteCard } from "../model/actions";
import { cardsWords, deleteCards } from "../model/bulk";
import type { Place } from "../model/board";
import type { Store } from "../model/store";
import type { Card, Column } from "../model/types";
import { api } from "../net/api";
import { ask, confirmDanger, showText } from "../ui/dialog";

const cardCount = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

/** Say what deleting loses, and ask. */
export function confirmDelete(card: Card): Promise<boolean> {
  const container = card.session?.container;
  const lost = container
    ? html`<p>This deletes the container <code>${container}</code> with <strong>all files in it</strong>, and ends everything that runs there.</p>`
    : html`<p>The card has never been started: there is no container to lose.</p>`;
  const added = [card.files ? cardCount(card.files, "file") : "", card.comments ? cardCount(card.comments, "comment") : ""].filter(Boolean).join(" and ");
  return confirmDanger({
    title: `Delete “${card.title}”?`,
    body: html`${lost}${added ? html`<p>${added} on the card go with it.</p>` : nothing}<p>It can’t be undone.</p>`,
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

/** Say what deleting them loses, and ask; then they are gone or going. */
export async function deleteManyDialog(store: Store, cards: Card[]): Promise<void> {
  const started = cards.filter((card) => card.session?.container).length;
  const lost = started
    ? html`<p>This deletes ${started === 1 ? "1 container" : `${started} containers`} with <strong>all files in them</strong>, and ends everything that runs there.</p>`
    : html`<p>None of them has ever been started: no containers and no files are lost.</p>`;
  const title = `Delete ${cardsWords(cards.length)}?`;
  if (await confirmDanger({ title, body: html`${lost}<p>It can’t be undone.</p>`, action: `Delete ${cardsWords(cards.length)}` })) await deleteCards(store, cards);
}

/** Choose a column, for those who can't drag. The cards go to its top. */
export async function moveDialog(store: Store, cards: Card[], move: (card: string, place: Place) => void): Promise<void> {
  const [first] = cards;
  if (!first) return;
  const here = (column: Column): boolean => cards.every((card) => card.column === column.id);
  const choice = (column: Column): TemplateResult =>
    html`<button type="submit" class="button" name="column" value=${column.id} ?disabled=${here(column)}>${column.name}</button>`;
  const fields = await ask(
    "Move card",
    html`<h2>Move ${cards.length === 1 ? `“${first.title}”` : cardsWords(cards.length)} to</h2>
      <div class="choices">${store.board.columns.map(choice)}</div>
      <footer><button type="button" class="button quiet" data-close>Cancel</button></footer>`,
  );
  const column = store.board.columns.find((each) => each.id === fields?.get("column"));
  if (column) move(first.id, { column: column.id, before: column.cards[0]?.id ?? null });
}
