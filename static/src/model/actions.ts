/** What a user does to cards: shown at once, then asked of the server, undone with its reason when refused. */

import { api, ApiError } from "../net/api";
import { toast } from "../ui/toast";
import { columnOf, placeCard, sessionAfterMove, startingSession, withCard, withoutCard } from "./board";
import type { Place } from "./board";
import type { Change, Store } from "./store";
import type { Board, Card, CardFields, Column } from "./types";

let unsaved = 0;

export const CUT_OFF = "The connection is lost, so nothing was changed. Try again when it is back.";

/** Show `change` while `call` is under way; without a connection, refuse it at once. `done` runs in the same breath as the change is taken away. */
export async function optimistically<T>(store: Store, what: string, change: Change, call: () => Promise<T>, done: (result: T) => void): Promise<boolean> {
  if (store.ui.cutOffSince !== null) {
    toast({ tone: "error", title: what, detail: CUT_OFF });
    return false;
  }
  const undo = store.pend(change);
  try {
    const result = await call();
    done(result);
    return true;
  } catch (error) {
    toast({ tone: "error", title: what, detail: error instanceof ApiError ? error.message : String(error) });
    return false;
  } finally {
    undo();
  }
}

const quoted = (card: Card): string => `“${card.title}”`;
const isActive = (column: Column | undefined): boolean => column?.role === "active";
const columnNamed = (board: Board, id: string): Column | undefined => board.columns.find((column) => column.id === id);

/** The board as it will be once `card` has been moved, with the session's new state foretold. */
export function moveChange(id: string, place: Place): Change {
  return (board) => {
    const from = columnOf(board, id);
    const card = from?.cards.find((each) => each.id === id);
    if (!card) return board;
    const session = sessionAfterMove(card, from?.role, columnNamed(board, place.column)?.role);
    return placeCard(board, { ...card, session }, place);
  };
}

export function moveCard(store: Store, id: string, place: Place): Promise<boolean> {
  const card = store.card(id);
  if (!card || card.unsaved) return Promise.resolve(false);
  const call = (): Promise<Card> => api.moveCard(id, place);
  return optimistically(store, `Couldn’t move ${quoted(card)}.`, moveChange(id, place), call, (moved) => store.putCard(moved));
}

/** Start or retry: a card elsewhere goes to the Active column, one that is there already starts again. */
export function startCard(store: Store, id: string): Promise<boolean> {
  const card = store.card(id);
  const active = store.board.columns.find(isActive);
  if (!card || !active) return Promise.resolve(false);
  if (!isActive(columnNamed(store.board, card.column))) return moveCard(store, id, { column: active.id, before: active.cards[0]?.id ?? null });
  const change: Change = (board) => withCard(board, id, (each) => ({ ...each, session: startingSession(each.session) }));
  const call = (): Promise<Card> => api.startCard(id);
  return optimistically(store, `Couldn’t start ${quoted(card)}.`, change, call, (started) => store.putCard(started));
}

/** Set what is no text: lists are merged with what others set meanwhile. */
export function editCard(store: Store, id: string, fields: Partial<Omit<CardFields, "title" | "description">>): Promise<boolean> {
  const card = store.card(id);
  if (!card) return Promise.resolve(false);
  const { due_on, labels, assignees } = card;
  const change: Change = (board) => withCard(board, id, (each) => ({ ...each, ...fields }));
  const call = (): Promise<Card> => api.editCard(id, fields, { due_on, labels, assignees });
  return optimistically(store, `Couldn’t change ${quoted(card)}.`, change, call, (changed) => store.putCard(changed));
}

/** Save a text whose editing began from `was`. `overtaken`: somebody else changed it, and the store has theirs. */
export async function saveText(store: Store, id: string, field: "title" | "description", text: string, was: string): Promise<"saved" | "overtaken" | "failed"> {
  const card = store.card(id);
  if (!card) return "failed";
  let overtaken = false;
  const theirs = (error: unknown): Card => {
    if (!(error instanceof ApiError) || !error.card) throw error;
    overtaken = true;
    return error.card;
  };
  const change: Change = (board) => withCard(board, id, (each) => ({ ...each, [field]: text }));
  const call = (): Promise<Card> => api.editCard(id, { [field]: text }, { [field]: was }).catch(theirs);
  const saved = await optimistically(store, `Couldn’t change ${quoted(card)}.`, change, call, (changed) => store.putCard(changed));
  return overtaken ? "overtaken" : saved ? "saved" : "failed";
}

/** Also one that is archived, and so on no board. */
export function deleteCard(store: Store, card: Card): Promise<boolean> {
  const change: Change = (board) => withoutCard(board, card.id);
  return optimistically(store, `Couldn’t delete ${quoted(card)}.`, change, () => api.deleteCard(card.id), () => store.dropCard(card.id));
}

/** A new card like another one, which the server puts right after it, or at the end of `column`. */
export async function copyCard(store: Store, card: Card, fields: { title?: string; column?: string } = {}): Promise<Card | null> {
  let made: Card | null = null;
  const took = (copy: Card): void => store.putCard((made = copy));
  await optimistically(store, `Couldn’t copy ${quoted(card)}.`, (board) => board, () => api.copyCard(card.id, fields), took);
  return made;
}

export function createCard(store: Store, column: string, title: string): Promise<boolean> {
  const fresh: Card = {
    id: `unsaved-${++unsaved}`, board: store.board.id, column, rank: "", version: 0, title,
    description: "", url: "", archived_at: null, session: null, unsaved: true,
    labels: [], assignees: [], due_on: null, stack: store.board.stack.id, forked_from: null, rules: {}, is_template: false, comments: 0, files: 0, questions: 0, asks: "", agent: null,
  };
  const known = new Set(store.board.columns.flatMap((each) => each.cards.map((card) => card.id)));
  // The event about the new card may overtake the answer: it must not be seen twice.
  const arrived = (board: Board): boolean =>
    board.columns.some((each) => each.cards.some((card) => !card.unsaved && !known.has(card.id) && card.title === title));
  const change: Change = (board) => (arrived(board) ? board : placeCard(board, fresh, { column, before: null }));
  const call = (): Promise<Card> => api.createCard(store.board.id, title, column);
  return optimistically(store, `Couldn’t add “${title}”.`, change, call, (card) => store.putCard(card));
}
