/** Access tokens: made for a program or an agent, listed, revoked. Loaded when it is first wanted (`access-tokens.ts`). */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { DEFAULT_TOKEN_LIFETIME_S, ends, GROUPS, may, reach, TOKEN_LIFETIMES, type AccessToken, type TokenWish } from "../model/access-tokens";
import type { Store } from "../model/store";
import type { Card } from "../model/types";
import { api } from "../net/api";
import { serverNow } from "../net/clock";
import { announce } from "../ui/announce";
import { ask, confirmDanger } from "../ui/dialog";
import { SecretLink } from "../ui/secret-link";
import { ago } from "../ui/time";

const TITLE = "Access tokens";
/** What a program seldom needs: chosen by whoever wants it. */
const SELDOM = ["share", "admin"];
const KINDS = { person: "", cli: "Command line", agent: "Agent" } as const;
const words = (error: unknown): string => (error instanceof Error ? error.message : String(error));

class Tokens {
  readonly element = document.createElement("div");
  readonly #new = new SecretLink("Token", "Give it to the program now: it is shown only this once. Whoever has it may do what it may.", { qr: false });
  #tokens: AccessToken[] | null = null;
  #made = 0;
  #busy = false;
  #failed = "";

  /** `card`: the one that a new token is for, unless something else is chosen. */
  constructor(
    readonly store: Store,
    readonly card: Card | null,
  ) {
    this.element.className = "share access-tokens";
    this.element.dataset["testid"] = "access-tokens";
    this.element.addEventListener("keydown", (event) => this.#entered(event));
    this.#render();
    void this.#try(async () => (this.#tokens = await api.tokens()));
  }

  async #try(act: () => Promise<unknown>): Promise<void> {
    this.#failed = "";
    try {
      await act();
    } catch (error) {
      this.#failed = words(error);
    }
    this.#render();
  }

  /** Enter would submit the dialog, which closes it. */
  #entered(event: KeyboardEvent): void {
    if (event.key !== "Enter" || !(event.target instanceof HTMLInputElement) || event.target.type === "checkbox") return;
    event.preventDefault();
    void (event.target.name === "name" ? this.#create() : this.#new.copy());
  }

  #wish(fields: FormData): TokenWish {
    const place = String(fields.get("reach"));
    const lifetime = Number(fields.get("lifetime"));
    return {
      name: String(fields.get("name")),
      ...(place === "board" ? { board: this.store.board.id } : {}),
      ...(place === "card" && this.card ? { card: this.card.id } : {}),
      verbs: fields.getAll("verb").map(String),
      ...(lifetime ? { expires_in_s: lifetime } : {}),
    };
  }

  async #create(): Promise<void> {
    const form = this.element.closest("form");
    if (this.#busy || !form) return;
    const wish = this.#wish(new FormData(form));
    const name = form.querySelector<HTMLInputElement>("[name=name]");
    if (!wish.verbs.length) {
      this.#failed = "Choose at least one thing that it may do.";
      return this.#render();
    }
    if (name && !name.reportValidity()) return;
    this.#busy = true;
    await this.#try(async () => {
      const { token, ...made } = await api.createToken(wish);
      this.#made = made.id;
      this.#tokens = [made, ...(this.#tokens ?? [])];
      if (name) name.value = "";
      await this.#new.show(token);
      announce("Token created.");
    });
    this.#busy = false;
    if (!this.#failed) this.#new.element.scrollIntoView({ block: "nearest" });
  }

  async #revoke(token: AccessToken): Promise<void> {
    const body = html`<p>What uses <strong>${token.name}</strong> (…${token.hint}) is refused from then on, and what it has open closes at once.</p>`;
    if (!(await confirmDanger({ title: "Revoke this token?", body, action: "Revoke" }))) return;
    await this.#try(async () => {
      await api.revokeToken(token.id);
      this.#tokens = (this.#tokens ?? []).filter((each) => each.id !== token.id);
      if (this.#made === token.id) this.#new.hide();
      announce("Token revoked.");
    });
    this.element.querySelector<HTMLElement>(".member-list button, [name=name]")?.focus();
  }

  #form(): TemplateResult {
    const { card, store } = this;
    return html`<label class="field"><span>For what</span><input name="name" required maxlength="120" autocomplete="off" placeholder="Nightly script" autofocus /></label>
      <div class="token-where">
        <label class="field"><span>It reaches</span>
          <select name="reach">
            ${card ? html`<option value="card" selected>The card “${card.title}”</option>` : nothing}
            <option value="board" ?selected=${!card}>The board “${store.board.name}”</option>
            <option value="all">All your boards</option>
          </select>
        </label>
        <label class="field"><span>Works for</span>
          <select name="lifetime">${TOKEN_LIFETIMES.map((each) => html`<option value=${each.seconds} ?selected=${each.seconds === DEFAULT_TOKEN_LIFETIME_S}>${each.words}</option>`)}</select>
        </label>
      </div>
      <fieldset class="choices token-verbs"><legend>It may, where you may</legend>
        ${GROUPS.map(({ group, words: said }) => html`<label class="choice"><input type="checkbox" name="verb" value=${group} ?checked=${!SELDOM.includes(group)} /><span>${said}</span></label>`)}
      </fieldset>
      <button type="button" class="button primary token-create" @click=${() => void this.#create()}>Create token</button>`;
  }

  #row(token: AccessToken): TemplateResult {
    const used = token.last_used_at ? `used ${ago(token.last_used_at)}` : token.id === this.#made ? "just created" : "never used";
    const kind = KINDS[token.kind];
    return html`<li>
      <span class="member-words"><strong>${token.name}</strong>
        <small>${reach(token)}: ${may(token)}</small>
        <small>${kind ? `${kind} · ` : ""}${token.hint ? `…${token.hint} · ` : ""}${used} · ${ends(token, serverNow())}</small></span>
      <button type="button" class="button small" aria-label="Revoke ${token.name}" @click=${() => void this.#revoke(token)}>Revoke</button>
    </li>`;
  }

  #list(): TemplateResult {
    if (!this.#tokens) return this.#failed ? html`` : html`<p>Loading…</p>`;
    if (!this.#tokens.length) return html`<p>You have no token.</p>`;
    return html`<h3 class="share-title">Your tokens</h3>
      <ul class="member-list" aria-label="Your tokens">${this.#tokens.map((token) => this.#row(token))}</ul>`;
  }

  #render(): void {
    const failed = this.#failed ? html`<p class="share-error" role="alert">${this.#failed}</p>` : nothing;
    render(html`${this.#form()}${failed}${this.#new.element}${this.#list()}`, this.element);
  }
}

export function showTokens(store: Store, card: Card | null): void {
  const tokens = new Tokens(store, card);
  const body = html`<h2>${TITLE}</h2>
    <p class="dialog-body">For programs and agents that use vibenv in your place: the API, the command line, MCP.</p>
    ${tokens.element}
    <footer><button type="button" class="button" data-close>Close</button></footer>`;
  void ask(TITLE, body);
}
