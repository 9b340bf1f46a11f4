/** What a card was forked from, small, and the way there. */

import { html, nothing, type TemplateResult } from "lit-html";
import { findCard } from "../model/board";
import type { Store } from "../model/store";
import type { Card } from "../model/types";
import { cardElement } from "../ui/focus";
import { icon } from "../ui/icons";

function goTo(card: string): void {
  const element = cardElement(card);
  element?.scrollIntoView({ block: "nearest", inline: "nearest" });
  element?.focus();
}

export function forkMark(store: Store, card: Card, tab: number): TemplateResult | typeof nothing {
  if (!card.forked_from) return nothing;
  const parent = findCard(store.shown, card.forked_from);
  const words = html`${icon("fork")}<span>Fork of ${parent?.title ?? findCard(store.board, card.forked_from)?.title ?? "a card that is not on the board"}</span>`;
  if (!parent) return html`<p class="fork-mark">${words}</p>`;
  return html`<button class="fork-mark" tabindex=${tab} title="Go to ${parent.title}" @click=${() => goTo(parent.id)}>${words}</button>`;
}
