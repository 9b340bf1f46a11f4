/** What a user does about layers of sessions. */

import { api } from "../net/api";
import { announce } from "../ui/announce";
import { toast } from "../ui/toast";
import { optimistically } from "./actions";
import { cardsBehind, isMounted, recipeOf, sessionLayers, sessionsWords } from "./layers";
import type { Store } from "./store";
import type { Board, Card } from "./types";
import { planned, progressOf, type CardProgress, type UpdateRun } from "./update-run";

const same = (board: Board): Board => board;

function asked(store: Store, what: string, call: () => Promise<Card>): Promise<boolean> {
  return optimistically(store, what, same, call, (card) => store.putCard(card));
}

export const updateLayer = (store: Store, card: Card, recipe: number, version?: number): Promise<boolean> =>
  asked(store, `Couldn’t change the layer of “${card.title}”.`, () => api.updateLayers(card.id, version === undefined ? { recipe } : { recipe, version }));

/** To all that its stack gives now. */
export const followStack = (store: Store, card: Card): Promise<boolean> => asked(store, `Couldn’t update “${card.title}”.`, () => api.updateLayers(card.id, {}));

export const addLayer = (store: Store, card: Card, recipe: number): Promise<boolean> =>
  asked(store, `Couldn’t add the layer to “${card.title}”.`, () => api.addLayer(card.id, recipe));

export const removeLayer = (store: Store, card: Card, recipe: number): Promise<boolean> =>
  asked(store, `Couldn’t remove the layer from “${card.title}”.`, () => api.removeLayer(card.id, recipe));

export const restartCard = (store: Store, card: Card): Promise<boolean> =>
  asked(store, `Couldn’t restart “${card.title}”.`, () => api.restartCard(card.id));

type Show = (run: UpdateRun) => void;

const PATIENCE_MS = 120_000;

/** Back to what each session ran, as far as nobody has changed it since. */
export async function undoUpdate(store: Store, run: UpdateRun): Promise<void> {
  if (store.ui.updating === run) store.setUi({ updating: null });
  for (const { id, steps } of run.cards) {
    for (const { recipe, from, to } of steps) {
      const card = store.card(id);
      const layer = card && sessionLayers(card).find((each) => each.recipe === recipe);
      if (!card || (layer?.wants ?? null) !== to || from === to) continue;
      const known = recipeOf(store.board, recipe);
      if (from === null && known && isMounted(known)) await removeLayer(store, card, recipe);
      else if (from === null) continue;
      else if (to === null) await addLayer(store, card, recipe);
      else await updateLayer(store, card, recipe, from);
    }
  }
}

function tellEnd(store: Store, run: UpdateRun, ended: CardProgress[], show: Show): void {
  const count = (state: CardProgress["state"]): number => ended.filter((card) => card.state === state).length;
  const bad = count("failed") + count("going");
  if (bad) {
    const title = ended.length === 1 ? "The session could not be updated." : `${bad} of ${sessionsWords(ended.length)} could not be updated.`;
    toast({ tone: "error", title, detail: ended.find((card) => card.problem)?.problem ?? "", action: { words: "Show", run: () => show(run) } });
    return;
  }
  const detail = count("waits") ? "What can’t change under a session comes at its next start." : "Running programs were left as they are.";
  toast({ tone: "info", title: `${sessionsWords(ended.length)} updated.`, detail, action: { words: "Undo", run: () => void undoUpdate(store, run) } });
}

/** Looks at the board as it changes, until every session has come to its end. */
function follow(store: Store, run: UpdateRun, show: Show): void {
  const look = (late: boolean): void => {
    const taken = store.ui.updating !== run; // back, before it came to its end
    const now = progressOf(store.board, run);
    if (!late && !taken && now.some((card) => card.state === "going")) return;
    forget();
    clearTimeout(timer);
    if (taken) return;
    store.setUi({ updating: null });
    tellEnd(store, run, now, show);
  };
  const forget = store.subscribe(() => look(false));
  const timer = setTimeout(() => look(true), PATIENCE_MS);
  look(false);
}

async function update(store: Store, cards: Card[], call: () => Promise<unknown>, show: Show): Promise<void> {
  if (store.ui.updating || !cards.length) return;
  const run = planned(store.board, cards);
  store.setUi({ updating: run });
  announce(`Updating ${sessionsWords(cards.length)}.`);
  if (await optimistically(store, "Couldn’t update.", same, call, () => undefined)) follow(store, run, show);
  else store.setUi({ updating: null });
}

/** Every session of the board that is behind. `show` opens the list of how each fares. */
export const updateAll = (store: Store, show: Show): Promise<void> => update(store, cardsBehind(store.board), () => api.updateBoard(store.board.id), show);

export const updateCard = (store: Store, card: Card, show: Show): Promise<void> =>
  update(store, [card], () => api.updateLayers(card.id, {}).then((changed) => store.putCard(changed)), show);
