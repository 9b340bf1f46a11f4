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

/** Elements `<span data-since="ISO" data-format="stopwatch">` show the time passed since then. */
export function startTicker(root: ParentNode): () => void {
  const tick = (): void => {
    for (const element of root.querySelectorAll<HTMLElement>("[data-since]")) {
      const text = FORMATS[element.dataset["format"] ?? ""]?.(serverNow() - Date.parse(element.dataset["since"] ?? "")) ?? "";
      if (element.textContent !== text) element.textContent = text;
    }
  };
  setInterval(() => document.visibilityState === "visible" && tick(), TICK_MS);
  return tick;
}
