/** What the layers page knows beyond the board: recipes in full, the versions of the one that is looked at, what is open. */

import type { Store } from "../model/store";
import { api, ApiError } from "../net/api";
import { toast } from "../ui/toast";
import type { Recipe, StackExport, Version } from "./types";

export const told = (title: string) => (error: unknown): void =>
  toast({ tone: "error", title, detail: error instanceof ApiError ? error.message : String(error) });

/** `#12` is a recipe, `#12/3` its version, `#12/3/2` the difference to another, `#12/edit` the form of it; `#new` that of a new one. */
export interface Place {
  recipe: number | null;
  version: number | null;
  against: number | null;
}

export function placeOf(hash: string): Place {
  const [recipe, version, against] = hash.slice(1).split("/").map((part) => Number(part) || null);
  return { recipe: recipe ?? null, version: version ?? null, against: against ?? null };
}

const editingOf = (hash: string): number | "new" | null =>
  hash === "#new" ? "new" : hash.endsWith("/edit") ? placeOf(hash).recipe : null;

const PAGE = 50;

export class LayersState {
  recipes: Recipe[] | null = null;
  versions: Version[] | null = null;
  exports: StackExport[] = [];
  failed = "";
  /** Why the versions could not be had. */
  versionsFailed = "";
  /** There are older ones than those. */
  more = false;
  place = placeOf(location.hash);
  /** The recipe that is written or changed; "new" before it has an id. */
  editing = editingOf(location.hash);
  #of: number | null = null;

  constructor(
    readonly store: Store,
    readonly changed: () => void,
  ) {}

  get recipe(): Recipe | undefined {
    return this.recipes?.find((recipe) => recipe.id === this.place.recipe);
  }

  /** The one that is looked at; where none was chosen, the newest if there is something to know of it. */
  get version(): Version | undefined {
    const newest = this.versions?.[0];
    if (this.place.version === null) return newest && newest.state !== "ready" ? newest : undefined;
    return this.versions?.find((version) => version.number === this.place.version);
  }

  go(place: Partial<Place>): void {
    this.place = { recipe: null, version: null, against: null, ...place };
    this.editing = null;
    const parts = [this.place.recipe, this.place.version, this.place.against].filter((part) => part !== null);
    const hash = parts.length ? `#${parts.join("/")}` : location.pathname;
    if (location.hash !== hash) history.pushState(null, "", hash);
    this.changed();
    void this.loadVersions();
  }

  /** By the browser's own Back and Forward. */
  follow(): void {
    this.place = placeOf(location.hash);
    this.editing = editingOf(location.hash);
    this.changed();
    void this.loadVersions();
  }

  edit(what: number | "new"): void {
    history.pushState(null, "", what === "new" ? "#new" : `#${what}/edit`);
    this.follow();
  }

  async load(): Promise<void> {
    try {
      const board = this.store.board.id;
      [this.recipes, this.exports] = await Promise.all([api.recipes(board), api.exports(board).catch(() => [])]);
      this.failed = "";
      await this.loadVersions(true);
    } catch (error) {
      this.failed = error instanceof Error ? error.message : String(error);
    }
    this.changed();
  }

  async loadVersions(again = false): Promise<void> {
    const recipe = this.place.recipe;
    if (recipe === null || (recipe === this.#of && !again)) return;
    if (recipe !== this.#of) [this.versions, this.versionsFailed, this.more] = [null, "", false];
    this.#of = recipe;
    try {
      const found = await api.versions(recipe);
      if (this.#of !== recipe) return;
      const older = this.versions?.filter((version) => version.number < (found.at(-1)?.number ?? 0)) ?? [];
      if (!older.length) this.more = found.length === PAGE;
      [this.versions, this.versionsFailed] = [[...found, ...older], ""];
    } catch (error) {
      this.versionsFailed = error instanceof Error ? error.message : String(error);
    }
    this.changed();
  }

  async loadOlder(): Promise<void> {
    const [recipe, last] = [this.#of, this.versions?.at(-1)];
    if (recipe === null || !last) return;
    const found = await api.versions(recipe, last.number).catch(told("Couldn’t load older versions."));
    if (!found || this.#of !== recipe || !this.versions) return;
    this.versions = [...this.versions, ...found];
    this.more = found.length === PAGE;
    this.changed();
  }
}
