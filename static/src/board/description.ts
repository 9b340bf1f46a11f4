/** A card's description, as the server renders and sanitises it. */

import { html, type TemplateResult } from "lit-html";
import { unsafeHTML } from "lit-html/directives/unsafe-html.js";
import { api } from "../net/api";

/** The words alone, for a line or two on a card. */
export function excerpt(markdown: string): string {
  const lines = markdown.split("\n").map((line) => line.replace(/^\s*(?:(?:#{1,6}|>|[-*+]|\d+[.)])\s+|```.*$)/, "").trim());
  const words = lines.filter(Boolean).join(" · ");
  return words.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/(\*\*|__|~~|\*|`)(?=\S)(.+?)(?<=\S)\1/g, "$2");
}

const KEPT = 20;
const known = new Map<string, Promise<TemplateResult>>();

/** Text as its reader sees it: the same promise for the same text, so that it is not drawn anew with every change of the board. */
export function rendered(board: string, text: string): Promise<TemplateResult> {
  const before = known.get(text);
  if (before) return before;
  // The one place where markup comes from outside the page: `boards/markdown.py` let only harmless tags through.
  const shown = api.markdown(board, text).then(
    (answer) => html`${unsafeHTML(answer.html || "<p>Nothing yet.</p>")}`,
    (error: unknown) => {
      known.delete(text);
      return html`<p role="alert">${error instanceof Error ? error.message : String(error)}</p>`;
    },
  );
  known.set(text, shown);
  if (known.size > KEPT) known.delete(known.keys().next().value ?? "");
  return shown;
}
