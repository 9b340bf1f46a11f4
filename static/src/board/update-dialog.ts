/** How each session of an update fares, and the way back. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { undoUpdate } from "../model/layer-actions";
import { sessionsWords } from "../model/layers";
import type { Store } from "../model/store";
import { progressOf, type CardProgress, type UpdateRun } from "../model/update-run";
import { ask } from "../ui/dialog";
import { icon } from "../ui/icons";

const WORDS: Record<CardProgress["state"], string> = { going: "Updating…", done: "Updated", waits: "The rest comes at its next start", failed: "Not updated" };

function row(card: CardProgress): TemplateResult {
  const mark = card.state === "going" ? html`<span class="dot"></span>` : icon(card.state === "failed" ? "close" : "check");
  return html`<li data-state=${card.state}>
    <span class="update-mark" aria-hidden="true">${mark}</span>
    <span class="update-card"><a href="/c/${card.id}#details=${card.id}">${card.title}</a><small>${card.problem || WORDS[card.state]}</small></span>
  </li>`;
}

export function updateDialog(store: Store, run: UpdateRun): void {
  const element = document.createElement("div");
  const show = (): void => {
    const cards = progressOf(store.board, run);
    const done = cards.filter((card) => card.state !== "going").length;
    render(html`<p role="status" class="update-sum">${done === cards.length ? nothing : `${done} of `}${sessionsWords(cards.length)} done</p><ul class="update-list">${cards.map(row)}</ul>`, element);
  };
  show();
  const forget = store.subscribe(show);
  const title = "Update of layers";
  const body = html`<h2>${title}</h2>${element}
    <footer><button type="submit" class="button">Undo</button><button type="button" class="button primary" data-close autofocus>Close</button></footer>`;
  void ask(title, body).then((undo) => {
    forget();
    if (undo) void undoUpdate(store, run);
  });
}
