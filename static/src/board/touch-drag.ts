/** Dragging by finger: press a card for a moment and it lifts. The browser's own drag and drop begins late on phones, or not at all. */

import type { Place } from "../model/board";
import { cardElement } from "../ui/focus";
import { dropPlace, hideLine, showLine } from "./drop-place";
import type { Store } from "../model/store";

const PRESS_MS = 250;
const SLOP_PX = 8;
const EDGE_PX = 48;
const STEP_PX = 9;

interface Carry {
  card: string;
  ghost: HTMLElement;
  /** From the finger to the ghost's corner. */
  dx: number;
  dy: number;
  x: number;
  y: number;
  over: HTMLElement | null;
  frame: number;
}

export class TouchDrag {
  #press: { card: string; x: number; y: number; timer: number } | null = null;
  #carry: Carry | null = null;

  constructor(
    readonly store: Store,
    readonly mayDrag: (card: HTMLElement) => boolean,
    readonly onStart: () => void,
    readonly onDrop: (card: string, place: Place) => void,
  ) {}

  listen(root: HTMLElement): void {
    root.addEventListener("touchstart", (event) => this.#started(event), { passive: true });
    root.addEventListener("touchmove", (event) => this.#moved(event), { passive: false });
    root.addEventListener("touchend", (event) => this.#ended(event));
    root.addEventListener("touchcancel", () => this.#cancel());
    root.addEventListener("contextmenu", (event) => (this.#press || this.#carry) && event.preventDefault());
  }

  #started(event: TouchEvent): void {
    this.#cancel();
    const touch = event.touches[0];
    const card = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-card]") : null;
    if (!card || !touch || event.touches.length > 1 || !this.mayDrag(card)) return;
    const [x, y, id] = [touch.clientX, touch.clientY, card.dataset["card"] ?? ""];
    this.#press = { card: id, x, y, timer: setTimeout(() => this.#lift(event.target as EventTarget), PRESS_MS) };
  }

  #lift(target: EventTarget): void {
    const press = this.#press;
    const card = press && cardElement(press.card);
    this.#press = null;
    if (!press || !card) return;
    const box = card.getBoundingClientRect();
    const ghost = card.cloneNode(true) as HTMLElement;
    ghost.className = "card touch-ghost";
    for (const name of ["data-card", "id", "tabindex"]) ghost.removeAttribute(name);
    ghost.setAttribute("aria-hidden", "true");
    ghost.style.width = `${box.width}px`;
    const many = this.store.ui.selected.includes(press.card) ? this.store.ui.selected.length : 1;
    if (many > 1) ghost.dataset["count"] = String(many);
    document.body.append(ghost);
    card.dataset["dragging"] = "true";
    document.querySelector<HTMLElement>(".board")?.setAttribute("data-carrying", "true"); // columns no longer snap
    this.#carry = { card: press.card, ghost, dx: box.left - press.x, dy: box.top - press.y, x: press.x, y: press.y, over: null, frame: 0 };
    // Touches belong to the element they began on, also when it is drawn anew meanwhile.
    for (const kind of ["touchend", "touchcancel"]) target.addEventListener(kind, () => !document.contains(target as Node) && this.#cancel(), { once: true });
    navigator.vibrate?.(10);
    this.onStart();
    this.#follow();
  }

  #moved(event: TouchEvent): void {
    const touch = event.touches[0];
    if (!touch) return;
    if (this.#press && Math.hypot(touch.clientX - this.#press.x, touch.clientY - this.#press.y) > SLOP_PX) this.#cancel();
    if (!this.#carry) return;
    event.preventDefault();
    [this.#carry.x, this.#carry.y] = [touch.clientX, touch.clientY];
  }

  /** Each frame: the ghost under the finger, the line where it would land, and the board scrolled at its edges. */
  readonly #follow = (): void => {
    const carry = this.#carry;
    if (!carry) return;
    carry.ghost.style.translate = `${carry.x + carry.dx}px ${carry.y + carry.dy}px`;
    const over = document.elementFromPoint(carry.x, carry.y)?.closest<HTMLElement>("[data-column]") ?? null;
    if (carry.over && carry.over !== over) hideLine(carry.over);
    carry.over = over;
    if (over) showLine(over, carry.y);
    const board = document.querySelector<HTMLElement>(".board");
    board?.scrollBy(step(carry.x, 0, innerWidth), 0);
    const body = over?.querySelector<HTMLElement>(".column-body");
    if (body) body.scrollBy(0, step(carry.y, body.getBoundingClientRect().top, body.getBoundingClientRect().bottom));
    carry.frame = requestAnimationFrame(this.#follow);
  };

  #ended(event: TouchEvent): void {
    const carry = this.#carry;
    if (!carry) return this.#cancel();
    event.preventDefault(); // no click follows
    const place = carry.over && dropPlace(this.store, carry.card, carry.over, carry.y);
    this.#cancel();
    if (place) this.onDrop(carry.card, place);
  }

  #cancel(): void {
    clearTimeout(this.#press?.timer);
    this.#press = null;
    const carry = this.#carry;
    if (!carry) return;
    this.#carry = null;
    cancelAnimationFrame(carry.frame);
    carry.ghost.remove();
    if (carry.over) hideLine(carry.over);
    delete cardElement(carry.card)?.dataset["dragging"];
    document.querySelector(".board")?.removeAttribute("data-carrying");
  }
}

/** How far to scroll for a finger at `at` between the edges. */
const step = (at: number, low: number, high: number): number => (at < low + EDGE_PX ? -STEP_PX : at > high - EDGE_PX ? STEP_PX : 0);
