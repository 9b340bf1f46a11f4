/** Durations in words, and the one ticker that keeps those on the page running. */

import { serverNow } from "../net/clock";

const TICK_MS = 100;

/** `0.4 s`, `12 s`, `3 min 05 s`: for something being waited for. */
export function stopwatch(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${String(Math.floor(seconds % 60)).padStart(2, "0")} s`;
}

/** `moments`, `12 min`, `3 h 20 min`, `2 days`: for something that just is. */
export function uptime(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  const days = Math.floor(hours / 24);
  return days === 1 ? "1 day" : `${days} days`;
}

const DAY_MS = 24 * 60 * 60_000;

/** `just now`, `5 min ago`, and from the second day on the day. */
export function ago(iso: string): string {
  const age = serverNow() - Date.parse(iso);
  if (age > DAY_MS) return new Date(iso).toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" });
  return age < 60_000 ? uptime(age) : `${uptime(age)} ago`;
}

/** `40 s`, `12 min`, `3 h`, `5 days`: until something that comes by itself. Never less than is left. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  if (hours < 24) return `${hours} h`;
  const days = Math.round(hours / 24);
  return days === 1 ? "1 day" : `${days} days`;
}

const FORMATS: Record<string, (ms: number) => string> = { stopwatch, uptime };

const DAY_LOOK_MS = 60_000;

/** Calls back when a new day has begun for the reader, within a minute. */
export function onNewDay(begun: () => void): void {
  let day = new Date().toDateString();
  setInterval(() => {
    const now = new Date().toDateString();
    if (now !== day) begun();
    day = now;
  }, DAY_LOOK_MS);
}

/** What an element with `data-since` or `data-until` is to say now. */
function told({ dataset }: HTMLElement, now: number): string {
  const { since, format, until, from, words } = dataset;
  if (until && now >= Number(from)) return `${words ?? ""} ${countdown(Date.parse(until) - now)}`;
  return since ? (FORMATS[format ?? ""]?.(now - Date.parse(since)) ?? "") : "";
}

/**
 * Elements `<span data-since="ISO" data-format="stopwatch">` show the time passed since then. With `data-until` they show, from
 * the moment `data-from` on, `data-words` and the time left. Elements with `data-shown-from` are hidden before that moment.
 */
export function startTicker(root: ParentNode): () => void {
  const tick = (): void => {
    const now = serverNow();
    for (const element of root.querySelectorAll<HTMLElement>("[data-since], [data-until]")) {
      const text = told(element, now);
      if (element.textContent !== text) element.textContent = text;
    }
    for (const element of root.querySelectorAll<HTMLElement>("[data-shown-from]")) element.hidden = now < Number(element.dataset["shownFrom"]);
  };
  setInterval(() => document.visibilityState === "visible" && tick(), TICK_MS);
  return tick;
}
