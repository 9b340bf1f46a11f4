/** The log of a build: live while it runs, kept afterwards. Follows its end unless one has scrolled up. */

import { api } from "../net/api";
import type { Version } from "./types";

const LOOK_MS = 500;
const MOST_CHARACTERS = 2_000_000;
const ESCAPES = /\u001b(\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(\u0007|\u001b\\)|[@-_])/g;

export class BuildLog {
  readonly element = document.createElement("pre");
  #version: number | null = null;
  #offset = 0;
  #timer = 0;
  #turn = 0;

  constructor() {
    this.element.className = "log build-log";
    this.element.tabIndex = 0;
    this.element.setAttribute("aria-label", "Log");
  }

  /** Show that version's; the same one goes on. */
  show(version: Version | undefined): void {
    const id = version?.id ?? null;
    if (id === this.#version) return;
    this.#version = id;
    this.#offset = 0;
    this.#turn += 1;
    clearTimeout(this.#timer);
    this.element.textContent = "";
    if (id !== null) void this.#read(id, this.#turn);
  }

  get text(): string {
    return this.element.textContent ?? "";
  }

  async #read(id: number, turn: number): Promise<void> {
    const part = document.hidden ? null : await api.versionLog(id, this.#offset).catch(() => null);
    if (turn !== this.#turn) return;
    if (part) {
      this.#offset = part.offset;
      this.#add(part.text);
      if (part.ended) return;
    }
    this.#timer = setTimeout(() => void this.#read(id, turn), part?.text ? 0 : LOOK_MS);
  }

  #add(text: string): void {
    if (!text) return;
    const pre = this.element;
    const following = pre.scrollHeight - pre.scrollTop - pre.clientHeight < 24;
    if (this.text.length < MOST_CHARACTERS) pre.append(text.replace(ESCAPES, "").replace(/[^\n]*\r(?!\n)/g, ""));
    if (following) pre.scrollTop = pre.scrollHeight;
  }
}
