/** Layers of a board and of its sessions: what runs, what an update would bring, what waits, and that in words. Pure. */

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
  /** Somebody chose it for this session, whatever its stack says. */
  held: boolean;
  /** The version that its stack keeps to. */
  pinned: number | null;
  problem: string;
  conflicts: string[];
}

export interface LayersNews {
  recipes: RecipeShort[];
  stack: Stack;
}

export const isMounted = (layer: { kind: LayerKind }): boolean => layer.kind === "profile" || layer.kind === "toolchain";
export const sessionLayers = (card: Card): SessionLayer[] => card.session?.layers ?? [];
export const recipeOf = (board: Board, id: number): RecipeShort | undefined => board.recipes.find((recipe) => recipe.id === id);
export const hasOwnStack = (board: Board, card: Card): boolean => card.stack !== board.stack.id;

/** Of the board's stack the page hears news; of a card's own one it knows what came with the card. */
function pinnedAt(board: Board, card: Card, layer: SessionLayer): number | null {
  return hasOwnStack(board, card) ? layer.pinned : (board.stack.layers.find((each) => each.recipe === layer.recipe)?.pinned ?? null);
}

/** It stays only until the next update: its stack has it no longer, and nobody chose it for this session. */
function isSurplus(board: Board, card: Card, layer: SessionLayer): boolean {
  return !layer.held && layer.wants !== null && !hasOwnStack(board, card) && !board.stack.layers.some((each) => each.recipe === layer.recipe);
}

/** The version that an update brings; null for none. */
export function offered(board: Board, card: Card, layer: SessionLayer): number | null {
  return isSurplus(board, card, layer) ? null : (pinnedAt(board, card, layer) ?? recipeOf(board, layer.recipe)?.latest ?? layer.wants);
}

/** How many versions a layer is behind; 0 where an update of it is under way or nothing newer is there. */
export function behind(board: Board, card: Card, layer: SessionLayer): number {
  const to = offered(board, card, layer);
  return layer.wants === null || to === null ? 0 : Math.max(0, to - layer.wants);
}

/** How a layer differs from what its stack gives, in words; empty where it does not. */
export function driftWords(board: Board, card: Card, layer: SessionLayer): string {
  if (layer.wants === null) return "";
  const to = offered(board, card, layer);
  if (to === null) return "not in the stack any more";
  if (to > layer.wants) return `${to - layer.wants} behind`;
  return to < layer.wants ? `the stack keeps to ${to}` : "";
}

/** What the board's stack has that the session was not given, and nobody took away from it. */
export function missing(board: Board, card: Card): RecipeShort[] {
  if (!sessionLayers(card).length || hasOwnStack(board, card)) return [];
  const known = new Set([...sessionLayers(card).map((layer) => layer.recipe), ...(card.session?.without ?? [])]);
  return board.stack.layers.flatMap(({ recipe }) => {
    const found = known.has(recipe) ? undefined : recipeOf(board, recipe);
    return found && found.latest !== null ? [found] : [];
  });
}

/** It changes at the next start, or is changing now. */
export type Pending = "at next start" | "updating" | null;

export function pending(card: Card, layer: SessionLayer): Pending {
  if (layer.runs === layer.wants) return null;
  const rests = card.session?.status !== "running";
  return rests || !isMounted(layer) || layer.problem ? "at next start" : "updating";
}

export const layersBehind = (board: Board, card: Card): SessionLayer[] => sessionLayers(card).filter((layer) => driftWords(board, card, layer) !== "");
export const changesWaiting = (board: Board, card: Card): number => layersBehind(board, card).length + missing(board, card).length;
export const waitsForStart = (card: Card): boolean => card.session?.status === "running" && sessionLayers(card).some((layer) => pending(card, layer) === "at next start");

/** Cards whose running sessions an update would change. */
export function cardsBehind(board: Board): Card[] {
  const cards = board.columns.flatMap((column) => column.cards);
  return cards.filter((card) => card.session?.status === "running" && changesWaiting(board, card) > 0);
}

/** Recipes of which a first start may be waiting for a version. */
export function recipesBuilding(board: Board, card: Card): RecipeShort[] {
  const own = hasOwnStack(board, card);
  const unfinished = board.recipes.filter((recipe) => recipe.state === "building" || recipe.state === "failed");
  return unfinished.filter((recipe) => own || board.stack.layers.some((layer) => layer.recipe === recipe.id));
}

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;
export const sessionsWords = (count: number): string => counted(count, "session", "sessions");

export function layerWords(board: Board, card: Card, layer: SessionLayer): string {
  const next = pending(card, layer);
  const parts = [`${KIND_WORDS[layer.kind].toLowerCase()} ${layer.name} ${layer.runs ?? layer.wants ?? ""}`.trim()];
  if (layer.wants === null) parts.push("to be removed");
  else if (layer.runs === null) parts.push("to be added");
  else if (next) parts.push(`${layer.wants} ${next}`);
  parts.push(driftWords(board, card, layer));
  if (layer.conflicts.length) parts.push(counted(layer.conflicts.length, "conflict", "conflicts"));
  if (layer.problem) parts.push("needs a look");
  return parts.filter(Boolean).join(", ");
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
  return `${size >= 9.95 || unit === 0 ? Math.round(size) : size.toFixed(1)} ${UNITS[unit]}`;
}
