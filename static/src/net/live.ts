/**
 * A WebSocket that comes back: jittered backoff, at once when the network or the page does, and a heartbeat that
 * notices a connection which is open only in name.
 */

const BACKOFF_MIN_MS = 200;
const BACKOFF_MAX_MS = 5000;
const CONNECT_TIMEOUT_MS = 10_000;
const PING_EVERY_MS = 10_000;
const PONG_WITHIN_MS = 5000;
const DOUBTED_PONG_WITHIN_MS = 1500; // after sleep, in front again, without a network: it is better to know soon

/** Close codes of the server that no reconnecting mends. */
export const FINAL_CODES: ReadonlySet<number> = new Set([4400, 4401, 4403, 4404, 4410]);

export interface LiveHandlers {
  /** The heartbeat's message; anything that comes back counts as its answer. */
  ping(id: number): object;
  opened(): void;
  text(message: unknown): void;
  bytes?(data: Uint8Array): void;
  /** The connection is gone. `final` is the close code when it will not be tried again, else null. */
  lost(final: number | null): void;
}

export class LiveSocket {
  #socket: WebSocket | null = null;
  #attempt = 0;
  #retry = 0;
  #deadline = 0;
  #heartbeat = 0;
  #pings = 0;
  #pinged = Date.now();
  #closed = false;
  readonly #wake = (): void => this.#woken();
  readonly #doubt = (): void => void (this.open && this.#ping(DOUBTED_PONG_WITHIN_MS)); // the server may be on this very machine

  constructor(
    readonly path: string,
    readonly handlers: LiveHandlers,
  ) {
    addEventListener("online", this.#wake);
    addEventListener("offline", this.#doubt);
    document.addEventListener("visibilitychange", this.#wake);
    this.#connect();
  }

  get open(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  get failures(): number {
    return this.#attempt;
  }

  send(message: object | Uint8Array<ArrayBuffer>): boolean {
    if (!this.#socket || !this.open) return false;
    this.#socket.send(message instanceof Uint8Array ? message : JSON.stringify(message));
    return true;
  }

  /** Try again now instead of waiting for the backoff to run out. */
  retryNow(): void {
    if (this.#socket || this.#closed) return;
    clearTimeout(this.#retry);
    this.#connect();
  }

  /** Have another connection in the place of this one. */
  reconnect(): void {
    if (this.#closed) return;
    this.#drop();
    this.handlers.lost(null);
    this.#connect();
  }

  close(): void {
    this.#closed = true;
    removeEventListener("online", this.#wake);
    removeEventListener("offline", this.#doubt);
    document.removeEventListener("visibilitychange", this.#wake);
    this.#drop();
  }

  #connect(): void {
    const url = new URL(this.path, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#expect(CONNECT_TIMEOUT_MS);
    socket.onopen = () => {
      this.#heard();
      this.#pinged = Date.now();
      this.#heartbeat = setInterval(() => this.#ping(), PING_EVERY_MS);
      this.handlers.opened();
    };
    socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => {
      this.#attempt = 0; // only a server that talks counts as one that is back
      this.#heard();
      if (typeof event.data === "string") this.handlers.text(JSON.parse(event.data));
      else this.handlers.bytes?.(new Uint8Array(event.data));
    };
    socket.onclose = (event) => this.#lost(event.code);
  }

  #ping(withinMs = PONG_WITHIN_MS): void {
    const slept = Date.now() - this.#pinged > 2 * PING_EVERY_MS;
    this.#pinged = Date.now();
    this.send(this.handlers.ping(++this.#pings));
    if (!this.#deadline) this.#expect(slept ? DOUBTED_PONG_WITHIN_MS : withinMs);
  }

  /** Give the connection up unless something arrives in time. */
  #expect(withinMs: number): void {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.#lost(0), withinMs);
  }

  #heard(): void {
    clearTimeout(this.#deadline);
    this.#deadline = 0;
  }

  #woken(): void {
    if (document.visibilityState !== "visible") return;
    if (this.open) this.#ping(DOUBTED_PONG_WITHIN_MS);
    else this.retryNow();
  }

  #lost(code: number): void {
    this.#drop();
    if (this.#closed) return;
    if (FINAL_CODES.has(code)) {
      this.close();
      this.handlers.lost(code);
      return;
    }
    const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** this.#attempt++);
    this.#retry = setTimeout(() => this.#connect(), ceiling * (0.5 + Math.random() / 2));
    this.handlers.lost(null);
  }

  #drop(): void {
    clearTimeout(this.#retry);
    clearInterval(this.#heartbeat);
    this.#heard();
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}
