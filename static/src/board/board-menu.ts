/** Which board: switching, making, renaming and deleting boards. */

import { html, type TemplateResult } from "lit-html";
import { renameBoard } from "../model/columns";
import { mayEdit, mayOwn } from "../model/may";
import type { Store } from "../model/store";
import { api, ApiError } from "../net/api";
import { ask, confirmDanger, field } from "../ui/dialog";
import { menuButton, type MenuItem } from "../ui/menu";
import { toast } from "../ui/toast";
import { showArchive } from "./archive-dialog";
import { notifyItems } from "./attention";
import { labelsDialog } from "./labels-dialog";
import { membersDialog } from "./members-dialog";
import { recordingDialog } from "./recording-dialog";
import { rulesDialog } from "./rules-dialog";
import { secretsDialog } from "./secrets-dialog";
import { stackDialog } from "./stack-dialog";

async function askName(title: string, now: string, action: string): Promise<string> {
  const body = html`<h2>${title}</h2>
    ${field("Name", html`<input name="name" required maxlength="120" autofocus autocomplete="off" .value=${now} />`)}
    <footer><button type="button" class="button" data-close>Cancel</button><button type="submit" class="button primary">${action}</button></footer>`;
  return String((await ask(title, body))?.get("name") ?? "").trim();
}

/** Ask the server and go where that leads; its refusal is told. */
async function leave(what: string, call: () => Promise<string>): Promise<void> {
  try {
    location.assign(await call());
  } catch (error) {
    toast({ tone: "error", title: what, detail: error instanceof ApiError ? error.message : String(error) });
  }
}

export async function createBoard(): Promise<void> {
  const name = await askName("New board", "", "Create board");
  if (name) await leave("Couldn’t create the board.", () => api.createBoard(name).then((board) => `/b/${board.id}`));
}

async function rename(store: Store): Promise<void> {
  const name = await askName("Rename board", store.board.name, "Rename");
  if (name && name !== store.board.name) await renameBoard(store, name);
}

async function remove(store: Store): Promise<void> {
  const sure = await confirmDanger({
    title: `Delete “${store.board.name}”?`,
    body: html`<p>Only a board without cards is deleted, so no files are lost. Its columns are. It can’t be undone.</p>`,
    action: "Delete board",
  });
  if (sure) await leave("Couldn’t delete the board.", () => api.deleteBoard(store.board.id).then(() => "/"));
}

export function boardMenu(store: Store): TemplateResult {
  const link = (board: { id: string; name: string }): MenuItem => {
    const current = board.id === store.board.id;
    return { words: current ? store.board.name : board.name, action: `/b/${board.id}`, current };
  };
  const labels: MenuItem = { words: "Labels…", icon: "tag", action: () => labelsDialog(store) };
  const renaming: MenuItem = { words: "Rename this board…", icon: "edit", action: () => void rename(store) };
  const deleting: MenuItem = { words: "Delete this board…", icon: "trash", action: () => void remove(store) };
  return menuButton("boards", "Boards", "down", [
    store.boards.map(link),
    notifyItems(store),
    [
      { words: "Sessions…", icon: "rows", action: "/sessions" },
      { words: "Layers…", icon: "layers", action: `/b/${store.board.id}/layers` },
      { words: mayEdit(store) ? "Stack…" : "Stack", icon: "layers", action: () => void stackDialog(store) },
      { words: "Sleep…", icon: "moon", action: () => void rulesDialog(store) },
      { words: "Recording…", icon: "record", action: () => void recordingDialog(store) },
      ...(mayEdit(store) ? [{ words: "Secrets…", icon: "key", action: () => void secretsDialog(store) } as const] : []),
      { words: "Members…", icon: "person", action: () => membersDialog(store) },
      ...(mayEdit(store) ? [labels] : []),
      { words: "Archived cards…", icon: "archive", action: () => showArchive(store) },
    ],
    [
      { words: "New board…", icon: "plus", action: () => void createBoard() },
      ...(mayEdit(store) ? [renaming] : []),
      ...(mayOwn(store) ? [deleting] : []),
    ],
  ]);
}
