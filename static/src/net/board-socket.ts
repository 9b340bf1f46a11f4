/** Keeps the store equal to the server's board: events as they come, the whole board again where one was missed. */

import type { Store } from "../model/store";
import type { BoardEvent } from "../model/types";
import { api, ApiError } from "./api";
import { LiveSocket } from "./live";

const GAP_MS = 1000; // events of one moment may overtake each other; a gap older than this is a loss
const CAUGHT_UP_MS = 4000;
const SUSPICIOUS_FAILURES = 3;

export class BoardSocket {
  #socket: LiveSocket;
  #early = new Set<number>();
  #gap = 0;
  #lostOnce = false;

  constructor(
    readonly store: Store,
    readonly onRefused: (code: number) => void,
  ) {
    this.#socket = new LiveSocket(`/ws/boards/${encodeURIComponent(store.board.id)}`, {
      ping: () => ({ type: "ping" }),
      opened: () => {},
      text: (message) => this.#received(message as BoardEvent),
      lost: (final) => this.#lost(final),
    });
  }

  retryNow(): void {
    this.#socket.retryNow();
  }

  #received(event: BoardEvent): void {
    switch (event.type) {
      case "hello":
        void this.#hello(event.version);
        break;
      case "version":
        if (event.version > this.store.serverVersion) this.#watchGap();
        break;
      case "card":
        this.store.putCard(event.card);
        this.#seen(event.version);
        break;
      case "card_deleted":
        this.store.dropCard(event.id);
        this.#seen(event.version);
        break;
      case "board":
        void this.refetch();
        break;
      case "pong":
        break;
    }
  }

  async #hello(version: number): Promise<void> {
    const behind = version !== this.store.serverVersion;
    if (behind) await this.refetch();
    const away = this.#lostOnce;
    this.store.setUi({ connection: away && behind ? "caught-up" : "live" });
    if (away && behind) setTimeout(() => this.#settle(), CAUGHT_UP_MS);
  }

  #settle(): void {
    if (this.store.ui.connection === "caught-up") this.store.setUi({ connection: "live" });
  }

  #seen(version: number): void {
    let next = this.store.serverVersion;
    this.#early.add(version);
    while (this.#early.delete(next + 1)) next += 1;
    this.store.setVersion(next);
    for (const early of this.#early) if (early <= next) this.#early.delete(early);
    if (this.#early.size) this.#watchGap();
  }

  #watchGap(): void {
    const from = this.store.serverVersion;
    this.#gap ||= setTimeout(() => {
      this.#gap = 0;
      if (this.store.serverVersion === from) void this.refetch();
      else if (this.#early.size) this.#watchGap();
    }, GAP_MS);
  }

  async refetch(): Promise<void> {
    try {
      const board = await api.board(this.store.board.id);
      this.store.replaceBoard(board);
      this.#seen(board.version);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) this.onRefused(4404);
    }
  }

  #lost(final: number | null): void {
    this.#lostOnce = true;
    this.store.setUi({ connection: "lost" });
    if (final !== null) this.onRefused(final);
    // A handshake refused for an expired login looks like any lost connection: the API tells them apart.
    else if (this.#socket.failures === SUSPICIOUS_FAILURES) void this.refetch();
  }
}
