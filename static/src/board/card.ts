/** One card. */

import { html, nothing, type TemplateResult } from "lit-html";
import { waits } from "../model/attention";
import { startCard } from "../model/actions";
import type { Place } from "../model/board";
import { agentName, agentWords } from "../model/agent";
import { ahead, sleeps } from "../model/life";
import { extendCard } from "../model/life-actions";
import { mayEdit } from "../model/may";
import type { Store } from "../model/store";
import { frontOf } from "../model/terminals";
import { miniature } from "../mini/screens";
import type { Card, Column } from "../model/types";
import { icon } from "../ui/icons";
import { logDialog, moveDialog } from "./card-dialogs";
import { cardSheet } from "./card-sheet";
import { showCardMenu } from "./card-menu";
import { agentMark } from "./agent-mark";
import { labelRow, metaRow, metaWords } from "./chips";
import { excerpt } from "./description";
import { hereAtCard } from "./here";
import { forkMark } from "./fork-mark";
import { stackMark } from "./slabs";
import { nextWords, statusOf, statusRow, statusWords, stepBar } from "./status";

export interface BoardActions {
  open(card: string): void;
  lift(card: string): void;
  drop(card: string, place: Place): void;
  /** Choose it or not; or all from the latest chosen one to it. */
  select(card: string, how: "toggle" | "range"): void;
}

/** What a card offers by itself: another try, or another start where dragging it to Active is no way, since it is there. */
function offers(store: Store, card: Card, active: boolean, tab: number): TemplateResult | typeof nothing {
  const status = statusOf(card);
  const start = (words: string): TemplateResult | typeof nothing =>
    mayEdit(store) ? html`<button class="button small" tabindex=${tab} @click=${() => void startCard(store, card.id)}>${words}</button>` : nothing;
  if (active && sleeps(card.session?.status) && mayEdit(store)) return html`<div class="card-offers">${start("Resume")}</div>`;
  // sent to sleep before there was anything to keep
  if (active && card.session?.status === "new" && mayEdit(store)) return html`<div class="card-offers">${start("Start")}</div>`;
  if (status !== "failed") return nothing;
  return html`<div class="card-offers">
    ${start("Retry")}<button class="button small quiet" tabindex=${tab} @click=${() => logDialog(card)}>Show log</button>
  </div>`;
}

/** Somebody is asked something; the answer is given beside its terminal, or in its details. */
function asks(card: Card): TemplateResult | typeof nothing {
  if (!card.asks) return nothing;
  const more = card.questions > 1 ? ` (and ${card.questions - 1} more)` : "";
  return html`<p class="card-asks" title=${card.asks}>${icon("hand")}<span>${card.asks}${more}</span></p>`;
}

/** Its time ends soon: said in time, with the way to have more. */
function ending(store: Store, card: Card, tab: number): TemplateResult | typeof nothing {
  const next = card.session && ahead(card.session);
  if (next?.what !== "expire") return nothing;
  const more = html`<button class="button small" tabindex=${tab} title="An hour more" @click=${() => void extendCard(store, card)}>Extend</button>`;
  return html`<div class="card-ending" data-shown-from=${next.shownFrom}>
    <span data-until=${next.at} data-from=${next.shownFrom} data-words="Ends in"></span>${mayEdit(store) ? more : nothing}
  </div>`;
}

function tools(store: Store, actions: BoardActions, card: Card, tab: number): TemplateResult {
  if (!mayEdit(store)) {
    return html`<div class="card-tools">
      <button class="icon-button" tabindex=${tab} aria-label="Details of ${card.title}" title="Details (E)" @click=${() => cardSheet(store, card)}>${icon("text")}</button>
    </div>`;
  }
  // By key the card is lifted and goes with the arrows; a finger or a mouse on the handle is offered the columns.
  const move = (event: MouseEvent): void => (event.detail === 0 ? actions.lift(card.id) : void moveDialog(store, [card], actions.drop));
  const menu = (event: Event): void => showCardMenu(store, actions, card, event.currentTarget as Element);
  const grip = html`<button class="icon-button grip" tabindex=${tab} aria-label="Move ${card.title}" title="Move (Space)" @click=${move}>${icon("grip")}</button>`;
  return html`<div class="card-tools">
    ${grip}
    <button class="icon-button" tabindex=${tab} aria-label="Menu of ${card.title}" title="More" @click=${menu}>${icon("dots")}</button>
  </div>`;
}

export function cardView(store: Store, actions: BoardActions, column: Column, card: Card, reachable: boolean): TemplateResult {
  const tab = reachable ? 0 : -1;
  const status = statusOf(card);
  const lifted = store.ui.lift?.card === card.id;
  const soon = nextWords(card);
  const selected = store.ui.selected.includes(card.id);
  const clicked = (event: MouseEvent): void => {
    if (!(event.target instanceof Element) || event.target.closest("button")) return;
    const touched = event instanceof PointerEvent && event.pointerType === "touch" && store.ui.selected.length > 0;
    if (event.shiftKey) actions.select(card.id, "range");
    else if (event.ctrlKey || event.metaKey || touched) actions.select(card.id, "toggle");
    else actions.open(card.id);
  };
  const menu = (event: MouseEvent): void => {
    if (!(event instanceof PointerEvent) || event.pointerType !== "mouse" || event.ctrlKey || card.unsaved) return;
    event.preventDefault();
    showCardMenu(store, actions, card, { left: event.clientX, top: event.clientY, bottom: event.clientY });
  };
  return html`<li
    class="card"
    data-card=${card.id}
    data-status=${status}
    data-open=${store.ui.open === card.id ? "true" : nothing}
    data-lifted=${lifted ? "true" : nothing}
    data-waiting=${waits(card) ? "true" : nothing}
    data-unsaved=${card.unsaved ? "true" : nothing}
    tabindex=${tab}
    aria-label="${selected ? "Selected. " : ""}${card.title}. ${statusWords(card)}.${card.agent?.state ? ` ${agentName(card.agent)} ${agentWords(card.agent)}.` : ""}${card.asks && ` ${card.asks}.`}${soon && ` ${soon}.`}${metaWords(store, card, column)}"
    aria-describedby="card-keys"
    data-selected=${selected ? "true" : nothing}
    @click=${clicked}
    @contextmenu=${menu}
  >
    ${labelRow(store, card)}
    ${hereAtCard(store, card.id)}
    <h3 class="card-title">${card.title}</h3>
    ${card.description ? html`<p class="card-description">${excerpt(card.description)}</p>` : nothing}
    ${statusRow(card, undefined, stackMark(store, card))} ${status === "running" || status === "paused" ? miniature(card.id, card.title, frontOf(card)) : nothing}
    ${agentMark(card)} ${asks(card)} ${ending(store, card, tab)}
    ${offers(store, card, column.role === "active", tab)}
    ${status === "starting" && card.session ? stepBar(card.session) : nothing}
    ${forkMark(store, card, tab)} ${metaRow(store, card, column)}
    ${card.unsaved || status === "deleting" ? nothing : tools(store, actions, card, tab)}
  </li>`;
}
