/** The terminals of a session as tabs; not there while it has only the main one. */

import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { agentWords, isLive } from "../model/agent";
import { terminalsOf } from "../model/terminals";
import type { CardAgent, Session, FurtherTerminal } from "../model/types";
import type { Deck } from "../terminal/deck";
import { ledTo, TAB_KEYS } from "../terminal/tab-keys";
import { icon } from "../ui/icons";
import { showMenu, type MenuItem } from "../ui/menu";
import type { Box } from "../ui/place";

/** What may be done with terminals, by whoever may. */
export interface Manage {
  create(): void;
  createWith(): void;
  rename(terminal: FurtherTerminal): void;
  close(terminal: FurtherTerminal): void;
}

export interface Tabs {
  session: Session | null;
  agent: CardAgent | null;
  deck: Deck | null;
  /** `focus`: the keyboard goes there, too. */
  choose(number: number, focus: boolean): void;
  /** Null for those who only use them. */
  manage: Manage | null;
}

const SAID = { "": "", output: ", new output", bell: ", it rang" };

const agentOf = ({ agent }: Tabs, terminal: FurtherTerminal): CardAgent | null =>
  terminal.kind === "agent" && agent?.terminal === terminal.number ? agent : null;

const further = (tabs: Tabs, terminal: FurtherTerminal): boolean => tabs.manage !== null && terminal.number > 0;

function items(tabs: Tabs, terminal: FurtherTerminal | undefined): MenuItem[][] {
  const { manage } = tabs;
  if (!manage) return [];
  const adding: MenuItem[] = [
    { words: "New terminal", icon: "plus", action: () => manage.create() },
    { words: "New terminal with a command…", icon: "prompt", action: () => manage.createWith() },
  ];
  if (!terminal || !further(tabs, terminal)) return [adding];
  const own: MenuItem[] = [
    { words: `Rename “${terminal.name}”…`, icon: "edit", key: "F2", action: () => manage.rename(terminal) },
    { words: `Close “${terminal.name}”`, icon: "close", key: "Del", action: () => manage.close(terminal) },
  ];
  return [adding, own];
}

function keyed(tabs: Tabs, terminal: FurtherTerminal, event: KeyboardEvent): void {
  const numbers = terminalsOf(tabs.session).map((each) => each.number);
  const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
  const next = step ? ledTo({ step }, numbers, terminal.number) : event.key === "Home" ? 0 : event.key === "End" ? (numbers.at(-1) ?? 0) : null;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (next !== null) {
    tabs.choose(next, false);
    (event.currentTarget as HTMLElement).parentElement?.querySelector<HTMLElement>(`[data-terminal="${next}"]`)?.focus();
  } else if (event.key === "Delete" && further(tabs, terminal)) tabs.manage?.close(terminal);
  else if (event.key === "F2" && further(tabs, terminal)) tabs.manage?.rename(terminal);
  else return;
  event.preventDefault();
  event.stopPropagation(); // keys here mean nothing to the board
}

function tab(tabs: Tabs, terminal: FurtherTerminal): TemplateResult {
  const { number, name, kind } = terminal;
  const front = (tabs.deck?.front ?? 0) === number;
  const unseen = front ? "" : (tabs.deck?.unseen(number) ?? "");
  const agent = agentOf(tabs, terminal);
  const about = agent ? `, agent: ${agentWords(agent)}` : kind === "agent" ? ", agent" : "";
  const chosen = (event: MouseEvent): void => {
    if ((event.target as Element).closest(".tab-close")) tabs.manage?.close(terminal);
    else tabs.choose(number, true);
  };
  const menu = (event: MouseEvent): void => {
    const groups = items(tabs, terminal);
    if (!groups.length) return;
    event.preventDefault();
    const at: Box | Element = event.clientX || event.clientY ? { left: event.clientX, top: event.clientY, bottom: event.clientY } : (event.currentTarget as Element);
    showMenu(`Terminal ${name}`, at, groups);
  };
  return html`<button
    class="tab" role="tab" data-terminal=${number} data-kind=${kind} data-unseen=${unseen || nothing}
    data-agent=${agent ? (agent.paused && isLive(agent) ? "paused" : agent.state) : nothing}
    aria-selected=${front} aria-controls=${front ? `terminal-${number}` : nothing} tabindex=${front ? 0 : -1}
    aria-label="${name}${about}${SAID[unseen]}" aria-keyshortcuts=${further(tabs, terminal) ? "F2 Delete" : nothing}
    title="${name}${about}${SAID[unseen]} (${TAB_KEYS})"
    @click=${chosen} @auxclick=${(event: MouseEvent) => event.button === 1 && further(tabs, terminal) && tabs.manage?.close(terminal)}
    @dblclick=${() => further(tabs, terminal) && tabs.manage?.rename(terminal)}
    @contextmenu=${menu} @keydown=${(event: KeyboardEvent) => keyed(tabs, terminal, event)}
  >
    <span class="tab-sign">${icon(unseen === "bell" ? "bell" : kind === "agent" ? "agent" : "prompt")}</span><span class="tab-name">${name}</span>
    ${further(tabs, terminal) ? html`<span class="tab-close" title="Close ${name}">${icon("close")}</span>` : nothing}
  </button>`;
}

/** The tab that is in front is in sight, also after the row was scrolled. */
function keepInSight(row: Element | undefined, front: number): void {
  if (!(row instanceof HTMLElement) || row.dataset["front"] === String(front)) return;
  row.dataset["front"] = String(front);
  queueMicrotask(() => row.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest", inline: "nearest" }));
}

export function tabBar(tabs: Tabs): TemplateResult | typeof nothing {
  const all = terminalsOf(tabs.session);
  if (all.length < 2) return nothing;
  const front = all.find((each) => each.number === tabs.deck?.front) ?? all[0];
  const more = (event: Event): void => showMenu("Terminals", event.currentTarget as Element, items(tabs, front));
  keepInSight(document.querySelector(".tabs") ?? undefined, front?.number ?? 0);
  return html`<div class="tab-bar">
    <div class="tabs" role="tablist" aria-label="Terminals">${repeat(all, (each) => each.number, (each) => tab(tabs, each))}</div>
    ${tabs.manage
      ? html`<button class="icon-button" aria-label="New terminal" title="New terminal" @click=${() => tabs.manage?.create()}>${icon("plus")}</button>
          <button class="icon-button" aria-label="More for terminals" aria-haspopup="menu" title="Rename, close, run a command" @click=${more}>${icon("dots")}</button>`
      : nothing}
  </div>`;
}
