/** The panel around the terminal: title, state, what can be done, who is here. */

import { html, nothing, type TemplateResult } from "lit-html";
import { agentItems } from "../board/agent-items";
import { deleteDialog } from "../board/card-dialogs";
import { cardSheet } from "../board/card-sheet";
import { fork, mayFork, showSleepMenu } from "../board/life-menu";
import { briefStatusWords, statusOf, statusRow } from "../board/status";
import { cardUpdateChip } from "../board/update-chip";
import { startCard } from "../model/actions";
import { isLive } from "../model/agent";
import { archiveCard, restoreCard } from "../model/archive";
import { ahead } from "../model/life";
import { extendCard } from "../model/life-actions";
import { mayEdit } from "../model/may";
import type { Store } from "../model/store";
import { terminalsOf } from "../model/terminals";
import type { Card } from "../model/types";
import type { TerminalState } from "../terminal/client";
import { icon, type IconName } from "../ui/icons";
import { showMenu, type MenuItem } from "../ui/menu";
import { toast } from "../ui/toast";
import { floorControls } from "./floor";
import { overlay } from "./overlay";
import type { Panel } from "./panel";
import { people } from "./people";
import { cardTabs } from "./card-tabs";
import { questionsOver } from "./questions";
import { recordedMark } from "./recorded";
import { closeCard, setFull } from "./route";
import { shareDialog } from "./share";
import { splitHandle } from "./split";
import { createTerminal, createTerminalWith } from "./terminals";
import { panelTitle } from "./title";

async function copyLink(card: Card): Promise<void> {
  const link = new URL(`/c/${card.id}`, location.href).href;
  try {
    await navigator.clipboard.writeText(link);
    toast({ tone: "info", title: "Link copied." });
  } catch {
    toast({ tone: "info", title: "This is the card’s link:", detail: link });
  }
}

/** Named by what it does now: Sleep, Start, Resume or Retry. */
function mainButton(store: Store, card: Card): TemplateResult | typeof nothing {
  const start = (words: string): TemplateResult =>
    html`<button class="button small" @click=${() => void startCard(store, card.id)}>${words}</button>`;
  switch (card.session?.status) {
    case "running":
    case "starting":
      return html`<button class="button small" aria-haspopup="menu" title="Pause, stop or archive its session" @click=${(event: Event) => showSleepMenu(store, card, event.currentTarget as Element)}>Sleep</button>`;
    case "failed":
      return start("Retry");
    case "paused":
    case "asleep":
    case "archived":
      return start("Resume");
    case "new":
    case undefined:
      return start("Start");
    default:
      return nothing;
  }
}

/** Its time ends soon. */
function ending(store: Store, card: Card): TemplateResult | typeof nothing {
  const next = card.session && ahead(card.session);
  if (next?.what !== "expire") return nothing;
  const words = html`<span data-until=${next.at} data-from=${next.shownFrom} data-words="Ends in"></span>`;
  if (!mayEdit(store)) return html`<span class="panel-ending" data-shown-from=${next.shownFrom}>${words}</span>`;
  return html`<button class="panel-ending" data-shown-from=${next.shownFrom} title="Give it an hour more" @click=${() => void extendCard(store, card)}>${words} · Extend</button>`;
}

function iconButton(name: IconName, label: string, action: () => void, extra = ""): TemplateResult {
  return html`<button class="icon-button ${extra}" aria-label=${label} title=${label} @click=${action}>${icon(name)}</button>`;
}

/** What is wanted rarely. */
function moreItems(store: Store, card: Card): MenuItem[][] {
  const left = (gone: boolean): void => void (gone && store.ui.open === card.id && closeCard(store));
  const link: MenuItem = { words: "Copy link", icon: "link", action: () => void copyLink(card) };
  if (!mayEdit(store)) return [[link]];
  const forks: MenuItem[] = mayFork(card) ? [{ words: "Fork into a new card", icon: "fork", action: () => void fork(store, card) }] : [];
  const terminal: MenuItem[] = card.session?.status === "running" ? [{ words: "New terminal with a command…", icon: "prompt", action: () => void createTerminalWith(store, card) }] : [];
  return [
    [link, ...forks, ...terminal],
    agentItems(store, card).map(({ key: _, ...item }) => item),
    [
      { words: "Archive card", icon: "archive", action: () => void archiveCard(store, card.id).then(left) },
      { words: "Delete card…", icon: "trash", action: () => void deleteDialog(store, card).then(left) },
    ],
  ];
}

