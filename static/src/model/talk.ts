/** What people say about a card, and the files they give it: shapes of the API. */

import type { Person } from "./types";

export interface Comment {
  id: string;
  /** Null for somebody who is no longer here. */
  author: Person | null;
  text: string;
  /** The text, as the server rendered and sanitised it. */
  html: string;
  created_at: string;
  edited_at: string | null;
}

/** Where the person was named and has not looked yet. */
export interface Mention {
  comment: string;
  card: string;
  title: string;
  board: string;
  author: Person | null;
  excerpt: string;
  created_at: string;
}

export interface CardFile {
  id: string;
  name: string;
  size_bytes: number;
  added_by: string;
  created_at: string;
  /** Where it is in the session, once `in_session` is true. */
  path: string;
  in_session: boolean;
  /** Why it could not be copied into the session; empty when it was, or will be. */
  problem: string;
}

export const LARGEST_FILE_BYTES = 50 * 1024 ** 2;

/** `512 bytes`, `1.5 MB`. */
export function sizeWords(bytes: number): string {
  if (bytes < 1024) return bytes === 1 ? "1 byte" : `${bytes} bytes`;
  if (bytes < 1024 ** 2) return `${Math.round(bytes / 1024)} KB`;
  return `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}
