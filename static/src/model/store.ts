/**
 * What the page knows: the server's board, the changes it has not confirmed yet, and where the user is.
 *
 * `board` is always the server's word with the pending changes laid over it, so a refused change is undone by
 * forgetting it, whatever else has happened meanwhile.
 */

import { findCard, upsertCard, withoutCard } from "./board";
import { filtered, filterOf, type Filter } from "./filter";
import type { LayersNews } from "./layers";
import type { BoardRecording } from "./recordings";
import type { BoardRules } from "./rules";
import { NOBODY, type Presence } from "./presence";
import type { Mention } from "./talk";
import type { Board, Card, Member, PageState, Person } from "./types";
import { terminalOf } from "./terminals";
import type { UpdateRun } from "./update-run";

export type Change = (board: Board) => Board;
export type Connection = "connecting" | "live" | "lost" | "caught-up";

/** A card lifted by keyboard, and where it would land. */
export interface Lift {
  card: string;
  change: Change;
}

export interface Ui {
  open: string | null;
  full: boolean;
  /** Which terminal of the open card is wanted in front; null leaves it to the card. */
  terminal: number | null;
  /** The column whose composer is open. */
  composing: string | null;
  /** The card that Tab reaches, per column. */
  current: Record<string, string>;
  lift: Lift | null;
  /** Cards chosen together, the latest last. */
  selected: string[];
  filter: Filter;
  /** Whether the search field is asked for where it is hidden for want of room. */
  searching: boolean;
  /** Sessions that are being brought to newer layers, by this page. */
  updating: UpdateRun | null;
  connection: Connection;
  /** When the connection was lost that the page had; null while there is one, or none has been yet. */
  cutOffSince: number | null;
}

export class Store {
  readonly #me: Person;
  readonly boards: PageState["boards"];
  readonly ui: Ui;
  presence: Presence = NOBODY;
  /** Where the person was named and has not looked, on any board. */
  mentions: Mention[];
  #server: Board;
  #changes: Change[] = [];
  #projected: Board | null = null;
  #shown: Board | null = null;
  /** Cards that left the board, with their version then: what is told of them from before that is old news. */
  #gone = new Map<string, number>();
  #archived = new Map<string, Card>();
  #listeners = new Set<() => void>();
  #scheduled = false;

  constructor(page: PageState) {
    this.#me = page.me;
    this.boards = page.boards;
    this.#server = page.board;
    this.mentions = page.mentions;
    this.ui = { open: page.open_card, full: page.full, terminal: terminalOf(location.hash), composing: null, current: {}, lift: null, selected: [], filter: filterOf(location.search), searching: false, updating: null, connection: "connecting", cutOffSince: null };
  }

  get board(): Board {
    const changes = this.ui.lift ? [...this.#changes, this.ui.lift.change] : this.#changes;
    this.#projected ??= changes.reduce((board, change) => change(board), this.#server);
    return this.#projected;
  }

  /** The board as far as the filter lets it be seen. What the user is at is always seen. */
  get shown(): Board {
    const { filter, open, lift } = this.ui;
    this.#shown ??= filtered(this.board, filter, this.me.id, (card) => card.id === open || card.id === lift?.card || card.unsaved === true);
    return this.#shown;
  }

  /** As the board has them now: name and colour may have changed since the page was made. */
  get me(): Person {
    return this.#server.members.find((member) => member.id === this.#me.id) ?? this.#me;
  }

  card(id: string | null): Card | undefined {
    return findCard(this.board, id);
  }

  get serverVersion(): number {
    return this.#server.version;
  }

  /** The returned function ends it. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  setUi(change: Partial<Ui>): void {
    Object.assign(this.ui, change);
    this.#changed();
  }

  setPresence(presence: Presence): void {
    this.presence = presence;
    this.#changed();
  }

  setMentions(mentions: Mention[]): void {
    this.mentions = mentions;
    this.#changed();
  }

  mentionedOn(card: string): boolean {
    return this.mentions.some((mention) => mention.card === card);
  }

  /** Lay a change over the board; the returned function takes it away again. */
  pend(change: Change): () => void {
    this.#changes.push(change);
    this.#changed();
    return () => {
      this.#changes = this.#changes.filter((each) => each !== change);
      this.#changed();
    };
  }

  /** Take the whole board anew; single cards that events have told us more of since stay as they are. */
  replaceBoard(board: Board): void {
    const known = this.#server.columns.flatMap((column) => column.cards);
    const left = [...this.#gone].filter(([id, version]) => (findCard(board, id)?.version ?? 0) <= version);
    const fetched = left.reduce((rest, [id]) => withoutCard(rest, id), board);
    const newer = known.filter((card) => (findCard(fetched, card.id)?.version ?? card.version) < card.version);
    this.#server = newer.reduce(upsertCard, fetched);
    this.#changed();
  }

  putMembers(members: Member[]): void {
    this.#server = { ...this.#server, members };
    this.#changed();
  }

  putLayers(news: LayersNews): void {
    this.#server = { ...this.#server, ...news };
    this.#changed();
  }

  putRules(rules: BoardRules): void {
    this.#server = { ...this.#server, rules };
    this.#changed();
  }

  putRecording(recording: BoardRecording): void {
    this.#server = { ...this.#server, recording };
    this.#changed();
  }

  putCard(card: Card): void {
    if (card.version <= (this.#gone.get(card.id) ?? -1)) return;
    if (card.archived_at) {
      this.#leave(card.id, card.version);
      this.#archived.set(card.id, card);
      return;
    }
    this.#archived.delete(card.id);
    this.#server = upsertCard(this.#server, card);
    this.#changed();
  }

  dropCard(id: string): void {
    this.#archived.delete(id);
    this.#leave(id, Infinity);
  }

  /** A card that was archived while this page was open. */
  archived(id: string): Card | undefined {
    return this.#archived.get(id);
  }

  #leave(id: string, version: number): void {
    this.#gone.set(id, version);
    this.#server = withoutCard(this.#server, id);
    this.#changed();
  }

  setVersion(version: number): void {
    this.#server = { ...this.#server, version };
    this.#projected = this.#shown = null;
  }

  /** Listeners run once per turn of the event loop, before the next paint. */
  #changed(): void {
    this.#projected = this.#shown = null;
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      for (const listener of this.#listeners) listener();
    });
  }
}
