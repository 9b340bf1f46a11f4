/** The command palette: type a few letters, Enter. A combobox with a list, as WAI-ARIA has it. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import type { Command } from "../board/commands";
import { matchesText } from "../model/filter";
import { icon } from "./icons";

const MOST_SHOWN = 50;

class Palette {
  readonly #dialog = document.createElement("dialog");
  #found: Command[];
  #at = 0;

  constructor(readonly all: Command[]) {
    this.#found = all;
    this.#dialog.className = "palette";
    this.#dialog.setAttribute("aria-label", "Commands");
    this.#dialog.addEventListener("mousedown", (event) => event.target === this.#dialog && this.#dialog.close());
    this.#dialog.addEventListener("close", () => this.#dialog.remove());
  }

  show(): void {
    document.body.append(this.#dialog);
    this.#render();
    this.#dialog.showModal();
  }

  #typed(words: string): void {
    this.#found = this.all.filter((command) => matchesText(`${command.words} ${command.about}`, words.trim()));
    this.#at = 0;
    this.#render();
  }

  #keyed(event: KeyboardEvent): void {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const shown = Math.min(this.#found.length, MOST_SHOWN);
    if (step && shown) {
      this.#at = (this.#at + step + shown) % shown;
      this.#render();
      this.#dialog.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && !event.isComposing) this.#run(this.#found[this.#at]);
    else return;
    event.preventDefault();
  }

  /** After the dialog: it gives the focus back, which the command may want elsewhere. */
  #run(command: Command | undefined): void {
    if (!command) return;
    this.#dialog.addEventListener("close", () => command.run(), { once: true });
    this.#dialog.close();
  }

  #row(command: Command, at: number): TemplateResult {
    return html`<li id="command-${at}" role="option" aria-selected=${at === this.#at ? "true" : "false"} @click=${() => this.#run(command)}>
      ${icon(command.icon)}<span class="command-words">${command.words}</span><small>${command.about}</small>
    </li>`;
  }

  #render(): void {
    const shown = this.#found.slice(0, MOST_SHOWN);
    render(
      html`<input
          type="text" role="combobox" aria-expanded="true" aria-controls="commands" aria-autocomplete="list" aria-label="Find a card or a command"
          aria-activedescendant=${shown.length ? `command-${this.#at}` : nothing} placeholder="Find a card or a command" autocomplete="off" autofocus
          @input=${(event: Event) => this.#typed((event.currentTarget as HTMLInputElement).value)} @keydown=${(event: KeyboardEvent) => this.#keyed(event)}
        />
        <ul id="commands" role="listbox" aria-label="Cards and commands">${shown.map((command, at) => this.#row(command, at))}</ul>
        ${shown.length ? nothing : html`<p class="no-match" role="status">Nothing has this name. Fewer letters may find it.</p>`}`,
      this.#dialog,
    );
  }
}

export function showPalette(commands: Command[]): void {
  new Palette(commands).show();
}
