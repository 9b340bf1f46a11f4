/** A guest takes another name, without leaving the terminal. */

import { html } from "lit-html";
import { ask, field } from "../ui/dialog";
import { toast } from "../ui/toast";

const LONGEST = 40;
const WITHIN_MS = 20_000;

async function tell(name: string): Promise<string> {
  const token = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";
  const answer = await fetch(location.pathname, {
    method: "POST",
    headers: { Accept: "application/json", "X-CSRFToken": token },
    body: new URLSearchParams({ name }),
    signal: AbortSignal.timeout(WITHIN_MS),
  });
  const told = (await answer.json().catch(() => ({}))) as { name?: string; detail?: string };
  if (!answer.ok || !told.name) throw new Error(told.detail ?? `The server answered ${answer.status}. Load the page again.`);
  return told.name;
}

/** The new name as the server took it; null when it stays. A refusal is told. */
export async function askName(now: string): Promise<string | null> {
  const answer = await ask(
    "Change name",
    html`<h2>Change name</h2>
      ${field("Your name", html`<input name="name" required maxlength=${LONGEST} autofocus autocomplete="name" .value=${now} />`, "The others in the terminal see it.")}
      <footer><button type="button" class="button" data-close>Cancel</button><button type="submit" class="button primary">Change name</button></footer>`,
  );
  const name = String(answer?.get("name") ?? "").trim();
  if (!name || name === now) return null;
  try {
    return await tell(name);
  } catch (error) {
    toast({ tone: "error", title: "The name stays as it was.", detail: error instanceof Error ? error.message : String(error) });
    return null;
  }
}
