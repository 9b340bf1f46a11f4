/** What all sessions of a board are given in secret. */

import { html, render } from "lit-html";
import { mayOwn } from "../model/may";
import type { Secret } from "../model/secrets";
import type { Store } from "../model/store";
import { api } from "../net/api";
import { ask } from "../ui/dialog";
import { SecretList } from "./secret-list";

export async function secretsDialog(store: Store): Promise<void> {
  const place = { kind: "board", id: store.board.id } as const;
  const body = document.createElement("div");
  body.className = "dialog-body secrets";
  let secrets: Secret[] | null = null;
  let failed = "";
  const about = html`<p class="sheet-none">Every session of this board gets them, at once and in memory only. A card’s own secret of the same name goes first.${mayOwn(store) ? "" : " An owner of the board can change them."}</p>`;
  const draw = (): void => {
    const found = secrets ? list.view(secrets) : failed ? html`<p class="sheet-failed" role="alert">${failed}</p>` : html`<p class="sheet-none">Loading…</p>`;
    render(html`${about}${found}`, body);
  };
  const load = async (): Promise<void> => {
    try {
      secrets = await api.secrets(place);
    } catch (error) {
      failed = error instanceof Error ? error.message : String(error);
    }
    draw();
  };
  const list = new SecretList(store, place, () => mayOwn(store), load, draw);
  draw();
  void load();
  await ask("Secrets of this board", html`<h2>Secrets of this board</h2>${body}<footer><button type="button" class="button" data-close>Close</button></footer>`);
}
