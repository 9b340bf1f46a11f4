/** Pictures of who is here: in the head of the page, on a card, on a tile of the wall. */

import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { atCard, others, type Seen } from "../model/presence";
import type { Store } from "../model/store";
import { avatar, type AvatarExtra } from "../ui/avatar";
import { icon } from "../ui/icons";

const MOST_IN_HEAD = 4;
const MOST_ON_CARD = 3;

/** Agents are known by a sign and by their shape. */
const agentMark = ({ kind }: Seen): AvatarExtra => (kind === "agent" ? { mark: html`<span class="face-mark">${icon("prompt")}</span>` } : {});

function pictures(seen: Seen[], most: number): TemplateResult {
  const rest = seen.slice(most);
  return html`${repeat(seen.slice(0, most), (each) => `${each.person.id} ${each.words}`, (each) =>
      html`<li data-idle=${each.idle ? "true" : nothing}>${avatar(each.person, { title: each.words, kind: each.kind, ...agentMark(each) })}</li>`)}
    ${rest.length ? html`<li class="more" role="img" aria-label="and ${rest.length} more: ${rest.map((each) => each.words).join("; ")}" title=${rest.map((each) => each.words).join("\n")}>+${rest.length}</li>` : nothing}`;
}

/** In the head: everybody else on the board; where there is no room, how many. */
export function hereOnBoard(store: Store): TemplateResult | typeof nothing {
  const seen = others(store);
  if (!seen.length) return nothing;
  const names = seen.map((each) => each.words);
  return html`<ul class="here avatars" data-testid="here" aria-label="Also on this board">${pictures(seen, MOST_IN_HEAD)}</ul>
    <span class="here-count" role="img" aria-label="Also on this board: ${names.join("; ")}" title=${names.join("\n")}>${seen.length}</span>`;
}

export function hereAtCard(store: Store, card: string): TemplateResult | typeof nothing {
  const seen = atCard(store, card);
  if (!seen.length) return nothing;
  return html`<ul class="here-at-card avatars" data-testid="here-at-card" aria-label="Here now">${pictures(seen, MOST_ON_CARD)}</ul>`;
}
