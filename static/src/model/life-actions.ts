/** What a user does with a session's life: sleep, resume, fork, more time. */

import { api } from "../net/api";
import { announce } from "../ui/announce";
import { toast } from "../ui/toast";
import { optimistically, startCard } from "./actions";
import { columnOf, withCard } from "./board";
import { awake, sleeps, type Sleep } from "./life";
import { mayEdit } from "./may";
import { durationWords } from "./rules";
import type { Change, Store } from "./store";
import type { Card, Session, Status } from "./types";

const quoted = (card: Card): string => `“${card.title}”`;
const FORETOLD: Record<Sleep, Pick<Session, "status" | "desired">> = {
  pause: { status: "stopping", desired: "paused" },
  stop: { status: "stopping", desired: "stopped" },
  archive: { status: "archiving", desired: "archived" },
};
const SAID: Record<Sleep, string> = { pause: "pauses; its programs are kept", stop: "stops; its files are kept", archive: "is archived; a snapshot is kept" };

export function sleepCard(store: Store, card: Card, how: Sleep): Promise<boolean> {
  announce(`${card.title} ${SAID[how]}.`);
  const change: Change = (board) =>
    withCard(board, card.id, (each) => (each.session && each.session.status !== "failed" ? { ...each, session: { ...each.session, ...FORETOLD[how], next: null } } : each));
  return optimistically(store, `Couldn’t send ${quoted(card)} to sleep.`, change, () => api.sleepCard(card.id, how), (asleep) => store.putCard(asleep));
}

/** How a session in this state can be sent to sleep, or more deeply so. */
export function sleepsPossible(status: Status | undefined): Sleep[] {
  if (awake(status)) return ["pause", "stop", "archive"];
  if (status === "paused") return ["stop", "archive"];
  return status === "asleep" ? ["archive"] : [];
}

/** Opening a card that sleeps where cards run is asking for it; elsewhere its panel offers to. */
export function resumeOnOpen(store: Store, id: string): void {
  const card = store.card(id);
  const active = columnOf(store.board, id)?.role === "active";
  if (card && active && sleeps(card.session?.status) && mayEdit(store) && store.ui.cutOffSince === null) void startCard(store, id);
}

const HOUR_S = 3600;

export async function extendCard(store: Store, card: Card, seconds = HOUR_S): Promise<void> {
  const done = await optimistically(store, `Couldn’t give ${quoted(card)} more time.`, (board) => board, () => api.extendCard(card.id, seconds), (longer) => store.putCard(longer));
  if (done) toast({ tone: "info", title: `${quoted(card)} lives ${durationWords(seconds)} longer.` });
}

/** A new card that goes on from where this one, or one of its snapshots, is; null when it was refused. */
export async function forkCard(store: Store, card: Card, from: { title?: string; snapshot?: string } = {}): Promise<Card | null> {
  let made: Card | null = null;
  const took = (fork: Card): void => store.putCard((made = fork));
  await optimistically(store, `Couldn’t fork ${quoted(card)}.`, (board) => board, () => api.forkCard(card.id, from), took);
  return made;
}
