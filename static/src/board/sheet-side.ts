/** The side of a card's sheet: labels, people, the day, and what can be done with the card. */

import { html, noChange, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { copyCard, editCard } from "../model/actions";
import { archiveCard } from "../model/archive";
import { dayAfter, dayWords, dueState, today } from "../model/due";
import type { Store } from "../model/store";
import type { Card } from "../model/types";
import { avatar } from "../ui/avatar";
import { icon, type IconName } from "../ui/icons";
import { toast } from "../ui/toast";
import { deleteDialog } from "./card-dialogs";
import { assigneesOf, chip, labelsOf } from "./chips";
import { pickAssignees, pickLabels } from "./pickers";

export type SideName = "labels" | "assignees" | "due";

function part(name: SideName, title: string, body: TemplateResult, change: (() => void) | null): TemplateResult {
  const button = html`<button type="button" class="icon-button" data-part=${name} aria-label="Change ${title.toLowerCase()}" title="Change ${title.toLowerCase()}" @click=${change}>${icon("plus")}</button>`;
  return html`<section class="sheet-part" aria-label=${title}><header><h3>${title}</h3>${change ? button : nothing}</header>${body}</section>`;
}

const none = (words: string): TemplateResult => html`<p class="sheet-none">${words}</p>`;

function labels(store: Store, card: Card, canEdit: boolean): TemplateResult {
  const borne = labelsOf(store, card);
  const body = borne.length ? html`<p class="chips">${borne.map((label) => chip(label))}</p>` : none("None");
  return part("labels", "Labels", body, canEdit ? () => pickLabels(store, [card]) : null);
}

function assignees(store: Store, card: Card, canEdit: boolean): TemplateResult {
  const people = assigneesOf(store, card);
  const row = people.map((person) => html`<li>${avatar(person, { title: "" })}<span>${person.name}</span></li>`);
  const mine = card.assignees.includes(store.me.id);
  const take = html`<button type="button" class="button small quiet" @click=${() => void editCard(store, card.id, { assignees: [...card.assignees, store.me.id] })}>Assign to me</button>`;
  const body = html`${people.length ? html`<ul class="sheet-people">${row}</ul>` : none("Nobody")}${canEdit && !mine ? take : nothing}`;
  return part("assignees", "Assigned to", body, canEdit ? () => pickAssignees(store, [card]) : null);
}

const TYPING_MS = 700;
const EARLIEST = "1970-01-01";
let typing = 0;

/** A day that is being typed passes through others, such as the year 2: it counts once the typing rests, or the field is left. */
function dayField(card: Card, set: (day: string | null) => void): TemplateResult {
  const take = (field: HTMLInputElement): void => {
    clearTimeout(typing);
    if (!field.validity.badInput && (!field.value || field.value >= EARLIEST)) set(field.value || null);
  };
  const changed = (event: Event): void => {
    const field = event.currentTarget as HTMLInputElement;
    clearTimeout(typing);
    typing = setTimeout(() => take(field), TYPING_MS);
  };
  const writing = document.activeElement?.matches("input[data-part='due']") ?? false;
  return html`<input
    type="date" data-part="due" aria-label="Due on" max="9999-12-31" .value=${writing ? noChange : live(card.due_on ?? "")}
    @change=${changed} @blur=${(event: Event) => take(event.currentTarget as HTMLInputElement)}
  />`;
}

function due(store: Store, card: Card, canEdit: boolean): TemplateResult {
  const state = dueState(card, store.board.columns.find((column) => column.id === card.column));
  const words = card.due_on ? html`<span class="due-words" data-due=${state ?? nothing}>${state === "overdue" ? "Overdue: " : nothing}${dayWords(card.due_on)}</span>` : nothing;
  if (!canEdit) return part("due", "Due", card.due_on ? html`<p>${words}</p>` : none("No day"), null);
  const set = (day: string | null): void => {
    if (day !== card.due_on) void editCard(store, card.id, { due_on: day });
  };
  const quick = (name: string, day: string | null): TemplateResult =>
    html`<button type="button" class="button small quiet" ?disabled=${card.due_on === day} @click=${() => set(day)}>${name}</button>`;
  const now = today();
  return part("due", "Due", html`
    ${dayField(card, set)}
    ${words}
    <p class="sheet-quick">${quick("Today", now)}${quick("Tomorrow", dayAfter(now, 1))}${quick("In a week", dayAfter(now, 7))}${card.due_on ? quick("No day", null) : nothing}</p>`, null);
}

/** What leaves the sheet. */
function actions(store: Store, card: Card, close: () => void): TemplateResult {
  const away = (run: () => void) => (): void => (close(), run());
  const button = (name: IconName, words: string, run: () => void): TemplateResult =>
    html`<button type="button" class="button small quiet" @click=${run}>${icon(name)}${words}</button>`;
  return html`<section class="sheet-part sheet-actions" aria-label="What can be done">
    ${button("plus", "New card like this", () => void copyCard(store, card).then((made) => made && toast({ tone: "info", title: `Added another “${made.title}”.` })))}
    ${button("copy", card.is_template ? "No template any more" : "Make it a template", () => void editCard(store, card.id, { is_template: !card.is_template }))}
    ${button("archive", "Archive", away(() => void archiveCard(store, card.id)))}
    ${button("trash", "Delete…", () => void deleteDialog(store, card).then((gone) => gone && close()))}
  </section>`;
}

export function sheetSide(store: Store, card: Card, canEdit: boolean, close: () => void): TemplateResult {
  return html`<aside class="sheet-side" aria-label="About this card">
    ${labels(store, card, canEdit)} ${assignees(store, card, canEdit)} ${due(store, card, canEdit)} ${canEdit ? actions(store, card, close) : nothing}
  </aside>`;
}
