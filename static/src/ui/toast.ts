/** Short notes in the corner. They go by themselves, later when they tell of a failure, never while looked at. */

import { html, nothing, render } from "lit-html";
import { putAbove, raise } from "./above";
import { icon } from "./icons";

export interface Note {
  tone: "info" | "error";
  title: string;
  detail?: string;
  /** One thing that can be done about it, as long as the note is there. */
  action?: { words: string; run: () => void };
}

const SHOWN_MS = { info: 5000, error: 10_000, action: 10_000 };
const MOST = 4;

const region = document.createElement("div");
region.className = "toasts";
region.setAttribute("role", "log");
region.setAttribute("aria-live", "polite");
region.setAttribute("aria-label", "Notifications");
putAbove(region);

export function toast(note: Note): void {
  const element = document.createElement("div");
  element.className = "toast";
  element.dataset["tone"] = note.tone;
  element.dataset["testid"] = "toast";
  const dismiss = (): void => element.remove();
  const act = (): void => {
    dismiss();
    note.action?.run();
  };
  render(
    html`<div class="toast-text">
        <strong>${note.title}</strong>
        ${note.detail ? html`<span>${note.detail}</span>` : nothing}
      </div>
      ${note.action ? html`<button class="button small" @click=${act}>${note.action.words}</button>` : nothing}
      <button class="icon-button" aria-label="Dismiss" @click=${dismiss}>${icon("close")}</button>`,
    element,
  );
  const leave = (): number => setTimeout(() => (element.matches(":hover, :focus-within") ? leave() : dismiss()), SHOWN_MS[note.action ? "action" : note.tone]);
  leave();
  while (region.childElementCount >= MOST) region.firstElementChild?.remove();
  raise();
  region.append(element);
}
