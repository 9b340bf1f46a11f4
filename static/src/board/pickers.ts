/** Choosing the labels and the people of one card, or of several at once. */

import { html, type TemplateResult } from "lit-html";
import { editCard } from "../model/actions";
import { markCards, type CardList } from "../model/bulk";
import { createLabel } from "../model/labels";
import type { Store } from "../model/store";
import type { Card } from "../model/types";
import { avatar } from "../ui/avatar";
import { showPicker, type Choice, type Chosen } from "../ui/picker";
import { chip } from "./chips";
import { labelsDialog } from "./labels-dialog";

const about = (cards: Card[]): string => (cards.length === 1 ? `“${cards[0]?.title}”` : `${cards.length} cards`);

/** The cards as they are now; those that are gone meanwhile are left out. */
const current = (store: Store, cards: Card[]): Card[] => cards.flatMap((card) => store.card(card.id) ?? []);

function chosen(cards: Card[], list: CardList, id: string): Chosen {
  const bearing = cards.filter((card) => card[list].includes(id)).length;
  return bearing === 0 ? "none" : bearing === cards.length ? "all" : "some";
}

/** On all of them, or off all where all had it. */
function toggle(store: Store, cards: Card[], list: CardList, id: string): void {
  const now = current(store, cards);
  const on = chosen(now, list, id) !== "all";
  const [only, ...more] = now;
  if (!only) return;
  if (more.length) return void markCards(store, now, list, id, on);
  const next = on ? [...only[list], id] : only[list].filter((each) => each !== id);
  void editCard(store, only.id, list === "labels" ? { labels: next } : { assignees: next });
}

export function pickLabels(store: Store, cards: Card[], anchor?: Element | null): void {
  const footer = (close: () => void): TemplateResult => html`<button type="button" class="button small quiet" @click=${() => (close(), labelsDialog(store))}>Edit labels…</button>`;
  showPicker(
    {
      label: `Labels of ${about(cards)}`,
      placeholder: "Find or create a label",
      empty: "No labels yet. Type a name to create the first one.",
      choices: () => store.board.labels.map((label): Choice => ({ id: label.id, words: label.name, look: chip(label), chosen: chosen(current(store, cards), "labels", label.id) })),
      toggle: (choice) => toggle(store, cards, "labels", choice.id),
      create: (words) => void createLabel(store, words).then((label) => label && toggle(store, cards, "labels", label.id)),
      footer,
      subscribe: (changed) => store.subscribe(changed),
    },
    anchor,
  );
}

export function pickAssignees(store: Store, cards: Card[], anchor?: Element | null): void {
  const me = store.me.id;
  const people = (): Choice[] =>
    [...store.board.members].sort((a, b) => Number(b.id === me) - Number(a.id === me)).map((member) => ({
      id: member.id,
      words: `${member.name} ${member.username}`,
      look: html`${avatar(member, { title: "" })}<span class="picker-words">${member.name}${member.id === me ? " (you)" : ""}</span>`,
      chosen: chosen(current(store, cards), "assignees", member.id),
    }));
  showPicker(
    {
      label: `Who ${about(cards)} is assigned to`,
      placeholder: "Find a member",
      empty: "The board has no members.",
      choices: people,
      toggle: (choice) => toggle(store, cards, "assignees", choice.id),
      subscribe: (changed) => store.subscribe(changed),
    },
    anchor,
  );
}
