/** The terminal WebSocket's messages, as `sessions/protocol.py` documents them. */

import type { Colour, Session } from "../model/types";

export type Kind = "human" | "guest" | "agent";

export interface Participant {
  id: string;
  name: string;
  kind: Kind;
  role: "watch" | "type";
  /** The member's id; null for guests. */
  user: string | null;
  colour: Colour;
  initials: string;
  /** Raised. */
  hand?: boolean;
}

/** Something said, with who said it as they were then. */
export interface ChatLine {
  /** Counts up within a session. */
  id: number;
  from: string;
  user: string | null;
  name: string;
  kind: Kind;
  colour: Colour;
  initials: string;
  text: string;
  at: string;
}

export interface Limits {
  credit: number;
  ack_every: number;
  input_frame: number;
  input_window: number;
}

export interface Screen {
  type: "screen";
  epoch: string;
  seq: number;
  bytes: number;
  reset: boolean;
  prelude: string;
}

/** Whether what the terminal prints is recorded, and what is typed; `problem` says why not, though it should be. */
export interface RecordingStatus {
  on: boolean;
  input: boolean;
  problem: string;
}

export type ServerMessage =
  | { type: "welcome"; you: Participant; limits: Partial<Limits> }
  | Screen
  | { type: "size"; rows: number; cols: number; owner: string | null }
  | { type: "answerer"; you: boolean }
  | { type: "participants"; participants: Participant[] }
  | { type: "typing"; id: string | null }
  | { type: "floor"; holder: string | null; agents_paused: boolean; open_line: string | null; paused_by?: string | null; waiting?: string[] }
  | ({ type: "chat" } & ChatLine)
  | { type: "chat_history"; messages: ChatLine[] }
  | { type: "input_ack"; bytes: number }
  | { type: "session"; session: Session | null; attached: boolean }
  | { type: "refused"; reason: string; about?: "hand" | "chat" | "floor" }
  | { type: "terminal_ended"; exit_code: number }
  | { type: "ended"; reason: string }
  | ({ type: "recording" } & RecordingStatus)
  | { type: "pong"; id: number };

export type ClientMessage =
  | { type: "hello"; rows: number; cols: number; epoch?: string; seq?: number; answers: boolean }
  | { type: "resize"; rows: number; cols: number }
  | { type: "ack"; seq: number }
  | { type: "answer"; data: string }
  | { type: "hand"; raised: boolean; of?: string }
  | { type: "chat"; text: string }
  | { type: "control"; take: boolean }
  | { type: "pause"; agents: boolean }
  | { type: "away"; away: boolean };

/** In force until `welcome` says otherwise. */
export const DEFAULT_LIMITS: Limits = {
  credit: 1024 * 1024,
  ack_every: 64 * 1024,
  input_frame: 64 * 1024,
  input_window: 256 * 1024,
};

export const CHAT_TEXT = 500;
export const ROWS = { min: 2, max: 500 };
export const COLS = { min: 10, max: 1000 };
