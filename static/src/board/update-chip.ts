/** What says that running sessions are behind, how far an update is, and the one click for it: in the board's head, and beside a terminal. */

import { html, nothing, type TemplateResult } from "lit-html";
import { updateAll, updateCard } from "../model/layer-actions";
import { cardsBehind, changesWaiting, sessionsWords, stackWords } from "../model/layers";
import { mayEdit } from "../model/may";
import type { Store } from "../model/store";
import type { Card } from "../model/types";
import { progressOf, type UpdateRun } from "../model/update-run";
import { icon } from "../ui/icons";
import { updateDialog } from "./update-dialog";

function progress(store: Store, run: UpdateRun): TemplateResult {
  const done = progressOf(store.board, run).filter((card) => card.state !== "going").length;
  const many = run.cards.length > 1;
  return html`<button class="button small quiet update-chip" data-going title="Show how each session fares" @click=${() => updateDialog(store, run)}>
    ${icon("layers")}<span><span class="update-words">Updating</span> ${many ? html`${run.cards.length}: ${done} done` : "…"}</span>
  </button>`;
}

export function updateChip(store: Store): TemplateResult | typeof nothing {
  if (!mayEdit(store)) return nothing;
  if (store.ui.updating) return progress(store, store.ui.updating);
  const behind = cardsBehind(store.board).length;
  if (!behind) return nothing;
  const words = `${sessionsWords(behind)} ${behind === 1 ? "is" : "are"} behind the newest layers. Running programs are left as they are.`;
  return html`<button class="button small update-chip" title=${words} @click=${() => void updateAll(store, (run) => updateDialog(store, run))}>
    ${icon("layers")}<span>${behind}<span class="update-words"> behind · Update${behind === 1 ? "" : " all"}</span></span>
  </button>`;
}

/** Of the session whose terminal is open. */
export function cardUpdateChip(store: Store, card: Card): TemplateResult | typeof nothing {
  const changes = changesWaiting(store.board, card);
  if (!changes || card.session?.status !== "running" || !mayEdit(store) || store.ui.updating) return nothing;
  return html`<button class="layer-chip" title="Layers: ${stackWords(store.board, card)}" @click=${() => void updateCard(store, card, (run) => updateDialog(store, run))}>
    ${icon("layers")}${changes} behind · <span>Update</span>
  </button>`;
}
