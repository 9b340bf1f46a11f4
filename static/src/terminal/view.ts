/** xterm.js, set up. */

import { SearchAddon } from "@xterm/addon-search";
import { UnicodeGraphemesAddon } from "@xterm/addon-unicode-graphemes";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { WebglAddon } from "@xterm/addon-webgl";
import { Terminal } from "@xterm/xterm";
import { setUpClipboard } from "./clipboard";
import { currentTheme } from "./theme";

const FONTS = 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", "Noto Sans Mono", monospace';
const BELL_MS = 120;
const PIXELS_TOLERANCE = 0.1; // rounding is far less, another device far more

function openLink(_event: MouseEvent, address: string): void {
  if (/^https?:/i.test(address)) window.open(address, "_blank", "noopener,noreferrer");
}

function makeTerminal(): Terminal {
  return new Terminal({
    allowProposedApi: true, // Unicode versions and search decorations
    cursorBlink: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    fontFamily: FONTS,
    fontSize: 13,
    lineHeight: 1.2,
    linkHandler: { activate: openLink },
    macOptionIsMeta: true,
    minimumContrastRatio: 1.5,
    rescaleOverlappingGlyphs: true,
    scrollback: 10_000,
    theme: currentTheme(),
    windowOptions: { getWinSizePixels: true, getCellSizePixels: true, getWinSizeChars: true },
  });
}

/** Draw with WebGL where it can be had; when it can't, or goes away, xterm.js draws with the page's own elements. */
function drawFast(terminal: Terminal, lettersChanged: () => void): void {
  const webgl = new WebglAddon();
  const giveUp = (): void => {
    webgl.dispose();
    lettersChanged();
  };
  webgl.onContextLoss(giveUp);
  try {
    terminal.loadAddon(webgl);
    unlessPixelsLie(terminal, giveUp);
  } catch {
    webgl.dispose();
  }
}

/**
 * The WebGL renderer trusts the browser's count of device pixels. A browser that imitates another device's screen
 * counts its own instead, and half of the terminal would lie outside of the canvas.
 */
function unlessPixelsLie(terminal: Terminal, lied: () => void): void {
  const screen = terminal.element?.querySelector(".xterm-screen");
  if (!screen) return;
  const observer = new ResizeObserver(([entry]) => {
    const counted = entry?.devicePixelContentBoxSize?.[0]?.inlineSize;
    const expected = (entry?.contentRect.width ?? 0) * devicePixelRatio;
    if (!counted || Math.abs(counted - expected) <= expected * PIXELS_TOLERANCE) return;
    observer.disconnect();
    lied();
  });
  observer.observe(screen, { box: "device-pixel-content-box" });
}

function flashOnBell(terminal: Terminal, host: HTMLElement): void {
  let timer = 0;
  terminal.onBell(() => {
    host.dataset["bell"] = "true";
    clearTimeout(timer);
    timer = setTimeout(() => delete host.dataset["bell"], BELL_MS);
  });
}

export interface TerminalView {
  terminal: Terminal;
  search: SearchAddon;
}

/** Open a terminal inside `host`, which must be in the page. `lettersChanged`: another renderer draws them in another size. */
export function openTerminal(host: HTMLElement, lettersChanged: () => void): TerminalView {
  const terminal = makeTerminal();
  const search = new SearchAddon();
  terminal.loadAddon(search);
  terminal.loadAddon(new UnicodeGraphemesAddon());
  terminal.loadAddon(new WebLinksAddon(openLink));
  terminal.open(host);
  setUpClipboard(terminal, host);
  flashOnBell(terminal, host);
  drawFast(terminal, lettersChanged);
  terminal.textarea?.setAttribute("aria-label", "Terminal. Shift+F6 goes back to the board.");
  return { terminal, search };
}

/** One that only shows: nobody types into it, what programs ask is not answered, and the clipboard is nobody's. */
export function openQuietTerminal(host: HTMLElement, scrollback: number, lettersChanged: () => void): Terminal {
  const terminal = makeTerminal();
  Object.assign(terminal.options, { disableStdin: true, cursorBlink: false, scrollback });
  terminal.loadAddon(new UnicodeGraphemesAddon());
  terminal.loadAddon(new WebLinksAddon(openLink));
  terminal.open(host);
  drawFast(terminal, lettersChanged);
  terminal.attachCustomKeyEventHandler(() => false);
  terminal.textarea?.setAttribute("tabindex", "-1");
  terminal.textarea?.setAttribute("aria-label", "Recorded terminal");
  return terminal;
}

/** One that is never in the page: it only keeps what a screen would have. */
export function parsingTerminal(cols: number, rows: number, scrollback: number): Terminal {
  const terminal = new Terminal({ allowProposedApi: true, cols, rows, scrollback });
  terminal.loadAddon(new UnicodeGraphemesAddon());
  return terminal;
}
