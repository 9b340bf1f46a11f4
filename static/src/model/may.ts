/** What the person may do on this board, by their role. The server decides again; this is what the page offers. */

import type { Store } from "./store";
import type { MemberRole } from "./types";

/** Null for who is no member (any more). */
export function myRole(store: Store): MemberRole | null {
  return store.board.members.find((member) => member.id === store.me.id)?.role ?? null;
}

/** Cards, columns, comments, share links, typing. */
export function mayEdit(store: Store): boolean {
  const role = myRole(store);
  return role === "owner" || role === "editor";
}

/** Members, invites, deleting the board. */
export const mayOwn = (store: Store): boolean => myRole(store) === "owner";
