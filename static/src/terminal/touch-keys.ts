/** The keys a phone's keyboard lacks, as a row under the terminal; shown where fingers point. */

import type { Terminal } from "@xterm/xterm";
import { html, render, type TemplateResult } from "lit-html";
import { icon, type IconName } from "../ui/icons";
import { pasteFromClipboard } from "./clipboard";

const ARROWS = { "←": ["D", "Left"], "↑": ["A", "Up"], "↓": ["B", "Down"], "→": ["C", "Right"] } as const;
const CONTROL_MASK = 0x1f;

export class TouchKeys {
  readonly element = document.createElement("div");
  /** The next character is typed with Ctrl. */
  #control = false;

  constructor(readonly terminal: Terminal) {
    this.element.className = "touch-keys";
    this.element.setAttribute("role", "toolbar");
    this.element.setAttribute("aria-label", "Keys");
    // The terminal keeps the focus, so that the phone keeps its keyboard open.
    this.element.addEventListener("pointerdown", (event) => event.preventDefault());
    this.#render();
  }

  /** Applies a pending Ctrl to what was typed. */
  modify(data: string): string {
    if (!this.#control || !/^[@-_a-z ]$/.test(data)) return data;
    this.#setControl(false);
    return String.fromCharCode(data.charCodeAt(0) & CONTROL_MASK);
  }

  #setControl(on: boolean): void {
    this.#control = on;
    this.#render();
  }

  #arrow(letter: string): void {
    this.terminal.input(`\x1b${this.terminal.modes.applicationCursorKeysMode ? "O" : "["}${letter}`);
  }

  #key(words: string, data: string): TemplateResult {
    return html`<button @click=${() => this.terminal.input(data)}>${words}</button>`;
  }

  #tool(sign: IconName, label: string, act: () => void): TemplateResult {
    return html`<button aria-label=${label} title=${label} @click=${act}>${icon(sign)}</button>`;
  }

  #render(): void {
    render(
      html`${this.#key("Esc", "\x1b")} ${this.#key("Tab", "\t")}
        <button aria-pressed=${this.#control} @click=${() => this.#setControl(!this.#control)}>Ctrl</button>
        <button aria-label="Ctrl C" @click=${() => this.terminal.input("\x03")}>^C</button>
        ${Object.entries(ARROWS).map(([sign, [letter, label]]) => html`<button aria-label=${label} @click=${() => this.#arrow(letter)}>${sign}</button>`)}
        ${this.#tool("paste", "Paste", () => void pasteFromClipboard(this.terminal))}
        ${this.#tool("hide", "Hide the keyboard", () => this.terminal.blur())}`,
      this.element,
    );
  }
}
