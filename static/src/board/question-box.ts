/** The open questions of a card, with the ways to answer them: the same in the card's details, beside its terminal and for guests. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import type { Question } from "../model/questions";
import { announce } from "../ui/announce";
import { icon } from "../ui/icons";
import { links } from "../ui/links";
import { ago } from "../ui/time";
import { toast } from "../ui/toast";

const AGAIN_MS = 150;
const TICK_MS = 30_000;

export interface QuestionSource {
  load(): Promise<Question[]>;
  /** Nothing for those who may only look. */
  answer?: (id: string, text: string) => Promise<unknown>;
  /** Whether it can be laid aside: over a terminal. */
  folds?: boolean;
}

export class QuestionBox {
  readonly element = document.createElement("div");
  #open: Question[] = [];
  #sending: string | null = null;
  #folded = false;
  #timer = 0;
  #closed = false;
  readonly #tick = setInterval(() => this.#render(), TICK_MS);

  constructor(
    readonly source: QuestionSource,
    readonly changed: () => void = () => {},
  ) {
    this.element.className = "questions";
    this.element.dataset["testid"] = "questions";
    this.#render();
    void this.#load();
  }

  get empty(): boolean {
    return !this.#open.length;
  }

  /** Something may have changed: look, once for what comes together. */
  refresh(): void {
    this.#timer ||= setTimeout(() => void this.#load(), AGAIN_MS);
  }

  /** Something was written and not sent. */
  unsaved(): boolean {
    return [...this.element.querySelectorAll("input")].some((field) => field.value.trim() !== "");
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearInterval(this.#tick);
  }

  async #load(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = 0;
    const known = new Set(this.#open.map((each) => each.id));
    const found = await this.source.load().catch(() => this.#open); // the next change tries again
    if (this.#closed) return;
    const fresh = found.filter((each) => !known.has(each.id));
    this.#open = found;
    if (fresh[0]) {
      this.#folded = false;
      announce(`${fresh[0].asked_by} asks: ${fresh[0].text}`);
    }
    this.#render();
    this.changed();
  }

  async #answer(question: Question, text: string): Promise<void> {
    if (!text.trim() || this.#sending || !this.source.answer) return;
    this.#sending = question.id;
    this.#render();
    try {
      await this.source.answer(question.id, text.trim());
      this.#open = this.#open.filter((each) => each.id !== question.id);
    } catch (error) {
      toast({ tone: "error", title: "Your answer was not taken.", detail: error instanceof Error ? error.message : String(error) });
      this.refresh();
    }
    this.#sending = null;
    this.#render();
    this.changed();
  }

  #ways(question: Question): TemplateResult {
    const sends = this.#sending !== null;
    const chosen = (text: string): void => void this.#answer(question, text);
    const sent = (event: SubmitEvent): void => {
      event.preventDefault();
      const field = (event.currentTarget as HTMLFormElement).querySelector("input");
      if (field) chosen(field.value);
    };
    const options = question.options.map((each) => html`<button type="button" class="button small" ?disabled=${sends} @click=${() => chosen(each)}>${each}</button>`);
    return html`${options.length ? html`<p class="question-options">${options}</p>` : nothing}
      <form class="question-answer" @submit=${sent}>
        <input type="text" maxlength="10000" autocomplete="off" ?readonly=${sends} aria-label="Your answer to ${question.asked_by}" placeholder=${options.length ? "Or in your own words" : "Your answer"} />
        <button type="submit" class="button small primary" ?disabled=${sends}>${this.#sending === question.id ? "Sending…" : "Answer"}</button>
      </form>`;
  }

  #lookOnly(question: Question): TemplateResult {
    const options = question.options.length ? html`<p class="question-options">${question.options.map((each) => html`<span class="question-option">${each}</span>`)}</p>` : nothing;
    return html`${options}<p class="question-note">Waits for an answer from who may change the board.</p>`;
  }

  #question(question: Question): TemplateResult {
    return html`<section class="question" data-question=${question.id} aria-label="Question from ${question.asked_by}">
      <p class="question-head">${icon("hand")}<strong>${question.asked_by}</strong> asks<time datetime=${question.created_at}>${ago(question.created_at)}</time></p>
      <p class="question-text">${links(question.text)}</p>
      ${this.source.answer ? this.#ways(question) : this.#lookOnly(question)}
    </section>`;
  }

  #fold(folded: boolean): void {
    this.#folded = folded;
    this.#render();
    this.element.querySelector<HTMLElement>(folded ? ".questions-chip" : ".questions-fold")?.focus();
  }

  #body(): TemplateResult {
    const count = this.#open.length;
    if (this.#folded) {
      return html`<button type="button" class="button small questions-chip" @click=${() => this.#fold(false)}>${icon("hand")}${count === 1 ? "1 question" : `${count} questions`}</button>`;
    }
    const aside = html`<button type="button" class="icon-button questions-fold" aria-label="Answer later" title="Answer later" @click=${() => this.#fold(true)}>${icon("minus")}</button>`;
    return html`${this.source.folds ? aside : nothing}${repeat(this.#open, (each) => each.id, (each) => this.#question(each))}`;
  }

  #render(): void {
    this.element.hidden = this.empty;
    this.element.toggleAttribute("data-folded", this.#folded);
    render(this.empty ? nothing : this.#body(), this.element);
  }
}
