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
function drawFast(terminal: Terminal): void {
  const webgl = new WebglAddon();
  webgl.onContextLoss(() => webgl.dispose());
  try {
    terminal.loadAddon(webgl);
  } catch {
    webgl.dispose();
  }
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

/** Open a terminal inside `host`, which must be in the page. */
export function openTerminal(host: HTMLElement): TerminalView {
  const terminal = makeTerminal();
  const search = new SearchAddon();
  terminal.loadAddon(search);
  terminal.loadAddon(new UnicodeGraphemesAddon());
  terminal.loadAddon(new WebLinksAddon(openLink));
  terminal.open(host);
  setUpClipboard(terminal, host);
  flashOnBell(terminal, host);
  drawFast(terminal);
  terminal.textarea?.setAttribute("aria-label", "Terminal. Shift+F6 goes back to the board.");
  return { terminal, search };
}
