/** The terminals of a card's session. Pure. */

import type { Card, Session, TerminalShort } from "./types";

export const MAIN_NAME = "Main";
const MAIN: TerminalShort = { number: 0, name: MAIN_NAME, kind: "shell" };
const HASH = /^#terminal=(\d{1,4})$/;

/** Which one an address asks for. */
export function terminalOf(hash: string): number | null {
  const found = HASH.exec(hash)?.[1];
  return found === undefined ? null : Number(found);
}

export const hashOf = (number: number | null): string => (number === null ? "" : `#terminal=${number}`);

export const furtherOf = (session: Session | null): TerminalShort[] => session?.terminals ?? [];

/** The main one first. */
export const terminalsOf = (session: Session | null): TerminalShort[] => [MAIN, ...furtherOf(session)];

/** The one that a card is about: its agent's while that is there, as its miniature shows it. */
export function frontOf(card: Card): number {
  const agent = furtherOf(card.session).filter((each) => each.kind === "agent");
  return agent.at(-1)?.number ?? 0;
}
