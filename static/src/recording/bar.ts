/** The bar under a recording: where it is, and where commands began, to be dragged. */

import { html, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import type { Player } from "./player";
import { clockWords, outcome, type Mark } from "./timeline";

const STEPS = 10_000;
const NEAR = 0.006; // of the bar's width
const CLOSEST = 0.002;

export const markWords = (mark: Mark): string => {
  if (mark.kind === "note") return mark.text;
  const end = mark.endAt === null ? "" : mark.exitCode === null ? ", ended" : `, exit ${mark.exitCode}`;
  return `${mark.text || "a command"}${end}`;
};

/** Those that can be told apart on the bar; failures first. */
function shown(player: Player): [mark: Mark, share: number][] {
  const found: [Mark, number][] = [];
  let last = -1;
  for (const mark of player.marks) {
    if (mark.kind === "note") continue;
    const share = player.length ? player.playedAt(mark.at) / player.length : 0;
    if (share - last < CLOSEST && outcome(mark) !== "bad") continue;
    found.push([mark, share]);
    last = share;
  }
  return found;
}

export class SeekBar {
  /** Where the pointer is, from 0 to 1. */
  #hover: number | null = null;
  #marks: { of: number; view: TemplateResult[] } | null = null;

  constructor(
    readonly player: Player,
    readonly changed: () => void,
  ) {}

  view(): TemplateResult {
    const { player } = this;
    const share = player.length ? player.played / player.length : 0;
    const moved = (event: Event): void => void player.seek((Number((event.target as HTMLInputElement).value) / STEPS) * player.length);
    return html`<div class="seek" @pointermove=${(event: PointerEvent) => this.#hovered(event)} @pointerleave=${() => this.#left()}>
      <span class="seek-track" aria-hidden="true"><span class="seek-done" style="width:${share * 100}%"></span></span>
      <span class="seek-marks" aria-hidden="true">${this.#markViews()}</span>
      <input type="range" class="seek-input" aria-label="Position" min="0" max=${STEPS} step="1" .value=${live(String(Math.round(share * STEPS)))}
        aria-valuetext="${clockWords(player.played)} of ${clockWords(player.length)}" @input=${moved} />
      ${this.#tip()}
    </div>`;
  }

  /** Their places change with the length alone, and there may be hundreds. */
  #markViews(): TemplateResult[] {
    const { length } = this.player;
    if (this.#marks?.of !== length) {
      const view = shown(this.player).map(([mark, share]) => html`<span class="seek-mark" data-outcome=${mark.kind === "command" ? outcome(mark) : "unknown"} style="left:${share * 100}%"></span>`);
      this.#marks = { of: length, view };
    }
    return this.#marks.view;
  }

  #tip(): TemplateResult | "" {
    if (this.#hover === null) return "";
    const played = this.#hover * this.player.length;
    const near = this.player.marks.filter((mark) => Math.abs(this.player.playedAt(mark.at) - played) <= NEAR * this.player.length).at(-1);
    return html`<span class="seek-tip" style="left:clamp(8%, ${this.#hover * 100}%, 92%)"><span class="seek-time">${clockWords(played)}</span>${near ? html` <span class="seek-words">${markWords(near)}</span>` : ""}</span>`;
  }

  #hovered(event: PointerEvent): void {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    this.#hover = Math.max(0, Math.min(1, (event.clientX - box.left) / box.width));
    this.changed();
  }

  #left(): void {
    this.#hover = null;
    this.changed();
  }
}
