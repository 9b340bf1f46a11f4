/** The head of the page: which board, whether it is live, and help. */

import { html, type TemplateResult } from "lit-html";
import { queryOf } from "../model/filter";
import type { Store } from "../model/store";
import { ask } from "../ui/dialog";
import { icon, MARK } from "../ui/icons";
import { boardMenu } from "./board-menu";
import { connection } from "./connection";
import { filters } from "./filters";
import { meMenu } from "./me-menu";
import { membersButton } from "./members-button";
import { updateChip } from "./update-chip";
import { hereOnBoard } from "./here";
import { waitingButton } from "./waiting-button";

const KEYS: [string, string][] = [
  ["← ↑ → ↓", "Go to another card"],
  ["Enter", "Open the card’s terminal"],
  ["Space", "Lift the card; arrows move it, Space drops it, Esc puts it back"],
  ["N", "Add a card"],
  ["E", "Details of the card"],
  ["L, M, D", "Its labels, assign it to me, its day"],
  ["G", "Put an agent on it, or see to its agent"],
  ["S, F", "Send its session to sleep, fork it"],
  ["X, Shift ↑ ↓", "Select cards; Ctrl-click and Shift-click do too, Esc ends it"],
  ["W", "Go to the next card that waits for somebody"],
  ["/", "Search the board"],
  ["Ctrl K", "Find a card or a command; not in the terminal, where it is the shell’s"],
  ["A", "Archive the card; it can be undone"],
  ["Shift F6", "Between board and terminal"],
  ["Ctrl Shift F", "Search the terminal"],
  ["Ctrl Shift Enter", "Chat with everybody in the terminal; Esc goes back"],
  ["Ctrl Shift H", "Take control of the terminal from agents, hand it over"],
  ["Ctrl Shift Space", "Pause the session’s agents, let them go on"],
  ["Ctrl Shift ← / →, Ctrl Shift 1–9", "Another terminal of the session"],
  ["Ctrl Shift C / V", "Copy and paste in the terminal"],
  ["?", "These keys"],
];

export function showKeys(): void {
  const rows = KEYS.map(([key, words]) => html`<tr><th scope="row"><kbd>${key}</kbd></th><td>${words}</td></tr>`);
  const body = html`<h2>Keys</h2><table class="keys">${rows}</table>
    <footer><button type="button" class="button primary" data-close autofocus>Close</button></footer>`;
  void ask("Keys", body);
}

export function topbar(store: Store): TemplateResult {
  return html`<header class="topbar">
    <img class="brand" src=${MARK} alt="" width="24" height="24" />
    <h1 class="board-name">${store.board.name}</h1>
    ${boardMenu(store)}
    ${filters(store)}
    <span class="spacer"></span>
    ${waitingButton(store)} ${updateChip(store)} ${connection(store)} ${hereOnBoard(store)}
    <a class="icon-button" href="/b/${store.board.id}/wall${queryOf(store.ui.filter)}" aria-label="Wall: all terminals at once" title="Wall: all terminals at once">${icon("wall")}</a>
    ${membersButton(store)} ${meMenu(store)}
    <button class="icon-button keys-button" aria-label="Keys" title="Keys (?)" @click=${showKeys}>${icon("help")}</button>
  </header>`;
}
