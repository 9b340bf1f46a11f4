/** The labels of the board: named, coloured and deleted. */

import { html, render, type TemplateResult } from "lit-html";
import { createLabel, deleteLabel, editLabel } from "../model/labels";
import type { Store } from "../model/store";
import type { Colour, Label } from "../model/types";
import { ask, confirmDanger, field } from "../ui/dialog";
import { icon } from "../ui/icons";
import { swatches } from "../ui/swatches";
import { chip } from "./chips";

const NAME_MAX = 40;

const used = (store: Store, label: Label): number =>
  store.board.columns.reduce((sum, column) => sum + column.cards.filter((card) => card.labels.includes(label.id)).length, 0);

async function edit(store: Store, label: Label): Promise<void> {
  const given = await ask(
    "Edit label",
    html`<h2>Edit label</h2>
      ${field("Name", html`<input name="name" required maxlength=${NAME_MAX} autofocus autocomplete="off" .value=${label.name} />`)}
      ${swatches(label.colour)}
      <footer>
        <button type="button" class="button" data-close>Cancel</button>
        <button type="submit" class="button primary">Save</button>
      </footer>`,
  );
  const name = String(given?.get("name") ?? "").trim();
  const colour = given?.get("colour") as Colour | null;
  if (name && colour && (name !== label.name || colour !== label.colour)) await editLabel(store, label, { name, colour });
}

async function remove(store: Store, label: Label): Promise<void> {
  const count = used(store, label);
  const lost = count === 1 ? "1 card loses it." : `${count} cards lose it.`;
  const sure = await confirmDanger({ title: `Delete the label “${label.name}”?`, body: html`<p>${lost} It can’t be undone.</p>`, action: "Delete label" });
  if (sure) await deleteLabel(store, label);
}

function add(store: Store, event: Event): void {
  event.preventDefault();
  const field = (event.currentTarget as HTMLElement).closest(".label-new")?.querySelector("input");
  const words = field?.value.trim();
  if (field && words) void createLabel(store, words).then((made) => made && (field.value = ""));
}

function rows(store: Store): TemplateResult {
  const row = (label: Label): TemplateResult => html`<li>
    ${chip(label)}<small>${used(store, label) === 1 ? "1 card" : `${used(store, label)} cards`}</small><span class="spacer"></span>
    <button type="button" class="icon-button" aria-label="Edit ${label.name}" title="Edit" @click=${() => void edit(store, label)}>${icon("edit")}</button>
    <button type="button" class="icon-button" aria-label="Delete ${label.name}" title="Delete" @click=${() => void remove(store, label)}>${icon("trash")}</button>
  </li>`;
  return store.board.labels.length ? html`<ul>${store.board.labels.map(row)}</ul>` : html`<p class="sheet-none">No labels yet.</p>`;
}

export function labelsDialog(store: Store): void {
  const list = document.createElement("div");
  list.className = "label-list";
  const draw = (): unknown =>
    render(
      html`${rows(store)}
        <div class="label-new">
          <input aria-label="New label" placeholder="New label" maxlength=${NAME_MAX} autocomplete="off" @keydown=${(event: KeyboardEvent) => event.key === "Enter" && add(store, event)} />
          <button type="button" class="button" @click=${(event: Event) => add(store, event)}>Add</button>
        </div>`,
      list,
    );
  draw();
  const end = store.subscribe(draw);
  const body = html`<h2>Labels of this board</h2>
    ${list}
    <footer><button type="button" class="button primary" data-close autofocus>Close</button></footer>`;
  void ask("Labels of this board", body).then(end);
}
