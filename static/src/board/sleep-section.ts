/** When a card's session sleeps, in its sheet: what comes next, what holds and by whose word, and more time to live. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { extendCard } from "../model/life-actions";
import { mayEdit } from "../model/may";
import { changeCardRules, durationWords, ofBoard, ofCard, rulesShown, type Rule } from "../model/rules";
import type { Store } from "../model/store";
import type { Card } from "../model/types";
import { serverNow } from "../net/clock";
import { showMenu } from "../ui/menu";
import { ruleField, ruleLine } from "./rule-field";
import type { SheetSection } from "./sheet-sections";

const NEXT = { pause: "It pauses", stop: "It stops", archive: "It is archived", expire: "" };
const EXTENSIONS_S = [3600, 4 * 3600, 24 * 3600, 7 * 24 * 3600];

/** `at 14:05`, `on Thu, 26 Nov at 14:05`. */
function moment(iso: string): string {
  const at = new Date(iso);
  const time = at.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
  if (at.toDateString() === new Date(serverNow()).toDateString()) return `at ${time}`;
  return `on ${at.toLocaleDateString(undefined, { weekday: "short", day: "numeric", month: "short" })} at ${time}`;
}

function nextWords({ session }: Card): string {
  if (session?.next?.what === "expire") return ""; // told beside the button
  if (!session?.next) return session?.status === "running" ? "It is in use, so it stays awake." : "";
  const { what, at } = session.next;
  return `${NEXT[what]} ${moment(at)}${what === "pause" ? ", unless somebody comes" : ""}.`;
}

/** What holds, in a sentence. */
function inForceWords(store: Store, card: Card): string {
  const { idle_timeout_s, stop_after_s, archive_after_s, ttl_s, snapshot_every_s } = ofCard(store.board, card);
  const parts = [
    idle_timeout_s ? `paused when idle for ${durationWords(idle_timeout_s)}` : "never paused by itself",
    stop_after_s ? `stopped ${durationWords(stop_after_s)} ${idle_timeout_s ? "later" : "after a pause"}` : "",
    archive_after_s ? `archived ${durationWords(archive_after_s)} after a stop` : "",
    ttl_s ? `at the latest ${durationWords(ttl_s)} after its start` : "",
    snapshot_every_s ? `snapshotted every ${durationWords(snapshot_every_s)}` : "",
  ];
  const words = parts.filter(Boolean).join(", ");
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

function life(store: Store, card: Card): TemplateResult | typeof nothing {
  const ends = card.session?.expires_at;
  if (!ends) return nothing;
  const extend = (event: Event): void => {
    const items = EXTENSIONS_S.map((seconds) => ({ words: `${durationWords(seconds)} more`, action: () => void extendCard(store, card, seconds) }));
    showMenu("More time", event.currentTarget as Element, [items]);
  };
  return html`<p class="rules-next"><span>Its time to live ends ${moment(ends)}.</span>${mayEdit(store) ? html`<button type="button" class="button small" @click=${extend}>More time…</button>` : nothing}</p>`;
}

function field(store: Store, card: Card, rule: Rule): TemplateResult {
  const above = ofBoard(store.board)[rule.name];
  const who = store.board.rules.board[rule.name] === undefined ? "As installed" : "As the board";
  const own = card.rules[rule.name];
  if (!mayEdit(store)) return ruleLine(rule, own ?? above, own === undefined ? who.toLowerCase() : "of this card");
  return ruleField({ rule, own, above: { who, value: above }, changed: (value) => void changeCardRules(store, card, { [rule.name]: value }) });
}

export function sleepSection(store: Store, first: Card): SheetSection {
  const element = document.createElement("section");
  element.className = "sheet-section sleep-section";
  element.setAttribute("aria-label", "Sleep");
  let card = first;
  const draw = (): void => {
    const words = nextWords(card);
    const rules = rulesShown(ofCard(store.board, card)).map((rule) => field(store, card, rule));
    render(html`<header><h3>Sleep</h3></header>${words ? html`<p class="rules-next">${words}</p>` : nothing}${life(store, card)}
      <details class="rules-more"><summary>${inForceWords(store, card)}</summary><div class="rules">${rules}</div></details>`, element);
  };
  const focus = (): void => {
    const more = element.querySelector("details");
    if (more) more.open = true;
    element.querySelector("select")?.focus();
  };
  draw();
  return { element, changed: (now) => ((card = now), draw()), focus };
}
