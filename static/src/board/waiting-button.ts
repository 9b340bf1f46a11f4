/** In the head: how many of the board's cards wait for somebody, and the way from one to the next. */

import { html, nothing, type TemplateResult } from "lit-html";
import { waitingOn } from "../model/attention";
import type { Store } from "../model/store";
import { icon } from "../ui/icons";

export function goToNextWaiting(): void {
  const all = [...document.querySelectorAll<HTMLElement>("[data-card][data-waiting]")];
  const at = all.findIndex((each) => each.contains(document.activeElement));
  const next = all[(at + 1) % all.length];
  next?.scrollIntoView({ block: "nearest", inline: "nearest" });
  next?.focus();
}

export function waitingButton(store: Store): TemplateResult | typeof nothing {
  const count = waitingOn(store.shown).length;
  if (!count) return nothing;
  return html`<button class="button small wall-waiting" title="Go to the next one (W)" @click=${goToNextWaiting}>${icon("bell")}<span><b>${count}</b>${count === 1 ? " waits for you" : " wait for you"}</span></button>`;
}
