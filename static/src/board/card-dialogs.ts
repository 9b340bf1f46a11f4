/** The dialogs about one card. */

import { html } from "lit-html";
import { deleteCard, editCard } from "../model/actions";
import type { Store } from "../model/store";
import type { Card } from "../model/types";
import { api } from "../net/api";
import { ask, confirmDanger, field, showText } from "../ui/dialog";

const TITLE_MAX = 200;

export async function editDialog(store: Store, card: Card): Promise<void> {
  const fields = await ask(
    "Edit card",
    html`<h2>Edit card</h2>
      ${field("Title", html`<input name="title" required maxlength=${TITLE_MAX} autofocus .value=${card.title} />`)}
      ${field("Description", html`<textarea name="description" rows="6" .value=${card.description}></textarea>`)}
      <footer>
        <button type="button" class="button" data-close>Cancel</button>
        <button type="submit" class="button primary">Save</button>
      </footer>`,
  );
  if (!fields) return;
  const title = String(fields.get("title") ?? "").trim();
  const description = String(fields.get("description") ?? "");
  if (title && (title !== card.title || description !== card.description)) await editCard(store, card.id, { title, description });
}

/** Resolves with true when the card is gone or going. */
export async function deleteDialog(store: Store, card: Card): Promise<boolean> {
  const container = card.session?.container;
  const lost = container
    ? html`<p>This deletes the container <code>${container}</code> with <strong>all files in it</strong>, and ends everything that runs there.</p>`
    : html`<p>The card has never been started: no container and no files are lost.</p>`;
  const sure = await confirmDanger({
    title: `Delete “${card.title}”?`,
    body: html`${lost}<p>It can’t be undone.</p>`,
    action: container ? "Delete card and files" : "Delete card",
  });
  return sure && deleteCard(store, card.id);
}

export function logDialog(card: Card): void {
  const load = api.cardLog(card.id).then((answer) => answer.log);
  showText(`Log of “${card.title}”`, load, "Nothing was logged.");
}
