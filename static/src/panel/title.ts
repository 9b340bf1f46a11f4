/** The open card's title, renamed in place. */

import { html, noChange, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { saveText } from "../model/actions";
import { mayEdit } from "../model/may";
import type { Store } from "../model/store";
import type { Card } from "../model/types";
import { toast } from "../ui/toast";

async function rename(store: Store, id: string, words: string, was: string): Promise<void> {
  if ((await saveText(store, id, "title", words, was)) !== "overtaken") return;
  const theirs = store.card(id)?.title ?? "";
  const mine = (): void => void rename(store, id, words, theirs);
  toast({ tone: "error", title: `Somebody else renamed it to “${theirs}” meanwhile.`, detail: `You wrote “${words}”.`, action: { words: "Use mine", run: mine } });
}

export function panelTitle(store: Store, card: Card): TemplateResult {
  if (!mayEdit(store)) return html`<h2 class="panel-title">${card.title}</h2>`;
  const begin = (event: Event): void => void ((event.currentTarget as HTMLElement).dataset["was"] = card.title);
  const save = (event: Event): void => {
    const field = event.currentTarget as HTMLInputElement;
    const words = field.value.trim();
    const was = field.dataset["was"] ?? card.title;
    if (words && words !== was) void rename(store, card.id, words, was);
    else field.value = card.title;
  };
  const keyed = (event: KeyboardEvent): void => {
    const field = event.currentTarget as HTMLInputElement;
    if (event.key === "Escape") field.value = card.title;
    if (event.key === "Enter" || event.key === "Escape") field.blur();
  };
  const writing = document.activeElement?.classList.contains("panel-title") ?? false; // what is typed stays, whatever others do
  return html`<input
    class="panel-title" aria-label="Card title" maxlength="200" .value=${writing ? noChange : live(card.title)}
    @focus=${begin} @change=${save} @keydown=${keyed}
  />`;
}
