/** The wall in markup: a tile for each running card. */

import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { meMenu } from "../board/me-menu";
import { connection, cutOff } from "../board/connection";
import { hereAtCard, hereOnBoard } from "../board/here";
import { statusOf, statusRow, statusWords, waits } from "../board/status";
import { miniature } from "../mini/screens";
import type { Store } from "../model/store";
import type { Card } from "../model/types";
import type { Panel } from "../panel/panel";
import { icon, MARK } from "../ui/icons";

export interface WallActions {
  choose(card: string | null): void;
  retry(): void;
}


/** Cards whose terminals run, in the board's order. */
export const tilesOf = (store: Store): Card[] =>
  store.board.columns.flatMap((column) => column.cards).filter((card) => statusOf(card) === "running");

export const tileElement = (card: string): HTMLElement | null => document.querySelector(`[data-tile="${CSS.escape(card)}"]`);

function head(store: Store, actions: WallActions): TemplateResult {
  return html`<div class="head"><header class="topbar">
    <img class="brand" src=${MARK} alt="" width="24" height="24" />
    <a class="icon-button" href="/b/${store.board.id}" aria-label="Back to the board" title="Back to the board">${icon("back")}</a>
    <h1 class="board-name">${store.board.name}</h1>
    <span class="spacer"></span>
    ${connection(store)} ${hereOnBoard(store)}
    ${meMenu(store)}
  </header>
  ${cutOff(store, actions.retry)}</div>`;
}

/** Said of the chosen terminal where the picture alone would mislead. */
function trouble(panel: Panel): string {
  const state = panel.terminalState;
  if (panel.loadFailed) return "The terminal couldn’t be loaded. Load the page again.";
  if (state?.connection === "ended") return "This terminal is closed to you.";
  if (state?.connection === "lost") return "Connection lost. Reconnecting…";
  return "";
}

function chosen(panel: Panel): TemplateResult {
  const words = trouble(panel);
  return html`<div class="tile-screen">${panel.host}</div>
    ${words ? html`<p class="tile-note" role="status">${words}</p>` : nothing}`;
}

function tile(store: Store, panel: Panel, actions: WallActions, card: Card): TemplateResult {
  const open = store.ui.open === card.id;
  const state = panel.terminalState;
  const live = open && state?.connection === "live" && state.attached && state.drawn;
  const clicked = (event: MouseEvent): void => {
    if (!open && event.target instanceof Element && !event.target.closest("a")) actions.choose(card.id);
  };
  return html`<li
    class="tile"
    data-tile=${card.id}
    data-open=${open ? "true" : nothing}
    data-attached=${live ? "true" : "false"}
    data-waiting=${waits(card) ? "true" : nothing}
    tabindex="0"
    aria-label="${card.title}. ${statusWords(card)}"
    aria-describedby="wall-keys"
    @click=${clicked}
  >
    <div class="tile-head">
      <h2>${card.title}</h2>
      ${statusRow(card)} ${hereAtCard(store, card.id)}
      <a class="icon-button" href=${card.url} aria-label="Open the card ${card.title}" title="Open the card">${icon("full")}</a>
    </div>
    ${open ? chosen(panel) : html`<div class="tile-screen">${miniature(card.id, card.title, true)}</div>`}
  </li>`;
}

function empty(store: Store): TemplateResult {
  return html`<main class="wall-empty" data-testid="empty">
    <strong>No terminal runs on this board</strong>
    <span>Drag a card to a column whose cards run, and its terminal appears here.</span>
    <a class="button primary" href="/b/${store.board.id}">Go to the board</a>
  </main>`;
}

export function wallView(store: Store, panel: Panel, actions: WallActions): TemplateResult {
  const cards = tilesOf(store);
  if (!cards.length) return html`${head(store, actions)} ${empty(store)}`;
  return html`${head(store, actions)}
    <main class="wall" aria-label="Terminals of ${store.board.name}">
      <p id="wall-keys" class="visually-hidden">Arrow keys go to other terminals, Enter types into one, Shift F6 comes back out.</p>
      <ol class="tiles">
        ${repeat(cards, (card) => card.id, (card) => tile(store, panel, actions, card))}
      </ol>
    </main>`;
}
