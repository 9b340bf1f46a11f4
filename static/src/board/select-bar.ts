/** What can be done with the cards that are chosen, at the foot of the page. */

import { html, nothing, type TemplateResult } from "lit-html";
import { archiveCards, cardsWords } from "../model/bulk";
import { mayEdit } from "../model/may";
import { chosenOf } from "../model/selection";
import type { Store } from "../model/store";
import { announce } from "../ui/announce";
import { icon, type IconName } from "../ui/icons";
import type { BoardActions } from "./card";
import { deleteManyDialog, moveDialog } from "./card-dialogs";
import { pickAssignees, pickLabels } from "./pickers";

export function clearSelection(store: Store): void {
  store.setUi({ selected: [] });
  announce("Nothing is selected.");
}

export function selectBar(store: Store, actions: BoardActions): TemplateResult | typeof nothing {
  const cards = mayEdit(store) ? chosenOf(store.board, store.ui.selected) : [];
  if (!cards.length) return nothing;
  const button = (name: IconName, words: string, run: (anchor: Element) => void): TemplateResult =>
    html`<button type="button" class="button small quiet" title=${words} @click=${(event: Event) => run(event.currentTarget as Element)}>${icon(name)}<span>${words}</span></button>`;
  return html`<section class="select-bar" aria-label="Selection" data-testid="select-bar"><div role="toolbar" aria-label="${cardsWords(cards.length)} selected">
    <strong>${cards.length} selected</strong>
    ${button("grip", "Move to…", () => void moveDialog(store, cards, actions.drop))}
    ${button("tag", "Label…", (anchor) => pickLabels(store, cards, anchor))}
    ${button("person", "Assign…", (anchor) => pickAssignees(store, cards, anchor))}
    ${button("archive", "Archive", () => void archiveCards(store, cards))}
    ${button("trash", "Delete…", () => void deleteManyDialog(store, cards))}
    <button type="button" class="icon-button" aria-label="Clear the selection" title="Clear (Esc)" @click=${() => clearSelection(store)}>${icon("close")}</button>
  </div></section>`;
}
