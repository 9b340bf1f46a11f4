/** What can be done with a card, as a menu; and with several chosen ones. */

import { copyCard, editCard } from "../model/actions";
import { archiveCard } from "../model/archive";
import { archiveCards, cardsWords, markCards } from "../model/bulk";
import { mayEdit } from "../model/may";
import { chosenOf } from "../model/selection";
import type { Store } from "../model/store";
import type { Card } from "../model/types";
import { announce } from "../ui/announce";
import { showMenu, type MenuItem } from "../ui/menu";
import type { Box } from "../ui/place";
import { accessTokens } from "./access-tokens";
import type { BoardActions } from "./card";
import { deleteDialog, deleteManyDialog, moveDialog } from "./card-dialogs";
import { agentItems } from "./agent-items";
import { cardSheet } from "./card-sheet";
import { lifeItems } from "./life-menu";
import { pickAssignees, pickLabels } from "./pickers";

/** The chosen cards where `card` is one of them, else the card alone. */
export function meant(store: Store, card: Card): Card[] {
  return store.ui.selected.includes(card.id) ? chosenOf(store.board, store.ui.selected) : [card];
}

/** On all of them, or off all where all had it. */
export function assignToMe(store: Store, cards: Card[]): void {
  const me = store.me.id;
  const on = !cards.every((card) => card.assignees.includes(me));
  const [card, ...more] = cards;
  if (more.length) void markCards(store, cards, "assignees", me, on);
  else if (card) void editCard(store, card.id, { assignees: on ? [...card.assignees, me] : card.assignees.filter((each) => each !== me) });
  announce(on ? "Assigned to you." : "No longer assigned to you.");
}

/** The copy is opened at its title, which is what will differ. */
export async function copyAndName(store: Store, card: Card): Promise<void> {
  const made = await copyCard(store, card);
  if (made) cardSheet(store, made, { focus: "title" });
}

function editItems(store: Store, actions: BoardActions, card: Card, anchor: Element | null): MenuItem[][] {
  const mine = card.assignees.includes(store.me.id);
  const template: MenuItem = {
    words: card.is_template ? "No template any more" : "Make it a template",
    icon: "copy",
    action: () => void editCard(store, card.id, { is_template: !card.is_template }),
  };
  return [
    lifeItems(store, card, anchor),
    agentItems(store, card),
    [
      { words: "Labels…", icon: "tag", key: "L", action: () => pickLabels(store, [card], anchor) },
      { words: mine ? "Take me off" : "Assign to me", icon: "person", key: "M", action: () => assignToMe(store, [card]) },
      { words: "Assign…", icon: "person", action: () => pickAssignees(store, [card], anchor) },
      { words: "Due…", icon: "calendar", key: "D", action: () => cardSheet(store, card, { focus: "due" }) },
    ],
    [{ words: "New card like this", icon: "plus", action: () => void copyAndName(store, card) }, template, { words: "Select", icon: "check", key: "X", action: () => actions.select(card.id, "toggle") }],
    [
      { words: "Move to…", icon: "grip", action: () => void moveDialog(store, [card], actions.drop) },
      { words: "Archive", icon: "archive", key: "A", action: () => void archiveCard(store, card.id) },
      { words: "Token for this card…", icon: "key", action: () => accessTokens(store, card) },
      { words: "Delete…", icon: "trash", action: () => void deleteDialog(store, card) },
    ],
  ];
}

export function manyItems(store: Store, actions: BoardActions, cards: Card[], anchor: Element | null): MenuItem[][] {
  return [
    [
      { words: "Labels…", icon: "tag", key: "L", action: () => pickLabels(store, cards, anchor) },
      { words: "Assign…", icon: "person", action: () => pickAssignees(store, cards, anchor) },
      { words: "Move to…", icon: "grip", action: () => void moveDialog(store, cards, actions.drop) },
    ],
    [
      { words: `Archive ${cardsWords(cards.length)}`, icon: "archive", key: "A", action: () => void archiveCards(store, cards) },
      { words: `Delete ${cardsWords(cards.length)}…`, icon: "trash", action: () => void deleteManyDialog(store, cards) },
    ],
  ];
}

export function showCardMenu(store: Store, actions: BoardActions, card: Card, place: Element | Box): void {
  const anchor = place instanceof Element ? place : document.querySelector(`[data-card="${CSS.escape(card.id)}"]`);
  const cards = meant(store, card);
  if (cards.length > 1) return showMenu(cardsWords(cards.length), place, manyItems(store, actions, cards, anchor));
  const look: MenuItem[] = [
    { words: "Open terminal", icon: "forward", key: "Enter", action: () => actions.open(card.id) },
    { words: "Details", icon: "text", key: "E", action: () => cardSheet(store, card) },
  ];
  showMenu(card.title, place, [look, ...(mayEdit(store) ? editItems(store, actions, card, anchor) : [])]);
}
