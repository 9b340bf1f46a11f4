/** The board by keyboard: arrows walk the cards; a lifted card walks itself. */

import { archiveCard } from "../model/archive";
import { columnOf, findCard, placeCard, placeOf, type Place } from "../model/board";
import { mayEdit } from "../model/may";
import type { Store } from "../model/store";
import type { Board, Card, Column } from "../model/types";
import { announce } from "../ui/announce";
import type { BoardActions } from "./card";
import { cardElement } from "../ui/focus";

interface Spot {
  column: number;
  index: number;
}

const ARROWS: Record<string, { columns: number; cards: number }> = {
  ArrowLeft: { columns: -1, cards: 0 },
  ArrowRight: { columns: 1, cards: 0 },
  ArrowUp: { columns: 0, cards: -1 },
  ArrowDown: { columns: 0, cards: 1 },
};

const clamp = (value: number, most: number): number => Math.max(0, Math.min(value, most));

/** The board with a lifted card where it would land; its session is as it was, since nothing has happened yet. */
function shown(board: Board, id: string, place: Place): Board {
  const card = findCard(board, id);
  return card ? placeCard(board, card, place) : board;
}

export class BoardKeyboard {
  constructor(
    readonly store: Store,
    readonly actions: BoardActions,
    /** Any other key on a card; true when it meant something. */
    readonly onKey: (card: Card, event: KeyboardEvent, archive: () => void) => boolean,
  ) {}

  listen(): void {
    document.addEventListener("keydown", (event) => this.#keyed(event));
    document.addEventListener("pointerdown", (event) => {
      const grip = event.target instanceof Element && event.target.closest(".grip");
      if (!grip) this.cancel();
    });
    document.addEventListener("focusin", (event) => this.#focused(event));
  }

  lift(id: string): void {
    const card = this.store.card(id);
    if (!card || card.unsaved || this.store.ui.lift || !mayEdit(this.store)) return;
    this.store.setUi({ lift: { card: id, change: (board) => board } });
    this.#focus(id);
    announce(`${card.title}, lifted. ${this.#position(id)} Arrow keys move it, Space drops it, Escape puts it back.`);
  }

  cancel(): void {
    const lift = this.store.ui.lift;
    if (!lift) return;
    this.store.setUi({ lift: null });
    this.#focus(lift.card);
    announce(`${this.store.card(lift.card)?.title ?? "The card"} is back where it was.`);
  }

  #keyed(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (this.store.ui.lift) this.#keyedLifted(event, this.store.ui.lift.card);
    else if (event.target instanceof HTMLElement && event.target.dataset["card"]) this.#keyedCard(event, event.target.dataset["card"]);
  }

  #keyedCard(event: KeyboardEvent, card: string): void {
    const arrow = ARROWS[event.key];
    if (event.key === "Enter") this.actions.open(card);
    else if (event.key === " ") this.lift(card);
    else if (arrow?.cards && event.shiftKey) this.#extend(card, arrow.cards);
    else if (arrow) this.#focus(this.#neighbour(card, arrow.columns, arrow.cards));
    else if (!this.#other(card, event)) return;
    event.preventDefault();
  }

  /** Choose the card and the next one, which is where the keyboard is then. */
  #extend(card: string, by: number): void {
    const next = this.#neighbour(card, 0, by);
    if (!this.store.ui.selected.includes(card)) this.actions.select(card, "toggle");
    if (next !== card) this.actions.select(next, "range");
    this.#focus(next);
  }

  #other(id: string, event: KeyboardEvent): boolean {
    const card = this.store.card(id);
    return card !== undefined && !card.unsaved && this.onKey(card, event, () => this.#archive(id));
  }

  #archive(card: string): void {
    if (!mayEdit(this.store)) return;
    const column = columnOf(this.store.shown, card)?.cards.map((each) => each.id) ?? [];
    const at = column.indexOf(card);
    const next = column[at + 1] ?? column[at - 1];
    void archiveCard(this.store, card);
    if (next) this.#focus(next);
  }

  #keyedLifted(event: KeyboardEvent, card: string): void {
    const arrow = ARROWS[event.key];
    if (arrow) this.#shift(card, arrow.columns, arrow.cards);
    else if (event.key === "Enter" || event.key === " ") this.#drop(card);
    else if (event.key === "Escape" || event.key === "Tab") this.cancel();
    else return;
    event.preventDefault();
  }

  #drop(id: string): void {
    const place = placeOf(this.store.board, id);
    const words = `${this.store.card(id)?.title ?? ""}, dropped. ${this.#position(id)}`;
    this.store.setUi({ lift: null });
    const now = placeOf(this.store.board, id);
    announce(words);
    if (place && (place.column !== now?.column || place.before !== now.before)) this.actions.drop(id, place);
    this.#focus(id);
  }

  #shift(id: string, columns: number, cards: number): void {
    const from = this.#spot(id);
    const column = this.store.shown.columns[clamp(from.column + columns, this.store.shown.columns.length - 1)];
    if (!column) return;
    const others = column.cards.filter((card) => card.id !== id);
    const index = clamp(from.index + cards, others.length);
    const place: Place = { column: column.id, before: others[index]?.id ?? null };
    this.store.setUi({ lift: { card: id, change: (board) => shown(board, id, place) } });
    this.#focus(id);
    announce(this.#position(id));
  }

  /** The card one step from `id`; at the edge, or across an empty column, the next there is, else itself. */
  #neighbour(id: string, columns: number, cards: number): string {
    const { column, index } = this.#spot(id);
    const board = this.store.shown.columns;
    if (!columns) return board[column]?.cards[index + cards]?.id ?? id;
    for (let at = column + columns; board[at]; at += columns) {
      const found = board[at]?.cards[Math.min(index, (board[at]?.cards.length ?? 1) - 1)];
      if (found) return found.id;
    }
    return id;
  }

  #spot(id: string): Spot {
    const column = this.store.shown.columns.findIndex((each) => each.cards.some((card) => card.id === id));
    const index = this.store.shown.columns[column]?.cards.findIndex((card) => card.id === id) ?? 0;
    return { column, index };
  }

  #position(id: string): string {
    const column: Column | undefined = columnOf(this.store.shown, id);
    if (!column) return "";
    return `Position ${column.cards.findIndex((card) => card.id === id) + 1} of ${column.cards.length} in ${column.name}.`;
  }

  /** After the next rendering: a card that changes its column is a new element. */
  #focus(id: string): void {
    setTimeout(() => {
      const element = cardElement(id);
      element?.focus({ preventScroll: true });
      element?.scrollIntoView({ block: "nearest", inline: "nearest" });
    });
  }

  #focused(event: FocusEvent): void {
    const card = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-card]")?.dataset["card"] : undefined;
    const column = card && columnOf(this.store.board, card);
    if (!card || !column || this.store.ui.current[column.id] === card) return;
    this.store.setUi({ current: { ...this.store.ui.current, [column.id]: card } });
  }
}
