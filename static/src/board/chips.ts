/** Labels, people and the day of a card, small. */

import { html, nothing, type TemplateResult } from "lit-html";
import { findCard } from "../model/board";
import { dayWords, dueState } from "../model/due";
import type { Store } from "../model/store";
import type { Card, Column, Label, Member } from "../model/types";
import { avatar } from "../ui/avatar";
import { icon } from "../ui/icons";

const MOST_PEOPLE = 4;

/** In the board's order; what the board has no longer is left out. */
export const labelsOf = (store: Store, card: Card): Label[] =>
  card.labels.length ? store.board.labels.filter((label) => card.labels.includes(label.id)) : [];

export const assigneesOf = (store: Store, card: Card): Member[] =>
  card.assignees.length ? store.board.members.filter((member) => card.assignees.includes(member.id)) : [];

export function chip(label: Label): TemplateResult {
  return html`<span class="chip" data-hue=${label.colour}>${label.name}</span>`;
}

function dueChip(card: Card, column: Column): TemplateResult | typeof nothing {
  if (!card.due_on) return nothing;
  const state = dueState(card, column);
  const words = dayWords(card.due_on);
  return html`<span class="due" data-due=${state ?? nothing}>${icon("calendar")}${state === "overdue" ? `Overdue: ${words}` : words}</span>`;
}

function people(store: Store, card: Card): TemplateResult | typeof nothing {
  const all = assigneesOf(store, card);
  if (!all.length) return nothing;
  const more = all.length - MOST_PEOPLE;
  return html`<span class="avatars">${all.slice(0, MOST_PEOPLE).map((person) => avatar(person, { title: `Assigned to ${person.name}` }))}
    ${more > 0 ? html`<span class="more-people">+${more}</span>` : nothing}</span>`;
}

const count = (name: "comment" | "clip", number: number, words: string): TemplateResult | typeof nothing =>
  number ? html`<span class="card-count" role="img" aria-label="${number} ${words}" title="${number} ${words}">${icon(name)}${number}</span>` : nothing;

export function labelRow(store: Store, card: Card): TemplateResult | typeof nothing {
  const labels = labelsOf(store, card);
  return labels.length ? html`<p class="chips">${labels.map(chip)}</p>` : nothing;
}

/** The last line of a card: the day, how much was said, and who does it. */
export function metaRow(store: Store, card: Card, column: Column): TemplateResult | typeof nothing {
  if (!card.due_on && !card.is_template && !card.comments && !card.files && !assigneesOf(store, card).length) return nothing;
  return html`<div class="card-meta">
    ${card.is_template ? html`<span class="template-mark">${icon("copy")}Template</span>` : nothing}
    ${dueChip(card, column)} ${count("comment", card.comments, card.comments === 1 ? "comment" : "comments")} ${count("clip", card.files, card.files === 1 ? "file" : "files")}
    ${store.mentionedOn(card.id) ? html`<span class="mention-mark" role="img" aria-label="You are mentioned" title="You are mentioned">@</span>` : nothing}
    <span class="spacer"></span>${people(store, card)}
  </div>`;
}

/** What of this a screen reader is told with the card's name. */
export function metaWords(store: Store, card: Card, column: Column): string {
  const due = card.due_on ? `${dueState(card, column) === "overdue" ? "Overdue" : "Due"}: ${dayWords(card.due_on)}` : "";
  const parent = findCard(store.board, card.forked_from)?.title;
  const names = assigneesOf(store, card).map((person) => person.name).join(", ");
  const labels = labelsOf(store, card).map((label) => label.name).join(", ");
  const named = store.mentionedOn(card.id) ? "You are mentioned" : "";
  return [card.is_template ? "Template" : "", parent ? `Fork of ${parent}` : "", labels, due, names && `Assigned to ${names}`, named].filter(Boolean).map((words) => ` ${words}.`).join("");
}
