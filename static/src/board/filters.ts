/** The search field and the filters in the head of the page. */

import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { isFiltering, NO_FILTER, queryOf, STATUS_WORDS, type Filter, type StatusFilter } from "../model/filter";
import type { Store } from "../model/store";
import type { Board } from "../model/types";
import { icon } from "../ui/icons";

function set(store: Store, change: Partial<Filter>): void {
  const filter = { ...store.ui.filter, ...change };
  history.replaceState(history.state, "", location.pathname + queryOf(filter));
  store.setUi({ filter });
}

const searchField = (): HTMLInputElement | null => document.querySelector<HTMLInputElement>("#search");

/** Show the field where it is hidden for want of room, and go there. */
export function focusSearch(store: Store): void {
  store.setUi({ searching: true });
  queueMicrotask(() => searchField()?.select()); // right after the rendering: the next key is already for the field
}

export function clearFilter(store: Store): void {
  set(store, NO_FILTER);
  store.setUi({ searching: false });
}

const total = (board: Board): number => board.columns.reduce((sum, column) => sum + column.cards.length, 0);

function result(store: Store): TemplateResult | typeof nothing {
  if (!isFiltering(store.ui.filter)) return nothing;
  const [shown, all] = [total(store.shown), total(store.board)];
  return html`<span class="filter-result" data-testid="filter-result">${shown} of ${all}</span>
    <button type="button" class="icon-button" aria-label="Clear search and filters" title="Clear" @click=${() => clearFilter(store)}>${icon("close")}</button>`;
}

function statusChoice(store: Store): TemplateResult {
  const { status } = store.ui.filter;
  const chosen = (event: Event): void =>
    set(store, { status: ((event.currentTarget as HTMLSelectElement).value || null) as StatusFilter | null });
  return html`<select aria-label="Show cards that are" data-set=${status ? "true" : nothing} .value=${live(status ?? "")} @change=${chosen}>
    <option value="">Any state</option>
    ${Object.entries(STATUS_WORDS).map(([value, words]) => html`<option value=${value} ?selected=${value === status}>${words}</option>`)}
  </select>`;
}

export function filters(store: Store): TemplateResult {
  const keyed = (event: KeyboardEvent): void => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    clearFilter(store);
    (event.currentTarget as HTMLElement).blur();
  };
  const typed = (event: Event): void => set(store, { text: (event.currentTarget as HTMLInputElement).value });
  const open = store.ui.searching || isFiltering(store.ui.filter);
  return html`<button class="icon-button filters-open" aria-label="Search" title="Search (/)" @click=${() => focusSearch(store)}>${icon("search")}</button>
    <search class="filters" data-open=${open ? "true" : nothing}>
      <span class="filter-field">
        ${icon("search")}
        <input id="search" type="search" placeholder="Search cards" aria-label="Search cards" autocomplete="off" .value=${live(store.ui.filter.text)} @input=${typed} @keydown=${keyed} />
        <kbd aria-hidden="true">/</kbd>
      </span>
      ${statusChoice(store)}
      <span role="status" class="filter-state">${result(store)}</span>
    </search>`;
}
