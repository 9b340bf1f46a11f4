/** Beside who is in the terminal: taking control of it, and pausing its agents. */

import { html, nothing, type TemplateResult } from "lit-html";
import type { TerminalClient } from "../terminal/client";
import { CONTROL_KEY, PAUSE_KEY, standing, type Standing } from "../terminal/floor";
import { icon, type IconName } from "../ui/icons";

interface Button {
  icon: IconName;
  words: string;
  title: string;
  on: boolean;
  run: () => void;
}

function button({ icon: sign, words, title, on, run }: Button): TemplateResult {
  const does = title.replace(/ \(.*\)$/, "");
  const name = does.includes(words) ? does : `${words}. ${does}`; // what is to be seen is a part of what is said
  return html`<button class="floor-button" data-on=${on ? "true" : nothing} aria-label=${name} title=${title} @click=${run}>${icon(sign)}<span class="floor-words">${words}</span></button>`;
}

function sign(name: IconName, words: string): TemplateResult {
  return html`<span class="floor-sign" title=${words}>${icon(name)}<span class="floor-words">${words}</span></span>`;
}

function controlButton(client: TerminalClient, { holder }: Standing): TemplateResult {
  const mine = holder?.you ?? false;
  const run = (): void => client.room.control(!mine);
  if (mine) return button({ icon: "keyboard", words: "You have control", title: `Hand over control (${CONTROL_KEY})`, on: true, run });
  if (holder) return button({ icon: "keyboard", words: `${holder.name} has control`, title: `Take control from ${holder.name} (${CONTROL_KEY})`, on: true, run });
  return button({ icon: "keyboard", words: "Take control", title: `Take control: agents only look (${CONTROL_KEY})`, on: false, run });
}

function pauseButton(client: TerminalClient, { paused, pausedBy }: Standing): TemplateResult {
  const run = (): void => client.room.pauseAgents(!paused);
  if (!paused) return button({ icon: "pause", words: "Pause agents", title: `Pause the agents of this session (${PAUSE_KEY})`, on: false, run });
  const who = pausedBy ? ` ${pausedBy} paused them.` : "";
  return button({ icon: "play", words: "Agents paused", title: `Let the agents go on.${who} (${PAUSE_KEY})`, on: true, run });
}

/** Nothing where no agent is here, and none is held back. `atWork`: the card's own agent is, in whichever terminal. */
export function floorControls(client: TerminalClient | null, atWork = false): TemplateResult | typeof nothing {
  if (!client || client.state.connection !== "live") return nothing;
  const now = standing(client.state);
  const { holder, paused, may } = now;
  const agents = now.agents || atWork;
  if (!agents && !paused && !holder) return nothing;
  if (may) return html`<span class="floor-controls" data-testid="floor">${agents || holder ? controlButton(client, now) : nothing}${agents || paused ? pauseButton(client, now) : nothing}</span>`;
  const held = holder ? sign("keyboard", `${holder.name} has control`) : nothing;
  return html`<span class="floor-controls" data-testid="floor">${held}${paused ? sign("pause", "Agents paused") : nothing}</span>`;
}
