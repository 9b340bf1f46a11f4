/** The snapshots of a card's session: a part of its details. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { KIND_WORDS, nameOf, snapshotName, usable, type Snapshot } from "../model/life";
import { sizeWords } from "../model/layers";
import { mayEdit } from "../model/may";
import type { Store } from "../model/store";
import type { Card } from "../model/types";
import { api } from "../net/api";
import { confirmDanger } from "../ui/dialog";
import { icon } from "../ui/icons";
import { showMenu, type MenuItem } from "../ui/menu";
import { ago } from "../ui/time";
import { toast } from "../ui/toast";
import { forkDialog, mayFork } from "./life-menu";
import { Loaded } from "./loaded";
import { confirmRestore, noteDialog } from "./snapshot-dialogs";
import type { SheetSection } from "./sheet-sections";

const TICK_MS = 30_000;
const FEW = 5;

const words = (error: unknown): string => (error instanceof Error ? error.message : String(error));

class Snapshots implements SheetSection {
  readonly element = document.createElement("section");
  readonly #list: Loaded<Snapshot[]>;
  readonly #tick = setInterval(() => this.#render(), TICK_MS);
  #all = false;
  #asking = false;

  constructor(
    readonly store: Store,
    public card: Card,
  ) {
    this.#list = new Loaded(card, () => api.snapshots(card.id), () => this.#render());
    this.element.className = "sheet-section snapshots";
    this.element.setAttribute("aria-label", "Snapshots");
    this.element.dataset["testid"] = "snapshots";
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
    this.element.querySelector("input")?.focus({ preventScroll: true });
  }

  closed(): void {
    clearInterval(this.#tick);
    this.#list.end();
  }

  async #try(what: string, act: () => Promise<unknown>): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (error) {
      toast({ tone: "error", title: what, detail: words(error) });
      return false;
    } finally {
      await this.#list.load();
    }
  }

  async #take(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const note = String(new FormData(form).get("note") ?? "").trim();
    this.#asking = true;
    this.#render();
    if (await this.#try("Couldn’t take a snapshot.", () => api.takeSnapshot(this.card.id, note))) form.reset();
    this.#asking = false;
    this.#render();
  }

  async #restore(snapshot: Snapshot): Promise<void> {
    if (!(await confirmRestore(this.card, snapshot))) return;
    await this.#try("Couldn’t restore the snapshot.", async () => this.store.putCard(await api.restoreSnapshot(snapshot.id)));
  }

  async #note(snapshot: Snapshot): Promise<void> {
    const note = await noteDialog(snapshot);
    if (note !== null && note !== snapshot.note) await this.#try("Couldn’t change the note.", () => api.noteSnapshot(snapshot.id, note));
  }

  async #remove(snapshot: Snapshot): Promise<void> {
    const title = "Delete this snapshot?";
    const body = html`<p>“${snapshotName(snapshot)}” can’t be brought back. Cards that were forked from it stay.</p>`;
    if (await confirmDanger({ title, body, action: "Delete snapshot" })) await this.#try("Couldn’t delete the snapshot.", () => api.deleteSnapshot(snapshot.id));
  }

  /** The sheet's dialog gives way to the new card, which is opened. */
  async #fork(snapshot: Snapshot): Promise<void> {
    if (await forkDialog(this.store, this.card, snapshot.id)) this.element.closest("dialog")?.close();
  }

  #menu(snapshot: Snapshot, beside: Element): void {
    const note: MenuItem = { words: snapshot.note ? "Change the note…" : "Add a note…", icon: "edit", action: () => void this.#note(snapshot) };
    const forks: MenuItem = { words: "Fork from it…", icon: "fork", action: () => void this.#fork(snapshot) };
    const remove: MenuItem = { words: "Delete…", icon: "trash", action: () => void this.#remove(snapshot) };
    showMenu(snapshotName(snapshot), beside, [[...(usable(snapshot) ? [forks] : []), note], snapshot.state === "making" ? [] : [remove]]);
  }

  #state(snapshot: Snapshot): TemplateResult | typeof nothing {
    if (snapshot.state === "making") return html`<span class="snapshot-state" data-state="making"><span class="dot" aria-hidden="true"></span>being taken</span>`;
    if (snapshot.state === "kept") return html`<span class="snapshot-state" data-state="kept" title="It can be forked and restored. It is being pushed to the registry and read back."><span class="dot" aria-hidden="true"></span>being verified</span>`;
    if (snapshot.state === "failed") return nothing;
    return html`<span class="snapshot-state" data-state="ready" title="In the registry, and read back whole">${icon("check")}verified</span>`;
  }

  #row(snapshot: Snapshot): TemplateResult {
    const name = snapshotName(snapshot);
    const facts = [ago(snapshot.created_at), nameOf(this.store.board.members, snapshot.author), snapshot.size_bytes === null ? "" : sizeWords(snapshot.size_bytes), snapshot.note ? KIND_WORDS[snapshot.kind].toLowerCase() : ""];
    const tools = html`<span class="snapshot-tools">
      ${usable(snapshot) ? html`<button type="button" class="button small" aria-label="Restore ${name}" ?disabled=${this.card.session?.restoring} @click=${() => void this.#restore(snapshot)}>Restore</button>` : nothing}
      <button type="button" class="icon-button" aria-label="More of ${name}" title="More" @click=${(event: Event) => this.#menu(snapshot, event.currentTarget as Element)}>${icon("dots")}</button>
    </span>`;
    return html`<li class="snapshot" data-snapshot=${snapshot.id} data-state=${snapshot.state}>
      <span class="snapshot-mark" aria-hidden="true">${icon("snapshot")}</span>
      <span class="snapshot-words">
        <strong>${name}</strong>
        <small title=${new Date(snapshot.created_at).toLocaleString()}>${facts.filter(Boolean).join(" · ")} ${this.#state(snapshot)}</small>
        ${snapshot.state === "failed" ? html`<small class="snapshot-problem">It failed: ${snapshot.problem || "the log says why."}</small>` : nothing}
      </span>
      ${mayEdit(this.store) ? tools : nothing}
    </li>`;
  }

  #form(): TemplateResult | typeof nothing {
    if (!mayEdit(this.store) || !mayFork(this.card)) return nothing;
    return html`<form class="snapshot-new" @submit=${(event: SubmitEvent) => void this.#take(event)}>
      <input name="note" maxlength="300" aria-label="Note of a new snapshot" placeholder="A note, such as: before the upgrade" />
      <button type="submit" class="button small" ?disabled=${this.#asking}>${icon("snapshot")}Take a snapshot</button>
    </form>`;
  }

  #rows(list: Snapshot[]): TemplateResult {
    if (!list.length) return html`<p class="sheet-none">None yet. A snapshot keeps all files as they are now; the card can go back to it, or fork from it.</p>`;
    const shown = this.#all ? list : list.slice(0, FEW);
    const more = html`<button type="button" class="button small quiet" @click=${() => ((this.#all = true), this.#render())}>Show all ${list.length}</button>`;
    return html`<ul class="snapshot-list" aria-label="Snapshots, the latest first">${repeat(shown, (each) => each.id, (each) => this.#row(each))}</ul>
      ${shown.length < list.length ? more : nothing}`;
  }

  #render(): void {
    const body = this.card.session ? html`${this.#form()} ${this.#list.view((list) => this.#rows(list))}` : html`<p class="sheet-none">There is nothing to keep before its first start.</p>`;
    render(html`<header><h3>Snapshots</h3></header> ${body}`, this.element);
  }
}

export const snapshotsSection = (store: Store, card: Card): SheetSection => new Snapshots(store, card);
