/** Where a dragged card would land, and the line that shows it. */

import { placeOf, type Place } from "../model/board";
import { settled } from "../model/selection";
import type { Store } from "../model/store";

const cards = (column: Element): HTMLElement[] => [...column.querySelectorAll<HTMLElement>("[data-card]")];
const idOf = (element: Element | undefined): string | null => (element instanceof HTMLElement ? (element.dataset["card"] ?? null) : null);

/** What goes along with a card that is dragged: all chosen ones, where it is one of them. */
export const carried = (store: Store, card: string): string[] => (store.ui.selected.includes(card) ? store.ui.selected : [card]);

/** The first card whose middle is below the pointer; undefined for the end of the column. */
function cardBelow(column: Element, clientY: number): HTMLElement | undefined {
  return cards(column).find((card) => {
    const box = card.getBoundingClientRect();
    return clientY < box.top + box.height / 2;
  });
}

/** Where the line goes, in pixels from the top of the column's body: between the cards, not on them. */
function lineTop(column: Element, below: HTMLElement | undefined): number {
  const body = column.querySelector(".column-body") ?? column;
  const last = cards(column).at(-1);
  const edge = below ? below.getBoundingClientRect().top - 4 : last ? last.getBoundingClientRect().bottom + 4 : body.getBoundingClientRect().top;
  return edge - body.getBoundingClientRect().top + body.scrollTop;
}

export function showLine(column: HTMLElement, clientY: number): void {
  column.dataset["over"] = "true";
  const line = column.querySelector<HTMLElement>(".drop-line");
  if (line) line.style.translate = `0 ${Math.round(lineTop(column, cardBelow(column, clientY)))}px`;
}

export const hideLine = (column: HTMLElement): void => void delete column.dataset["over"];

/** The place for a drop, or null where it would change nothing. */
export function dropPlace(store: Store, card: string, column: HTMLElement, clientY: number): Place | null {
  const before = idOf(cardBelow(column, clientY));
  const place: Place = { column: column.dataset["column"] ?? "", before };
  const along = carried(store, card);
  if (along.length > 1) return settled(store.board, along, place);
  const now = placeOf(store.board, card);
  const same = now?.column === place.column && (before === now.before || before === card);
  return same ? null : place;
}
