/** A card's description, as the server rendered and sanitised it. */

import { html, type TemplateResult } from "lit-html";
import { unsafeHTML } from "lit-html/directives/unsafe-html.js";
import { until } from "lit-html/directives/until.js";
import type { Store } from "../model/store";
import type { Card } from "../model/types";
import { api } from "../net/api";
import { ask } from "../ui/dialog";
import { editDialog } from "./card-dialogs";

/** The words alone, for a line or two on a card. */
export function excerpt(markdown: string): string {
  const lines = markdown.split("\n").map((line) => line.replace(/^\s*(?:(?:#{1,6}|>|[-*+]|\d+[.)])\s+|```.*$)/, "").trim());
  const words = lines.filter(Boolean).join(" · ");
  return words.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/(\*\*|__|~~|\*|`)(?=\S)(.+?)(?<=\S)\1/g, "$2");
}

function text(card: Card): TemplateResult {
  // The one place where markup comes from outside the page: `boards/markdown.py` let only harmless tags through.
  const rendered = api.description(card.id).then(
    (answer) => html`<div class="prose" data-testid="description" tabindex="0">${unsafeHTML(answer.html)}</div>`,
    (error: unknown) => html`<p role="alert">${error instanceof Error ? error.message : String(error)}</p>`,
  );
  return html`${until(rendered, html`<div class="prose">Loading…</div>`)}`;
}

export async function showDescription(store: Store, card: Card): Promise<void> {
  const edit = await ask(
    card.title,
    html`<h2>${card.title}</h2>
      ${text(card)}
      <footer>
        <button type="submit" class="button">Edit</button>
        <button type="button" class="button primary" data-close autofocus>Close</button>
      </footer>`,
    { wide: true },
  );
  if (edit) await editDialog(store, store.card(card.id) ?? card);
}
