/** Keeps the store equal to the server's board: events as they come, the whole board again where one was missed. */

import type { Store } from "../model/store";
import type { BoardChange, BoardEvent } from "../model/types";
import { api, ApiError } from "./api";
import { LiveSocket } from "./live";
import { Watch } from "./looking";

const GAP_MS = 1000; // events of one moment may overtake each other; a gap older than this is a loss
const CAUGHT_UP_MS = 4000;
const SUSPICIOUS_FAILURES = 3;

export class BoardSocket {
  #socket: LiveSocket;
  #early = new Set<number>();
  #gap = 0;
  #lostOnce = false;
  #fetching: Promise<void> | null = null;
  #outdated = false;
  readonly #watch: Watch;

  constructor(
    readonly store: Store,
    readonly onRefused: (code: number) => void,
    readonly onMentions: () => void,
  ) {
    this.#socket = new LiveSocket(`/ws/boards/${encodeURIComponent(store.board.id)}`, {
      ping: () => ({ type: "ping" }),
      opened: () => {},
      text: (message) => this.#received(message as BoardEvent),
      lost: (final) => this.#lost(final),
    });
    this.#watch = new Watch(store, (looking) => this.#socket.send({ type: "looking", ...looking }));
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
      case "events":
        this.#changed(event.events, event.versions);
        break;
      case "card":
      case "card_deleted":
      case "board":
        this.#changed([event], [event.version]);
        break;
      case "presence":
        this.store.setPresence({ people: event.people, terminals: event.terminals });
        break;
      case "layers":
        this.store.putLayers({ recipes: event.recipes, stack: event.stack });
        break;
      case "mentions":
        this.onMentions();
        break;
      case "pong":
        break;
    }
  }

  #changed(events: BoardChange[], versions: number[]): void {
    for (const event of events) {
      if (event.type === "card") this.store.putCard(event.card);
      else if (event.type === "card_deleted") this.store.dropCard(event.id);
    }
    // The board itself is not in its event: it counts as seen once it was fetched.
    if (events.some((event) => event.type === "board")) void this.refetch();
    else for (const version of versions) this.#seen(version);
  }

  async #hello(version: number): Promise<void> {
    this.#watch.again();
    const behind = version !== this.store.serverVersion;
    if (behind) await this.refetch();
    if (this.#lostOnce) this.onMentions();
    const away = this.#lostOnce;
    this.store.setUi({ connection: away && behind ? "caught-up" : "live", cutOffSince: null });
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

  /** Asked for while it is under way, it is done once more after that, however often. */
  refetch(): Promise<void> {
    this.#outdated = true;
    this.#fetching ??= this.#fetchUntilCurrent().finally(() => (this.#fetching = null));
    return this.#fetching;
  }

  async #fetchUntilCurrent(): Promise<void> {
    while (this.#outdated) {
      this.#outdated = false;
      await this.#fetch();
    }
  }

  async #fetch(): Promise<void> {
    try {
      const board = await api.board(this.store.board.id);
      this.store.replaceBoard(board);
      this.#seen(board.version);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) this.onRefused(4404);
    }
  }

  #lost(final: number | null): void {
    const wasLive = this.store.ui.connection === "live" || this.store.ui.connection === "caught-up";
    this.#lostOnce = true;
    this.store.setUi({ connection: "lost", ...(wasLive ? { cutOffSince: Date.now() } : {}) });
    if (final !== null) this.onRefused(final);
    // A handshake refused for an expired login looks like any lost connection: the API tells them apart.
    else if (this.#socket.failures === SUSPICIOUS_FAILURES) void this.refetch();
  }
}
