/** In the head of the board: how many running sessions are behind, how far an update is, and the one click for all of them. */

import { html, nothing, type TemplateResult } from "lit-html";
import { cardsBehind, pending, sessionLayers, updateAll } from "../model/layers";
import { mayEdit } from "../model/may";
import type { Store } from "../model/store";
import { icon } from "../ui/icons";

export function updateChip(store: Store): TemplateResult | typeof nothing {
  if (!mayEdit(store)) return nothing;
  const cards = store.board.columns.flatMap((column) => column.cards);
  const updating = cards.filter((card) => sessionLayers(card).some((layer) => pending(card, layer) === "updating")).length;
  if (updating) return html`<span class="update-chip" role="status">${icon("layers")}<span>${updating} updating…</span></span>`;
  const behind = cardsBehind(store.board).length;
  if (!behind) return nothing;
  const words = behind === 1 ? "1 session is behind" : `${behind} sessions are behind`;
  return html`<button class="button small update-chip" title="${words} the newest layers. Running programs are left as they are." @click=${() => void updateAll(store)}>
    ${icon("layers")}<span class="update-words">${behind} behind ·</span> Update${behind === 1 ? "" : " all"}
  </button>`;
}
