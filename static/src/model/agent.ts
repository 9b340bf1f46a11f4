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
