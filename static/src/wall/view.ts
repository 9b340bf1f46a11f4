/** The wall in markup: its head, and a tile for each running card that the filter lets through. */

import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { meMenu } from "../board/me-menu";
import { connection, cutOff } from "../board/connection";
import { clearFilter, filters } from "../board/filters";
import { hereOnBoard } from "../board/here";
import { statusOf } from "../board/status";
import type { Screens } from "../mini/screens";
import { waits } from "../model/attention";
import { queryOf } from "../model/filter";
import type { Store } from "../model/store";
import type { Board, Card } from "../model/types";
import type { Panel } from "../panel/panel";
import { icon, MARK } from "../ui/icons";
import { sizeChoice, tileSize } from "./size";
import { tile } from "./tile";

export interface WallActions {
  choose(card: string | null): void;
  /** The keyboard to the next tile that waits for somebody. */
  nextWaiting(): void;
  retry(): void;
  render(): void;
}

export interface WallParts {
  store: Store;
  panel: Panel;
  screens: Screens;
  actions: WallActions;
}

/** Paused ones are there too, dimmed: their programs are. */
const runs = (card: Card): boolean => statusOf(card) === "running" || statusOf(card) === "paused";
const running = (board: Board, open: string | null): Card[] =>
  board.columns.flatMap((column) => column.cards).filter((card) => runs(card) || (card.id === open && statusOf(card) === "starting"));

/** Cards whose terminals are shown, in the board's order; the chosen one also while it resumes. */
export const tilesOf = (store: Store): Card[] => running(store.shown, store.ui.open);

function waiting({ store, screens, actions }: WallParts): TemplateResult | typeof nothing {
  const raised = (card: Card): boolean => screens.people(card.id)?.participants.some((each) => each.hand) ?? false;
  const count = tilesOf(store).filter((card) => waits(card) || raised(card)).length;
  if (!count) return nothing;
  const words = count === 1 ? " waits for you" : " wait for you";
  return html`<button class="button small wall-waiting" title="Go to the next one (W)" @click=${() => actions.nextWaiting()}>${icon("bell")}<span><b>${count}</b>${words}</span></button>`;
}

function head(parts: WallParts): TemplateResult {
  const { store, actions } = parts;
  return html`<div class="head"><header class="topbar">
    <img class="brand" src=${MARK} alt="" width="24" height="24" />
    <a class="icon-button" href="/b/${store.board.id}${queryOf(store.ui.filter)}" aria-label="Back to the board" title="Back to the board">${icon("back")}</a>
    <h1 class="board-name">${store.board.name}</h1>
    ${filters(store, runs)}
    <span class="spacer"></span>
    ${waiting(parts)} ${connection(store)} ${hereOnBoard(store)} ${sizeChoice(() => actions.render())} ${meMenu(store)}
  </header>
  ${cutOff(store, actions.retry)}</div>`;
}

function empty(store: Store): TemplateResult {
  return html`<main class="wall-empty" data-testid="empty">
    <strong>No terminal runs on this board</strong>
    <span>Drag a card to a column whose cards run, and its terminal appears here.</span>
    <a class="button primary" href="/b/${store.board.id}">Go to the board</a>
  </main>`;
}

function noMatch(store: Store): TemplateResult {
  return html`<main class="wall-empty" data-testid="no-match">
    <strong>No running terminal matches</strong>
    <span>Only terminals that run are on the wall, and the search or the filter hides all of them.</span>
    <button class="button primary" @click=${() => clearFilter(store)}>Clear search and filters</button>
  </main>`;
}

export function wallView(parts: WallParts): TemplateResult {
  const { store } = parts;
  const cards = tilesOf(store);
  if (!cards.length) return html`${head(parts)} ${running(store.board, store.ui.open).length ? noMatch(store) : empty(store)}`;
  return html`${head(parts)}
    <main class="wall" aria-label="Terminals of ${store.board.name}">
      <p id="wall-keys" class="visually-hidden">
        Arrow keys go to other terminals, W to the next one that waits for somebody, Enter types into one, Shift F6 comes back out.
      </p>
      <ol class="tiles" data-size=${tileSize()}>
        ${repeat(cards, (card) => card.id, (card) => tile(parts, card))}
      </ol>
    </main>`;
}
