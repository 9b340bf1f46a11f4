/** Who may type now besides people, who always may: control, the pause of agents, those who wait. Pure. */

import type { TerminalState } from "./client";
import { presentIn, type Present } from "./present";
import type { ServerMessage } from "./protocol";

export const CONTROL_KEY = "Ctrl+Shift+H";
export const PAUSE_KEY = "Ctrl+Shift+Space";

export interface Floor {
  /** Participant ids: who has control, and who has begun a line. */
  holder: string | null;
  openLine: string | null;
  /** Agents whose input waits. */
  waiting: string[];
  paused: boolean;
  pausedBy: string;
}

export const FREE: Floor = { holder: null, openLine: null, waiting: [], paused: false, pausedBy: "" };

export function floorOf(message: ServerMessage & { type: "floor" }): Floor {
  const { holder, open_line, waiting, agents_paused, paused_by } = message;
  return { holder, openLine: open_line, waiting: waiting ?? [], paused: agents_paused, pausedBy: paused_by ?? "" };
}

export interface Standing {
  /** Who has control. */
  holder: Present | null;
  waiting: Present[];
  paused: boolean;
  pausedBy: string;
  agents: boolean;
  /** May take control and pause agents. */
  may: boolean;
}

export function standing(state: TerminalState): Standing {
  const { floor, you } = state;
  const present = presentIn(state);
  return {
    holder: present.find((each) => each.control) ?? null,
    waiting: present.filter((each) => each.waits),
    paused: floor.paused,
    pausedBy: floor.pausedBy,
    agents: present.some((each) => each.kind === "agent"),
    may: you?.role === "type" && you.kind !== "agent" && state.connection === "live",
  };
}

/** What holds agents back, for whoever looks; empty where nothing does. */
export function heldBack({ floor }: TerminalState, { holder, waiting, pausedBy, paused }: Standing, others: Present[]): string {
  if (paused) return pausedBy ? `${pausedBy} paused the agents` : "The agents are paused";
  const who = waiting.map((each) => each.name).join(", ");
  if (who) {
    const typist = others.find((each) => floor.openLine !== null && each.ids.includes(floor.openLine));
    return `${who} ${waiting.length > 1 ? "wait" : "waits"} ${typist ? `for ${typist.name}` : "for you to finish the line"}`;
  }
  if (holder?.you) return "You have control; agents only look";
  return holder ? `${holder.name} has control` : "";
}
