/** A session's life as it is told: snapshots, history, lineage. Shapes and words; pure. */

import type { Member, Next, Session, Status } from "./types";

/** Why a snapshot was taken. */
export type SnapshotKind = "asked" | "scheduled" | "vanish" | "restore" | "fork";

export interface Snapshot {
  id: string;
  kind: SnapshotKind;
  /** `kept`: on the engine, not yet pushed and read back; `ready`: read back whole. */
  state: "making" | "kept" | "ready" | "failed";
  problem: string;
  note: string;
  /** The login name of who took it; `vibenv` for the product itself. */
  author: string;
  /** The snapshot that its session stood on then. */
  parent: string | null;
  size_bytes: number | null;
  created_at: string;
}

/** One line of a card's history. */
export interface HistoryEntry {
  id: number;
  at: string;
  /** `state` for a move from `old` to `new`; else what happened: snapshot, restore, fork, layers, joined, extended… */
  kind: string;
  old: string;
  new: string;
  reason: string;
  /** A login name, a guest's name, or `vibenv`. */
  actor: string;
  detail: Record<string, unknown>;
}

export interface LineageCard {
  id: string;
  title: string;
  /** The card that it was forked from; null at the root. */
  forked_from: string | null;
  /** The snapshot that its session was started from. */
  stands_on: string | null;
  /** Off the board. */
  archived: boolean;
}

/** A family of cards: the one that was no fork, and all that came of it. */
export interface Lineage {
  cards: LineageCard[];
  snapshots: (Snapshot & { card: string })[];
}

export type Sleep = "pause" | "stop" | "archive";

/** States from which a session goes on where it was left. */
export const sleeps = (status: Status | undefined): boolean => status === "paused" || status === "asleep" || status === "archived";

/** States in which it can be sent to sleep. */
export const awake = (status: Status | undefined): boolean => status === "running" || status === "starting";

const MINUTE_MS = 60_000;

/** How long before its end a session says so: by then one should still be able to do something about it. */
const WARNED_MS: Record<Next["what"], number> = { pause: 15 * MINUTE_MS, stop: Infinity, archive: Infinity, expire: 15 * MINUTE_MS };

export const NEXT_WORDS: Record<Next["what"], string> = { pause: "pauses in", stop: "stops in", archive: "archived in", expire: "ends in" };

/** What it is to say of its future, with the moment from when on. A sleeping one always says it. */
export function ahead(session: Session): (Next & { shownFrom: number }) | null {
  const { next } = session;
  if (!next) return null;
  return { ...next, shownFrom: sleeps(session.status) && next.what !== "expire" ? 0 : Date.parse(next.at) - WARNED_MS[next.what] };
}

/** The place in the line of those that wait for a start. */
export function placeWords(place: number): string {
  if (place === 1) return "Next in line";
  const tens = place % 100;
  const ending = tens >= 11 && tens <= 13 ? "th" : (["th", "st", "nd", "rd"][place % 10] ?? "th");
  return `${place}${ending} in line`;
}

/** Why a snapshot was taken, in words. */
export const KIND_WORDS: Record<SnapshotKind, string> = {
  asked: "Taken by hand",
  scheduled: "Taken by schedule",
  vanish: "Before its container went",
  restore: "Before a restore",
  fork: "For a fork",
};

/** What can be gone back to, and forked from. */
export const usable = (snapshot: Snapshot): boolean => snapshot.state === "kept" || snapshot.state === "ready";

export const snapshotName = (snapshot: Snapshot): string => snapshot.note || KIND_WORDS[snapshot.kind];

/** Who did it, as the board knows them; empty for the product itself. */
export function nameOf(members: Member[], actor: string): string {
  if (actor === "vibenv" || actor === "") return "";
  return members.find((member) => member.username === actor)?.name ?? actor;
}
