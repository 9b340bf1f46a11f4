/** A card's history in words. Pure. */

import { KIND_WORDS, nameOf, type HistoryEntry, type SnapshotKind } from "./life";
import type { Member } from "./types";
import type { IconName } from "../ui/icons";

export interface Told {
  icon: IconName;
  /** What happened, as the end of a sentence that begins with who did it. */
  words: string;
  /** By the product itself: nobody is named. */
  by: string;
  tone: "usual" | "good" | "bad";
}

type Line = [icon: IconName, byPerson: string, byItself: string, tone?: Told["tone"]];

const ASLEEP = new Set(["paused", "asleep", "archived"]);

function move(entry: HistoryEntry): Line {
  switch (entry.new) {
    case "preparing":
    case "starting":
      return ASLEEP.has(entry.old) ? ["play", "resumed it", "Resumes"] : ["play", "started it", "Starts"];
    case "running":
      return entry.old === "paused" ? ["play", "resumed it", "Resumed", "good"] : ["check", "started it", "Running", "good"];
    case "paused":
      return ["pause", "paused it", "Paused; programs kept"];
    case "asleep":
      return ["stop", "stopped it", "Stopped; files kept"];
    case "archived":
      return ["moon", "archived it", "Archived; kept as a snapshot"];
    case "failed":
      return ["close", "failed", "Failed", "bad"];
    default:
      return ["clock", `moved it to ${entry.new}`, `Now ${entry.new}`];
  }
}

const text = (entry: HistoryEntry, key: string): string => {
  const value = entry.detail[key];
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
};

const named = (words: string, note: string): string => (note ? `${words} “${note}”` : words);

/** One that was made for a reason of its own says that rather than its note. */
function snapshotLine(entry: HistoryEntry, note: string): Line {
  const made = text(entry, "made");
  if (!made && entry.reason) return ["snapshot", "couldn’t take a snapshot", "A snapshot failed", "bad"];
  if (made in KIND_WORDS && made !== "asked") {
    const why = KIND_WORDS[made as SnapshotKind].toLowerCase();
    return ["snapshot", `kept a snapshot: ${why}`, `Snapshot kept: ${why}`];
  }
  return ["snapshot", named("took a snapshot", note), named("Snapshot taken", note)];
}

/** What somebody asked of them; or what one came to, by itself. */
function layersLine(entry: HistoryEntry): Line {
  const [layer, old, now, asked] = [text(entry, "layer"), text(entry, "old"), text(entry, "new"), text(entry, "asked")];
  const came = layer ? `${layer} ${[old, now || "removed"].filter(Boolean).join(" → ")}` : "Layers changed";
  return ["layers", asked ? `asked to ${asked}` : "changed its layers", came];
}

/** Its name is not repeated where it is who did it. */
function agentLine(entry: HistoryEntry): Line {
  const agent = text(entry, "agent") || "the agent";
  const code = text(entry, "code");
  switch (text(entry, "what")) {
    case "started":
      return ["agent", `started ${agent}`, `${agent} started`];
    case "finished":
      return code === "0" ? ["agent", `finished ${agent}`, `${agent} finished`, "good"] : ["agent", `ended ${agent}`, `${agent} ended with exit code ${code}`, "bad"];
    case "failed":
      return ["agent", `could not start ${agent}`, `${agent} could not start`, "bad"];
    default:
      return ["agent", `stopped ${agent}`, `${agent} was ended`];
  }
}

const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;

/** What an agent ran, or how much somebody typed; what people type is nobody else's business. */
function typedLine(entry: HistoryEntry): Line {
  const [ran, lines, keys] = [text(entry, "first_line"), Number(entry.detail["lines"] ?? 0), Number(entry.detail["keys"] ?? 0)];
  const where = Number(entry.detail["terminal"] ?? 0) ? `in terminal ${Number(entry.detail["terminal"]) + 1}` : "in the terminal";
  const more = lines > 1 ? ` and ${lines - 1} more` : "";
  const did = ran ? `ran “${ran}”${more} ${where}` : `typed ${lines ? counted(lines, "line") : counted(keys, "key")} ${where}`;
  return [entry.detail["kind"] === "agent" ? "prompt" : "keyboard", did, did];
}

function other(entry: HistoryEntry): Line {
  const note = text(entry, "note");
  const title = text(entry, "title");
  switch (entry.kind) {
    case "snapshot":
      return snapshotLine(entry, note);
    case "restore":
      return ["restore", named("went back to a snapshot", note), named("Taken back to a snapshot", note)];
    case "fork":
      return ["fork", named("forked it into", title), title ? `Forked into “${title}”` : "Forked"];
    case "forked":
      return ["fork", title ? `forked it from “${title}”` : "forked it from another card", title ? `Forked from “${title}”` : "Forked from another card"];
    case "agent":
      return agentLine(entry);
    case "question":
      return ["hand", named("asked", text(entry, "text")), named("Somebody asked", text(entry, "text"))];
    case "answer":
      return ["check", named("answered", text(entry, "answer")), named("Answered", text(entry, "answer")), "good"];
    case "withdrawn":
      return ["hand", named("withdrew the question", text(entry, "text")), named("Question withdrawn:", text(entry, "text"))];
    case "layers":
      return layersLine(entry);
    case "joined":
      return ["person", "came into the terminal", "Somebody came into the terminal"];
    case "recording":
      return ["record", "recorded the terminal", "The terminal is recorded"];
    case "typed":
      return typedLine(entry);
    case "agents":
      return entry.detail["paused"] ? ["pause", "paused the agents", "Agents paused"] : ["play", "let the agents go on", "Agents go on"];
    case "left":
      return ["leave", "left the terminal", "Somebody left the terminal"];
    case "warning":
      return ["clock", "warned of its end", "Its end came near"];
    case "extended":
      return ["clock", "gave it more time", "It has more time"];
    case "rules":
      return ["moon", "changed when it sleeps", "When it sleeps was changed"];
    default:
      return ["clock", entry.kind, entry.kind];
  }
}

/** Steps on the way, of which nobody needs to know later. */
export const worthTelling = (entry: HistoryEntry): boolean => entry.kind !== "state" || entry.new !== "starting" || entry.reason !== "";

export function told(entry: HistoryEntry, members: Member[]): Told {
  const [icon, byPerson, byItself, tone] = entry.kind === "state" ? move(entry) : other(entry);
  const by = nameOf(members, entry.actor);
  return { icon, by, words: by ? byPerson : byItself, tone: tone ?? "usual" };
}

export const dayOf = (entry: HistoryEntry): string => new Date(entry.at).toDateString();

/** The entries, in runs of the same day. */
export function byDay(entries: HistoryEntry[]): HistoryEntry[][] {
  const days: HistoryEntry[][] = [];
  for (const entry of entries) {
    const latest = days.at(-1);
    if (latest?.[0] && dayOf(latest[0]) === dayOf(entry)) latest.push(entry);
    else days.push([entry]);
  }
  return days;
}
