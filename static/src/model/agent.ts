/** An agent on a card, in words. Pure. */

import type { CardAgent } from "./types";

/** It has begun, and is not over. */
export const isLive = ({ state }: CardAgent): boolean => state === "starting" || state === "working" || state === "waiting";

/** What it does, or what became of it. */
export function agentWords({ state, paused, words, exit_code }: CardAgent): string {
  switch (state) {
    case "wanted":
      return "starts with the session";
    case "starting":
      return "starting";
    case "working":
      return paused ? "paused" : "working";
    case "waiting":
      return words ? `waits: ${words}` : "waits for somebody";
    case "finished":
      return exit_code ? `finished with exit code ${exit_code}` : "finished";
    case "failed":
      return words || "could not start";
    case "ended":
      return words || "was ended";
    default:
      return "";
  }
}

/** What it is called: its template, or the program that its command begins with. */
export function agentName({ template, command }: CardAgent): string {
  if (template && template !== "custom") return template;
  const program = command.split(/\s+/).find((word) => !word.includes("=")) ?? "";
  return program.split("/").at(-1) || "agent";
}

/** What it does, for where there is little room. */
export function agentBrief(agent: CardAgent): string {
  if (agent.paused && isLive(agent)) return "paused";
  switch (agent.state) {
    case null:
      return "";
    case "wanted":
      return "ready";
    case "waiting":
      return "waits";
    case "finished":
      return agent.exit_code ? `exit code ${agent.exit_code}` : "finished";
    default:
      return agent.state;
  }
}
