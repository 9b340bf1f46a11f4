/** "+ Add a card": a field that stays open, so that several cards are as quick as their titles. */

import { html, nothing, type TemplateResult } from "lit-html";
import { ref } from "lit-html/directives/ref.js";
import { copyCard, createCard } from "../model/actions";
import { mayEdit } from "../model/may";
import type { Store } from "../model/store";
import type { Card, Column } from "../model/types";
import { icon } from "../ui/icons";

/** Once it is in the page, which is when the rendering that made it is over. */
const focusOnce = (element: Element | undefined): void => {
  if (!(element instanceof HTMLTextAreaElement)) return;
  queueMicrotask(() => {
    element.focus({ preventScroll: true });
    element.scrollIntoView({ block: "nearest" });
  });
};

function submit(store: Store, column: Column, field: HTMLTextAreaElement): void {
  const title = field.value.replace(/\s+/g, " ").trim();
  field.value = "";
  if (title) void createCard(store, column.id, title).then((added) => !added && !field.value && (field.value = title));
  requestAnimationFrame(() => field.scrollIntoView({ block: "nearest" }));
}

/** Cards that are meant to be begun from; what is typed becomes the new card's title. */
function templates(store: Store, column: Column): TemplateResult | typeof nothing {
  const all = store.board.columns.flatMap((each) => each.cards.filter((card) => card.is_template));
  if (!all.length) return nothing;
  const use = (event: Event, card: Card): void => {
    const field = (event.currentTarget as HTMLElement).closest(".composer")?.querySelector("textarea");
    const title = field?.value.trim();
    if (field) field.value = "";
    void copyCard(store, card, { column: column.id, ...(title ? { title } : {}) });
    field?.focus();
  };
  return html`<div class="composer-templates" role="group" aria-label="From a template"><span>From template:</span>
    ${all.map((card) => html`<button type="button" class="button small" @mousedown=${(event: Event) => event.preventDefault()} @click=${(event: Event) => use(event, card)}>${card.title}</button>`)}
  </div>`;
}

function composer(store: Store, column: Column): TemplateResult {
  const close = (): void => store.setUi({ composing: null });
  const keyed = (event: KeyboardEvent): void => {
    const field = event.currentTarget as HTMLTextAreaElement;
    if (event.key === "Escape") {
      close();
      requestAnimationFrame(() => addButton(column.id)?.focus());
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      submit(store, column, field);
    }
  };
  const left = (event: FocusEvent): void => {
    const field = event.currentTarget as HTMLTextAreaElement;
    const within = event.relatedTarget instanceof Node && field.closest(".composer")?.contains(event.relatedTarget);
    if (!within && !field.value.trim() && document.hasFocus()) close();
  };
  return html`<div class="composer">
    <textarea
      rows="2"
      maxlength="200"
      aria-label="Title of the new card in ${column.name}"
      placeholder="What is it about?"
      ${ref(focusOnce)}
      @keydown=${keyed}
      @blur=${left}
    ></textarea>
    ${templates(store, column)}
    <p class="composer-hint"><kbd>Enter</kbd> adds, <kbd>Esc</kbd> closes</p>
  </div>`;
}

const addButton = (column: string): HTMLElement | null =>
  document.querySelector(`[data-column="${CSS.escape(column)}"] [data-testid="add-card"]`);

export function addCard(store: Store, column: Column): TemplateResult | typeof nothing {
  if (!mayEdit(store)) return nothing;
  if (store.ui.composing === column.id) return composer(store, column);
  return html`<button class="add-card" data-testid="add-card" @click=${() => store.setUi({ composing: column.id })}>
    ${icon("plus")}<span>Add a card</span>
  </button>`;
}
