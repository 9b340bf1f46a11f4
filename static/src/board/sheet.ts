/** A card with all its details, in one dialog. What is written is saved when it is left; the sheet closes when nothing is unsaved. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { restoreCard } from "../model/archive";
import { mayEdit } from "../model/may";
import type { Store } from "../model/store";
import type { Card } from "../model/types";
import { ask } from "../ui/dialog";
import { icon } from "../ui/icons";
import { SHEET_HASH } from "./card-sheet";
import { SECTIONS, type SectionName, type SheetSection } from "./sheet-sections";
import { sheetSide, type SideName } from "./sheet-side";
import { Description, titleField } from "./sheet-text";
import { TextDraft } from "./text-draft";

export interface SheetOptions {
  focus?: "title" | "description" | SideName | SectionName;
}

class CardSheet {
  readonly #dialog = document.createElement("dialog");
  readonly #title: TextDraft;
  readonly #text: TextDraft;
  readonly #description: Description;
  readonly #sections: [SectionName, SheetSection][];
  #end: () => void = () => {};
  #closing = false;
  #due = false;

  constructor(
    readonly store: Store,
    readonly card: Card,
    readonly opener: Element | null,
  ) {
    this.#title = new TextDraft(store, card.id, "title", () => this.#soon());
    this.#text = new TextDraft(store, card.id, "description", () => this.#soon());
    this.#description = new Description(this.#text);
    this.#sections = SECTIONS.map(([name, make]) => [name, make(store, card)]);
  }

  show(focus: SheetOptions["focus"]): void {
    const dialog = this.#dialog;
    dialog.className = "dialog card-sheet";
    dialog.dataset["testid"] = "card-sheet";
    dialog.dataset["sheetCard"] = this.card.id;
    dialog.tabIndex = -1;
    dialog.addEventListener("keydown", (event) => this.#keyed(event));
    dialog.addEventListener("cancel", (event) => event.target === dialog && this.#mayLeave(event));
    dialog.addEventListener("mousedown", (event) => event.target === dialog && void this.close());
    dialog.addEventListener("close", (event) => event.target === dialog && this.#closed());
    addEventListener("beforeunload", this.#unload);
    this.#end = this.store.subscribe(() => this.#followed());
    document.body.append(dialog);
    this.#render();
    dialog.showModal();
    dialog.focus(); // and not its first field: that would open a phone's keyboard
    history.replaceState(history.state, "", location.pathname + location.search + SHEET_HASH + this.card.id);
    if (focus) this.#focus(focus);
  }

  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    const saved = (await Promise.all([this.#title.save(), this.#text.save()])).every(Boolean);
    this.#closing = false;
    if (saved && !this.#unsaved()) this.#dialog.close();
    else if (!this.#title.comparing && !this.#text.comparing && (await this.#askToLose())) this.#dialog.close();
  }

  readonly #unload = (event: BeforeUnloadEvent): void => {
    if (this.#unsaved()) event.preventDefault();
  };

  #unsaved(): boolean {
    return this.#title.dirty || this.#text.dirty || this.#sections.some(([, section]) => section.unsaved?.() ?? false);
  }

  async #askToLose(): Promise<boolean> {
    const title = "Close without what you wrote?";
    const answer = await ask(
      title,
      html`<h2>${title}</h2>
        <div class="dialog-body"><p>Some of it is not saved yet.</p></div>
        <footer>
          <button type="button" class="button primary" data-close autofocus>Keep writing</button>
          <button type="submit" class="button danger">Close without it</button>
        </footer>`,
    );
    return answer !== null;
  }

  #keyed(event: KeyboardEvent): void {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    event.stopPropagation();
    const draft = this.#text.editing ? this.#text : this.#title.dirty ? this.#title : null;
    if (draft && !draft.comparing) void draft.save().then((saved) => saved && this.#dialog.focus());
    else void this.close();
  }

  /** The ways out that are no key of ours, such as Back on a phone. */
  #mayLeave(event: Event): void {
    if (!this.#unsaved()) return;
    event.preventDefault();
    void this.close();
  }

  #closed(): void {
    this.#end();
    removeEventListener("beforeunload", this.#unload);
    for (const [, section] of this.#sections) section.closed?.();
    this.#dialog.remove();
    if (location.hash.startsWith(SHEET_HASH)) history.replaceState(history.state, "", location.pathname + location.search);
    const back = this.opener instanceof HTMLElement && this.opener.isConnected ? this.opener : document.querySelector<HTMLElement>(`[data-card="${CSS.escape(this.card.id)}"]`);
    back?.focus();
  }

  #followed(): void {
    this.#title.follow();
    this.#text.follow();
    const card = this.store.card(this.card.id);
    if (card) for (const [, section] of this.#sections) section.changed?.(card);
    this.#render();
  }

  #focus(name: NonNullable<SheetOptions["focus"]>): void {
    if (name === "description") this.#text.begin();
    const section = this.#sections.find(([each]) => each === name)?.[1];
    if (section?.focus) section.focus();
    else if (name === "title") this.#dialog.querySelector<HTMLTextAreaElement>("textarea.sheet-title")?.select();
    else this.#dialog.querySelector<HTMLElement>(`[data-part="${name}"]`)?.focus();
  }

  #gone(): TemplateResult {
    const archived = this.store.archived(this.card.id);
    const mine = this.#text.dirty ? html`<p>What you wrote:</p><pre class="log" tabindex="0">${this.#text.text}</pre>` : nothing;
    const restore = archived ? html`<p><button type="button" class="button primary" @click=${() => void restoreCard(this.store, archived)}>Restore</button></p>` : nothing;
    return html`<div class="sheet-gone" role="alert"><h2>${archived ? "This card was archived" : "This card was deleted"}</h2>
      <p>${archived ? "Restore it to go on." : "Somebody removed it, with its container and files."}</p>${restore}${mine}</div>`;
  }

  /** After what is going on now: taking away a field that has the focus has it saved, in the midst of drawing. */
  #soon(): void {
    if (this.#due) return;
    this.#due = true;
    queueMicrotask(() => {
      this.#due = false;
      this.#render();
    });
  }

  #body(card: Card): TemplateResult {
    const canEdit = mayEdit(this.store);
    return html`<div class="sheet-main">
        ${canEdit ? html`<h2 class="visually-hidden">${card.title}</h2>` : nothing}
        ${titleField(this.#title, canEdit)}
        ${this.#description.view(canEdit)}
        ${this.#sections.map(([name, section]) => html`<div data-section=${name}>${section.element}</div>`)}
      </div>
      ${sheetSide(this.store, card, canEdit, () => void this.close())}`;
  }

  #render(): void {
    const card = this.store.card(this.card.id);
    this.#dialog.setAttribute("aria-label", `Details of ${card?.title ?? this.card.title}`);
    render(
      html`<button type="button" class="icon-button sheet-close" aria-label="Close details" title="Close (Esc)" @click=${() => void this.close()}>${icon("close")}</button>
        ${card ? this.#body(card) : this.#gone()}`,
      this.#dialog,
    );
  }
}

/** `opener` has the keyboard again afterwards. */
export function showSheet(store: Store, card: Card, opener: Element | null, focus: SheetOptions["focus"]): void {
  if (card.unsaved || document.querySelector(".card-sheet")) return;
  new CardSheet(store, card, opener).show(focus);
}
