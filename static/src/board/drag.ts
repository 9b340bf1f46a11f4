/** Dragging by mouse, on the browser's own drag and drop; by finger see `touch-drag.ts`. */

import { autoScrollForElements } from "@atlaskit/pragmatic-drag-and-drop-auto-scroll/element";
import { draggable, dropTargetForElements, monitorForElements } from "@atlaskit/pragmatic-drag-and-drop/element/adapter";
import type { Place } from "../model/board";
import { mayEdit } from "../model/may";
import type { Store } from "../model/store";
import { carried, dropPlace, hideLine, showLine } from "./drop-place";
import { TouchDrag } from "./touch-drag";

type Cleanup = () => void;

const idOf = (element: Element): string | null => (element instanceof HTMLElement ? (element.dataset["card"] ?? null) : null);

const mayDrag = (card: HTMLElement): boolean => card.dataset["unsaved"] !== "true" && card.dataset["status"] !== "deleting";

export class CardDrag {
  #bound = new Map<HTMLElement, Cleanup>();
  #byFinger = false;

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

  listen(root: HTMLElement): void {
    new TouchDrag(this.store, (card) => this.#may(card), this.onStart, this.onDrop).listen(root);
    root.addEventListener("pointerdown", (event) => (this.#byFinger = event.pointerType === "touch"), true);
  }

  #may(card: HTMLElement): boolean {
    return mayDrag(card) && mayEdit(this.store);
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
      canDrag: () => !this.#byFinger && this.#may(element),
      onGenerateDragPreview: () => this.#count(element), // the browser takes its picture right after
      onDragStart: () => {
        delete element.dataset["count"];
        for (const each of this.#along(element)) each.dataset["dragging"] = "true";
        this.onStart();
      },
      onDrop: () => {
        for (const each of document.querySelectorAll<HTMLElement>("[data-card][data-dragging]")) delete each.dataset["dragging"];
      },
    });
  }

  /** The cards that go along, `element` among them. */
  #along(element: HTMLElement): HTMLElement[] {
    const ids = carried(this.store, idOf(element) ?? "");
    return [...document.querySelectorAll<HTMLElement>("[data-card]")].filter((card) => ids.includes(idOf(card) ?? ""));
  }

  #count(element: HTMLElement): void {
    const many = this.#along(element).length;
    if (many > 1) element.dataset["count"] = String(many);
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
