/** A dialog whose form is saved while it stays open, so that a refusal is read beside what was written. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { ask } from "../ui/dialog";

interface FormDialog {
  title: string;
  action: string;
  /** The fields. They are rendered again when `again` is called. */
  fields: (again: () => void) => TemplateResult;
  /** Rejects with what is to be told. */
  save: (fields: FormData) => Promise<unknown>;
}

/** Resolves with true when it was saved. */
export async function formDialog(form: FormDialog): Promise<boolean> {
  const element = document.createElement("div");
  element.className = "form-dialog";
  let [failed, busy, saved] = ["", false, false];
  const show = (): void => {
    render(html`${form.fields(show)}${failed ? html`<p class="share-error" role="alert">${failed}</p>` : nothing}`, element);
  };
  const save = async (): Promise<void> => {
    const owner = element.closest("form");
    if (busy || !owner?.reportValidity()) return;
    busy = true;
    try {
      await form.save(new FormData(owner));
      saved = true;
      element.closest("dialog")?.close();
    } catch (error) {
      failed = error instanceof Error ? error.message : String(error);
      show();
    } finally {
      busy = false;
    }
  };
  // Enter would submit the dialog, which closes it.
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.target instanceof HTMLInputElement)) return;
    event.preventDefault();
    void save();
  });
  show();
  const body = html`<h2>${form.title}</h2>
    ${element}
    <footer>
      <button type="button" class="button" data-close>Cancel</button>
      <button type="button" class="button primary" @click=${() => void save()}>${form.action}</button>
    </footer>`;
  await ask(form.title, body);
  return saved;
}