function head(store: Store, panel: Panel, card: Card): TemplateResult {
  const full = store.ui.full;
  const edits = mayEdit(store);
  const more = (event: Event): void => showMenu("More", event.currentTarget as Element, moreItems(store, card));
  const toggle = (): void => {
    setFull(store, !full);
    panel.client?.focus();
  };
  return html`<div class="panel-head">
    ${iconButton("back", "Back to the board", () => closeCard(store), "panel-back")}
    <div class="panel-name">${panelTitle(store, card)} <div class="panel-state">${statusRow(card, briefStatusWords(card))}${ending(store, card)}${people(panel.client)}${floorControls(panel.client, card.agent ? isLive(card.agent) : false)}${recordedMark(panel.client, true)}${cardUpdateChip(store, card)}</div></div>
    <div class="panel-tools">
      ${edits ? mainButton(store, card) : nothing} ${edits && card.session?.status === "running" && terminalsOf(card.session).length === 1 ? iconButton("plus", "New terminal", () => void createTerminal(store, card)) : nothing}
      ${iconButton("search", "Search the terminal (Ctrl+Shift+F)", () => panel.client?.showSearch())}
      ${edits ? iconButton("share", "Share this terminal", () => shareDialog(card)) : nothing}
      ${iconButton("text", "Details", () => cardSheet(store, card))}
      <button class="icon-button" aria-label="More" title="More" aria-haspopup="menu" @click=${more}>${icon("dots")}</button>
      ${iconButton(full ? "shrink" : "full", full ? "Show beside the board" : "Full screen", toggle, "panel-full")}
      ${iconButton("close", "Close terminal", () => closeCard(store), "panel-close")}
    </div>
  </div>`;
}

function banner(panel: Panel, state: TerminalState | null): TemplateResult | typeof nothing {
  if (panel.loadFailed) {
    return html`<div class="banner" role="alert">
      <span>The terminal couldn’t be loaded.</span><button class="button small" @click=${() => location.reload()}>Load the page again</button>
    </div>`;
  }
  const further = panel.deck !== null && panel.deck.front !== 0;
  if (state?.connection === "ended" && further) return html`<div class="banner" role="status"><span>This terminal was closed.</span></div>`;
  if (state?.connection === "ended") return html`<div class="banner" role="alert"><span>${state.ended || "This terminal is closed to you. Load the page again to see why."}</span></div>`;
  if (state?.connection !== "lost") return nothing;
  const typing =
    state.held ? "What you type is sent when it’s back."
    : state.refusedInput ? "What you type now is not sent."
    : "";
  return html`<div class="banner" role="status" data-testid="banner">
    <span><strong>Connection lost.</strong> Reconnecting… ${typing}</span>
    <button class="button small" @click=${() => panel.client?.retryNow()}>Try now</button>
  </div>`;
}

function whyMissing(store: Store): TemplateResult {
  const card = store.ui.open === null ? undefined : store.archived(store.ui.open);
  if (!card) return html`<p class="overlay-title">This card is gone</p><p class="overlay-reason">It was deleted, with its container and files.</p>`;
  return html`<p class="overlay-title">This card was archived</p><p class="overlay-reason">It stopped; its files are kept.</p>
    ${mayEdit(store) ? html`<p class="overlay-actions"><button class="button primary" @click=${() => void restoreCard(store, card)}>Restore</button></p>` : nothing}`;
}

function missing(store: Store): TemplateResult {
  return html`<div class="panel" role=${isAlone(store) ? "main" : "complementary"} data-testid="panel" aria-label="Terminal">
    <div class="panel-head">${iconButton("close", "Close terminal", () => closeCard(store))}</div>
    <div class="panel-body"><div class="overlay">${whyMissing(store)}</div></div>
  </div>`;
}

/** Whether it is all of the page: asked for, or for want of room (as `panel.css` has it). */
const isAlone = (store: Store): boolean => store.ui.full || matchMedia("(max-width: 860px)").matches;

export function panelView(store: Store, panel: Panel): TemplateResult | typeof nothing {
  if (store.ui.open === null) return nothing;
  const card = store.card(store.ui.open);
  if (!card) return missing(store);
  const state = panel.terminalState;
  const live = state?.connection === "live" && state.attached && state.drawn;
  return html`<div
      class="panel"
      role=${isAlone(store) ? "main" : "complementary"}
      aria-label="Terminal of ${card.title}"
      data-testid="panel"
      data-panel-card=${card.id}
      data-status=${statusOf(card)}
      data-attached=${live ? "true" : "false"}
      data-connection=${state?.connection ?? "connecting"}
    >
      ${splitHandle()} ${isAlone(store) ? html`<h1 class="visually-hidden">${card.title}</h1>` : nothing} ${head(store, panel, card)} ${cardTabs(store, panel, card)}
      <div class="panel-body">${panel.host} ${overlay(store, card, state?.attached ?? false, state?.written ?? false)} ${banner(panel, state)} ${questionsOver(store, card)}</div>
    </div>`;
}
