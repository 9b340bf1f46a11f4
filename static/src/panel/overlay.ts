/** What the panel shows in the terminal's place while there is none: the wait, the failure, the sleep. */

import { html, nothing, type TemplateResult } from "lit-html";
import { agentSheet } from "../board/agent-items";
import { logDialog } from "../board/card-dialogs";
import { currentStep, since } from "../board/status";
import { startCard } from "../model/actions";
import { columnOf } from "../model/board";
import { recipesBuilding } from "../model/layers";
import { ahead, NEXT_WORDS, placeWords } from "../model/life";
import { mayEdit } from "../model/may";
import type { Store } from "../model/store";
import type { Card, Session, Step } from "../model/types";
import { icon } from "../ui/icons";
import { stopwatch } from "../ui/time";

function took(step: Step, running: boolean): TemplateResult | typeof nothing {
  if (!step.started_at) return nothing;
  if (!step.finished_at) return running ? since(step.started_at, "stopwatch") : nothing;
  const ms = Date.parse(step.finished_at) - Date.parse(step.started_at);
  return html`<span class="time">${ms < 1000 ? `${Math.max(1, Math.round(ms))} ms` : stopwatch(ms)}</span>`;
}

function stepLine(step: Step, failed: boolean): TemplateResult {
  const state = step.finished_at ? "done" : failed ? "failed" : "now";
  const mark = { done: icon("check"), failed: icon("close"), now: html`<span class="dot"></span>` }[state];
  return html`<li data-step=${state}>
    <span class="step-mark" aria-hidden="true">${mark}</span>
    <span class="step-words">${step.label}${step.detail ? html`<small>${step.detail}</small>` : nothing}</span>
    ${took(step, state === "now")}
  </li>`;
}

function steps(session: Session): TemplateResult {
  const begun = session.steps.filter((step) => step.started_at);
  return html`<ol class="steps" data-testid="steps">${begun.map((step) => stepLine(step, session.status === "failed"))}</ol>`;
}

/** Where the log is of what the start waits for. */
function builds(store: Store, card: Card, session: Session): TemplateResult | typeof nothing {
  const waits = session.steps.some((step) => step.name === "environment" && step.started_at && !step.finished_at);
  const recipes = waits && !session.layers.some((layer) => layer.runs !== null) ? recipesBuilding(store.board, card) : [];
  if (!recipes.length) return nothing;
  return html`<p class="overlay-builds">Logs: ${recipes.map((recipe) => html`<a href="/b/${store.board.id}/layers#${recipe.id}">${recipe.kind} ${recipe.name}</a> `)}</p>`;
}

/** There is a screen from before: it is seen through, while the session comes back to it. */
function resuming(session: Session): TemplateResult {
  const step = session.place ? placeWords(session.place) : session.restoring ? "Going back to a snapshot" : (currentStep(session)?.label ?? "");
  return html`<div class="overlay" data-kind="resuming" role="status">
    <div class="overlay-card">
      <p class="overlay-title">${session.restoring ? "Restoring…" : "Resuming…"} ${since(session.wanted_at, "stopwatch")}</p>
      ${step ? html`<p class="overlay-reason">${step}</p>` : nothing}
    </div>
  </div>`;
}

function starting(store: Store, card: Card, session: Session, hasScreen: boolean): TemplateResult {
  if (hasScreen) return resuming(session);
  return html`<div class="overlay" data-kind="starting">
    <p class="overlay-title">${session.place ? placeWords(session.place) : "Starting"} ${since(session.wanted_at, "stopwatch")}</p>
    ${session.place ? html`<p class="overlay-reason">Others start first. Nothing is to be done; its turn comes by itself.</p>` : nothing}
    ${steps(session)} ${builds(store, card, session)}
  </div>`;
}

function failed(store: Store, card: Card, session: Session): TemplateResult {
  return html`<div class="overlay" data-kind="failed" role="alert">
    <p class="overlay-title">The start failed</p>
    <p class="overlay-reason">${session.reason}</p>
    ${steps(session)} ${builds(store, card, session)}
    <p class="overlay-actions">
      ${mayEdit(store) ? html`<button class="button primary" @click=${() => void startCard(store, card.id)}>Retry</button>` : nothing}
      <button class="button" @click=${() => logDialog(card)}>Show log</button>
    </p>
  </div>`;
}

const ENDED = /^The shell ended/;

