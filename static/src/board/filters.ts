/** The search field and the filters in the head of the page. */

import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { AGENT_WORDS, DUE_WORDS, filterCount, isFiltering, ME, NO_FILTER, NOBODY, queryOf, STATUS_WORDS, type Filter } from "../model/filter";
import type { Store } from "../model/store";
import type { Board, Card } from "../model/types";
import { icon } from "../ui/icons";
import { place } from "../ui/menu";

type Choice = "status" | "agent" | "label" | "assigned" | "due";

/** Which cards the page could show at all. */
type Counts = (card: Card) => boolean;

function set(store: Store, change: Partial<Filter>): void {
  const filter = { ...store.ui.filter, ...change };
  history.replaceState(history.state, "", location.pathname + queryOf(filter));
  store.setUi({ filter, selected: [] }); // nothing is done to cards that are no longer seen
}

const searchField = (): HTMLInputElement | null => document.querySelector<HTMLInputElement>("#search");

/** Show the field where it is hidden for want of room, and go there. */
export function focusSearch(store: Store): void {
  store.setUi({ searching: true });
  queueMicrotask(() => searchField()?.select()); // right after the rendering: the next key is already for the field
}

/** Only these; chosen once more, all are shown again. */
export function toggleFilter(store: Store, only: Partial<Filter>): void {
  const same = queryOf({ ...NO_FILTER, ...only }) === queryOf(store.ui.filter);
  set(store, same ? NO_FILTER : { ...NO_FILTER, ...only });
}

export function clearFilter(store: Store): void {
  set(store, NO_FILTER);
  store.setUi({ searching: false });
}

const total = (board: Board, counts: Counts): number => board.columns.reduce((sum, column) => sum + column.cards.filter(counts).length, 0);

function result(store: Store, counts: Counts): TemplateResult | typeof nothing {
  if (!isFiltering(store.ui.filter)) return nothing;
  const [shown, all] = [total(store.shown, counts), total(store.board, counts)];
  return html`<span class="filter-result" data-testid="filter-result">${shown} of ${all}</span>
    <button type="button" class="icon-button" aria-label="Clear search and filters" title="Clear" @click=${() => clearFilter(store)}>${icon("close")}</button>`;
}

/** What can be chosen, in words, by what the address has. */
function choices(store: Store, name: Choice): [string, string][] {
  const { labels, members } = store.board;
  const others = members.filter((member) => member.id !== store.me.id);
  switch (name) {
    case "status":
      return Object.entries(STATUS_WORDS);
    case "agent":
      return Object.entries(AGENT_WORDS);
    case "label":
      return labels.map((label) => [label.id, label.name]);
    case "assigned":
      return [[ME, "Me"], ...others.map((member): [string, string] => [member.id, member.name]), [NOBODY, "Nobody"]];
    case "due":
      return Object.entries(DUE_WORDS);
  }
}

const TITLES: Record<Choice, [string, string]> = {
  status: ["Show cards that are", "Any state"],
  agent: ["Agent", "With or without one"],
  label: ["With the label", "Any label"],
  assigned: ["Assigned to", "Anybody"],
  due: ["Due", "Any day"],
};
const CHOICES = Object.keys(TITLES) as Choice[];

function select(store: Store, name: Choice): TemplateResult {
  const value = store.ui.filter[name] ?? "";
  const [title, any] = TITLES[name];
  const chosen = (event: Event): void => set(store, { [name]: (event.currentTarget as HTMLSelectElement).value || null });
  return html`<label class="field"><span>${title}</span>
    <select data-set=${value ? "true" : nothing} .value=${live(value)} @change=${chosen}>
      <option value="">${any}</option>
      ${choices(store, name).map(([id, words]) => html`<option value=${id} ?selected=${id === value}>${words}</option>`)}
    </select>
  </label>`;
}

function chip(store: Store, name: Choice): TemplateResult | typeof nothing {
  const value = store.ui.filter[name];
  if (!value) return nothing;
  const words = choices(store, name).find(([id]) => id === value)?.[1] ?? "Unknown";
  const shown = name === "assigned" ? `Assigned to ${words === "Me" ? "me" : words.toLowerCase() === "nobody" ? "nobody" : words}` : words;
  return html`<button type="button" class="filter-chip" aria-label="Remove the filter ${shown}" title="Remove" @click=${() => set(store, { [name]: null })}>
    <span>${shown}</span>${icon("close")}
  </button>`;
}

function popover(store: Store): TemplateResult {
  const count = filterCount(store.ui.filter);
  const opened = (event: Event): void => {
    if ((event as ToggleEvent).newState === "open") place(event.currentTarget as HTMLElement);
  };
  return html`<button type="button" class="button filter-button" popovertarget="filter-choices" data-set=${count ? "true" : nothing} aria-label=${count ? `Filter, ${count} set` : "Filter"} title="Filter">
      ${icon("filter")}<span>Filter</span>${count ? html`<b>${count}</b>` : nothing}
    </button>
    <div id="filter-choices" class="menu filter-choices" popover role="group" aria-label="Filters" @toggle=${opened}>${CHOICES.map((name) => select(store, name))}</div>`;
}

export function filters(store: Store, counts: Counts = () => true): TemplateResult {
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
      ${popover(store)}
      <span class="filter-chips">${CHOICES.map((name) => chip(store, name))}</span>
      <span role="status" class="filter-state">${result(store, counts)}</span>
    </search>`;
}
