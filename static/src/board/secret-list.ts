/** Secrets of a board or a card: listed by name, set, and deleted. Values go in and are never shown again. */

import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { nameOf } from "../model/life";
import { NAME_PATTERN, type Secret, type SecretPlace } from "../model/secrets";
import type { Store } from "../model/store";
import { api } from "../net/api";
import { confirmDanger } from "../ui/dialog";
import { icon } from "../ui/icons";
import { ago } from "../ui/time";
import { toast } from "../ui/toast";

const words = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export class SecretList {
  #busy = false;
  #failed = "";

  constructor(
    readonly store: Store,
    readonly place: SecretPlace,
    /** Whether the person may set and delete them. */
    readonly may: () => boolean,
    readonly reload: () => Promise<void>,
    readonly render: () => void,
  ) {}

  async set(form: HTMLFormElement | HTMLElement): Promise<void> {
    const [name, value] = ["name", "value"].map((each) => form.querySelector<HTMLInputElement | HTMLTextAreaElement>(`[name=${each}]`));
    if (!name || !value || this.#busy || !name.reportValidity() || !value.reportValidity()) return;
    this.#busy = true;
    this.#failed = "";
    this.render();
    try {
      const made = await api.setSecret(this.place, name.value.trim(), value.value);
      if (!made.masked) toast({ tone: "info", title: `${made.name} is set.`, detail: "It is so short that it can’t be taken out of recordings." });
      name.value = value.value = "";
      name.focus();
    } catch (error) {
      this.#failed = words(error);
    }
    this.#busy = false;
    await this.reload();
  }

  async #remove({ name }: Secret): Promise<void> {
    const title = `Delete ${name}?`;
    const body = html`<p>It is gone from ${this.place.kind === "board" ? "every session of the board" : "the card’s session"} at once. Programs that have read it already still have it.</p>`;
    if (!(await confirmDanger({ title, body, action: "Delete secret" }))) return;
    try {
      await api.deleteSecret(this.place, name);
    } catch (error) {
      toast({ tone: "error", title: `Couldn’t delete ${name}.`, detail: words(error) });
    }
    await this.reload();
  }

  #row(secret: Secret): TemplateResult {
    const inherited = secret.origin !== this.place.kind;
    const facts = [inherited ? "of the board" : "", `set ${ago(secret.set_at)}`, `by ${nameOf(this.store.board.members, secret.set_by)}`];
    const remove = html`<button type="button" class="icon-button" aria-label="Delete ${secret.name}" title="Delete" @click=${() => void this.#remove(secret)}>${icon("trash")}</button>`;
    return html`<li class="secret" data-secret=${secret.name} data-origin=${secret.origin}>
      <span class="secret-mark" aria-hidden="true">${icon("key")}</span>
      <span class="secret-words"><code>${secret.name}</code><small title=${new Date(secret.set_at).toLocaleString()}>${facts.filter(Boolean).join(" · ")}</small></span>
      ${this.may() && !inherited ? remove : nothing}
    </li>`;
  }

  #form(): TemplateResult {
    return html`<div class="secret-new" role="group" aria-label="Set a secret">
      <input name="name" required maxlength="64" pattern=${NAME_PATTERN} title="Letters, digits and _, not a digit first" aria-label="Name" placeholder="NAME" autocomplete="off" autocapitalize="off" spellcheck="false" />
      <textarea name="value" required rows="1" aria-label="Value" placeholder="Value" autocomplete="off" autocapitalize="off" spellcheck="false"></textarea>
      <button type="button" class="button small" ?disabled=${this.#busy} @click=${(event: Event) => void this.set((event.currentTarget as HTMLElement).parentElement as HTMLElement)}>Set</button>
    </div>
    ${this.#failed ? html`<p class="sheet-failed" role="alert">${this.#failed}</p>` : nothing}`;
  }

  view(list: Secret[]): TemplateResult {
    const none = html`<p class="sheet-none">None. A secret is a file in <code>/run/vibenv/secrets</code> and a variable of the shells; it is in no snapshot, and stars stand for it in recordings.</p>`;
    const rows = html`<ul class="secret-list" aria-label="Secrets">${repeat(list, (each) => each.name, (each) => this.#row(each))}</ul>`;
    return html`${list.length ? rows : none} ${this.may() ? this.#form() : nothing}`;
  }
}
