/** A session's state in words and signs: the same on a card and in the panel. */

import { html, nothing, type TemplateResult } from "lit-html";
import type { Card, Session, Step } from "../model/types";

export function statusOf(card: Card): string {
  return card.session?.status ?? "new";
}

/** The step that is under way, else the last one that was. */
export function currentStep(session: Session): Step | undefined {
  return session.steps.find((step) => step.started_at && !step.finished_at) ?? session.steps.findLast((step) => step.started_at);
}

function runningSince(session: Session): string | null {
  return session.steps.findLast((step) => step.finished_at)?.finished_at ?? session.wanted_at;
}

export function since(iso: string | null, format: "stopwatch" | "uptime"): TemplateResult | typeof nothing {
  return iso ? html`<span class="time" data-since=${iso} data-format=${format}></span>` : nothing;
}

/** A program in the card's terminal asks for somebody. */
export function waits(card: Card): boolean {
  return Boolean(card.session?.waiting);
}

export function statusWords(card: Card): string {
  const session = card.session;
  switch (session?.status) {
    case undefined:
    case "new":
      return "Not started";
    case "starting": {
      const step = currentStep(session);
      return step ? (step.detail ? `${step.label}: ${step.detail}` : step.label) : "Starting";
    }
    case "running":
      if (session.waiting) return `Waits for you: ${session.waiting}`;
      return session.reason ? `Running. ${session.reason}` : "Running";
    case "stopping":
      return "Stopping, files are kept";
    case "asleep":
      return session.reason ? `${session.reason.replace(/\.$/, "")}. Files kept` : "Stopped, files kept";
    case "failed":
      return session.reason || "The start failed.";
    case "deleting":
      return "Deleting…";
  }
}

/** For a place where the details are told elsewhere. */
export function briefStatusWords(card: Card): string {
  switch (card.session?.status) {
    case "starting":
      return "Starting";
    case "failed":
      return "The start failed";
    case "asleep":
      return "Stopped, files kept";
    default:
      return statusWords(card);
  }
}

/** One line: sign, words, how long it has been so, and what else there is to see. */
export function statusRow(card: Card, words = statusWords(card), more: TemplateResult | typeof nothing = nothing): TemplateResult | typeof nothing {
  const session = card.session;
  if (!session || session.status === "new") return nothing;
  const time =
    session.status === "starting" ? since(session.wanted_at, "stopwatch")
    : session.status === "running" ? since(runningSince(session), "uptime")
    : nothing;
  return html`<div class="status" data-status=${session.status} ?data-waiting=${waits(card)}>
    <span class="dot" aria-hidden="true"></span><span class="status-words" title=${words}>${words}</span>${time}${more}
  </div>`;
}

/** One thin segment per step; the last ones are not known before they begin, so four are drawn at least. */
const USUAL_STEPS = 4;

export function stepBar(session: Session): TemplateResult {
  const total = Math.max(USUAL_STEPS, session.steps.length);
  const done = session.steps.filter((step) => step.finished_at).length;
  const segment = (index: number): string => (index < done ? "done" : index === done ? "now" : "");
  return html`<div class="step-bar" aria-hidden="true">
    ${Array.from({ length: total }, (_, index) => html`<i class=${segment(index)}></i>`)}
  </div>`;
}
