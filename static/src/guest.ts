/** The page of a guest, who came by a share link: that card's terminal, and nothing else. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { QuestionBox } from "./board/question-box";
import type { Question } from "./model/questions";
import { floorControls } from "./panel/floor";
import { askName } from "./panel/guest-name";
import { furtherOf } from "./model/terminals";
import { people } from "./panel/people";
import { recordedMark } from "./panel/recorded";
import { tabBar } from "./panel/tabs";
import { Deck } from "./terminal/deck";
import type { TerminalClient, TerminalState } from "./terminal/client";
import { icon } from "./ui/icons";

interface GuestState {
  card: string;
  title: string;
  role: "watch" | "type";
  name: string;
  expires_at: string;
  /** The path of the main terminal's socket. */
  socket: string;
  /** Where its open questions are to be had. */
  questions: string;
}

const STATUS: Record<string, [title: string, detail: string]> = {
  new: ["Not started yet", "The terminal opens here when somebody of its board starts it."],
  paused: ["Paused", "Its programs are held. The terminal goes on here when a member of its board resumes it."],
  asleep: ["Stopped", "Its files are kept. The terminal opens here when a member of its board resumes it."],
  archiving: ["Archiving", "A snapshot of its files is being taken."],
  archived: ["Archived", "Its files are kept as a snapshot. The terminal opens here when a member of its board resumes it."],
  starting: ["Starting…", "The terminal opens here in a moment."],
  stopping: ["Going to sleep", "It can be resumed by a member of its board."],
  failed: ["The start failed", "Somebody of its board can see why, and start it again."],
  deleting: ["Deleting", "The card was deleted, with its files."],
};

function note(kind: string, title: string, text: string): TemplateResult {
  return html`<div class="overlay" data-kind=${kind} role="status"><p class="overlay-title">${title}</p><p class="overlay-reason">${text}</p></div>`;
}

async function questionsAt(path: string): Promise<Question[]> {
  const answer = await fetch(path, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
  return (await answer.json()) as Question[];
}

class GuestPage {
  readonly #questions: QuestionBox;
  #told: object | null = null;
  readonly #host = document.createElement("div");
  #deck: Deck | null = null;
  /** The terminal that was asked for. */
  #wanted = 0;
  #due = false;
  #name: string;

  constructor(
    readonly root: HTMLElement,
    readonly shared: GuestState,
  ) {
    this.#name = shared.name;
    this.#questions = new QuestionBox({ load: () => questionsAt(shared.questions), folds: true });
    this.#host.className = "terminal-deck";
    root.replaceChildren();
    root.removeAttribute("data-loading");
    this.#render();
    window.vibenv = { terminal: null };
    this.#deck = new Deck(shared.card, this.#host, {
      changed: () => this.#changed(),
      choose: (number) => this.#choose(number, true),
      gone: () => this.#choose(0, false),
      socket: (number) => (number === 0 ? shared.socket : `${shared.socket}s/${number}`),
    });
    this.#changed();
  }

  get #client(): TerminalClient | null {
    return this.#deck?.client ?? null;
  }

  #choose(number: number, focus: boolean): void {
    this.#wanted = number;
    this.#changed();
    if (focus) this.#client?.focus();
  }

  /** Which terminals there are is told with the main one's session. */
  #changed(): void {
    if (!this.#deck || this.#due) return;
    this.#due = true;
    queueMicrotask(() => {
      this.#due = false;
      this.#deck?.sync(furtherOf(this.#deck.main.state.session), this.#wanted);
      window.vibenv.terminal = this.#client?.terminal ?? null;
      this.#render();
    });
  }

  #overlay(state: TerminalState | null): TemplateResult | typeof nothing {
    if (state?.connection === "ended") {
      const said = state.ended || "The terminal was closed.";
      return note("ended", "You are no longer in this terminal", `${said} Ask whoever sent you the link if you need to come back.`);
    }
    if (!state?.session || (state.attached && state.session.status !== "paused")) return nothing;
    const words = STATUS[state.session.status];
    return words ? note("resting", ...words) : nothing;
  }

  #banner(state: TerminalState | null): TemplateResult | typeof nothing {
    if (state?.connection !== "lost") return nothing;
    return html`<div class="banner" role="status" data-testid="banner">
      <span><strong>Connection lost.</strong> Reconnecting…</span>
      <button class="button small" @click=${() => this.#client?.retryNow()}>Try now</button>
    </div>`;
  }

  #head(): TemplateResult {
    const until = new Date(this.shared.expires_at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
    const role = this.shared.role === "watch" ? "Watching" : "Can type";
    return html`<header class="panel-head guest-head">
      <div class="panel-name">
        <h1 class="guest-title">${this.shared.title}</h1>
        <div class="panel-state"><span class="guest-words">${role} as ${this.#name} · link ends ${until}</span>${people(this.#client)}${floorControls(this.#client)}${recordedMark(this.#client, false)}</div>
      </div>
      <div class="panel-tools">
        <button class="icon-button" aria-label="Change name" title="Change name" @click=${() => void this.#rename()}>${icon("edit")}</button>
        <button class="icon-button" aria-label="Search the terminal (Ctrl+Shift+F)" title="Search the terminal (Ctrl+Shift+F)" @click=${() => this.#client?.showSearch()}>${icon("search")}</button>
      </div>
    </header>`;
  }

  /** The server reads the name when a socket opens. */
  async #rename(): Promise<void> {
    const name = await askName(this.#name);
    if (name === null) return;
    this.#name = name;
    this.#deck?.reconnect();
    this.#render();
  }

  #tabs(): TemplateResult | typeof nothing {
    const session = this.#deck?.main.state.session ?? null;
    return tabBar({ session, agent: null, deck: this.#deck, choose: (number, focus) => this.#choose(number, focus), manage: null });
  }

  /** The terminal tells of its session whenever somebody asks or answers. */
  #followQuestions(session: object | null): void {
    if (session === this.#told || document.hidden) return;
    this.#told = session;
    this.#questions.refresh();
  }

  #render(): void {
    const state = this.#client?.state ?? null;
    this.#followQuestions(this.#deck?.main.state.session ?? null);
    const live = state?.connection === "live" && state.attached && state.drawn;
    render(
      html`<main class="panel" aria-label="Terminal of ${this.shared.title}" data-testid="panel" data-attached=${live ? "true" : "false"} data-connection=${state?.connection ?? "connecting"}>
        ${this.#head()} ${this.#tabs()}
        <div class="panel-body">${this.#host} ${this.#overlay(state)} ${this.#banner(state)} ${this.#questions.element}</div>
      </main>`,
      this.root,
    );
  }
}

const root = document.getElementById("app");
const state = document.getElementById("vibenv-state")?.textContent;
if (root && state) new GuestPage(root, JSON.parse(state) as GuestState);
