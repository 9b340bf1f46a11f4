/** The entry of the page of all sessions: what each uses and costs, and bringing several to rest at once. */

import { html, render, type TemplateResult } from "lit-html";
import { meMenu } from "./board/me-menu";
import { Store } from "./model/store";
import type { Board, PageState } from "./model/types";
import { api } from "./net/api";
import { able, type Choice, type Order, type Overview, type Rest, type SessionRow } from "./sessions/model";
import { overviewView, type Page } from "./sessions/view";
import { announce } from "./ui/announce";
import { confirmDanger } from "./ui/dialog";
import { icon, MARK } from "./ui/icons";
import { startTicker } from "./ui/time";
import { toast } from "./ui/toast";

const PACE_MS = 3000;
const AT_ONCE = 4;
const DONE: Record<Rest, string> = { pause: "paused", stop: "stopped", archive: "archived" };

/** The page shows no board, but the parts that it shares with others read one. */
const NO_BOARD: Board = {
  ...{ id: "", name: "", version: 0, recipes: [], stack: { id: 0, policy: "manual", layers: [] }, labels: [], members: [], columns: [] },
  recording: { output: false, input: false },
  rules: { installation: { idle_timeout_s: 0, stop_after_s: 0, archive_after_s: 0, ttl_s: 0, snapshot_every_s: 0, snapshots_kept: 0 }, board: {} },
};

class SessionsPage {
  readonly #root: HTMLElement;
  readonly #store: Store;
  readonly #tick: () => void;
  #overview: Overview | null = null;
  #failed = "";
  #order: Order = { by: "status", down: false };
  #choice: Choice;
  #selected = new Set<string>();
  #busy: Rest | null = null;
  #timer = 0;
  #asking = false;

  constructor(root: HTMLElement, page: Pick<PageState, "me" | "boards">) {
    this.#root = root;
    this.#store = new Store({ ...page, board: NO_BOARD, open_card: null, full: false, mentions: [] });
    const query = new URLSearchParams(location.search);
    this.#choice = { status: query.get("status") ?? "", board: query.get("board") ?? "" };
    root.replaceChildren();
    root.removeAttribute("data-loading");
    root.dataset["view"] = "sessions";
    this.#tick = startTicker(root);
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && void this.#load());
    document.addEventListener("keydown", (event) => this.#keyed(event));
    this.#render();
    void this.#load();
  }

  async #load(): Promise<void> {
    if (this.#asking) return;
    clearTimeout(this.#timer);
    this.#asking = true;
    try {
      this.#overview = await api.sessions();
      this.#failed = "";
    } catch (error) {
      this.#failed = error instanceof Error ? error.message : String(error);
    }
    this.#asking = false;
    this.#render();
    // the first figures come within a moment
    const pace = this.#overview && !this.#overview.measured_at ? PACE_MS / 4 : PACE_MS;
    if (document.visibilityState === "visible") this.#timer = setTimeout(() => void this.#load(), pace);
  }

  #keyed(event: KeyboardEvent): void {
    if (event.key === "Escape" && this.#selected.size && !document.querySelector("dialog[open], .menu:popover-open")) this.#clear();
  }

  #clear(): void {
    this.#selected.clear();
    announce("Nothing is selected.");
    this.#render();
  }

  #choose(choice: Choice): void {
    this.#choice = choice;
    const query = new URLSearchParams(Object.entries(choice).filter(([, value]) => value)).toString();
    history.replaceState(null, "", query ? `?${query}` : location.pathname);
    this.#render();
  }

  #select(ids: string[], on: boolean): void {
    for (const id of ids) on ? this.#selected.add(id) : this.#selected.delete(id);
    this.#render();
  }

  async #rest(rows: SessionRow[], how: Rest): Promise<void> {
    if (how !== "pause" && !(await this.#sure(rows, how))) return;
    this.#busy = how;
    this.#render();
    const waiting = [...rows];
    const refused: [SessionRow, string][] = [];
    const worker = async (): Promise<void> => {
      for (let row = waiting.shift(); row; row = waiting.shift()) {
        const asked = row;
        await api.sleepCard(asked.card, how).catch((error: unknown) => refused.push([asked, error instanceof Error ? error.message : String(error)]));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    this.#busy = null;
    this.#told(rows.length - refused.length, how, refused);
    await this.#load();
  }

  #told(done: number, how: Rest, refused: [SessionRow, string][]): void {
    const words = done === 1 ? "1 session is" : `${done} sessions are`;
    if (done) toast({ tone: "info", title: `${words} being ${DONE[how]}.` });
    const [first] = refused;
    if (first) toast({ tone: "error", title: refused.length === 1 ? `${first[0].title} could not be ${DONE[how]}.` : `${refused.length} could not be ${DONE[how]}.`, detail: first[1] });
    const left = new Set(refused.map(([row]) => row.id));
    this.#selected = new Set([...this.#selected].filter((id) => left.has(id)));
  }

  #sure(rows: SessionRow[], how: Rest): Promise<boolean> {
    const running = able(rows, "pause").length;
    if (!running) return Promise.resolve(true);
    const kept = how === "stop" ? "Their files are kept." : "Their files are kept as snapshots, and their containers are removed.";
    return confirmDanger({
      title: rows.length === 1 ? `${how === "stop" ? "Stop" : "Archive"} “${rows[0]?.title ?? ""}”?` : `${how === "stop" ? "Stop" : "Archive"} ${rows.length} sessions?`,
      body: html`<p>What runs in ${running === 1 ? "1 of them" : `${running} of them`} ends. ${kept}</p>`,
      action: how === "stop" ? "Stop" : "Archive",
    });
  }

  get #page(): Page | null {
    if (!this.#overview) return null;
    return {
      overview: this.#overview,
      order: this.#order,
      choice: this.#choice,
      selected: this.#selected,
      busy: this.#busy,
      sort: (order) => {
        this.#order = order;
        this.#render();
      },
      choose: (choice) => this.#choose(choice),
      select: (ids, on) => this.#select(ids, on),
      clear: () => this.#clear(),
      rest: (rows, how) => void this.#rest(rows, how),
    };
  }

  #main(): TemplateResult {
    const page = this.#page;
    if (page) return overviewView(page);
    if (!this.#failed) return html`<div class="sessions-hint" role="status"><span>Loading…</span></div>`;
    return html`<div class="sessions-hint" role="alert"><strong>The sessions could not be loaded</strong><span>${this.#failed}</span><button class="button" @click=${() => void this.#load()}>Try again</button></div>`;
  }

  #render(): void {
    const old = this.#overview !== null && this.#failed;
    render(
      html`<div class="head"><header class="topbar">
          <img class="brand" src=${MARK} alt="" width="24" height="24" />
          <a class="icon-button" href="/" aria-label="Back to the board" title="Back to the board">${icon("back")}</a>
          <h1 class="board-name">Sessions</h1>
          <span class="spacer"></span>
          ${meMenu(this.#store)}
        </header>${old ? html`<div class="cut-off" role="status"><p><strong>This is old.</strong> ${this.#failed}</p></div>` : ""}</div>
        <main class="sessions-page">${this.#main()}</main>`,
      this.#root,
    );
    this.#tick();
  }
}

const root = document.getElementById("app");
const state = document.getElementById("vibenv-state")?.textContent;
if (root && state) new SessionsPage(root, JSON.parse(state) as Pick<PageState, "me" | "boards">);
