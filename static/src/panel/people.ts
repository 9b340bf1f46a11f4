/** Who is in the open terminal: a row of faces, and the list behind it. */

import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import type { TerminalClient } from "../terminal/client";
import { presentIn, type Present } from "../terminal/present";
import { avatar } from "../ui/avatar";
import { icon } from "../ui/icons";
import { place } from "../ui/menu";

const MOST = 4;

const KINDS = { human: "", guest: "guest", agent: "agent" };

/** What there is to say of somebody, the most important first. */
export function aboutOf(each: Present): string[] {
  return [
    each.you ? "you" : "",
    each.hands.length ? "raises a hand" : "",
    each.typing ? "is typing" : "",
    each.control ? "has control" : "",
    each.waits ? "waits to type" : "",
    KINDS[each.kind],
    each.mayType ? "may type" : "watches",
    each.windows > 1 ? `${each.windows} windows` : "",
    each.owner ? "decides the size" : "",
  ].filter(Boolean);
}

/** With signs of a raised hand, of typing, of being a program. */
export function face(each: Present, title: string): TemplateResult {
  const mark = each.hands.length ? "hand" : each.kind === "agent" ? "prompt" : null;
  const sign = mark ? { mark: html`<span class="face-mark" data-sign=${mark}>${icon(mark)}</span>` } : {};
  return html`<span class="face" data-kind=${each.kind} data-typing=${each.typing ? "true" : nothing}>${avatar(each, { title, kind: each.kind, ...sign })}</span>`;
}

/** Overlapping, as many as fit. */
export function faces(present: Present[], most = MOST): TemplateResult {
  const shown = present.slice(0, present.length > most ? most - 1 : most);
  const more = present.length - shown.length;
  return html`<span class="avatars faces">
    ${repeat(shown, (each) => each.key, (each) => face(each, ""))}
    ${more ? html`<span class="face-more">+${more}</span>` : nothing}
  </span>`;
}

function row(client: TerminalClient, each: Present): TemplateResult {
  const lower = each.hands.length && (each.you || client.state.you?.role === "type");
  const act = (): void => (each.you ? client.room.raise(false) : client.room.lower(each.hands));
  return html`<li>
    ${face(each, "")}
    <span class="people-words"><strong>${each.name}</strong><small>${aboutOf(each).join(" · ")}</small></span>
    ${lower ? html`<button class="button small" aria-label="Lower the hand of ${each.name}" @click=${act}>Lower</button>` : nothing}
  </li>`;
}

export function people(client: TerminalClient | null): TemplateResult | typeof nothing {
  const state = client?.state;
  if (!client || !state || state.participants.length < 2) return nothing;
  const present = presentIn(state);
  const names = present.map((each) => `${each.name}: ${aboutOf(each).join(", ")}`);
  const opened = (event: Event): void => {
    if ((event as ToggleEvent).newState === "open") place(event.currentTarget as HTMLElement);
  };
  return html`<button class="people" popovertarget="people" aria-label="In this terminal: ${names.join("; ")}" title=${names.join("\n")}>${faces(present)}</button>
    <div id="people" class="menu people-list" popover role="dialog" aria-label="In this terminal" @toggle=${opened}>
      <ul>${repeat(present, (each) => each.key, (each) => row(client, each))}</ul>
    </div>`;
}
