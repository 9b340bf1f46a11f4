/** The files of a card: a part of its details. Dropped or chosen ones are uploaded; each says whether the session has it. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { mayEdit } from "../model/may";
import type { Store } from "../model/store";
import { sizeWords, type CardFile } from "../model/talk";
import type { Card } from "../model/types";
import { uploads, type Upload } from "../model/uploads";
import { api } from "../net/api";
import { copied } from "../ui/copy";
import { confirmDanger } from "../ui/dialog";
import { icon } from "../ui/icons";
import { toast } from "../ui/toast";
import type { SheetSection } from "./sheet-sections";

const REFETCH_MS = 150;

const words = (error: unknown): string => (error instanceof Error ? error.message : String(error));

class Files implements SheetSection {
  readonly element = document.createElement("section");
  #list: CardFile[] | null = null;
  #failed = "";
  #version: number;
  #timer = 0;
  readonly #end: () => void;

  constructor(
    readonly store: Store,
    readonly card: Card,
  ) {
    this.#version = card.version;
    this.element.className = "files sheet-section";
    this.element.dataset["testid"] = "files";
    let under = uploads.of(card.id).length;
    this.#end = uploads.subscribe(() => {
      const now = uploads.of(card.id).length;
      if (now < under) this.#soon();
      under = now;
      this.#render();
    });
    this.#render();
    void this.#load();
  }

  changed(card: Card): void {
    if (card.version !== this.#version) this.#soon();
    this.#version = card.version;
    this.#render();
  }

  focus(): void {
    this.element.scrollIntoView({ block: "nearest" });
    this.element.querySelector<HTMLElement>("[data-choose], a")?.focus();
  }

  closed(): void {
    clearTimeout(this.#timer);
    this.#end();
  }

  #soon(): void {
    this.#timer ||= setTimeout(() => void this.#load(), REFETCH_MS);
  }

  async #load(): Promise<void> {
    this.#timer = 0;
    try {
      this.#list = await api.files(this.card.id);
      this.#failed = "";
    } catch (error) {
      this.#failed = words(error);
    }
    this.#render();
  }

  async #remove(file: CardFile): Promise<void> {
    const stays = file.in_session ? html`<p>The copy in the session, <code>${file.path}</code>, stays.</p>` : nothing;
    const title = `Delete “${file.name}”?`;
    if (!(await confirmDanger({ title, body: html`<p>It is removed from the card and can’t be brought back.</p>${stays}`, action: "Delete file" }))) return;
    try {
      await api.deleteFile(this.card.id, file.id);
      this.#list = (this.#list ?? []).filter((each) => each.id !== file.id);
    } catch (error) {
      toast({ tone: "error", title: `Couldn’t delete “${file.name}”.`, detail: words(error) });
    }
    this.#render();
  }

  #chosen(event: Event): void {
    const input = event.currentTarget as HTMLInputElement;
    uploads.add(this.card.id, [...(input.files ?? [])]);
    input.value = "";
  }

  #where(file: CardFile): TemplateResult {
    if (file.problem) return html`<small class="file-problem">Not in the session: ${file.problem}</small>`;
    if (file.in_session) {
      return html`<small data-in-session>In the session: <button type="button" class="link-button path" title="Copy the path" @click=${() => void copied(file.path, "Path")}>${file.path}</button></small>`;
    }
    const running = this.store.card(this.card.id)?.session?.status === "running";
    return html`<small>${running ? "On its way into the session…" : `In the session from its next start: ${file.path}`}</small>`;
  }

  #row(file: CardFile): TemplateResult {
    const remove = mayEdit(this.store)
      ? html`<button type="button" class="icon-button" aria-label="Delete ${file.name}" title="Delete" @click=${() => void this.#remove(file)}>${icon("trash")}</button>`
      : nothing;
    return html`<li class="file" data-file=${file.id}>
      <span class="file-words">
        <span class="file-name"><a href="/api/v1/cards/${this.card.id}/files/${file.id}" download=${file.name} title="Download">${file.name}</a> <small>${sizeWords(file.size_bytes)}</small></span>
        ${this.#where(file)}
      </span>
      ${remove}
    </li>`;
  }

  #uploadRow(upload: Upload): TemplateResult {
    const failed = upload.state === "failed";
    const state = failed
      ? html`<small class="file-problem" role="alert">${upload.reason}</small>`
      : html`<progress max="1" .value=${upload.sent} aria-label="Uploading ${upload.file.name}"></progress>`;
    return html`<li class="file" data-upload=${upload.state}>
      <span class="file-words"><span class="file-name">${upload.file.name} <small>${sizeWords(upload.file.size)}</small></span>${state}</span>
      ${failed ? html`<button type="button" class="button small" @click=${() => uploads.retry(upload)}>Try again</button>` : nothing}
      <button type="button" class="icon-button" aria-label="${failed ? "Dismiss" : "Stop"} ${upload.file.name}" @click=${() => uploads.dismiss(upload)}>${icon("close")}</button>
    </li>`;
  }

  #zone(): TemplateResult | typeof nothing {
    if (!mayEdit(this.store)) return nothing;
    const choose = (): void => this.element.querySelector<HTMLInputElement>("input[type=file]")?.click();
    return html`<button type="button" class="sheet-empty file-zone" data-choose @click=${choose}>${icon("clip")}<span>Drop files here, or choose some. The session has them as <code>/attachments/…</code></span></button>
      <input type="file" multiple hidden aria-label="Files to upload" @change=${(event: Event) => this.#chosen(event)} />`;
  }

  #render(): void {
    const sending = uploads.of(this.card.id);
    const failed = this.#failed
      ? html`<p class="sheet-failed" role="alert">${this.#failed} <button type="button" class="button small" @click=${() => void this.#load()}>Try again</button></p>`
      : nothing;
    const none = this.#list && !this.#list.length && !sending.length && !mayEdit(this.store) ? html`<p class="sheet-none">No files.</p>` : nothing;
    const rows = html`${repeat(this.#list ?? [], (file) => file.id, (file) => this.#row(file))}${repeat(sending, (upload) => upload.key, (upload) => this.#uploadRow(upload))}`;
    const list = this.#list?.length || sending.length ? html`<ul class="file-list" aria-label="Files">${rows}</ul>` : nothing;
    render(html`<header><h3>Files</h3></header>${failed}${none}${list}${this.#zone()}`, this.element);
  }
}

export const filesSection = (store: Store, card: Card): SheetSection => new Files(store, card);
