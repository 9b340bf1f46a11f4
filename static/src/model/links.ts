/** Share links: their shapes, and how long one may last. */

export type LinkRole = "watch" | "type";

export interface ShareLink {
  id: string;
  role: LinkRole;
  created_at: string;
  expires_at: string;
}

/** A link just made. Its address is told this once. */
export interface NewLink extends ShareLink {
  url: string;
}

const HOUR_S = 60 * 60;
const DAY_S = 24 * HOUR_S;

export const LIFETIMES: readonly { seconds: number; words: string }[] = [
  { seconds: HOUR_S, words: "1 hour" },
  { seconds: DAY_S, words: "1 day" },
  { seconds: 7 * DAY_S, words: "7 days" },
  { seconds: 30 * DAY_S, words: "30 days" },
];
export const DEFAULT_LIFETIME_S = DAY_S;

/** `1 h 20 min`, `2 days`: until a link ends. */
export function timeLeft(link: { expires_at: string }, now: number): string {
  const minutes = Math.ceil((Date.parse(link.expires_at) - now) / 60_000);
  if (minutes < 60) return `${Math.max(minutes, 1)} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return `${Math.round(hours / 24)} days`;
}
