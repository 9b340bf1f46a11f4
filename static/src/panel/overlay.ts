/** What the panel shows in the terminal's place while there is none: the wait, the failure, the sleep. */

import { html, nothing, type TemplateResult } from "lit-html";
import { logDialog } from "../board/card-dialogs";
import { since } from "../board/status";
import { startCard } from "../model/actions";
import { recipesBuilding } from "../model/layers";
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

function starting(store: Store, card: Card, session: Session): TemplateResult {
  return html`<div class="overlay" data-kind="starting">
    <p class="overlay-title">Starting ${since(session.wanted_at, "stopwatch")}</p>
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

function resting(store: Store, card: Card, title: string, text: string, action: string): TemplateResult {
  return html`<div class="overlay" data-kind="resting">
    <p class="overlay-title">${title}</p>
    <p class="overlay-reason">${text}</p>
    ${mayEdit(store) ? html`<p class="overlay-actions"><button class="button primary" @click=${() => void startCard(store, card.id)}>${action}</button></p>` : nothing}
  </div>`;
}

function note(title: string, text: string): TemplateResult {
  return html`<div class="overlay" data-kind="note">
    <p class="overlay-title">${title}</p>
    <p class="overlay-reason">${text}</p>
  </div>`;
}

/** Nothing where the terminal itself should be seen. */
export function overlay(store: Store, card: Card, attached: boolean): TemplateResult | typeof nothing {
  const session = card.session;
  if (card.unsaved) return note("One moment", "The card is being saved.");
  switch (session?.status) {
    case "running":
      return nothing;
    case "starting":
      return attached ? nothing : starting(store, card, session);
    case "failed":
      return failed(store, card, session);
    case "stopping":
      return note("Stopping", "Its programs are being ended. The files stay.");
    case "deleting":
      return note("Deleting", "The container and its files are being removed.");
    case "asleep":
      return resting(store, card, session.reason || "Stopped, files kept", "Its files are as they were left; programs are started anew.", "Start");
    case "new":
    case undefined:
      return resting(store, card, "Not started yet", "Starting makes a workspace of its own for this card and opens its terminal here.", "Start");
  }
}
