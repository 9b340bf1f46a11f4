/** Cards that ask for a person. Pure. */

import type { Board, Card } from "./types";

const agentWaits = ({ agent }: Card): string => (agent?.state === "waiting" ? agent.words || "Its agent waits" : "");

/** What the card waits for somebody for: an agent's question, or a program in its terminal. Empty when it does not. */
export const waitsFor = (card: Card): string => card.asks || agentWaits(card) || card.session?.waiting || "";

export const waits = (card: Card): boolean => waitsFor(card) !== "";

/** In the board's order. */
export const waitingOn = (board: Board): Card[] => board.columns.flatMap((column) => column.cards).filter(waits);
