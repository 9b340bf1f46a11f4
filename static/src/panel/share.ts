/** The share dialog: links to one card's terminal, made, copied, listed and revoked. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { DEFAULT_LIFETIME_S, LIFETIMES, timeLeft, type LinkRole, type NewLink, type ShareLink } from "../model/links";
import type { Card } from "../model/types";
import { api } from "../net/api";
import { serverNow } from "../net/clock";
import { announce } from "../ui/announce";
import { ask } from "../ui/dialog";
import { SecretLink } from "../ui/secret-link";

const ROLES: Record<LinkRole, { words: string; hint: string; listed: string }> = {
  watch: { words: "Watch", hint: "Sees the terminal; cannot type.", listed: "Can watch" },
  type: { words: "Type", hint: "Can do everything that the terminal can.", listed: "Can type" },
};
const words = (error: unknown): string => (error instanceof Error ? error.message : String(error));

class ShareLinks {
  readonly element = document.createElement("div");
  #links: ShareLink[] | null = null;
  #made: NewLink | null = null;
  readonly #new = new SecretLink("Link", "It is shown only now. If it gets lost, revoke it and create another one.");
  #busy = false;
  #failed = "";

  constructor(readonly card: Card) {
    this.element.className = "share";
    this.element.dataset["testid"] = "share";
    this.element.addEventListener("keydown", (event) => this.#entered(event));
    this.#render();
    void this.#try(async () => (this.#links = await api.links(card.id)));
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

  async #create(): Promise<void> {
    if (this.#busy) return;
    const role = this.element.querySelector<HTMLInputElement>("input[name=role]:checked")?.value as LinkRole;
    const lifetime = Number(this.element.querySelector<HTMLSelectElement>("select")?.value);
    this.#busy = true;
    await this.#try(async () => {
      this.#made = await api.createLink(this.card.id, role, lifetime);
      this.#links = [this.#made, ...(this.#links ?? [])];
    });
    this.#busy = false;
    if (this.#failed || !this.#made) return;
    announce("Link created.");
    await this.#new.show(this.#made.url);
  }

  /** Enter would submit the dialog, which closes it. */
  #entered(event: KeyboardEvent): void {
    if (event.key !== "Enter" || !(event.target instanceof HTMLInputElement)) return;
    event.preventDefault();
    void (event.target.type === "radio" ? this.#create() : this.#new.copy());
  }

  async #revoke(link: ShareLink): Promise<void> {
    await this.#try(async () => {
      await api.revokeLink(this.card.id, link.id);
      this.#links = (this.#links ?? []).filter((each) => each.id !== link.id);
      if (this.#made?.id === link.id) this.#new.hide();
      announce("Link revoked.");
    });
    this.element.querySelector<HTMLElement>(".share-list button, [data-create]")?.focus();
  }

  #form(): TemplateResult {
    const role = (name: LinkRole): TemplateResult => html`<label class="choice">
      <input type="radio" name="role" value=${name} ?checked=${name === "watch"} />
      <span><strong>${ROLES[name].words}</strong> ${ROLES[name].hint}</span>
    </label>`;
    return html`<fieldset class="choices"><legend>Whoever has the link</legend>${role("watch")}${role("type")}</fieldset>
      <div class="share-make">
        <label class="field"><span>Works for</span>
          <select>${LIFETIMES.map((each) => html`<option value=${each.seconds} ?selected=${each.seconds === DEFAULT_LIFETIME_S}>${each.words}</option>`)}</select>
        </label>
        <button type="button" class="button primary" data-create @click=${() => void this.#create()}>Create link</button>
      </div>`;
  }

  #list(): TemplateResult {
    if (!this.#links) return html`<p>${this.#failed ? nothing : "Loading…"}</p>`;
    if (!this.#links.length) return html`<p>Nobody has a link to this terminal.</p>`;
    const left = (link: ShareLink): string => `ends in ${timeLeft(link, serverNow())}`;
    return html`<ul class="share-list" aria-label="Links that work">
      ${this.#links.map((link) => html`<li>
        <span><strong>${ROLES[link.role].listed}</strong> <small>${left(link)}${link.id === this.#made?.id ? ", just created" : ""}</small></span>
        <button type="button" class="button small" aria-label="Revoke the link: ${ROLES[link.role].listed}, ${left(link)}" @click=${() => void this.#revoke(link)}>Revoke</button>
      </li>`)}
    </ul>`;
  }

  #render(): void {
    const failed = this.#failed ? html`<p class="share-error" role="alert">${this.#failed}</p>` : nothing;
    render(html`${this.#form()}${failed}${this.#new.element}${this.#list()}`, this.element);
  }
}

export function shareDialog(card: Card): void {
  const links = new ShareLinks(card);
  const body = html`<h2>Share this terminal</h2>
    <p class="dialog-body">A link gives this card’s terminal and nothing else of the board. No account is needed.</p>
    ${links.element}
    <footer><button type="button" class="button" data-close>Close</button></footer>`;
  void ask("Share this terminal", body);
}
