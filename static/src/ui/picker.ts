/** Choosing several of a list: type to find, Enter or a click to choose. A combobox with a list, in a dialog that looks like a popover. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { matchesText } from "../model/filter";
import { icon } from "./icons";
import { keepWithin } from "./place";

export type Chosen = "all" | "some" | "none";

export interface Choice {
  id: string;
  words: string;
  look: TemplateResult;
  chosen: Chosen;
}

export interface PickerOptions {
  label: string;
  placeholder: string;
  empty: string;
  choices: () => Choice[];
  toggle: (choice: Choice) => void;
  /** Makes one that is not there yet, of what was typed. */
  create?: (words: string) => void;
  footer?: (close: () => void) => TemplateResult;
  /** Calls back whenever the choices may be others; the result ends that. */
  subscribe: (changed: () => void) => () => void;
}

class Picker {
  readonly #dialog = document.createElement("dialog");
  #words = "";
  #at = 0;

  constructor(readonly options: PickerOptions) {}

  show(anchor: Element | null): void {
    const end = this.options.subscribe(() => this.#render());
    const dialog = this.#dialog;
    dialog.className = "picker";
    dialog.setAttribute("aria-label", this.options.label);
    dialog.addEventListener("mousedown", (event) => event.target === dialog && dialog.close());
    dialog.addEventListener("close", () => {
      end();
      dialog.remove();
      if (anchor instanceof HTMLElement && anchor.isConnected) anchor.focus();
    });
    document.body.append(dialog);
    this.#render();
    dialog.showModal();
    if (anchor) keepWithin(dialog, anchor.getBoundingClientRect());
  }

  #found(): Choice[] {
    return this.options.choices().filter((choice) => matchesText(choice.words, this.#words.trim()));
  }

  #creates(found: Choice[]): string {
    const words = this.#words.trim();
    const known = found.some((choice) => choice.words.toLowerCase() === words.toLowerCase());
    return this.options.create && words && !known ? words : "";
  }

  #typed(event: Event): void {
    this.#words = (event.currentTarget as HTMLInputElement).value;
    this.#at = 0;
    this.#render();
  }

  #choose(found: Choice[], at: number): void {
    const choice = found[at];
    if (choice) this.options.toggle(choice);
    else if (this.#creates(found)) {
      this.options.create?.(this.#creates(found));
      this.#words = "";
    }
    this.#render();
  }

  #keyed(event: KeyboardEvent): void {
    const found = this.#found();
    const count = found.length + (this.#creates(found) ? 1 : 0);
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step && count) {
      this.#at = (this.#at + step + count) % count;
      this.#render();
      this.#dialog.querySelector('[data-at="true"]')?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && !event.isComposing) this.#choose(found, this.#at);
    else return;
    event.preventDefault();
  }

  #row(found: Choice[], choice: Choice, at: number): TemplateResult {
    const mark = choice.chosen === "all" ? icon("check") : choice.chosen === "some" ? icon("minus") : nothing;
    return html`<li
      id="choice-${at}" role="option" aria-selected=${choice.chosen === "all" ? "true" : "false"} data-chosen=${choice.chosen} data-at=${at === this.#at ? "true" : nothing}
      @click=${() => this.#choose(found, at)}
    >
      <span class="picker-mark">${mark}</span>${choice.look}${choice.chosen === "some" ? html`<span class="visually-hidden">on some of the cards</span>` : nothing}
    </li>`;
  }

  #render(): void {
    const { label, placeholder, empty, footer } = this.options;
    const found = this.#found();
    const fresh = this.#creates(found);
    const at = Math.min(this.#at, found.length + (fresh ? 1 : 0) - 1);
    render(
      html`<input
          type="text" role="combobox" aria-expanded="true" aria-controls="choices" aria-autocomplete="list" aria-label=${placeholder} placeholder=${placeholder} autocomplete="off" autofocus
          maxlength="40" aria-activedescendant=${at >= 0 ? `choice-${at}` : nothing} .value=${this.#words}
          @input=${(event: Event) => this.#typed(event)} @keydown=${(event: KeyboardEvent) => this.#keyed(event)}
        />
        <ul id="choices" role="listbox" aria-multiselectable="true" aria-label=${label}>
          ${found.map((choice, n) => this.#row(found, choice, n))}
          ${fresh
            ? html`<li id="choice-${found.length}" role="option" aria-selected="false" data-at=${at === found.length ? "true" : nothing} @click=${() => this.#choose(found, found.length)}>
                <span class="picker-mark">${icon("plus")}</span><span>Create “${fresh}”</span>
              </li>`
            : nothing}
        </ul>
        ${found.length || fresh ? nothing : html`<p class="no-match" role="status">${this.#words ? "Nothing has this name." : empty}</p>`}
        ${footer ? html`<footer>${footer(() => this.#dialog.close())}</footer>` : nothing}`,
      this.#dialog,
    );
  }
}

/** Beside `anchor`, which gets the focus back; else in the middle of the window. */
export function showPicker(options: PickerOptions, anchor: Element | null = document.activeElement): void {
  new Picker(options).show(anchor === document.body ? null : anchor);
}
