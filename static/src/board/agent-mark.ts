/** The agent on a card, in a line: which one, and what it does. */

import { html, nothing, type TemplateResult } from "lit-html";
import { agentName, agentBrief, agentWords, isLive } from "../model/agent";
import type { Card } from "../model/types";
import { icon } from "../ui/icons";

export function agentMark(card: Card): TemplateResult | typeof nothing {
  const { agent } = card;
  if (!agent) return nothing;
  const state = agent.paused && isLive(agent) ? "paused" : agent.state === "finished" && agent.exit_code ? "failed" : agent.state;
  const sign = state === "finished" ? icon("check") : state === "failed" ? icon("close") : nothing;
  const brief = agentBrief(agent);
  return html`<p class="agent-mark" data-testid="agent" data-agent=${state ?? "none"} title="${agentName(agent)}: ${agentWords(agent) || "not started"}">
    ${icon("agent")}<span class="agent-name">${agentName(agent)}</span>${brief ? html`<span class="agent-state">${sign}${brief}</span>` : nothing}
  </p>`;
}
