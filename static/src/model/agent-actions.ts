/** What a user does with the agent on a card. */

import { api } from "../net/api";
import { toast } from "../ui/toast";
import type { Store } from "./store";
import type { Card } from "./types";

/** How an agent is started that the product knows. */
export interface AgentTemplate {
  name: string;
  label: string;
  command: string;
  /** What to do where its program is missing. */
  install: string;
  /** The variable that it needs, as a secret of the board or card. */
  secret: string;
}

async function told(store: Store, what: string, act: () => Promise<Card>): Promise<boolean> {
  try {
    store.putCard(await act());
    return true;
  } catch (error) {
    toast({ tone: "error", title: what, detail: error instanceof Error ? error.message : String(error) });
    return false;
  }
}

export const putAgent = (store: Store, card: string, template: string, command: string): Promise<boolean> =>
  told(store, "The agent was not saved.", () => api.putAgent(card, { template, command }));

export const startAgent = (store: Store, card: string): Promise<boolean> => told(store, "The agent was not started.", () => api.startAgent(card));

export const stopAgent = (store: Store, card: string): Promise<boolean> => told(store, "The agent was not stopped.", () => api.stopAgent(card));

export const pauseAgents = (store: Store, card: string, paused: boolean): Promise<boolean> =>
  told(store, paused ? "The agent was not paused." : "The agent was not let go on.", () => api.pauseAgents(card, paused));
