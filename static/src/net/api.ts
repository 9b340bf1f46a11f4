/** The HTTP API, `/api/v1`. Every call rejects with `ApiError`, whose message is meant for the user. */

import type { AccessToken, NewAccessToken, TokenWish } from "../model/access-tokens";
import type { Place } from "../model/board";
import type { ColumnFields } from "../model/columns";
import type { Differences, LogPart, Ready, Recipe, Spec, StackExport, TomlChange, Version } from "../layers/types";
import type { Stack } from "../model/layers";
import type { HistoryEntry, Lineage, Sleep, Snapshot } from "../model/life";
import type { BoardRecording, Hits, Recording } from "../model/recordings";
import type { BoardRules, RulesChange } from "../model/rules";
import type { Secret, SecretPlace } from "../model/secrets";
import type { LinkRole, NewLink, ShareLink } from "../model/links";
import type { AgentTemplate } from "../model/agent-actions";
import type { Question } from "../model/questions";
import type { Invite, Login, Me, NewInvite } from "../model/people";
import type { CardFile, Comment, Mention } from "../model/talk";
import type { Overview } from "../sessions/model";
import type { Board, Card, CardFields, MovedCard, Column, Label, Member, MemberRole, Person, TerminalDetails, FurtherTerminal } from "../model/types";
import { learnServerTime } from "./clock";
import { toLogin } from "./login";

const ANSWER_WITHIN_MS = 20_000;

export class ApiError extends Error {
  constructor(
    readonly status: number,
    detail: string,
    /** Of an edit that would have overwritten somebody else's: the card as it is now. */
    readonly card: Card | null = null,
  ) {
    super(detail);
  }
}

export function csrfToken(): string {
  return /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";
}

async function problemOf(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  const { detail, card } = (body && typeof body === "object" ? body : {}) as { detail?: unknown; card?: Card };
  const unexplained = `The server answered ${response.status}. Try again; if it stays, its log says more.`;
  return new ApiError(response.status, typeof detail === "string" && detail ? detail : unexplained, card ?? null);
}

async function call<T>(method: string, path: string, body?: object): Promise<T> {
  let response: Response;
  const patience = AbortSignal.timeout(ANSWER_WITHIN_MS);
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: patience,
    });
  } catch {
    if (patience.aborted) throw new ApiError(0, "The server did not answer in time. Look whether it was done before you try again.");
    throw new ApiError(0, "The server can’t be reached. Try again when the connection is back.");
  }
  learnServerTime(response);
  if (response.status === 401) toLogin();
  if (!response.ok) throw await problemOf(response);
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

const card = (id: string): string => `/cards/${encodeURIComponent(id)}`;
const column = (id: string): string => `/columns/${encodeURIComponent(id)}`;
const label = (id: string): string => `/labels/${encodeURIComponent(id)}`;
const snapshot = (id: string): string => `/snapshots/${encodeURIComponent(id)}`;
const board = (id: string): string => `/boards/${encodeURIComponent(id)}`;
const secrets = (place: SecretPlace): string => `${place.kind === "board" ? board(place.id) : card(place.id)}/secrets`;

