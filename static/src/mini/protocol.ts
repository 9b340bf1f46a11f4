/** The messages of the miniatures' socket, as `sessions/terminal/screens_protocol.py` documents them. */

import type { Participant } from "../terminal/protocol";

export interface Frame {
  type: "screen";
  card: string;
  rows: number;
  cols: number;
  bytes: number;
  reset: boolean;
  prelude: string;
}

/** Who is in a card's terminal, and the id of who types. */
export interface People {
  type: "people";
  card: string;
  participants: Participant[];
  typing: string | null;
}

export type ServerMessage = Frame | People | { type: "pong" };

export type PageMessage = { type: "show"; cards: string[] } | { type: "drawn"; card: string };
