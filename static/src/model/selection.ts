/** Several cards chosen at once. Pure. */

import { columnOf, type Place } from "./board";
import type { Board, Card } from "./types";

/** Those of `ids` that the board has, in its order. */
export const chosenOf = (board: Board, ids: readonly string[]): Card[] =>
  ids.length ? board.columns.flatMap((column) => column.cards.filter((card) => ids.includes(card.id) && !card.unsaved)) : [];

export const toggled = (ids: readonly string[], id: string): string[] => (ids.includes(id) ? ids.filter((each) => each !== id) : [...ids, id]);

/** With all from `from` to `to`, where both are in one column; else with `to` alone. */
export function extended(shown: Board, ids: readonly string[], from: string | undefined, to: string): string[] {
  const column = columnOf(shown, to)?.cards.map((card) => card.id) ?? [];
  const [a, b] = [from ? column.indexOf(from) : -1, column.indexOf(to)];
  const between = a < 0 ? [to] : column.slice(Math.min(a, b), Math.max(a, b) + 1);
  // `to` last: the next one reaches from there
  return [...new Set([...ids, ...between])].filter((each) => each !== to).concat(to);
}

/** The same place said by a card that is not itself moved. */
export function settled(board: Board, ids: readonly string[], place: Place): Place {
  const cards = board.columns.find((column) => column.id === place.column)?.cards ?? [];
  const at = place.before === null ? -1 : cards.findIndex((card) => card.id === place.before);
  const before = at < 0 ? undefined : cards.slice(at).find((card) => !ids.includes(card.id));
  return { column: place.column, before: before?.id ?? null };
}
