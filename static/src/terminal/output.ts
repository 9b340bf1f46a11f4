/**
 * The output stream: counts bytes, knows history from live, writes both in order, and acknowledges what the
 * terminal has processed (not what has merely arrived).
 */

import type { Screen } from "./protocol";

/** The part of xterm.js's terminal that is needed here; `done` runs once the data has been parsed. */
export interface Writer {
  write(data: string | Uint8Array, done?: () => void): void;
}

export interface OutputHandlers {
  ack(seq: number): void;
  /** History begins or ends; called between the parsing of the one and of the other. */
  replaying(on: boolean): void;
  /** Something was parsed. */
  parsed(): void;
  /** A screen is complete. */
  ready(): void;
}

const ACK_WITHIN_MS = 50;
const FULL_RESET = "\x1bc"; // in the stream, so that it cannot overtake output still being parsed

export class OutputStream {
  epoch: string | null = null;
  /** Number of the next byte to arrive. */
  position = 0;
  ackEvery = 64 * 1024;
  #history = 0;
  #processed = 0;
  #acked = 0;
  #generation = 0;
  #timer = 0;

  constructor(
    readonly writer: Writer,
    readonly handlers: OutputHandlers,
  ) {}

  screen(message: Screen): void {
    const generation = ++this.#generation;
    this.epoch = message.epoch;
    this.position = message.seq - message.bytes;
    this.#history = message.bytes;
    const start = this.position;
    this.writer.write(message.reset ? FULL_RESET : "", () => {
      this.handlers.replaying(true);
      if (generation !== this.#generation) return;
      this.#processed = this.#acked = start;
    });
    if (message.prelude) this.writer.write(message.prelude);
    if (!message.bytes) this.#historyEnds(generation);
  }

  bytes(data: Uint8Array): void {
    const history = data.subarray(0, this.#history);
    const live = data.subarray(history.length);
    if (history.length) {
      this.#history -= history.length;
      this.#write(history);
      if (!this.#history) this.#historyEnds(this.#generation);
    }
    if (live.length) this.#write(live);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#generation += 1;
  }

  #historyEnds(generation: number): void {
    this.writer.write("", () => {
      if (generation !== this.#generation) return;
      this.handlers.replaying(false);
      this.handlers.ready();
      this.#ack();
    });
  }

  #write(data: Uint8Array): void {
    this.position += data.length;
    const [generation, end] = [this.#generation, this.position];
    this.writer.write(data, () => {
      if (generation !== this.#generation) return;
      this.#processed = end;
      this.handlers.parsed();
      if (this.#processed - this.#acked >= this.ackEvery / 2) this.#ack();
      else this.#timer ||= setTimeout(() => this.#ack(), ACK_WITHIN_MS);
    });
  }

  #ack(): void {
    clearTimeout(this.#timer);
    this.#timer = 0;
    if (this.#processed <= this.#acked) return;
    this.#acked = this.#processed;
    this.handlers.ack(this.#processed);
  }
}
