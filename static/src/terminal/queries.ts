/**
 * Who answers when a program asks the terminal something (DA, DSR, DECRQM, colours…).
 *
 * xterm.js would answer every query it parses. With several viewers that is one answer too many for each, and with
 * history being replayed an answer to a question nobody waits for. So every query passes here first: unless this
 * viewer is the answerer and the query is live, it is swallowed. The same holds for text that a program puts on the
 * clipboard (OSC 52): only the one who types gets it, only when it happens, and a program that asks for it gets nothing.
 */

import type { IFunctionIdentifier, Terminal } from "@xterm/xterm";

const CSI_QUERIES: IFunctionIdentifier[] = [
  { final: "c" }, // DA1
  { prefix: ">", final: "c" }, // DA2
  { prefix: "=", final: "c" }, // DA3
  { final: "n" }, // DSR
  { prefix: "?", final: "n" }, // DEC DSR
  { intermediates: "$", final: "p" }, // DECRQM, ANSI
  { prefix: "?", intermediates: "$", final: "p" }, // DECRQM, DEC
  { prefix: ">", final: "q" }, // XTVERSION
  { prefix: "?", final: "u" }, // keyboard protocol
];
const WINDOW_REPORTS: ReadonlySet<number> = new Set([11, 13, 14, 15, 16, 18, 19, 20, 21]);
const COLOUR_OSCS = [4, 10, 11, 12];
const FOCUS_REPORTS: ReadonlySet<string> = new Set(["\x1b[I", "\x1b[O"]);

export class Queries {
  answerer = false;
  replaying = false;
  #answering = false;

  constructor(terminal: Terminal) {
    const { parser } = terminal;
    for (const id of CSI_QUERIES) parser.registerCsiHandler(id, () => this.#decide());
    parser.registerCsiHandler({ final: "t" }, ([kind]) => (WINDOW_REPORTS.has(Number(kind)) ? this.#decide() : false));
    for (const id of COLOUR_OSCS) parser.registerOscHandler(id, (data) => (data.includes("?") ? this.#decide() : false));
    parser.registerDcsHandler({ intermediates: "$", final: "q" }, () => this.#decide()); // DECRQSS
    parser.registerDcsHandler({ intermediates: "+", final: "q" }, () => this.#decide()); // XTGETTCAP
    parser.registerOscHandler(52, (data) => data.endsWith(";?") || !this.answerer || this.replaying);
  }

  /**
   * Whether data of the terminal is its own report rather than somebody's typing. Changes of focus count as reports:
   * they are no reason to hand this viewer the size of the grid.
   */
  isReport(data: string): boolean {
    return this.#answering || FOCUS_REPORTS.has(data);
  }

  /** True swallows the query. xterm.js answers synchronously, so the flag need not outlive this turn. */
  #decide(): boolean {
    if (!this.answerer || this.replaying) return true;
    this.#answering = true;
    queueMicrotask(() => (this.#answering = false));
    return false;
  }
}
