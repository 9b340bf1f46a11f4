/** Keys on a card that has the focus. Where it is one of several chosen ones, they mean all of these. */

import { archiveCards } from "../model/bulk";
import { mayEdit } from "../model/may";
import type { Store } from "../model/store";
import type { Card } from "../model/types";
import { cardElement } from "../ui/focus";
import type { BoardActions } from "./card";
import { agentSheet } from "./agent-items";
import { assignToMe, meant, showCardMenu } from "./card-menu";
import { cardSheet } from "./card-sheet";
import { fork, mayFork, showSleepMenu } from "./life-menu";
import { pickLabels } from "./pickers";

/** True when the key meant something. `next` has the focus go to the neighbour of a card that leaves. */
export function cardKey(store: Store, actions: BoardActions, card: Card, event: KeyboardEvent, archiveOne: () => void): boolean {
  const anchor = cardElement(card.id);
  if (event.key === "e") cardSheet(store, card);
  else if (anchor && (event.key === "ContextMenu" || (event.shiftKey && event.key === "F10"))) showCardMenu(store, actions, card, anchor);
  else if (!mayEdit(store)) return false;
  else if (event.key === "x") actions.select(card.id, "toggle");
  else if (event.key === "l") pickLabels(store, meant(store, card), anchor);
  else if (event.key === "m") assignToMe(store, meant(store, card));
  else if (event.key === "s") showSleepMenu(store, card, anchor);
  else if (event.key === "f" && mayFork(card)) void fork(store, card);
  else if (event.key === "g") agentSheet(store, card);
  else if (event.key === "d") cardSheet(store, card, { focus: "due" });
  else if (event.key === "a") {
    const cards = meant(store, card);
    if (cards.length > 1) void archiveCards(store, cards);
    else archiveOne();
  } else return false;
  return true;
}
