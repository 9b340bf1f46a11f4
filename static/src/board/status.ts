/** A session's state in words and signs: the same on a card and in the panel. */

import { html, nothing, type TemplateResult } from "lit-html";
import { waits } from "../model/attention";
import { ahead, awake, NEXT_WORDS, placeWords } from "../model/life";
import type { Card, Session, Step } from "../model/types";
import { serverNow } from "../net/clock";
import { countdown } from "../ui/time";

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

const sentence = (reason: string): string => `${reason.replace(/\.$/, "")}. `;

function startingWords(session: Session): string {
  if (session.restoring) return "Going back to a snapshot";
  if (session.place) return placeWords(session.place);
  const step = currentStep(session);
  return step ? (step.detail ? `${step.label}: ${step.detail}` : step.label) : "Starting";
}

/** On its way to sleep: how deep. */
const STOPPING: Record<Session["desired"], string> = {
  running: "Stopping, files are kept",
  paused: "Pausing, programs are kept",
  stopped: "Stopping, files are kept",
  archived: "Archiving: a snapshot is taken",
  deleted: "Deleting…",
};

export function statusWords(card: Card): string {
  const session = card.session;
  const why = session?.reason ? sentence(session.reason) : "";
  switch (session?.status) {
    case undefined:
    case "new":
      return "Not started";
    case "starting":
      return startingWords(session);
    case "running":
      if (session.waiting && !card.asks) return `Waits for you: ${session.waiting}`;
      return session.reason ? `Running. ${session.reason}` : "Running";
    case "stopping":
      return session.restoring ? "Going back to a snapshot" : STOPPING[session.desired];
    case "paused":
      return `${why}Paused, programs kept`;
    case "asleep":
      return session.restoring ? "Going back to a snapshot" : why ? `${why}Files kept` : "Stopped, files kept";
    case "archiving":
      return "Archiving: a snapshot is taken";
    case "archived":
      return session.restoring ? "Going back to a snapshot" : `${why}${why ? "Snapshot kept" : "Archived, kept as a snapshot"}`;
    case "failed":
      return session.reason || "The start failed.";
    case "deleting":
      return "Deleting…";
  }
}

/** What comes by itself, for those who listen; empty while it is far off. */
export function nextWords(card: Card): string {
  const next = card.session && ahead(card.session);
  if (!next || serverNow() < next.shownFrom) return "";
  const words = NEXT_WORDS[next.what];
  return `${words.charAt(0).toUpperCase()}${words.slice(1)} ${countdown(Date.parse(next.at) - serverNow())}`;
}

/** For a place where the details are told elsewhere, or where there is little room. */
export function briefStatusWords(card: Card): string {
  switch (card.session?.status) {
    case "starting":
      return card.session.place ? placeWords(card.session.place) : "Starting";
    case "failed":
      return "The start failed";
    case "paused":
      return "Paused";
    case "asleep":
      return "Stopped";
    case "archived":
      return "Archived";
    case "archiving":
      return "Archiving";
    default:
      return statusWords(card);
  }
}

/** How long it has been so; or, once that is near or it sleeps, when the next thing happens to it. */
function timeOf(session: Session): TemplateResult | typeof nothing {
  if (session.status === "starting") return since(session.wanted_at, "stopwatch");
  const next = ahead(session);
  const soon = next && next.what !== "expire" ? next : null;
  const begun = session.status === "running" ? runningSince(session) : null;
  if (!soon) return since(begun, "uptime");
  return html`<span class="time" data-since=${begun ?? nothing} data-format="uptime" data-until=${soon.at} data-from=${soon.shownFrom} data-words=${NEXT_WORDS[soon.what]}></span>`;
}

/** The words that leave room for the time beside them. */
function fitting(card: Card): string {
  const session = card.session;
  const counts = session && !awake(session.status) && !session.restoring && ahead(session);
  return counts ? briefStatusWords(card) : statusWords(card);
}

/** One line: sign, words, how long it has been so, and what else there is to see. */
export function statusRow(card: Card, words = fitting(card), more: TemplateResult | typeof nothing = nothing): TemplateResult | typeof nothing {
  const session = card.session;
  if (!session || session.status === "new") return nothing;
  return html`<div class="status" data-status=${session.status} ?data-waiting=${waits(card)}>
    <span class="dot" aria-hidden="true"></span><span class="status-words" title=${statusWords(card)}>${words}</span>${timeOf(session)}${more}
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
