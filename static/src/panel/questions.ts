/** The open questions of the card whose terminal is shown, laid over it. */

import { QuestionBox } from "../board/question-box";
import { mayEdit } from "../model/may";
import type { Store } from "../model/store";
import type { Card } from "../model/types";
import { api } from "../net/api";

let shown: { card: string; version: number; box: QuestionBox } | null = null;

function boxOf(store: Store, card: Card): QuestionBox {
  const answer = (id: string, text: string): Promise<unknown> => api.answerQuestion(id, text);
  return new QuestionBox({ load: () => api.questions(card.id, { open: true, limit: 20 }), folds: true, ...(mayEdit(store) ? { answer } : {}) });
}

/** Where it stays while the card is open; empty where nobody asks. */
export function questionsOver(store: Store, card: Card): HTMLElement | null {
  if (shown && shown.card !== card.id) {
    shown.box.close();
    shown = null;
  }
  if (!shown && !card.questions) return null;
  if (!shown) shown = { card: card.id, version: card.version, box: boxOf(store, card) };
  else if (shown.version !== card.version) {
    shown.version = card.version;
    if (card.questions || !shown.box.empty) shown.box.refresh();
  }
  return shown.box.element;
}
