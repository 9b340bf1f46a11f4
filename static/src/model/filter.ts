/** Which cards are shown. Kept in the address, so that a view can be shared and survives a reload. Pure. */

import type { Board, Card, Status } from "./types";

/** What people ask for; several of a session's states are one to them. */
export type StatusFilter = "running" | "starting" | "stopped" | "failed" | "new";

export interface Filter {
  text: string;
  status: StatusFilter | null;
}

export const STATUS_WORDS: Record<StatusFilter, string> = {
  running: "Running",
  starting: "Starting",
  stopped: "Stopped",
  failed: "Failed",
  new: "Not started",
};

const STATES: Record<StatusFilter, Status[]> = {
  running: ["running"],
  starting: ["starting"],
  stopped: ["asleep", "stopping"],
  failed: ["failed"],
  new: ["new"],
};

export const NO_FILTER: Filter = { text: "", status: null };

export const isFiltering = (filter: Filter): boolean => filter.text.trim() !== "" || filter.status !== null;

export function filterOf(query: string): Filter {
  const given = new URLSearchParams(query);
  const status = given.get("status") ?? "";
  return { text: given.get("q") ?? "", status: status in STATES ? (status as StatusFilter) : null };
}

/** The address's query, with its question mark; empty without a filter. */
export function queryOf(filter: Filter): string {
  const query = new URLSearchParams();
  if (filter.text.trim()) query.set("q", filter.text.trim());
  if (filter.status) query.set("status", filter.status);
  return query.size ? `?${query}` : "";
}

const plain = (text: string): string => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

/** Every word must be in the title or the description; case and accents do not matter. */
export function matchesText(text: string, words: string): boolean {
  const found = plain(text);
  return plain(words).split(/\s+/).every((word) => found.includes(word));
}

export function matches(card: Card, filter: Filter): boolean {
  const status = card.session?.status ?? "new";
  if (filter.status && !STATES[filter.status].includes(status)) return false;
  return matchesText(`${card.title}\n${card.description}`, filter.text.trim());
}

/** The board with only the cards that match, and those in `always`. */
export function filtered(board: Board, filter: Filter, always: (card: Card) => boolean): Board {
  if (!isFiltering(filter)) return board;
  const keep = (card: Card): boolean => always(card) || matches(card, filter);
  return { ...board, columns: board.columns.map((column) => ({ ...column, cards: column.cards.filter(keep) })) };
}
