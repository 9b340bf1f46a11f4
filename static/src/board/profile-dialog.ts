/** How others see one: name, initials, colour. */

import { html, type TemplateResult } from "lit-html";
import type { Store } from "../model/store";
import type { Colour, Person } from "../model/types";
import { api } from "../net/api";
import { avatar } from "../ui/avatar";
import { field } from "../ui/dialog";
import { swatches } from "../ui/swatches";
import { toast } from "../ui/toast";
import { formDialog } from "./form-dialog";

/** As the server makes them (`boards/people.py`). */
function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = words.length > 1 ? `${words[0]?.[0] ?? ""}${words.at(-1)?.[0] ?? ""}` : (words[0] ?? "").slice(0, 2);
  return letters.toUpperCase();
}

function fields(draft: Person, own: { initials: string }, again: () => void): TemplateResult {
  const named = (event: Event): void => {
    draft.name = (event.target as HTMLInputElement).value;
    again();
  };
  const signed = (event: Event): void => {
    own.initials = (event.target as HTMLInputElement).value;
    again();
  };
  const coloured = (colour: Colour): void => {
    draft.colour = colour;
    again();
  };
  const derived = initialsOf(draft.name);
  const shown = { ...draft, initials: own.initials.toUpperCase() || derived };
  return html`<div class="profile-face">${avatar(shown, { title: "" })}<span><strong>${draft.name.trim() || "…"}</strong><small>This is how others see you.</small></span></div>
    ${field("Name", html`<input name="name" required maxlength="40" autocomplete="name" autofocus .value=${draft.name} @input=${named} />`)}
    ${field("Initials", html`<input class="profile-initials" name="initials" maxlength="3" autocomplete="off" placeholder=${derived} .value=${own.initials} @input=${signed} />`, "Empty: they follow the name.")}
    ${swatches(draft.colour, coloured)}`;
}

export async function profileDialog(store: Store): Promise<void> {
  const { id, name, colour, initials } = store.me;
  const draft: Person = { id, name, colour, initials };
  const own = { initials: initials === initialsOf(name) ? "" : initials };
  const saved = await formDialog({
    title: "Your profile",
    action: "Save",
    fields: (again) => fields(draft, own, again),
    save: () => api.changeMe({ name: draft.name, initials: own.initials, colour: draft.colour }),
  });
  if (saved) toast({ tone: "info", title: "Your profile is saved." });
}
