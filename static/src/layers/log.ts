/** The log of a build: live while it runs, kept afterwards. Follows its end unless one has scrolled up. */

import { api } from "../net/api";
import type { Version } from "./types";

const LOOK_MS = 500;
const CHUNK = 60_000;
const MOST_CHARACTERS = 3_000_000; // of a longer one the beginning is left out: what went wrong is at its end
const END_PX = 24;
const ESCAPES = /\u001b(\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(\u0007|\u001b\\)|[@-_])/g;

/** Without colours, and of what a program wrote over itself only the last. Pure. */
export function plain(text: string): string {
  return text.replace(ESCAPES, "").replace(/\r+\n/g, "\n").replace(/[^\n\r]*\r(?=[^\n\r])/g, "").replace(/\r/g, "");
}

export class BuildLog {
  readonly element = document.createElement("pre");
  readonly #left = document.createElement("div");
  readonly #last = document.createElement("span");
  #version: number | null = null;
  #offset = 0;
  #timer = 0;
  #turn = 0;
  #size = 0;
  /** What came of a line that has not ended. */
  #open = "";

  constructor() {
    this.element.className = "log build-log";
    this.element.tabIndex = 0;
    this.element.setAttribute("role", "region");
    this.element.setAttribute("aria-label", "Log");
    this.#left.className = "log-left";
    this.#left.textContent = "The beginning is left out here. Download has all of it.";
    document.addEventListener("visibilitychange", () => document.hidden || this.#look(0));
  }

  /** Show that version's; the same one goes on. */
  show(version: Version): void {
    if (version.id === this.#version) return;
    this.#version = version.id;
    [this.#offset, this.#size, this.#open] = [0, 0, ""];
    this.#turn += 1;
    this.element.replaceChildren(this.#last);
    this.#last.textContent = "";
    this.element.dataset["empty"] = version.state === "building" ? "Nothing was written yet." : "Nothing was written.";
    const turn = this.#turn;
    queueMicrotask(() => void this.#read(version.id, turn)); // by then it is in the page
  }

  /** All of it, as it is kept. */
  async whole(): Promise<string> {
    const parts: string[] = [];
    for (let offset = 0; this.#version !== null; ) {
      const part = await api.versionLog(this.#version, offset);
      parts.push(part.text);
      if (!part.text || part.ended) break;
      offset = part.offset;
    }
    return plain(parts.join(""));
  }

  #look(after_ms: number): void {
    const [id, turn] = [this.#version, this.#turn];
    clearTimeout(this.#timer);
    if (id !== null && this.#offset >= 0) this.#timer = setTimeout(() => void this.#read(id, turn), after_ms);
  }

  async #read(id: number, turn: number): Promise<void> {
    if (document.hidden || !this.element.isConnected) return turn === this.#turn && !document.hidden ? this.#look(LOOK_MS) : undefined;
    const part = await api.versionLog(id, this.#offset).catch(() => null);
    if (turn !== this.#turn) return;
    if (part) this.#add(part.text);
    this.#offset = part?.ended ? -1 : (part?.offset ?? this.#offset);
    this.#look(part?.text ? 0 : LOOK_MS);
  }

  #add(text: string): void {
    if (!text) return;
    const pre = this.element;
    const following = pre.scrollHeight - pre.scrollTop - pre.clientHeight < END_PX;
    const all = this.#open + text;
    const end = all.lastIndexOf("\n") + 1;
    this.#open = all.slice(end);
    if (end) this.#lines(plain(all.slice(0, end)));
    this.#last.textContent = plain(this.#open);
    if (following) pre.scrollTop = pre.scrollHeight;
  }

  /** In chunks, of which the browser lays out only those in sight. */
  #lines(lines: string): void {
    const before = this.#last.previousElementSibling;
    let chunk = before instanceof HTMLElement && before !== this.#left ? before : null;
    if (!chunk || (chunk.textContent ?? "").length > CHUNK) {
      if (chunk) chunk.style.containIntrinsicHeight = `auto ${chunk.offsetHeight}px`;
      chunk?.setAttribute("data-full", "");
      chunk = document.createElement("div");
      chunk.className = "log-chunk";
      this.#last.before(chunk);
    }
    chunk.append(lines);
    this.#size += lines.length;
    while (this.#size > MOST_CHARACTERS) {
      const oldest = this.element.querySelector(".log-chunk");
      if (!oldest || oldest === chunk) break;
      this.#size -= oldest.textContent?.length ?? 0;
      oldest.replaceWith(...(this.#left.isConnected ? [] : [this.#left]));
    }
  }
}
