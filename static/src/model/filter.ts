/** Which cards are shown. Kept in the address, so that a view can be shared and survives a reload. Pure. */

import { isLive } from "./agent";
import { waits } from "./attention";
import { daysUntil, dueState } from "./due";
import type { Board, Card, Column, Status } from "./types";

/** What people ask for; several of a session's states are one to them. */
export type StatusFilter = "waiting" | "running" | "starting" | "stopped" | "failed" | "new";
export type AgentFilter = "any" | "working" | "waiting" | "paused" | "over" | "none";
export type DueFilter = "overdue" | "week" | "none";

/** Besides a member's id. */
export const ME = "me";
export const NOBODY = "none";

export interface Filter {
  text: string;
  status: StatusFilter | null;
  agent: AgentFilter | null;
  /** A label's id. */
  label: string | null;
  /** `ME`, `NOBODY` or a member's id. */
  assigned: string | null;
  due: DueFilter | null;
}

export const STATUS_WORDS: Record<StatusFilter, string> = {
  waiting: "Waits for you",
  running: "Running",
  starting: "Starting",
  stopped: "Asleep",
  failed: "Failed",
  new: "Not started",
};

export const AGENT_WORDS: Record<AgentFilter, string> = {
  any: "With an agent",
  working: "Agent works",
  waiting: "Agent waits",
  paused: "Agent paused",
  over: "Agent is done",
  none: "Without an agent",
};

export const DUE_WORDS: Record<DueFilter, string> = {
  overdue: "Overdue",
  week: "Due within a week",
  none: "Without a day",
};

const STATES: Record<Exclude<StatusFilter, "waiting">, Status[]> = {
  running: ["running"],
  starting: ["starting"],
  stopped: ["paused", "asleep", "archived", "stopping", "archiving"],
  failed: ["failed"],
  new: ["new"],
};

export const NO_FILTER: Filter = { text: "", status: null, agent: null, label: null, assigned: null, due: null };

/** How many besides the text. */
export const filterCount = ({ status, agent, label, assigned, due }: Filter): number => [status, agent, label, assigned, due].filter((each) => each !== null).length;

export const isFiltering = (filter: Filter): boolean => filter.text.trim() !== "" || filterCount(filter) > 0;

export function filterOf(query: string): Filter {
  const given = new URLSearchParams(query);
  const [status, agent, due] = ["status", "agent", "due"].map((name) => given.get(name) ?? "") as [string, string, string];
  return {
    text: given.get("q") ?? "",
    status: status in STATUS_WORDS ? (status as StatusFilter) : null,
    agent: agent in AGENT_WORDS ? (agent as AgentFilter) : null,
    label: given.get("label") || null,
    assigned: given.get("assigned") || null,
    due: due in DUE_WORDS ? (due as DueFilter) : null,
  };
}

/** The address's query, with its question mark; empty without a filter. */
export function queryOf(filter: Filter): string {
  const query = new URLSearchParams();
  if (filter.text.trim()) query.set("q", filter.text.trim());
  for (const name of ["status", "agent", "label", "assigned", "due"] as const) {
    const value = filter[name];
    if (value) query.set(name, value);
  }
  return query.size ? `?${query}` : "";
}

const plain = (text: string): string => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

/** Every word must be in the title or the description; case and accents do not matter. */
export function matchesText(text: string, words: string): boolean {
  const found = plain(text);
  return plain(words).split(/\s+/).every((word) => found.includes(word));
}

const isInState = (card: Card, status: StatusFilter): boolean =>
  status === "waiting" ? waits(card) : STATES[status].includes(card.session?.status ?? "new");

function hasAgent({ agent }: Card, wanted: AgentFilter): boolean {
  if (wanted === "none" || !agent) return wanted === "none" && !agent;
  switch (wanted) {
    case "any":
      return true;
    case "working":
      return isLive(agent) && agent.state !== "waiting" && !agent.paused;
    case "waiting":
      return agent.state === "waiting";
    case "paused":
      return isLive(agent) && agent.paused;
    case "over":
      return agent.state === "finished" || agent.state === "failed" || agent.state === "ended";
  }
}

function isAssigned(card: Card, assigned: string, me: string): boolean {
  if (assigned === NOBODY) return card.assignees.length === 0;
  return card.assignees.includes(assigned === ME ? me : assigned);
}

function isDue(card: Card, column: Column, due: DueFilter): boolean {
  if (due === "none") return card.due_on === null;
  const state = dueState(card, column);
  if (due === "overdue") return state === "overdue";
  return state !== null && card.due_on !== null && daysUntil(card.due_on) <= 7;
}

export function matches(card: Card, column: Column, filter: Filter, me: string): boolean {
  const { status, agent, label, assigned, due, text } = filter;
  if (status && !isInState(card, status)) return false;
  if (agent && !hasAgent(card, agent)) return false;
  if (label && !card.labels.includes(label)) return false;
  if (assigned && !isAssigned(card, assigned, me)) return false;
  if (due && !isDue(card, column, due)) return false;
  return matchesText(`${card.title}\n${card.description}`, text.trim());
}

/** The board with only the cards that match, and those in `always`. `me` is the user's id. */
export function filtered(board: Board, filter: Filter, me: string, always: (card: Card) => boolean): Board {
  if (!isFiltering(filter)) return board;
  const keep = (column: Column): Card[] => column.cards.filter((card) => always(card) || matches(card, column, filter, me));
  return { ...board, columns: board.columns.map((column) => ({ ...column, cards: keep(column) })) };
}
