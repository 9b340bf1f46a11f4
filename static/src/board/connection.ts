/** Whether the page is live; and while it is not, what that means for whoever looks at it. */

import { html, nothing, type TemplateResult } from "lit-html";
import type { Connection, Store } from "../model/store";

const WORDS: Record<Connection, string> = {
  connecting: "Connecting…",
  live: "Live",
  lost: "Reconnecting…",
  "caught-up": "You were away: caught up",
};

/** A sign and a word, for the head of the page. */
export function connection(store: Store): TemplateResult {
  const now = store.ui.connection;
  return html`<span class="connection" role="status" data-testid="connection" data-connection=${now}>
    <span class="dot" aria-hidden="true"></span><span>${WORDS[now]}</span>
  </span>`;
}

const clock = (ms: number): string => new Date(ms).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

/** Below the head, when a connection that was there is gone. Appears a moment later: most come back before. */
export function cutOff(store: Store, retry: () => void): TemplateResult | typeof nothing {
  const since = store.ui.cutOffSince;
  if (since === null) return nothing;
  return html`<div class="cut-off" data-testid="cut-off" role="status">
    <p><strong>Connection lost.</strong> You see the board as it was at ${clock(since)}. Changes have to wait.</p>
    <button class="button small" @click=${retry}>Try now</button>
  </div>`;
}
