/** The head of the page: which board, whether it is live, and help. */

import { html, nothing, type TemplateResult } from "lit-html";
import { api, ApiError } from "../net/api";
import type { Connection, Store } from "../model/store";
import { ask, field } from "../ui/dialog";
import { icon } from "../ui/icons";
import { toast } from "../ui/toast";

const WORDS: Record<Connection, string> = {
  connecting: "Connecting…",
  live: "Live",
  lost: "Reconnecting…",
  "caught-up": "You were away: caught up",
};

const KEYS: [string, string][] = [
  ["← ↑ → ↓", "Go to another card"],
  ["Enter", "Open the card’s terminal"],
  ["Space", "Lift the card; arrows move it, Space drops it, Esc puts it back"],
  ["N", "Add a card"],
  ["Shift F6", "Between board and terminal"],
  ["Ctrl Shift F", "Search the terminal"],
  ["Ctrl Shift C / V", "Copy and paste in the terminal"],
  ["?", "These keys"],
];

const MARK = new URL("favicon.svg", import.meta.url).href;

export function showKeys(): void {
  const rows = KEYS.map(([key, words]) => html`<tr><th scope="row"><kbd>${key}</kbd></th><td>${words}</td></tr>`);
  const body = html`<h2>Keys</h2><table class="keys">${rows}</table>
    <footer><button type="button" class="button primary" data-close autofocus>Close</button></footer>`;
  void ask("Keys", body);
}

async function newBoard(): Promise<void> {
  const body = html`<h2>New board</h2>
    ${field("Name", html`<input name="name" required maxlength="120" autofocus />`)}
    <footer><button type="button" class="button" data-close>Cancel</button><button type="submit" class="button primary">Create board</button></footer>`;
  const name = String((await ask("New board", body))?.get("name") ?? "").trim();
  if (!name) return;
  try {
    location.assign(`/b/${(await api.createBoard(name)).id}`);
  } catch (error) {
    toast({ tone: "error", title: "Couldn’t create the board.", detail: error instanceof ApiError ? error.message : String(error) });
  }
}

function boards(store: Store): TemplateResult {
  const link = (board: { id: string; name: string }): TemplateResult =>
    html`<a href="/b/${board.id}" aria-current=${board.id === store.board.id ? "page" : nothing}>${board.name}</a>`;
  return html`<button class="icon-button" popovertarget="boards" aria-label="Boards" title="Boards">${icon("down")}</button>
    <nav id="boards" class="menu" popover aria-label="Boards">
      ${store.boards.map(link)}<button @click=${() => void newBoard()}>${icon("plus")}New board</button>
    </nav>`;
}

export function topbar(store: Store, retry: () => void): TemplateResult {
  const connection = store.ui.connection;
  return html`<header class="topbar">
    <img class="brand" src=${MARK} alt="" width="24" height="24" />
    <h1 class="board-name">${store.board.name}</h1>
    ${boards(store)}
    <span class="spacer"></span>
    <span class="connection" role="status" data-testid="connection" data-connection=${connection}>
      <span class="dot" aria-hidden="true"></span>${WORDS[connection]}
    </span>
    ${connection === "lost" ? html`<button class="button small quiet" @click=${retry}>Try now</button>` : nothing}
    <span class="me" title="Logged in as ${store.me.name}">${store.me.name}</span>
    <button class="icon-button" aria-label="Keys" title="Keys (?)" @click=${showKeys}>${icon("help")}</button>
  </header>`;
}