/** What became of a session, what is kept of it, and what its button is called. */
function restWords(session: Session): { title: string; text: string; action: string } {
  const ended = ENDED.test(session.reason);
  const why = session.reason && !ended ? `${session.reason} ` : "";
  switch (session.status) {
    case "paused":
      return { title: "Paused", text: `${why}Its programs are held where they were, and go on when it is resumed.`, action: "Resume" };
    case "archived":
      return { title: ended ? "The shell ended" : "Archived", text: `${why}${ended ? "Its files are" : "It is"} kept as a snapshot, from which it starts again as it was left.`, action: ended ? "Start again" : "Resume" };
    default:
      return { title: ended ? "The shell ended" : "Stopped, files kept", text: `${why}Its files are as they were left; programs are started anew.`, action: ended ? "Start again" : "Resume" };
  }
}

function comes(session: Session): TemplateResult | typeof nothing {
  const next = ahead(session);
  if (!next) return nothing;
  const words = NEXT_WORDS[next.what];
  return html`<p class="overlay-next" data-shown-from=${next.shownFrom}><span data-until=${next.at} data-from="0" data-words="${words.charAt(0).toUpperCase()}${words.slice(1)}"></span></p>`;
}

/** The last screen is seen dimly behind it, where there is one. */
function resting(store: Store, card: Card, session: Session, hasScreen: boolean): TemplateResult {
  const { title, text, action } = restWords(session);
  const elsewhere = columnOf(store.board, card.id)?.role !== "active";
  const active = store.board.columns.find((column) => column.role === "active");
  const button = html`<p class="overlay-actions"><button class="button primary" @click=${() => void startCard(store, card.id)}>${action}</button>
    ${elsewhere && active ? html`<small>Moves the card to ${active.name}.</small>` : nothing}</p>`;
  return html`<div class="overlay" data-kind="resting" data-rest=${session.status} ?data-over-screen=${hasScreen}>
    <div class="overlay-card">
      <p class="overlay-title">${title}</p>
      <p class="overlay-reason">${text}</p>
      ${comes(session)}
      ${mayEdit(store) ? button : html`<p class="overlay-reason">An editor or owner of the board can resume it.</p>`}
    </div>
  </div>`;
}

function fresh(store: Store, card: Card): TemplateResult {
  return html`<div class="overlay" data-kind="resting">
    <p class="overlay-title">Not started yet</p>
    <p class="overlay-reason">Starting makes a workspace of its own for this card and opens its terminal here.</p>
    ${mayEdit(store)
      ? html`<p class="overlay-actions"><button class="button primary" @click=${() => void startCard(store, card.id)}>Start</button>
          ${card.agent ? nothing : html`<button class="button" @click=${() => agentSheet(store, card)}>Put an agent on it…</button>`}</p>`
      : nothing}
  </div>`;
}

function note(title: string, text: string, overScreen = false): TemplateResult {
  return html`<div class="overlay" data-kind="note" role="status" ?data-over-screen=${overScreen}><div class="overlay-card">
    <p class="overlay-title">${title}</p>
    <p class="overlay-reason">${text}</p>
  </div></div>`;
}

const archiving = (session: Session, hasScreen: boolean): TemplateResult =>
  note(ENDED.test(session.reason) ? "The shell ended" : "Archiving", "A snapshot of its files is taken; then its container goes.", hasScreen);

/** Nothing where the terminal itself should be seen. `hasScreen`: something stands on it from before. */
export function overlay(store: Store, card: Card, attached: boolean, hasScreen: boolean): TemplateResult | typeof nothing {
  const session = card.session;
  if (card.unsaved) return note("One moment", "The card is being saved.");
  if (session?.restoring && session.status !== "starting") return note("Restoring…", "Its present state is kept as a snapshot first.", hasScreen);
  switch (session?.status) {
    case "running":
      return nothing;
    case "starting":
      return attached ? nothing : starting(store, card, session, hasScreen);
    case "failed":
      return failed(store, card, session);
    case "stopping":
      if (session.desired === "archived") return archiving(session, hasScreen);
      if (session.desired === "paused") return note("Pausing", "Its programs are being held where they are.", hasScreen);
      return note("Stopping", "Its programs are being ended. The files stay.", hasScreen);
    case "archiving":
      return archiving(session, hasScreen);
    case "deleting":
      return note("Deleting", "The container and its files are being removed.");
    case "paused":
    case "asleep":
    case "archived":
      return resting(store, card, session, hasScreen);
    case "new":
    case undefined:
      return fresh(store, card);
  }
}