export const api = {
  board: (id: string) => call<Board>("GET", board(id)),
  createBoard: (name: string) => call<Board>("POST", "/boards", { name }),
  renameBoard: (id: string, name: string) => call<Board>("PATCH", board(id), { name }),
  deleteBoard: (id: string) => call<unknown>("DELETE", board(id)),
  changeRole: (id: string, user: string, role: MemberRole) => call<Member[]>("PATCH", `${board(id)}/members/${user}`, { role }),
  removeMember: (id: string, user: string) => call<unknown>("DELETE", `${board(id)}/members/${user}`),
  invites: (id: string) => call<Invite[]>("GET", `${board(id)}/invites`),
  createInvite: (id: string, role: MemberRole, expires_in_s: number) => call<NewInvite>("POST", `${board(id)}/invites`, { role, expires_in_s }),
  revokeInvite: (id: string, invite: string) => call<unknown>("DELETE", `${board(id)}/invites/${encodeURIComponent(invite)}`),
  me: () => call<Me>("GET", "/me"),
  changeMe: (fields: Partial<Omit<Person, "id">>) => call<Me>("PATCH", "/me", fields),
  changePassword: (current: string, fresh: string) => call<unknown>("POST", "/me/password", { current, new: fresh }),
  logins: () => call<Login[]>("GET", "/me/logins"),
  revokeLogin: (id: string) => call<unknown>("DELETE", `/me/logins/${encodeURIComponent(id)}`),
  logOutElsewhere: () => call<unknown>("DELETE", "/me/logins"),
  tokens: () => call<AccessToken[]>("GET", "/tokens"),
  createToken: (wish: TokenWish) => call<NewAccessToken>("POST", "/tokens", wish),
  revokeToken: (id: number) => call<unknown>("DELETE", `/tokens/${id}`),
  addColumn: (boardId: string, fields: ColumnFields) => call<Column>("POST", `${board(boardId)}/columns`, fields),
  editColumn: (id: string, fields: Partial<ColumnFields>) => call<Column>("PATCH", column(id), fields),
  moveColumn: (id: string, before: string | null) => call<Column>("POST", `${column(id)}/move`, { before }),
  deleteColumn: (id: string) => call<unknown>("DELETE", column(id)),
  createCard: (boardId: string, title: string, column: string) =>
    call<Card>("POST", `${board(boardId)}/cards`, { title, column }),
  /** `was`: the values that the editing began with; what somebody else changed since then is not overwritten. */
  editCard: (id: string, fields: Partial<CardFields>, was: Partial<CardFields> = {}) => call<Card>("PATCH", card(id), { ...fields, was }),
  moveCard: (id: string, place: Place) => call<Card>("POST", `${card(id)}/move`, place),
  copyCard: (id: string, fields: { title?: string; column?: string }) => call<Card>("POST", `${card(id)}/copy`, fields),
  moveCards: (boardId: string, cards: string[], place: Place) => call<MovedCard[]>("POST", `${board(boardId)}/cards/move`, { cards, ...place }),
  archiveCards: (boardId: string, cards: string[]) => call<Card[]>("POST", `${board(boardId)}/cards/archive`, { cards }),
  restoreCards: (boardId: string, cards: string[]) => call<Card[]>("POST", `${board(boardId)}/cards/restore`, { cards }),
  deleteCards: (boardId: string, cards: string[]) => call<unknown>("POST", `${board(boardId)}/cards/delete`, { cards }),
  editCards: (boardId: string, cards: string[], list: "labels" | "assignees", change: { add?: string[]; remove?: string[] }) =>
    call<Card[]>("POST", `${board(boardId)}/cards/edit`, { cards, [list]: change }),
  sessions: () => call<Overview>("GET", "/sessions"),
  startCard: (id: string) => call<Card>("POST", `${card(id)}/start`),
  sleepCard: (id: string, how: Sleep) => call<Card>("POST", `${card(id)}/sleep`, { how }),
  extendCard: (id: string, seconds: number) => call<Card>("POST", `${card(id)}/extend`, { seconds }),
  forkCard: (id: string, from: { title?: string; snapshot?: string }) => call<Card>("POST", `${card(id)}/fork`, from),
  lineage: (id: string) => call<Lineage>("GET", `${card(id)}/lineage`),
  history: (id: string, page: { before?: number; limit: number }) =>
    call<HistoryEntry[]>("GET", `${card(id)}/history?limit=${page.limit}${page.before ? `&before=${page.before}` : ""}`),
  snapshots: (id: string) => call<Snapshot[]>("GET", `${card(id)}/snapshots`),
  takeSnapshot: (id: string, note: string) => call<Snapshot>("POST", `${card(id)}/snapshots`, { note }),
  noteSnapshot: (id: string, note: string) => call<Snapshot>("PATCH", snapshot(id), { note }),
  deleteSnapshot: (id: string) => call<unknown>("DELETE", snapshot(id)),
  restoreSnapshot: (id: string) => call<Card>("POST", `${snapshot(id)}/restore`),
  deleteCard: (id: string) => call<unknown>("DELETE", card(id)),
  archiveCard: (id: string) => call<Card>("POST", `${card(id)}/archive`),
  restoreCard: (id: string) => call<Card>("POST", `${card(id)}/restore`),
  archive: (boardId: string) => call<Card[]>("GET", `${board(boardId)}/archive`),
  terminals: (id: string) => call<TerminalDetails[]>("GET", `${card(id)}/terminals?runs=true`),
  createTerminal: (id: string, what: { name?: string; command?: string }) => call<FurtherTerminal>("POST", `${card(id)}/terminals`, what),
  renameTerminal: (id: string, number: number, name: string) => call<FurtherTerminal>("PATCH", `${card(id)}/terminals/${number}`, { name }),
  closeTerminal: (id: string, number: number) => call<unknown>("DELETE", `${card(id)}/terminals/${number}`),
  links: (id: string) => call<ShareLink[]>("GET", `${card(id)}/links`),
  createLink: (id: string, role: LinkRole, expires_in_s: number) => call<NewLink>("POST", `${card(id)}/links`, { role, expires_in_s }),
  revokeLink: (id: string, link: string) => call<unknown>("DELETE", `${card(id)}/links/${encodeURIComponent(link)}`),
  comments: (id: string, page: { before?: string; limit: number }) =>
    call<Comment[]>("GET", `${card(id)}/comments?limit=${page.limit}${page.before ? `&before=${encodeURIComponent(page.before)}` : ""}`),
  addComment: (id: string, text: string) => call<Comment>("POST", `${card(id)}/comments`, { text }),
  editComment: (id: string, comment: string, text: string) => call<Comment>("PATCH", `${card(id)}/comments/${encodeURIComponent(comment)}`, { text }),
  deleteComment: (id: string, comment: string) => call<unknown>("DELETE", `${card(id)}/comments/${encodeURIComponent(comment)}`),
  seeComments: (id: string) => call<unknown>("POST", `${card(id)}/comments/seen`),
  agentTemplates: () => call<AgentTemplate[]>("GET", "/agent-templates"),
  putAgent: (id: string, agent: { template: string; command: string }) => call<Card>("PUT", `${card(id)}/agent`, agent),
  startAgent: (id: string) => call<Card>("POST", `${card(id)}/agent/start`),
  pauseAgents: (id: string, paused: boolean) => call<Card>("POST", `${card(id)}/agent/${paused ? "pause" : "resume"}`),
  stopAgent: (id: string) => call<Card>("POST", `${card(id)}/agent/stop`),
  questions: (id: string, which: { open?: boolean; limit: number }) => call<Question[]>("GET", `${card(id)}/questions?open=${which.open ?? false}&limit=${which.limit}`),
  answerQuestion: (id: string, answer: string) => call<Question>("POST", `/questions/${encodeURIComponent(id)}/answer`, { answer }),
  mentions: () => call<Mention[]>("GET", "/me/mentions"),
  files: (id: string) => call<CardFile[]>("GET", `${card(id)}/files`),
  deleteFile: (id: string, file: string) => call<unknown>("DELETE", `${card(id)}/files/${encodeURIComponent(file)}`),
  markdown: (boardId: string, text: string) => call<{ html: string }>("POST", `${board(boardId)}/markdown`, { text }),
  createLabel: (boardId: string, fields: Partial<Omit<Label, "id">>) => call<Label>("POST", `${board(boardId)}/labels`, fields),
  editLabel: (id: string, fields: Partial<Omit<Label, "id">>) => call<Label>("PATCH", label(id), fields),
  deleteLabel: (id: string) => call<unknown>("DELETE", label(id)),
  updateLayers: (id: string, what: { recipe?: number; version?: number }) => call<Card>("POST", `${card(id)}/layers/update`, what),
  addLayer: (id: string, recipe: number) => call<Card>("POST", `${card(id)}/layers`, { recipe }),
  removeLayer: (id: string, recipe: number) => call<Card>("DELETE", `${card(id)}/layers/${recipe}`),
  restartCard: (id: string) => call<Card>("POST", `${card(id)}/restart`),
  updateBoard: (id: string) => call<{ sessions: number }>("POST", `${board(id)}/layers/update`),
  cardStack: (id: string) => call<Stack & { own: boolean }>("GET", `${card(id)}/stack`),
  putCardStack: (id: string, stack: Partial<Stack>) => call<Stack>("PUT", `${card(id)}/stack`, stack),
  dropCardStack: (id: string) => call<Stack>("DELETE", `${card(id)}/stack`),
  putStack: (id: string, stack: Partial<Stack>) => call<Stack>("PUT", `${board(id)}/stack`, stack),
  secrets: (place: SecretPlace) => call<Secret[]>("GET", secrets(place)),
  setSecret: (place: SecretPlace, name: string, value: string) => call<Secret>("PUT", `${secrets(place)}/${encodeURIComponent(name)}`, { value }),
  deleteSecret: (place: SecretPlace, name: string) => call<unknown>("DELETE", `${secrets(place)}/${encodeURIComponent(name)}`),
  changeBoardRules: (id: string, change: RulesChange) => call<BoardRules>("PATCH", `${board(id)}/rules`, change),
  changeCardRules: (id: string, change: RulesChange) => call<Card>("PATCH", `${card(id)}/rules`, change),
  recipes: (id: string) => call<Recipe[]>("GET", `${board(id)}/recipes`),
  catalogue: (id: string) => call<Ready[]>("GET", `${board(id)}/recipes/catalogue`),
  createRecipe: (id: string, fields: { kind: string; name: string; spec: Spec; build: boolean }) => call<Recipe>("POST", `${board(id)}/recipes`, fields),
  editRecipe: (id: number, fields: { name?: string; spec?: Spec; build?: boolean }) => call<Recipe>("PATCH", `/recipes/${id}`, fields),
  deleteRecipe: (id: number) => call<unknown>("DELETE", `/recipes/${id}`),
  buildRecipe: (id: number, how: { why?: string; fresh?: boolean }) => call<{ version: Version | null }>("POST", `/recipes/${id}/build`, how),
  versions: (id: number, before?: number) => call<Version[]>("GET", `/recipes/${id}/versions${before ? `?before=${before}` : ""}`),
  versionLog: (id: number, offset: number) => call<LogPart>("GET", `/versions/${id}/log?offset=${offset}`),
  cancelBuild: (id: number) => call<unknown>("POST", `/versions/${id}/cancel`),
  differences: (was: number, now: number) => call<Differences>("GET", `/versions/${was}/diff/${now}`),
  applyToml: (id: string, text: string, apply: boolean) => call<TomlChange[]>("POST", `${board(id)}/vibenv-toml`, { text, apply }),
  exports: (id: string) => call<StackExport[]>("GET", `${board(id)}/exports`),
  createExport: (id: string, what: { image?: string; card?: string }) => call<StackExport>("POST", `${board(id)}/exports`, what),
  recordings: (id: string) => call<Recording[]>("GET", `${card(id)}/recordings`),
  searchRecordings: (id: string, words: string, within: { recording?: string; limit: number }) =>
    call<Hits>("GET", `${card(id)}/recordings/search?q=${encodeURIComponent(words)}&limit=${within.limit}${within.recording ? `&recording=${encodeURIComponent(within.recording)}` : ""}`),
  deleteRecording: (id: string) => call<unknown>("DELETE", `/recordings/${encodeURIComponent(id)}`),
  changeBoardRecording: (id: string, change: Partial<BoardRecording>) => call<BoardRecording>("PATCH", `${board(id)}/recording`, change),
  cardLog: (id: string) => call<{ log: string }>("GET", `${card(id)}/log`),
};

/** End this login; the form comes next. */
export async function logOut(): Promise<void> {
  await fetch("/logout/", { method: "POST", headers: { "X-CSRFToken": csrfToken() } }).catch(() => undefined);
  location.assign("/login/");
}
