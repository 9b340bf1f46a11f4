/** Layers of a board and of its sessions: what runs, what is behind, and what a user does about it. */

import { api } from "../net/api";
import { announce } from "../ui/announce";
import { toast } from "../ui/toast";
import { optimistically } from "./actions";
import type { Store } from "./store";
import type { Board, Card } from "./types";

export type LayerKind = "base" | "project" | "toolchain" | "profile";
export type BuildState = "building" | "ready" | "failed" | "cancelled" | "none";
export type Policy = "manual" | "at_start" | "live";

/** From the top of a stack to its bottom. */
export const KINDS: LayerKind[] = ["profile", "toolchain", "project", "base"];
export const KIND_WORDS: Record<LayerKind, string> = { profile: "Profile", toolchain: "Toolchain", project: "Project", base: "Base" };

/** What every page of a board knows of a recipe. */
export interface RecipeShort {
  id: number;
  kind: LayerKind;
  name: string;
  /** The number of the newest version that is ready. */
  latest: number | null;
  latest_size_bytes: number | null;
  state: BuildState;
  progress: number | null;
}

export interface Stack {
  id: number | null;
  policy: Policy;
  layers: { recipe: number; pinned: number | null }[];
}

/** A layer of a session. No `runs`: it is to be added; no `wants`: it is to go. */
export interface SessionLayer {
  recipe: number;
  kind: LayerKind;
  name: string;
  runs: number | null;
  wants: number | null;
  size_bytes: number | null;
  problem: string;
  conflicts: string[];
}

export interface LayersNews {
  recipes: RecipeShort[];
  stack: Stack;
}

const mounted = (layer: SessionLayer): boolean => layer.kind === "profile" || layer.kind === "toolchain";
export const sessionLayers = (card: Card): SessionLayer[] => card.session?.layers ?? [];
export const recipeOf = (board: Board, id: number): RecipeShort | undefined => board.recipes.find((recipe) => recipe.id === id);

/** The version that an update brings: the stack's pinned one, else the newest. Of a card with a stack of its own the newest is meant. */
export function offered(board: Board, card: Card, recipe: number): number | null {
  const ofBoard = card.stack === board.stack.id ? board.stack.layers.find((layer) => layer.recipe === recipe) : undefined;
  return ofBoard?.pinned ?? recipeOf(board, recipe)?.latest ?? null;
}

/** How many versions a layer is behind; 0 where an update of it is under way or nothing newer is there. */
export function behind(board: Board, card: Card, layer: SessionLayer): number {
  const to = offered(board, card, layer.recipe);
  return layer.wants === null || to === null ? 0 : Math.max(0, to - layer.wants);
}

/** What the board's stack has by now, and a session of it not yet: an update brings it. */
export function missing(board: Board, card: Card): RecipeShort[] {
  const { session } = card;
  if (!session?.layers.length || card.stack !== board.stack.id) return [];
  const known = new Set([...session.layers.map((layer) => layer.recipe), ...session.without]);
  const found = board.stack.layers.filter((layer) => !known.has(layer.recipe)).map((layer) => recipeOf(board, layer.recipe));
  return found.filter((recipe): recipe is RecipeShort => recipe?.latest != null);
}

/** It changes at the next start, or is changing now. */
export type Pending = "at next start" | "updating" | null;

export function pending(card: Card, layer: SessionLayer): Pending {
  if (layer.runs === layer.wants) return null;
  const rests = card.session?.status !== "running";
  return rests || !mounted(layer) || layer.problem ? "at next start" : "updating";
}

export const layersBehind = (board: Board, card: Card): SessionLayer[] => sessionLayers(card).filter((layer) => behind(board, card, layer) > 0);
export const isBehind = (board: Board, card: Card): boolean => layersBehind(board, card).length > 0 || missing(board, card).length > 0;
export const waitsForStart = (card: Card): boolean => card.session?.status === "running" && sessionLayers(card).some((layer) => pending(card, layer) === "at next start");

