/** What happened to a card's session, the latest first: a part of its details. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { byDay, told, worthTelling } from "../model/history";
import type { HistoryEntry } from "../model/life";
import { recordingPath } from "../model/recordings";
import type { Store } from "../model/store";
import type { Card } from "../model/types";
import { api } from "../net/api";
import { serverNow } from "../net/clock";
import { icon } from "../ui/icons";
import { toast } from "../ui/toast";
import { Loaded } from "./loaded";
import type { SheetSection } from "./sheet-sections";

const AT_ONCE = 30;
const DAY_MS = 24 * 60 * 60_000;

const clock = (iso: string): string => new Date(iso).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

function dayWords(iso: string): string {
  const day = new Date(iso).toDateString();
  if (day === new Date(serverNow()).toDateString()) return "Today";
  if (day === new Date(serverNow() - DAY_MS).toDateString()) return "Yesterday";
  return new Date(iso).toLocaleDateString(undefined, { weekday: "short", day: "numeric", month: "long" });
}

class History implements SheetSection {
  readonly element = document.createElement("section");
  readonly #latest: Loaded<HistoryEntry[]>;
  #earlier: HistoryEntry[] = [];
  #more = true;

  constructor(
    readonly store: Store,
    readonly card: Card,
  ) {
    this.#latest = new Loaded(card, () => this.#fetch(), () => this.#render());
    this.element.className = "sheet-section history";
    this.element.setAttribute("aria-label", "Timeline");
    this.element.dataset["testid"] = "history";
    this.#render();
    void this.#latest.load();
  }

  changed(card: Card): void {
    this.#latest.follow(card);
    this.#render();
  }

  focus(): void {
    this.element.scrollIntoView({ block: "start" });
  }

  closed(): void {
    this.#latest.end();
  }

  /** The latest ones anew; what had been loaded before and is not among them stays. */
  async #fetch(): Promise<HistoryEntry[]> {
    const latest = await api.history(this.card.id, { limit: AT_ONCE });
    const before = this.#latest.value ?? [];
    if (!before.length) this.#more = latest.length === AT_ONCE;
    const oldest = latest.at(-1)?.id ?? 0;
    this.#earlier = [...before.filter((each) => each.id < oldest), ...this.#earlier.filter((each) => !before.some((known) => known.id === each.id))];
    return latest;
  }

  get #all(): HistoryEntry[] {
    return [...(this.#latest.value ?? []), ...this.#earlier];
  }

  async #loadEarlier(): Promise<void> {
    const oldest = this.#all.at(-1);
    if (!oldest) return;
    try {
      const page = await api.history(this.card.id, { before: oldest.id, limit: AT_ONCE });
      this.#earlier = [...this.#earlier, ...page];
      this.#more = page.length === AT_ONCE;
    } catch (error) {
      toast({ tone: "error", title: "Couldn’t load earlier entries.", detail: error instanceof Error ? error.message : String(error) });
    }
    this.#render();
  }

  #row(entry: HistoryEntry): TemplateResult {
    const { icon: sign, words, by, tone } = told(entry, this.store.board.members);
    return html`<li class="history-entry" data-kind=${entry.kind} data-tone=${tone}>
      <span class="history-mark" aria-hidden="true">${icon(sign)}</span>
      <span class="history-words">${by ? html`<strong>${by}</strong> ` : nothing}${words}${entry.reason ? html`<small>${entry.reason}</small>` : nothing}${this.#watch(entry)}</span>
      <time datetime=${entry.at} title=${new Date(entry.at).toLocaleString()}>${clock(entry.at)}</time>
    </li>`;
  }

  #watch(entry: HistoryEntry): TemplateResult | typeof nothing {
    const recording = entry.kind === "recording" && entry.detail["recording"];
    return recording ? html` <a href=${recordingPath(this.card.id, String(recording))}>Watch</a>` : nothing;
  }

  #day(entries: HistoryEntry[]): TemplateResult {
    const day = dayWords(entries[0]?.at ?? "");
    return html`<li><h4>${day}</h4><ol aria-label=${day}>${repeat(entries, (entry) => entry.id, (entry) => this.#row(entry))}</ol></li>`;
  }

  #list(): TemplateResult {
    const entries = this.#all.filter(worthTelling);
    if (!entries.length) return html`<p class="sheet-none">Nothing has happened yet. Starts, snapshots, forks and who came into the terminal are noted here.</p>`;
    const more = html`<button type="button" class="button small quiet" @click=${() => void this.#loadEarlier()}>Earlier</button>`;
    return html`<ol class="history-days">${byDay(entries).map((day) => this.#day(day))}</ol>${this.#more ? more : nothing}`;
  }

  #render(): void {
    render(html`<header><h3>Timeline</h3></header> ${this.#latest.view(() => this.#list())}`, this.element);
  }
}

export const historySection = (store: Store, card: Card): SheetSection => new History(store, card);
