/** The table of all sessions: its head, rows, sums, and what can be done with the chosen ones. */

import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { sizeWords } from "../model/layers";
import { placeWords } from "../model/life";
import { since } from "../board/status";
import { icon, type IconName } from "../ui/icons";
import { able, boardsOf, chosen, cores, counts, money, sorted, startsDown, STATUS_WORDS, statusOf, total, type Choice, type Column, type Order, type Overview, type Rest, type SessionRow } from "./model";

export interface Page {
  overview: Overview;
  order: Order;
  choice: Choice;
  selected: ReadonlySet<string>;
  /** What was asked for and has not been answered. */
  busy: Rest | null;
  sort: (order: Order) => void;
  choose: (choice: Choice) => void;
  select: (ids: string[], on: boolean) => void;
  clear: () => void;
  rest: (rows: SessionRow[], how: Rest) => void;
}

const COLUMNS: [Column, string][] = [
  ["title", "Session"],
  ["board", "Board"],
  ["status", "State"],
  ["by", "Asked by"],
  ["cpu", "CPU"],
  ["memory", "Memory"],
  ["disk", "Disk"],
  ["age", "Age"],
  ["cost", "Cost per hour"],
];
const FIGURES: readonly Column[] = ["cpu", "memory", "disk", "age", "cost"];
const ACTIONS: [Rest, string, IconName][] = [
  ["pause", "Pause", "pause"],
  ["stop", "Stop", "stop"],
  ["archive", "Archive", "archive"],
];

const columnsOf = (page: Page): [Column, string][] => COLUMNS.filter(([column]) => column !== "cost" || page.overview.cost !== null);
const size = (bytes: number | null): string => sizeWords(bytes) || "–";

export function shownOf(page: Page): SessionRow[] {
  return sorted(chosen(page.overview.sessions, page.choice), page.order);
}

function tools(page: Page): TemplateResult {
  const { sessions } = page.overview;
  const pick = (change: Partial<Choice>): void => page.choose({ ...page.choice, ...change });
  const valueOf = (event: Event): string => (event.target as HTMLSelectElement).value;
  const sortBy = (event: Event): void => {
    const by = valueOf(event) as Column;
    page.sort({ by, down: startsDown(by) });
  };
  return html`<div class="sessions-tools" role="search" aria-label="Which sessions">
    <select class="select" aria-label="State" ?data-set=${page.choice.status !== ""} .value=${live(page.choice.status)} @change=${(event: Event) => pick({ status: valueOf(event) })}>
      <option value="">All states (${sessions.length})</option>
      ${counts(sessions, page.choice.status).map(([status, count]) => html`<option value=${status} ?selected=${status === page.choice.status}>${STATUS_WORDS[status]} (${count})</option>`)}
    </select>
    <select class="select" aria-label="Board" ?data-set=${page.choice.board !== ""} .value=${live(page.choice.board)} @change=${(event: Event) => pick({ board: valueOf(event) })}>
      <option value="">All boards</option>
      ${boardsOf(sessions).map(([id, name]) => html`<option value=${id} ?selected=${id === page.choice.board}>${name}</option>`)}
    </select>
    <select class="select sessions-sort" aria-label="Sort by" .value=${live(page.order.by)} @change=${sortBy}>
      ${columnsOf(page).map(([column, words]) => html`<option value=${column} ?selected=${column === page.order.by}>By ${words.toLowerCase().replace("cpu", "CPU")}</option>`)}
    </select>
    ${room(page.overview)}
  </div>`;
}

function room({ room: found, problem }: Overview): TemplateResult {
  if (problem) return html`<span class="sessions-room" role="status" data-problem>${problem}</span>`;
  if (!found) return html`<span class="sessions-room" role="status">Measuring…</span>`;
  const free = found.memory_free_bytes;
  const memory = free === null ? `${sizeWords(found.memory_bytes)} of memory` : `${sizeWords(free)} of ${sizeWords(found.memory_bytes)} of memory free`;
  return html`<span class="sessions-room">${memory}, ${found.cpus === 1 ? "1 core" : `${found.cpus} cores`}</span>`;
}

function headCell(page: Page, column: Column, words: string): TemplateResult {
  const now = page.order.by === column;
  const direction = now ? (page.order.down ? "descending" : "ascending") : "none";
  const turn = (): void => page.sort({ by: column, down: now ? !page.order.down : startsDown(column) });
  return html`<th scope="col" aria-sort=${direction} data-figure=${FIGURES.includes(column) || nothing}>
    <button type="button" @click=${turn}>${words}<span aria-hidden="true">${now ? icon(page.order.down ? "down" : "up") : nothing}</span></button>
  </th>`;
}

function checkbox(label: string, on: boolean, some: boolean, changed: (on: boolean) => void): TemplateResult {
  return html`<input type="checkbox" aria-label=${label} .checked=${live(on)} .indeterminate=${some && !on} @change=${(event: Event) => changed((event.target as HTMLInputElement).checked)} />`;
}