export function layerWords(board: Board, card: Card, layer: SessionLayer): string {
  const late = behind(board, card, layer);
  const next = pending(card, layer);
  const parts = [`${KIND_WORDS[layer.kind].toLowerCase()} ${layer.name} ${layer.runs ?? layer.wants ?? ""}`.trim()];
  if (layer.wants === null) parts.push("to be removed");
  else if (layer.runs === null) parts.push("to be added");
  else if (next) parts.push(`${layer.wants} ${next}`);
  if (late) parts.push(`${late} behind`);
  if (layer.conflicts.length) parts.push(layer.conflicts.length === 1 ? "1 conflict" : `${layer.conflicts.length} conflicts`);
  if (layer.problem) parts.push("needs a look");
  return parts.join(", ");
}

export function stackWords(board: Board, card: Card): string {
  const lacking = missing(board, card).map((recipe) => `${KIND_WORDS[recipe.kind].toLowerCase()} ${recipe.name} is new in the stack`);
  return [...sessionLayers(card).map((layer) => layerWords(board, card, layer)), ...lacking].join("; ");
}

const UNITS = ["B", "kB", "MB", "GB", "TB"];

export function sizeWords(bytes: number | null): string {
  if (bytes === null) return "";
  let [size, unit] = [bytes, 0];
  while (size >= 1000 && unit < UNITS.length - 1) [size, unit] = [size / 1000, unit + 1];
  return `${size >= 100 || unit === 0 ? Math.round(size) : size.toPrecision(2)} ${UNITS[unit]}`;
}

/** Cards whose running sessions an update would change. */
export function cardsBehind(board: Board): Card[] {
  const cards = board.columns.flatMap((column) => column.cards);
  return cards.filter((card) => card.session?.status === "running" && isBehind(board, card));
}

const same = (board: Board): Board => board;

function asked(store: Store, what: string, call: () => Promise<Card>): Promise<boolean> {
  return optimistically(store, what, same, call, (card) => store.putCard(card));
}

export const updateCard = (store: Store, card: Card): Promise<boolean> =>
  asked(store, `Couldn’t update “${card.title}”.`, () => api.updateLayers(card.id, {}));

export const updateLayer = (store: Store, card: Card, recipe: number, version?: number): Promise<boolean> =>
  asked(store, `Couldn’t change the layer of “${card.title}”.`, () => api.updateLayers(card.id, version === undefined ? { recipe } : { recipe, version }));

export const addLayer = (store: Store, card: Card, recipe: number): Promise<boolean> =>
  asked(store, `Couldn’t add the layer to “${card.title}”.`, () => api.addLayer(card.id, recipe));

export const removeLayer = (store: Store, card: Card, recipe: number): Promise<boolean> =>
  asked(store, `Couldn’t remove the layer from “${card.title}”.`, () => api.removeLayer(card.id, recipe));

export const restartCard = (store: Store, card: Card): Promise<boolean> =>
  asked(store, `Couldn’t restart “${card.title}”.`, () => api.restartCard(card.id));

/** What a session ran before an update, to go back to. */
interface Before {
  card: string;
  layers: { recipe: number; version: number }[];
}

function noted(card: Card): Before {
  const layers = sessionLayers(card).flatMap((layer) => (layer.wants === null ? [] : [{ recipe: layer.recipe, version: layer.wants }]));
  return { card: card.id, layers };
}

async function goBack(store: Store, before: Before[]): Promise<void> {
  for (const { card, layers } of before) {
    const now = store.card(card);
    for (const { recipe, version } of layers) {
      const layer = now && sessionLayers(now).find((each) => each.recipe === recipe);
      if (now && layer && layer.wants !== version) await updateLayer(store, now, recipe, version);
    }
  }
}

/** Every session of the board that is behind; the note offers the way back. */
export async function updateAll(store: Store): Promise<void> {
  const before = cardsBehind(store.board).map(noted);
  const what = "Couldn’t update the board’s sessions.";
  const done = await optimistically(store, what, same, () => api.updateBoard(store.board.id), () => undefined);
  if (!done) return;
  const words = before.length === 1 ? "Updating 1 session" : `Updating ${before.length} sessions`;
  announce(words);
  toast({ tone: "info", title: `${words}.`, detail: "Running programs are left as they are.", action: { words: "Undo", run: () => void goBack(store, before) } });
}
