/** The head of a column: its name, how full it is, and what can be done with it. */

import { html, nothing, type TemplateResult } from "lit-html";
import { addColumn, deleteColumn, editColumn, shiftColumn, type ColumnFields } from "../model/columns";
import { mayEdit } from "../model/may";
import type { Store } from "../model/store";
import type { Column, ColumnRole } from "../model/types";
import { announce } from "../ui/announce";
import { ask, field } from "../ui/dialog";
import { icon } from "../ui/icons";
import { menuButton, type MenuItem } from "../ui/menu";

const ROLES: [ColumnRole, string, string][] = [
  ["backlog", "Planned", "Cards wait here. None runs."],
  ["active", "Active", "A card dropped here starts, and runs as long as it stays."],
  ["done", "Finished", "Cards rest here and keep their files."],
];
const LARGEST_LIMIT = 999;

function roleChoice([role, name, words]: [ColumnRole, string, string], chosen: ColumnRole): TemplateResult {
  return html`<label class="choice">
    <input type="radio" name="role" value=${role} ?checked=${role === chosen} /><span><strong>${name}</strong> ${words}</span>
  </label>`;
}

async function fieldsDialog(title: string, now: ColumnFields, action: string): Promise<ColumnFields | null> {
  const limit = html`<input name="limit" type="number" inputmode="numeric" min="1" max=${LARGEST_LIMIT} .value=${String(now.wip_limit ?? "")} />`;
  const given = await ask(
    title,
    html`<h2>${title}</h2>
      ${field("Name", html`<input name="name" required maxlength="60" autofocus autocomplete="off" .value=${now.name} />`)}
      <fieldset class="choices"><legend>What being in it means</legend>${ROLES.map((role) => roleChoice(role, now.role))}</fieldset>
      ${field("At most so many cards", limit, "Empty for no limit. A card that would be one too many is refused.")}
      <footer>
        <button type="button" class="button" data-close>Cancel</button>
        <button type="submit" class="button primary">${action}</button>
      </footer>`,
  );
  const name = String(given?.get("name") ?? "").trim();
  if (!given || !name) return null;
  return { name, role: String(given.get("role")) as ColumnRole, wip_limit: Number(given.get("limit")) || null };
}

async function edit(store: Store, column: Column): Promise<void> {
  const { name, role, wip_limit } = column;
  const wanted = await fieldsDialog("Edit column", { name, role, wip_limit }, "Save");
  if (!wanted) return;
  const fields: Partial<ColumnFields> = {
    ...(wanted.name === name ? {} : { name: wanted.name }),
    ...(wanted.role === role ? {} : { role: wanted.role }),
    ...(wanted.wip_limit === wip_limit ? {} : { wip_limit: wanted.wip_limit }),
  };
  if (Object.keys(fields).length) await editColumn(store, column, fields);
}

export async function addColumnDialog(store: Store): Promise<void> {
  const fields = await fieldsDialog("New column", { name: "", role: "backlog", wip_limit: null }, "Add column");
  if (fields) await addColumn(store, fields);
}

async function shift(store: Store, column: Column, by: -1 | 1): Promise<void> {
  if (!(await shiftColumn(store, column, by))) return;
  const at = store.board.columns.findIndex((each) => each.id === column.id);
  announce(`${column.name} is column ${at + 1} of ${store.board.columns.length}.`);
}

function items(store: Store, column: Column): MenuItem[][] {
  const at = store.board.columns.findIndex((each) => each.id === column.id);
  const left: MenuItem = { words: "Move left", icon: "back", action: () => void shift(store, column, -1) };
  const right: MenuItem = { words: "Move right", icon: "forward", action: () => void shift(store, column, 1) };
  return [
    [{ words: "Edit column…", icon: "edit", action: () => void edit(store, column) }],
    [...(at > 0 ? [left] : []), ...(at < store.board.columns.length - 1 ? [right] : [])],
    [{ words: "Delete column", icon: "trash", action: () => void deleteColumn(store, column) }],
  ];
}

function count(store: Store, shown: Column): TemplateResult {
  const column = store.board.columns.find((each) => each.id === shown.id) ?? shown;
  const [cards, limit] = [column.cards.length, column.wip_limit];
  const words = limit === null ? `${cards} cards` : `${cards} of at most ${limit} cards`;
  const full = limit !== null && cards >= limit;
  return html`<span class="count" role="img" data-full=${full ? "true" : nothing} aria-label=${words} title=${words}>
    ${cards}${limit === null ? nothing : html` / ${limit}`}
  </span>`;
}

export function columnHead(store: Store, column: Column): TemplateResult {
  const saved = !column.id.startsWith("unsaved-") && mayEdit(store);
  return html`<header class="column-head">
    <h2 id="column-${column.id}">${column.name}</h2>
    ${count(store, column)}
    <span class="spacer"></span>
    ${saved ? menuButton(`column-menu-${column.id}`, `Column ${column.name}`, "dots", items(store, column)) : nothing}
  </header>`;
}

export function addColumnButton(store: Store): TemplateResult {
  return html`<button class="add-column" data-testid="add-column" aria-label="Add a column" title="Add a column" @click=${() => void addColumnDialog(store)}>
    ${icon("plus")}
  </button>`;
}
