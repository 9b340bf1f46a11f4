/** The page of a guest, who came by a share link: that card's terminal, and nothing else. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { askName } from "./panel/guest-name";
import { people } from "./panel/people";
import { TerminalClient, type TerminalState } from "./terminal/client";
import { icon } from "./ui/icons";

interface GuestState {
  card: string;
  title: string;
  role: "watch" | "type";
  name: string;
  expires_at: string;
  /** The path of the terminal's socket. */
  socket: string;
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

class GuestPage {
  readonly #host = document.createElement("div");
  #client: TerminalClient | null = null;
  #name: string;

  constructor(
    readonly root: HTMLElement,
    readonly shared: GuestState,
  ) {
    this.#name = shared.name;
    this.#host.className = "terminal-host";
    this.#host.dataset["testid"] = "terminal";
    root.replaceChildren();
    root.removeAttribute("data-loading");
    this.#render();
    this.#client = new TerminalClient(shared.card, this.#host, () => this.#render(), shared.socket);
    window.vibenv = { terminal: this.#client.terminal };
    this.#render();
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
        <div class="panel-state"><span class="guest-words">${role} as ${this.#name} · link ends ${until}</span>${people(this.#client)}</div>
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
    this.#client?.reconnect();
    this.#render();
  }

  #render(): void {
    const state = this.#client?.state ?? null;
    const live = state?.connection === "live" && state.attached && state.drawn;
    render(
      html`<main class="panel" aria-label="Terminal of ${this.shared.title}" data-testid="panel" data-attached=${live ? "true" : "false"} data-connection=${state?.connection ?? "connecting"}>
        ${this.#head()}
        <div class="panel-body">${this.#host} ${this.#overlay(state)} ${this.#banner(state)}</div>
      </main>`,
      this.root,
    );
  }
}

const root = document.getElementById("app");
const state = document.getElementById("vibenv-state")?.textContent;
if (root && state) new GuestPage(root, JSON.parse(state) as GuestState);
