/** Tokens that let programs and agents in: what they reach and may, in words. */

import { timeLeft } from "./links";

/** A token, as the server tells of it. Its secret is told once, when it is made. */
export interface AccessToken {
  id: number;
  name: string;
  kind: "person" | "cli" | "agent";
  hint: string;
  verbs: string[];
  board: { id: string; name: string } | null;
  card: { id: string; title: string } | null;
  created_at: string;
  last_used_at: string | null;
  expires_at: string | null;
}

export interface NewAccessToken extends AccessToken {
  token: string;
}

export interface TokenWish {
  name: string;
  board?: string;
  card?: string;
  verbs: string[];
  expires_in_s?: number;
}

/** The groups of verbs that a token can have, as `boards/verbs.py` has them. */
export const GROUPS: readonly { group: string; short: string; words: string }[] = [
  { group: "look", short: "read", words: "Read boards, cards, files and screens" },
  { group: "type", short: "run commands", words: "Type and run commands, write files" },
  { group: "cards", short: "change cards", words: "Create, edit, move and comment on cards" },
  { group: "sessions", short: "steer sessions", words: "Start, sleep, snapshot and fork sessions" },
  { group: "ask", short: "ask", words: "Ask people questions, answer them" },
  { group: "share", short: "share", words: "Share links, invites, members" },
  { group: "layers", short: "change layers", words: "Change and build layers" },
  { group: "admin", short: "administer", words: "Everything else: tokens, secrets, settings" },
];

const DAY_S = 24 * 60 * 60;
/** 0 is no end. */
export const TOKEN_LIFETIMES: readonly { seconds: number; words: string }[] = [
  { seconds: DAY_S, words: "1 day" },
  { seconds: 30 * DAY_S, words: "30 days" },
  { seconds: 90 * DAY_S, words: "90 days" },
  { seconds: 365 * DAY_S, words: "1 year" },
  { seconds: 0, words: "Until revoked" },
];
export const DEFAULT_TOKEN_LIFETIME_S = 90 * DAY_S;

export function reach(token: AccessToken): string {
  if (token.card) return `The card “${token.card.title}”`;
  return token.board ? `The board “${token.board.name}”` : "All your boards";
}

export function may(token: AccessToken): string {
  if (token.verbs.length === GROUPS.length) return "all that you may";
  return GROUPS.filter((each) => token.verbs.includes(each.group)).map((each) => each.short).join(", ");
}

export function ends(token: AccessToken, now: number): string {
  return token.expires_at ? `ends in ${timeLeft({ expires_at: token.expires_at }, now)}` : "works until revoked";
}
