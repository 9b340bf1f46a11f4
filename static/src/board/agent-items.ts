/** What can be done with the agent of a card, as menus and the palette offer it. */

import { agentName, isLive } from "../model/agent";
import { startAgent, stopAgent } from "../model/agent-actions";
import { columnOf } from "../model/board";
import type { Store } from "../model/store";
import { furtherOf } from "../model/terminals";
import type { Card } from "../model/types";
import { openCard } from "../panel/route";
import type { MenuItem } from "../ui/menu";
import { cardSheet } from "./card-sheet";

export const agentSheet = (store: Store, card: Card): void => cardSheet(store, card, { focus: "agent" });

export function agentItems(store: Store, card: Card): MenuItem[] {
  const { agent } = card;
  if (!agent) return [{ words: "Put an agent on it…", icon: "agent", key: "G", action: () => agentSheet(store, card) }];
  const items: MenuItem[] = [{ words: `Agent ${agentName(agent)}…`, icon: "agent", key: "G", action: () => agentSheet(store, card) }];
  const { terminal } = agent;
  if (terminal !== null && furtherOf(card.session).some((each) => each.number === terminal)) {
    items.push({ words: "Show the agent’s terminal", icon: "prompt", action: () => openCard(store, card.id, terminal) });
  }
  if (isLive(agent)) items.push({ words: "Stop the agent", icon: "stop", action: () => void stopAgent(store, card.id) });
  else if (agent.command && agent.state !== "wanted" && columnOf(store.board, card.id)?.role === "active") {
    items.push({ words: agent.state ? "Start the agent again" : "Start the agent", icon: "play", action: () => void startAgent(store, card.id) });
  }
  return items;
}
