/** People and what they are to a board: shapes, words, and what an owner does with members. */

import { api } from "../net/api";
import { optimistically } from "./actions";
import type { Change, Store } from "./store";
import type { Member, MemberRole, Person } from "./types";

export interface Me extends Person {
  username: string;
  has_password: boolean;
}

/** A browser that is logged in. */
export interface Login {
  id: string;
  browser: string;
  address: string;
  created_at: string;
  seen_at: string;
  current: boolean;
}

export interface Invite {
  id: string;
  role: MemberRole;
  used: number;
  created_at: string;
  expires_at: string;
}

/** An invite just made. Its address is told this once. */
export interface NewInvite extends Invite {
  url: string;
}

export const ROLES: readonly { role: MemberRole; name: string; hint: string }[] = [
  { role: "viewer", name: "Viewer", hint: "Looks at cards and watches terminals." },
  { role: "editor", name: "Editor", hint: "Changes cards and types in terminals." },
  { role: "owner", name: "Owner", hint: "Also decides who is in." },
];
export const roleName = (role: MemberRole): string => ROLES.find((each) => each.role === role)?.name ?? role;

const withMembers = (change: (members: Member[]) => Member[]): Change => (board) => ({ ...board, members: change(board.members) });

/** The event of the change brings the whole board anew; until it comes the answer stands. */
export function changeRole(store: Store, member: Member, role: MemberRole): Promise<boolean> {
  const change = withMembers((members) => members.map((each) => (each.id === member.id ? { ...each, role } : each)));
  const call = (): Promise<Member[]> => api.changeRole(store.board.id, member.id, role);
  return optimistically(store, `Couldn’t make ${member.name} ${role}.`, change, call, (members) => store.putMembers(members));
}

export function removeMember(store: Store, member: Member): Promise<boolean> {
  const change = withMembers((members) => members.filter((each) => each.id !== member.id));
  const call = (): Promise<unknown> => api.removeMember(store.board.id, member.id);
  const left = (): void => store.putMembers(store.board.members.filter((each) => each.id !== member.id));
  return optimistically(store, `Couldn’t remove ${member.name}.`, change, call, left);
}
