/** The messages of the miniatures' socket, as `sessions/terminal/screens_protocol.py` documents them. */

export interface Frame {
  type: "screen";
  card: string;
  rows: number;
  cols: number;
  bytes: number;
  reset: boolean;
  prelude: string;
}

export type ServerMessage = Frame | { type: "pong" };

export type PageMessage = { type: "show"; cards: string[] } | { type: "drawn"; card: string };
