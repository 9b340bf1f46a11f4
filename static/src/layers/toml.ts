/** The board's stack as a file, and from one. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { KIND_WORDS } from "../model/layers";
import { mayEdit } from "../model/may";
import { api } from "../net/api";
import { ask } from "../ui/dialog";
import { toast } from "../ui/toast";
import type { LayersState } from "./state";
import type { TomlChange } from "./types";

const changeRow = (change: TomlChange): TemplateResult => html`<li><span class="toml-change" data-change=${change.change}>${change.change}</span> ${KIND_WORDS[change.kind]} <strong>${change.name}</strong></li>`;

export function tomlDialog(state: LayersState): void {
  const board = state.store.board.id;
  const element = document.createElement("div");
  element.className = "toml";
  let [text, failed, busy] = ["", "", false];
  let changes: TomlChange[] | null = null;
  const edit = mayEdit(state.store);
  const draw = (): void => {
    const take = (event: Event): void => {
      text = (event.currentTarget as HTMLTextAreaElement).value;
      changes = null;
      draw();
    };
    const file = (event: Event): void => {
      const chosen = (event.currentTarget as HTMLInputElement).files?.[0];
      void chosen?.text().then((content) => ((text = content), (changes = null), draw()));
    };
    render(
      html`<label class="field"><span>vibenv.toml</span>
          <textarea class="code" rows="14" spellcheck="false" ?readonly=${!edit} .value=${text} @input=${take}></textarea></label>
        ${edit ? html`<label class="field"><span>or a file</span><input type="file" accept=".toml,text/plain" @change=${file} /></label>` : nothing}
        ${changes ? html`<ul class="toml-changes">${changes.map(changeRow)}</ul>` : nothing}
        ${failed ? html`<p class="share-error" role="alert">${failed}</p>` : nothing}
        <p class="slab-buttons">
          <a class="button small" download="vibenv.toml" href="data:text/plain;charset=utf-8,${encodeURIComponent(text)}">Download</a>
          ${edit ? html`<button type="button" class="button small" ?disabled=${busy} @click=${() => void send(false)}>See what changes</button>
            <button type="button" class="button small primary" ?disabled=${busy} @click=${() => void send(true)}>Apply and build</button>` : nothing}
        </p>`,
      element,
    );
  };
  const send = async (apply: boolean): Promise<void> => {
    busy = true;
    draw();
    try {
      changes = await api.applyToml(board, text, apply);
      failed = "";
      if (apply) {
        toast({ tone: "info", title: "The stack is as the file says." });
        element.closest("dialog")?.close();
        await state.load();
      }
    } catch (error) {
      failed = error instanceof Error ? error.message : String(error);
    }
    busy = false;
    draw();
  };
  draw();
  void fetch(`/api/v1/boards/${board}/vibenv-toml`).then((answer) => answer.text()).then((content) => ((text = content), draw()));
  const title = "The board’s stack as vibenv.toml";
  void ask(title, html`<h2>${title}</h2>${element}<footer><button type="button" class="button" data-close autofocus>Close</button></footer>`, { wide: true });
}
