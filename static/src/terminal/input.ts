/**
 * Typed bytes on their way to the server: frames within its limit, never more unacknowledged than its window.
 *
 * While the connection is away, what is typed is held for a moment (a server that restarts is back within a second) and
 * sent once. What was sent and never acknowledged is not sent again: nobody can know whether it arrived, and typing
 * twice is worse than telling.
 */

const HELD_MOST_BYTES = 16 * 1024;

export interface InputHandlers {
  send(frame: Uint8Array<ArrayBuffer>): boolean;
  changed(): void;
}

export class InputQueue {
  frameBytes = 64 * 1024;
  windowBytes = 256 * 1024;
  #queue: Uint8Array<ArrayBuffer>[] = [];
  #queued = 0;
  #sent = 0;
  #acked = 0;
  #flowing = false;

  constructor(readonly handlers: InputHandlers) {}

  /** Bytes that wait for the connection. */
  get held(): number {
    return this.#flowing ? 0 : this.#queued;
  }

  /** Takes typed bytes; false when they can neither be sent nor held. */
  push(data: Uint8Array<ArrayBuffer>): boolean {
    if (!this.#flowing && this.#queued + data.length > HELD_MOST_BYTES) return false;
    this.#queue.push(data);
    this.#queued += data.length;
    this.#pump();
    if (!this.#flowing) this.handlers.changed();
    return true;
  }

  acked(total: number): void {
    this.#acked = total;
    this.#pump();
  }

  /** The connection is back and the terminal takes input: send what was held. */
  resume(): void {
    this.#flowing = true;
    this.#pump();
    this.handlers.changed();
  }

  /** The terminal takes nothing for now; what is typed is held. */
  pause(): void {
    this.#flowing = false;
  }

  /** The connection is gone. Returns how many bytes were under way and may not have arrived. */
  disconnected(): number {
    const lost = this.#sent - this.#acked;
    this.pause();
    this.#sent = this.#acked = 0; // the server counts anew on every connection
    return lost;
  }

  /** Forget what was held. Returns how many bytes that was. */
  discard(): number {
    const dropped = this.#queued;
    this.#queue = [];
    this.#queued = 0;
    this.handlers.changed();
    return dropped;
  }

  #pump(): void {
    while (this.#flowing && this.#queued) {
      const room = Math.min(this.frameBytes, this.windowBytes - (this.#sent - this.#acked));
      const head = this.#queue[0];
      if (!head || room <= 0) return;
      const frame = head.subarray(0, room);
      if (!this.handlers.send(frame)) return;
      this.#sent += frame.length;
      this.#queued -= frame.length;
      if (frame.length === head.length) this.#queue.shift();
      else this.#queue[0] = head.subarray(frame.length);
    }
  }
}
