/** Draws a terminal's screen into a canvas, in letters as large as its width allows. */

import type { IBufferCell, IBufferLine, ITheme, Terminal } from "@xterm/xterm";
import { inkOf, type Ink } from "./palette";

const FAMILY = getComputedStyle(document.documentElement).getPropertyValue("--mono").trim() || "monospace";
const LINE_HEIGHT = 2; // of a cell's width
const PADDING_PX = 4;
const LARGEST_CELL_PX = 8;
const MEASURED_AT_PX = 100;

interface Metrics {
  /** Device pixels. */
  cell: number;
  line: number;
  padding: number;
}

let advance = 0; // of a letter, in em

function letterAdvance(context: CanvasRenderingContext2D): number {
  if (!advance) {
    context.font = `${MEASURED_AT_PX}px ${FAMILY}`;
    advance = context.measureText("M").width / MEASURED_AT_PX;
  }
  return advance;
}

/** `whole`: the grid is scaled until all of it fits; otherwise its width fits, and its end is shown. */
function metricsOf(canvas: HTMLCanvasElement, terminal: Terminal, whole: boolean): Metrics {
  const padding = PADDING_PX * devicePixelRatio;
  const byWidth = (canvas.width - 2 * padding) / terminal.cols;
  const byHeight = (canvas.height - 2 * padding) / terminal.rows / LINE_HEIGHT;
  const cell = Math.min(byWidth, whole ? byHeight : Infinity, LARGEST_CELL_PX * devicePixelRatio);
  return { cell, line: cell * LINE_HEIGHT, padding };
}

function lastRow(terminal: Terminal): number {
  const { active } = terminal.buffer;
  for (let y = terminal.rows - 1; y > active.cursorY; y--) {
    if (active.getLine(active.baseY + y)?.translateToString(true)) return y;
  }
  return active.cursorY;
}

/** The first row that is shown: a canvas that is too low shows where things happen. */
function firstRow(canvas: HTMLCanvasElement, terminal: Terminal, metrics: Metrics): number {
  const fitting = Math.floor((canvas.height - 2 * metrics.padding) / metrics.line);
  return Math.max(0, lastRow(terminal) + 1 - Math.max(1, fitting));
}

const sameInk = (one: Ink, other: Ink): boolean => one.letters === other.letters && one.ground === other.ground;
const PLAIN = /^[\x20-\x7e]*$/;

/** Cells of one ink and of plain letters are drawn at once; others each at its own place, since their widths may lie. */
function drawRow(context: CanvasRenderingContext2D, line: IBufferLine, cols: number, theme: ITheme, metrics: Metrics, top: number, cell: IBufferCell): void {
  let run = { from: 0, text: "", width: 0, ink: { letters: "", ground: null } as Ink };
  const flush = (): void => {
    const x = metrics.padding + run.from * metrics.cell;
    if (run.ink.ground) {
      context.fillStyle = run.ink.ground;
      context.fillRect(x, top, run.width * metrics.cell, metrics.line);
    }
    if (!run.text.trim()) return;
    context.fillStyle = run.ink.letters;
    context.fillText(run.text, x, top + metrics.line / 2);
  };
  for (let x = 0; x < cols; x++) {
    if (!line.getCell(x, cell) || cell.getWidth() === 0) continue;
    const ink = inkOf(cell, theme);
    const text = cell.isInvisible() ? " " : cell.getChars() || " ";
    const joins = run.text && PLAIN.test(text) && PLAIN.test(run.text) && sameInk(ink, run.ink);
    if (joins) {
      run.text += text;
      run.width += cell.getWidth();
    } else {
      flush();
      run = { from: x, text, width: cell.getWidth(), ink };
    }
  }
  flush();
}

function drawCursor(context: CanvasRenderingContext2D, terminal: Terminal, theme: ITheme, metrics: Metrics, first: number): void {
  const { cursorX, cursorY } = terminal.buffer.active;
  context.fillStyle = theme.cursor ?? "#ffffff";
  context.globalAlpha = 0.7;
  context.fillRect(metrics.padding + cursorX * metrics.cell, metrics.padding + (cursorY - first) * metrics.line, metrics.cell, metrics.line);
  context.globalAlpha = 1;
}

/** Match the canvas's pixels to its place in the page; false while it has none. */
function fit(canvas: HTMLCanvasElement): boolean {
  const width = Math.round(canvas.clientWidth * devicePixelRatio);
  const height = Math.round(canvas.clientHeight * devicePixelRatio);
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  return width > 0 && height > 0;
}

export function draw(canvas: HTMLCanvasElement, terminal: Terminal, theme: ITheme, whole: boolean): void {
  const context = canvas.getContext("2d", { alpha: false });
  if (!context || !fit(canvas)) return;
  const metrics = metricsOf(canvas, terminal, whole);
  context.fillStyle = theme.background ?? "#000000";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.font = `${metrics.cell / letterAdvance(context)}px ${FAMILY}`;
  context.textBaseline = "middle";
  const { active } = terminal.buffer;
  const cell = active.getNullCell();
  const first = whole ? 0 : firstRow(canvas, terminal, metrics);
  for (let y = first; y < terminal.rows; y++) {
    const line = active.getLine(active.baseY + y);
    if (line) drawRow(context, line, terminal.cols, theme, metrics, metrics.padding + (y - first) * metrics.line, cell);
  }
  drawCursor(context, terminal, theme, metrics, first);
}
