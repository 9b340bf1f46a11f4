/** Dragging by mouse and touch, on the browser's own drag and drop. Only where a card would land is computed here. */

import { autoScrollForElements } from "@atlaskit/pragmatic-drag-and-drop-auto-scroll/element";
import { draggable, dropTargetForElements, monitorForElements } from "@atlaskit/pragmatic-drag-and-drop/element/adapter";
import { placeOf, type Place } from "../model/board";
import { mayEdit } from "../model/may";
import type { Store } from "../model/store";

type Cleanup = () => void;

const cards = (column: Element): HTMLElement[] => [...column.querySelectorAll<HTMLElement>("[data-card]")];
const idOf = (element: Element | undefined): string | null => (element instanceof HTMLElement ? (element.dataset["card"] ?? null) : null);

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

function showLine(column: HTMLElement, clientY: number): void {
  column.dataset["over"] = "true";
  const line = column.querySelector<HTMLElement>(".drop-line");
  if (line) line.style.translate = `0 ${Math.round(lineTop(column, cardBelow(column, clientY)))}px`;
}

const hideLine = (column: HTMLElement): void => void delete column.dataset["over"];

/** The place for a drop, or null where it would change nothing. */
function dropPlace(store: Store, card: string, column: HTMLElement, clientY: number): Place | null {
  const before = idOf(cardBelow(column, clientY));
  const place: Place = { column: column.dataset["column"] ?? "", before };
  const now = placeOf(store.board, card);
  const same = now?.column === place.column && (before === now.before || before === card);
  return same ? null : place;
}

export class CardDrag {
  #bound = new Map<HTMLElement, Cleanup>();

  constructor(
    readonly store: Store,
    readonly onStart: () => void,
    readonly onDrop: (card: string, place: Place) => void,
  ) {
    monitorForElements({
      onDrop: ({ source, location }) => {
        const column = location.current.dropTargets[0]?.element;
        if (!(column instanceof HTMLElement)) return;
        const card = idOf(source.element);
        const place = card && dropPlace(store, card, column, location.current.input.clientY);
        if (card && place) this.onDrop(card, place);
      },
    });
  }

  /** Make what was rendered since draggable, and forget what is gone. */
  sync(root: ParentNode): void {
    for (const [element, cleanup] of this.#bound) {
      if (element.isConnected) continue;
      cleanup();
      this.#bound.delete(element);
    }
    for (const column of root.querySelectorAll<HTMLElement>("[data-column]")) this.#once(column, () => this.#column(column));
    for (const card of root.querySelectorAll<HTMLElement>("[data-card]")) this.#once(card, () => this.#card(card));
    for (const board of root.querySelectorAll<HTMLElement>(".board, .column-body")) this.#once(board, () => autoScrollForElements({ element: board }));
  }

  #once(element: HTMLElement, bind: () => Cleanup): void {
    if (!this.#bound.has(element)) this.#bound.set(element, bind());
  }

  #card(element: HTMLElement): Cleanup {
    return draggable({
      element,
      canDrag: () => mayEdit(this.store) && element.dataset["unsaved"] !== "true" && element.dataset["status"] !== "deleting",
      onDragStart: () => {
        element.dataset["dragging"] = "true";
        this.onStart();
      },
      onDrop: () => delete element.dataset["dragging"],
    });
  }

  #column(element: HTMLElement): Cleanup {
    return dropTargetForElements({
      element,
      onDrag: ({ location }) => showLine(element, location.current.input.clientY),
      onDragEnter: ({ location }) => showLine(element, location.current.input.clientY),
      onDragLeave: () => hideLine(element),
      onDrop: () => hideLine(element),
    });
  }
}
