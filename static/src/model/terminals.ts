/** The terminals of a card's session. Pure. */

import { isLive } from "./agent";
import type { Card, Session, FurtherTerminal } from "./types";

export const MAIN_NAME = "Main";
const MAIN: FurtherTerminal = { number: 0, name: MAIN_NAME, kind: "shell" };
const HASH = /^#terminal=(\d{1,4})$/;

/** Which one an address asks for. */
export function terminalOf(hash: string): number | null {
  const found = HASH.exec(hash)?.[1];
  return found === undefined ? null : Number(found);
}

export const hashOf = (number: number | null): string => (number === null ? "" : `#terminal=${number}`);

export const furtherOf = (session: Session | null): FurtherTerminal[] => session?.terminals ?? [];

/** The main one first. */
export const terminalsOf = (session: Session | null): FurtherTerminal[] => [MAIN, ...furtherOf(session)];

/** The one that a card is about: its agent's while that is at work, as its miniature shows it. */
export function frontOf({ agent, session }: Card): number {
  const number = agent && isLive(agent) ? agent.terminal : null;
  return number !== null && furtherOf(session).some((each) => each.number === number) ? number : 0;
}
