/** Invites to a board: made, copied, listed and revoked by its owners. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { LIFETIMES, timeLeft } from "../model/links";
import { roleName, ROLES, type Invite } from "../model/people";
import type { MemberRole } from "../model/types";
import { api } from "../net/api";
import { serverNow } from "../net/clock";
import { announce } from "../ui/announce";
import { SecretLink } from "../ui/secret-link";

const WEEK_S = 7 * 24 * 60 * 60;
const DEFAULT_ROLE: MemberRole = "editor";
const words = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export class Invites {
  readonly element = document.createElement("section");
  readonly #new = new SecretLink("Invite link", "Send it to whom you invite; it is shown only now. Everybody who has it can join.");
  #made: string | null = null;
  #invites: Invite[] | null = null;
  #busy = false;
  #failed = "";

  constructor(readonly board: string) {
    this.element.className = "share invites";
    this.element.setAttribute("aria-label", "Invites");
    this.element.addEventListener("keydown", (event) => this.#entered(event));
    this.#render();
    void this.#try(async () => (this.#invites = await api.invites(board)));
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
    const chosen = (name: string): string => this.element.querySelector<HTMLSelectElement>(`select[data-${name}]`)?.value ?? "";
    this.#busy = true;
    await this.#try(async () => {
      const made = await api.createInvite(this.board, chosen("role") as MemberRole, Number(chosen("lifetime")));
      this.#made = made.id;
      this.#invites = [made, ...(this.#invites ?? [])];
      await this.#new.show(made.url);
      announce("Invite link created.");
    });
    this.#busy = false;
  }

  /** Enter would submit the dialog, which closes it. */
  #entered(event: KeyboardEvent): void {
    if (event.key !== "Enter" || !(event.target instanceof HTMLInputElement)) return;
    event.preventDefault();
    void this.#new.copy();
  }

  async #revoke(invite: Invite): Promise<void> {
    await this.#try(async () => {
      await api.revokeInvite(this.board, invite.id);
      this.#invites = (this.#invites ?? []).filter((each) => each.id !== invite.id);
      if (this.#made === invite.id) this.#new.hide();
      announce("Invite revoked.");
    });
    this.element.querySelector<HTMLElement>(".share-list button, [data-create]")?.focus();
  }

  #form(): TemplateResult {
    return html`<h3 class="share-title">Invite by link</h3>
      <div class="share-make">
        <label class="field"><span>As</span>
          <select data-role>${ROLES.map((each) => html`<option value=${each.role} ?selected=${each.role === DEFAULT_ROLE}>${each.name}</option>`)}</select>
        </label>
        <label class="field"><span>Works for</span>
          <select data-lifetime>${LIFETIMES.map((each) => html`<option value=${each.seconds} ?selected=${each.seconds === WEEK_S}>${each.words}</option>`)}</select>
        </label>
        <button type="button" class="button primary" data-create @click=${() => void this.#create()}>Create link</button>
      </div>
      <small class="invite-hint">${ROLES.map((each, at) => html`${at ? " " : ""}<b>${each.name}</b>: ${each.hint}`)}</small>`;
  }

  #list(): TemplateResult | typeof nothing {
    if (!this.#invites?.length) return nothing;
    const about = (invite: Invite): string => {
      const used = invite.used === 1 ? ", used once" : invite.used ? `, used ${invite.used} times` : "";
      return `ends in ${timeLeft(invite, serverNow())}${used}${invite.id === this.#made ? ", just created" : ""}`;
    };
    return html`<ul class="share-list" aria-label="Invites that work">
      ${this.#invites.map((invite) => html`<li>
        <span><strong>${roleName(invite.role)}</strong> <small>${about(invite)}</small></span>
        <button type="button" class="button small" aria-label="Revoke the invite: ${roleName(invite.role)}, ${about(invite)}" @click=${() => void this.#revoke(invite)}>Revoke</button>
      </li>`)}
    </ul>`;
  }

  #render(): void {
    const failed = this.#failed ? html`<p class="share-error" role="alert">${this.#failed}</p>` : nothing;
    render(html`${this.#form()}${failed}${this.#new.element}${this.#list()}`, this.element);
  }
}
