/** Days in words, by the reader's own calendar. Pure, but for `today`. */

import type { Card, Column } from "./types";

const DAY_MS = 86_400_000;
const SOON_DAYS = 7;

const THIS_YEAR = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const ANY_YEAR = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

const pad = (number: number): string => String(number).padStart(2, "0");

export function isoDay(date: Date): string {
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

export const today = (): string => isoDay(new Date());

/** At noon UTC, so that no change of the clocks matters. */
const noon = (day: string): number => Date.parse(`${day}T12:00:00Z`);

export const daysUntil = (day: string, from = today()): number => Math.round((noon(day) - noon(from)) / DAY_MS);

export const dayAfter = (day: string, days: number): string => new Date(noon(day) + days * DAY_MS).toISOString().slice(0, 10);

/** `Today`, `Tomorrow`, `Yesterday`, `3 Dec`, and the year where it is another one. */
export function dayWords(day: string, from = today()): string {
  const near = { "-1": "Yesterday", "0": "Today", "1": "Tomorrow" }[daysUntil(day, from)];
  if (near) return near;
  return (day.slice(0, 4) === from.slice(0, 4) ? THIS_YEAR : ANY_YEAR).format(noon(day));
}

export type DueState = "overdue" | "today" | "soon" | "later";

/** Null for a card without a day, and for one that is finished: nothing is late any more. */
export function dueState(card: Card, column: Column | undefined, from = today()): DueState | null {
  if (!card.due_on || column?.role === "done") return null;
  const days = daysUntil(card.due_on, from);
  return days < 0 ? "overdue" : days === 0 ? "today" : days < SOON_DAYS ? "soon" : "later";
}
