/** Who is in a terminal: people, rather than their windows. Pure. */

import type { Colour } from "../model/types";
import type { ChatLine, Kind, Participant } from "./protocol";

export interface Present {
  key: string;
  /** Of their windows. */
  ids: string[];
  name: string;
  colour: Colour;
  initials: string;
  kind: Kind;
  mayType: boolean;
  you: boolean;
  windows: number;
  /** Of the windows whose hand is raised. */
  hands: string[];
  typing: boolean;
  /** Typed last, so that their window decides the size. */
  owner: boolean;
  /** Has control, or waits to type. */
  control: boolean;
  waits: boolean;
}

export interface Room {
  participants: Participant[];
  you: Participant | null;
  owner: string | null;
  typing: string | null;
  floor?: { holder: string | null; waiting: string[] };
}

/** A member is one person in all windows, who may have several agents; a guest's windows cannot be told apart from other guests. */
const keyOf = (each: { id: string; user: string | null; kind: Kind; name: string }): string =>
  each.kind === "agent" ? `agent ${each.user} ${each.name}` : each.user ? `${each.kind} ${each.user}` : each.id;

/** Those with a raised hand come first. */
export function presentIn({ participants, you, owner, typing, floor }: Room): Present[] {
  const found = new Map<string, Present>();
  for (const each of participants) {
    const key = keyOf(each);
    const { name, colour, initials, kind } = each;
    const person = found.get(key) ?? { key, ids: [], name, colour, initials, kind, mayType: false, you: false, windows: 0, hands: [], typing: false, owner: false, control: false, waits: false };
    person.mayType ||= each.role === "type";
    person.you ||= each.id === you?.id;
    person.ids.push(each.id);
    person.windows += 1;
    if (each.hand) person.hands.push(each.id);
    person.typing ||= each.id === typing;
    person.owner ||= each.id === owner;
    person.control ||= each.id === floor?.holder;
    person.waits ||= floor?.waiting.includes(each.id) ?? false;
    found.set(key, person);
  }
  return [...found.values()].sort((one, other) => Number(other.hands.length > 0) - Number(one.hands.length > 0));
}

export const saidBy = (line: ChatLine, you: Participant | null): boolean =>
  you !== null && (line.from === you.id || keyOf({ ...line, id: line.from }) === keyOf(you));

