/** Making, naming and closing terminals of a card's session. */

import { html } from "lit-html";
import { furtherOf } from "../model/terminals";
import type { Store } from "../model/store";
import type { Card, FurtherTerminal } from "../model/types";
import { api } from "../net/api";
import { ask, confirmDanger, field } from "../ui/dialog";
import { toast } from "../ui/toast";
import { showTerminal } from "./route";
import type { Manage } from "./tabs";

const NAME_LENGTH = 40;

async function attempt<T>(what: string, request: Promise<T>): Promise<T | null> {
  try {
    return await request;
  } catch (error) {
    toast({ tone: "error", title: what, detail: error instanceof Error ? error.message : String(error) });
    return null;
  }
}

export async function createTerminal(store: Store, card: Card, what: { name?: string; command?: string } = {}): Promise<void> {
  const made = await attempt("No terminal was opened.", api.createTerminal(card.id, what));
  if (!made || store.ui.open !== card.id) return;
  showTerminal(store, made.number);
}

export async function createTerminalWith(store: Store, card: Card): Promise<void> {
  const form = await ask(
    "New terminal",
    html`<h2>New terminal</h2>
      ${field("Command", html`<input name="command" autofocus maxlength="2000" autocomplete="off" spellcheck="false" placeholder="npm run dev" />`, "It runs in /workspace, and the terminal closes when it ends. Empty: a shell.")}
      ${field("Name", html`<input name="name" maxlength=${NAME_LENGTH} autocomplete="off" placeholder="Terminal ${(furtherOf(card.session).at(-1)?.number ?? 0) + 2}" />`)}
      <footer>
        <button type="button" class="button" data-close>Cancel</button>
        <button class="button primary">Open</button>
      </footer>`,
  );
  if (!form) return;
  const [command, name] = ["command", "name"].map((key) => String(form.get(key) ?? "").trim());
  await createTerminal(store, card, { ...(command ? { command } : {}), ...(name ? { name } : {}) });
}

async function renameTerminal(card: Card, terminal: FurtherTerminal): Promise<void> {
  const form = await ask(
    "Rename the terminal",
    html`<h2>Rename the terminal</h2>
      ${field("Name", html`<input name="name" required autofocus maxlength=${NAME_LENGTH} autocomplete="off" .value=${terminal.name} @focus=${(event: Event) => (event.currentTarget as HTMLInputElement).select()} />`)}
      <footer>
        <button type="button" class="button" data-close>Cancel</button>
        <button class="button primary">Rename</button>
      </footer>`,
  );
  const name = String(form?.get("name") ?? "").trim();
  if (name && name !== terminal.name) await attempt("It keeps its name.", api.renameTerminal(card.id, terminal.number, name));
}

async function closeTerminal(card: Card, terminal: FurtherTerminal): Promise<void> {
  const runs = await api.terminals(card.id).then(
    (all) => all.find((each) => each.number === terminal.number)?.runs ?? "",
    () => "",
  );
  const agent = terminal.kind === "agent";
  const sure =
    (!runs && !agent) ||
    (await confirmDanger({
      title: `Close “${terminal.name}”?`,
      body: html`<p>${agent ? "The agent in it is stopped." : html`<code>${runs}</code> runs in it, and is ended.`} Files stay as they are.</p>`,
      action: "Close it",
    }));
  if (sure) await attempt("It stays open.", api.closeTerminal(card.id, terminal.number));
}

export const managing = (store: Store, card: Card): Manage => ({
  create: () => void createTerminal(store, card),
  createWith: () => void createTerminalWith(store, card),
  rename: (terminal) => void renameTerminal(card, terminal),
  close: (terminal) => void closeTerminal(card, terminal),
});
