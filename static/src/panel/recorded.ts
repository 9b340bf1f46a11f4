/** The mark in a terminal's head that it is recorded, with what that means. */

import { html, nothing, type TemplateResult } from "lit-html";
import type { TerminalClient } from "../terminal/client";
import { place } from "../ui/menu";

/** `watchable`: whoever is told may watch the recordings, as members may and guests may not. */
export function recordedMark(client: TerminalClient | null, watchable: boolean): TemplateResult | typeof nothing {
  const told = client?.state.recording;
  if (!told || (!told.on && !told.problem)) return nothing;
  const opened = (event: Event): void => {
    if ((event as ToggleEvent).newState === "open") place(event.currentTarget as HTMLElement);
  };
  const words = told.on ? "Recorded" : "Not recorded";
  return html`<button class="recorded" popovertarget="recorded" data-problem=${told.on ? nothing : "true"} title="What this means">${words}</button>
    <div id="recorded" class="menu recorded-about" popover role="dialog" aria-label="About the recording" @toggle=${opened}>
      ${told.on
        ? html`<p><strong>What this terminal prints is kept</strong>${told.input ? ", and what each person types" : ""}. Members of the board can watch and search it.</p>
            ${told.input ? html`<p>Mind what you type: also where it is not shown, as passwords are not.</p>` : html`<p>What you type is kept only as far as the terminal shows it.</p>`}
            <p>${watchable ? "Recordings are in the card’s details. An owner can switch it off in the board’s menu." : "It is deleted with its card."}</p>`
        : html`<p>${told.problem}</p>`}
    </div>`;
}
