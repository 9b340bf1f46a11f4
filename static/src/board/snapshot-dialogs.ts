/** The dialogs about one snapshot. */

import { html } from "lit-html";
import type { Snapshot } from "../model/life";
import type { Card } from "../model/types";
import { ask, field } from "../ui/dialog";
import { ago } from "../ui/time";

/** Say what it does, and that it can be undone. */
export async function confirmRestore(card: Card, snapshot: Snapshot): Promise<boolean> {
  const title = "Restore this snapshot?";
  const answer = await ask(
    title,
    html`<h2>${title}</h2>
      <div class="dialog-body">
        <p>The files of “${card.title}” become what they were ${ago(snapshot.created_at)}${snapshot.note ? html` (“${snapshot.note}”)` : ""}. Programs that run in it end.</p>
        <p>Its present state is kept as a snapshot first. Restore that one to undo this.</p>
      </div>
      <footer><button type="button" class="button" data-close autofocus>Cancel</button><button type="submit" class="button primary">Restore</button></footer>`,
  );
  return answer !== null;
}

export async function noteDialog(snapshot: Snapshot): Promise<string | null> {
  const title = "Note of this snapshot";
  const answer = await ask(
    title,
    html`<h2>${title}</h2>
      <div class="dialog-body">${field("Note", html`<input name="note" maxlength="300" value=${snapshot.note} autofocus />`)}</div>
      <footer><button type="button" class="button" data-close>Cancel</button><button type="submit" class="button primary">Save</button></footer>`,
  );
  return answer === null ? null : String(answer.get("note") ?? "").trim();
}
