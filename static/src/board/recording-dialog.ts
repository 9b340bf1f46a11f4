/** Whether a board's terminals are recorded. Owners decide. */

import { html } from "lit-html";
import { mayOwn } from "../model/may";
import type { Store } from "../model/store";
import { api } from "../net/api";
import { ask } from "../ui/dialog";
import { formDialog } from "./form-dialog";

const ABOUT = html`<p class="sheet-none">Recordings of a card’s terminals can be watched and searched in its details by all members. Everybody in a terminal is told. What is off is not kept; what was recorded before stays until it is deleted.</p>`;

export async function recordingDialog(store: Store): Promise<void> {
  const title = "Recording";
  const { output, input } = store.board.recording;
  if (!mayOwn(store)) {
    const now = output ? `What its terminals print is recorded${input ? ", and what is typed in them" : ""}.` : "Its terminals are not recorded.";
    return void (await ask(title, html`<h2>${title}</h2><div class="dialog-body">${ABOUT}<p>${now} An owner of the board can change that.</p></div><footer><button type="button" class="button" data-close autofocus>Close</button></footer>`));
  }
  let [prints, types] = [output, input];
  await formDialog({
    title,
    action: "Save",
    fields: (again) => html`${ABOUT}
      <div class="recording-choices">
        <label><input type="checkbox" name="output" ?checked=${output} @change=${(event: Event) => ((prints = (event.target as HTMLInputElement).checked), again())} /><span>What terminals print</span></label>
        <label><input type="checkbox" name="input" ?checked=${input} ?disabled=${!prints} @change=${(event: Event) => (types = (event.target as HTMLInputElement).checked)} /><span>Also what is typed, and by whom<small>Every key, passwords too.</small></span></label>
      </div>`,
    save: async () => store.putRecording(await api.changeBoardRecording(store.board.id, { output: prints, input: prints && types })),
  });
}
