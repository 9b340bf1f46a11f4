/** An update of several sessions: what each ran before, what it is to come to, and how far that is. Pure. */

import { missing, offered, pending, sessionLayers } from "./layers";
import type { Board, Card } from "./types";

interface Step {
  recipe: number;
  from: number | null;
  to: number | null;
}

export interface UpdateRun {
  cards: { id: string; title: string; steps: Step[] }[];
}

export interface CardProgress {
  id: string;
  title: string;
  state: "going" | "done" | "waits" | "failed";
  problem: string;
}

export function planned(board: Board, cards: Card[]): UpdateRun {
  const steps = (card: Card): Step[] => [
    ...sessionLayers(card)
      .map((layer) => ({ recipe: layer.recipe, from: layer.wants, to: layer.wants === null ? null : offered(board, card, layer) }))
      .filter((step) => step.from !== step.to),
    ...missing(board, card).map((recipe) => ({ recipe: recipe.id, from: null, to: recipe.latest })),
  ];
  return { cards: cards.map((card) => ({ id: card.id, title: card.title, steps: steps(card) })) };
}

/** Null: the wish has not come, or is being fulfilled. A layer that somebody has changed since is no concern of the run. */
function ofStep(card: Card, step: Step): Omit<CardProgress, "id" | "title"> | null {
  const layer = sessionLayers(card).find((each) => each.recipe === step.recipe);
  if (!layer) return step.from === null ? null : { state: "done", problem: "" };
  if (layer.wants === step.from && step.from !== step.to) return null;
  const next = pending(card, layer);
  if (layer.problem && next) return { state: "failed", problem: layer.problem };
  return next === "updating" ? null : { state: next ? "waits" : "done", problem: "" };
}

function ofCard(board: Board, { id, title, steps }: UpdateRun["cards"][number]): CardProgress {
  const card = board.columns.flatMap((column) => column.cards).find((each) => each.id === id);
  const found = card ? steps.map((step) => ofStep(card, step)) : [];
  const failed = found.find((each) => each?.state === "failed");
  if (failed) return { id, title, ...failed };
  const state = found.some((each) => each === null) ? "going" : found.some((each) => each?.state === "waits") ? "waits" : "done";
  return { id, title, state, problem: "" };
}

export const progressOf = (board: Board, run: UpdateRun): CardProgress[] => run.cards.map((card) => ofCard(board, card));
