/** A tile of the wall: the miniature of a terminal, or the terminal itself. */

import { html, nothing, type TemplateResult } from "lit-html";
import { hereAtCard } from "../board/here";
import { nextWords, statusOf, statusRow, statusWords } from "../board/status";
import { miniature } from "../mini/screens";
import { waits, waitsFor } from "../model/attention";
import { placeWords } from "../model/life";
import type { Store } from "../model/store";
import { frontOf } from "../model/terminals";
import type { Card } from "../model/types";
import { cardTabs } from "../panel/card-tabs";
import type { Panel } from "../panel/panel";
import { aboutOf, faces, people } from "../panel/people";
import { presentIn } from "../terminal/present";
import { icon } from "../ui/icons";
import type { WallParts } from "./view";

const MOST_FACES = 3;

export const tileElement = (card: string): HTMLElement | null => document.querySelector(`[data-tile="${CSS.escape(card)}"]`);

/** Said of the chosen terminal where the picture alone would mislead. */
function trouble(panel: Panel, card: Card): string {
  if (card.session?.status === "starting") return card.session.place ? placeWords(card.session.place) : "Resuming…";
  const state = panel.terminalState;
  if (panel.loadFailed) return "The terminal couldn’t be loaded. Load the page again.";
  if (state?.connection === "ended") return "This terminal is closed to you.";
  return state?.connection === "lost" ? "Connection lost. Reconnecting…" : "";
}

function chosen(store: Store, panel: Panel, card: Card): TemplateResult {
  const words = trouble(panel, card);
  return html`${cardTabs(store, panel, card)}<div class="tile-screen">${panel.host}</div>
    ${words ? html`<p class="tile-note" role="status">${words}</p>` : nothing}`;
}

/** Who is in a terminal that is shown as a miniature, with their signs; else who has its card open. */
function whoIsIn({ store, screens }: WallParts, card: Card): TemplateResult | typeof nothing {
  const news = screens.people(card.id);
  const others = news ? news.participants.filter((each) => each.kind !== "human" || each.user !== store.me.id) : [];
  if (!others.length) return hereAtCard(store, card.id);
  const present = presentIn({ participants: others, you: null, owner: null, typing: news?.typing ?? null });
  const words = present.map((each) => `${each.name}: ${aboutOf(each).join(", ")}`);
  return html`<span class="tile-people" role="img" aria-label="In this terminal: ${words.join("; ")}" title=${words.join("\n")}>${faces(present, MOST_FACES)}</span>`;
}

/** What a tile is called: its card, its state, and a raised hand. */
function nameOfTile(parts: WallParts, card: Card): string {
  const up = parts.screens.people(card.id)?.participants.find((each) => each.hand);
  return [card.title, statusWords(card), card.asks, nextWords(card), up && !waits(card) ? `${up.name} raises a hand` : ""].filter(Boolean).join(". ");
}

export function tile(parts: WallParts, card: Card): TemplateResult {
  const { store, panel, screens, actions } = parts;
  const open = store.ui.open === card.id;
  const state = panel.terminalState;
  const live = open && state?.connection === "live" && state.attached && state.drawn;
  const hand = screens.people(card.id)?.participants.some((each) => each.hand) ?? false;
  const clicked = (event: MouseEvent): void => {
    if (!open && event.target instanceof Element && !event.target.closest("a")) actions.choose(card.id);
  };
  return html`<li
    class="tile"
    data-tile=${card.id}
    data-status=${statusOf(card)}
    data-open=${open ? "true" : nothing}
    data-attached=${live ? "true" : "false"}
    data-waiting=${waits(card) || hand ? "true" : nothing}
    tabindex="0"
    aria-label=${nameOfTile(parts, card)}
    aria-describedby="wall-keys"
    @click=${clicked}
  >
    <div class="tile-head">
      <h2>${card.title}</h2>
      ${statusRow(card, waits(card) ? "Waits" : undefined)} ${open ? people(panel.client) : whoIsIn(parts, card)}
      <a class="icon-button" href=${card.url} aria-label="Open the card ${card.title}" title="Open the card">${icon("full")}</a>
    </div>
    ${waits(card) ? html`<p class="tile-waits" title=${waitsFor(card)}>${waitsFor(card)}</p>` : nothing}
    ${open ? chosen(store, panel, card) : html`<div class="tile-screen">${miniature(card.id, card.title, frontOf(card), true)}</div>`}
  </li>`;
}
