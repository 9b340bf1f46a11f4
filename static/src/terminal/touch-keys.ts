/** The keys a phone's keyboard lacks, as a row under the terminal; shown where fingers point. */

import type { Terminal } from "@xterm/xterm";
import { html, render } from "lit-html";

const ARROWS = { "←": "D", "↑": "A", "↓": "B", "→": "C" };
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

  #render(): void {
    render(
      html`<button @click=${() => this.terminal.input("\x1b")}>Esc</button>
        <button @click=${() => this.terminal.input("\t")}>Tab</button>
        <button aria-pressed=${this.#control} @click=${() => this.#setControl(!this.#control)}>Ctrl</button>
        ${Object.entries(ARROWS).map(([sign, letter]) => html`<button @click=${() => this.#arrow(letter)}>${sign}</button>`)}`,
      this.element,
    );
  }
}
