/**
 * The grid: how large it would be by itself in this window (`natural`), and how to show the one in force when
 * somebody else's window decides: same rows and columns, in letters as large as fit.
 */

import type { Terminal } from "@xterm/xterm";
import { COLS, ROWS } from "./protocol";

export interface Grid {
  rows: number;
  cols: number;
}

const SCROLLBAR_PX = 10;
const FONT_PX = { min: 3, base: 13, max: 18, step: 0.25 };
const SETTLE_MS = 80;

const within = (value: number, range: { min: number; max: number }): number =>
  Math.max(range.min, Math.min(range.max, Math.floor(value)));

export class GridSize {
  /** The grid the server says is in force; null before it has said so. */
  inForce: Grid | null = null;
  natural: Grid = { rows: 24, cols: 80 };
  #cell = { width: 8, height: 16 };
  #settle = 0;
  readonly #observer: ResizeObserver;

  constructor(
    readonly terminal: Terminal,
    readonly host: HTMLElement,
    readonly onNatural: (grid: Grid) => void,
    /** Whether somebody else's window decides. */
    readonly onScaled: (scaled: boolean) => void,
  ) {
    this.#observer = new ResizeObserver(() => this.#windowChanged());
  }

  /** Call once the terminal is open in the page. */
  start(): void {
    this.#measureCell();
    this.#measureNatural();
    this.terminal.resize(this.natural.cols, this.natural.rows);
    this.#observer.observe(this.host);
  }

  /** Letters have changed their size. */
  remeasure(): void {
    this.terminal.options.fontSize = FONT_PX.base;
    this.#measureCell();
    this.#windowChanged();
  }

  apply(grid: Grid): void {
    this.inForce = grid;
    if (this.terminal.rows !== grid.rows || this.terminal.cols !== grid.cols) this.terminal.resize(grid.cols, grid.rows);
    this.#scale();
  }

  dispose(): void {
    clearTimeout(this.#settle);
    this.#observer.disconnect();
  }

  #available(): { width: number; height: number } {
    const style = getComputedStyle(this.host);
    const padding = (a: string, b: string): number => parseFloat(a) + parseFloat(b);
    return {
      width: this.host.clientWidth - padding(style.paddingLeft, style.paddingRight) - SCROLLBAR_PX,
      height: this.host.clientHeight - padding(style.paddingTop, style.paddingBottom),
    };
  }

  #gridPixels(): { width: number; height: number } {
    const screen = this.terminal.element?.querySelector<HTMLElement>(".xterm-screen");
    return { width: screen?.offsetWidth ?? 0, height: screen?.offsetHeight ?? 0 };
  }

  #measureCell(): void {
    const { width, height } = this.#gridPixels();
    if (width && height) this.#cell = { width: width / this.terminal.cols, height: height / this.terminal.rows };
  }

  #measureNatural(): boolean {
    const { width, height } = this.#available();
    if (!(width > 0 && height > 0)) return false; // out of the page it is NaN
    const grid = { rows: within(height / this.#cell.height, ROWS), cols: within(width / this.#cell.width, COLS) };
    const changed = grid.rows !== this.natural.rows || grid.cols !== this.natural.cols;
    this.natural = grid;
    return changed;
  }

  #windowChanged(): void {
    clearTimeout(this.#settle);
    this.#settle = setTimeout(() => {
      const changed = this.#measureNatural();
      if (changed) this.onNatural(this.natural);
      if (this.inForce) this.#scale();
      else this.terminal.resize(this.natural.cols, this.natural.rows);
    }, SETTLE_MS);
  }

  #scale(): void {
    const grid = { rows: this.terminal.rows, cols: this.terminal.cols };
    const natural = grid.rows === this.natural.rows && grid.cols === this.natural.cols;
    this.host.dataset["scaled"] = natural ? "false" : "true";
    this.onScaled(!natural);
    this.#setFont(natural ? FONT_PX.base : this.#fittingFont(grid));
    if (natural) return;
    const room = this.#available();
    const tooLarge = (): boolean => this.#gridPixels().width > room.width + 1 || this.#gridPixels().height > room.height + 1;
    // Cells are whole device pixels, so the right size can lie a step below the computed one.
    for (let tries = 0; tries < 8 && tooLarge(); tries += 1) this.#setFont(this.#font() - FONT_PX.step);
  }

  #fittingFont(grid: Grid): number {
    const { width, height } = this.#available();
    const scale = Math.min(width / (grid.cols * this.#cell.width), height / (grid.rows * this.#cell.height));
    return Math.floor((FONT_PX.base * scale) / FONT_PX.step) * FONT_PX.step;
  }

  #font(): number {
    return this.terminal.options.fontSize ?? FONT_PX.base;
  }

  #setFont(size: number): void {
    const font = Math.max(FONT_PX.min, Math.min(FONT_PX.max, size));
    if (font !== this.#font()) this.terminal.options.fontSize = font;
  }
}
