/** What was asked about a card: a part of its details, there once somebody asked. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { mayEdit } from "../model/may";
import type { Question } from "../model/questions";
import type { Store } from "../model/store";
import type { Card } from "../model/types";
import { api } from "../net/api";
import { ago } from "../ui/time";
import { QuestionBox } from "./question-box";
import type { SheetSection } from "./sheet-sections";

const SHOWN = 50;

class Questions implements SheetSection {
  readonly element = document.createElement("section");
  #past: Question[] = [];
  #version: number;
  #open: number; // as many as the card last told
  readonly #box: QuestionBox;

  constructor(
    readonly store: Store,
    readonly card: Card,
  ) {
    this.#version = card.version;
    this.#open = card.questions;
    const answer = (id: string, text: string): Promise<unknown> => api.answerQuestion(id, text);
    this.#box = new QuestionBox({ load: () => this.#load(), ...(mayEdit(store) ? { answer } : {}) }, () => this.#render());
    this.element.className = "sheet-section questions-section";
    this.element.setAttribute("aria-label", "Questions");
    this.#render();
  }

  changed(card: Card): void {
    if (card.version === this.#version) return;
    this.#version = card.version;
    const news = card.questions !== this.#open; // one that was answered is told with the earlier ones
    this.#open = card.questions;
    if (news || card.questions || !this.#box.empty) this.#box.refresh();
  }

  unsaved(): boolean {
    return this.#box.unsaved();
  }

  focus(): void {
    this.element.scrollIntoView({ block: "start" });
    this.element.querySelector<HTMLElement>("button, input")?.focus({ preventScroll: true });
  }

  closed(): void {
    this.#box.close();
  }

  async #load(): Promise<Question[]> {
    const all = await api.questions(this.card.id, { limit: SHOWN });
    this.#past = all.filter((each) => !each.open).reverse();
    return all.filter((each) => each.open);
  }

  #line(question: Question): TemplateResult {
    const outcome = question.answered_at ? html`<strong>${question.answered_by}</strong>: ${question.answer}` : html`Withdrawn`;
    return html`<li><p class="question-text">${question.text}</p><p class="question-outcome">${outcome}<time datetime=${question.created_at}>${ago(question.answered_at ?? question.created_at)}</time></p></li>`;
  }

  #render(): void {
    const count = this.#past.length;
    this.element.hidden = this.#box.empty && !count;
    const past = html`<details class="questions-past"><summary>${count === 1 ? "1 earlier question" : `${count} earlier questions`}</summary><ol>${this.#past.map((each) => this.#line(each))}</ol></details>`;
    render(html`<header><h3>Questions</h3></header>${this.#box.element}${count ? past : nothing}`, this.element);
  }
}

export const questionsSection = (store: Store, card: Card): SheetSection => new Questions(store, card);
