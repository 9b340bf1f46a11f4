/** Pure changes of a board: each returns a new one and leaves the old as it was. */

import { serverNow } from "../net/clock";
import type { Board, Card, Column, ColumnRole, Session, Status } from "./types";

export interface Place {
  column: string;
  /** The card that follows; null for the end of the column. */
  before: string | null;
}

export function findCard(board: Board, id: string | null): Card | undefined {
  for (const column of board.columns) {
    const card = column.cards.find((each) => each.id === id);
    if (card) return card;
  }
  return undefined;
}

export function columnOf(board: Board, card: string): Column | undefined {
  return board.columns.find((column) => column.cards.some((each) => each.id === card));
}

export function placeOf(board: Board, id: string): Place | undefined {
  const column = columnOf(board, id);
  if (!column) return undefined;
  const index = column.cards.findIndex((card) => card.id === id);
  return { column: column.id, before: column.cards[index + 1]?.id ?? null };
}

function mapColumns(board: Board, change: (column: Column) => Card[]): Board {
  return { ...board, columns: board.columns.map((column) => ({ ...column, cards: change(column) })) };
}

export function withoutCard(board: Board, id: string): Board {
  return mapColumns(board, (column) => column.cards.filter((card) => card.id !== id));
}

export function withCard(board: Board, id: string, change: (card: Card) => Card): Board {
  return mapColumns(board, (column) => column.cards.map((card) => (card.id === id ? change(card) : card)));
}

/** Put a card where a user dropped it. A `before` that has left the column means its end. */
export function placeCard(board: Board, card: Card, place: Place): Board {
  const cleared = withoutCard(board, card.id);
  return mapColumns(cleared, (column) => {
    if (column.id !== place.column) return column.cards;
    const index = column.cards.findIndex((each) => each.id === place.before);
    const at = index < 0 ? column.cards.length : index;
    return [...column.cards.slice(0, at), { ...card, column: column.id }, ...column.cards.slice(at)];
  });
}

const byRank = (a: Card, b: Card): number =>
  a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : a.id < b.id ? -1 : a.id > b.id ? 1 : 0;

/** Take over the server's word on a card, unless we hold a newer one. */
export function upsertCard(board: Board, card: Card): Board {
  const known = findCard(board, card.id);
  if (known && known.version > card.version) return board;
  return mapColumns(withoutCard(board, card.id), (column) =>
    column.id === card.column ? [...column.cards, card].sort(byRank) : column.cards,
  );
}

const NOTHING_AHEAD = { next: null, idle_since: null, expires_at: null, place: null };

const RESTS = new Set<Status | undefined>([undefined, "new", "failed", "archived", "deleting"]);

/** The session a card will have once the server has heard of its move. */
export function sessionAfterMove(card: Card, from: ColumnRole | undefined, to: ColumnRole | undefined): Session | null {
  const session = card.session;
  if (from === to) return session;
  if (to === "active") return startingSession(session);
  if (!session || RESTS.has(session.status)) return session;
  if (to === "done") return { ...session, ...NOTHING_AHEAD, status: "archiving", desired: "archived" };
  return from === "active" && session.status !== "asleep" ? { ...session, ...NOTHING_AHEAD, status: "stopping", desired: "stopped" } : session;
}

export function startingSession(session: Session | null): Session {
  const now = new Date(serverNow()).toISOString();
  if (session?.status === "running") return session;
  const empty: Session = { id: "", name: "", status: "starting", desired: "running", reason: "", container: "", wanted_at: now, layers: [], without: [], restart_asked: false, steps: [], ...NOTHING_AHEAD, terminals: [], restoring: false };
  return { ...empty, ...session, ...NOTHING_AHEAD, status: "starting", desired: "running", reason: "", wanted_at: now, steps: [] };
}
