/** The recordings of a card's terminals, and searching in them: a part of its details. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { sizeWords } from "../model/layers";
import { mayEdit } from "../model/may";
import { lengthWords, recordingPath, type Hit, type Hits, type Recording } from "../model/recordings";
import type { Store } from "../model/store";
import { terminalsOf } from "../model/terminals";
import type { Card } from "../model/types";
import { api } from "../net/api";
import { castUrl } from "../recording/cast";
import { clockWords } from "../recording/timeline";
import { confirmDanger } from "../ui/dialog";
import { icon } from "../ui/icons";
import { showMenu } from "../ui/menu";
import { ago } from "../ui/time";
import { toast } from "../ui/toast";
import { Loaded } from "./loaded";
import type { SheetSection } from "./sheet-sections";

const FEW = 5;
const WAIT_MS = 300;

const when = (recording: Recording): string => new Date(recording.started_at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });

class Recordings implements SheetSection {
  readonly element = document.createElement("section");
  readonly #list: Loaded<Recording[]>;
  #all = false;
  #words = "";
  #hits: Hits | string | null = null;
  #timer = 0;

  constructor(
    readonly store: Store,
    public card: Card,
  ) {
    this.#list = new Loaded(card, () => api.recordings(card.id), () => this.#render());
    this.element.className = "sheet-section recordings";
    this.element.setAttribute("aria-label", "Recordings");
    this.element.dataset["testid"] = "recordings";
    this.#render();
    if (card.session) void this.#list.load();
  }

  changed(card: Card): void {
    this.card = card;
    if (card.session) this.#list.follow(card);
    this.#render();
  }

  focus(): void {
    this.element.scrollIntoView({ block: "center" });
    this.element.querySelector<HTMLElement>("input, a")?.focus({ preventScroll: true });
  }

  closed(): void {
    clearTimeout(this.#timer);
    this.#list.end();
  }

  async #remove(recording: Recording): Promise<void> {
    const body = html`<p>What was recorded on ${when(recording)} can’t be brought back.</p>`;
    if (!(await confirmDanger({ title: "Delete this recording?", body, action: "Delete recording" }))) return;
    try {
      await api.deleteRecording(recording.id);
    } catch (error) {
      toast({ tone: "error", title: "Couldn’t delete the recording.", detail: error instanceof Error ? error.message : String(error) });
    }
    await this.#list.load();
  }

  #menu(recording: Recording, beside: Element): void {
    const files = [
      { words: "Download the recording (.cast)", icon: "download", action: castUrl(recording.id) },
      { words: "Download as text (.txt)", icon: "text", action: castUrl(recording.id, "txt") },
    ] as const;
    const remove = mayEdit(this.store) ? [{ words: "Delete…", icon: "trash", action: () => void this.#remove(recording) } as const] : [];
    showMenu("Recording", beside, [[...files], [...remove]]);
  }

  #typed(words: string): void {
    this.#words = words;
    clearTimeout(this.#timer);
    this.#hits = words.trim() ? "Searching…" : null;
    if (words.trim()) this.#timer = setTimeout(() => void this.#search(words.trim()), WAIT_MS);
    this.#render();
  }

  async #search(words: string): Promise<void> {
    const found = await api.searchRecordings(this.card.id, words, { limit: 30 }).catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
    if (this.#words.trim() !== words) return;
    this.#hits = found;
    this.#render();
  }

  #terminal(recording: Recording): string {
    const name = terminalsOf(this.card.session).find((each) => each.number === recording.terminal)?.name;
    return recording.terminal === 0 ? "" : (name ?? `Terminal ${recording.terminal}`);
  }

  #row(recording: Recording): TemplateResult {
    const facts = [this.#terminal(recording), lengthWords(recording.duration_s), sizeWords(recording.size_bytes), recording.ended_at ? "" : "being recorded", recording.input ? "with input" : ""];
    return html`<li class="recording-row" data-recording=${recording.id}>
      <a href=${recordingPath(this.card.id, recording.id)}>${icon("play")}<span class="recording-words"><strong title=${when(recording)}>${ago(recording.started_at)}</strong><small>${facts.filter(Boolean).join(" · ")}</small></span></a>
      <button type="button" class="icon-button" aria-label="More of the recording of ${when(recording)}" title="More" @click=${(event: Event) => this.#menu(recording, event.currentTarget as Element)}>${icon("dots")}</button>
    </li>`;
  }

  #hit(hit: Hit, several: boolean): TemplateResult {
    const recording = this.#list.value?.find((each) => each.id === hit.recording);
    const { line, start, end } = hit;
    return html`<li><a href=${recordingPath(this.card.id, hit.recording, hit.at_s)}><code>${line.slice(Math.max(0, start - 30), start)}<mark>${line.slice(start, end)}</mark>${line.slice(end)}</code>
      <small title=${recording ? when(recording) : nothing}>${recording && several ? `${ago(recording.started_at)}, ` : ""}${clockWords(hit.at_s)}</small></a></li>`;
  }

  #found(): TemplateResult | typeof nothing {
    if (this.#hits === null) return nothing;
    if (typeof this.#hits === "string") return html`<p class="sheet-none" role="status">${this.#hits}</p>`;
    const { hits, more } = this.#hits;
    if (!hits.length) return html`<p class="sheet-none" role="status">No line of its recordings has these words.</p>`;
    return html`<ul class="recording-hits" aria-label="Found">${hits.map((hit) => this.#hit(hit, hits.some((other) => other.recording !== hit.recording)))}</ul>${more ? html`<p class="sheet-none">There are more. Words that are rarer find fewer.</p>` : nothing}`;
  }

  #body(list: Recording[]): TemplateResult {
    const off = this.store.board.recording.output ? nothing : html`<p class="sheet-none">This board’s terminals are not recorded now.</p>`;
    if (!list.length) return off === nothing ? html`<p class="sheet-none">None yet. What its terminal prints is recorded while somebody looks, or something runs.</p>` : html`${off}`;
    const shown = this.#all ? list : list.slice(0, FEW);
    const rest = html`<button type="button" class="button small quiet" @click=${() => ((this.#all = true), this.#render())}>Show all ${list.length}</button>`;
    return html`${off}<div class="recording-search"><input type="search" aria-label="Search in recordings" placeholder="Search what was printed" maxlength="200" @input=${(event: Event) => this.#typed((event.target as HTMLInputElement).value)} /></div>
      ${this.#found()}
      <ul aria-label="Recordings, the latest first">${repeat(shown, (each) => each.id, (each) => this.#row(each))}</ul>${shown.length < list.length ? rest : nothing}`;
  }

  #render(): void {
    const body = this.card.session ? this.#list.view((list) => this.#body(list)) : html`<p class="sheet-none">There is nothing to watch before its first start.</p>`;
    render(html`<header><h3>Recordings</h3></header> ${body}`, this.element);
  }
}

export const recordingsSection = (store: Store, card: Card): SheetSection => new Recordings(store, card);
