/**
 * The screen that a recording is shown on. Going on writes what came meanwhile; a jump begins at the nearest keyframe.
 * Keyframes are the whole screen as text, taken while a second terminal, which draws nothing, reads all of it once.
 * Where it has not read to yet, a jump shows what was printed shortly before, and all of it once that can be had.
 */

import { SerializeAddon } from "@xterm/addon-serialize";
import type { Terminal } from "@xterm/xterm";
import { GridSize } from "../terminal/size";
import { currentTheme, onThemeChange } from "../terminal/theme";
import { openQuietTerminal, parsingTerminal } from "../terminal/view";
import { sizeOf, type Cast } from "./cast";

const FRAME_EVERY = 192 * 1024; // characters of output: what is read again after a jump, in some tens of milliseconds
const SCROLLBACK = 1000;
const FULL_SCREEN = /\x1b\[\?(?:1049|1047|47)([hl])/g;
const PART = 64 * 1024; // written at once while keyframes are taken: the page stays quick

interface Keyframe {
  index: number;
  cols: number;
  rows: number;
  text: string;
}

const written = (terminal: Terminal, text: string): Promise<void> => new Promise((done) => terminal.write(text, done));

export class RecordedScreen {
  readonly terminal: Terminal;
  readonly #size: GridSize;
  readonly #frames: Keyframe[] = [];
  readonly #forgetTheme: () => void;
  /** Events before this one are on the screen. */
  #shown = 0;
  #wanted = 0;
  #busy: Promise<void> | null = null;
  /** What is on the screen began in the middle: a keyframe will show more. */
  #partial = false;
  #closed = false;

  /** `host` must be in the page. */
  constructor(
    readonly cast: Cast,
    host: HTMLElement,
  ) {
    const { width, height } = cast.header;
    this.terminal = openQuietTerminal(host, SCROLLBACK, () => this.#size.remeasure());
    this.#size = new GridSize(this.terminal, host, () => undefined, () => undefined);
    this.#size.start();
    this.#size.apply({ cols: width, rows: height });
    this.#forgetTheme = onThemeChange(() => (this.terminal.options.theme = currentTheme()));
    this.#frames.push({ index: 0, cols: width, rows: height, text: "" });
    void this.#takeFrames();
  }

  /** Show what had happened before event number `index`. Of several wishes at once only the last is met. */
  show(index: number): Promise<void> {
    this.#wanted = index;
    this.#busy ??= this.#follow().finally(() => (this.#busy = null));
    return this.#busy;
  }

  dispose(): void {
    this.#closed = true;
    this.#forgetTheme();
    this.#size.dispose();
    this.terminal.dispose();
  }

  async #follow(): Promise<void> {
    while (this.#shown !== this.#wanted && !this.#closed) {
      const target = this.#wanted;
      if (target < this.#shown || this.#far(target)) await this.#jump(target);
      await this.#write(this.terminal, this.#shown, target, ({ cols, rows }) => this.#size.apply({ cols, rows }));
      this.#shown = target;
    }
  }

  /** There is a keyframe on the way, or more than a jump would write. */
  #far(target: number): boolean {
    return this.#frameBefore(target).index > this.#shown || this.#lateStart(this.#shown, target) !== null;
  }

  #frameBefore(target: number): Keyframe {
    return this.#frames.findLast((frame) => frame.index <= target) as Keyframe; // there is one of the beginning
  }

  async #jump(target: number): Promise<void> {
    const near = this.#frameBefore(target);
    const late = this.#lateStart(near.index, target);
    this.#partial = late !== null;
    const frame = late ?? near;
    this.terminal.reset();
    this.#size.apply({ cols: frame.cols, rows: frame.rows });
    await written(this.terminal, frame.text);
    this.#shown = frame.index;
  }

  /** From where on `FRAME_EVERY` is printed until `target`, when that is later than `from`: with the size, and the screen's kind, of then. */
  #lateStart(from: number, target: number): Keyframe | null {
    const { texts, codes, header } = this.cast;
    let index = target;
    for (let sum = 0; index > from && sum < FRAME_EVERY; index -= 1) if (codes[index - 1] === "o") sum += texts[index - 1]?.length ?? 0;
    if (index <= from) return null;
    const resized = texts.findLast((text, at) => at < index && codes[at] === "r" && sizeOf(text) !== null);
    const { cols, rows } = (resized && sizeOf(resized)) || { cols: header.width, rows: header.height };
    return { index, cols, rows, text: this.#fullScreen(from, index) ? "\x1b[?1049h" : "" };
  }

  #fullScreen(from: number, until: number): boolean {
    for (let index = until - 1; index >= from; index -= 1) {
      const found = this.cast.codes[index] === "o" ? [...(this.cast.texts[index] ?? "").matchAll(FULL_SCREEN)].at(-1) : undefined;
      if (found) return found[1] === "h";
    }
    return this.#frameBefore(from).text.includes("\x1b[?1049h");
  }

  /** Once there is a keyframe where only a part was shown. */
  #showWhole(): void {
    if (!this.#partial || this.#busy || this.#lateStart(this.#frameBefore(this.#shown).index, this.#shown)) return;
    const target = this.#shown;
    this.#shown = Infinity;
    void this.show(target);
  }

  /** Write the output of events from `begin` to `end`; sizes change in between. */
  async #write(terminal: Terminal, begin: number, end: number, resize: (size: { cols: number; rows: number }) => void): Promise<void> {
    const { codes, texts } = this.cast;
    let text = "";
    for (let index = begin; index < end; index += 1) {
      if (codes[index] === "o") text += texts[index];
      const size = codes[index] === "r" ? sizeOf(texts[index] ?? "") : null;
      if (!size) continue;
      await written(terminal, text);
      text = "";
      resize(size);
    }
    await written(terminal, text);
  }

  async #takeFrames(): Promise<void> {
    const { texts, codes, header } = this.cast;
    const reader = parsingTerminal(header.width, header.height, SCROLLBACK);
    const serialize = new SerializeAddon();
    reader.loadAddon(serialize);
    let since = 0;
    let sum = 0;
    let from = 0;
    for (let index = 0; index < texts.length && !this.#closed; index += 1) {
      if (codes[index] === "o") since += texts[index]?.length ?? 0;
      if (since < PART && index + 1 < texts.length) continue;
      while (this.#busy) await this.#busy; // what somebody waits for goes first
      await this.#write(reader, from, index + 1, ({ cols, rows }) => reader.resize(cols, rows));
      from = index + 1;
      sum += since;
      since = 0;
      if (sum < FRAME_EVERY) continue;
      sum = 0;
      this.#frames.push({ index: from, cols: reader.cols, rows: reader.rows, text: serialize.serialize({ scrollback: SCROLLBACK / 4 }) });
      this.#showWhole();
    }
    reader.dispose();
  }
}
