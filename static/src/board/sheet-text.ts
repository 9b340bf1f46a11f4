/** Title and description in a card's sheet: read, written, and compared where two people wrote at once. */

import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { ref } from "lit-html/directives/ref.js";
import { until } from "lit-html/directives/until.js";
import { icon } from "../ui/icons";
import { rendered } from "./description";
import type { TextDraft } from "./text-draft";

const TITLE_MAX = 200;
const DESCRIPTION_MAX = 20_000;

const value = (event: Event): string => (event.currentTarget as HTMLTextAreaElement).value;

/** The focus went elsewhere in the sheet: not to another part of the editor, to another window, or to what saves by itself. */
function left(event: FocusEvent): boolean {
  const to = event.relatedTarget instanceof Element ? event.relatedTarget : null;
  return document.hasFocus() && !(to && ((event.currentTarget as Node).contains(to) || to.matches(".sheet-close")));
}

function comparison(draft: TextDraft): TemplateResult | typeof nothing {
  const theirs = draft.theirs;
  if (theirs === null) return nothing;
  if (!draft.comparing) {
    return html`<p class="notice" role="alert" data-testid="changed-meanwhile">
      <span>Somebody else changed this while you were writing.</span>
      <button type="button" class="button small" @click=${() => draft.compare()}>Show both</button>
    </p>`;
  }
  return html`<div class="comparison" role="group" aria-label="Two versions" data-testid="comparison">
    <p role="alert"><strong>Somebody else changed this meanwhile.</strong> Above is yours: take over what you want of theirs, or choose one.</p>
    <pre tabindex="0" aria-label="Theirs">${theirs || "(empty)"}</pre>
    <p class="sheet-buttons">
      <button type="button" class="button small primary" @click=${() => void draft.keepMine()}>Keep mine</button>
      <button type="button" class="button small" @click=${() => draft.takeTheirs()}>Take theirs</button>
    </p>
  </div>`;
}

export function titleField(draft: TextDraft, canEdit: boolean): TemplateResult {
  if (!canEdit) return html`<h2 class="sheet-title">${draft.now}</h2>`;
  const keyed = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    void draft.save();
  };
  const leave = (event: FocusEvent): void => void (left(event) && !draft.comparing && draft.save());
  return html`<div class="sheet-title-box" @focusout=${leave}>
    <textarea
      class="sheet-title" aria-label="Title" rows="1" maxlength=${TITLE_MAX} .value=${live(draft.editing ? draft.text : draft.now)}
      @focus=${() => draft.begin()} @input=${(event: Event) => draft.typed(value(event).replace(/\n/g, " "))} @keydown=${keyed}
    ></textarea>
    ${comparison(draft)}
  </div>`;
}

const focusOnce = (element: Element | undefined): void => {
  if (element instanceof HTMLTextAreaElement) queueMicrotask(() => element.focus());
};

export class Description {
  #preview = false;

  constructor(readonly draft: TextDraft) {}

  #show(preview: boolean): void {
    this.#preview = preview;
    this.draft.changed();
  }

  #text(words: string, testid: string): TemplateResult {
    const { store } = this.draft;
    return html`<div class="prose" data-testid=${testid}>${until(rendered(store.board.id, words), html`<p>Loading…</p>`)}</div>`;
  }

  #tab(preview: boolean, words: string): TemplateResult {
    return html`<button type="button" class="tab" aria-pressed=${String(this.#preview === preview)} @click=${() => this.#show(preview)}>${words}</button>`;
  }

  #editor(): TemplateResult {
    const draft = this.draft;
    const keyed = (event: KeyboardEvent): void => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      void draft.save();
    };
    const leave = (event: FocusEvent): void => void (left(event) && !draft.comparing && draft.save());
    return html`<div class="sheet-editor" tabindex="-1" @focusout=${leave}>
      <div class="tabs" role="group" aria-label="Show">${this.#tab(false, "Write")}${this.#tab(true, "Preview")}</div>
      ${this.#preview
        ? this.#text(draft.text, "preview")
        : html`<textarea
            aria-label="Description" rows="8" maxlength=${DESCRIPTION_MAX} placeholder="What is to be done, and how one sees that it is." .value=${live(draft.text)}
            ${ref(focusOnce)} @input=${(event: Event) => draft.typed(value(event))} @keydown=${keyed}
          ></textarea>`}
      ${comparison(draft)}
      <p class="sheet-buttons">
        ${draft.comparing ? nothing : html`<button type="button" class="button small primary" @click=${() => void draft.save()}>${draft.saving ? "Saving…" : "Save"}</button>`}
        <button type="button" class="button small quiet" @click=${() => draft.discard()}>Cancel</button>
        <small>Markdown: **bold**, \`code\`, - lists, [links](https://…)</small>
      </p>
    </div>`;
  }

  #reader(canEdit: boolean): TemplateResult {
    const draft = this.draft;
    const edit = (): void => {
      this.#preview = false;
      draft.begin();
    };
    if (!draft.now) {
      return canEdit
        ? html`<button type="button" class="sheet-empty" @click=${edit}>Add a description</button>`
        : html`<p class="sheet-none">No description.</p>`;
    }
    const clicked = (event: MouseEvent): void => {
      if (canEdit && !(event.target as Element).closest("a") && !getSelection()?.toString()) edit();
    };
    return html`<div class="sheet-reader" data-editable=${canEdit ? "true" : nothing} @click=${clicked}>${this.#text(draft.now, "description")}</div>`;
  }

  view(canEdit: boolean): TemplateResult {
    const { draft } = this;
    const edit = html`<button type="button" class="button small quiet" aria-label="Edit the description" @click=${() => draft.begin()}>${icon("edit")}Edit</button>`;
    return html`<section class="sheet-section" aria-label="Description">
      <header><h3>Description</h3>${canEdit && !draft.editing && draft.now ? edit : nothing}</header>
      ${draft.editing ? this.#editor() : this.#reader(canEdit)}
    </section>`;
  }
}
