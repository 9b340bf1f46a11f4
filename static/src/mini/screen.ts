/** One miniature: a terminal that nobody types into, kept by frames and drawn small. Loads xterm.js, so load it when needed. */

import { Terminal } from "@xterm/xterm";
import { UnicodeGraphemesAddon } from "@xterm/addon-unicode-graphemes";
import { currentTheme } from "../terminal/theme";
import { draw } from "./draw";
import type { Frame } from "./protocol";

export class MiniScreen {
  /** Never opened in the page: it only parses. What it would answer to programs goes nowhere. */
  readonly #terminal = new Terminal({ allowProposedApi: true, scrollback: 0, minimumContrastRatio: 1 });
  #empty = true;

  constructor() {
    this.#terminal.loadAddon(new UnicodeGraphemesAddon());
  }

  /** Take a frame; resolves when it is part of the screen. */
  write(frame: Frame, data: Uint8Array | null): Promise<void> {
    if (this.#terminal.rows !== frame.rows || this.#terminal.cols !== frame.cols) this.#terminal.resize(frame.cols, frame.rows);
    if (frame.reset) {
      this.#terminal.reset();
      if (frame.prelude) this.#terminal.write(frame.prelude);
    }
    this.#empty = false;
    return new Promise((resolve) => this.#terminal.write(data ?? "", resolve));
  }

  drawInto(canvas: HTMLCanvasElement): void {
    if (this.#empty) return;
    draw(canvas, this.#terminal, currentTheme(), canvas.dataset["whole"] !== undefined);
    canvas.dataset["drawn"] = "true";
  }

  /** The text on the screen, for whoever cannot see it. */
  get text(): string {
    const { active } = this.#terminal.buffer;
    const lines = Array.from({ length: this.#terminal.rows }, (_, y) => active.getLine(active.baseY + y)?.translateToString(true) ?? "");
    return lines.join("\n").trimEnd();
  }

  dispose(): void {
    this.#terminal.dispose();
  }
}
