/** Who is on the board now, and in its terminals. */

import { agentName, isLive } from "./agent";
import type { Store } from "./store";
import type { Person } from "./types";

/** A person, however many pages they have open. */
export interface Present extends Person {
  /** Cards that they have open. */
  cards: string[];
  idle: boolean;
}

/** Somebody in a terminal: a member, a guest by name, or an agent. */
export interface InTerminal extends Person {
  kind: "human" | "guest" | "agent";
  /** The member's id; null for guests. */
  user: string | null;
}

export interface Presence {
  people: Present[];
  /** By card. */
  terminals: Record<string, InTerminal[]>;
}

/** A picture, and words about whoever it shows. */
export interface Seen {
  person: Person;
  words: string;
  idle: boolean;
  kind: InTerminal["kind"];
}

export const NOBODY: Presence = { people: [], terminals: {} };

/** As the board has them now: somebody may have changed their colour meanwhile. */
const current = (store: Store, person: Person): Person => store.board.members.find((member) => member.id === person.id) ?? person;

/** Everybody on the board but the person who looks. */
export function others(store: Store): Seen[] {
  return store.presence.people
    .filter((each) => each.id !== store.me.id)
    .map((each) => ({ person: current(store, each), words: `${each.name}, ${where(store, each)}`, idle: each.idle, kind: "human" }));
}

function where(store: Store, person: Present): string {
  const titles = person.cards.flatMap((id) => store.card(id)?.title ?? []);
  const place = titles.length ? `at ${titles.map((title) => `“${title}”`).join(", ")}` : "on this board";
  return person.idle ? `${place}, away` : place;
}

/** Who has the card open or is in its terminal, but the person who looks; each of them once. */
export function atCard(store: Store, card: string): Seen[] {
  const looking = store.presence.people.filter((each) => each.id !== store.me.id && each.cards.includes(card));
  const seen: Seen[] = looking.map((each) => ({ person: current(store, each), words: each.name, idle: each.idle, kind: "human" }));
  const known = new Set([store.me.id, ...looking.map((each) => each.id)]);
  const agent = store.card(card)?.agent;
  for (const each of store.presence.terminals[card] ?? []) {
    if (each.kind === "agent" && agent && isLive(agent) && each.name === agentName(agent)) continue; // its own line tells of it
    const key = each.kind === "human" && each.user ? each.user : `${each.kind} ${each.name}`;
    if (known.has(key)) continue;
    known.add(key);
    seen.push({ person: each.user && each.kind === "human" ? current(store, { ...each, id: each.user }) : each, words: WORDS[each.kind](each.name), idle: false, kind: each.kind });
  }
  return seen;
}

const WORDS: Record<InTerminal["kind"], (name: string) => string> = {
  human: (name) => `${name}, in the terminal`,
  guest: (name) => `${name}, a guest in the terminal`,
  agent: (name) => `${name}, an agent in the terminal`,
};
