/**
 * All miniatures of the page: which can be seen, the one socket that brings their frames, and their drawing. Those out of
 * sight, and all of a hidden page, are neither sent nor drawn.
 */

import { html, type TemplateResult } from "lit-html";
import { LiveSocket } from "../net/live";
import { onThemeChange } from "../terminal/theme";
import type { Frame, PageMessage, People, ServerMessage } from "./protocol";
import type { MiniScreen } from "./screen";

/** A place for the miniature of one of a card's terminals. `whole`: all of it, however small; else its end, in its width. */
export function miniature(card: string, title: string, terminal: number, whole = false): TemplateResult {
  return html`<canvas class="mini" role="img" aria-label="Screen of ${title}" data-mini=${card} data-terminal=${terminal} ?data-whole=${whole}></canvas>`;
}

function placeOf(canvas: HTMLCanvasElement): string {
  const { mini, terminal } = canvas.dataset;
  return terminal && terminal !== "0" ? `${mini}/${terminal}` : (mini ?? "");
}

const cardOf = (canvas: Element): string => (canvas as HTMLElement).dataset["mini"] ?? "";

export class Screens {
  #socket: LiveSocket | null = null;
  #canvases = new Set<HTMLCanvasElement>();
  #visible = new Set<HTMLCanvasElement>();
  #screens = new Map<string, MiniScreen>();
  #people = new Map<string, People>();
  #told = "";
  #due: Frame | null = null;
  readonly #seen = new IntersectionObserver((entries) => this.#moved(entries), { rootMargin: "40px" });
  readonly #sized = new ResizeObserver((entries) => entries.forEach((entry) => this.#draw(entry.target as HTMLCanvasElement)));

  /** `peopleChanged`: somebody came into a terminal that is shown, left it, types or raises a hand. */
  constructor(
    readonly board: string,
    readonly peopleChanged: () => void = () => undefined,
  ) {
    document.addEventListener("visibilitychange", () => this.#tell());
    onThemeChange(() => this.#visible.forEach((canvas) => this.#draw(canvas)));
  }

  /** After rendering: follow the miniatures that the page now has. */
  sync(root: HTMLElement): void {
    const now = new Set(root.querySelectorAll<HTMLCanvasElement>("canvas[data-mini]"));
    for (const canvas of this.#canvases) if (!now.has(canvas)) this.#forget(canvas);
    for (const canvas of now) {
      if (this.#canvases.has(canvas)) continue;
      this.#canvases.add(canvas);
      this.#seen.observe(canvas);
      this.#sized.observe(canvas);
    }
    this.#tell();
  }

  /** The text on a card's miniature; null when it has none. */
  text(card: string): string | null {
    return this.#screens.get(card)?.text ?? null;
  }

  /** Who is in a card's terminal; undefined where nobody is, or it is not shown as a miniature. */
  people(card: string): People | undefined {
    return this.#people.get(card);
  }

  #forget(canvas: HTMLCanvasElement): void {
    this.#canvases.delete(canvas);
    this.#visible.delete(canvas);
    this.#seen.unobserve(canvas);
    this.#sized.unobserve(canvas);
  }

  #moved(entries: IntersectionObserverEntry[]): void {
    for (const entry of entries) {
      const canvas = entry.target as HTMLCanvasElement;
      if (entry.isIntersecting && this.#canvases.has(canvas)) this.#visible.add(canvas);
      else this.#visible.delete(canvas);
    }
    this.#tell();
  }

  #wanted(): Set<string> {
    return new Set(document.visibilityState === "visible" ? [...this.#visible].map(cardOf) : []);
  }

  /** As the server is told of them. */
  #places(): string[] {
    return document.visibilityState === "visible" ? [...new Set([...this.#visible].map(placeOf))].sort() : [];
  }

  #tell(): void {
    const [wanted, cards] = [this.#wanted(), this.#places()];
    for (const [card, screen] of this.#screens) if (!wanted.has(card)) this.#drop(card, screen);
    for (const card of this.#people.keys()) if (!wanted.has(card)) this.#people.delete(card);
    const now = cards.join();
    if (now === this.#told) return;
    if (!this.#socket) this.#connect();
    else if (this.#send({ type: "show", cards })) this.#told = now;
  }

  /** A card shown again begins anew. */
  #drop(card: string, screen: MiniScreen): void {
    screen.dispose();
    this.#screens.delete(card);
  }

  #connect(): void {
    this.#socket = new LiveSocket(`/ws/boards/${encodeURIComponent(this.board)}/screens`, {
      ping: () => ({ type: "ping" }),
      opened: () => this.#opened(),
      text: (message) => this.#received(message as ServerMessage),
      bytes: (data) => this.#frame(data),
      lost: () => this.#lost(),
    });
  }

  #lost(): void {
    this.#told = "";
    this.#people.clear();
    this.peopleChanged();
  }

  #opened(): void {
    const cards = this.#places();
    if (this.#send({ type: "show", cards })) this.#told = cards.join();
  }

  #send(message: PageMessage): boolean {
    return this.#socket?.send(message) ?? false;
  }

  #received(message: ServerMessage): void {
    if (message.type === "people") {
      this.#people.set(message.card, message);
      this.peopleChanged();
    }
    if (message.type !== "screen") return;
    this.#due = message;
    if (message.bytes === 0) this.#frame(null);
  }

  #frame(data: Uint8Array | null): void {
    const frame = this.#due;
    this.#due = null;
    if (frame) void this.#show(frame, data);
  }

  async #show(frame: Frame, data: Uint8Array | null): Promise<void> {
    const { MiniScreen } = await import("./screen");
    if (!this.#wanted().has(frame.card)) return;
    const screen = this.#screens.get(frame.card) ?? new MiniScreen();
    this.#screens.set(frame.card, screen);
    await screen.write(frame, data);
    for (const canvas of this.#visible) if (cardOf(canvas) === frame.card) this.#draw(canvas);
    this.#send({ type: "drawn", card: frame.card });
  }

  #draw(canvas: HTMLCanvasElement): void {
    this.#screens.get(cardOf(canvas))?.drawInto(canvas);
  }
}
