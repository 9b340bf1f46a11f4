/** A session's stack as five thin slabs on its card. */

import { html, nothing, type TemplateResult } from "lit-html";
import { KINDS, layersBehind, missing, pending, sessionLayers, stackWords, type LayerKind } from "../model/layers";
import type { Store } from "../model/store";
import type { Board, Card } from "../model/types";

type Sign = "current" | "behind" | "pending" | "problem" | "none";

function signOf(board: Board, card: Card, kind: LayerKind): Sign {
  const layers = sessionLayers(card).filter((layer) => layer.kind === kind);
  if (layers.some((layer) => layer.problem || layer.conflicts.length)) return "problem";
  if (layers.some((layer) => pending(card, layer))) return "pending";
  if (layersBehind(board, card).some((layer) => layer.kind === kind) || missing(board, card).some((recipe) => recipe.kind === kind)) return "behind";
  return layers.length ? "current" : "none";
}

/** Where something is to be done or known, a slab says it; a stack that is as it should be is left out of people's way. */
export function stackMark(store: Store, card: Card): TemplateResult | typeof nothing {
  if (!sessionLayers(card).length || card.session?.status === "deleting") return nothing;
  const words = `Layers: ${stackWords(store.board, card)}`;
  return html`<span class="stack-mark" role="img" aria-label=${words} title=${words}><i data-sign="session"></i>${KINDS.map((kind) => html`<i data-kind=${kind} data-sign=${signOf(store.board, card, kind)}></i>`)}</span>`;
}
