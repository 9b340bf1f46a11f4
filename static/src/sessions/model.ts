/** All sessions that one may see: their shapes, and how they are filtered, sorted and summed. Pure. */

import type { Status } from "../model/types";

export interface SessionRow {
  id: string;
  name: string;
  card: string;
  title: string;
  board: string;
  board_name: string;
  column_role: string;
  archived: boolean;
  may_edit: boolean;
  status: Status;
  reason: string;
  /** In the line for a start; 1 is next. */
  place: number | null;
  wanted_by: string;
  created_at: string;
  state_since: string;
  /** In cores. */
  cpu: number | null;
  memory_bytes: number | null;
  disk_bytes: number | null;
  cost_hour: number | null;
}

export interface Overview {
  sessions: SessionRow[];
  /** When figures were last measured; null before the first time. */
  measured_at: string | null;
  problem: string;
  room: { memory_bytes: number; memory_free_bytes: number | null; cpus: number } | null;
  /** Null where nothing costs anything. */
  cost: { currency: string; core_hour: number; gib_hour: number } | null;
}

export type Column = "title" | "board" | "status" | "by" | "cpu" | "memory" | "disk" | "age" | "cost";

export interface Order {
  by: Column;
  down: boolean;
}

export interface Choice {
  status: string;
  board: string;
}

export const STATUS_WORDS: Partial<Record<string, string>> = {
  starting: "Starting",
  running: "Running",
  pausing: "Pausing",
  paused: "Paused",
  stopping: "Stopping",
  asleep: "Stopped",
  archiving: "Archiving",
  archived: "Archived",
  failed: "Failed",
  new: "Not started",
  deleting: "Deleting",
};

export const statusOf = (row: SessionRow): string => STATUS_WORDS[row.status] ?? row.status;

/** What is told of them first. */
const STATUSES = Object.keys(STATUS_WORDS);

const VALUES: Record<Column, (row: SessionRow) => string | number | null> = {
  title: (row) => row.title.toLowerCase(),
  board: (row) => row.board_name.toLowerCase(),
  status: (row) => STATUSES.indexOf(row.status) + (row.place ?? 0) / 10_000,
  by: (row) => row.wanted_by.toLowerCase(),
  cpu: (row) => row.cpu,
  memory: (row) => row.memory_bytes,
  disk: (row) => row.disk_bytes,
  age: (row) => -Date.parse(row.created_at),
  cost: (row) => row.cost_hour,
};

/** Columns of figures begin with the largest. */
export const startsDown = (column: Column): boolean => ["cpu", "memory", "disk", "cost", "age"].includes(column);

function compare(one: string | number | null, other: string | number | null): number {
  if (typeof one === "string" && typeof other === "string") return one.localeCompare(other);
  return Number(one) - Number(other);
}

/** Unknown figures come last, whatever the direction. */
export function sorted(rows: readonly SessionRow[], order: Order): SessionRow[] {
  const value = VALUES[order.by];
  return [...rows].sort((a, b) => {
    const [one, other] = [value(a), value(b)];
    if (one === null || other === null) return Number(one === null) - Number(other === null) || a.name.localeCompare(b.name);
    return (order.down ? -1 : 1) * compare(one, other) || a.name.localeCompare(b.name);
  });
}

export function chosen(rows: readonly SessionRow[], choice: Choice): SessionRow[] {
  return rows.filter((row) => (!choice.status || row.status === choice.status) && (!choice.board || row.board === choice.board));
}

/** Every status there is, and the chosen one, with how many have it, in their usual order. */
export function counts(rows: readonly SessionRow[], now: string): [string, number][] {
  const found = STATUSES.map((status): [string, number] => [status, rows.filter((row) => row.status === status).length]);
  return found.filter(([status, count]) => count > 0 || status === now);
}

export function boardsOf(rows: readonly SessionRow[]): [string, string][] {
  const named = new Map(rows.map((row) => [row.board, row.board_name]));
  return [...named].sort((a, b) => a[1].localeCompare(b[1]));
}

/** Null where none of them is known. */
export function total(rows: readonly SessionRow[], figure: "cpu" | "memory_bytes" | "disk_bytes" | "cost_hour"): number | null {
  const known = rows.map((row) => row[figure]).filter((value) => value !== null);
  return known.length ? known.reduce((sum, value) => sum + value, 0) : null;
}

export type Rest = "pause" | "stop" | "archive";

const CAN: Record<Rest, readonly string[]> = {
  pause: ["running"],
  stop: ["running", "starting", "paused", "pausing", "failed"],
  archive: ["running", "starting", "paused", "pausing", "asleep", "stopping", "failed"],
};

/** Those that can be brought to rest that way. */
export function able(rows: readonly SessionRow[], how: Rest): SessionRow[] {
  return rows.filter((row) => row.may_edit && CAN[how].includes(row.status));
}

export function cores(value: number | null): string {
  if (value === null) return "–";
  return `${(value * 100).toFixed(value < 0.0995 ? 1 : 0)} %`;
}

export function money(value: number | null, currency: string): string {
  if (value === null) return "–";
  const digits = value && value < 0.1 ? 4 : 2;
  try {
    return new Intl.NumberFormat("en", { style: "currency", currency, minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
  } catch {
    return `${value.toFixed(digits)} ${currency}`; // of somebody's own
  }
}
