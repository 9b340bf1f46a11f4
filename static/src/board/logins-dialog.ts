/** The browsers one is logged in with, to be logged out from here. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import type { Login } from "../model/people";
import { api } from "../net/api";
import { serverNow } from "../net/clock";
import { announce } from "../ui/announce";
import { ask } from "../ui/dialog";
import { uptime } from "../ui/time";

function seen(login: Login): string {
  if (login.current) return "This browser";
  const passed = uptime(serverNow() - Date.parse(login.seen_at));
  return passed === "just now" ? "Seen just now" : `Seen ${passed} ago`;
}

class Logins {
  readonly element = document.createElement("div");
  #logins: Login[] | null = null;
  #failed = "";

  constructor() {
    this.element.className = "logins";
    this.element.dataset["testid"] = "logins";
    this.#render();
    void this.#try(async () => (this.#logins = await api.logins()));
  }

  async #try(act: () => Promise<unknown>): Promise<void> {
    this.#failed = "";
    try {
      await act();
    } catch (error) {
      this.#failed = error instanceof Error ? error.message : String(error);
    }
    this.#render();
  }

  async #end(call: () => Promise<unknown>, stays: (login: Login) => boolean): Promise<void> {
    await this.#try(async () => {
      await call();
      this.#logins = (this.#logins ?? []).filter(stays);
      announce("Logged out there.");
    });
    this.element.querySelector<HTMLElement>("button")?.focus();
  }

  #row(login: Login): TemplateResult {
    const end = (): void => void this.#end(() => api.revokeLogin(login.id), (each) => each.id !== login.id);
    return html`<li>
      <span class="member-words"><strong>${login.browser}</strong><small>${seen(login)} · ${login.address}</small></span>
      ${login.current ? html`<span class="badge">You are here</span>` : html`<button type="button" class="button small" aria-label="Log out ${login.browser}, ${login.address}" @click=${end}>Log out</button>`}
    </li>`;
  }

  #render(): void {
    const others = (this.#logins ?? []).filter((login) => !login.current);
    const all = (): void => void this.#end(() => api.logOutElsewhere(), (login) => login.current);
    const rows = this.#logins?.map((login) => this.#row(login));
    render(
      html`${this.#failed ? html`<p class="share-error" role="alert">${this.#failed}</p>` : nothing}
        ${rows ? html`<ul class="member-list" aria-label="Logins">${rows}</ul>` : this.#failed ? nothing : html`<p>Loading…</p>`}
        ${others.length > 1 ? html`<button type="button" class="button small" @click=${all}>Log out everywhere else</button>` : nothing}`,
      this.element,
    );
  }
}

export function showLogins(): void {
  const logins = new Logins();
  const body = html`<h2>Where you are logged in</h2>
    <p class="dialog-body">Log out what you don’t know or no longer use. What it has open closes at once.</p>
    ${logins.element}
    <footer><button type="button" class="button" data-close autofocus>Close</button></footer>`;
  void ask("Where you are logged in", body);
}
