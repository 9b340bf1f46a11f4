/** When sessions sleep: rules of the installation, which a board changes, and of its rules a card. Pure but for the last. */

import { api } from "../net/api";
import { optimistically } from "./actions";
import { withCard } from "./board";
import type { Store } from "./store";
import type { Board, Card } from "./types";

/** Seconds, 0 for never; `snapshots_kept` is a number of snapshots. */
export interface Rules {
  idle_timeout_s: number;
  stop_after_s: number;
  archive_after_s: number;
  ttl_s: number;
  snapshot_every_s: number;
  snapshots_kept: number;
}

export type RuleName = keyof Rules;

/** What is changed; null gives a rule back to whoever is above. */
export type RulesChange = { [Name in RuleName]?: number | null };

export interface BoardRules {
  installation: Rules;
  board: Partial<Rules>;
}

export interface Rule {
  name: RuleName;
  title: string;
  about: string;
  choices: number[];
}

const MIN = 60;
const HOUR = 60 * MIN;
const DAY = 24 * HOUR;

export const RULES: Rule[] = [
  { name: "idle_timeout_s", title: "Pause when idle", about: "Nobody is in the terminal and nothing runs. Programs are kept.", choices: [5 * MIN, 15 * MIN, 30 * MIN, HOUR, 2 * HOUR, 4 * HOUR, 0] },
  { name: "stop_after_s", title: "Stop after a pause", about: "Its memory is given back. Files are kept.", choices: [30 * MIN, HOUR, 4 * HOUR, 12 * HOUR, DAY, 3 * DAY, 0] },
  { name: "archive_after_s", title: "Archive after a stop", about: "Its container goes, a snapshot is kept.", choices: [DAY, 3 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 90 * DAY, 0] },
  { name: "ttl_s", title: "Time to live", about: "Archived so long after its start, whatever it does. A warning comes first.", choices: [HOUR, 4 * HOUR, 8 * HOUR, DAY, 3 * DAY, 7 * DAY, 0] },
  { name: "snapshot_every_s", title: "Snapshot every", about: "While it runs and something happened.", choices: [15 * MIN, HOUR, 4 * HOUR, 12 * HOUR, DAY, 0] },
  { name: "snapshots_kept", title: "Keep of these", about: "The newest; older ones go.", choices: [1, 3, 5, 10, 20, 50] },
];

/** `30 min`, `1 h 30 min`, `7 days`: a duration in its two largest units. */
export function durationWords(seconds: number): string {
  const parts: string[] = [];
  let left = seconds;
  for (const [unit, one, many] of [[DAY, "day", "days"], [HOUR, "h", "h"], [MIN, "min", "min"], [1, "s", "s"]] as const) {
    const count = Math.floor(left / unit);
    left -= count * unit;
    if (count) parts.push(`${count} ${count === 1 ? one : many}`);
    else if (parts.length) break;
  }
  return parts.slice(0, 2).join(" ") || "0 s";
}

export function valueWords(name: RuleName, value: number): string {
  if (name === "snapshots_kept") return String(value);
  if (value) return durationWords(value);
  return name === "ttl_s" ? "no limit" : "never";
}

/** What holds unless a card says otherwise. */
export const ofBoard = ({ rules }: Board): Rules => ({ ...rules.installation, ...rules.board });

export const ofCard = (board: Board, card: Card): Rules => ({ ...ofBoard(board), ...card.rules });

/** Those that mean something: how many snapshots are kept matters where some are taken. */
export const rulesShown = (inForce: Rules): Rule[] => RULES.filter(({ name }) => name !== "snapshots_kept" || inForce.snapshot_every_s > 0);

function changed(own: Partial<Rules>, change: RulesChange): Partial<Rules> {
  const all = Object.entries({ ...own, ...change }).filter((entry): entry is [RuleName, number] => typeof entry[1] === "number");
  return Object.fromEntries(all);
}

export function changeCardRules(store: Store, card: Card, change: RulesChange): Promise<boolean> {
  const shown = (board: Board): Board => withCard(board, card.id, (each) => ({ ...each, rules: changed(each.rules, change) }));
  return optimistically(store, `Couldn’t change when “${card.title}” sleeps.`, shown, () => api.changeCardRules(card.id, change), (now) => store.putCard(now));
}
