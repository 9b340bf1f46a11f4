/** Who is in the open terminal, and that one only watches. */

import { html, nothing, type TemplateResult } from "lit-html";
import type { TerminalState } from "../terminal/client";

export function people(state: TerminalState | null): TemplateResult | typeof nothing {
  const others = state?.participants ?? [];
  if (others.length < 2) return nothing;
  const name = (id: string, words: string): string => (id === state?.you?.id ? `${words} (you)` : words);
  const names = others.map((each) => `${name(each.id, each.name)}${each.role === "watch" ? ", watching" : ""}`);
  return html`<ul class="people" aria-label="In this terminal" title=${names.join("\n")}>
    ${others.slice(0, 3).map((each, index) => html`<li data-kind=${each.kind}>${names[index]}</li>`)}
    ${others.length > 3 ? html`<li>+${others.length - 3}</li>` : nothing}
  </ul>`;
}

export function watching(state: TerminalState | null): TemplateResult | typeof nothing {
  return state?.you?.role === "watch" && state.connection !== "ended" ? html`<p class="watching">You are watching; typing is off.</p>` : nothing;
}
