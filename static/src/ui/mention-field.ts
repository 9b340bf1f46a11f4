/** A field for a longer text that offers people after an `@`. The list follows WAI-ARIA's for text fields: the focus stays in the text. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import type { Member } from "../model/types";
import { announce } from "./announce";
import { avatar } from "./avatar";

const MOST_SHOWN = 6;
const BEGUN = /(?:^|[^\w@.+/-])@([\w.+-]*)$/u;

export interface MentionFieldOptions {
  label: string;
  placeholder?: string;
  rows: number;
  text: string;
  people: () => Member[];
  /** Ctrl+Enter. */
  submit: () => void;
  /** Escape, while no people are offered. */
  leave?: () => void;
  typed: () => void;
  files?: (files: File[]) => void;
}

let fields = 0;

/** Those whose username or name has a word that begins with what was typed; the best first. */
export function peopleFor(people: Member[], typed: string): Member[] {
  const wanted = typed.toLowerCase();
  const words = (person: Member): string[] => [person.username, ...person.name.split(/\s+/)].map((word) => word.toLowerCase());
  return people.filter((person) => words(person).some((word) => word.startsWith(wanted))).slice(0, MOST_SHOWN);
}

export class MentionField {
  readonly element = document.createElement("div");
  readonly #id = `people-${++fields}`;
  #found: Member[] = [];
  #at = 0;

  constructor(readonly options: MentionFieldOptions) {
    this.element.className = "mention-field";
    this.#render();
    this.input.value = options.text;
  }

  get input(): HTMLTextAreaElement {
    return this.element.querySelector("textarea") as HTMLTextAreaElement;
  }

  get text(): string {
    return this.input.value;
  }

  set text(text: string) {
    this.input.value = text;
    this.#offer();
  }

  /** At the caret, as if typed: it can be undone. */
  insert(text: string): void {
    this.input.focus();
    document.execCommand("insertText", false, text);
  }

  /** What was typed of a name right before the caret; null where none was begun. */
  #begun(): string | null {
    const { selectionStart, selectionEnd, value } = this.input;
    return selectionStart === selectionEnd ? (BEGUN.exec(value.slice(0, selectionStart))?.[1] ?? null) : null;
  }

  #offer(): void {
    const typed = document.activeElement === this.input ? this.#begun() : null;
    const before = this.#found.length;
    this.#found = typed === null ? [] : peopleFor(this.options.people(), typed);
    this.#at = 0;
    this.#render();
    if (!this.#found.length || before === this.#found.length) return;
    announce(this.#found.length === 1 ? "1 person offered" : `${this.#found.length} people offered`);
    this.element.querySelector(".mention-list")?.scrollIntoView({ block: "nearest" });
  }

  #close(): void {
    this.#found = [];
    this.#render();
  }

  #choose(person: Member): void {
    const { input } = this;
    const end = input.selectionStart;
    input.focus();
    input.setSelectionRange(end - (this.#begun()?.length ?? 0), end);
    this.insert(`${person.username} `);
    this.#close();
  }

  #keyed(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (this.#found.length ? this.#keyedList(event) : this.#keyedText(event)) {
      event.preventDefault();
      event.stopPropagation(); // the dialog around has keys of its own
    }
  }

  #keyedList(event: KeyboardEvent): boolean {
    const count = this.#found.length;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const chosen = this.#found[this.#at];
    if (step) {
      this.#at = (this.#at + step + count) % count;
      this.#render();
    } else if ((event.key === "Enter" || event.key === "Tab") && chosen && !event.ctrlKey && !event.metaKey) this.#choose(chosen);
    else if (event.key === "Escape") this.#close();
    else return this.#keyedText(event);
    return true;
  }

  #keyedText(event: KeyboardEvent): boolean {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.options.submit();
    else if (event.key === "Escape" && this.options.leave) this.options.leave();
    else return false;
    return true;
  }

  #pasted(event: ClipboardEvent): void {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length || !this.options.files) return;
    event.preventDefault();
    this.options.files(files);
  }

  #row(person: Member, at: number): TemplateResult {
    const chosen = (event: Event): void => {
      event.preventDefault(); // the focus stays in the text
      this.#choose(person);
    };
    return html`<li id="${this.#id}-${at}" role="option" aria-selected=${at === this.#at ? "true" : "false"} @mousedown=${chosen}>
      ${avatar(person, { title: "" })}<span class="mention-name">${person.name}</span><small>@${person.username}</small>
    </li>`;
  }

  #render(): void {
    const { label, placeholder, rows } = this.options;
    const open = this.#found.length > 0;
    render(
      html`<textarea
          aria-label=${label} placeholder=${placeholder ?? ""} rows=${rows} maxlength="10000" aria-autocomplete="list"
          aria-controls=${open ? this.#id : nothing} aria-activedescendant=${open ? `${this.#id}-${this.#at}` : nothing}
          @input=${() => (this.#offer(), this.options.typed())} @keydown=${(event: KeyboardEvent) => this.#keyed(event)}
          @click=${() => this.#offer()} @blur=${() => this.#close()} @paste=${(event: ClipboardEvent) => this.#pasted(event)}
        ></textarea>
        ${open ? html`<ul id=${this.#id} class="mention-list" role="listbox" aria-label="People">${this.#found.map((person, at) => this.#row(person, at))}</ul>` : nothing}`,
      this.element,
    );
  }
}
