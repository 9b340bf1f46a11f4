/** What `/api/v1` and the board socket speak. Times are ISO 8601 UTC. */

import type { LayersNews, RecipeShort, SessionLayer, Stack } from "./layers";
import type { BoardRecording } from "./recordings";
import type { BoardRules, Rules } from "./rules";
import type { Mention } from "./talk";
import type { Presence } from "./presence";

/** `paused`: its programs are held; `asleep`: stopped, its files are kept; `archived`: kept as a snapshot, without a container. */
export type Status = "new" | "starting" | "running" | "stopping" | "paused" | "asleep" | "archiving" | "archived" | "failed" | "deleting";
export type ColumnRole = "backlog" | "active" | "done";

export interface Step {
  name: string;
  label: string;
  detail: string;
  started_at: string | null;
  finished_at: string | null;
}

export interface Next {
  what: "pause" | "stop" | "archive" | "expire";
  at: string;
}

export interface Session {
  id: string;
  name: string;
  status: Status;
  /** What was asked of it. */
  desired: "running" | "paused" | "stopped" | "archived" | "deleted";
  reason: string;
  /** Why its terminal waits for somebody; empty when it does not. */
  waiting?: string;
  container: string;
  wanted_at: string | null;
  steps: Step[];
  /** From the bottom up. */
  layers: SessionLayer[];
  /** Recipes that somebody took away from it. */
  without: number[];
  restart_asked: boolean;
  /** What becomes of it by itself, and when; null when nothing does. */
  next: Next | null;
  idle_since: string | null;
  /** When the time ends that it was given. */
  expires_at: string | null;
  /** In the line of those that wait for a start; 1 is the next. */
  place: number | null;
  /** Beside the main one. */
  terminals: FurtherTerminal[];
  /** It is being taken to a snapshot. */
  restoring: boolean;
}

/** A terminal of a session beside its main one, whose number is 0. */
export interface FurtherTerminal {
  number: number;
  name: string;
  kind: "shell" | "agent";
}

/** With what would end with it. */
export interface TerminalDetails extends FurtherTerminal {
  /** A program, and how many more; empty where only a shell waits. */
  runs: string | null;
}

export type AgentState = "wanted" | "starting" | "working" | "waiting" | "finished" | "failed" | "ended";

/** The agent that a card names, and what its latest run does. */
export interface CardAgent {
  template: string;
  command: string;
  /** Null before its first run. */
  state: AgentState | null;
  paused: boolean;
  /** What it waits for, or why it is over. */
  words: string;
  exit_code: number | null;
  /** The number of its terminal; null while it has none. */
  terminal: number | null;
  /** Of this state. */
  since: string | null;
}

export interface Card {
  id: string;
  board: string;
  column: string;
  rank: string;
  version: number;
  title: string;
  description: string;
  url: string;
  /** Ids of the board's labels and members; one that the board has no longer is not shown. */
  labels: string[];
  assignees: string[];
  /** A day, `2026-11-25`. */
  due_on: string | null;
  is_template: boolean;
  /** How many. */
  comments: number;
  files: number;
  /** How many that nobody answered yet, and the oldest of them in words. */
  questions: number;
  asks: string;
  /** When it was taken off the board; null for a card that is on it. */
  archived_at: string | null;
  /** Which stack its session is made of; the board's, or one of its own. */
  stack: number | null;
  /** The card that it was forked from; null for one that was not, or whose parent was deleted. */
  forked_from: string | null;
  /** Its own rules of when its session sleeps; what is not here is the board's. */
  rules: Partial<Rules>;
  session: Session | null;
  /** Null where the card names none and had none. */
  agent: CardAgent | null;
  /** Only here, not on the server yet. */
  unsaved?: boolean;
}

/** Of several that were moved together, one that may have had to stay. */
export interface MovedCard extends Card {
  /** Why it stayed where it was; empty when it did not. */
  refused: string;
}

/** What people set of a card; the API takes any part of it. */
export type CardFields = Pick<Card, "title" | "description" | "due_on" | "labels" | "assignees" | "is_template">;

export interface Column {
  id: string;
  name: string;
  role: ColumnRole;
  /** How many cards may be in it; null for any number. */
  wip_limit: number | null;
  cards: Card[];
}

/** The names of `boards/palette.py`; the style sheet has a `--hue-<name>` for each. */
export type Colour = "red" | "orange" | "amber" | "green" | "teal" | "blue" | "indigo" | "purple" | "pink" | "grey";

export interface Label {
  id: string;
  name: string;
  colour: Colour;
}

export type MemberRole = "owner" | "editor" | "viewer";

export interface Person {
  id: string;
  name: string;
  colour: Colour;
  initials: string;
}

export interface Member extends Person {
  username: string;
  role: MemberRole;
}

export interface Board {
  id: string;
  name: string;
  version: number;
  recipes: RecipeShort[];
  stack: Stack;
  rules: BoardRules;
  /** Whether its terminals are recorded. */
  recording: BoardRecording;
  labels: Label[];
  members: Member[];
  columns: Column[];
}

/** What the server writes into the page (`#vibenv-state`). */
export interface PageState {
  board: Board;
  boards: { id: string; name: string }[];
  me: Person;
  open_card: string | null;
  full: boolean;
  mentions: Mention[];
}

/** Of the board's numbered changes, those that a page applies by itself. */
export type BoardChange =
  | { type: "card"; version: number; card: Card }
  | { type: "card_deleted"; version: number; id: string }
  | { type: "board"; version: number };

export type BoardEvent =
  | BoardChange
  | { type: "hello"; version: number }
  | { type: "version"; version: number }
  /** Several of one moment; of those about one card only the latest is there, but all their versions are. */
  | { type: "events"; versions: number[]; events: BoardChange[] }
  /** Where the person is mentioned may have changed. */
  | { type: "mentions" }
  /** What the board's layers are now. */
  | ({ type: "layers" } & LayersNews)
  | ({ type: "presence" } & Presence)
  | { type: "pong" };
