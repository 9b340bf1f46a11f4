/** The board's stack as one ordinary image. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { sizeWords } from "../model/layers";
import { mayEdit } from "../model/may";
import { api } from "../net/api";
import { ask } from "../ui/dialog";
import { copied } from "../ui/copy";
import type { LayersState } from "./state";
import type { StackExport } from "./types";

const LOOK_MS = 1000;
const WORDS: Record<StackExport["state"], string> = { building: "being made…", ready: "", failed: "failed", cancelled: "cancelled", none: "" };

function row(each: StackExport): TemplateResult {
  const run = `docker run -it --rm ${each.image}`;
  return html`<li data-state=${each.state}>
    <div class="slab-line"><strong>${each.image || "An image"}</strong><span class="spacer"></span><span class="slab-size">${each.state === "ready" ? sizeWords(each.size_bytes) : WORDS[each.state]}</span></div>
    ${each.state === "ready" ? html`<p class="slab-buttons"><code>${run}</code><button type="button" class="button small" @click=${() => void copied(run, "Command")}>Copy</button></p>` : nothing}
    ${each.reason ? html`<p class="slab-note" data-tone="warning">${each.reason}</p>` : nothing}
  </li>`;
}

export function exportDialog(state: LayersState): void {
  const board = state.store.board.id;
  const element = document.createElement("div");
  element.className = "exports";
  let failed = "";
  let timer = 0;
  const draw = (): void => {
    const start = (event: Event): void => {
      event.preventDefault(); // Enter would close the dialog
      const image = element.querySelector("input")?.value.trim() ?? "";
      const card = element.querySelector("select")?.value ?? "";
      void make({ ...(image ? { image } : {}), ...(card ? { card } : {}) });
    };
    const entered = (event: KeyboardEvent): void => void (event.key === "Enter" && start(event));
    const cards = state.store.board.columns.flatMap((column) => column.cards).filter((card) => card.session);
    render(
      html`<p class="dialog-body">All layers in one ordinary image, for anybody with Docker.</p>
        ${mayEdit(state.store) ? html`<label class="field"><span>Of</span><select><option value="">the board’s stack</option>${cards.map((card) => html`<option value=${card.id}>${card.title}, with what was written in it</option>`)}</select></label>
          <label class="field"><span>Name (made from the content when empty)</span><input placeholder="team/app:1" autocomplete="off" @keydown=${entered} /></label>
          <p><button type="button" class="button primary" @click=${start}>Export</button></p>` : nothing}
        ${failed ? html`<p class="share-error" role="alert">${failed}</p>` : nothing}
        ${state.exports.length ? html`<ul class="export-list">${state.exports.map(row)}</ul>` : nothing}`,
      element,
    );
  };
  const look = async (): Promise<void> => {
    state.exports = await api.exports(board).catch(() => state.exports);
    draw();
    if (element.isConnected && state.exports.some((each) => each.state === "building")) timer = setTimeout(() => void look(), LOOK_MS);
  };
  const make = async (what: { image?: string; card?: string }): Promise<void> => {
    failed = "";
    await api.createExport(board, what).catch((error: unknown) => (failed = error instanceof Error ? error.message : String(error)));
    clearTimeout(timer);
    await look();
  };
  draw();
  void look();
  const title = "Export as an image";
  void ask(title, html`<h2>${title}</h2>${element}<footer><button type="button" class="button" data-close autofocus>Close</button></footer>`, { wide: true }).then(() => clearTimeout(timer));
}
