/** What a user does to several cards at once: all of them change, or none. */

import { api } from "../net/api";
import { announce } from "../ui/announce";
import { toast } from "../ui/toast";
import { moveChange, optimistically } from "./actions";
import { withCard, withoutCard, type Place } from "./board";
import { settled } from "./selection";
import type { Change, Store } from "./store";
import type { Card, MovedCard } from "./types";

export type CardList = "labels" | "assignees";

export const cardsWords = (count: number): string => (count === 1 ? "1 card" : `${count} cards`);

const each = (cards: Card[], change: (id: string) => Change): Change => (board) => cards.reduce((now, card) => change(card.id)(now), board);
const idsOf = (cards: Card[]): string[] => cards.map((card) => card.id);
const take = (store: Store) => (cards: Card[]): void => cards.forEach((card) => store.putCard(card));

export async function moveCards(store: Store, cards: Card[], wanted: Place): Promise<void> {
  const ids = idsOf(cards);
  const place = settled(store.board, ids, wanted);
  const column = store.board.columns.find((every) => every.id === place.column);
  const change = each(cards, (id) => moveChange(id, place));
  let stayed: MovedCard[] = [];
  const took = (answers: MovedCard[]): void => {
    stayed = answers.filter((answer) => answer.refused);
    take(store)(answers);
  };
  const moved = await optimistically(store, `Couldn’t move ${cardsWords(ids.length)}.`, change, () => api.moveCards(store.board.id, ids, place), took);
  if (!moved) return;
  store.setUi({ selected: idsOf(stayed) });
  if (stayed.length) toast({ tone: "error", title: `${cardsWords(stayed.length)} of ${ids.length} stayed: ${stayed.map((card) => `“${card.title}”`).join(", ")}.`, detail: stayed[0]?.refused ?? "" });
  announce(`${cardsWords(ids.length - stayed.length)} moved to ${column?.name ?? "the column"}.`);
}

export async function archiveCards(store: Store, cards: Card[]): Promise<void> {
  const ids = idsOf(cards);
  const change = each(cards, (id) => (board) => withoutCard(board, id));
  const done = await optimistically(store, `Couldn’t archive ${cardsWords(ids.length)}.`, change, () => api.archiveCards(store.board.id, ids), take(store));
  if (!done) return;
  store.setUi({ selected: [] });
  const action = { words: "Undo", run: () => void restoreCards(store, ids) };
  toast({ tone: "info", title: `Archived ${cardsWords(ids.length)}.`, detail: "Their files are kept.", action });
}

function restoreCards(store: Store, ids: string[]): Promise<boolean> {
  return optimistically(store, `Couldn’t restore ${cardsWords(ids.length)}.`, (board) => board, () => api.restoreCards(store.board.id, ids), take(store));
}

export async function deleteCards(store: Store, cards: Card[]): Promise<void> {
  const ids = idsOf(cards);
  const change = each(cards, (id) => (board) => withoutCard(board, id));
  const gone = (): void => ids.forEach((id) => store.dropCard(id));
  const done = await optimistically(store, `Couldn’t delete ${cardsWords(ids.length)}.`, change, () => api.deleteCards(store.board.id, ids), gone);
  if (!done) return;
  store.setUi({ selected: [] });
  announce(`${cardsWords(ids.length)} deleted.`);
}

/** Give all of them the label or the person `id`, or take it from all. */
export function markCards(store: Store, cards: Card[], list: CardList, id: string, on: boolean): Promise<boolean> {
  const marked = (card: Card): Card => ({ ...card, [list]: on ? [...new Set([...card[list], id])] : card[list].filter((other) => other !== id) });
  const change = each(cards, (card) => (board) => withCard(board, card, marked));
  const call = (): Promise<Card[]> => api.editCards(store.board.id, idsOf(cards), list, on ? { add: [id] } : { remove: [id] });
  return optimistically(store, `Couldn’t change ${cardsWords(cards.length)}.`, change, call, take(store));
}
