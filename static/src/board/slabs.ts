/** A session's stack as slabs: five thin ones on a card, and large ones in its sheet. */

import { html, nothing, type TemplateResult } from "lit-html";
import { behind, KINDS, missing, pending, sessionLayers, stackWords, type LayerKind, type SessionLayer } from "../model/layers";
import type { Store } from "../model/store";
import type { Board, Card } from "../model/types";

type Sign = "session" | "current" | "behind" | "pending" | "problem" | "none";

function signOf(board: Board, card: Card, layers: SessionLayer[]): Sign {
  if (!layers.length) return "none";
  if (layers.some((layer) => layer.problem || layer.conflicts.length)) return "problem";
  if (layers.some((layer) => pending(card, layer))) return "pending";
  return layers.some((layer) => behind(board, card, layer)) ? "behind" : "current";
}

/** Where something is to be done or known, the slabs say it; a stack that is as it should be is left out of people's way. */
export function stackMark(store: Store, card: Card): TemplateResult | typeof nothing {
  const layers = sessionLayers(card);
  if (!layers.length || card.session?.status === "deleting") return nothing;
  const lacking = new Set(missing(store.board, card).map((recipe) => recipe.kind));
  const slab = (kind: LayerKind): TemplateResult =>
    html`<i data-kind=${kind} data-sign=${lacking.has(kind) ? "behind" : signOf(store.board, card, layers.filter((layer) => layer.kind === kind))}></i>`;
  const words = `Layers: ${stackWords(store.board, card)}`;
  return html`<span class="stack-mark" role="img" aria-label=${words} title=${words}><i data-sign="session"></i>${KINDS.map(slab)}</span>`;
}