function stateOf(row: SessionRow): TemplateResult {
  const waits = row.status === "starting" && row.place !== null;
  const words = waits ? placeWords(row.place ?? 0) : statusOf(row);
  return html`<span class="status" data-status=${row.status}><span class="dot" aria-hidden="true"></span><span class="status-words" title=${row.reason || nothing}>${words}</span></span>`;
}

function rowView(page: Page, row: SessionRow): TemplateResult {
  const on = page.selected.has(row.id);
  const { cost } = page.overview;
  return html`<tr data-session=${row.id} ?data-selected=${on}>
    <td class="sessions-check">${row.may_edit ? checkbox(`Select ${row.title}`, on, false, (now) => page.select([row.id], now)) : nothing}</td>
    <th scope="row"><a href=${row.archived ? `/b/${row.board}` : `/c/${row.card}`}>${row.title}</a><small>${row.name}${row.archived ? ", card archived" : nothing}</small></th>
    <td data-label="Board"><a href="/b/${row.board}">${row.board_name}</a></td>
    <td data-label="State">${stateOf(row)}</td>
    <td data-label="Asked by">${row.wanted_by || "–"}</td>
    <td data-label="CPU" data-figure>${cores(row.cpu)}</td>
    <td data-label="Memory" data-figure>${size(row.memory_bytes)}</td>
    <td data-label="Disk" data-figure>${size(row.disk_bytes)}</td>
    <td data-label="Age" data-figure>${since(row.created_at, "uptime")}</td>
    ${cost ? html`<td data-label="Cost per hour" data-figure>${money(row.cost_hour, cost.currency)}</td>` : nothing}
  </tr>`;
}

function sums(page: Page, rows: SessionRow[]): TemplateResult {
  const { cost } = page.overview;
  return html`<tfoot><tr>
    <td class="sessions-check"></td>
    <th scope="row">${rows.length === 1 ? "1 session" : `${rows.length} sessions`}</th>
    <td class="sessions-blank" colspan="3"></td>
    <td data-label="CPU" data-figure>${cores(total(rows, "cpu"))}</td>
    <td data-label="Memory" data-figure>${size(total(rows, "memory_bytes"))}</td>
    <td data-label="Disk" data-figure>${size(total(rows, "disk_bytes"))}</td>
    <td class="sessions-blank"></td>
    ${cost ? html`<td data-label="Cost per hour" data-figure data-testid="total-cost">${money(total(rows, "cost_hour"), cost.currency)}</td>` : nothing}
  </tr></tfoot>`;
}

function table(page: Page, rows: SessionRow[]): TemplateResult {
  const free = rows.filter((row) => row.may_edit);
  const on = free.filter((row) => page.selected.has(row.id));
  return html`<table class="sessions" data-testid="sessions">
    <caption class="visually-hidden">All sessions of your boards</caption>
    <thead><tr>
      <th class="sessions-check" scope="col">${free.length ? checkbox("Select all that are shown", on.length === free.length, on.length > 0, (now) => page.select(free.map((row) => row.id), now)) : html`<span class="visually-hidden">Selection</span>`}</th>
      ${columnsOf(page).map(([column, words]) => headCell(page, column, words))}
    </tr></thead>
    <tbody>${rows.map((row) => rowView(page, row))}</tbody>
    ${sums(page, rows)}
  </table>`;
}

function selection(page: Page, rows: SessionRow[]): TemplateResult | typeof nothing {
  const on = rows.filter((row) => page.selected.has(row.id));
  if (!on.length) return nothing;
  const action = ([how, words, sign]: [Rest, string, IconName]): TemplateResult => {
    const fit = able(on, how);
    const title = fit.length ? `${words} ${fit.length} of ${on.length}` : `None of them can be brought to that: ${words.toLowerCase()}`;
    return html`<button type="button" class="button small quiet" title=${title} ?disabled=${!fit.length || page.busy !== null} @click=${() => page.rest(fit, how)}>${icon(sign)}<span>${page.busy === how ? `${words}…` : words}</span></button>`;
  };
  return html`<section class="select-bar" aria-label="Selection" data-testid="select-bar"><div role="toolbar" aria-label="${on.length} selected">
    <strong>${on.length} selected</strong>
    ${ACTIONS.map(action)}
    <button type="button" class="icon-button" aria-label="Clear the selection" title="Clear (Esc)" @click=${page.clear}>${icon("close")}</button>
  </div></section>`;
}

export function overviewView(page: Page): TemplateResult {
  const rows = shownOf(page);
  if (!page.overview.sessions.length) {
    return html`<div class="sessions-hint"><strong>No session was started yet</strong><span>Move a card to an active column, and its session starts and is here.</span><a class="button" href="/">Open the board</a></div>`;
  }
  const none = html`<div class="sessions-hint"><strong>None of ${page.overview.sessions.length} is like that</strong><button class="button" @click=${() => page.choose({ status: "", board: "" })}>Show all</button></div>`;
  return html`${tools(page)}${rows.length ? html`<div class="sessions-scroll">${table(page, rows)}</div>` : none}${selection(page, rows)}`;
}
