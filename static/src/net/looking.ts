/** What the page tells of itself: which card is open, and whether anybody is there. */

import type { Store } from "../model/store";

const IDLE_MS = 3 * 60_000;
const SIGNS = ["pointermove", "pointerdown", "keydown", "wheel", "touchstart"] as const;

export interface Looking {
  card: string | null;
  idle: boolean;
}

export class Watch {
  #told = "";
  #idle = false;
  #timer = 0;

  constructor(
    readonly store: Store,
    readonly tell: (looking: Looking) => boolean,
  ) {
    for (const sign of SIGNS) addEventListener(sign, () => this.#awake(), { passive: true, capture: true });
    document.addEventListener("visibilitychange", () => (document.visibilityState === "visible" ? this.#awake() : this.#say()));
    store.subscribe(() => this.#say());
    this.#awake();
  }

  /** A new connection knows nothing yet. */
  again(): void {
    this.#told = "";
    this.#say();
  }

  #awake(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#asleep(), IDLE_MS);
    this.#idle = false;
    this.#say();
  }

  #asleep(): void {
    this.#idle = true;
    this.#say();
  }

  #say(): void {
    const looking = { card: this.store.ui.open, idle: this.#idle || document.visibilityState !== "visible" };
    const words = JSON.stringify(looking);
    if (words !== this.#told && this.tell(looking)) this.#told = words;
  }
}
