/** Modal dialogs on the browser's own `<dialog>`: focus, Escape and the backdrop come with it. */

import { html, nothing, render, type TemplateResult } from "lit-html";

/** Show a form; resolves with its fields when it is submitted, with null when it is left. */
export function ask(label: string, body: TemplateResult, options: { wide?: boolean } = {}): Promise<FormData | null> {
  const dialog = document.createElement("dialog");
  dialog.className = options.wide ? "dialog wide" : "dialog";
  dialog.setAttribute("aria-label", label);
  const opener = document.activeElement;
  document.body.append(dialog);
  return new Promise((resolve) => {
    let answer: FormData | null = null;
    const submit = (event: SubmitEvent): void => {
      event.preventDefault();
      answer = new FormData(event.target as HTMLFormElement, event.submitter);
      dialog.close();
    };
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
      resolve(answer);
    });
    dialog.addEventListener("mousedown", (event) => event.target === dialog && dialog.close());
    render(html`<form method="dialog" @submit=${submit}>${body}</form>`, dialog);
    for (const button of dialog.querySelectorAll("[data-close]")) button.addEventListener("click", () => dialog.close());
    dialog.showModal();
  });
}

interface Confirmation {
  title: string;
  body: TemplateResult;
  action: string;
}

export async function confirmDanger(what: Confirmation): Promise<boolean> {
  const answer = await ask(
    what.title,
    html`<h2>${what.title}</h2>
      <div class="dialog-body">${what.body}</div>
      <footer>
        <button type="button" class="button" data-close autofocus>Cancel</button>
        <button type="submit" class="button danger">${what.action}</button>
      </footer>`,
  );
  return answer !== null;
}

/** Show something to read. `load` may fail: its message is shown instead. */
export function showText(title: string, load: Promise<string>, empty: string): void {
  const pre = document.createElement("pre");
  pre.className = "log";
  pre.tabIndex = 0;
  pre.textContent = "Loading…";
  void load.then(
    (text) => {
      pre.textContent = text.trim() || empty;
      pre.scrollTop = pre.scrollHeight;
    },
    (error: unknown) => (pre.textContent = error instanceof Error ? error.message : String(error)),
  );
  const body = html`<h2>${title}</h2>
    ${pre}
    <footer><button type="button" class="button primary" data-close autofocus>Close</button></footer>`;
  void ask(title, body, { wide: true });
}

export function field(label: string, control: TemplateResult, hint?: string): TemplateResult {
  return html`<label class="field"><span>${label}</span>${control}${hint ? html`<small>${hint}</small>` : nothing}</label>`;
}
