/** The comments of a card: a part of its details. The list follows the board; what is being typed stays. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { mayEdit } from "../model/may";
import type { Store } from "../model/store";
import type { Comment } from "../model/talk";
import type { Card, Member } from "../model/types";
import { api } from "../net/api";
import { confirmDanger } from "../ui/dialog";
import { MentionField } from "../ui/mention-field";
import { toast } from "../ui/toast";
import { commentView, type CommentActions } from "./comment-view";
import { pastedInto } from "./pasted-files";
import type { SheetSection } from "./sheet-sections";

const AT_ONCE = 50;
const MOST_AT_ONCE = 200;
const REFETCH_MS = 150;
const TICK_MS = 30_000;

const words = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const draftKey = (card: string): string => `vibenv.draft.${card}`;

class Comments implements SheetSection {
  readonly element = document.createElement("section");
  #list: Comment[] | null = null;
  #sending: string[] = [];
  #editing: { id: string; field: MentionField } | null = null;
  #failed = "";
  #version: number;
  #timer = 0;
  readonly #tick = setInterval(() => this.#render(), TICK_MS);
  readonly #field: MentionField;
  readonly #actions: CommentActions = {
    edit: (comment) => this.#edit(comment),
    remove: (comment) => void this.#remove(comment),
    save: () => void this.#save(),
    cancel: () => this.#stopEditing(),
  };

  constructor(
    readonly store: Store,
    readonly card: Card,
  ) {
    this.#version = card.version;
    this.#field = this.#newField("Write a comment", 3, sessionStorage.getItem(draftKey(card.id)) ?? "", () => void this.#send());
    this.element.className = "comments sheet-section";
    this.element.dataset["testid"] = "comments";
    this.#render();
    void this.#load();
  }

  changed(card: Card): void {
    if (card.version !== this.#version) {
      this.#version = card.version;
      this.#timer ||= setTimeout(() => void this.#load(), REFETCH_MS);
    }
    this.#render();
  }

  /** A new comment is kept as a draft; a change of an old one is not. */
  unsaved(): boolean {
    const { id, field } = this.#editing ?? {};
    return field !== undefined && field.text !== this.#list?.find((each) => each.id === id)?.text;
  }

  focus(): void {
    this.element.scrollIntoView({ block: "end" });
    if (mayEdit(this.store)) this.#field.input.focus({ preventScroll: true });
  }

  closed(): void {
    clearInterval(this.#tick);
    clearTimeout(this.#timer);
  }

  #newField(label: string, rows: number, text: string, submit: () => void, leave?: () => void): MentionField {
    const field: MentionField = new MentionField({
      label, rows, text, submit,
      placeholder: "Write a comment. @ names somebody.",
      people: () => this.#people(),
      typed: () => this.#typed(),
      files: (files) => pastedInto(field, this.card.id, files),
      ...(leave ? { leave } : {}),
    });
    return field;
  }

  #people(): Member[] {
    return this.store.board.members.filter((member) => member.id !== this.store.me.id);
  }

  #typed(): void {
    sessionStorage.setItem(draftKey(this.card.id), this.#field.text);
    this.#render();
  }

  /** The latest ones anew; those from before that were loaded stay. */
  async #load(): Promise<void> {
    this.#timer = 0;
    const limit = Math.min(MOST_AT_ONCE, Math.max(AT_ONCE, (this.#list?.length ?? 0) + 1));
    try {
      const latest = await api.comments(this.card.id, { limit });
      const first = latest[0];
      const earlier = latest.length < limit || !first ? [] : (this.#list ?? []).filter((each) => each.created_at < first.created_at);
      this.#list = [...earlier, ...latest];
      this.#failed = "";
      this.#see();
    } catch (error) {
      this.#failed = words(error);
    }
    this.#render();
  }

  async #loadEarlier(): Promise<void> {
    const first = this.#list?.[0];
    if (!first) return;
    await this.#try("Couldn’t load earlier comments.", async () => {
      const earlier = await api.comments(this.card.id, { before: first.id, limit: AT_ONCE });
      this.#list = [...earlier, ...(this.#list ?? [])];
    });
  }

  /** Whoever reads what mentions them needs no more telling. */
  #see(): void {
    if (document.visibilityState !== "visible" || !this.store.mentionedOn(this.card.id)) return;
    this.store.setMentions(this.store.mentions.filter((each) => each.card !== this.card.id));
    void api.seeComments(this.card.id).catch(() => undefined); // told again by the next load
  }

  async #try(what: string, act: () => Promise<unknown>): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (error) {
      toast({ tone: "error", title: what, detail: words(error) });
      return false;
    } finally {
      this.#render();
    }
  }

  async #send(): Promise<void> {
    const text = this.#field.text.trim();
    if (!text) return;
    this.#field.text = "";
    this.#sending = [...this.#sending, text];
    this.#typed();
    const sent = await this.#try("Couldn’t send the comment.", async () => this.#put(await api.addComment(this.card.id, text)));
    this.#sending = this.#sending.filter((each) => each !== text);
    if (!sent) this.#field.text = this.#field.text ? `${text}\n\n${this.#field.text}` : text;
    this.#typed();
  }

  #put(comment: Comment): void {
    const others = (this.#list ?? []).filter((each) => each.id !== comment.id);
    this.#list = [...others, comment].sort((a, b) => (a.created_at < b.created_at ? -1 : 1));
  }

  #edit(comment: Comment): void {
    this.#editing = { id: comment.id, field: this.#newField("Change the comment", 4, comment.text, this.#actions.save, this.#actions.cancel) };
    this.#render();
    this.#editing.field.input.focus();
  }

  #stopEditing(): void {
    const id = this.#editing?.id;
    this.#editing = null;
    this.#render();
    this.element.querySelector<HTMLElement>(`[data-comment="${id}"] button`)?.focus();
  }

  async #save(): Promise<void> {
    const editing = this.#editing;
    if (!editing?.field.text.trim()) return;
    const saved = await this.#try("Couldn’t change the comment.", async () =>
      this.#put(await api.editComment(this.card.id, editing.id, editing.field.text)),
    );
    if (saved) this.#stopEditing();
  }

  async #remove(comment: Comment): Promise<void> {
    const title = "Delete this comment?";
    if (!(await confirmDanger({ title, body: html`<p>It can’t be undone.</p>`, action: "Delete comment" }))) return;
    await this.#try("Couldn’t delete the comment.", async () => {
      await api.deleteComment(this.card.id, comment.id);
      this.#list = (this.#list ?? []).filter((each) => each.id !== comment.id);
    });
  }

  #composer(): TemplateResult | typeof nothing {
    if (!mayEdit(this.store)) return nothing;
    return html`<div class="comment-new">
      ${this.#field.element}
      <div class="sheet-buttons">
        <button type="button" class="button primary" ?disabled=${!this.#field.text.trim()} @click=${() => void this.#send()}>Comment</button>
        <small>Markdown. Ctrl+Enter sends.</small>
      </div>
    </div>`;
  }

  #earlier(): TemplateResult | typeof nothing {
    const total = this.store.card(this.card.id)?.comments ?? 0;
    const left = total - (this.#list?.length ?? 0);
    if (!this.#list?.length || this.#list.length < AT_ONCE || left <= 0) return nothing;
    return html`<button type="button" class="button small quiet comments-earlier" @click=${() => void this.#loadEarlier()}>Show earlier comments (${left})</button>`;
  }

  #body(): TemplateResult {
    if (this.#failed && !this.#list) {
      return html`<p class="sheet-failed" role="alert">${this.#failed} <button type="button" class="button small" @click=${() => void this.#load()}>Try again</button></p>`;
    }
    if (!this.#list) return html`<p class="sheet-none">Loading…</p>`;
    if (!this.#list.length && !this.#sending.length) return html`<p class="sheet-none">Nobody has said anything yet.</p>`;
    const row = (comment: Comment): TemplateResult =>
      commentView(this.store, comment, this.#editing?.id === comment.id ? this.#editing.field : null, this.#actions);
    return html`${this.#earlier()}
      <ol class="comment-list" aria-label="Comments" aria-live="polite" aria-relevant="additions">
        ${repeat(this.#list, (comment) => comment.id, row)}
        ${this.#sending.map((text) => html`<li class="comment" data-sending="true"><div class="comment-text prose">${text}</div></li>`)}
      </ol>`;
  }

  #render(): void {
    render(html`<header><h3>Comments</h3></header>${this.#body()}${this.#composer()}`, this.element);
  }
}

export const commentsSection = (store: Store, card: Card): SheetSection => new Comments(store, card);
