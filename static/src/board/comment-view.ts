/** One comment. */

import { html, nothing, type TemplateResult } from "lit-html";
import { unsafeHTML } from "lit-html/directives/unsafe-html.js";
import { mayEdit, mayOwn } from "../model/may";
import type { Store } from "../model/store";
import type { Comment } from "../model/talk";
import { avatar } from "../ui/avatar";
import type { MentionField } from "../ui/mention-field";
import { ago } from "../ui/time";

export interface CommentActions {
  edit(comment: Comment): void;
  remove(comment: Comment): void;
  save(): void;
  cancel(): void;
}

const NOBODY = { name: "Somebody who left", colour: "grey", initials: "–" } as const;
function time(iso: string): TemplateResult {
  return html`<time datetime=${iso} title=${new Date(iso).toLocaleString()}>${ago(iso)}</time>`;
}

function tools(store: Store, comment: Comment, actions: CommentActions): TemplateResult | typeof nothing {
  const mine = comment.author?.id === store.me.id;
  if (!mayEdit(store) || !(mine || mayOwn(store))) return nothing;
  const by = comment.author?.name ?? NOBODY.name;
  return html`<span class="comment-tools">
    ${mine ? html`<button type="button" class="link-button" aria-label="Edit your comment" @click=${() => actions.edit(comment)}>Edit</button>` : nothing}
    <button type="button" class="link-button" aria-label="Delete the comment of ${by}" @click=${() => actions.remove(comment)}>Delete</button>
  </span>`;
}

function editor(field: MentionField, actions: CommentActions): TemplateResult {
  return html`${field.element}
    <div class="sheet-buttons">
      <button type="button" class="button small primary" @click=${actions.save}>Save</button>
      <button type="button" class="button small quiet" @click=${actions.cancel}>Cancel</button>
    </div>`;
}

/** With `field` while it is being changed. */
export function commentView(store: Store, comment: Comment, field: MentionField | null, actions: CommentActions): TemplateResult {
  const author = store.board.members.find((member) => member.id === comment.author?.id) ?? comment.author ?? NOBODY;
  const edited = comment.edited_at ? html`<span title=${new Date(comment.edited_at).toLocaleString()}>edited</span>` : nothing;
  // Markup from outside the page: `boards/markdown.py` let only harmless tags through.
  const text = html`<div class="comment-text prose">${unsafeHTML(comment.html)}</div>`;
  return html`<li class="comment" data-comment=${comment.id}>
    ${avatar(author, { title: "" })}
    <div class="comment-body">
      <div class="comment-head"><strong>${author.name}</strong><span class="comment-when">${time(comment.created_at)}${edited}</span>${field ? nothing : tools(store, comment, actions)}</div>
      ${field ? editor(field, actions) : text}
    </div>
  </li>`;
}
