/** When what happens in a recording: its commands and notes, and the time that playing it takes. Pure. */

import type { Cast } from "./cast";

export interface Command {
  kind: "command";
  /** Of the event, in the cast. */
  index: number;
  at: number;
  text: string;
  /** When it ended; null while it runs on. */
  endAt: number | null;
  /** Null: it is not known. */
  exitCode: number | null;
}

export interface Note {
  kind: "note";
  index: number;
  at: number;
  text: string;
}

export type Mark = Command | Note;

export type Outcome = "good" | "bad" | "unknown";

export const LONGEST_IDLE_S = 1.5;

export const outcome = (command: Command): Outcome => (command.exitCode === null ? "unknown" : command.exitCode === 0 ? "good" : "bad");

const COMMAND = "$ ";
const ENDED = /^exit(?: (\d+))?$/;
const TYPIST = "⌨ ";

export function marksOf({ times, codes, texts }: Cast): Mark[] {
  const marks: Mark[] = [];
  let running: Command | null = null;
  codes.forEach((code, index) => {
    if (code !== "m") return;
    const at = times[index] ?? 0;
    const text = texts[index] ?? "";
    const ended = ENDED.exec(text);
    if (ended) {
      if (running) Object.assign(running, { endAt: at, exitCode: ended[1] === undefined ? null : Number(ended[1]) });
      running = null;
    } else if (text.startsWith(COMMAND)) {
      running = { kind: "command", index, at, text: text.slice(COMMAND.length), endAt: null, exitCode: null };
      marks.push(running);
    } else if (!text.startsWith(TYPIST)) marks.push({ kind: "note", index, at, text });
  });
  return marks;
}

/** Seconds of playing and of the recording, either of which leads to the other. */
export class Timeline {
  /** When each event is played. */
  readonly #played: Float64Array;
  readonly #times: number[];

  /** With `skip`, silence longer than `LONGEST_IDLE_S` takes that. */
  constructor(cast: Cast, skip: boolean) {
    this.#times = cast.times;
    this.#played = new Float64Array(cast.times.length);
    let played = 0;
    let before = cast.times[0] ?? 0;
    if (!skip) played = before;
    cast.times.forEach((at, index) => {
      const gap = Math.max(0, at - before);
      played += skip ? Math.min(gap, LONGEST_IDLE_S) : gap;
      before = at;
      this.#played[index] = played;
    });
  }

  get length(): number {
    return this.#played.at(-1) ?? 0;
  }

  /** When the recording's second `at` is played. */
  playedAt(at: number): number {
    const next = firstAfter(this.#times, at);
    if (next === 0) return 0;
    const before = this.#times[next - 1] ?? 0;
    const played = this.#played[next - 1] ?? 0;
    return Math.min(played + (at - before), this.#played[next] ?? played);
  }

  /** The recording's second that is played at `played`. */
  recordedAt(played: number): number {
    const next = this.eventsBy(played);
    const before = next === 0 ? 0 : (this.#times[next - 1] ?? 0);
    const since = played - (next === 0 ? 0 : (this.#played[next - 1] ?? 0));
    return Math.min(before + Math.max(0, since), this.#times[next] ?? before);
  }

  /** How many events have happened by then. */
  eventsBy(played: number): number {
    return firstAfter(this.#played, played + 1e-6);
  }
}

/** The number of values, which ascend, that are not above `limit`. */
function firstAfter(values: ArrayLike<number>, limit: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** 1:02:03 */
export function clockWords(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number): string => String(value).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
