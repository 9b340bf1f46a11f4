/** What the API says of recipes and their versions. */

import type { BuildState, LayerKind, RecipeShort } from "../model/layers";

export type Spec = Record<string, string | number | boolean | string[]>;

export interface Version {
  id: number;
  recipe: number;
  number: number;
  state: BuildState;
  reason: string;
  digest: string;
  builder: string;
  size_bytes: number | null;
  duration_s: number | null;
  spec: Spec;
  commit: string;
  asked_by: string;
  why: string;
  progress: number | null;
  progress_text: string;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  runs_in: { card: string; title: string }[];
}

export interface Recipe extends RecipeShort {
  spec: Spec;
  newest: Version | null;
  problem: string;
  looking_up: boolean;
  in_stack: boolean;
  sessions: number;
  updated_at: string;
}

/** A recipe to begin with. */
export interface Ready {
  kind: LayerKind;
  name: string;
  title: string;
  about: string;
  spec: Spec;
}

export interface LogPart {
  text: string;
  offset: number;
  ended: boolean;
}

export interface FileChange {
  path: string;
  change: "added" | "removed" | "changed";
  was_bytes: number | null;
  bytes: number | null;
}

export interface Differences {
  was: number;
  now: number;
  spec: string[];
  size_bytes: [number | null, number | null];
  files: { state: "ready" | "preparing" | "unavailable"; added: number; removed: number; changed: number; entries: FileChange[] };
}

export interface TomlChange {
  kind: LayerKind;
  name: string;
  change: "new" | "changed" | "same";
  recipe: number | null;
}

export interface StackExport {
  id: number;
  image: string;
  state: BuildState;
  reason: string;
  size_bytes: number | null;
  asked_by: string;
  created_at: string;
  finished_at: string | null;
}
