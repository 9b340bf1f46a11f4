/** A person as a coloured disc with initials: the one way that people are drawn. */

import { html, nothing, type TemplateResult } from "lit-html";
import type { Person } from "../model/types";

export interface AvatarExtra {
  /** What it is called instead of the person's name; empty beside the name itself, which then is enough. */
  title?: string;
  /** Something small on its edge. */
  mark?: TemplateResult;
  /** A program has another shape than people. */
  kind?: "human" | "guest" | "agent";
}

export function avatar(person: Pick<Person, "name" | "colour" | "initials">, extra: AvatarExtra = {}): TemplateResult {
  const title = extra.title ?? person.name;
  const mark = extra.mark ? html`<span class="avatar-mark">${extra.mark}</span>` : nothing;
  if (!title) return html`<span class="avatar" data-kind=${extra.kind ?? "human"} data-hue=${person.colour} aria-hidden="true">${person.initials}${mark}</span>`;
  return html`<span class="avatar" data-kind=${extra.kind ?? "human"} data-hue=${person.colour} role="img" aria-label=${title} title=${title}>${person.initials}${mark}</span>`;
}
