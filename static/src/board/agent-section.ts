/** The agent on a card: a part of its details. Which one, how it is started, what it does, and its start and stop. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { agentName, isLive } from "../model/agent";
import { pauseAgents, putAgent, startAgent, stopAgent, type AgentTemplate } from "../model/agent-actions";
import { columnOf } from "../model/board";
import { mayEdit } from "../model/may";
import type { Store } from "../model/store";
import type { Card, CardAgent } from "../model/types";
import { api } from "../net/api";
import { openCard } from "../panel/route";
import { ago } from "../ui/time";
import { agentMark } from "./agent-mark";
import type { SheetSection } from "./sheet-sections";

const CUSTOM = "custom";

class AgentSection implements SheetSection {
  readonly element = document.createElement("section");
  #card: Card;
  #templates: AgentTemplate[] = [];
  /** What is being written; null while the card's own is shown. */
  #draft: { template: string; command: string } | null = null;
  #busy = false;

  constructor(
    readonly store: Store,
    card: Card,
  ) {
    this.#card = card;
    this.element.className = "sheet-section agent-section";
    this.element.setAttribute("aria-label", "Agent");
    this.#render();
    void this.#load();
  }

  changed(card: Card): void {
    this.#card = card;
    this.#render();
  }

  unsaved(): boolean {
    return this.#draft !== null && this.#draft.command.trim() !== (this.#card.agent?.command ?? this.#ofTemplate(this.#draft.template)?.command ?? "");
  }

  focus(): void {
    this.element.scrollIntoView({ block: "start" });
    this.element.querySelector<HTMLElement>("button, select")?.focus({ preventScroll: true });
  }

  async #load(): Promise<void> {
    this.#templates = await api.agentTemplates().catch(() => []); // any command can be written nevertheless
    this.#render();
  }

  #ofTemplate(name: string): AgentTemplate | undefined {
    return this.#templates.find((each) => each.name === name);
  }

  #edit(): void {
    const { agent } = this.#card;
    const first = this.#templates[0];
    this.#draft = agent?.command ? { template: agent.template, command: agent.command } : { template: first?.name ?? CUSTOM, command: first?.command ?? "" };
    this.#render();
    this.element.querySelector("select")?.focus();
  }

  #leave(): void {
    this.#draft = null;
    this.#render();
    this.element.querySelector<HTMLElement>("button")?.focus();
  }

  async #do(act: () => Promise<boolean>): Promise<boolean> {
    this.#busy = true;
    this.#render();
    const done = await act();
    this.#busy = false;
    this.#render();
    return done;
  }

  async #save(start: boolean): Promise<void> {
    const draft = this.#draft;
    if (!draft?.command.trim()) return;
    const { id } = this.#card;
    const saved = await this.#do(async () => (await putAgent(this.store, id, draft.template, draft.command)) && (!start || startAgent(this.store, id)));
    if (saved) this.#leave();
  }

  #choose(name: string): void {
    const template = this.#ofTemplate(name);
    if (this.#draft) this.#draft = { template: name, command: template?.command || (name === CUSTOM ? "" : this.#draft.command) };
    this.#render();
  }

  #hints(template: AgentTemplate | undefined): TemplateResult | typeof nothing {
    if (!template || template.name === CUSTOM) return html`<p class="agent-hint">Any program of the session. It finds its task in <code>$VIBENV_TASK_FILE</code>, and a token for this card in <code>$VIBENV_TOKEN</code>.</p>`;
    return html`<p class="agent-hint">Needs the secret <code>${template.secret}</code> on this card or its board. ${template.install}.</p>`;
  }

  #form(draft: { template: string; command: string }): TemplateResult {
    const { agent, session } = this.#card;
    const works = agent !== null && isLive(agent);
    const runs = session?.status === "running" && !works;
    const typed = (event: Event): void => {
      this.#draft = { ...draft, command: (event.currentTarget as HTMLTextAreaElement).value };
      this.#render();
    };
    const templates = this.#templates.length ? this.#templates : [{ name: CUSTOM, label: "Another command" }];
    return html`<div class="agent-form">
      <label class="field"><span>Agent</span><select @change=${(event: Event) => this.#choose((event.currentTarget as HTMLSelectElement).value)}>
        ${templates.map((each) => html`<option value=${each.name} ?selected=${each.name === draft.template}>${each.label}</option>`)}
      </select></label>
      <label class="field"><span>Command</span><textarea rows="2" spellcheck="false" .value=${live(draft.command)} @input=${typed}></textarea></label>
      ${this.#hints(this.#ofTemplate(draft.template))}
      <div class="sheet-buttons">
        <button type="button" class="button small primary" ?disabled=${this.#busy || !draft.command.trim()} @click=${() => void this.#save(runs)}>${runs ? "Save and start" : "Save"}</button>
        <button type="button" class="button small" @click=${() => this.#leave()}>Cancel</button>
        ${runs ? nothing : html`<small>${works ? "For its next start." : "It starts with the card’s session."}</small>`}
      </div>
    </div>`;
  }

  #show(number: number): void {
    this.element.closest("dialog")?.querySelector<HTMLElement>(".sheet-close")?.click(); // it asks where something is unsaved
    openCard(this.store, this.#card.id, number);
  }

  #buttons(agent: CardAgent): TemplateResult {
    const { id } = this.#card;
    const canStart = columnOf(this.store.board, id)?.role === "active" && Boolean(agent.command);
    const button = (words: string, act: () => Promise<boolean>, kind = ""): TemplateResult =>
      html`<button type="button" class="button small ${kind}" ?disabled=${this.#busy} @click=${() => void this.#do(act)}>${words}</button>`;
    const run = isLive(agent)
      ? button("Stop", () => stopAgent(this.store, id))
      : canStart && agent.state !== "wanted"
        ? button(agent.state ? "Start again" : "Start", () => startAgent(this.store, id), "primary")
        : nothing;
    return html`<div class="sheet-buttons">
      ${run} ${isLive(agent) ? button(agent.paused ? "Let it go on" : "Pause", () => pauseAgents(this.store, id, !agent.paused)) : nothing}
      ${agent.terminal !== null ? html`<button type="button" class="button small" @click=${() => this.#show(agent.terminal ?? 0)}>Show its terminal</button>` : nothing}
      <button type="button" class="button small" @click=${() => this.#edit()}>Change…</button>
      ${isLive(agent) || !agent.command ? nothing : button("Remove", () => putAgent(this.store, id, "", ""), "quiet")}
    </div>`;
  }

  #now(agent: CardAgent): TemplateResult {
    return html`<div class="agent-now">${agentMark(this.#card)}${agent.since ? html`<time datetime=${agent.since}>${ago(agent.since)}</time>` : nothing}</div>
      ${agent.words ? html`<p class="agent-words">${agent.words}</p>` : nothing}
      ${agent.command ? html`<pre class="agent-command">${agent.command}</pre>` : nothing}
      ${mayEdit(this.store) ? this.#buttons(agent) : nothing}`;
  }

  #body(): TemplateResult {
    if (this.#draft) return this.#form(this.#draft);
    const { agent } = this.#card;
    if (agent) return this.#now(agent);
    const add = html`<button type="button" class="button small" @click=${() => this.#edit()}>Put an agent on it…</button>`;
    return html`<p class="sheet-none">No agent works on this card.${mayEdit(this.store) ? " One would start in a terminal of its own, with the card’s text for its task." : ""}</p>
      ${mayEdit(this.store) ? html`<div class="sheet-buttons">${add}</div>` : nothing}`;
  }

  #render(): void {
    const name = this.#card.agent ? agentName(this.#card.agent) : "";
    this.element.dataset["agentName"] = name;
    render(html`<header><h3>Agent</h3></header>${this.#body()}`, this.element);
  }
}

export const agentSection = (store: Store, card: Card): SheetSection => new AgentSection(store, card);
